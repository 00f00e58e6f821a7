//! The test suites of npm's `jsonwebtoken` 9 and `passport-jwt` 4, asked of an application of ours:
//! a configuration and a token in, accepted or refused out. `t01` to `t22` are files of the former,
//! `x1` to `x8` and `strategy` those of the latter; each says how many cases it asked.
//!
//! Upstream's literal tokens are signed with `key`, `secret` and `123`. Launch refuses such keys, so
//! a literal is asked twice: with its own key, which must refuse launch by name, and byte for byte
//! sealed anew with a strong one. And no token of upstream has an end unless its test is about
//! ends; `t10` shows that ours must. Everywhere else one is added, so that a row answers its own
//! question.
//!
//! What npm answers was compared with `jsonwebtoken` 9.0.2 itself, case by case.
//!
//! `challenges`, `logins`, `sessions` and `messages` are what the suite of `passport` 0.7 asks that is
//! not about JavaScript, as requests of a browser to an application of ours.
//!
//! Where we answer otherwise, the case says why: [`differences`] lists the reasons, and the tables in
//! the documentation of `jwt` and `session` explain each.

use std::time::{Duration, SystemTime};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use passport_rocket::testing::MovableClock;
use passport_rocket::{Denial, Jwt, TokenClaims, User, protect};
use passport_rocket_tests::{figment, log};
use rocket::http::{Header, Status};
use rocket::local::blocking::{Client, LocalRequest};
use rocket::serde::json::Json;
use rocket::{Build, Rocket, get, routes};
use serde_json::{Value, json};

/// A key that only these tests use.
macro_rules! pem {
    ($name:literal) => {
        include_str!(concat!("keys/", $name, ".pem"))
    };
}

/// A key of the library's own tests.
macro_rules! library_pem {
    ($name:literal) => {
        include_str!(concat!("../../passport-rocket/src/strategies/jwt/testdata/", $name, ".pem"))
    };
}

mod algorithms;
mod beyond;
mod browser;
mod challenges;
mod claims;
mod differences;
mod extractors;
mod keys;
mod logins;
mod messages;
mod providers;
mod sessions;
mod signing;
mod strategy;
mod times;

use differences::Difference;

/// Upstream freezes its clock here.
const NOW: u64 = 60;
/// When the tokens of these tests end, unless they say otherwise.
const END: u64 = 3_660;
const SECRET: &str = "a secret of this replay, 32 bytes or more";

/// What comes of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    /// The handler ran, with the claims of the token.
    Accepted,
    /// 401, and nothing ran; this is the reason in the log.
    Refused(String),
    /// The same with 400.
    Malformed(String),
    /// The same with 500.
    Failed(String),
    /// The application does not launch; this is the first mistake of the report.
    NoLaunch(String),
}

/// What npm makes of the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Npm {
    Accepts,
    Refuses,
}

/// The cases of one row, counted.
struct Row {
    name: &'static str,
    cases: usize,
    differences: usize,
    failures: Vec<String>,
    is_done: bool,
}

/// One case: what npm is asked, in its own words, and what an application of ours answers.
#[must_use = "a case expects something"]
struct Case<'r> {
    row: &'r mut Row,
    asks: String,
    answer: Answer,
}

/// An application and a clock.
struct Application {
    table: String,
    now: u64,
    /// What the application itself asks of the claims.
    check: Option<fn(&TokenClaims) -> bool>,
}

impl Row {
    fn new(name: &'static str) -> Self {
        Self { name, cases: 0, differences: 0, failures: Vec::new(), is_done: false }
    }

    /// Asks `application` about `token`; `asks` is what upstream asks npm.
    fn ask(&mut self, asks: &str, application: &Application, token: &str) -> Case<'_> {
        let asks = format!("{asks} on {}", shown(token));
        let answer = application.answer(token);
        Case { row: self, asks, answer }
    }

    /// A case that is not about a token coming in.
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, asks: &str, expected: T, got: T) {
        self.cases += 1;
        if expected != got {
            self.failures.push(format!("{asks}\n  expected {expected:?}\n  got      {got:?}"));
        }
    }

    /// The same where npm answers otherwise.
    fn differs<T: PartialEq + std::fmt::Debug>(
        &mut self,
        asks: &str,
        _: Difference,
        here: T,
        got: T,
    ) {
        self.differences += 1;
        self.same(asks, here, got);
    }

    /// All cases went as they should, and there were `cases` of them.
    #[track_caller]
    fn done(mut self, cases: usize) {
        self.is_done = true;
        let Self { name, cases: asked, differences, failures, .. } = &self;
        println!("{name}: {asked} cases, {differences} of them answered otherwise than by npm");
        assert!(failures.is_empty(), "{name}:\n{}", failures.join("\n"));
        assert_eq!(*asked, cases, "{name}: cases");
    }
}

impl Drop for Row {
    fn drop(&mut self) {
        let is_done = self.is_done || std::thread::panicking();
        assert!(is_done, "{}: nobody asked how it went", self.name);
    }
}

impl Case<'_> {
    /// Here as by npm.
    fn accepted(self) {
        let Self { row, asks, answer } = self;
        row.same(&asks, Answer::Accepted, answer);
    }

    /// Here as by npm; the log says `why`.
    fn refused(self, why: &str) {
        let Self { row, asks, answer } = self;
        row.same(&asks, Answer::Refused(why.to_owned()), answer);
    }

    /// Here otherwise than by npm.
    fn differs(self, npm: Npm, difference: Difference, here: Answer) {
        let Self { row, asks, answer } = self;
        let is_the_same = match npm {
            Npm::Accepts => here == Answer::Accepted,
            Npm::Refuses => matches!(here, Answer::Refused(_)),
        };
        assert!(!is_the_same, "{asks}: no difference");
        row.differs(&asks, difference, here, answer);
    }
}

