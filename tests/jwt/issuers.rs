//! Several issuers, each with keys and expectations of its own (R09, R13).

use std::collections::HashMap;

use passport_rocket::{Subject, TokenClaims, verify};
use passport_rocket_tests::{figment, refusal, release_figment};

use super::made::{Made, ed25519, es256, file, set};
use super::*;

const STAFF: &str = "https://staff.example";
const PARTNER: &str = "https://partner.example";

/// The lines of one issuer.
fn issuer(name: &str, keys: &[&Made], more: &str) -> String {
    let keys = set(keys.iter().map(|key| &key.public));
    format!("[[default.passport.jwt.issuers]]\nissuer = '{name}'\njwks = '''{keys}'''\n{more}\n")
}

fn of(table: &str, issuers: &[String]) -> String {
    format!("[default.passport.jwt]\n{table}\n{}", issuers.concat())
}

/// Two issuers, whose keys have the same name.
fn application(staff: &Made, partner: &Made) -> Client {
    let issuers = [issuer(STAFF, &[staff], ""), issuer(PARTNER, &[partner], "")];
    client(rocket(release_figment(&of("algorithm = 'ES256'", &issuers))))
}

fn claims(issuer: &str) -> Value {
    json!({ "iss": issuer })
}

const WRONG_ISSUER: &str = "claim `iss` is not the expected one";

#[test]
fn each_issuer_is_believed_by_its_own_keys() {
    let (staff, partner) = (es256("1"), es256("1"));
    let client = application(&staff, &partner);
    assert_accepted(&client, &staff.token_with(&claims(STAFF)));
    assert_accepted(&client, &partner.token_with(&claims(PARTNER)));
    // R09: the same name at another issuer, and the name that is left out.
    for id in [Some("1"), None] {
        let claimed = partner.named(id, &claims(STAFF));
        assert_refused(&client, &claimed, "signature does not match");
        let claimed = staff.named(id, &claims(PARTNER));
        assert_refused(&client, &claimed, "signature does not match");
    }
}

#[test]
fn a_key_that_only_another_issuer_has_is_unknown() {
    let (staff, partner) = (es256("staff"), es256("partner"));
    let client = application(&staff, &partner);
    assert_refused(&client, &partner.token_with(&claims(STAFF)), "header names another key");
    assert_accepted(&client, &partner.token_with(&claims(PARTNER)));
}

