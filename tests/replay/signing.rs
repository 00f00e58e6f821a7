//! What npm's `sign` makes, asked of `Tokens` in a handler.

use std::time::Duration;

use passport_rocket::{Error, Tokens, public};
use passport_rocket_tests::log;
use rocket::http::Status;
use rocket::local::blocking::Client;
use rocket::serde::json::Json;
use rocket::{post, routes};
use serde_json::{Value, json};

use super::differences::jwt::{
    ALGORITHM_AND_TYPE_ARE_THE_HEADER, CLAIMS_ARE_AN_OBJECT, LIFETIMES_ARE_AHEAD,
    LIFETIMES_COUNT_FROM_NOW, TEXT_IS_UTF_8, TOKENS_SAY_WHEN, UNITS_ARE_PLAIN,
};
use super::{
    Answer, Application, NOW, Npm, Row, answer, lasting, launch, payload, raw, refused, signed,
};

/// Signs the claims in the body, for so many seconds where the path says it.
#[public("for tests")]
#[post("/sign?<expires_in>&<not_before>&<id>", data = "<claims>")]
fn sign(
    claims: Json<Value>,
    expires_in: Option<u64>,
    not_before: Option<u64>,
    id: Option<&str>,
    tokens: Tokens,
) -> Result<String, Error> {
    let mut token = tokens.with();
    if let Some(seconds) = expires_in {
        token = token.expires_in(Duration::from_secs(seconds));
    }
    if let Some(seconds) = not_before {
        token = token.valid_in(Duration::from_secs(seconds));
    }
    if let Some(id) = id {
        token = token.id(id);
    }
    token.sign(&*claims)
}

fn client(toml: &str) -> Result<Client, String> {
    launch(Application::with(toml).rocket().mount("/", routes![sign]))
}

/// The token, or why there is none.
fn token(client: &Client, query: &str, claims: &Value) -> Result<String, String> {
    let request = client.post(format!("/sign?{query}")).body(claims.to_string());
    let ((status, body), lines) = log::capture(|| {
        let response = request.dispatch();
        (response.status(), response.into_string().unwrap_or_default())
    });
    if status == Status::Ok {
        return Ok(body);
    }
    let line = lines.iter().find_map(|line| line.split_once("sign a token: "));
    let (_, why) = line.unwrap_or_else(|| panic!("{status}: {lines:#?}"));
    Err(why.split(", route ").next().unwrap_or_default().to_owned())
}

/// What a token says under `name`, signed with these lines of the table.
fn says(name: &str, toml: &str, query: &str, claims: &Value) -> Result<Value, String> {
    let client = client(toml)?;
    let token = token(&client, query, claims)?;
    Ok(payload(&token)[name].clone())
}

const NO_SPAN: &str = "`passport.jwt.expires_in`: ";

fn no_span(problem: &str) -> Result<Value, String> {
    Err(format!("{NO_SPAN}{problem}"))
}

const NEGATIVE: &str = "a negative duration: leave out the sign";
const FRACTION: &str = "a fraction without a unit: write whole seconds, or a unit";
const EMPTY: &str = "an empty duration: write a number and a unit";
const UNKNOWN: &str = "an unknown unit: use s, min, h, d or w, in lower case";
const NONE: &str = "not a whole number of seconds above zero";

