//! The strategy of passport-jwt, case by case: what its constructor, its verify callback and its
//! options do.

use std::io;
use std::sync::Mutex;

use jsonwebtoken::{Algorithm, EncodingKey, encode};
use passport_rocket::{Denial, Jwt, Key, Unverified, User, Verified, protect, verify};
use passport_rocket_tests::{Ran, log};
use rocket::http::{Header, Status};
use rocket::local::blocking::Client;
use rocket::request::{FromRequest, Outcome};
use rocket::{Build, Request, Rocket, State, get, routes};
use serde_json::{Value, json};

use super::differences::jwt::{
    ANSWERS_SAY_WHAT_IS_ASKED_FOR, BEARER_IS_THE_DEFAULT, CLAIMS_MAY_BE_THE_USER,
    PROVIDERS_FAIL_AS_WE_DO, PROVIDERS_SEE_NO_TOKEN,
};
use super::{Answer, Application, NOW, Row, lasting, launch, no_launch, signed, why};

/// What upstream's verify callback finds.
struct Found {
    user_id: u64,
}

/// What it says besides.
struct Info {
    foo: &'static str,
}

#[protect(strategy = "jwt")]
#[get("/found")]
fn found(user: User<Found>) -> String {
    let info = User::info::<Info>(&user).map_or("nothing", |info| info.foo);
    format!("{} {info} by {}", user.user_id, User::strategy(&user))
}

#[verify]
fn finding(_claims: Value, calls: &State<Ran>) -> Verified<Found> {
    calls.count();
    Verified::user(Found { user_id: 1_234_567_890 }).info(Info { foo: "bar" })
}

#[verify]
fn refusing(_claims: Value, calls: &State<Ran>) -> Result<Option<Found>, Denial> {
    calls.count();
    Err(Denial::rejected("invalid user"))
}

#[verify]
fn failing(_claims: Value, calls: &State<Ran>) -> Result<Option<Found>, io::Error> {
    calls.count();
    Err(io::Error::other("ERROR"))
}

#[verify]
fn throwing(_claims: Value, calls: &State<Ran>) -> Option<Found> {
    calls.count();
    panic!("EXCEPTION")
}

/// The request itself, as a guard sees it.
struct Path(String);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Path {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        Outcome::Success(Self(request.uri().to_string()))
    }
}

#[verify]
fn looking(claims: Value, path: Path, calls: &State<Ran>) -> Option<Found> {
    calls.count();
    (path.0 == "/found?of=7" && claims["foo"] == "bar").then_some(Found { user_id: 7 })
}

/// An application that asks this verifier.
macro_rules! asking {
    ($verify:expr) => {
        client(|rocket| rocket.attach(Jwt::fairing("jwt").verify($verify)))
    };
}

