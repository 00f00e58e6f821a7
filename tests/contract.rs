//! One contract over every strategy that comes with the crate: what a credential that is absent,
//! malformed, wrong, expired or forbidden leads to, a backend that is down, success, and users at
//! once. A refused request runs nothing, and its answer does not tell which secret was wrong.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use passport_rocket::testing::MovableClock;
use passport_rocket::{Credentials, Error, Jwt, Local, Principal, User, password, protect, verify};
use passport_rocket_tests::{Ran, client, figment};
use rocket::futures::future::join_all;
use rocket::http::{ContentType, Header, Status};
use rocket::local::asynchronous;
use rocket::local::blocking::{Client, LocalRequest};
use rocket::{Build, Rocket, State, get, post, routes};
use serde::{Deserialize, Serialize};

/// A user of every strategy here.
#[derive(Debug, Clone, PartialEq, Eq, Principal, Serialize, Deserialize)]
struct Account {
    #[principal(id)]
    name: String,
    #[principal(role)]
    role: String,
}

/// The application's store, which a test can take down.
struct Accounts {
    hash: String,
    down: AtomicBool,
}

impl Accounts {
    /// `user-0` … `user-99` exist, and `admin`.
    fn find(&self, name: &str) -> Result<Option<Account>, Error> {
        if self.down.load(Ordering::SeqCst) {
            return Err(Error::unavailable("look an account up", "connection refused"));
        }
        let number = name.strip_prefix("user-").and_then(|number| number.parse::<u8>().ok());
        let role = match name {
            "admin" => "admin",
            _ if number.is_some_and(|number| number < 100) => "user",
            _ => return Ok(None),
        };
        Ok(Some(Account { name: name.to_owned(), role: role.to_owned() }))
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    name: String,
}

#[verify]
async fn account_of(claims: Claims, accounts: &State<Accounts>) -> Result<Option<Account>, Error> {
    rocket::tokio::task::yield_now().await;
    accounts.find(&claims.name)
}

#[verify]
async fn check_password(
    login: Credentials,
    accounts: &State<Accounts>,
) -> Result<Option<Account>, Error> {
    let found = accounts.find(&login.username)?;
    let matches = login.password_matches(found.as_ref().map(|_| &*accounts.hash)).await?;
    Ok(found.filter(|_| matches))
}

macro_rules! handlers {
    ($name:ident, $strategy:literal, $($route:tt)*) => {
        #[protect(strategy = $strategy)]
        #[$($route)*]
        async fn $name(user: User<Account>, ran: &State<Ran>) -> String {
            let before = user.name.clone();
            ran.count();
            rocket::tokio::task::yield_now().await;
            assert_eq!(before, user.name);
            assert_eq!(User::strategy(&user), $strategy);
            before
        }
    };
}

handlers!(jwt, "jwt", get("/jwt"));
handlers!(local, "local", post("/local", data = "<user>"));

#[protect(strategy = "jwt", role = "admin")]
#[get("/jwt/admin")]
fn jwt_admin(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    user.name.clone()
}

#[protect(strategy = "local", role = "admin")]
#[post("/local/admin", data = "<user>")]
fn local_admin(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    user.name.clone()
}

const TOML: &str = r#"
    [default.passport.jwt]
    algorithm = "HS256"
    secret = "a secret of this test, 32 bytes or more"
    expires_in = "4h"
    token_from = [{ scheme = "Bearer" }, { header = "X-Token" }]
"#;

const PASSWORD: &str = "correct horse battery staple";

/// What a request shows.
#[derive(Debug, Clone, Copy)]
enum Shows<'a> {
    Nothing,
    /// Something that cannot be read, in the `n`th way.
    Malformed(usize),
    /// Something that is wrong, in the `n`th way; the answers must not differ.
    Wrong(usize),
    Expired,
    Valid(&'a str),
}

/// One strategy under contract.
struct Subject {
    feature: &'static str,
    path: &'static str,
    is_post: bool,
    /// Puts into a request what it is to show; `None` when the strategy knows no such thing.
    show: fn(&World, Shows<'_>) -> Option<Credential>,
    /// The answer when nothing is shown; a form that was not filled in is malformed, as Passport has
    /// it ("Missing credentials", 400).
    absent: Status,
    malformed: usize,
    wrong: usize,
}

/// A credential on its way.
#[derive(Default)]
struct Credential {
    headers: Vec<Header<'static>>,
    body: Option<(ContentType, String)>,
}

struct World {
    clock: MovableClock,
    keys: aws_lc_rs::hmac::Key,
}

impl World {
    fn token(&self, name: &str, expires_in: i64) -> String {
        self.signed(&format!(r#"{{"name":"{name}","exp":{}}}"#, self.seconds() + expires_in))
    }

    fn seconds(&self) -> i64 {
        self.clock.now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() as i64
    }

    fn signed(&self, claims: &str) -> String {
        use base64::Engine;
        use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
        let message = format!("{}.{}", BASE64.encode(r#"{"alg":"HS256"}"#), BASE64.encode(claims));
        let signature = aws_lc_rs::hmac::sign(&self.keys, message.as_bytes());
        format!("{message}.{}", BASE64.encode(signature.as_ref()))
    }
}

fn show_token(world: &World, shows: Shows<'_>) -> Option<Credential> {
    let bearer = |token: String| Header::new("Authorization", format!("Bearer {token}"));
    let valid = || world.token("user-1", 60);
    let headers = match shows {
        Shows::Nothing => vec![],
        Shows::Malformed(0) => vec![Header::new("Authorization", "Bearer")],
        Shows::Malformed(1) => vec![bearer(format!("{} {}", valid(), valid()))],
        Shows::Malformed(2) => vec![bearer(valid()), bearer(valid())],
        Shows::Malformed(_) => {
            vec![bearer(valid()), Header::new("X-Token", world.token("user-2", 60))]
        }
        Shows::Wrong(0) => vec![bearer("not.a.token".to_owned())],
        Shows::Wrong(1) => {
            let other = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"another key");
            let world = World { clock: world.clock.clone(), keys: other };
            vec![bearer(world.token("user-1", 60))]
        }
        Shows::Wrong(2) => vec![bearer(world.token("nobody", 60))],
        Shows::Wrong(_) => vec![bearer(world.signed(r#"{"name":"user-1"}"#))],
        Shows::Expired => vec![bearer(world.token("user-1", -1))],
        Shows::Valid(name) => vec![bearer(world.token(name, 60))],
    };
    Some(Credential { headers, body: None })
}

fn show_password(_: &World, shows: Shows<'_>) -> Option<Credential> {
    let json = |username: &str, password: &str| {
        let body = serde_json::json!({ "username": username, "password": password });
        (ContentType::JSON, body.to_string())
    };
    let body = match shows {
        Shows::Nothing => return Some(Credential::default()),
        Shows::Expired => return None,
        Shows::Malformed(0) => (ContentType::JSON, "{".to_owned()),
        Shows::Malformed(1) => (ContentType::JSON, r#"{"username":"user-1"}"#.to_owned()),
        Shows::Malformed(2) => (ContentType::Form, "username=user-1".to_owned()),
        Shows::Malformed(_) => json("user-1", ""),
        Shows::Wrong(0) => json("user-1", "wrong"),
        Shows::Wrong(1) => json("nobody", PASSWORD),
        Shows::Wrong(_) => (ContentType::Form, "username=nobody&password=wrong".to_owned()),
        Shows::Valid(name) => json(name, PASSWORD),
    };
    Some(Credential { headers: vec![], body: Some(body) })
}

const SUBJECTS: &[Subject] = &[
    Subject {
        feature: "jwt",
        path: "/jwt",
        is_post: false,
        show: show_token,
        absent: Status::Unauthorized,
        malformed: 4,
        wrong: 4,
    },
    Subject {
        feature: "local",
        path: "/local",
        is_post: true,
        show: show_password,
        absent: Status::BadRequest,
        malformed: 4,
        wrong: 3,
    },
];

fn rocket() -> (Rocket<Build>, World) {
    rocket_with("")
}

/// The same with more lines in the table of `jwt`.
fn rocket_with(toml: &str) -> (Rocket<Build>, World) {
    let clock = MovableClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    let hash = rocket::async_test(password::hash(PASSWORD)).unwrap();
    let rocket = rocket::custom(figment(&format!("{TOML}{toml}")))
        .manage(clock.clock())
        .manage(Ran::default())
        .manage(Accounts { hash, down: AtomicBool::new(false) })
        .attach(Jwt::fairing("jwt").verify(account_of))
        .attach(Local::fairing("local").verify(check_password))
        .mount("/", routes![jwt, jwt_admin, local, local_admin]);
    let secret = b"a secret of this test, 32 bytes or more";
    let keys = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
    (rocket, World { clock, keys })
}

fn request<'c>(
    client: &'c Client,
    subject: &Subject,
    suffix: &str,
    shown: Credential,
) -> LocalRequest<'c> {
    let path = format!("{}{suffix}", subject.path);
    let mut request = match subject.is_post {
        true => client.post(path),
        false => client.get(path),
    };
    for header in shown.headers {
        request.add_header(header);
    }
    match shown.body {
        Some((kind, body)) => request.header(kind).body(body),
        None => request,
    }
}

/// Everything of a response that a client sees.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    status: Status,
    headers: BTreeSet<(String, String)>,
    body: String,
}

fn send(client: &Client, subject: &Subject, suffix: &str, shown: Credential) -> (Seen, usize) {
    let ran = client.rocket().state::<Ran>().unwrap();
    let before = ran.times();
    let response = request(client, subject, suffix, shown).dispatch();
    let headers = response
        .headers()
        .iter()
        .map(|header| (header.name().to_string().to_lowercase(), header.value().to_owned()))
        .collect();
    let status = response.status();
    let body = response.into_string().unwrap_or_default();
    (Seen { status, headers, body }, ran.times() - before)
}

impl Seen {
    fn challenges(&self) -> usize {
        self.headers.iter().filter(|(name, _)| name == "www-authenticate").count()
    }

    fn is_never_cached(&self) -> bool {
        self.headers.contains(&("cache-control".to_owned(), "no-store".to_owned()))
    }
}

/// Refused with `status`: nothing ran, and a 401 asks for something (R18).
fn assert_refused(seen: &Seen, ran: usize, status: Status, what: &str) {
    assert_eq!(seen.status, status, "{what}: {seen:?}");
    assert_eq!(ran, 0, "{what}: the handler did not run");
    assert!(seen.is_never_cached(), "{what}: {seen:?}");
    assert!(status != Status::Unauthorized || seen.challenges() > 0, "{what}: {seen:?}");
}

fn over_all(test: impl Fn(&Client, &World, &Subject)) {
    let (rocket, world) = rocket();
    let client = client(rocket);
    for subject in SUBJECTS {
        test(&client, &world, subject);
    }
}

#[test]
fn every_strategy_feature_is_under_contract() {
    const OTHERS: [&str; 7] =
        ["default", "http-client", "store", "sqlite", "postgres", "redis", "testing"];

    let manifest = include_str!("../passport-rocket/Cargo.toml");
    let features = manifest.split("[features]").nth(1).unwrap().split("\n[").next().unwrap();
    let named: BTreeSet<&str> = features
        .lines()
        .filter_map(|line| line.split_once(" = ").map(|(name, _)| name.trim()))
        .filter(|name| !name.starts_with('#'))
        // No strategies: what is on by default, what fetches for them, what they remember things in,
        // and what tests need.
        .filter(|name| !OTHERS.contains(name))
        .collect();
    let listed: BTreeSet<&str> = SUBJECTS.iter().map(|subject| subject.feature).collect();
    assert_eq!(named, listed);
}

#[test]
fn an_absent_credential_is_refused() {
    over_all(|client, world, subject| {
        let Some(nothing) = (subject.show)(world, Shows::Nothing) else { return };
        let (seen, ran) = send(client, subject, "", nothing);
        assert_refused(&seen, ran, subject.absent, subject.feature);
    });
}

#[test]
fn a_malformed_credential_is_400() {
    over_all(|client, world, subject| {
        for way in 0..subject.malformed {
            let Some(shown) = (subject.show)(world, Shows::Malformed(way)) else { continue };
            let (seen, ran) = send(client, subject, "", shown);
            let what = format!("{} malformed {way}", subject.feature);
            assert_refused(&seen, ran, Status::BadRequest, &what);
        }
    });
}

#[test]
fn a_wrong_credential_is_401_and_the_answer_does_not_tell_which() {
    over_all(|client, world, subject| {
        let mut answers = Vec::new();
        for way in 0..subject.wrong {
            let shown = (subject.show)(world, Shows::Wrong(way)).unwrap();
            let (seen, ran) = send(client, subject, "", shown);
            let what = format!("{} wrong {way}", subject.feature);
            assert_refused(&seen, ran, Status::Unauthorized, &what);
            answers.push(seen);
        }
        for answer in &answers {
            assert_eq!(*answer, answers[0], "{}", subject.feature);
        }
    });
}

#[test]
fn an_expired_credential_is_401() {
    over_all(|client, world, subject| {
        let Some(expired) = (subject.show)(world, Shows::Expired) else { return };
        let (seen, ran) = send(client, subject, "", expired);
        assert_refused(&seen, ran, Status::Unauthorized, subject.feature);
        // And a valid one expires while the clock moves.
        let Credential { headers, body } = (subject.show)(world, Shows::Valid("user-1")).unwrap();
        let again = || Credential { headers: headers.clone(), body: body.clone() };
        for _ in 0..2 {
            assert_eq!(send(client, subject, "", again()).0.status, Status::Ok);
        }
        world.clock.advance(Duration::from_secs(60));
        let (seen, ran) = send(client, subject, "", again());
        assert_refused(&seen, ran, Status::Unauthorized, subject.feature);
    });
}

#[test]
fn a_user_without_the_role_is_403() {
    over_all(|client, world, subject| {
        for _ in 0..2 {
            let shown = (subject.show)(world, Shows::Valid("user-1")).unwrap();
            let (seen, ran) = send(client, subject, "/admin", shown);
            assert_refused(&seen, ran, Status::Forbidden, subject.feature);
            let shown = (subject.show)(world, Shows::Valid("admin")).unwrap();
            let (seen, ran) = send(client, subject, "/admin", shown);
            assert_eq!((seen.status, ran), (Status::Ok, 1), "{}", subject.feature);
        }
    });
}

#[test]
fn a_backend_that_is_down_is_503_and_never_anonymous() {
    over_all(|client, world, subject| {
        let accounts = client.rocket().state::<Accounts>().unwrap();
        let shown = (subject.show)(world, Shows::Valid("user-1")).unwrap();
        assert_eq!(send(client, subject, "", shown).0.status, Status::Ok);
        accounts.down.store(true, Ordering::SeqCst);
        let shown = (subject.show)(world, Shows::Valid("user-1")).unwrap();
        let (seen, ran) = send(client, subject, "", shown);
        assert_refused(&seen, ran, Status::ServiceUnavailable, subject.feature);
        assert_eq!(seen.challenges(), 0, "signing in again would not help");
        accounts.down.store(false, Ordering::SeqCst);
        let shown = (subject.show)(world, Shows::Valid("user-1")).unwrap();
        assert_eq!(send(client, subject, "", shown).0.status, Status::Ok);
    });
}

#[test]
fn a_valid_credential_runs_the_handler_once_with_its_user() {
    over_all(|client, world, subject| {
        for name in ["user-7", "admin", "user-7", "admin"] {
            let shown = (subject.show)(world, Shows::Valid(name)).unwrap();
            let (seen, ran) = send(client, subject, "", shown);
            assert_eq!((seen.status, ran, &*seen.body), (Status::Ok, 1, name));
            assert!(seen.is_never_cached(), "{}", subject.feature);
            assert_eq!(seen.challenges(), 0);
        }
    });
}

#[test]
fn users_at_once_are_never_mixed_up() {
    let (rocket, world) = rocket();
    rocket::async_test(async {
        let client = asynchronous::Client::debug(rocket).await.unwrap();
        for subject in SUBJECTS {
            // Hashing a password takes its time; fewer of them say as much.
            let users = if subject.is_post { 8 } else { 100 };
            let requests = (0..2 * users).map(|number| {
                let name = format!("user-{}", number % users);
                let shown = (subject.show)(&world, Shows::Valid(&name)).unwrap();
                let client = &client;
                async move {
                    let mut request = match subject.is_post {
                        true => client.post(subject.path),
                        false => client.get(subject.path),
                    };
                    for header in shown.headers {
                        request.add_header(header);
                    }
                    if let Some((kind, body)) = shown.body {
                        request = request.header(kind).body(body);
                    }
                    let answer = request.dispatch().await.into_string().await;
                    assert_eq!(answer.as_deref(), Some(&*name), "{}", subject.feature);
                }
            });
            join_all(requests).await;
        }
    });
}

/// What a client may do at one time: everything that the contract speaks of.
fn everything(world: &World, subject: &Subject) -> Vec<(&'static str, Credential)> {
    let malformed = (0..subject.malformed).map(Shows::Malformed);
    let wrong = (0..subject.wrong).map(Shows::Wrong);
    let valid = ["user-1", "user-7", "nobody", "admin"].map(Shows::Valid);
    let shows = malformed.chain(wrong).chain(valid).chain([Shows::Nothing, Shows::Expired]);
    let shown = shows.filter_map(|shows| (subject.show)(world, shows));
    let suffixes = |shown: Credential| {
        let again = Credential { headers: shown.headers.clone(), body: shown.body.clone() };
        [("", shown), ("/admin", again)]
    };
    shown.flat_map(suffixes).collect()
}

// Nothing that a client sees tells whether its token was seen before.
#[test]
fn an_application_that_remembers_tokens_answers_like_one_that_does_not() {
    let twins = ["'4 MiB'", "0"].map(|size| {
        let (rocket, world) = rocket_with(&format!("remember_tokens = {size}\n"));
        (client(rocket), world)
    });
    let subject = SUBJECTS.iter().find(|subject| subject.feature == "jwt").unwrap();
    // Made in one moment, and sent in others.
    let shown = everything(&twins[0].1, subject);
    let mut statuses = BTreeSet::new();
    for (is_down, elapsed) in
        [(false, 0), (false, 0), (true, 0), (false, 59), (true, 59), (false, 60), (true, 61)]
    {
        for (nth, (suffix, credential)) in shown.iter().enumerate() {
            let answers = twins.each_ref().map(|(client, world)| {
                let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
                world.clock.set(start + Duration::from_secs(elapsed));
                client.rocket().state::<Accounts>().unwrap().down.store(is_down, Ordering::SeqCst);
                let Credential { headers, body } = credential;
                let shown = Credential { headers: headers.clone(), body: body.clone() };
                send(client, subject, suffix, shown)
            });
            let [one, other] = &answers;
            assert_eq!(one, other, "{nth}{suffix}, down: {is_down}, after {elapsed} s");
            statuses.insert(one.0.status.code);
        }
    }
    assert_eq!(statuses, [200, 400, 401, 403, 503].into());
}
