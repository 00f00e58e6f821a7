//! What a login leaves for the next page: `successFlash`, `failureFlash`, `successMessage`,
//! `failureMessage` and `successReturnToOrRedirect`, as an application writes them here.

use passport_rocket::{
    Answer, Denial, Error, Flash, Registration, ReturnPath, Session, SessionData, Sessions, User,
    from_fn, protect, public,
};
use rocket::http::Accept;
use rocket::local::blocking::LocalRequest;
use rocket::response::Redirect;
use rocket::serde::json::Json;
use rocket::{Build, FromForm, Request, Rocket, catch, catchers, get, post, routes};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Row;
use super::browser::{Account, Browser, Info};
use super::differences::session::{
    APPLICATIONS_WORD_FAILURES, MESSAGES_ARE_SHOWN_ONCE, NAVIGATIONS_ARE_SENT_TO_SIGN_IN,
    REDIRECTS_ARE_303, RETURN_PATHS_ARE_OWN_PATHS, RETURN_PATHS_SURVIVE,
};

/// The options of Passport's route: `{ type, message }`, a text, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, FromForm)]
struct Options<'r> {
    r#type: Option<&'r str>,
    message: Option<&'r str>,
}

#[protect(strategy = "local", sign_in = "session")]
#[post("/login?<next>&<options..>", data = "<user>")]
async fn login(
    next: Option<ReturnPath>,
    options: Options<'_>,
    user: User<Account>,
    session: Session<'_>,
) -> Result<Redirect, Error> {
    if let Some(info) = User::info::<Info>(&user) {
        // A route's own text is of the route's own type.
        let said = options.r#type.or(info.kind.filter(|_| options.message.is_none()));
        let text = options.message.unwrap_or(info.message);
        session.flash(said.unwrap_or("success"), text).await?;
    }
    Ok(Redirect::to(next.unwrap_or_default()))
}

/// A login that failed: the words are the application's, or those of the refusal, if it wants that.
#[catch(401)]
async fn login_failed(request: &Request<'_>) -> Result<Redirect, Error> {
    let options = |name| request.query_value::<&str>(name).and_then(Result::ok);
    let denial = Denial::of(request).expect("a refusal");
    let session = request.guard::<Session<'_>>().await.succeeded().expect("a page of ours");
    let text = options("message").unwrap_or(denial.reason());
    session.flash(options("type").unwrap_or("error"), text).await?;
    let next =
        options("next").map_or("/login".to_owned(), |next| ReturnPath::append_to("/login", next));
    Ok(Redirect::to(next))
}

#[public("the login page")]
#[get("/login")]
async fn login_page(session: Session<'_>) -> Result<Json<Vec<Flash>>, Error> {
    session.take_flashes().await.map(Json)
}

#[protect(strategy = "session", unauthenticated = redirect("/login"))]
#[get("/account")]
async fn account(_user: User<Account>, session: Session<'_>) -> Result<Json<Vec<Flash>>, Error> {
    session.take_flashes().await.map(Json)
}

#[derive(Serialize, Deserialize)]
struct ReturnTo(String);

impl SessionData for ReturnTo {
    const NAME: &'static str = "return_to";
}

#[post("/return-to", data = "<path>")]
async fn remember_path(path: String, session: Session<'_>) -> Result<(), Error> {
    session.set(&ReturnTo(path)).await
}

#[protect(strategy = "local")]
#[post("/login/by-hand", data = "<user>")]
async fn login_by_hand(
    user: User<Account>,
    sessions: Sessions<'_, Account>,
    session: Session<'_>,
) -> Result<Redirect, Error> {
    sessions.sign_in(&user).keeping_data().await?;
    let path = session.take().await?.map(|ReturnTo(path)| ReturnPath::of(&path));
    Ok(Redirect::to(path.unwrap_or_default()))
}