fn client(attach: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Client {
    let rocket = Application::with("").bare().manage(Ran::default()).mount("/", routes![found]);
    launch(attach(rocket)).unwrap()
}

fn calls(client: &Client) -> usize {
    client.rocket().state::<Ran>().unwrap().times()
}

fn token() -> String {
    signed(&lasting(json!({ "foo": "bar" })))
}

/// Everything of an answer that a client sees, and the lines of the log.
struct Seen {
    status: Status,
    challenges: Vec<String>,
    body: String,
    lines: Vec<String>,
}

fn get(client: &Client, path: &'static str, authorization: Option<String>) -> Seen {
    let mut request = client.get(path);
    if let Some(value) = authorization {
        request.add_header(Header::new("Authorization", value));
    }
    let ((status, challenges, body), lines) = log::capture(|| {
        let response = request.dispatch();
        let challenges = response.headers().get("WWW-Authenticate").map(str::to_owned).collect();
        (response.status(), challenges, response.into_string().unwrap_or_default())
    });
    Seen { status, challenges, body, lines }
}

fn with_token(client: &Client, token: &str) -> Seen {
    get(client, "/found", Some(format!("bearer {token}")))
}

#[test]
fn named_jwt() {
    let mut row = Row::new("named_jwt");
    let seen = with_token(&asking!(finding), &token());
    row.same("name", "1234567890 bar by jwt".to_owned(), seen.body);
    row.done(1);
}

#[test]
fn construction_errors() {
    let mut row = Row::new("construction_errors");
    row.same(
        "two keys",
        no_launch("`passport.jwt.secret_file`: a second key beside `secret`"),
        Application::with("secret_file = 'nowhere'").answer(&token()),
    );
    let rocket =
        Application::with("").bare().manage(Keys { asked: Mutex::default(), fails: false });
    let both = rocket.attach(Jwt::<Value>::fairing("jwt").keys(key_of));
    let mistake = launch(both.mount("/", routes![super::claims_of])).err();
    let problem = "the application provides keys (`.keys(…)`), each with its algorithm";
    let expected = Some(format!("`passport.jwt.secret`: {problem}"));
    row.same("both secretOrKey and secretOrKeyProvider", expected, mistake);
    row.same(
        "secretOrKey: ''",
        no_launch("`passport.jwt.secret`: too short: HS256 needs 32 bytes"),
        Application::of("algorithm = 'HS256'\nsecret = ''").answer(&token()),
    );
    let nowhere = Application::with("token_from = []");
    row.same(
        "jwtFromRequest is missing",
        no_launch("`passport.jwt.token_from`: lets no token through"),
        nowhere.answer(&token()),
    );
    let default = Application::with("");
    row.differs(
        "jwtFromRequest is left out",
        BEARER_IS_THE_DEFAULT,
        Answer::Accepted,
        default.answer(&token()),
    );
    row.differs(
        "the verify callback is left out",
        CLAIMS_MAY_BE_THE_USER,
        Answer::Accepted,
        default.answer(&token()),
    );
    row.done(6);
}

#[test]
fn a_valid_token_and_a_user() {
    let mut row = Row::new("a_valid_token_and_a_user");
    let client = asking!(finding);
    let seen = with_token(&client, &token());
    row.same("status", Status::Ok, seen.status);
    row.same("user and info", "1234567890 bar by jwt".to_owned(), seen.body);
    row.same("calls", 1, calls(&client));
    row.done(3);
}

#[test]
fn no_user_and_a_reason() {
    let mut row = Row::new("no_user_and_a_reason");
    let client = asking!(refusing);
    let seen = with_token(&client, &token());
    row.same("status", Status::Unauthorized, seen.status);
    row.same("reason", "invalid user", &*why(&seen.lines));
    // Passport makes a string of it the challenge; a client of ours learns what RFC 6750 permits.
    let challenge = r#"Bearer realm="protected", error="invalid_token""#.to_owned();
    row.differs("challenge", ANSWERS_SAY_WHAT_IS_ASKED_FOR, vec![challenge], seen.challenges);
    row.done(3);
}

#[test]
fn an_error_in_the_verifier() {
    let mut row = Row::new("an_error_in_the_verifier");
    let seen = with_token(&asking!(failing), &token());
    row.same("status", Status::InternalServerError, seen.status);
    row.same("the client is not told", false, seen.body.contains("ERROR"));
    row.same("the log is", true, why(&seen.lines).contains("ERROR"));
    row.done(3);
}

#[test]
fn an_exception_in_the_verifier() {
    let mut row = Row::new("an_exception_in_the_verifier");
    let client = asking!(throwing);
    let seen = with_token(&client, &token());
    row.same("status", Status::InternalServerError, seen.status);
    row.same("the client is not told", false, seen.body.contains("EXCEPTION"));
    row.same("calls", 1, calls(&client));
    row.done(3);
}

#[test]
fn the_request_is_a_parameter_of_the_verifier() {
    let mut row = Row::new("the_request_is_a_parameter_of_the_verifier");
    let client = asking!(looking);
    let bearer = || Some(format!("Bearer {}", token()));
    row.same("passReqToCallback: true", Status::Ok, get(&client, "/found?of=7", bearer()).status);
    let other = get(&client, "/found?of=8", bearer());
    row.same("another request", Status::Unauthorized, other.status);
    row.done(2);
}

/// What a provider of keys was asked, and whether it fails.
struct Keys {
    asked: Mutex<Vec<(Unverified, String)>>,
    fails: bool,
}

#[verify]
fn key_of(token: Unverified, path: Path, keys: &State<Keys>) -> Result<Option<Key>, io::Error> {
    let is_known = token.issuer.as_deref() == Some("foo");
    keys.asked.lock().unwrap().push((token, path.0));
    match keys.fails {
        true => Err(io::Error::other("Error occurred looking for the secret")),
        false => {
            let key = Key::from_secret("HS256", b"a secret from a provider, 32 bytes").unwrap();
            Ok(is_known.then_some(key))
        }
    }
}

/// An application whose table knows no key.
fn with_provider(fails: bool) -> Client {
    let rocket = Application::of("")
        .bare()
        .manage(Keys { asked: Mutex::default(), fails })
        .manage(Ran::default())
        .attach(Jwt::fairing("jwt").keys(key_of).verify(finding))
        .mount("/", routes![found]);
    launch(rocket).unwrap()
}

/// A token by the provider's key.
fn by_the_provider(claims: &Value) -> String {
    let key = EncodingKey::from_secret(b"a secret from a provider, 32 bytes");
    encode(&jsonwebtoken::Header::new(Algorithm::HS256), claims, &key).unwrap()
}

#[test]
fn a_key_provider_that_has_a_key() {
    let mut row = Row::new("a_key_provider_that_has_a_key");
    let client = with_provider(false);
    let claims = lasting(json!({ "iss": "foo" }));
    let seen = get(&client, "/found?of=7", Some(format!("Bearer {}", by_the_provider(&claims))));
    row.same("its key is used", Status::Ok, seen.status);
    let seen = with_token(&client, &signed(&claims));
    row.same("no other is", "signature does not match", &*why(&seen.lines));
    let other = by_the_provider(&lasting(json!({ "iss": "bar" })));
    let seen = with_token(&client, &other);
    row.same("no key", "the key provider has no key for it", &*why(&seen.lines));
    let asked = client.rocket().state::<Keys>().unwrap().asked.lock().unwrap();
    row.same("the request", "/found?of=7", &*asked[0].1);
    let told = ("HS256", None, Some("foo"));
    let Unverified { algorithm, key_id, issuer, .. } = &asked[0].0;
    let got = (&**algorithm, key_id.as_deref(), issuer.as_deref());
    row.differs("the undecoded token", PROVIDERS_SEE_NO_TOKEN, told, got);
    row.same("calls of the verifier", 1, calls(&client));
    row.done(6);
}

#[test]
fn a_key_provider_that_fails() {
    let mut row = Row::new("a_key_provider_that_fails");
    let client = with_provider(true);
    let seen = with_token(&client, &by_the_provider(&lasting(json!({ "iss": "foo" }))));
    let (failed, message) = (Status::InternalServerError, "Error occurred looking for the secret");
    row.differs("status", PROVIDERS_FAIL_AS_WE_DO, failed, seen.status);
    row.same("the log says it", true, why(&seen.lines).contains(message));
    row.same("the client is not told", false, seen.body.contains(message));
    row.same("calls of the verifier", 0, calls(&client));
    row.done(4);
}

#[test]
fn no_token_and_the_verifier_is_not_asked() {
    let mut row = Row::new("no_token_and_the_verifier_is_not_asked");
    let client = asking!(finding);
    let seen = get(&client, "/found", None);
    row.same("status", Status::Unauthorized, seen.status);
    row.same("reason", "no credential", &*why(&seen.lines));
    let challenge = r#"Bearer realm="protected""#.to_owned();
    row.differs("challenge", ANSWERS_SAY_WHAT_IS_ASKED_FOR, vec![challenge], seen.challenges);
    row.same("calls", 0, calls(&client));
    row.done(4);
}

#[test]
fn an_expired_token_and_the_verifier_is_not_asked() {
    let mut row = Row::new("an_expired_token_and_the_verifier_is_not_asked");
    let client = asking!(finding);
    let seen = with_token(&client, &signed(&json!({ "exp": NOW - 1 })));
    row.same("status", Status::Unauthorized, seen.status);
    row.same("jwt expired", "expired 1 s ago", &*why(&seen.lines));
    row.same("calls", 0, calls(&client));
    row.done(3);
}

#[test]
fn a_malformed_header_and_the_verifier_is_not_asked() {
    let mut row = Row::new("a_malformed_header_and_the_verifier_is_not_asked");
    let client = asking!(finding);
    let seen = get(&client, "/found", Some("malformed".to_owned()));
    row.same("status", Status::Unauthorized, seen.status);
    row.same("No auth token", "no credential", &*why(&seen.lines));
    row.same("calls", 0, calls(&client));
    row.done(3);
}

/// Upstream's fixture, `{ sub: 1234567890, name: 'John Doe', iss: 'examplesoft.com',
/// exp: '9999999999' }`: a verifier that is no stub refuses the text where its end should be.
const VALID: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
    eyJzdWIiOjEyMzQ1Njc4OTAsIm5hbWUiOiJKb2huIERvZSIsImlzcyI6ImV4YW1wbGVzb2Z0LmNvbSIsImV4cCI6Ijk5\
    OTk5OTk5OTkifQ.CbpI0TNI-FYXe6p3PgM__jwlz6aCT1qpUBsTVCfWuBM";

#[test]
fn options_reach_the_verifier() {
    let mut row = Row::new("options_reach_the_verifier");
    let token = signed(&lasting(json!({ "iss": "TestIssuer", "aud": "TestAudience" })));
    let why = "claim `exp` is not a whole number of seconds";
    let issuer_of_fixture = Application::with("issuer = 'examplesoft.com'");
    row.ask("the fixture", &issuer_of_fixture, &super::resealed(VALID)).refused(why);
    let both = "issuer = 'TestIssuer'\naudience = 'TestAudience'";
    row.ask("secretOrKey", &Application::with(both), &token).accepted();
    let other = "algorithm = 'HS256'\nsecret = 'another secret of this replay, 32 bytes'";
    let other = Application::of(&format!("{other}\n{both}"));
    row.ask("secretOrKey", &other, &token).refused("signature does not match");
    let issuer = Application::with("issuer = 'OtherIssuer'\naudience = 'TestAudience'");
    row.ask("issuer", &issuer, &token).refused("claim `iss` is not the expected one");
    let audience = Application::with("issuer = 'TestIssuer'\naudience = 'OtherAudience'");
    row.ask("audience", &audience, &token).refused("claim `aud` is not the expected one");
    let longer = format!("algorithm = 'HS384'\nsecret = '{} and some more'", super::SECRET);
    let longer = Application::of(&format!("{longer}\n{both}"));
    row.ask("algorithms", &longer, &token).refused("algorithm is not HS384");
    let late = Application::with(both).at(super::END + 4);
    row.ask("ignoreExpiration: false", &late, &token).refused("expired 4 s ago");
    let tolerant = Application::with(&format!("{both}\nleeway = '5s'")).at(super::END + 4);
    row.ask("clockTolerance", &tolerant, &token).accepted();
    row.done(8);
}
