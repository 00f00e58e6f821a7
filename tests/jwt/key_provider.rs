//! Keys that the application provides, one for each token.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use passport_rocket::{Error, Key, Unverified, verify};
use passport_rocket_tests::{figment, refusal, release_figment};
use rocket::http::Status;
use rocket::routes;

use super::made::{Made, ed25519, es256, hs256};
use super::*;

/// The application's keys, by issuer.
#[derive(Default)]
struct Partners {
    keys: std::collections::HashMap<String, Key>,
    asked: AtomicUsize,
}

#[verify]
async fn key_of(token: Unverified, partners: &State<Partners>) -> Result<Option<Key>, Error> {
    partners.asked.fetch_add(1, Ordering::SeqCst);
    rocket::tokio::task::yield_now().await;
    match token.issuer.as_deref() {
        Some("down") => Err(Error::unavailable("find a key", "hunter2: connection refused")),
        Some("broken") => Err(Error::failed("find a key", "hunter2: no such column")),
        Some(issuer) => Ok(partners.keys.get(issuer).cloned()),
        None => Ok(None),
    }
}

#[protect(strategy = "jwt", optional)]
#[get("/home")]
fn home(user: Option<User<Account>>, ran: &State<Ran>) -> String {
    ran.count();
    user.map_or("nobody".to_owned(), |user| user.name.clone())
}

fn key(made: &Made) -> Key {
    let algorithm = made.private["alg"].as_str().unwrap();
    Key::from_jwk(algorithm, &made.public.to_string()).unwrap()
}

fn keys<'k>(partners: impl IntoIterator<Item = (&'k str, Key)>) -> Partners {
    let keys = partners.into_iter().map(|(issuer, key)| (issuer.to_owned(), key)).collect();
    Partners { keys, asked: AtomicUsize::default() }
}

const TABLE: &str = "[default.passport.jwt]\n";

fn providing(toml: &str) -> Rocket<Build> {
    rocket::custom(release_figment(toml))
        .manage(clock().clock())
        .manage(Ran::default())
        .attach(Jwt::<Account>::fairing("jwt").keys(key_of))
        .mount("/", routes![me, home])
}

fn application(partners: Partners) -> Client {
    client(providing(TABLE).manage(partners))
}

fn asked(client: &Client) -> usize {
    client.rocket().state::<Partners>().unwrap().asked.load(Ordering::SeqCst)
}

fn from(issuer: &str) -> Value {
    json!({ "iss": issuer })
}

const NO_KEY: &str = "the key provider has no key for it";

#[test]
fn each_token_is_judged_by_the_key_that_is_found_for_it() {
    let (north, south) = (es256("1"), ed25519("1"));
    let client = application(keys([("north", key(&north)), ("south", key(&south))]));
    assert_accepted(&client, &north.token_with(&from("north")));
    assert_accepted(&client, &south.token_with(&from("south")));
    assert_eq!(asked(&client), 4);
    assert_refused(&client, &es256("1").token_with(&from("north")), "signature does not match");
    assert_refused(&client, &north.token_with(&from("elsewhere")), NO_KEY);
    assert_refused(&client, &north.token(), NO_KEY);
    let expired = json!({ "iss": "north", "exp": NOW - 3 });
    assert_refused(&client, &north.token_with(&expired), "expired 3 s ago");
}

// R02
#[test]
fn the_key_that_is_found_has_one_algorithm_and_perhaps_a_name() {
    let (north, south) = (es256("1"), ed25519("1"));
    let client = application(keys([("north", key(&north)), ("south", key(&south))]));
    assert_refused(&client, &south.token_with(&from("north")), "algorithm is not ES256");
    assert_refused(&client, &north.token_with(&from("south")), "algorithm is not EdDSA");
    let renamed = north.named(Some("2"), &from("north"));
    assert_refused(&client, &renamed, "header names another key");
    assert_accepted(&client, &north.named(None, &from("north")));

    // Trap 5: what the partner publishes is no secret.
    let header = JoseHeader { kid: Some("1".into()), ..JoseHeader::new(Algorithm::HS256) };
    let public = north.public.to_string();
    let secret = EncodingKey::from_secret(public.as_bytes());
    let claims = json!({ "iss": "north", "name": "ada", "exp": NOW + 60 });
    let forged = jsonwebtoken::encode(&header, &claims, &secret).unwrap();
    assert_refused(&client, &forged, "algorithm is not ES256");
}

