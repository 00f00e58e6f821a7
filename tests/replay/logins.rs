//! `req.logIn`, `req.logOut` and `serializeUser`: Passport's `request.test` and what its session
//! manager has done since 0.6.

use serde_json::{Value, json};

use super::Row;
use super::browser::{Browser, UNSERIALIZABLE, answered};
use super::differences::session::{
    DATA_STAYS_WITH_ITS_USER, EVERY_ID_COUNTS, SIGN_OUTS_END_EVERYTHING, SIGN_OUTS_ISSUE_NO_ID,
    SIGN_OUTS_TAKE_PLACE_OR_NOT, STORES_THAT_ARE_DOWN_ARE_503,
};

#[test]
fn logging_in() {
    let mut row = Row::new("logging_in");
    let browser = Browser::new();
    row.same("nobody yet", Value::Null, browser.user());
    row.same("login(user), should not error", 200, browser.log_in(json!("1")));
    row.same("should be authenticated", json!("1"), browser.user());
    row.same("should serialize user", "1", &*browser.get("/sessions").1);
    row.done(4);
}

#[test]
fn logging_in_begins_a_new_id() {
    let mut row = Row::new("logging_in_begins_a_new_id");
    let browser = Browser::new();
    row.same("a session of nobody", 200, browser.post("/cart/7"));
    let anonymous = browser.cookie();
    row.same("regenerate at login", 200, browser.log_in(json!(1)));
    let first = browser.cookie();
    row.same("the id is another one", true, anonymous.is_some() && first != anonymous);
    row.same("login again, as the same user", 200, browser.log_in(json!(1)));
    let second = browser.cookie();
    row.same("the id is another one", true, second != first && second != anonymous);
    row.same("login as somebody else", 200, browser.log_in(json!(2)));
    row.same("the id is another one", true, browser.cookie() != second);
    row.same("and the user", json!(2), browser.user());
    for before in [anonymous, first, second] {
        row.same("an id of before", 401, browser.get_with(before, "/me").0);
    }
    row.done(11);
}

#[test]
fn logging_in_without_a_session() {
    let mut row = Row::new("logging_in_without_a_session");
    let browser = Browser::new();
    let authenticated = answered(browser.form("/in/without", "secret"));
    row.same("session: false", (200, "\"1\"".to_owned()), authenticated);
    row.same("should not serialize user", None, browser.cookie());
    row.same("the next request", Value::Null, browser.user());
    row.done(3);
}

#[test]
fn logging_in_and_what_the_session_held() {
    let mut row = Row::new("logging_in_and_what_the_session_held");
    let browser = Browser::new();
    let fill = || assert_eq!(browser.post("/cart/7"), 200);
    fill();
    browser.log_in(json!(1));
    row.same("login(user)", "[]", &*browser.cart());
    fill();
    browser.log_in(json!(1));
    row.same("login(user), again", "[]", &*browser.cart());
    fill();
    browser.log_in_keeping(json!(1));
    row.same("keepSessionInfo", "[7]", &*browser.cart());
    // Passport merges it into the session of whoever comes next.
    browser.log_in_keeping(json!(2));
    row.differs("as somebody else", DATA_STAYS_WITH_ITS_USER, "[]", &*browser.cart());
    row.same("and the user", json!(2), browser.user());
    let browser = Browser::new();
    browser.post("/cart/8");
    browser.log_in_keeping(json!(1));
    row.same("keepSessionInfo of nobody's session", "[8]", &*browser.cart());
    row.done(6);
}

#[test]
fn logging_in_fails() {
    let mut row = Row::new("logging_in_fails");
    let browser = Browser::new();
    row.same("serializer errors", 500, browser.log_in(json!(UNSERIALIZABLE)));
    row.same("should not serialize user", None, browser.cookie());
    row.same("should not set user", Value::Null, browser.user());
    browser.post("/cart/7");
    browser.take_down();
    let status = browser.log_in(json!(1));
    row.differs("regenerate or save errors", STORES_THAT_ARE_DOWN_ARE_503, 503, status);
    browser.bring_up();
    row.same("should not set user", Value::Null, browser.user());
    row.same("should not serialize user", "0", &*browser.get("/sessions").1);
    row.done(6);
}

#[test]
fn logging_out() {
    let mut row = Row::new("logging_out");
    let browser = Browser::new();
    row.same("without a session", 200, browser.post("/out"));
    browser.log_in(json!(1));
    browser.post("/cart/7");
    let before = browser.cookie();
    row.same("should not error", 200, browser.post("/out"));
    // Passport has begun another session by now, of nobody.
    row.differs("regenerate at logout", SIGN_OUTS_ISSUE_NO_ID, None, browser.cookie());
    row.same("should clear user", Value::Null, browser.user());
    row.same("and what the session held", "[]", &*browser.cart());
    row.same("the id of before", 401, browser.get_with(before.clone(), "/me").0);
    row.differs(
        "keepSessionInfo",
        SIGN_OUTS_END_EVERYTHING,
        "[]",
        &*browser.get_with(before, "/cart").1,
    );
    row.done(7);
}

#[test]
fn logging_out_fails() {
    let mut row = Row::new("logging_out_fails");
    let browser = Browser::new();
    browser.log_in(json!(1));
    let before = browser.cookie();
    browser.take_down();
    let status = browser.post("/out");
    row.differs("save or regenerate errors", STORES_THAT_ARE_DOWN_ARE_503, 503, status);
    // Passport has set the user to null, in that request and no other.
    row.differs("the cookie", SIGN_OUTS_TAKE_PLACE_OR_NOT, before, browser.cookie());
    browser.bring_up();
    row.differs("the user", SIGN_OUTS_TAKE_PLACE_OR_NOT, json!(1), browser.user());
    row.same("logout, once more", 200, browser.post("/out"));
    row.same("should clear user", Value::Null, browser.user());
    row.done(5);
}

#[test]
fn serializers() {
    let mut row = Row::new("serializers");
    for id in [json!("1"), json!(0), json!(1), json!({ "id": "1" })] {
        let browser = Browser::new();
        row.same("done(null, id)", 200, browser.log_in(id.clone()));
        row.same("should serialize user", (200, id.to_string()), browser.get("/me"));
    }
    // Passport fails to serialize these.
    for id in [json!(false), json!(null), json!("")] {
        let browser = Browser::new();
        row.differs("done(null, id)", EVERY_ID_COUNTS, 200, browser.log_in(id.clone()));
        row.differs("the user", EVERY_ID_COUNTS, (200, id.to_string()), browser.get("/me"));
    }
    let browser = Browser::new();
    row.same("done(error)", 500, browser.log_in(json!(UNSERIALIZABLE)));
    row.done(15);
}