#[test]
fn t11_a_lifetime_counts_from_now() {
    let mut row = Row::new("t11");
    let own = json!({});
    let exp = |written: &str| says("exp", &format!("expires_in = {written}"), "", &json!({}));
    row.same("expiresIn: 10", Ok(json!(70)), exp("10"));
    row.same("expiresIn: '10 s'", Ok(json!(70)), exp("'10 s'"));
    row.same(
        "expiresIn: 10, for this token",
        Ok(json!(70)),
        says("exp", "", "expires_in=10", &own),
    );
    for (asks, written, problem) in [
        ("expiresIn: -10", "-10", NEGATIVE),
        ("expiresIn: '-10 s'", "'-10 s'", NEGATIVE),
        ("expiresIn: 0", "0", NONE),
        ("expiresIn: '0 s'", "'0 s'", NONE),
    ] {
        row.differs(asks, LIFETIMES_ARE_AHEAD, no_span(problem), exp(written));
    }
    let conflict = Err("the claims hold `iat` already, which is set besides".to_owned());
    row.differs(
        "expiresIn: -10, iat: 80",
        LIFETIMES_COUNT_FROM_NOW,
        conflict.clone(),
        says("exp", "expires_in = 10", "", &json!({ "iat": 80 })),
    );
    for (asks, written, problem) in [
        ("expiresIn: true", "true", "expected a duration, found a boolean"),
        ("expiresIn: false", "false", "expected a duration, found a boolean"),
        ("expiresIn: -1.1", "-1.1", FRACTION),
        ("expiresIn: 1.1", "1.1", FRACTION),
        ("expiresIn: Infinity", "inf", FRACTION),
        ("expiresIn: NaN", "nan", FRACTION),
        ("expiresIn: ''", "''", EMPTY),
        ("expiresIn: ' '", "' '", EMPTY),
        ("expiresIn: 'invalid'", "'invalid'", "not a duration: write a number and a unit"),
        ("expiresIn: []", "[]", "expected a duration, found a list"),
        ("expiresIn: ['foo']", "['foo']", "expected a duration, found a list"),
        ("expiresIn: {}", "{}", "expected a duration, found a table"),
        ("expiresIn: {foo: 'bar'}", "{ foo = 'bar' }", "expected a duration, found a table"),
    ] {
        row.same(asks, no_span(problem), exp(written));
    }
    let twice = "the claims hold `exp` already, which is set besides".to_owned();
    let own = says("exp", "expires_in = 100", "", &json!({ "exp": 100 }));
    row.same("expiresIn: 100, exp: 100", Err(twice), own);
    let no_object = Err("the claims are no JSON object".to_owned());
    let text = says("exp", "expires_in = 100", "", &json!("a string payload"));
    row.same("expiresIn: 100 on a text", no_object, text);
    for exp in super::times::no_numbers() {
        let why = "the claim `exp` is no whole number of seconds".to_owned();
        row.same("exp in the payload", Err(why), says("exp", "", "", &json!({ "exp": exp })));
    }
    // What npm takes for a span of time beyond seconds.
    for (asks, written, seconds) in [
        ("expiresIn: '15s'", "'15s'", 15),
        ("expiresIn: '4h'", "'4h'", 14_400),
        ("expiresIn: '2 days'", "'2 days'", 172_800),
        ("expiresIn: '1.5 hrs'", "'1.5 hrs'", 5_400),
        ("expiresIn: '1d'", "'1d'", 86_400),
        ("expiresIn: '20h'", "'20h'", 72_000),
        ("expiresIn: '1w'", "'1w'", 604_800),
        ("expiresIn: '2 weeks'", "'2 weeks'", 1_209_600),
    ] {
        row.same(asks, Ok(json!(NOW + seconds)), exp(written));
    }
    for (asks, written, here) in [
        ("expiresIn: '60'", "'60'", Ok(json!(NOW + 60))),
        ("expiresIn: '1000'", "'1000'", Ok(json!(NOW + 1_000))),
        ("expiresIn: '1y'", "'1y'", no_span("a year has no fixed length: count in days")),
        ("expiresIn: '.5h'", "'.5h'", no_span(UNKNOWN)),
        ("expiresIn: '7D'", "'7D'", no_span(UNKNOWN)),
        ("expiresIn: '1 M'", "'1 M'", no_span("a month has no fixed length: count in days")),
        ("expiresIn: '10h30m'", "'10h30m'", Ok(json!(NOW + 37_800))),
    ] {
        row.differs(asks, UNITS_ARE_PLAIN, here, exp(written));
    }
    row.done(48);
}

#[test]
fn t12_a_beginning_counts_from_now() {
    let mut row = Row::new("t12, signing");
    let nbf = |query: &str, claims: Value| says("nbf", "expires_in = 60", query, &claims);
    row.same("notBefore: 10", Ok(json!(70)), nbf("not_before=10", json!({})));
    row.same("notBefore: 0", Ok(json!(60)), nbf("not_before=0", json!({})));
    row.same("nbf: 50 in the payload", Ok(json!(50)), nbf("", json!({ "nbf": 50 })));
    row.differs(
        "notBefore: -10, iat: 40",
        LIFETIMES_COUNT_FROM_NOW,
        Err("the claims hold `iat` already, which is set besides".to_owned()),
        nbf("not_before=10", json!({ "iat": 40 })),
    );
    let twice = Err("the claims hold `nbf` already, which is set besides".to_owned());
    row.same("notBefore: 100, nbf: 100", twice, nbf("not_before=100", json!({ "nbf": 100 })));
    let no_object = Err("the claims are no JSON object".to_owned());
    row.same("notBefore: 100 on a text", no_object, nbf("not_before=100", json!("text")));
    for value in super::times::no_numbers() {
        let why = Err("the claim `nbf` is no whole number of seconds".to_owned());
        row.same("nbf in the payload", why, nbf("", json!({ "nbf": value })));
    }
    row.done(16);
}