fn with_pages(rocket: Rocket<Build>) -> Rocket<Build> {
    rocket
        .mount("/", routes![login, login_page, account, remember_path, login_by_hand])
        .register("/", catchers![login_failed])
}

/// Where a request is sent.
fn sent(request: LocalRequest<'_>) -> (u16, String) {
    let response = request.dispatch();
    let location = response.headers().get_one("Location").unwrap_or_default();
    (response.status().code, location.to_owned())
}

fn to(path: &str) -> (u16, String) {
    (303, path.to_owned())
}

/// What the next page shows, and nothing after it.
fn shown(browser: &Browser, path: &str) -> String {
    let shown = browser.get(path).1;
    assert_eq!(browser.get(path).1, "[]", "shown twice");
    shown
}

fn message(kind: &str, text: &str) -> String {
    json!([{ "kind": kind, "text": text }]).to_string()
}

#[test]
fn success_with_a_flash_message() {
    let mut row = Row::new("success_with_a_flash_message");
    // The strategy says `Welcome!`, without a type.
    let untyped = [
        ("", "success", "Welcome!"),
        ("type=info", "info", "Welcome!"),
        ("message=Login+complete", "success", "Login complete"),
        ("message=OK", "success", "OK"),
        ("type=notice&message=Last+login+was+yesterday", "notice", "Last login was yesterday"),
    ];
    // It says `Hello`, of the type `info`.
    let typed = [
        ("", "info", "Hello"),
        ("type=ok", "ok", "Hello"),
        ("message=Success!", "success", "Success!"),
        ("message=Okay", "success", "Okay"),
        ("type=warn&message=Last+login+from+far+away", "warn", "Last login from far away"),
    ];
    let typed = typed.map(|case| ("secret with a type", case));
    for (password, (options, kind, text)) in
        untyped.map(|case| ("secret", case)).into_iter().chain(typed)
    {
        let browser = Browser::with(with_pages);
        let form = browser.form(&format!("/login?next=/account&{options}"), password);
        row.differs("successRedirect", REDIRECTS_ARE_303, to("/account"), sent(form));
        row.same(options, message(kind, text), shown(&browser, "/account"));
        row.same("should set user", json!("1"), browser.user());
    }
    row.done(30);
}

#[test]
fn failure_with_a_flash_message() {
    let mut row = Row::new("failure_with_a_flash_message");
    for (options, kind, text) in [
        ("", "error", "Invalid password"),
        ("type=info", "info", "Invalid password"),
        ("message=Wrong+credentials", "error", "Wrong credentials"),
        ("message=Try+again", "error", "Try again"),
        ("type=notice&message=Try+again", "notice", "Try again"),
    ] {
        let browser = Browser::with(with_pages);
        let form = browser.form(&format!("/login?{options}"), "wrong");
        row.differs("failureRedirect", REDIRECTS_ARE_303, to("/login"), sent(form));
        row.same(options, message(kind, text), shown(&browser, "/login"));
        row.same("should not set user", json!(null), browser.user());
    }
    row.done(15);
}

#[protect(strategy = ["a", "b"])]
#[get("/login/two")]
fn two(_user: User<Account>) {}

fn refusing(name: &'static str, reason: &'static str) -> impl rocket::fairing::Fairing {
    Registration::new(name, move |_| {
        Ok(from_fn(move |_| {
            Answer::now(Err::<passport_rocket::SignIn<Account>, _>(Denial::rejected(reason)))
        }))
    })
}

#[test]
fn several_failures_and_a_flash_message() {
    let mut row = Row::new("several_failures_and_a_flash_message");
    let browser = Browser::with(|rocket| {
        with_pages(rocket)
            .attach(refusing("a", "A message"))
            .attach(refusing("b", "B message"))
            .mount("/", routes![two])
    });
    row.differs(
        "failureRedirect",
        REDIRECTS_ARE_303,
        to("/login"),
        sent(browser.client.get("/login/two")),
    );
    row.same("the first one's", message("error", "A message"), shown(&browser, "/login"));
    row.done(2);
}

