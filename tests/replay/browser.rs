//! An application with sessions, and a browser that keeps its cookies.

use std::io;
use std::sync::Mutex;

use passport_rocket::store::Store;
use passport_rocket::{
    Credentials, Denial, Error, Local, Principal, Session, SessionData, Sessions, User, Verified,
    protect, public, verify,
};
use passport_rocket_tests::{Ran, client, figment};
use rocket::http::{ContentType, Cookie, Header};
use rocket::local::blocking::{Client, LocalRequest};
use rocket::serde::json::Json;
use rocket::{Build, Rocket, State, get, post, routes};
use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use passport_rocket_tests::spy::Spy;

/// Whatever a `serializeUser` answers: any JSON, or an error.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub(super) struct Id(Value);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 == UNSERIALIZABLE {
            true => Err(S::Error::custom("something went wrong")),
            false => self.0.serialize(serializer),
        }
    }
}

pub(super) const UNSERIALIZABLE: &str = "an id that cannot be serialized";

#[derive(Debug, Clone, Principal)]
pub(super) struct Account {
    #[principal(id)]
    id: Id,
}

/// What a `deserializeUser` answers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deserializes {
    User,
    False,
    Error,
}

struct Accounts(Mutex<Deserializes>);

#[verify]
fn account_of(
    id: Id,
    accounts: &State<Accounts>,
    calls: &State<Ran>,
) -> Result<Option<Account>, io::Error> {
    calls.count();
    match *accounts.0.lock().unwrap() {
        Deserializes::User => Ok(Some(Account { id })),
        Deserializes::False => Ok(None),
        Deserializes::Error => Err(io::Error::other("something went wrong")),
    }
}

/// What a strategy of Passport's says beside the user.
pub(super) struct Info {
    pub(super) kind: Option<&'static str>,
    pub(super) message: &'static str,
}

#[verify]
fn check(login: Credentials) -> Result<Verified<Account>, Denial> {
    let info = match login.password.expose().as_str() {
        "secret" => Info { kind: None, message: "Welcome!" },
        "secret with a type" => Info { kind: Some("info"), message: "Hello" },
        _ => return Err(Denial::rejected("Invalid password")),
    };
    Ok(Verified::user(Account { id: Id(json!(login.username)) }).info(info))
}

#[derive(Default, Serialize, Deserialize)]
struct Cart(Vec<u32>);

impl SessionData for Cart {
    const NAME: &'static str = "cart";
}

#[post("/in", data = "<id>")]
async fn sign_in(id: Json<Id>, sessions: Sessions<'_, Account>) -> Result<(), Error> {
    sessions.sign_in(&Account { id: id.into_inner() }).await
}

#[post("/in/keeping", data = "<id>")]
async fn sign_in_keeping(id: Json<Id>, sessions: Sessions<'_, Account>) -> Result<(), Error> {
    sessions.sign_in(&Account { id: id.into_inner() }).keeping_data().await
}

#[protect(strategy = "local")]
#[post("/in/without", data = "<user>")]
fn sign_in_without_a_session(user: User<Account>) -> Json<Id> {
    Json(user.id.clone())
}

#[public("signs out whoever asks")]
#[post("/out")]
async fn sign_out(sessions: Sessions<'_, Account>) -> Result<(), Error> {
    sessions.sign_out().await
}

#[protect(strategy = "session")]
#[get("/me")]
fn me(user: User<Account>) -> Json<Id> {
    Json(user.id.clone())
}

#[protect(strategy = "session", optional)]
#[get("/home")]
fn home(user: Option<User<Account>>) -> Json<Option<Id>> {
    Json(user.map(|user| user.id.clone()))
}

#[get("/asset")]
fn asset() -> &'static str {
    "an asset"
}

#[get("/sessions")]
async fn sessions_of_the_user(sessions: Sessions<'_, Account>) -> Result<String, Error> {
    Ok(sessions.list().await?.len().to_string())
}

#[post("/cart/<item>")]
async fn add(item: u32, session: Session<'_>) -> Result<(), Error> {
    session.update(|Cart(items)| items.push(item)).await
}

#[get("/cart")]
async fn cart(session: Session<'_>) -> Result<Json<Cart>, Error> {
    Ok(Json(session.get().await?.unwrap_or_default()))
}

/// An application, and a browser in which nobody has signed in yet.
pub(super) struct Browser {
    pub(super) client: Client,
    store: Spy,
}

impl Browser {
    pub(super) fn new() -> Self {
        Self::with(|rocket| rocket)
    }

    /// The same with more than the application of every row has.
    pub(super) fn with(more: impl FnOnce(Rocket<Build>) -> Rocket<Build>) -> Self {
        let store = Spy::default();
        let rocket = rocket::custom(figment(""))
            .manage(Store::new(store.clone()))
            .manage(Accounts(Mutex::new(Deserializes::User)))
            .manage(Ran::default())
            .attach(Local::fairing("local").verify(check))
            .attach(Session::fairing("session").verify(account_of))
            .mount("/", routes![sign_in, sign_in_keeping, sign_in_without_a_session, sign_out])
            .mount("/", routes![me, home, asset, sessions_of_the_user, add, cart]);
        Self { client: client(more(rocket)), store }
    }

    pub(super) fn deserializes(&self, what: Deserializes) {
        *self.client.rocket().state::<Accounts>().unwrap().0.lock().unwrap() = what;
    }

    /// How often `deserializeUser` was asked.
    pub(super) fn deserialized(&self) -> usize {
        self.client.rocket().state::<Ran>().unwrap().times()
    }

    pub(super) fn take_down(&self) {
        self.store.take_down();
    }

    pub(super) fn bring_up(&self) {
        self.store.bring_up();
    }

    /// The status of a page, and what it says.
    pub(super) fn get(&self, path: &str) -> (u16, String) {
        answered(self.client.get(path.to_owned()))
    }

    /// The same with a cookie that the browser had once.
    pub(super) fn get_with(&self, cookie: Option<String>, path: &str) -> (u16, String) {
        answered(self.client.get(path.to_owned()).cookie((COOKIE, cookie.expect("a cookie"))))
    }

    /// The status of what a page of this application sends.
    pub(super) fn post(&self, path: &str) -> u16 {
        answered(self.posting(path)).0
    }

    pub(super) fn log_in(&self, id: Value) -> u16 {
        answered(self.posting("/in").json(&id)).0
    }

    pub(super) fn log_in_keeping(&self, id: Value) -> u16 {
        answered(self.posting("/in/keeping").json(&id)).0
    }

    /// A login form, as the browser sends it.
    pub(super) fn form(&self, path: &str, password: &str) -> LocalRequest<'_> {
        let form = format!("username=1&password={password}");
        self.posting(path).header(ContentType::Form).body(form)
    }

    pub(super) fn posting(&self, path: &str) -> LocalRequest<'_> {
        let own = Header::new("Sec-Fetch-Site", "same-origin");
        self.client.post(path.to_owned()).header(own)
    }

    /// The cookie of the session that the browser has.
    pub(super) fn cookie(&self) -> Option<String> {
        self.client.cookies().get(COOKIE).map(Cookie::value).map(str::to_owned)
    }

    /// Whoever is signed in.
    pub(super) fn user(&self) -> Value {
        let (status, body) = self.get("/home");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    pub(super) fn cart(&self) -> String {
        self.get("/cart").1
    }
}

pub(super) fn answered(request: LocalRequest<'_>) -> (u16, String) {
    let response = request.dispatch();
    (response.status().code, response.into_string().unwrap_or_default())
}

const COOKIE: &str = "session";
