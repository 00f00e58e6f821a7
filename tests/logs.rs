//! What a refusal says in the log at Rocket's normal level: one line, why, and never a secret.

use std::fmt;

use passport_rocket::{
    Answer, Attempt, Credentials, Denial, Local, Principal, Registration, SignIn, Strategy, User,
    Verdict, protect,
};
use passport_rocket_tests::{client, figment, log};
use rocket::http::{Accept, ContentType, Header, Status};
use rocket::local::blocking::{Client, LocalRequest};
use rocket::{get, post, routes, uri};

/// What nobody may ever read in a log: it stands in every request of this file.
const SECRET: &str = "hunter2-hunter2-hunter2";

#[derive(Principal)]
struct Account {
    #[principal(id)]
    id: u8,
    #[principal(role)]
    role: String,
    #[allow(dead_code)]
    password: &'static str,
}

/// An error that is careless with what it holds, except in its `Display`.
#[derive(Debug)]
#[allow(dead_code)]
struct Careless(&'static str);

impl fmt::Display for Careless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no answer\nINFO: all is well")
    }
}

impl std::error::Error for Careless {}

/// Reads `X-Code`, and says what `X-Verdict` wants.
struct Code;

impl Strategy for Code {
    type User = Account;

    fn authenticate<'r>(&'r self, attempt: Attempt<'r, '_>) -> Answer<'r, Verdict<Account>> {
        let account = Account { id: 7, role: "user".into(), password: SECRET };
        let verdict = match attempt.request().headers().get_one("X-Verdict") {
            None => Err(Denial::absent()),
            Some("dead") => Err(Denial::dead("expired session").read_from("cookie session")),
            Some("rejected") => Err(Denial::rejected("expired 3 s ago").read_from("X-Code")),
            Some("malformed") => Err(Denial::malformed("not base64").read_from("X-Code")),
            Some("forbidden") => Err(Denial::forbidden("not from here").read_from("X-Code")),
            Some("redirect") => Err(Denial::redirect("/elsewhere").read_from("X-Code")),
            Some("fault") => Err(Denial::fault(Careless(SECRET)).read_from("X-Code")),
            Some("down") => Err(Denial::unavailable(Careless(SECRET)).read_from("X-Code")),
            Some("panic") => panic!("a strategy panics"),
            Some(_) => Ok(SignIn::new(account).with_scope("tides:read").with_info(SECRET)),
        };
        Answer::now(verdict)
    }
}

#[protect(strategy = "code")]
#[get("/me")]
fn me(user: User<Account>) -> String {
    user.id.to_string()
}

#[protect(strategy = "code", optional)]
#[get("/home")]
fn home(user: Option<User<Account>>) -> String {
    user.map_or(0, |user| user.id).to_string()
}

#[protect(strategy = ["never", "code"])]
#[get("/chain")]
fn chain(_user: User<Account>) {}

#[protect(strategy = ["code", "spare"])]
#[get("/both")]
fn both(_user: User<Account>) {}

#[protect(strategy = "code", role = "admin")]
#[get("/role")]
fn role(_user: User<Account>) {}

#[protect(strategy = "code", any_scope = ["tides:write", "tides:delete"])]
#[get("/scope")]
fn scope(_user: User<Account>) {}

#[protect(strategy = "code", unauthenticated = redirect(uri!("/login")))]
#[get("/page")]
fn page(_user: User<Account>) {}

#[protect(strategy = "local")]
#[post("/login", data = "<_user>")]
fn login(_user: User<Account>) {}

fn application() -> Client {
    let never = Registration::new("never", |_| {
        Ok(passport_rocket::from_fn::<Account, _>(|_| Answer::now(Err(Denial::absent()))))
    });
    let check = |login: Credentials| match &*login.username {
        "down" => Err(Careless(SECRET)),
        _ => Ok(None::<Account>),
    };
    let rocket = rocket::custom(figment(""))
        .attach(never)
        .attach(Registration::new("code", |_| Ok(Code)))
        .attach(Registration::new("spare", |_| Ok(Code)))
        .attach(Local::fairing("local").verify(check))
        .mount("/", routes![me, home, chain, both, role, scope, page, login]);
    client(rocket)
}

fn get<'c>(client: &'c Client, path: &'c str, verdict: Option<&'static str>) -> LocalRequest<'c> {
    let request = client.get(path).header(Header::new("X-Code", SECRET));
    match verdict {
        Some(verdict) => request.header(Header::new("X-Verdict", verdict)),
        None => request,
    }
}

/// The lines of the log about a request that ends with `status`, none with the secret.
#[track_caller]
fn lines(request: LocalRequest<'_>, status: u16) -> Vec<String> {
    let (found, lines) = log::capture(|| request.dispatch().status().code);
    assert_eq!(found, status);
    assert!(!lines.is_empty(), "the log is written");
    assert!(!lines.iter().any(|line| line.contains(SECRET)), "{lines:#?}");
    lines
}

