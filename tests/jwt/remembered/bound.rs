//! How much is kept: entries and bytes are bounded, whoever signs in. A claims type that counts
//! itself tells how many there are.

use super::*;

/// Claims that are the user, and know how many of them there are for one test.
pub(super) struct Counted<const TEST: usize>;

static ALIVE: [AtomicUsize; 5] = [const { AtomicUsize::new(0) }; 5];

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