#[test]
fn t21_any_claim_comes_back_as_it_went() {
    let mut row = Row::new("t21");
    let client = client("expires_in = 60").unwrap();
    for value in [
        json!(true),
        json!(false),
        json!(null),
        json!(-1),
        json!(0),
        json!(1),
        json!(-1.1),
        json!(1.1),
        json!(""),
        json!("private claim"),
        json!("UTF8 - José"),
        json!("José"),
        json!("測試"),
        json!([]),
        json!(["foo"]),
        json!({}),
        json!({ "foo": "bar" }),
    ] {
        let claims = json!({ "privateClaim": value });
        let ours = token(&client, "", &claims).unwrap();
        row.same("signed", &value, &payload(&ours)["privateClaim"]);
        // The handler answers what the token says, or `answer` fails.
        let accepted = answer(&client, Some(&format!("Bearer {ours}")));
        row.same("verified", Answer::Accepted, accepted);
        row.ask("{}", &Application::with(""), &signed(&lasting(claims))).accepted();
    }
    // `encoding: 'binary'`: a payload in Latin-1.
    let latin: &[u8] = b"{\"name\":\"Jos\xe9\",\"exp\":3660}";
    let latin = raw(r#"{"alg":"HS256"}"#, latin);
    row.ask("{}", &Application::with(""), &latin).differs(
        Npm::Accepts,
        TEXT_IS_UTF_8,
        refused("payload is not a JSON object in UTF-8"),
    );
    let why = || Err("the claims are no JSON object".to_owned());
    let text = token(&client, "", &json!("a string payload"));
    row.differs("'a string payload'", CLAIMS_ARE_AN_OBJECT, why(), text);
    row.same("['foo']", why(), token(&client, "", &json!(["foo"])));
    row.done(54);
}

/// The header of a token.
fn header(token: &str) -> Value {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let header = token.split('.').next().unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap()
}

#[test]
fn t22_the_header_names_algorithm_type_and_key() {
    let mut row = Row::new("t22");
    let plain = client("expires_in = '5m'").unwrap();
    let token_of = |client: &Client, claims: Value| token(client, "", &claims).unwrap();
    let token = token_of(&plain, json!({ "foo": 123 }));
    row.same("no kid", json!({ "alg": "HS256", "typ": "JWT" }), header(&token));
    let named = client("expires_in = '5m'\nkey_id = 'foo'").unwrap();
    let kid = header(&token_of(&named, json!({})));
    row.same("keyid: 'foo'", json!("foo"), kid["kid"].clone());
    for (asks, toml) in [
        ("header: {foo: 'bar'}", "header = { foo = 'bar' }"),
        ("header: {alg: 'HS512'}", "header = { alg = 'HS512' }"),
    ] {
        row.differs(
            asks,
            ALGORITHM_AND_TYPE_ARE_THE_HEADER,
            Some("`passport.jwt.header`: unknown key".to_owned()),
            client(toml).err(),
        );
    }
    for toml in ["key_id = true", "key_id = 1.1", "key_id = []", "key_id = { foo = 'bar' }"] {
        let mistake = client(toml).err().unwrap_or_default();
        row.same(toml, true, mistake.starts_with("`passport.jwt.key_id`: expected"));
    }
    row.same("iat", json!(NOW), payload(&token)["iat"].clone());
    let no_timestamp = client("expires_in = '5m'\nno_timestamp = true").err();
    let unknown = Some("`passport.jwt.no_timestamp`: unknown key".to_owned());
    row.differs("noTimestamp: true", TOKENS_SAY_WHEN, unknown, no_timestamp);
    row.same("expiresIn: '5m'", json!(NOW + 300), payload(&token)["exp"].clone());
    row.done(11);
}