#[test]
fn messages_add_up() {
    let mut row = Row::new("messages_add_up");
    let browser = Browser::with(with_pages);
    for text in ["I+exist!", "Wrong+credentials"] {
        sent(browser.form(&format!("/login?message={text}"), "wrong"));
    }
    let both = json!([
        { "kind": "error", "text": "I exist!" },
        { "kind": "error", "text": "Wrong credentials" },
    ]);
    row.same("failureMessage", both.to_string(), browser.get("/login").1);
    // Passport's stay until the application takes them out of the session.
    row.differs("and afterwards", MESSAGES_ARE_SHOWN_ONCE, "[]", &*browser.get("/login").1);
    sent(browser.form("/login", "wrong"));
    sent(browser.form("/login?next=/account", "secret"));
    row.same(
        "those of before a login",
        message("success", "Welcome!"),
        shown(&browser, "/account"),
    );
    row.done(3);
}

#[test]
fn what_a_refusal_says_is_not_shown_by_itself() {
    let mut row = Row::new("what_a_refusal_says_is_not_shown_by_itself");
    let browser = Browser::with(|rocket| rocket.mount("/", routes![login, login_page]));
    let response = browser.form("/login", "wrong").dispatch();
    row.same("status", 401, response.status().code);
    let headers: Vec<_> =
        response.headers().iter().map(|header| header.value.to_string()).collect();
    let everything = format!("{headers:?}{}", response.into_string().unwrap_or_default());
    row.differs("the reason", APPLICATIONS_WORD_FAILURES, false, everything.contains("Invalid"));
    row.same("a flash message", "[]", &*browser.get("/login").1);
    row.done(3);
}

#[test]
fn return_to_where_one_came_from() {
    let mut row = Row::new("return_to_where_one_came_from");
    let browser = Browser::with(with_pages);
    let page = || browser.client.get("/account?tab=2").header(Accept::HTML);
    let login = "/login?next=%2Faccount%3Ftab%3D2";
    row.differs("a page for users", NAVIGATIONS_ARE_SENT_TO_SIGN_IN, to(login), sent(page()));
    // A wrong password on the way, and a session of nobody for its message.
    row.same("a wrong password", to(login), sent(browser.form(login, "wrong")));
    let before = browser.cookie();
    // Since Passport 0.6 the path is gone by now, with the session that held it (#919).
    row.differs(
        "successReturnToOrRedirect",
        RETURN_PATHS_SURVIVE,
        to("/account?tab=2"),
        sent(browser.form(login, "secret")),
    );
    row.same("under another id", true, before.is_some() && browser.cookie() != before);
    row.same("and the page", 200, browser.get("/account?tab=2").0);
    row.done(5);
}

#[test]
fn return_to_what_the_session_says() {
    let mut row = Row::new("return_to_what_the_session_says");
    let browser = Browser::with(with_pages);
    let remember = |path| assert_eq!(sent(browser.posting("/return-to").body(path)).0, 200);
    let log_in = || sent(browser.form("/login/by-hand", "secret"));
    remember("/account");
    row.same("keepSessionInfo", to("/account"), log_in());
    row.same("should move it from the session", to("/"), log_in());
    row.done(2);
}

#[test]
fn return_to_a_default() {
    let mut row = Row::new("return_to_a_default");
    let browser = Browser::with(with_pages);
    row.same("no path", to("/"), sent(browser.form("/login", "secret")));
    // Passport sends the browser wherever the session says.
    for path in ["http://www.example.com/return", "//www.example.com", "/%5Cwww.example.com"] {
        let form = browser.form(&format!("/login?next={path}"), "secret");
        row.differs(path, RETURN_PATHS_ARE_OWN_PATHS, to("/"), sent(form));
    }
    row.done(4);
}
