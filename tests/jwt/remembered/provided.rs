//! Keys that the application provides: what was proved counts for the very key that is found now.

use std::sync::Arc;

use super::bound::Counted;
use super::*;

type Provider = dyn Fn() -> Option<Key> + Send + Sync;

/// An application whose keys are found by `provider`, at the moment.
fn providing(provider: Arc<Mutex<Box<Provider>>>) -> Client {
    let find = move |_: passport_rocket::Unverified| (provider.lock().unwrap())();
    let jwt = Jwt::<Account>::fairing("jwt").keys(find);
    client(bare("[default.passport.jwt]\n", &clock()).attach(jwt))
}

fn found(provider: impl Fn() -> Option<Key> + Send + Sync + 'static) -> Box<Provider> {
    Box::new(provider)
}

fn key_of(made: &Made) -> Key {
    let algorithm = made.public["alg"].as_str().unwrap();
    Key::from_jwk(algorithm, &made.public.to_string()).unwrap()
}

#[test]
fn a_provider_that_keeps_its_key_has_seen_tokens() {
    for made in [es256("a"), ed25519("a")] {
        let key = key_of(&made);
        let client = providing(Arc::new(Mutex::new(found(move || Some(key.clone())))));
        assert_seen(&client, &made.token());
        let token = made.token();
        assert_seen(&client, &token);
        assert_accepted(&client, &token);
    }
}

#[test]
fn a_provider_that_makes_its_key_anew_has_none_and_refuses_nobody() {
    for made in [es256("a"), ed25519("a")] {
        let token = made.token();
        let client = providing(Arc::new(Mutex::new(found(move || Some(key_of(&made))))));
        for _ in 0..3 {
            assert!(!is_remembered(&client, &token));
        }
        assert_accepted(&client, &token);
    }
}

// It would be there for nobody.
#[test]
fn nothing_is_kept_of_what_a_key_proves_that_is_made_anew() {
    #[protect(strategy = "jwt")]
    #[get("/counted")]
    fn pass(_user: User<Passer>) {}

    type Passer = Counted<3>;

    let made = es256("a");
    let token = made.token();
    let jwt = Jwt::<Passer>::fairing("jwt")
        .keys(move |_: passport_rocket::Unverified| Some(key_of(&made)));
    let rocket = empty("[default.passport.jwt]\n", &clock()).mount("/", routes![pass]);
    let client = client(rocket.attach(jwt));
    for _ in 0..3 {
        let answer = client.get("/counted").header(bearer(&token)).dispatch();
        assert_eq!(answer.status(), Status::Ok);
    }
    assert_eq!(Passer::alive(), 0);
}

#[test]
fn a_provider_that_has_no_key_any_more_takes_its_tokens_along() {
    let made = es256("a");
    let key = key_of(&made);
    let held = key.clone();
    let provider = Arc::new(Mutex::new(found(move || Some(key.clone()))));
    let client = providing(Arc::clone(&provider));
    let token = made.token();
    assert_seen(&client, &token);
    let before = std::mem::replace(&mut *provider.lock().unwrap(), found(|| None));
    assert_refused(&client, &token, "the key provider has no key for it");
    let other = key_of(&es256("a"));
    *provider.lock().unwrap() = found(move || Some(other.clone()));
    assert_refused(&client, &token, "signature does not match");
    let other = key_of(&ed25519("a"));
    *provider.lock().unwrap() = found(move || Some(other.clone()));
    assert_refused(&client, &token, "algorithm is not EdDSA");
    let other = key_of(&es256("b"));
    *provider.lock().unwrap() = found(move || Some(other.clone()));
    assert_refused(&client, &token, "header names another key");
    *provider.lock().unwrap() = before;
    assert_seen(&client, &token);
    drop(held);
}

// Another key object of the same material proves it anew, and takes over.
#[test]
fn a_key_that_is_made_again_is_another_one_and_refuses_nobody() {
    let made = es256("a");
    let (one, other) = (key_of(&made), key_of(&made));
    let is_second = Arc::new(AtomicBool::new(false));
    let second = Arc::clone(&is_second);
    let find = move || Some(if second.load(Ordering::SeqCst) { &other } else { &one }.clone());
    let client = providing(Arc::new(Mutex::new(found(find))));
    let token = made.token();
    for is_second_now in [false, true, false, true] {
        is_second.store(is_second_now, Ordering::SeqCst);
        assert_accepted(&client, &token);
        assert_seen(&client, &token);
    }
}