// R05, R09
#[test]
fn an_issuer_that_is_absent_unknown_or_no_text_is_refused() {
    let key = es256("1");
    let client = application(&key, &es256("1"));
    for (issuer, why) in [
        (json!("https://other.example"), WRONG_ISSUER),
        (json!("https://staff.example/"), WRONG_ISSUER),
        (json!("HTTPS://STAFF.EXAMPLE"), WRONG_ISSUER),
        (json!(""), WRONG_ISSUER),
        (json!(7), WRONG_ISSUER),
        (json!([STAFF]), WRONG_ISSUER),
        (json!({ "iss": STAFF }), WRONG_ISSUER),
        (json!(null), "claim `iss` is missing"),
    ] {
        assert_refused(&client, &key.token_with(&json!({ "iss": issuer })), why);
    }
    assert_refused(&client, &key.token(), "claim `iss` is missing");
    let exact = |payload: &str| {
        let header = json!({ "alg": "ES256", "kid": "1" }).to_string();
        format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(payload))
    };
    let twice = format!(r#"{{"iss":"{STAFF}","iss":"{STAFF}","name":"ada","exp":1800000060}}"#);
    assert_refused(&client, &exact(&twice), "claim `iss` is there twice");
    let escaped = format!(r#"{{"iss":"{STAFF}","\u0069ss":"{PARTNER}","exp":1800000060}}"#);
    assert_refused(&client, &exact(&escaped), "claim `iss` is there twice");
    for garbage in ["", "{", "null", "[]", "7", &format!(r#"["{STAFF}"]"#), "\"a\""] {
        let why = match garbage {
            "" => "token has not exactly three parts",
            _ => "payload is not a JSON object in UTF-8",
        };
        assert_refused(&client, &exact(garbage), why);
    }
}

// A text that is written with escapes is the same text.
#[test]
fn an_issuer_may_be_spelled_with_escapes() {
    let key = es256("1");
    let client = application(&key, &es256("1"));
    let header = json!({ "alg": "ES256", "kid": "1" }).to_string();
    let payload = r#"{"iss":"https:\/\/staff.ex\u0061mple","name":"ada","exp":1800000060}"#;
    let token = key.sealed(&header, payload);
    assert_accepted(&client, &token);
}

#[test]
fn each_issuer_has_its_own_audience_and_algorithm_or_those_of_the_table() {
    let (staff, partner, other) = (es256("1"), ed25519("2"), es256("3"));
    let issuers = [
        issuer(STAFF, &[&staff], ""),
        issuer(PARTNER, &[&partner, &other], "audience = ['p', 'q']\nalgorithm = ['EdDSA']"),
    ];
    let table = "algorithm = 'ES256'\naudience = 'tidal-api'";
    let client = client(rocket(release_figment(&of(table, &issuers))));
    let with = |issuer: &str, audience: Value| json!({ "iss": issuer, "aud": audience });
    let not_ours = "claim `aud` is not the expected one";
    assert_accepted(&client, &staff.token_with(&with(STAFF, json!("tidal-api"))));
    assert_refused(&client, &staff.token_with(&with(STAFF, json!("p"))), not_ours);
    assert_refused(&client, &staff.token_with(&claims(STAFF)), "claim `aud` is missing");
    for audience in [json!("p"), json!("q"), json!(["x", "q"])] {
        assert_accepted(&client, &partner.token_with(&with(PARTNER, audience)));
    }
    let token = partner.token_with(&with(PARTNER, json!("tidal-api")));
    assert_refused(&client, &token, not_ours);
    // ES256 is none of the partner's, whose key of that kind is ignored.
    let token = other.token_with(&with(PARTNER, json!("p")));
    assert_refused(&client, &token, "header names another key");
    let token = other.named(None, &with(PARTNER, json!("p")));
    assert_refused(&client, &token, "algorithm is not EdDSA");
}

#[test]
fn what_the_table_demands_is_demanded_of_every_issuer() {
    let (staff, partner) = (es256("1"), es256("1"));
    let issuers = [issuer(STAFF, &[&staff], ""), issuer(PARTNER, &[&partner], "")];
    let table = "algorithm = 'ES256'\nrequired_claims = ['tenant']\nmax_age = '1m'";
    let client = client(rocket(release_figment(&of(table, &issuers))));
    for (key, name) in [(&staff, STAFF), (&partner, PARTNER)] {
        let with = |more: Value| {
            let mut claims = json!({ "iss": name, "iat": NOW, "tenant": 7 });
            for (name, value) in more.as_object().unwrap() {
                claims[name] = value.clone();
            }
            key.token_with(&claims)
        };
        assert_accepted(&client, &with(json!({})));
        let why = "claim `tenant` is required, and missing or empty";
        assert_refused(&client, &with(json!({ "tenant": null })), why);
        let why = "issued 1 min ago, longer than `max_age`";
        assert_refused(&client, &with(json!({ "iat": NOW - 60 })), why);
    }
}

#[test]
fn keys_may_be_single_ones_and_files() {
    let key = es256("1");
    let path = file("issuer.json", set([&key.public]));
    let toml = format!(
        "[default.passport.jwt]\nalgorithm = 'ES256'\n\
         [[default.passport.jwt.issuers]]\nissuer = '{STAFF}'\njwks_file = '{path}'\n\
         [[default.passport.jwt.issuers]]\nissuer = '{PARTNER}'\npublic_key = '''{}'''\n",
        pem!("p256-spki")
    );
    let client = client(rocket(release_figment(&toml)));
    assert_accepted(&client, &key.token_with(&claims(STAFF)));
    let pair = EncodingKey::from_ec_pem(pem!("p256-pkcs8").as_bytes()).unwrap();
    let claims = json!({ "iss": PARTNER, "name": "ada", "exp": NOW + 60 });
    let header = JoseHeader::new(Algorithm::ES256);
    let token = jsonwebtoken::encode(&header, &claims, &pair).unwrap();
    assert_accepted(&client, &token);
}

/// The report, which has one line of the place for each mistake.
#[track_caller]
fn assert_mistakes(toml: &str, expected: &[(&str, &str, &str)]) {
    let report = refusal(rocket(release_figment(toml)));
    let count = match expected.len() {
        1 => "one mistake".to_owned(),
        count => format!("{count} mistakes"),
    };
    let mut lines = format!("passport ERROR: launch refused, {count}:");
    for (key, problem, remedy) in expected {
        lines.push_str(&format!(
            "\npassport ERROR: `passport.jwt.{key}`: {problem}\n    in TOML source string, profile \
             `default`\n    {remedy}"
        ));
    }
    assert_eq!(report, lines);
}

#[test]
fn a_mistake_is_located_at_its_issuer() {
    let key = es256("1");
    let good = issuer(STAFF, &[&key], "");
    let say = "say the `iss` of its tokens";
    let entry = |lines: &str| format!("[[default.passport.jwt.issuers]]\n{lines}\n");
    let jwks = format!("jwks = '''{}'''", set([&es256("2").public]));
    let no_keys = "give `issuer_url`, `jwks_url`, `jwks_file` or `public_key_file`";
    for (wrong, key, problem, remedy) in [
        (entry(&jwks), "issuer", "missing", say),
        (entry(&format!("issuer = ''\n{jwks}")), "issuer", "empty", say),
        (entry(&format!("issuer = '{PARTNER}'")), "jwks_url", "no source of keys", no_keys),
        (
            issuer(PARTNER, &[], "public_key = 'hunter2'"),
            "jwks",
            "a second key beside `public_key`",
            "keep one of the two",
        ),
        (
            issuer(PARTNER, &[&es256("3")], "audience = []"),
            "audience",
            "empty",
            "remove it, or fill it in",
        ),
        (
            issuer(PARTNER, &[&es256("3")], "algorithm = []"),
            "algorithm",
            "lets no token through",
            "list those that your keys are for",
        ),
        (
            issuer(PARTNER, &[&es256("3")], "algorithm = ['ES256', 'HS256']"),
            "algorithm",
            "both of secrets and of key pairs",
            "whoever knows a public key could sign with it as a secret; use two strategies",
        ),
        (
            issuer(STAFF, &[&es256("3")], ""),
            "issuer",
            "an issuer that is listed twice",
            "keep one of the two",
        ),
        (
            issuer(PARTNER, &[], ""),
            "jwks",
            "an empty set",
            "put a key in, or list its algorithm under `algorithm`",
        ),
        (
            entry("issuer_url = 'http://idp.example'"),
            "issuer_url",
            "not over HTTPS: anybody on the way could put keys in",
            "write it as `https://…`",
        ),
        (
            entry("issuer = 'https://a'\nissuer_url = 'https://b'"),
            "issuer",
            "another one than `issuer_url`",
            "keep `issuer_url`, which is the `iss` of its tokens",
        ),
    ] {
        let toml = of("algorithm = 'ES256'", &[good.clone(), wrong]);
        assert_mistakes(&toml, &[(&format!("issuers[1].{key}"), problem, remedy)]);
    }
}

#[test]
fn an_unknown_key_of_an_issuer_is_located_there() {
    let toml = of("algorithm = 'ES256'", &[issuer(STAFF, &[&es256("1")], "audiance = 'a'")]);
    let problem = ("issuers[0].audiance", "unknown key", "did you mean `audience`?");
    assert_mistakes(&toml, &[problem]);
    // Secrets are no issuer's.
    let toml = of("algorithm = 'HS256'", &[issuer(STAFF, &[], "secret = 'hunter2'")]);
    let report = refusal(rocket(release_figment(&toml)));
    assert!(report.contains("`passport.jwt.issuers[0].secret`: unknown key"), "{report}");
    assert!(!report.contains("hunter2"), "{report}");
}

#[test]
fn all_mistakes_of_an_issuer_in_one_start() {
    let toml = of(
        "algorithm = 'ES256'",
        &[
            "[[default.passport.jwt.issuers]]\naudience = ''\nalgorithm = []\n".to_owned(),
            issuer(PARTNER, &[], ""),
        ],
    );
    let report = refusal(rocket(release_figment(&toml)));
    assert!(report.contains("launch refused, 5 mistakes:"), "{report}");
    for key in ["[0].issuer", "[0].audience", "[0].algorithm", "[0].jwks_url", "[1].jwks"] {
        assert!(report.contains(&format!("`passport.jwt.issuers{key}`: ")), "{key}\n{report}");
    }
}

#[test]
fn what_each_issuer_says_is_not_said_by_the_table() {
    let issuers = [issuer(STAFF, &[&es256("1")], "")];
    let beside = "said by `issuers`, each for itself";
    for (line, key, problem, remedy) in [
        ("issuer = 'https://a'", "issuer", beside, "remove it"),
        ("key_id = 'a'", "key_id", beside, "remove it"),
        (
            "jwks_file = 'a'",
            "jwks_file",
            "a source of keys beside `issuers`",
            "keep one of the two",
        ),
    ] {
        let toml = of(&format!("algorithm = 'ES256'\n{line}"), &issuers);
        assert_mistakes(&toml, &[(key, problem, remedy)]);
    }
    let empty = "[default.passport.jwt]\nalgorithm = 'ES256'\nissuers = []";
    let remedy = "list one, or remove it";
    assert_mistakes(empty, &[("issuers", "lets no token through", remedy)]);
    let report = refusal(rocket(release_figment(&of("", &issuers))));
    assert!(report.contains("`passport.jwt.issuers[0].algorithm`: missing\n"), "{report}");
}

// An issuer cannot vouch through the keys of another strategy either.
#[test]
fn two_strategies_share_no_key_of_an_issuer() {
    let key = es256("1");
    let one = of("algorithm = 'ES256'", &[issuer(STAFF, &[&key], "")]);
    let other = of("algorithm = 'ES256'", &[issuer(PARTNER, &[&key], "")]);
    let toml = format!("{one}{}", other.replace("passport.jwt", "passport.partner"));
    let rocket = rocket(figment(&toml)).attach(Jwt::<Account>::fairing("partner"));
    let report = refusal(rocket);
    assert!(report.contains("strategies `jwt` and `partner` share a key"), "{report}");
}

/// Users, by who they are at whom.
type Accounts = HashMap<Subject, Account>;

#[verify]
fn account_of(who: Subject, accounts: &State<Accounts>) -> Option<Account> {
    accounts.get(&who).cloned()
}

#[protect(strategy = "jwt")]
#[get("/whoami")]
fn whoami(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    let token = User::info::<TokenClaims>(&user).unwrap();
    let who = token.identity().unwrap();
    assert_eq!(token.issuer(), Some(&*who.issuer));
    format!("{}: {} of {}", user.name, who.subject, who.issuer)
}

// R13
#[test]
fn the_same_subject_at_two_issuers_is_two_users() {
    let (staff, partner) = (es256("1"), es256("1"));
    let issuers = [issuer(STAFF, &[&staff], ""), issuer(PARTNER, &[&partner], "")];
    let account = |issuer: &str, subject: &str, name: &str| {
        let who = Subject { issuer: issuer.to_owned(), subject: subject.to_owned() };
        (who, Account { name: name.to_owned() })
    };
    let accounts = Accounts::from([account(STAFF, "7", "ada"), account(PARTNER, "7", "grace")]);
    let rocket = rocket::custom(release_figment(&of("algorithm = 'ES256'", &issuers)))
        .manage(clock().clock())
        .manage(Ran::default())
        .manage(accounts)
        .attach(Jwt::fairing("jwt").verify(account_of))
        .mount("/", rocket::routes![whoami, me]);
    let client = client(rocket);
    let ask = |token: &str| {
        let response = client.get("/whoami").header(bearer(token)).dispatch();
        (response.status(), response.into_string().unwrap())
    };
    let of = |issuer: &str, subject: &str| json!({ "iss": issuer, "sub": subject });
    let told = ask(&staff.token_with(&of(STAFF, "7")));
    assert_eq!(told, (Status::Ok, format!("ada: 7 of {STAFF}")));
    let told = ask(&partner.token_with(&of(PARTNER, "7")));
    assert_eq!(told, (Status::Ok, format!("grace: 7 of {PARTNER}")));
    let nobody = "the verifier knows nobody like that";
    assert_refused(&client, &staff.token_with(&of(STAFF, "8")), nobody);
    assert_refused(&client, &staff.token_with(&of(PARTNER, "7")), "signature does not match");
    assert_refused(&client, &staff.token_with(&claims(STAFF)), "claim `sub` is missing");
}
