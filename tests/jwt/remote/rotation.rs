//! Sets that change, and tokens that name keys which nobody has.

use rocket::futures::future::join_all;
use rocket::local::asynchronous;

use super::*;

#[test]
fn keys_are_fetched_once_and_kept() {
    let (server, key) = (KeyServer::start(), ProviderKey::new("a"));
    server.set(KEYS, set(&[&key]));
    let (client, clock) = trusting(&server, "");
    assert_eq!(server.asked(KEYS), 1, "before the first request");
    for _ in 0..100 {
        assert_accepted(&client, &key.token());
    }
    clock.advance(minutes(7));
    assert_accepted(&client, &key.token());
    assert_eq!(server.asked(KEYS), 1);
}

// Trap 11, R16
#[test]
fn a_rotation_costs_one_fetch_and_no_refusal() {
    let (server, old, new) = (KeyServer::start(), ProviderKey::new("old"), ProviderKey::new("new"));
    server.set(KEYS, set(&[&old]));
    let (client, _) = trusting(&server, "");
    assert_accepted(&client, &old.token());
    server.set(KEYS, set(&[&new, &old]));
    for _ in 0..50 {
        assert_accepted(&client, &new.token());
        assert_accepted(&client, &old.token());
    }
    assert_eq!(server.asked(KEYS), 2);
    // The old key is withdrawn: once the set is old, its tokens are refused.
    server.set(KEYS, set(&[&new]));
    let (client, clock) = trusting(&server, "");
    assert_answer(&client, &old.token(), Status::Unauthorized);
    clock.advance(minutes(11));
    assert_answer(&client, &old.token(), Status::Unauthorized);
    assert_accepted(&client, &new.token());
}

// R15, trap 11
#[test]
fn ten_thousand_forged_ids_cost_one_fetch_in_a_cooldown() {
    let (server, key, forger) =
        (KeyServer::start(), ProviderKey::new("a"), ProviderKey::new("forged"));
    server.set(KEYS, set(&[&key]));
    let (client, clock) = trusting(&server, "");
    let flood = |from: usize| {
        for number in from..from + 5_000 {
            let token = forger.named(&format!("forged-{number}"), &json!({}));
            assert_eq!(status(&client, &token), Status::Unauthorized);
        }
    };
    flood(0);
    assert_eq!(server.asked(KEYS), 2, "at launch, and for the first forged one");
    clock.advance(Duration::from_secs(29));
    flood(5_000);
    assert_eq!(server.asked(KEYS), 2);
    assert_accepted(&client, &key.token());
    clock.advance(Duration::from_secs(1));
    flood(10_000);
    assert_eq!(server.asked(KEYS), 3);
    assert_eq!(runs(&client), 2);
}

#[test]
fn a_forged_id_says_in_the_log_that_the_set_does_not_have_it() {
    let (server, key) = (KeyServer::start(), ProviderKey::new("a"));
    server.set(KEYS, set(&[&key]));
    let (client, _) = trusting(&server, "");
    assert_refused(&client, &key.named("b", &json!({})), "header names another key");
    // R02: the id of the set's key, and an algorithm that is not the key's.
    let token = key.token();
    let (_, rest) = token.split_once('.').unwrap();
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","kid":"a"}"#);
    assert_refused(&client, &format!("{header}.{rest}"), "algorithm is not ES256");
}

// R15: whoever comes first fetches, everybody else waits for that one fetch.
#[test]
fn a_hundred_requests_at_once_cause_one_fetch() {
    let (server, old, new) = (KeyServer::start(), ProviderKey::new("old"), ProviderKey::new("new"));
    server.set(KEYS, set(&[&old]));
    rocket::async_test(async {
        let clock = clock();
        let rocket = rocket_at(figment(&remote_table(&server, "")), &clock);
        let client = asynchronous::Client::debug(rocket).await.unwrap();
        for (round, advance) in [(1, 0), (2, 11)] {
            server.set(KEYS, set(&[&new, &old]));
            clock.advance(minutes(advance));
            let requests = (0..100).map(|number| {
                let token = if number % 2 == 0 { new.token() } else { old.token() };
                client.get("/me").header(bearer(token)).dispatch()
            });
            for response in join_all(requests).await {
                assert_eq!(response.status(), Status::Ok);
            }
            assert_eq!(server.asked(KEYS), 1 + round, "round {round}");
        }
    });
}