#[test]
fn a_key_without_a_name_takes_every_name() {
    let key = Key::from_pem("ES256", pem!("p256-spki")).unwrap();
    let client = application(keys([("north", key)]));
    let pair = EncodingKey::from_ec_pem(pem!("p256-pkcs8").as_bytes()).unwrap();
    for id in [None, Some("a"), Some("")] {
        let kid = id.map(str::to_owned);
        let header = JoseHeader { kid, ..JoseHeader::new(Algorithm::ES256) };
        let claims = json!({ "iss": "north", "name": "ada", "exp": NOW + 60 });
        assert_accepted(&client, &jsonwebtoken::encode(&header, &claims, &pair).unwrap());
    }
}

// Passport's `secretOrKeyProvider` answers 401 here; a store that is down is no reason to sign out.
#[test]
fn a_provider_that_fails_is_our_fault() {
    let north = es256("1");
    let client = application(keys([("north", key(&north))]));
    for (issuer, expected) in
        [("down", Status::ServiceUnavailable), ("broken", Status::InternalServerError)]
    {
        for path in ["/me", "/home"] {
            let request = client.get(path).header(bearer(north.token_with(&from(issuer))));
            let (answer, lines) = log::capture(|| seen(request.dispatch()));
            assert_eq!(answer.status, expected, "{path}");
            assert!(!format!("{answer:?}").contains("hunter2"), "{answer:?}");
            let challenged = |line: &String| line.starts_with("www-authenticate");
            assert!(!answer.headers.iter().any(challenged), "{answer:?}");
            assert!(lines.iter().any(|line| line.contains("hunter2: ")), "{lines:#?}");
        }
    }
    assert_eq!(runs(&client), 0);
}

// Trap 17
#[test]
fn a_token_without_a_key_is_nobody_nowhere() {
    let client = application(keys([]));
    let token = es256("1").token_with(&from("north"));
    let answer = client.get("/home").header(bearer(token)).dispatch().status();
    assert_eq!(answer, Status::Unauthorized);
    assert_eq!(runs(&client), 0);
    assert_eq!(client.get("/home").dispatch().into_string().unwrap(), "nobody");
}

