//! What is proved of a provider before the port opens.

use passport_rocket_tests::{refusal, release_figment};

use super::*;

#[test]
fn a_provider_that_cannot_be_reached_refuses_launch() {
    let server = KeyServer::start();
    let (key, elsewhere) = (ProviderKey::new("a"), KeyServer::start());
    elsewhere.set(KEYS, set(&[&key]));
    for (answer, why) in [
        (Answer::Status(503), "the answer is 503"),
        (Answer::Closed, ""),
        (Answer::Endless, "the answer is larger than it may be"),
        (Answer::Redirect(elsewhere.url(KEYS)), "the answer is 302, and redirects are not"),
    ] {
        server.set(KEYS, answer);
        let report = refusal(rocket(figment(&remote_table(&server, ""))));
        let place = format!("`passport.jwt.jwks_url`: no keys from {}: {why}", server.url(KEYS));
        assert!(report.contains(&place), "{report}");
        assert!(report.contains("in TOML source string, profile `default`"), "{report}");
        assert!(report.contains("set `jwks_at_launch = \"warn\"` to start without"), "{report}");
    }
    assert_eq!(elsewhere.asked(KEYS), 0);
}

#[test]
fn a_provider_that_takes_its_time_is_one_that_cannot_be_reached() {
    let server = KeyServer::start();
    server.set(KEYS, Answer::Silent);
    let report = refusal(rocket(figment(&remote_table(&server, "jwks_timeout = '100ms'"))));
    assert!(report.contains("`passport.jwt.jwks_url`: no keys from"), "{report}");
}

#[test]
fn or_is_warned_of_by_configuration() {
    let (server, key) = (KeyServer::start(), ProviderKey::new("a"));
    let clock = clock();
    let toml = remote_table(&server, "jwks_at_launch = 'warn'");
    let (client, lines) = log::capture(|| client(rocket_at(figment(&toml), &clock)));
    let warning = "passport::jwt WARN: `passport.jwt.jwks_url`: no keys from";
    let lines: Vec<_> = lines.iter().filter(|line| line.starts_with(warning)).collect();
    assert_eq!(lines.len(), 1);
    assert!(lines[0].contains("503 until they are there"), "{lines:?}");
    assert_answer(&client, &key.token(), Status::ServiceUnavailable);
    server.set(KEYS, set(&[&key]));
    assert_answer(&client, &key.token(), Status::ServiceUnavailable);
    clock.advance(Duration::from_secs(30));
    assert_answer(&client, &key.token(), Status::Ok);
}

// R16
#[test]
fn a_set_that_is_no_good_refuses_launch_whatever_is_configured() {
    let server = KeyServer::start();
    let mut private = ProviderKey::new("a").jwk;
    private["d"] = json!("c2VjcmV0");
    for (answer, why) in [
        (json!({ "keys": [private] }), "key `a` holds a private member"),
        (json!({ "keys": [] }), "no key in it is of use for `algorithm`"),
        (json!({ "keys": [{ "kty": "RSA" }] }), "no key in it is of use for `algorithm`"),
        (json!([]), "no JSON Web Key Set"),
    ] {
        server.set(KEYS, Answer::Body(answer.to_string()));
        for at_launch in ["warn", "require"] {
            let more = format!("jwks_at_launch = '{at_launch}'");
            let report = refusal(rocket(figment(&remote_table(&server, &more))));
            assert!(report.contains(why), "{report}");
            assert!(!report.contains("c2VjcmV0"), "{report}");
        }
    }
}

// R15: only the debug profile, and only to this machine.
#[test]
fn plain_http_is_for_this_machine_and_the_debug_profile() {
    let server = KeyServer::start();
    server.set(KEYS, set(&[&ProviderKey::new("a")]));
    let report = refusal(rocket(release_figment(&remote_table(&server, ""))));
    assert!(report.contains("`passport.jwt.jwks_url`: not over HTTPS"), "{report}");
    assert_eq!(server.asked(KEYS), 0);
    for url in ["http://idp.example/keys", "ftp://idp.example/keys", "idp.example", "https://a@b/k"]
    {
        let toml = format!("[default.passport.jwt]\nalgorithm = 'ES256'\njwks_url = '{url}'");
        let report = refusal(rocket(figment(&toml)));
        assert!(report.contains("`passport.jwt.jwks_url`: "), "{report}");
        assert!(!report.contains(url), "{report}");
    }
}

#[test]
fn a_set_has_names_and_an_algorithm_to_be_told() {
    let server = KeyServer::start();
    server.set(KEYS, set(&[&ProviderKey::new("a")]));
    let report = refusal(rocket(figment(&remote_table(&server, "key_id = 'a'"))));
    assert!(report.contains("`passport.jwt.key_id`: names one key"), "{report}");
    let toml = format!("[default.passport.jwt]\njwks_url = '{}'", server.url(KEYS));
    let report = refusal(rocket(figment(&toml)));
    assert!(report.contains("`passport.jwt.algorithm`: missing"), "{report}");
    assert_eq!(server.asked(KEYS), 0, "nothing is fetched for a table that is wrong");
}

#[test]
fn two_strategies_may_share_a_provider_but_no_audience() {
    #[protect(strategy = "partner")]
    #[get("/partner")]
    fn partner(user: User<Account>) -> String {
        user.name.clone()
    }

    let (server, key) = (KeyServer::start(), ProviderKey::new("a"));
    server.set(KEYS, set(&[&key]));
    let rocket = |mine: &str, theirs: &str| {
        let toml = remote_table(&server, mine)
            + &remote_table(&server, theirs).replace("passport.jwt", "passport.partner");
        super::rocket(figment(&toml))
            .attach(Jwt::<Account>::fairing("partner"))
            .mount("/", routes![partner])
    };
    let client = client(rocket("audience = 'mine'", "audience = 'theirs'"));
    let token = key.token_with(&json!({ "aud": "mine" }));
    assert_eq!(status(&client, &token), Status::Ok);
    let response = client.get("/partner").header(bearer(token)).dispatch();
    assert_eq!(response.status(), Status::Unauthorized);
    for (mine, theirs) in [("audience = 'mine'", "audience = ['theirs', 'mine']"), ("", "")] {
        let report = refusal(rocket(mine, theirs));
        assert!(report.contains("strategies `jwt` and `partner` share a key"), "{report}");
    }
}
