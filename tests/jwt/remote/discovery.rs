//! An issuer that says where its keys are (OpenID Connect Discovery 1.0, C04, R09).

use passport_rocket_tests::refusal;

use super::*;

const DESCRIPTION: &str = "/.well-known/openid-configuration";

fn describe(server: &KeyServer, issuer: &str) {
    let description = json!({ "issuer": issuer, "jwks_uri": server.url(KEYS) });
    server.set(DESCRIPTION, Answer::Body(description.to_string()));
}

fn table_of(server: &KeyServer, more: &str) -> String {
    let url = server.url("");
    format!("[default.passport.jwt]\nalgorithm = 'ES256'\nissuer_url = '{url}'\n{more}\n")
}

#[test]
fn tokens_of_the_issuer_are_accepted_and_no_others() {
    let (server, key) = (KeyServer::start(), ProviderKey::new("a"));
    let issuer = server.url("");
    describe(&server, &issuer);
    server.set(KEYS, set(&[&key]));
    let clock = clock();
    let client = client(rocket_at(figment(&table_of(&server, "")), &clock));
    assert_accepted(&client, &key.token_with(&json!({ "iss": issuer })));
    assert_refused(&client, &key.token(), "claim `iss` is missing");
    for other in [format!("{issuer}/"), issuer.to_uppercase(), "https://other.example".to_owned()] {
        let token = key.token_with(&json!({ "iss": other }));
        assert_refused(&client, &token, "claim `iss` is not the expected one");
    }
    // The description is asked for once, the set again when it is old.
    clock.advance(minutes(11));
    assert_accepted(&client, &key.token_with(&json!({ "iss": issuer })));
    assert_eq!((server.asked(DESCRIPTION), server.asked(KEYS)), (1, 2));
}

#[test]
fn a_set_that_moved_is_found_again() {
    let (server, key, new) = (KeyServer::start(), ProviderKey::new("a"), ProviderKey::new("b"));
    let issuer = server.url("");
    describe(&server, &issuer);
    server.set(KEYS, set(&[&key]));
    let clock = clock();
    let client = client(rocket_at(figment(&table_of(&server, "")), &clock));
    server.set(KEYS, Answer::Status(410));
    server.set("/moved", set(&[&new]));
    let moved = json!({ "issuer": issuer, "jwks_uri": server.url("/moved") });
    server.set(DESCRIPTION, Answer::Body(moved.to_string()));
    let token = new.token_with(&json!({ "iss": issuer }));
    assert_answer(&client, &token, Status::ServiceUnavailable);
    clock.advance(Duration::from_secs(30));
    assert_answer(&client, &token, Status::Ok);
}

// C04
#[test]
fn the_description_of_another_issuer_refuses_launch() {
    let server = KeyServer::start();
    server.set(KEYS, set(&[&ProviderKey::new("a")]));
    for (description, why) in [
        (
            json!({ "issuer": "https://other.example", "jwks_uri": server.url(KEYS) }),
            "another `issuer`",
        ),
        (json!({ "issuer": server.url("/"), "jwks_uri": server.url(KEYS) }), "another `issuer`"),
        (json!({ "jwks_uri": server.url(KEYS) }), "another `issuer`"),
        (json!({ "issuer": server.url("") }), "no `jwks_uri`"),
        (
            json!({ "issuer": server.url(""), "jwks_uri": "http://192.168.0.1/keys" }),
            "`jwks_uri` is not over HTTPS",
        ),
        (json!([]), "another `issuer`"),
    ] {
        server.set(DESCRIPTION, Answer::Body(description.to_string()));
        let report = refusal(rocket(figment(&table_of(&server, "jwks_at_launch = 'warn'"))));
        assert!(report.contains("`passport.jwt.issuer_url`: no keys from"), "{report}");
        assert!(report.contains(why), "{report}");
    }
    assert_eq!(server.asked(KEYS), 0);
}

#[test]
fn issuer_and_issuer_url_are_one() {
    let server = KeyServer::start();
    let report = refusal(rocket(figment(&table_of(&server, "issuer = 'https://other.example'"))));
    assert!(report.contains("`passport.jwt.issuer`: another one than `issuer_url`"), "{report}");
}

// R09: one id at two issuers, and each has its own keys.
#[test]
fn of_two_issuers_each_has_its_own_keys() {
    let (staff, partner) = (KeyServer::start(), KeyServer::start());
    let (theirs, ours) = (ProviderKey::new("same"), ProviderKey::new("same"));
    for (server, key) in [(&staff, &ours), (&partner, &theirs)] {
        describe(server, &server.url(""));
        server.set(KEYS, set(&[key]));
    }
    let toml = format!(
        "[default.passport.jwt]\nalgorithm = 'ES256'\n\
         issuers = [{{ issuer_url = '{}' }}, {{ issuer_url = '{}', audience = 'partners' }}]\n",
        staff.url(""),
        partner.url("")
    );
    let client = client(rocket(figment(&toml)));
    let of = |server: &KeyServer| json!({ "iss": server.url("") });
    let for_partners = json!({ "iss": partner.url(""), "aud": "partners" });
    assert_accepted(&client, &ours.token_with(&of(&staff)));
    assert_accepted(&client, &theirs.token_with(&for_partners));
    assert_refused(&client, &theirs.token_with(&of(&staff)), "signature does not match");
    assert_refused(&client, &ours.token_with(&for_partners), "signature does not match");
    assert_refused(&client, &theirs.token_with(&of(&partner)), "claim `aud` is missing");
    // An unknown id at one of them is no reason to ask the other.
    let token = ours.named("unknown", &of(&staff));
    assert_refused(&client, &token, "header names another key");
    assert_eq!((staff.asked(KEYS), partner.asked(KEYS)), (2, 1));
}
