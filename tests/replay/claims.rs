//! Whom a token is for, from and about: `aud`, `iss`, `sub`, `jti`, `nonce`.

use jsonwebtoken::{Algorithm, EncodingKey, Header as JoseHeader, encode};
use passport_rocket::{TokenClaims, User, protect};
use rocket::http::Header;
use rocket::serde::json::Json;
use rocket::{get, routes};
use serde_json::{Value, json};

use super::differences::jwt::{
    AUDIENCES_ARE_NO_PATTERNS, EACH_ISSUER_HAS_KEYS, HANDLERS_GET_CLAIMS,
    OTHERS_AUDIENCES_ARE_REFUSED,
};
use super::{Application, Npm, Row, lasting, launch, no_launch, refused, signed};

const NOT_OURS: &str = "claim `aud` is not the expected one";
const FOR_OTHERS: &str = "token names an audience, and `audience` is not configured";
const NO_AUDIENCE: &str = "claim `aud` is missing";

/// Audiences of text, as upstream writes them and as a table does, that are not to match.
const NO_MATCH: [(&str, &str); 2] = [
    ("'urn:no-match'", "'urn:no-match'"),
    ("['urn:no-match-1', 'urn:no-match-2']", "['urn:no-match-1', 'urn:no-match-2']"),
];

/// The same with patterns.
const NO_PATTERN_MATCHES: [(&str, &str); 3] = [
    ("/^urn:no-match$/", "'/^urn:no-match$/'"),
    ("[/^urn:no-match-1$/, /^urn:no-match-2$/]", "['/^urn:no-match-1$/', '/^urn:no-match-2$/']"),
    ("[/^urn:no-match$/, 'urn:no-match']", "['/^urn:no-match$/', 'urn:no-match']"),
];

/// What matches `urn:foo` by its text.
const MATCH: [(&str, &str); 3] = [
    ("'urn:foo'", "'urn:foo'"),
    ("['urn:no_match', 'urn:foo']", "['urn:no_match', 'urn:foo']"),
    ("[/^urn:no_match$/, 'urn:foo']", "['/^urn:no_match$/', 'urn:foo']"),
];

/// What matches it by a pattern alone.
const PATTERN_MATCHES: [(&str, &str); 3] = [
    ("/^urn:f[o]{2}$/", "'/^urn:f[o]{2}$/'"),
    ("['urn:no_match', /^urn:f[o]{2}$/]", "['urn:no_match', '/^urn:f[o]{2}$/']"),
    ("[/^urn:no_match$/, /^urn:f[o]{2}$/]", "['/^urn:no_match$/', '/^urn:f[o]{2}$/']"),
];

fn audience(toml: &str) -> Application {
    Application::with(&format!("audience = {toml}"))
}

/// What npm is asked, and the application that is asked the same.
fn asked((npm, toml): (&str, &str)) -> (String, Application) {
    (format!("{{audience: {npm}}}"), audience(toml))
}

#[test]
fn t14_one_of_the_audiences_is_enough() {
    let mut row = Row::new("t14");
    let foo = signed(&lasting(json!({ "aud": "urn:foo" })));
    let both = signed(&lasting(json!({ "aud": ["urn:foo", "urn:bar"] })));
    for token in [&foo, &both] {
        row.ask("{}", &Application::with(""), token).differs(
            Npm::Accepts,
            OTHERS_AUDIENCES_ARE_REFUSED,
            refused(FOR_OTHERS),
        );
        for form in MATCH {
            let (asks, application) = asked(form);
            row.ask(&asks, &application, token).accepted();
        }
        for form in PATTERN_MATCHES {
            let (asks, application) = asked(form);
            let case = row.ask(&asks, &application, token);
            case.differs(Npm::Accepts, AUDIENCES_ARE_NO_PATTERNS, refused(NOT_OURS));
        }
        for form in NO_MATCH.into_iter().chain(NO_PATTERN_MATCHES) {
            let (asks, application) = asked(form);
            row.ask(&asks, &application, token).refused(NOT_OURS);
        }
    }
    // Either of the token's two.
    for form in [
        ("['urn:foo', 'urn:bar']", "['urn:foo', 'urn:bar']"),
        ("'urn:foo'", "'urn:foo'"),
        ("[/^urn:no-match$/, 'urn:foo']", "['/^urn:no-match$/', 'urn:foo']"),
        ("'urn:bar'", "'urn:bar'"),
        ("[/^urn:no-match$/, 'urn:bar']", "['/^urn:no-match$/', 'urn:bar']"),
    ] {
        let (asks, application) = asked(form);
        row.ask(&asks, &application, &both).accepted();
    }
    for form in [
        ("/^urn:[a-z]{3}$/", "'/^urn:[a-z]{3}$/'"),
        ("[/^urn:f[o]{2}$/, /^urn:b[ar]{2}$/]", "['/^urn:f[o]{2}$/', '/^urn:b[ar]{2}$/']"),
        ("/^urn:f[o]{2}$/", "'/^urn:f[o]{2}$/'"),
        ("[/^urn:no-match$/, /^urn:f[o]{2}$/]", "['/^urn:no-match$/', '/^urn:f[o]{2}$/']"),
        ("['urn:no_match', /^urn:f[o]{2}$/]", "['urn:no_match', '/^urn:f[o]{2}$/']"),
        ("/^urn:b[ar]{2}$/", "'/^urn:b[ar]{2}$/'"),
        ("[/^urn:no-match$/, /^urn:b[ar]{2}$/]", "['/^urn:no-match$/', '/^urn:b[ar]{2}$/']"),
        ("['urn:no_match', /^urn:b[ar]{2}$/]", "['urn:no_match', '/^urn:b[ar]{2}$/']"),
    ] {
        let (asks, application) = asked(form);
        let case = row.ask(&asks, &application, &both);
        case.differs(Npm::Accepts, AUDIENCES_ARE_NO_PATTERNS, refused(NOT_OURS));
    }
    let nobody = signed(&lasting(json!({})));
    row.ask("{}", &Application::with(""), &nobody).accepted();
    for form in NO_MATCH.into_iter().chain(NO_PATTERN_MATCHES) {
        let (asks, application) = asked(form);
        row.ask(&asks, &application, &nobody).refused(NO_AUDIENCE);
    }
    row.done(43);
}