// R15
#[test]
fn a_set_is_renewed_in_the_background_before_it_is_old() {
    let (server, old, new) = (KeyServer::start(), ProviderKey::new("old"), ProviderKey::new("new"));
    server.set(KEYS, set(&[&old]));
    let (client, clock) = trusting(&server, "");
    // Whoever waited for this answer would wait for long.
    server.set(KEYS, Answer::Silent);
    clock.advance(Duration::from_secs(450));
    assert_accepted(&client, &old.token());
    until("the set is asked for", || server.asked(KEYS) == 2);
    assert_accepted(&client, &old.token());
    assert_eq!(server.asked(KEYS), 2, "one fetch at a time");

    let (client, clock) = {
        server.set(KEYS, set(&[&old]));
        trusting(&server, "")
    };
    server.set(KEYS, set(&[&new]));
    let before = server.asked(KEYS);
    clock.advance(Duration::from_secs(449));
    assert_accepted(&client, &old.token());
    assert_eq!(server.asked(KEYS), before);
    clock.advance(Duration::from_secs(1));
    assert_eq!(status(&client, &old.token()), Status::Ok);
    until("the new set is there", || status(&client, &old.token()) == Status::Unauthorized);
    assert_accepted(&client, &new.token());
}

#[test]
fn the_provider_may_say_that_a_set_ages_faster() {
    let (server, key) = (KeyServer::start(), ProviderKey::new("a"));
    // RFC 9111 section 5.2: directives compare without regard to case.
    for said in ["public, max-age=60", "Public, Max-Age=\"60\""] {
        server.set(KEYS, Answer::Cached(set_text(&[&key]), said));
        let (client, clock) = trusting(&server, "");
        let before = server.asked(KEYS);
        clock.advance(Duration::from_secs(61));
        assert_accepted(&client, &key.token());
        assert_eq!(server.asked(KEYS), before + 1, "{said}");
    }
    // Neither slower than configured, nor so fast that each request would fetch.
    for (said, lifetime) in [("max-age=86400", 600), ("max-age=0", 30)] {
        server.set(KEYS, Answer::Cached(set_text(&[&key]), said));
        let (client, clock) = trusting(&server, "");
        let before = server.asked(KEYS);
        clock.advance(Duration::from_secs(lifetime / 2));
        assert_accepted(&client, &key.token());
        assert_eq!(server.asked(KEYS), before, "{said}");
        clock.advance(Duration::from_secs(lifetime));
        assert_accepted(&client, &key.token());
        assert_eq!(server.asked(KEYS), before + 1, "{said}");
    }
}

#[test]
fn a_clock_that_is_set_back_keeps_no_set_forever() {
    let (server, key) = (KeyServer::start(), ProviderKey::new("a"));
    server.set(KEYS, set(&[&key]));
    let (client, clock) = trusting(&server, "");
    clock.set(SystemTime::UNIX_EPOCH + Duration::from_secs(NOW - 3_600));
    assert_accepted(&client, &key.token());
    assert_eq!(server.asked(KEYS), 2);
}

// What is of use to others is left aside (RFC 7517 section 5), and what is weak as well.
#[test]
fn entries_that_are_of_no_use_do_not_spoil_a_set() {
    let (server, key) = (KeyServer::start(), ProviderKey::new("a"));
    let mut wrong = ProviderKey::new("wrong").jwk;
    wrong["y"] = json!("AAAA");
    let mut encrypts = ProviderKey::new("encrypts").jwk;
    encrypts["use"] = json!("enc");
    let keys = json!({ "keys": [
        { "kty": "unheard of" },
        { "kty": "RSA", "alg": "RS256", "kid": "other", "n": "AQAB", "e": "AQAB" },
        { "kty": 7 },
        "no key",
        wrong,
        encrypts,
        key.jwk,
    ] });
    server.set(KEYS, Answer::Body(keys.to_string()));
    let (client, _) = trusting(&server, "");
    assert_accepted(&client, &key.token());
    let encrypts = ProviderKey::new("encrypts");
    assert_answer(&client, &encrypts.token(), Status::Unauthorized);
}