impl Application {
    /// One with a strong secret and the lines of `toml` in the table of `jwt`, at [`NOW`].
    fn with(toml: &str) -> Self {
        Self::of(&format!("algorithm = 'HS256'\nsecret = '{SECRET}'\n{toml}"))
    }

    /// One with this table.
    fn of(table: &str) -> Self {
        Self { table: table.to_owned(), now: NOW, check: None }
    }

    fn at(self, now: u64) -> Self {
        Self { now, ..self }
    }

    fn checked_by(self, check: fn(&TokenClaims) -> bool) -> Self {
        Self { check: Some(check), ..self }
    }

    /// The table and the clock, and nothing attached.
    fn bare(&self) -> Rocket<Build> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(self.now);
        let table = format!("[default.passport.jwt]\n{}\n", self.table);
        rocket::custom(figment(&table)).manage(MovableClock::at(now).clock())
    }

    fn rocket(&self) -> Rocket<Build> {
        let rocket = self.bare().mount("/", routes![claims_of]);
        let jwt = Jwt::<Value>::fairing("jwt");
        match self.check {
            None => rocket.attach(jwt),
            Some(check) => rocket.attach(jwt.check(move |token| match check(token) {
                true => Ok(()),
                false => Err(Denial::rejected("not the one that was given out")),
            })),
        }
    }

    fn answer(&self, token: &str) -> Answer {
        match launch(self.rocket()) {
            Ok(client) => {
                let ask = || answer(&client, Some(&format!("Bearer {token}")));
                let first = ask();
                assert_eq!(first, ask(), "the second time, when it may be remembered");
                first
            }
            Err(mistake) => Answer::NoLaunch(mistake),
        }
    }
}

#[protect(strategy = "jwt")]
#[get("/")]
fn claims_of(user: User<Value>) -> Json<Value> {
    Json(Value::clone(&user))
}

/// A client, or the first mistake of the report.
fn launch(rocket: Rocket<Build>) -> Result<Client, String> {
    let (result, lines) = log::capture(|| Client::debug(rocket).map_err(Box::new));
    match result {
        Ok(client) => Ok(client),
        Err(error) => {
            // Rocket panics when an error is dropped unread.
            drop(error.kind().to_string());
            Err(first_mistake(&lines.join("\n")))
        }
    }
}

/// The first mistake that a report names.
fn first_mistake(report: &str) -> String {
    let found = report.lines().find_map(|line| line.strip_prefix("passport ERROR: `passport."));
    format!("`passport.{}", found.unwrap_or_else(|| panic!("no mistake is named: {report}")))
}

/// What `GET /` answers with this `Authorization`.
fn answer(client: &Client, authorization: Option<&str>) -> Answer {
    let value = authorization.unwrap_or_default();
    let mut request = client.get("/");
    if authorization.is_some() {
        request.add_header(Header::new("Authorization", value.to_owned()));
    }
    ask(request, value.split_whitespace().last().unwrap_or_default())
}

/// What a request is answered that holds `token`.
fn ask(request: LocalRequest<'_>, token: &str) -> Answer {
    let ((status, body), lines) = log::capture(|| {
        let response = request.dispatch();
        (response.status(), response.into_string().unwrap_or_default())
    });
    if status == Status::Ok {
        let said: Value = serde_json::from_str(&body).expect("the claims of the token");
        assert_eq!(said, payload(token), "the handler got other claims");
        return Answer::Accepted;
    }
    match status.code {
        400 => Answer::Malformed(why(&lines)),
        401 => Answer::Refused(why(&lines)),
        500 => Answer::Failed(why(&lines)),
        _ => panic!("{status}: {lines:#?}"),
    }
}

/// Why the log says that nobody signed in.
fn why(lines: &[String]) -> String {
    let line = lines.iter().find_map(|line| line.split_once(" failed: "));
    let (_, why) = line.unwrap_or_else(|| panic!("the log says why: {lines:#?}"));
    let why = why.strip_prefix("jwt: ").unwrap_or(why);
    let why = why.split(", route ").next().unwrap_or_default();
    why.split(", from ").next().unwrap_or_default().to_owned()
}

fn refused(why: &str) -> Answer {
    Answer::Refused(why.to_owned())
}

fn no_launch(mistake: &str) -> Answer {
    Answer::NoLaunch(mistake.to_owned())
}

/// `claims` with the end that upstream's tokens lack, and the `iat` that npm always signs.
fn lasting(claims: Value) -> Value {
    let mut all = json!({ "iat": NOW, "exp": END });
    for (name, value) in claims.as_object().expect("claims are an object") {
        all[name] = value.clone();
    }
    all
}

/// A token as npm signs it by default.
fn signed(claims: &Value) -> String {
    raw(r#"{"alg":"HS256","typ":"JWT"}"#, claims.to_string())
}

/// A token of exactly these bytes, with a signature that is right.
fn raw(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    sealed(&format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload)))
}

/// `message` and its signature with [`SECRET`].
fn sealed(message: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = hmac::sign(&key, message.as_bytes());
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
}

/// Header and payload of a literal token, byte for byte, under a strong key.
fn resealed(literal: &str) -> String {
    let (message, _) = literal.rsplit_once('.').expect("a token");
    sealed(message)
}

/// What a token says, whoever signed it.
fn payload(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a payload");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64")).expect("JSON")
}

/// A token in a message: its claims where it has any.
fn shown(token: &str) -> String {
    let payload = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let text = payload.and_then(|bytes| String::from_utf8(bytes).ok());
    text.unwrap_or_else(|| token.to_owned())
}