fn of(claims: Value) -> String {
    signed(&lasting(claims))
}

#[test]
fn t15_issuer_and_subject_are_the_expected_ones() {
    let mut row = Row::new("t15");
    let any = Application::with("");
    let issuer = Application::with("issuer = 'foo'");
    row.ask("{}", &any, &of(json!({ "iss": "foo" }))).accepted();
    row.ask("{issuer: 'foo'}", &issuer, &of(json!({ "iss": "foo" }))).accepted();
    let why = "claim `iss` is not the expected one";
    row.ask("{issuer: 'foo'}", &issuer, &of(json!({ "iss": "foobar" }))).refused(why);
    row.ask("{issuer: 'foo'}", &issuer, &of(json!({}))).refused("claim `iss` is missing");
    let two = of_two_issuers();
    let asks = "{issuer: ['foo', 'bar']}";
    row.ask(asks, &two, &by_the_pair(json!({ "iss": "bar" }))).accepted();
    row.ask(asks, &two, &by_the_pair(json!({ "iss": "foo" }))).accepted();
    row.ask(asks, &two, &by_the_pair(json!({ "iss": "foobar" }))).refused(why);
    row.ask(asks, &two, &by_the_pair(json!({}))).refused("claim `iss` is missing");
    let listed = Application::with("issuer = ['foo', 'bar']");
    row.ask(asks, &listed, &of(json!({ "iss": "bar" }))).differs(
        Npm::Accepts,
        EACH_ISSUER_HAS_KEYS,
        no_launch("`passport.jwt.issuer`: expected a string, found a list"),
    );
    let subject = Application::with("subject = 'foo'");
    row.ask("{}", &any, &of(json!({ "sub": "foo" }))).accepted();
    row.ask("{subject: 'foo'}", &subject, &of(json!({ "sub": "foo" }))).accepted();
    let other = Application::with("subject = 'bar'");
    let why = "claim `sub` is not the expected one";
    row.ask("{subject: 'bar'}", &other, &of(json!({ "sub": "foo" }))).refused(why);
    row.ask("{subject: 'foo'}", &subject, &of(json!({}))).refused("claim `sub` is missing");
    row.ask("{}", &any, &of(json!({ "jti": "foo" }))).accepted();
    // One id is nothing that a configuration knows: whoever expects one, checks it.
    let id = any.checked_by(|token| token.id() == Some("foo"));
    row.ask("{jwtid: 'foo'}", &id, &of(json!({ "jti": "foo" }))).accepted();
    for other in [json!({ "jti": "bar" }), json!({})] {
        row.ask("{jwtid: 'foo'}", &id, &of(other)).refused(NOT_THE_ONE);
    }
    row.done(17);
}

const NOT_THE_ONE: &str = "not the one that was given out";

/// The public half of one pair for two issuers.
fn of_two_issuers() -> Application {
    let entries = ["foo", "bar"].map(|issuer| {
        let pem = library_pem!("p256-spki");
        format!("[[default.passport.jwt.issuers]]\nissuer = '{issuer}'\npublic_key = '''{pem}'''\n")
    });
    Application::of(&format!("algorithm = 'ES256'\n{}", entries.concat()))
}

fn by_the_pair(claims: Value) -> String {
    let key = EncodingKey::from_ec_pem(library_pem!("p256-pkcs8").as_bytes()).unwrap();
    encode(&JoseHeader::new(Algorithm::ES256), &lasting(claims), &key).unwrap()
}

#[protect(strategy = "jwt")]
#[get("/complete")]
fn complete(user: User<Value>) -> Json<[Value; 2]> {
    let said = User::info::<TokenClaims>(&user).unwrap();
    Json([Value::clone(&user), said.get().unwrap()])
}

#[test]
fn t16_a_nonce_is_checked_by_whoever_gave_it() {
    let mut row = Row::new("t16");
    let with_nonce = of(json!({ "nonce": "abcde" }));
    let expecting = Application::with("")
        .checked_by(|token| token.get::<Value>().is_ok_and(|claims| claims["nonce"] == "abcde"));
    row.ask("{nonce: 'abcde'}", &expecting, &with_nonce).accepted();
    for other in [json!({ "nonce": "fghij" }), json!({ "nonce": "" }), json!({})] {
        row.ask("{nonce: 'abcde'}", &expecting, &of(other)).refused(NOT_THE_ONE);
    }
    // What is found when the whole token is asked for.
    let application = Application::with("");
    let client = launch(application.rocket().mount("/", routes![complete])).unwrap();
    let authorization = Header::new("Authorization", format!("Bearer {with_nonce}"));
    let response = client.get("/complete").header(authorization).dispatch();
    let [user, all]: [Value; 2] = response.into_json().unwrap();
    row.same("{complete: false}", super::payload(&with_nonce), user);
    row.differs("{complete: true}", HANDLERS_GET_CLAIMS, super::payload(&with_nonce), all);
    row.done(6);
}
