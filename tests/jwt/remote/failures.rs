//! A provider that fails: nobody gets in by it, nobody is called a forger for it, and it is not asked
//! by each request.

use super::*;

/// Every way to fail.
fn failures(elsewhere: &KeyServer) -> Vec<(&'static str, Answer)> {
    vec![
        ("it is down", Answer::Closed),
        ("it is slow", Answer::Silent),
        ("it sends without end", Answer::Endless),
        ("it redirects", Answer::Redirect(elsewhere.url(KEYS))),
        ("it is broken", Answer::Status(500)),
        ("it forgot", Answer::Status(404)),
        ("it says nothing", Answer::Status(204)),
        ("it sends garbage", Answer::Body("<html>".to_owned())),
        ("it sends an empty set", Answer::Body(r#"{"keys":[]}"#.to_owned())),
        ("it sends another thing", Answer::Body("[]".to_owned())),
        ("it says everything twice", Answer::Body(r#"{"keys":[],"keys":[]}"#.to_owned())),
    ]
}

// R15
#[test]
fn the_last_set_stays_in_use_for_a_bounded_time() {
    let (server, elsewhere) = (KeyServer::start(), KeyServer::start());
    let (key, new) = (ProviderKey::new("a"), ProviderKey::new("new"));
    elsewhere.set(KEYS, set(&[&new]));
    for (failure, answer) in failures(&elsewhere) {
        server.set(KEYS, set(&[&key]));
        let (client, clock) = trusting(&server, "jwks_timeout = '2s'");
        let before = server.asked(KEYS);
        server.set(KEYS, answer);
        clock.advance(minutes(11));
        assert_answer(&client, &key.token(), Status::Ok);
        assert_eq!(server.asked(KEYS), before + 1, "{failure}");
        // The next ones do not ask again before the cooldown is over.
        for _ in 0..10 {
            assert_answer(&client, &key.token(), Status::Ok);
            // It may be a new key, which only the provider knows: 503, and no 401.
            assert_answer(&client, &new.token(), Status::ServiceUnavailable);
        }
        assert_eq!(server.asked(KEYS), before + 1, "{failure}");
        clock.advance(Duration::from_secs(30));
        assert_answer(&client, &new.token(), Status::ServiceUnavailable);
        assert_eq!(server.asked(KEYS), before + 2, "{failure}");
        // A day after it was fetched, the set is no good.
        clock.advance(minutes(24 * 60));
        assert_answer(&client, &key.token(), Status::ServiceUnavailable);
        assert_answer(&client, "garbage", Status::Unauthorized);
        // It recovers by itself.
        server.set(KEYS, set(&[&new]));
        clock.advance(Duration::from_secs(30));
        assert_answer(&client, &new.token(), Status::Ok);
        assert_answer(&client, &key.token(), Status::Unauthorized);
    }
    assert_eq!(elsewhere.asked(KEYS), 0, "no redirect was followed");
}

// R16: what should be secret was published; the set is no good, whoever else is in it.
#[test]
fn a_set_with_a_private_key_is_not_taken() {
    let (server, key, new) = (KeyServer::start(), ProviderKey::new("a"), ProviderKey::new("b"));
    for member in ["d", "p", "q", "dp", "dq", "qi", "k"] {
        server.set(KEYS, set(&[&key]));
        let (client, _) = trusting(&server, "");
        let mut private = ProviderKey::new("private").jwk;
        private[member] = json!("c2VjcmV0");
        let leaking = json!({ "keys": [new.jwk, private] });
        server.set(KEYS, Answer::Body(leaking.to_string()));
        assert_eq!(status(&client, &new.token()), Status::ServiceUnavailable, "{member}");
        let lines = log::about(&server.url(KEYS));
        let line = lines.iter().find(|line| line.contains("private member")).expect("a line");
        assert!(line.starts_with("passport::jwt ERROR: jwt: keys of http://127.0.0.1:"), "{line}");
        assert!(!line.contains("c2VjcmV0"), "{line}");
        assert_answer(&client, &key.token(), Status::Ok);
    }
}

// R15
#[test]
fn the_operator_is_told_what_failed_and_what_that_means() {
    let key = ProviderKey::new("a");
    for (answer, why) in [
        (Answer::Status(500), "the answer is 500"),
        (Answer::Redirect("/elsewhere".to_owned()), "the answer is 302, and redirects are not"),
        (Answer::Endless, "the answer is larger than it may be"),
        (Answer::Body("{}".to_owned()), "no JSON Web Key Set"),
    ] {
        let server = KeyServer::start();
        server.set(KEYS, set(&[&key]));
        let (client, clock) = trusting(&server, "");
        server.set(KEYS, answer);
        clock.advance(minutes(11));
        assert_answer(&client, &key.token(), Status::Ok);
        let lines = log::about(&server.url(KEYS));
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with("passport::jwt ERROR: jwt: keys of"), "{lines:?}");
        assert!(lines[0].contains(why), "{lines:?}");
        assert!(lines[0].contains("stay in use for 1 d"), "{lines:?}");
    }
}

// R20's rule, held here as well: a backend that is down is never "anonymous".
#[test]
fn optional_is_no_way_around_a_provider_that_is_down() {
    #[protect(strategy = "jwt", optional)]
    #[get("/maybe")]
    fn maybe(user: Option<User<Account>>, ran: &State<Ran>) -> &'static str {
        ran.count();
        user.map_or("nobody", |_| "somebody")
    }

    let (server, key) = (KeyServer::start(), ProviderKey::new("a"));
    let toml = remote_table(&server, "jwks_at_launch = 'warn'");
    let client = client(rocket(figment(&toml)).mount("/", routes![maybe]));
    let response = client.get("/maybe").header(bearer(key.token())).dispatch();
    assert_eq!(response.status(), Status::ServiceUnavailable);
    assert_eq!(runs(&client), 0);
    assert_eq!(client.get("/maybe").dispatch().into_string().unwrap(), "nobody");
}