// The provider's store is not for everybody who can type.
#[test]
fn garbage_never_reaches_the_provider() {
    let north = es256("1");
    let client = application(keys([("north", key(&north))]));
    let good = north.token_with(&from("north"));
    let payload = good.split('.').nth(1).unwrap();
    let headed = |header: &str| format!("{}.{payload}.AAAA", URL_SAFE_NO_PAD.encode(header));
    for (token, why) in [
        ("x".to_owned(), "token has not exactly three parts"),
        ("a.b".to_owned(), "token has not exactly three parts"),
        ("{}.{}.{}".to_owned(), "token holds a character that no token has"),
        ("x".repeat(8_193), "token is longer than 8192 bytes"),
        (headed("hello"), "header is not a JSON object with texts"),
        (headed("{}"), "header names no algorithm"),
        (headed(r#"{"alg":"ES256","alg":"ES256"}"#), "header has a member twice"),
        (
            headed(r#"{"alg":"ES256","crit":["x"]}"#),
            "header has a critical extension, and none is understood",
        ),
        (headed(r#"{"alg":"ES256","typ":"dpop+jwt"}"#), "header has a type that is not accepted"),
        (headed(r#"{"alg":"none"}"#), "algorithm is not that of the key"),
        (headed(r#"{"alg":"es256"}"#), "algorithm is not that of the key"),
        (headed(r#"{"alg":"' OR 1=1"}"#), "algorithm is not that of the key"),
    ] {
        assert_refused(&client, &token, why);
    }
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256"}"#);
    let padded = format!("{header}.AB.AAAA");
    assert_refused(&client, &padded, "payload is not canonical base64url");
    assert_eq!(asked(&client), 0);
    // What can be read is asked about, as a text that proves nothing.
    assert_refused(&client, &format!("{header}.{payload}.AAAA"), "signature does not match");
    assert_eq!(asked(&client), 1);
}

#[test]
fn the_provider_is_told_what_the_token_says_of_itself() {
    let told = Arc::new(std::sync::Mutex::new(Vec::new()));
    let telling = Arc::clone(&told);
    let provider = move |token: Unverified| {
        telling.lock().unwrap().push((token.algorithm, token.key_id, token.issuer));
        None::<Key>
    };
    let rocket = rocket::custom(release_figment(TABLE))
        .manage(clock().clock())
        .manage(Ran::default())
        .attach(Jwt::<Account>::fairing("jwt").keys(provider))
        .mount("/", routes![me]);
    let client = client(rocket);
    let key = es256("1");
    let ours = |token: String| assert_refused(&client, &token, NO_KEY);
    ours(key.token_with(&from("https://north.example")));
    ours(key.named(Some("../etc/passwd"), &from("' OR 1=1")));
    ours(key.named(None, &json!({ "iss": 7 })));
    ours(key.named(None, &json!({})));
    let header = r#"{"alg":"ES256"}"#;
    ours(key.sealed(header, r#"{"iss":"a","iss":"b","exp":1800000060}"#));
    ours(key.sealed(header, "no JSON"));
    let said = |id: Option<&str>, issuer: Option<&str>| {
        ("ES256".to_owned(), id.map(str::to_owned), issuer.map(str::to_owned))
    };
    let expected = [
        said(Some("1"), Some("https://north.example")),
        said(Some("../etc/passwd"), Some("' OR 1=1")),
        said(None, None),
        said(None, None),
        said(None, None),
        said(None, None),
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}

// A provider that has a key for everything still believes nothing that is said twice.
#[test]
fn claims_are_judged_by_the_table_whatever_the_provider_says() {
    let made = es256("1");
    let found = key(&made);
    let toml = "[default.passport.jwt]\nissuer = 'north'\naudience = 'tidal-api'\n\
                required_claims = ['tenant']";
    let rocket = rocket::custom(release_figment(toml))
        .manage(clock().clock())
        .manage(Ran::default())
        .attach(Jwt::<Account>::fairing("jwt").keys(move |_: Unverified| Some(found.clone())))
        .mount("/", routes![me]);
    let client = client(rocket);
    let right = json!({ "iss": "north", "aud": "tidal-api", "tenant": 7 });
    let but = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims[name] = value;
        made.token_with(&claims)
    };
    assert_accepted(&client, &made.token_with(&right));
    assert_refused(&client, &but("iss", json!("south")), "claim `iss` is not the expected one");
    assert_refused(&client, &but("aud", json!("x")), "claim `aud` is not the expected one");
    let why = "claim `tenant` is required, and missing or empty";
    assert_refused(&client, &but("tenant", json!(null)), why);
    assert_refused(&client, &but("exp", json!(NOW - 3)), "expired 3 s ago");
}

#[test]
fn a_provider_may_be_any_function() {
    async fn slow(token: Unverified) -> Result<Option<Key>, io::Error> {
        rocket::tokio::task::yield_now().await;
        match token.key_id.as_deref() {
            Some("broken") => Err(io::Error::other("disk full")),
            Some("secret") => Ok(Key::from_secret("HS256", SECRET.as_bytes()).ok()),
            _ => Ok(None),
        }
    }

    let rocket = rocket::custom(release_figment(TABLE))
        .manage(clock().clock())
        .manage(Ran::default())
        .attach(Jwt::<Account>::fairing("jwt").keys(slow))
        .mount("/", routes![me]);
    let client = client(rocket);
    let secret = hs256("secret", SECRET);
    assert_accepted(&client, &secret.token());
    assert_refused(&client, &secret.named(Some("other"), &json!({})), NO_KEY);
    let broken = secret.named(Some("broken"), &json!({}));
    assert_eq!(status(&client, &broken), Status::InternalServerError);
}

#[test]
fn a_guard_that_the_provider_misses_refuses_launch() {
    let report = refusal(providing(TABLE));
    let guard = "strategy `jwt`: the verifier's guard `partners` refuses launch";
    assert!(report.contains("launch refused, one mistake:"), "{report}");
    assert!(report.contains(guard), "{report}");
}

#[test]
fn a_configured_key_beside_a_provider_refuses_launch() {
    let problem = "the application provides keys (`.keys(…)`), each with its algorithm";
    let remedy = "remove it, or the provider";
    for (line, key) in [
        (format!("secret = '{SECRET}'"), "secret"),
        ("jwks_url = 'https://idp.example/keys'".to_owned(), "jwks_url"),
        ("private_key_file = 'nowhere'".to_owned(), "private_key_file"),
        ("algorithm = 'ES256'".to_owned(), "algorithm"),
        ("key_id = 'a'".to_owned(), "key_id"),
        ("issuers = [{ issuer = 'a', jwks_file = 'b' }]".to_owned(), "issuers"),
    ] {
        let rocket = providing(&format!("{TABLE}{line}")).manage(Partners::default());
        let expected = format!(
            "passport ERROR: launch refused, one mistake:\npassport ERROR: `passport.jwt.{key}`: \
             {problem}\n    in TOML source string, profile `default`\n    {remedy}"
        );
        assert_eq!(refusal(rocket), expected);
    }
    let rocket = providing(&format!("{TABLE}algorithm = 'HS256'\nsecret = '{SECRET}'\n"));
    let report = refusal(rocket.manage(Partners::default()));
    assert!(report.contains("launch refused, 2 mistakes:"), "{report}");
}

// In the debug profile too, where a key would be made up.
#[test]
fn a_provider_leaves_nothing_to_make_up() {
    let rocket = rocket::custom(figment(""))
        .manage(clock().clock())
        .manage(Ran::default())
        .manage(keys([]))
        .attach(Jwt::<Account>::fairing("jwt").keys(key_of))
        .mount("/", routes![me]);
    let (client, lines) = log::capture(|| client(rocket));
    assert!(!lines.iter().any(|line| line.contains("eyJ")), "{lines:#?}");
    assert_eq!(client.get("/me").dispatch().status(), Status::Unauthorized);
}

// R02, R07, R16, trap 12
#[test]
fn keys_that_would_refuse_launch_are_none_here_either() {
    let message = |made: Result<Key, Error>| made.unwrap_err().to_string();
    let secret = |algorithm: &str, secret: &[u8]| message(Key::from_secret(algorithm, secret));
    assert_eq!(secret("HS256", b"short"), "make a key: too short: HS256 needs 32 bytes");
    let published = "make a key: published in jwt.io";
    assert_eq!(secret("HS256", b"a-string-secret-at-least-256-bits-long"), published);
    assert_eq!(secret("HS256", &[7; 32]), "make a key: too regular to be random");
    let family = "make a key: RS256 takes an RSA key, not a secret";
    assert_eq!(secret("RS256", SECRET.as_bytes()), family);
    let unknown = "make a key: unknown algorithm; did you mean `HS256`?";
    assert_eq!(secret("hs256", SECRET.as_bytes()), unknown);
    for name in ["none", "ES512", "RSA-OAEP", ""] {
        let told = secret(name, SECRET.as_bytes());
        assert!(told.starts_with("make a key: unknown algorithm"), "{told}");
    }

    let pem = |algorithm: &str, pem: &str| message(Key::from_pem(algorithm, pem));
    let place = "make a key: published in RFC 7515 appendix A.2, private half and all";
    assert_eq!(pem("RS256", pem!("rfc7515-a2")), place);
    let private = "make a key: a private key where a public key belongs";
    assert_eq!(pem("ES256", pem!("p256-pkcs8")), private);
    let kind = "make a key: ES384 takes a P-384 key, and this is a P-256 key";
    assert_eq!(pem("ES384", pem!("p256-spki")), kind);
    let weak = "make a key: an RSA key outside 2048 to 8192 bits";
    assert_eq!(pem("RS256", pem!("rsa1024-spki")), weak);
    assert_eq!(pem("ES256", "hunter2"), "make a key: not a PEM text");

    let der = |text: &str| -> Vec<u8> {
        let text: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        base64::engine::general_purpose::STANDARD.decode(text).unwrap()
    };
    assert_eq!(message(Key::from_der("ES256", &der(pem!("p256-pkcs8")))), private);
    assert!(Key::from_der("ES256", &der(pem!("p256-spki"))).is_ok());
    assert!(Key::from_der("ES256", b"hunter2").is_err());

    let jwk = |algorithm: &str, jwk: &Value| message(Key::from_jwk(algorithm, &jwk.to_string()));
    let made = es256("a");
    let betrayed = "make a key: key `a` holds a private member";
    assert_eq!(jwk("ES256", &made.private), betrayed);
    assert_eq!(jwk("HS256", &hs256("a", SECRET).private), betrayed);
    let configured = "make a key: for an algorithm that is not configured";
    let mut pss = json!({ "kty": "RSA", "alg": "PS256", "n": "AA", "e": "AQAB" });
    assert_eq!(jwk("RS256", &pss), configured);
    pss["use"] = json!("enc");
    assert_eq!(jwk("PS256", &pss), "make a key: not for signatures (`use`)");
    let two = json!({ "keys": [es256("a").public, es256("b").public] });
    assert_eq!(jwk("ES256", &two), "make a key: not exactly one key");
    assert_eq!(jwk("ES256", &json!({ "keys": [] })), "make a key: not exactly one key");
    assert_eq!(jwk("ES256", &json!(7)), "make a key: no JSON Web Key Set");
    let found = Key::from_jwk("ES256", &made.public.to_string()).unwrap();
    assert_eq!((found.algorithm(), found.id()), ("ES256", Some("a")));
    assert_eq!(format!("{found:?}"), r#"Key { algorithm: "ES256", id: Some("a"), .. }"#);
}

// Users of two partners at once, each under the key of its own.
#[test]
fn users_at_once_get_their_own_keys() {
    let partners: Vec<(String, Made)> =
        (0..16).map(|n| (format!("partner-{n}"), es256("same"))).collect();
    let known = partners.iter().map(|(issuer, made)| (&**issuer, key(made)));
    let rocket = providing(TABLE).manage(keys(known));
    rocket::async_test(async move {
        let client = rocket::local::asynchronous::Client::untracked(rocket).await.unwrap();
        let client = &client;
        let asks = partners.iter().flat_map(|(issuer, made)| {
            let name = json!({ "iss": issuer, "name": issuer });
            let stolen = json!({ "iss": "partner-0", "name": issuer });
            let ask = |token: String, name: Option<&str>| {
                let name = name.map(str::to_owned);
                async move {
                    let answer = client.get("/me").header(bearer(token)).dispatch().await;
                    match name {
                        Some(name) => assert_eq!(answer.into_string().await.unwrap(), name),
                        None => assert_eq!(answer.status(), Status::Unauthorized),
                    }
                }
            };
            let thief = (issuer != "partner-0").then(|| ask(made.token_with(&stolen), None));
            std::iter::once(ask(made.token_with(&name), Some(issuer))).chain(thief)
        });
        rocket::futures::future::join_all(asks).await;
    });
}
