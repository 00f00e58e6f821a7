//! Tokens that were seen before (`remember_tokens`): what is remembered of them, and what is not.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use passport_rocket::testing::MovableClock;
use passport_rocket::{Key, TokenClaims};
use passport_rocket_tests::{figment_as_written, refusal};

use super::made::{Made, ed25519, es256, hs256, set};
use super::*;

mod asked;
mod bound;
mod changed;
mod forged;
mod issuers;
mod provided;
mod published;
mod said;
mod times;
mod together;

/// Users whom a test keeps, so that nothing else can have the address of what their tokens said.
#[derive(Default)]
struct Kept(Mutex<Vec<User<Account>>>);

#[protect(strategy = "jwt")]
#[get("/keep")]
fn keep(user: User<Account>, kept: &State<Kept>, ran: &State<Ran>) -> String {
    ran.count();
    kept.0.lock().unwrap().push(user.clone());
    user.name.clone()
}

/// An application in these tests, its clock and the key that signs for it.
struct World {
    key: Made,
    clock: MovableClock,
    client: Client,
}

/// The table of an application that trusts `key` and remembers: unasked, or because it says so.
fn table_of(key: &Made, toml: &str) -> String {
    let algorithm = key.private["alg"].as_str().unwrap();
    let keys = match key.public.is_null() {
        true => format!("private_jwks = '{}'\nremember_tokens = '1 MiB'", set([&key.private])),
        false => format!("jwks = '{}'", set([&key.public])),
    };
    format!("[default.passport.jwt]\nalgorithm = '{algorithm}'\n{keys}\n{toml}\n")
}

/// Key pairs and a secret.
fn each_key() -> [Made; 3] {
    [es256("a"), ed25519("a"), hs256("a", SECRET)]
}

/// An application with this table and nothing else.
fn empty(table: &str, clock: &MovableClock) -> Rocket<Build> {
    rocket::custom(figment_as_written(table)).manage(clock.clock())
}

/// One with handlers, but without its strategy.
fn bare(table: &str, clock: &MovableClock) -> Rocket<Build> {
    empty(table, clock).manage(Ran::default()).manage(Kept::default()).mount("/", routes![me, keep])
}

fn client_of(table: &str, clock: &MovableClock) -> Client {
    client(bare(table, clock).attach(Jwt::<Account>::fairing("jwt")))
}

impl World {
    fn of(key: Made, toml: &str) -> Self {
        let clock = clock();
        let client = client_of(&table_of(&key, toml), &clock);
        Self { key, clock, client }
    }

    /// One for each kind of key.
    fn each(toml: &str) -> impl Iterator<Item = Self> {
        each_key().into_iter().map(move |key| Self::of(key, toml))
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

/// Whether what is said of `token` now is what was said of it a moment ago, in the same place.
#[track_caller]
fn is_remembered(client: &Client, token: &str) -> bool {
    let kept = client.rocket().state::<Kept>().unwrap();
    for _ in 0..2 {
        let answer = client.get("/keep").header(bearer(token)).dispatch();
        assert_eq!(answer.status(), Status::Ok, "{token}");
    }
    let users = std::mem::take(&mut *kept.0.lock().unwrap());
    let [first, second] = users.as_slice() else { panic!("{} users", users.len()) };
    assert_eq!(first.name, second.name);
    let says = |user| std::ptr::from_ref(User::info::<TokenClaims>(user).unwrap());
    says(first) == says(second)
}

/// Whether an application that has no such route remembers `token`.
pub(super) fn remembers(rocket: Rocket<Build>, token: &str) -> bool {
    is_remembered(&client(rocket.manage(Kept::default()).mount("/", routes![keep])), token)
}

/// `token` is accepted, and remembered.
#[track_caller]
fn assert_seen(client: &Client, token: &str) {
    assert!(is_remembered(client, token), "{token}");
}

#[test]
fn tokens_of_key_pairs_are_remembered_unasked_and_those_of_secrets_only_if_told_so() {
    let pair = table_of(&es256("a"), "");
    assert!(!pair.contains("remember_tokens"));
    let said = |table: &str, size: &str| format!("{table}remember_tokens = {size}\n");
    for (secret, is_seen) in [
        (table(""), false),
        (said(&table(""), "0"), false),
        (said(&table(""), "'64 KiB'"), true),
        (said(&table(""), "65_536"), true),
    ] {
        assert_eq!(is_remembered(&client_of(&secret, &clock()), &foreign()), is_seen, "{secret}");
    }
    for (toml, is_seen) in [("", true), ("remember_tokens = 0", false)] {
        for key in [es256("a"), ed25519("a")] {
            let world = World::of(key, toml);
            assert_eq!(is_remembered(&world.client, &world.key.token()), is_seen, "{toml}");
        }
    }
}

#[test]
fn a_size_with_room_for_nothing_refuses_launch() {
    for size in ["1", "'1 B'", "65_535", "'63 KiB'", "'0.9 KiB'"] {
        let report = refusal(
            bare(&table(""), &clock())
                .configure(figment_as_written(&table(&format!("remember_tokens = {size}"))))
                .attach(Jwt::<Account>::fairing("jwt")),
        );
        let expected = "passport ERROR: launch refused, one mistake:\npassport ERROR: \
                        `passport.jwt.remember_tokens`: less than 64 KiB, which is room for a few \
                        tokens\n    in TOML source string, profile `default`\n    remove it for \
                        the default, or remember `0`";
        assert_eq!(report, expected, "{size}");
    }
}
