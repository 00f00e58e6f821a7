//! How much is kept: entries and bytes are bounded, whoever signs in. A claims type that counts
//! itself tells how many there are.

use super::*;

/// Claims that are the user, and know how many of them there are for one test.
pub(super) struct Counted<const TEST: usize>;

static ALIVE: [AtomicUsize; 8] = [const { AtomicUsize::new(0) }; 8];

impl<const TEST: usize> Counted<TEST> {
    pub(super) fn alive() -> usize {
        ALIVE[TEST].load(Ordering::SeqCst)
    }
}

impl<'de, const TEST: usize> Deserialize<'de> for Counted<TEST> {
    fn deserialize<D: serde::Deserializer<'de>>(claims: D) -> Result<Self, D::Error> {
        serde::de::IgnoredAny::deserialize(claims)?;
        ALIVE[TEST].fetch_add(1, Ordering::SeqCst);
        Ok(Self)
    }
}

impl<const TEST: usize> Drop for Counted<TEST> {
    fn drop(&mut self) {
        ALIVE[TEST].fetch_sub(1, Ordering::SeqCst);
    }
}

#[track_caller]
fn sign_in(client: &Client, token: &str) {
    let answer = client.get("/counted").header(bearer(token)).dispatch();
    assert_eq!(answer.status(), Status::Ok, "{token}");
}

#[test]
fn a_flood_of_honest_tokens_stays_within_the_bound() {
    #[protect(strategy = "jwt")]
    #[get("/counted")]
    fn aboard(_user: User<Passenger>) {}

    type Passenger = Counted<0>;
    let key = hs256("a", SECRET);
    let table = table_of(&key, "").replace("1 MiB", "64 KiB");
    let rocket = empty(&table, &clock()).mount("/", routes![aboard]);
    let client = client(rocket.attach(Jwt::<Passenger>::fairing("jwt")));
    for number in 0..2_000 {
        sign_in(&client, &key.token_with(&json!({ "jti": number.to_string() })));
        let kept = Passenger::alive();
        // No entry takes less than its own links.
        assert!(kept <= 64 * 1024 / 512, "{kept} after {number}");
    }
    assert!(Passenger::alive() > 8);
    drop(client);
    assert_eq!(Passenger::alive(), 0);
}

// A long token takes the place of many short ones.
#[test]
fn it_is_bytes_that_are_bounded() {
    #[protect(strategy = "jwt")]
    #[get("/counted")]
    fn stowed(_user: User<Crate>) {}

    type Crate = Counted<1>;
    let key = hs256("a", SECRET);
    let table = table_of(&key, "").replace("1 MiB", "64 KiB");
    let rocket = empty(&table, &clock()).mount("/", routes![stowed]);
    let client = client(rocket.attach(Jwt::<Crate>::fairing("jwt")));
    for number in 0..100 {
        let claims = json!({ "jti": number.to_string(), "pad": "x".repeat(4_000) });
        sign_in(&client, &key.token_with(&claims));
        let kept = Crate::alive();
        assert!(kept <= 64 * 1024 / 8_000, "{kept} after {number}");
    }
}

// An entry that is larger than all of the memory is none, and nobody is refused for it.
#[test]
fn a_token_that_does_not_fit_is_accepted_and_not_remembered() {
    let key = hs256("a", SECRET);
    let toml = "max_token_size = '1 MiB'";
    let table = table_of(&key, toml).replace("'1 MiB'\nmax", "'64 KiB'\nmax");
    assert!(table.contains("remember_tokens = '64 KiB'"));
    let client = client_of(&table, &clock());
    assert_seen(&client, &key.token());
    let large = key.token_with(&json!({ "pad": "x".repeat(100_000) }));
    assert!(!is_remembered(&client, &large));
    assert_seen(&client, &key.token());
}

#[test]
fn a_token_that_is_over_takes_nobodys_place() {
    #[protect(strategy = "jwt")]
    #[get("/counted")]
    fn waiting(_user: User<Waiting>) {}

    type Waiting = Counted<5>;
    let (key, clock) = (es256("a"), clock());
    let rocket = empty(&table_of(&key, ""), &clock).mount("/", routes![waiting]);
    let client = client(rocket.attach(Jwt::<Waiting>::fairing("jwt")));
    let token = key.token_with(&json!({ "exp": NOW + 60 }));
    sign_in(&client, &token);
    assert_eq!(Waiting::alive(), 1);
    clock.advance(Duration::from_secs(60));
    assert_refused_at("/counted", &client, &token);
    assert_eq!(Waiting::alive(), 0);
}

#[test]
fn a_token_that_a_check_refuses_takes_nobodys_place() {
    #[protect(strategy = "jwt")]
    #[get("/counted")]
    fn turned_away(_user: User<Turned>) {}

    type Turned = Counted<6>;
    let key = es256("a");
    let rocket = empty(&table_of(&key, ""), &clock()).mount("/", routes![turned_away]);
    let jwt = Jwt::<Turned>::fairing("jwt").check(|_| Err(passport_rocket::Denial::rejected("no")));
    let client = client(rocket.attach(jwt));
    assert_refused_at("/counted", &client, &key.token());
    assert_eq!(Turned::alive(), 0);
}

#[track_caller]
fn assert_refused_at(path: &'static str, client: &Client, token: &str) {
    let answer = client.get(path).header(bearer(token)).dispatch();
    assert_eq!(answer.status(), Status::Unauthorized);
}
