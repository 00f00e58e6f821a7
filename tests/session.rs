//! The strategy `session` through the whole: who is signed in with a browser, for how long, what the
//! browser holds, and what another site cannot cause.

mod at_once;
mod attacks;
mod cookie;
mod cross_site;
mod data;
mod down;
mod launch;
mod limits;
mod listing;
mod logs;
mod navigation;
mod round_trips;
mod secrets;
mod several;
mod signing;
mod traps;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use passport_rocket::store::Store;
use passport_rocket::testing::MovableClock;
use passport_rocket::{
    Credentials, Denial, Error, Local, Principal, Session, Sessions, User, protect, public, verify,
};
use passport_rocket_tests::{Ran, figment};
use rocket::figment::Figment;
use rocket::http::{ContentType, Header};
use rocket::local::blocking::{Client, LocalRequest, LocalResponse};
use rocket::{Build, Rocket, State, get, post, routes};

use passport_rocket_tests::spy::Spy;

#[derive(Debug, Clone, PartialEq, Eq, Principal)]
struct Account {
    #[principal(id)]
    id: u32,
}

const ADA: u32 = 1;
const BOB: u32 = 2;

/// What became of an account; those that nobody mentions are well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Well,
    Deleted,
    Disabled,
    Unreachable,
}

/// The application's own store of accounts.
#[derive(Default)]
struct Accounts(Mutex<BTreeMap<u32, Fate>>);

impl Accounts {
    fn find(&self, id: u32) -> Result<Option<Account>, Denial> {
        match self.0.lock().unwrap().get(&id).copied().unwrap_or(Fate::Well) {
            Fate::Well => Ok(Some(Account { id })),
            Fate::Deleted => Ok(None),
            Fate::Disabled => Err(Denial::forbidden("the account is disabled")),
            Fate::Unreachable => Err(Denial::unavailable("the accounts do not answer")),
        }
    }
}

#[verify]
fn account_of(id: u32, accounts: &State<Accounts>) -> Result<Option<Account>, Denial> {
    accounts.find(id)
}

/// Everybody's password is `tide`.
#[verify]
fn check(login: Credentials, accounts: &State<Accounts>) -> Result<Option<Account>, Denial> {
    match (login.username.parse(), login.password.expose() == "tide") {
        (Ok(id), true) => accounts.find(id),
        _ => Ok(None),
    }
}

#[protect(strategy = "local", sign_in = "session")]
#[post("/login", data = "<user>")]
fn login(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    user.id.to_string()
}

/// By hand, in a handler that nobody declared.
#[post("/in/<id>?<remembered>&<keeping>")]
async fn sign_in(
    id: u32,
    remembered: bool,
    keeping: bool,
    sessions: Sessions<'_, Account>,
    ran: &State<Ran>,
) -> Result<(), Error> {
    ran.count();
    let account = Account { id };
    let signing_in = sessions.sign_in(&account);
    let signing_in = if remembered { signing_in.remembered() } else { signing_in };
    let signing_in = if keeping { signing_in.keeping_data() } else { signing_in };
    signing_in.await
}

#[public("signs out whoever asks")]
#[post("/out")]
async fn sign_out(sessions: Sessions<'_, Account>, ran: &State<Ran>) -> Result<(), Error> {
    ran.count();
    sessions.sign_out().await
}

#[protect(strategy = "session")]
#[get("/me")]
fn me(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    user.id.to_string()
}

#[protect(strategy = "session")]
#[post("/me")]
fn change_me(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    user.id.to_string()
}

#[protect(strategy = "session", optional)]
#[get("/home")]
fn home(user: Option<User<Account>>, ran: &State<Ran>) -> String {
    ran.count();
    user.map_or("nobody".to_owned(), |user| user.id.to_string())
}

/// What tests look at.
struct World {
    client: Client,
    clock: MovableClock,
    spy: Spy,
}

fn start() -> SystemTime {
    SystemTime::UNIX_EPOCH + seconds(1_800_000_000)
}

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A session strategy beside `local`, on whatever store and configuration.
fn bare(figment: Figment) -> Rocket<Build> {
    rocket::custom(figment)
        .manage(Ran::default())
        .manage(Accounts::default())
        .attach(Local::fairing("local").verify(check))
        .attach(Session::fairing("session").verify(account_of))
        .mount("/", routes![login, sign_in, sign_out, me, change_me, home])
}

