//! Keys that a provider publishes: what a key has proved goes with it, whatever the next one is called.

use passport_rocket_tests::key_server::{Answer, KeyServer};

use super::bound::Counted;
use super::*;

const KEYS: &str = "/keys";

fn set_of(keys: &[&Made]) -> Answer {
    Answer::Body(set(keys.iter().map(|key| &key.public)))
}

fn table_of(server: &KeyServer) -> String {
    format!(
        "[default.passport.jwt]\nalgorithm = ['ES256', 'EdDSA']\njwks_url = '{}'\n",
        server.url(KEYS)
    )
}

fn trusting(server: &KeyServer) -> (Client, MovableClock) {
    let clock = clock();
    (client_of(&table_of(server), &clock), clock)
}

/// A token that outlives the test.
fn lasting(key: &Made) -> String {
    key.token_with(&json!({ "exp": NOW + 86_400 }))
}

/// The set is old.
fn age(clock: &MovableClock) {
    clock.advance(Duration::from_secs(11 * 60));
}

#[test]
fn a_key_that_leaves_the_set_takes_its_tokens_along() {
    let (server, old, new) = (KeyServer::start(), es256("old"), ed25519("new"));
    server.set(KEYS, set_of(&[&old, &new]));
    let (client, clock) = trusting(&server);
    let (by_old, by_new) = (lasting(&old), lasting(&new));
    assert_seen(&client, &by_old);
    assert_seen(&client, &by_new);
    server.set(KEYS, set_of(&[&new]));
    age(&clock);
    assert_refused(&client, &by_old, "header names another key");
    assert_accepted(&client, &by_new);
    assert_seen(&client, &by_new);
}

#[test]
fn a_key_of_the_same_name_believes_nothing_that_another_proved() {
    let (server, one, other) = (KeyServer::start(), es256("a"), es256("a"));
    server.set(KEYS, set_of(&[&one]));
    let (client, clock) = trusting(&server);
    let token = lasting(&one);
    assert_seen(&client, &token);
    server.set(KEYS, set_of(&[&other]));
    age(&clock);
    assert_refused(&client, &token, "signature does not match");
    assert_seen(&client, &lasting(&other));
    server.set(KEYS, set_of(&[&one]));
    age(&clock);
    assert_refused(&client, &lasting(&other), "signature does not match");
    assert_seen(&client, &token);
}

// R02: nor where the name is now one of another algorithm.
#[test]
fn a_key_of_the_same_name_and_another_algorithm_refuses_a_seen_token() {
    let (server, one, other) = (KeyServer::start(), es256("a"), ed25519("a"));
    server.set(KEYS, set_of(&[&one]));
    let (client, clock) = trusting(&server);
    let token = lasting(&one);
    assert_seen(&client, &token);
    server.set(KEYS, set_of(&[&other]));
    age(&clock);
    assert_refused(&client, &token, "algorithm is not EdDSA");
}

#[test]
fn the_same_keys_fetched_again_refuse_nobody() {
    let (server, one, other) = (KeyServer::start(), es256("a"), ed25519("b"));
    server.set(KEYS, set_of(&[&one, &other]));
    let (client, clock) = trusting(&server);
    let tokens = [lasting(&one), lasting(&other)];
    for fetches in 1..5 {
        assert_eq!(server.asked(KEYS), fetches);
        for token in &tokens {
            assert_accepted(&client, token);
            assert_seen(&client, token);
        }
        age(&clock);
        assert_accepted(&client, &tokens[0]);
    }
}

// While the provider is down, the last set is the one that counts, and so is what it proved.
#[test]
fn a_seen_token_is_accepted_as_long_as_the_last_set_is() {
    let (server, key) = (KeyServer::start(), es256("a"));
    server.set(KEYS, set_of(&[&key]));
    let (client, clock) = trusting(&server);
    let token = key.token_with(&json!({ "exp": NOW + 7 * 86_400 }));
    assert_seen(&client, &token);
    server.set(KEYS, Answer::Status(500));
    clock.advance(Duration::from_secs(23 * 3_600));
    assert_seen(&client, &token);
    clock.advance(Duration::from_secs(2 * 3_600));
    assert_eq!(status(&client, &token), Status::ServiceUnavailable);
}

#[test]
fn what_a_key_proved_is_dropped_with_it() {
    #[protect(strategy = "jwt")]
    #[get("/counted")]
    fn welcome(_user: User<Guest>) {}

    type Guest = Counted<2>;
    let (server, old, new) = (KeyServer::start(), es256("old"), es256("new"));
    server.set(KEYS, set_of(&[&old]));
    let clock = clock();
    let rocket = empty(&table_of(&server), &clock).mount("/", routes![welcome]);
    let client = client(rocket.attach(Jwt::<Guest>::fairing("jwt")));
    let sign_in = |token: &str| client.get("/counted").header(bearer(token)).dispatch().status();
    for number in 0..20 {
        let claims = json!({ "exp": NOW + 86_400, "jti": number.to_string() });
        assert_eq!(sign_in(&old.token_with(&claims)), Status::Ok);
    }
    assert_eq!(Guest::alive(), 20);
    server.set(KEYS, set_of(&[&new]));
    age(&clock);
    assert_eq!(sign_in(&lasting(&new)), Status::Ok);
    assert_eq!(Guest::alive(), 1);
}

// A forged `kid` causes a fetch, and anybody can forge one.
#[test]
fn a_set_that_comes_again_forgets_nothing_that_its_keys_proved() {
    #[protect(strategy = "jwt")]
    #[get("/counted")]
    fn regular(_user: User<Regular>) {}

    type Regular = Counted<7>;
    let (server, key, other) = (KeyServer::start(), es256("a"), ed25519("b"));
    server.set(KEYS, set_of(&[&key, &other]));
    let clock = clock();
    let rocket = empty(&table_of(&server), &clock).mount("/", routes![regular]);
    let client = client(rocket.attach(Jwt::<Regular>::fairing("jwt")));
    let sign_in = |token: &str| client.get("/counted").header(bearer(token)).dispatch().status();
    assert_eq!(sign_in(&lasting(&key)), Status::Ok);
    assert_eq!(Regular::alive(), 1);
    assert_eq!(sign_in(&lasting(&es256("forged"))), Status::Unauthorized);
    assert_eq!(server.asked(KEYS), 2);
    assert_eq!(Regular::alive(), 1);
    age(&clock);
    assert_eq!(sign_in(&lasting(&other)), Status::Ok);
    assert_eq!(server.asked(KEYS), 3);
    assert_eq!(Regular::alive(), 2);
}