/// The one line that says why a request ended with `status`.
#[track_caller]
fn line(request: LocalRequest<'_>, status: u16) -> String {
    let lines = lines(request, status);
    let why: Vec<_> = lines.iter().filter(|line| line.contains(", route ")).collect();
    assert_eq!(why.len(), 1, "{lines:#?}");
    assert!(!why[0].contains('\n'), "{why:?}");
    assert!(why[0].contains(" WARN: "), "{why:?}");
    // Rocket's own words, then ours, then its full stop.
    let (_, why) = why[0].split_once("` failed: ").expect("it is Rocket's line of a guard");
    why.strip_suffix('.').unwrap().to_owned()
}

// O01, O02
#[test]
fn every_kind_of_refusal_is_one_line_that_says_why() {
    let client = application();
    let down = "no answer\\nINFO: all is well";
    let table = [
        (None, 401, "no credential, route me"),
        (Some("dead"), 401, "code: expired session, from cookie session, route me"),
        (Some("rejected"), 401, "code: expired 3 s ago, from X-Code, route me"),
        (Some("malformed"), 400, "code: not base64, from X-Code, route me"),
        (Some("forbidden"), 403, "code: not from here, from X-Code, route me"),
        (Some("redirect"), 303, "code: sent elsewhere, from X-Code, route me"),
        (Some("fault"), 500, &format!("code: internal failure: {down}, from X-Code, route me")),
        (
            Some("down"),
            503,
            &format!("code: a backend is unavailable: {down}, from X-Code, route me"),
        ),
    ];
    for (verdict, status, why) in table {
        assert_eq!(line(get(&client, "/me", verdict), status), why, "{verdict:?}");
    }
}

// O01
#[test]
fn a_chain_says_what_each_strategy_that_saw_something_said() {
    let client = application();
    assert_eq!(line(get(&client, "/chain", None), 401), "no credential, route chain");
    assert_eq!(
        line(get(&client, "/chain", Some("rejected")), 401),
        "code: expired 3 s ago, from X-Code, route chain"
    );
    assert_eq!(
        line(get(&client, "/both", Some("rejected")), 401),
        "code: expired 3 s ago, from X-Code; spare: expired 3 s ago, from X-Code, route both"
    );
    assert_eq!(
        line(get(&client, "/both", Some("forbidden")), 403),
        "code: not from here, from X-Code, route both"
    );
}

// O01
#[test]
fn a_missing_permission_is_named() {
    let client = application();
    let known = Some("success");
    assert_eq!(line(get(&client, "/role", known), 403), "code: needs role admin, route role");
    assert_eq!(
        line(get(&client, "/scope", known), 403),
        "code: needs any scope of tides:write, tides:delete, route scope"
    );
}

// O01
#[test]
fn a_browser_that_is_sent_to_sign_in_leaves_its_reason() {
    let client = application();
    let browser = |verdict| get(&client, "/page", verdict).header(Accept::HTML);
    assert_eq!(line(browser(None), 303), "no credential; sent to sign in, route page");
    assert_eq!(
        line(browser(Some("rejected")), 303),
        "code: expired 3 s ago, from X-Code; sent to sign in, route page"
    );
}

// O01, O02
#[test]
fn a_body_is_never_quoted() {
    let client = application();
    let form = |body: String| client.post("/login").header(ContentType::Form).body(body);
    let wrong = line(form(format!("username=ada&password={SECRET}")), 401);
    assert_eq!(wrong, "local: the verifier knows nobody like that, route login");
    let down = line(form(format!("username=down&password={SECRET}")), 500);
    let why = "local: internal failure: no answer\\nINFO: all is well, route login";
    assert_eq!(down, why);
    for body in [format!("password={SECRET}"), format!("{SECRET}=a"), format!("=%{SECRET}")] {
        assert!(line(form(body), 400).starts_with("local: "));
    }
    let json = client.post("/login").header(ContentType::JSON);
    let json = json.body(format!(r#"{{"username":"ada","password":"{SECRET}""#));
    assert!(line(json, 400).starts_with("local: "));
    let cross = form(format!("username=ada&password={SECRET}"));
    let cross = cross.header(Header::new("Sec-Fetch-Site", "cross-site"));
    assert_eq!(
        line(cross, 403),
        "local: cross-site request: Sec-Fetch-Site names another site, route login"
    );
}

// O02
#[test]
fn no_other_line_holds_a_secret_either() {
    let client = application();
    for path in ["/me", "/home"] {
        lines(get(&client, path, Some("success")), Status::Ok.code);
        lines(get(&client, path, Some("panic")), Status::InternalServerError.code);
    }
    lines(get(&client, "/home", None), Status::Ok.code);
    lines(get(&client, "/home", Some("dead")), Status::Ok.code);
}