/// The same with a clock that moves and a store that is watched.
fn watched(figment: Figment, clock: &MovableClock, spy: &Spy) -> Rocket<Build> {
    bare(figment).manage(clock.clock()).manage(Store::new(spy.clone()))
}

impl World {
    /// An application with more keys in the table of `session`, and more routes.
    fn of(keys: &str, more: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Self {
        Self::launched(figment(&format!("[default.passport.session]\n{keys}")), more)
    }

    fn launched(figment: Figment, more: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Self {
        Self::on(MovableClock::at(start()), Spy::default(), figment, more)
    }

    /// The same with the clock and the store of another one.
    fn on(
        clock: MovableClock,
        spy: Spy,
        figment: Figment,
        more: impl FnOnce(Rocket<Build>) -> Rocket<Build>,
    ) -> Self {
        let rocket = more(watched(figment, &clock, &spy));
        let client = Client::untracked(rocket).expect("the application launches");
        Self { client, clock, spy }
    }

    fn plain() -> Self {
        Self::of("", |rocket| rocket)
    }

    fn browser(&self) -> Browser<'_> {
        Browser { client: &self.client, cookie: None }
    }

    /// A browser in which somebody has signed in.
    fn signed_in(&self, id: u32) -> Browser<'_> {
        let mut browser = self.browser();
        assert_eq!(browser.post(&format!("/in/{id}")).status, 200);
        assert!(browser.cookie.is_some());
        browser
    }

    fn fate(&self, id: u32, fate: Fate) {
        self.client.rocket().state::<Accounts>().unwrap().0.lock().unwrap().insert(id, fate);
    }

    fn runs(&self) -> usize {
        self.client.rocket().state::<Ran>().unwrap().times()
    }
}

/// Who asks, with the one cookie that an application gives: as a browser sends it, in a header.
#[derive(Clone)]
struct Browser<'c> {
    client: &'c Client,
    /// `name=value`.
    cookie: Option<String>,
}

/// What came back.
#[derive(Debug)]
struct Seen {
    status: u16,
    body: String,
    /// The lines of `Set-Cookie`.
    set: Vec<String>,
    headers: Vec<(String, String)>,
}

impl Seen {
    fn of(response: LocalResponse<'_>) -> Self {
        let headers: Vec<_> = response
            .headers()
            .iter()
            .map(|header| (header.name().to_string(), header.value().to_owned()))
            .collect();
        let values = headers.iter().filter(|(name, _)| name == "Set-Cookie");
        let set = values.map(|(_, value)| value.clone()).collect();
        let status = response.status().code;
        Self { status, body: response.into_string().unwrap_or_default(), set, headers }
    }

    fn header(&self, name: &str) -> Vec<&str> {
        let values = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        values.map(|(_, value)| &**value).collect()
    }

    fn takes_the_cookie_away(&self) -> bool {
        matches!(&*self.set, [only] if only.contains("; Max-Age=0"))
    }
}

impl<'c> Browser<'c> {
    fn get(&mut self, path: &str) -> Seen {
        self.send(self.client.get(path.to_owned()))
    }

    /// From one of the application's own pages.
    fn post(&mut self, path: &str) -> Seen {
        let request = self.client.post(path.to_owned());
        self.send(request.header(Header::new("Sec-Fetch-Site", "same-origin")))
    }

    fn login(&mut self, id: u32) -> Seen {
        let request = self.client.post("/login").header(ContentType::Form);
        let request = request.header(Header::new("Sec-Fetch-Site", "same-origin"));
        self.send(request.body(format!("username={id}&password=tide")))
    }

    /// With the cookie; what the response does to it is kept.
    fn send(&mut self, request: LocalRequest<'c>) -> Seen {
        let seen = Seen::of(self.with_cookie(request).dispatch());
        assert!(seen.set.len() <= 1, "{seen:?}");
        if let Some(line) = seen.set.first() {
            let pair = line.split("; ").next().unwrap().to_owned();
            self.cookie = (!line.contains("; Max-Age=0")).then_some(pair);
        }
        seen
    }

    fn with_cookie(&self, request: LocalRequest<'c>) -> LocalRequest<'c> {
        match &self.cookie {
            Some(cookie) => request.header(Header::new("Cookie", cookie.clone())),
            None => request,
        }
    }

    /// The id, which is what the store must not see.
    fn id(&self) -> String {
        let (_, value) = self.cookie.as_ref().unwrap().split_once('=').unwrap();
        value.split_once('.').unwrap().0.to_owned()
    }
}
