//! The application is asked on every request: whatever it says may be otherwise a moment later.

use std::sync::Arc;

use passport_rocket::{Denial, Error};

use super::*;

#[test]
fn a_check_judges_a_seen_token_on_each_request_and_can_refuse_it() {
    for key in each_key() {
        let (asked, is_revoked) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let (count, revoked) = (Arc::clone(&asked), Arc::clone(&is_revoked));
        let jwt = Jwt::<Account>::fairing("jwt").check(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            match revoked.load(Ordering::SeqCst) {
                true => Err(Denial::rejected("revoked")),
                false => Ok(()),
            }
        });
        let client = client(bare(&table_of(&key, ""), &clock()).attach(jwt));
        let token = key.token();
        assert_seen(&client, &token);
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        is_revoked.store(true, Ordering::SeqCst);
        assert_refused(&client, &token, "revoked");
        assert_eq!(asked.load(Ordering::SeqCst), 3);
        is_revoked.store(false, Ordering::SeqCst);
        assert_seen(&client, &token);
        assert_eq!(asked.load(Ordering::SeqCst), 5);
    }
}

#[test]
fn a_token_that_a_check_refuses_at_first_is_judged_by_it_again() {
    for key in each_key() {
        let is_known = Arc::new(AtomicBool::new(false));
        let known = Arc::clone(&is_known);
        let jwt = Jwt::<Account>::fairing("jwt").check(move |_| {
            known.load(Ordering::SeqCst).then_some(()).ok_or(Denial::rejected("unknown"))
        });
        let client = client(bare(&table_of(&key, ""), &clock()).attach(jwt));
        let token = key.token();
        assert_refused(&client, &token, "unknown");
        assert_refused(&client, &token, "unknown");
        is_known.store(true, Ordering::SeqCst);
        assert_accepted(&client, &token);
    }
}

/// Accounts as they are at the moment.
#[derive(Default)]
struct Store {
    asked: AtomicUsize,
    state: Mutex<&'static str>,
}

impl Store {
    fn find(&self, claims: &Account) -> Result<Option<Account>, Error> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match *self.state.lock().unwrap() {
            "down" => Err(Error::unavailable("find an account", "connection refused")),
            "closed" => Ok(None),
            // Whoever is found, by whatever name.
            "" => Ok(Some(claims.clone())),
            name => Ok(Some(Account { name: name.to_owned() })),
        }
    }
}

#[test]
fn a_verifier_looks_up_the_user_of_a_seen_token_on_each_request() {
    for key in each_key() {
        let store = Arc::new(Store::default());
        let asked = Arc::clone(&store);
        let jwt = Jwt::fairing("jwt").verify(move |claims: Account| asked.find(&claims));
        let client = client(bare(&table_of(&key, ""), &clock()).attach(jwt));
        let token = key.token();
        let become_so = |state| *store.state.lock().unwrap() = state;
        let ask = || seen(client.get("/me").header(bearer(&token)).dispatch());
        assert_seen(&client, &token);
        assert_eq!(store.asked.load(Ordering::SeqCst), 2);
        become_so("ada lovelace");
        assert_eq!(ask().body, "ada lovelace");
        become_so("closed");
        assert_refused(&client, &token, "the verifier knows nobody like that");
        become_so("down");
        assert_eq!(ask().status, Status::ServiceUnavailable);
        become_so("");
        assert_eq!(ask().body, "ada");
        assert_eq!(store.asked.load(Ordering::SeqCst), 6);
    }
}

// The verifier is given claims of its own each time, and what it makes of them is nobody else's.
#[test]
fn a_verifier_is_given_the_claims_of_a_seen_token_as_they_were() {
    for key in each_key() {
        let given = Arc::new(Mutex::new(Vec::new()));
        let giving = Arc::clone(&given);
        let jwt = Jwt::fairing("jwt").verify(move |claims: Value| {
            giving.lock().unwrap().push(claims.clone());
            Some(Account { name: claims["name"].as_str()?.to_owned() })
        });
        let client = client(bare(&table_of(&key, ""), &clock()).attach(jwt));
        let token = key.token_with(&json!({ "of": [{ "depth": 1.5 }, null, "\u{0}ß"] }));
        assert_seen(&client, &token);
        assert_eq!(*given.lock().unwrap(), [payload(&token), payload(&token)]);
    }
}

// A type that reads one text in two ways: as if for the first time, with the same answer.
#[test]
fn claims_that_cannot_be_read_the_second_time_are_refused_as_at_first() {
    static IS_MOODY: AtomicBool = AtomicBool::new(false);

    #[derive(Clone)]
    struct Moody(Account);

    impl<'de> Deserialize<'de> for Moody {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let account = Account::deserialize(deserializer)?;
            match IS_MOODY.load(Ordering::SeqCst) {
                true => Err(serde::de::Error::custom("not today")),
                false => Ok(Self(account)),
            }
        }
    }

    let key = es256("a");
    let jwt = Jwt::fairing("jwt").verify(|claims: Moody| Some(claims.0));
    let client = client(bare(&table_of(&key, ""), &clock()).attach(jwt));
    let (seen, new) = (key.token(), key.token_with(&json!({ "jti": "new" })));
    assert_seen(&client, &seen);
    IS_MOODY.store(true, Ordering::SeqCst);
    let why = |token: &str| {
        let request = client.get("/me").header(bearer(token));
        let (status, lines) = log::capture(|| request.dispatch().status());
        assert_eq!(status, Status::Unauthorized);
        let line = lines.iter().find_map(|line| line.split_once(" failed: jwt: ")).expect("why");
        line.1.to_owned()
    };
    assert_eq!(why(&seen), why(&new));
    IS_MOODY.store(false, Ordering::SeqCst);
    assert_seen(&client, &seen);
}
