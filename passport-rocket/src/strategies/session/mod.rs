//! `session`: who is signed in with this browser, by a cookie that holds an id, and a store that
//! holds the rest.
//!
//! There is no RFC for it; the cookie is that of RFC 6265bis. It proves that the request comes from a
//! browser in which somebody signed in by another strategy, and that the account is still there. The
//! user's id goes into the session, and the verifier brings the user out of it: Passport's
//! `serializeUser` and `deserializeUser`. Whoever comes from there finds the words and functions they
//! know, and what is different, in [`passport`].
//!
//! # Quickstart
//!
//! ```
//! use passport_rocket::{protect, public, verify, Credentials, Error, Local, Principal};
//! use passport_rocket::{Session, Sessions, User};
//! use rocket::{get, post, routes, State};
//!
//! #[derive(Clone, Principal)]
//! struct Account {
//!     #[principal(id)]
//!     id: i64,
//!     name: String,
//! }
//!
//! struct Accounts(Vec<Account>);
//!
//! #[verify]
//! fn account_of(id: i64, accounts: &State<Accounts>) -> Option<Account> {
//!     accounts.0.iter().find(|account| account.id == id).cloned()
//! }
//!
//! #[verify]
//! async fn check_password(login: Credentials, accounts: &State<Accounts>) -> Result<Option<Account>, Error> {
//!     # let hash_of = |_: &Account| None::<&str>;
//!     let account = accounts.0.iter().find(|account| account.name == login.username);
//!     let matches = login.password_matches(account.and_then(hash_of)).await?;
//!     Ok(account.filter(|_| matches).cloned())
//! }
//!
//! #[protect(strategy = "local", sign_in = "session")]
//! #[post("/login", data = "<user>")]
//! fn login(user: User<Account>) -> String {
//!     format!("welcome {}", user.name)
//! }
//!
//! #[protect(strategy = "session")]
//! #[get("/me")]
//! fn me(user: User<Account>) -> String {
//!     format!("hello {}", user.name)
//! }
//!
//! #[public("signs out whoever asks")]
//! #[post("/logout")]
//! async fn logout(sessions: Sessions<'_, Account>) -> Result<(), Error> {
//!     sessions.sign_out().await
//! }
//!
//! rocket::build()
//!     .manage(Accounts(Vec::new()))
//!     .attach(Local::fairing("local").verify(check_password))
//!     .attach(Session::fairing("session").verify(account_of))
//!     .mount("/", routes![login, me, logout]);
//! ```
//! ```toml
//! [default.passport]
//! store = "redis://localhost"      # "memory:" if nothing is said
//!
//! [release.passport]
//! origin = "https://tidal.example" # in the debug profile, `http://localhost` needs none
//!
//! [release.passport.session]
//! secrets = ["…"]                  # missing in the debug profile: one is made for the run
//! ```
//!
//! [`Sessions`] signs in and out by hand, and lists and ends a user's sessions; [`Session`] keeps
//! data and messages for whoever has the browser, signed in or not.
//!
//! # Configuration
//!
//! | key | type | default | meaning |
//! |---|---|---|---|
//! | `secrets` | list of strings | in the debug profile, one made for the run | what cookies are signed with, at least 32 bytes each. The first signs, all of them open |
//! | `secrets_file` | path | | the same from a file, one a line, the newest first |
//! | `cookie` | string | the strategy's name | the cookie's name, at most 64 letters, digits and `-._`; `__Host-` is put before it where it is `Secure` |
//! | `same_site` | `"strict"`, `"lax"`, `"none"` | `"lax"` | the cookie's `SameSite`; `"none"` for pages of other sites that are in `trusted_origins` |
//! | `idle_timeout` | duration | `"1h"` | a session that is not used for so long is over |
//! | `absolute_timeout` | duration | `"24h"` | a session is over then, used or not |
//! | `remember_idle_timeout` | duration | `"14 days"` | the same for a [remembered](SigningIn::remembered) sign-in |
//! | `remember_absolute_timeout` | duration | `"30 days"` | |
//! | `anonymous_timeout` | duration | `"15m"` | how long the session of nobody may be idle |
//! | `max_data` | byte size | `"16 KiB"` | how much one session holds |
//!
//! ```toml
//! [default.passport.session]
//! idle_timeout     = "30m"
//! absolute_timeout = "12h"
//! ```
//! ```sh
//! ROCKET_PASSPORT='{session={secrets=["…"],idle_timeout="30m"}}'
//! ```
//!
//! The time-outs of a sign-in that is not remembered are those that NIST SP 800-63B-4 names for its
//! second level. A session is used when it lets somebody in, and when what it holds is read or
//! changed. That is written down once in a twentieth of its idle time-out, so it may end so much
//! early, and never late. The store is [`passport.store`](crate::store).
//!
//! To replace a secret, put a new one in front, wait until the longest session is over (or the last
//! browser has been there: it gets its cookie signed anew), and remove the old one. Nobody is
//! signed out.
//!
//! # Challenge sent
//!
//! A scheme that is not registered, named like the strategy (`WWW-Authenticate: session`), so that no
//! browser opens a prompt of its own. A page sends people to sign in with `unauthenticated =
//! redirect(…)`.
//!
//! # Pages of other origins
//!
//! A request with the cookie that changes something passes when the browser says that one of this
//! application's own pages sent it, or a page of one of the `trusted_origins`, listed exactly
//! ([`csrf`] has the table). Such a page can send the cookie, and read the answer, a 401
//! included, if the browser is told so: by CORS headers, on every response and on the preflight. As a
//! fairing of the application, with the same list:
//!
//! ```
//! use rocket::fairing::{AdHoc, Fairing};
//! use rocket::http::{Header, Status};
//! use rocket::{options, routes, Build, Rocket};
//!
//! const PAGE: &str = "https://harbour.example"; // the one in `trusted_origins`
//!
//! fn cors() -> impl Fairing {
//!     AdHoc::on_response("CORS", |request, response| Box::pin(async move {
//!         response.adjoin_header(Header::new("Vary", "Origin"));
//!         if request.headers().get_one("Origin") != Some(PAGE) {
//!             return;
//!         }
//!         for (name, value) in [
//!             ("Access-Control-Allow-Origin", PAGE), // never `*`: it forbids cookies
//!             ("Access-Control-Allow-Credentials", "true"),
//!             ("Access-Control-Allow-Methods", "GET, POST, PUT, DELETE"),
//!             ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
//!             ("Access-Control-Expose-Headers", "WWW-Authenticate"),
//!         ] {
//!             response.set_header(Header::new(name, value));
//!         }
//!     }))
//! }
//!
//! // A preflight carries no credential, so the route that answers it is open.
//! #[passport_rocket::public("CORS preflight")]
//! #[options("/<_..>")]
//! fn preflight() -> Status {
//!     Status::NoContent
//! }
//!
//! fn with_cors(rocket: Rocket<Build>) -> Rocket<Build> {
//!     rocket.attach(cors()).mount("/", routes![preflight])
//! }
//! # use passport_rocket::{protect, Principal, Session, User};
//! # use rocket::local::blocking::Client;
//! # #[derive(Principal)]
//! # struct Account { #[principal(id)] id: i64 }
//! # #[protect(strategy = "session")]
//! # #[rocket::get("/me")]
//! # fn me(_user: User<Account>) {}
//! # let session = Session::fairing("session").verify(|id: i64| Some(Account { id }));
//! # let rocket = with_cors(rocket::build()).attach(session).mount("/", routes![me]);
//! # let client = Client::debug(rocket).unwrap();
//! # let of = |origin: &'static str| (client.options("/me"), client.get("/me"), Header::new("Origin", origin));
//! # let (preflight, request, origin) = of(PAGE);
//! # let answers = [preflight.header(origin.clone()).dispatch(), request.header(origin).dispatch()];
//! # assert_eq!(answers.each_ref().map(|answer| answer.status()), [Status::NoContent, Status::Unauthorized]);
//! # for answer in &answers {
//! #     assert_eq!(answer.headers().get_one("Access-Control-Allow-Origin"), Some(PAGE));
//! #     assert!(answer.headers().get("Vary").any(|value| value.contains("Origin")));
//! # }
//! # assert!(answers[1].headers().contains("WWW-Authenticate"));
//! # let (preflight, request, origin) = of("https://evil.example");
//! # for answer in [preflight.header(origin.clone()).dispatch(), request.header(origin).dispatch()] {
//! #     assert!(!answer.headers().contains("Access-Control-Allow-Origin"));
//! # }
//! ```
//!
//! Where the page is of another site, not only of another origin, the cookie needs `same_site =
//! "none"`. Requests that bring a token in `Authorization` need none of this, unless the route takes
//! the cookie as well.
//!
//! # Threats considered
//!
//! - **A guessed or stolen id.** 192 random bits; the store holds their hash, so who reads it signs in
//!   as nobody. `HttpOnly` keeps scripts away, `Secure` and `__Host-` keep the network and
//!   subdomains away; in the debug profile, and nowhere else, an `origin` that is not `https` has a
//!   cookie without them, since browsers refuse them on `http://localhost`.
//! - **Fixation.** Signing in, again or as somebody else, begins a new id, and the one before is dead.
//!   Data of one user is never kept for another.
//! - **A stale proof made fresh.** A session that `sign_in` begins is as old as the sign-in that it
//!   comes of: a token of yesterday, exchanged today, makes a session of somebody who proved who they
//!   are yesterday ([`User::authenticated_at`]), where the strategy knows when that was.
//! - **A sign-out that is none.** The session is deleted in the store; when the store is down the
//!   answer is 503 and the cookie stays. A write that comes too late does not bring it back.
//! - **An account that is gone.** The verifier finds nobody: all of its sessions are deleted, and do
//!   not return with the account. It is asked when one of them is used; whoever deletes an account
//!   does not wait for that, and calls [`Sessions::end_all_of`].
//! - **Other sites.** Requests with the cookie that change something, upgrades, sign-ins and sign-outs,
//!   of unprotected handlers too, are refused with 403 when another site may have caused them.
//!   A safe method passes from anywhere, so a handler of `GET` ends no session; one with `sign_in`
//!   signs in whoever follows a link to it, and wants a strategy that knows which browser asked for
//!   that link.
//! - **Forged cookies.** A cookie that is not signed by us costs one HMAC for each of the secrets, and
//!   no question to the store.
//! - **A store that is down** is 503, and never "nobody".
//! - **A full memory.** What would end soonest is given up first ([`Space::expendable`]): the sessions
//!   of nobody, which end soon, and of users those who have been away for longest.

mod browser;
mod config;
mod cookie;
mod current;
mod flash;
mod guard;
mod id;
mod keeper;
mod limits;
#[doc = include_str!("passport.md")]
pub mod passport {}
mod record;
mod sessions;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

pub use self::browser::{Session, SessionData};
use self::config::Config;
use self::current::Shown;
pub use self::flash::Flash;
use self::keeper::Beginning;
pub use self::keeper::Keeper;
use self::limits::Length;
use self::sessions::to_json;
pub use self::sessions::{SessionInfo, Sessions, SessionsOf, SigningIn};
use crate::config::Mistake;
use crate::credential;
use crate::csrf;
use crate::denial::{Denial, Kind};
use crate::error::Error;
use crate::probe::Parameter;
use crate::registration::{Builder, Registration, Setup};
use crate::store::Space;
use crate::strategy::{Answer, Attempt, Service, Strategy, Verdict};
use crate::user::{Principal, User};
use crate::verify::{IntoDenial, Verify};

impl Session<'_> {
    /// Registers the strategy as `name`, once it was told how to [`verify`](Registration::verify).
    pub fn fairing(name: impl Into<Cow<'static, str>>) -> Registration<WithoutVerifier> {
        Registration { name: name.into(), builder: WithoutVerifier(()) }
    }
}

/// A `session` without a verifier: it is no fairing yet.
#[derive(Debug)]
pub struct WithoutVerifier(());

impl Registration<WithoutVerifier> {
    /// Asks `verify` who has the id that went in with [`Sessions::sign_in`]: Passport's
    /// `deserializeUser`. It is asked on every request.
    ///
    /// Where it finds nobody, or answers [`Denial::rejected`], the sessions of that user are deleted,
    /// in every browser: the user is signed out, and stays so when the account should return. For an
    /// account that is only locked it answers [`Denial::forbidden`], 403, and the sessions stay.
    #[must_use]
    pub fn verify<V, T, Via>(self, verify: V) -> Registration<WithVerifier<V, T, Via>>
    where
        V: Verify<IdOf<T>, Via, User = T> + Clone,
        T: Principal<Id: Serialize + DeserializeOwned + Send> + Send + Sync + 'static,
        Via: 'static,
    {
        Registration { name: self.name, builder: WithVerifier { verify, via: PhantomData } }
    }
}

/// A `session` with its verifier.
pub struct WithVerifier<V, T, Via> {
    verify: V,
    via: PhantomData<fn(&T) -> Via>,
}

impl<V, T, Via> fmt::Debug for WithVerifier<V, T, Via> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

impl<V, T, Via> Builder for WithVerifier<V, T, Via>
where
    V: Verify<IdOf<T>, Via, User = T> + Clone,
    T: Principal<Id: Serialize + DeserializeOwned + Send> + Send + Sync + 'static,
    Via: 'static,
{
    type Strategy = ByCookie<V, T, Via>;

    fn build(&self, setup: &Setup<'_>) -> Result<Self::Strategy, Vec<Mistake>> {
        let config: Config = setup.config()?;
        let mut mistakes = Vec::new();
        let limits = config.limits(setup, &mut mistakes);
        let cookie = config.cookie(setup, &mut mistakes);
        let seals = config.seals(setup).map_err(|more| mistakes.extend(more));
        let store = setup.store().map_err(|more| mistakes.extend(more));
        let (Ok(seals), Ok(store), true) = (seals, store, mistakes.is_empty()) else {
            return Err(mistakes);
        };
        let name = Arc::from(setup.name());
        let space = Space::new(format!("session/{name}")).expendable();
        let keeper = Arc::new(Keeper { name, space, store, seals, cookie, limits });
        Ok(ByCookie { keeper, verify: self.verify.clone(), via: PhantomData })
    }
}

/// The strategy as it runs.
pub struct ByCookie<V, T, Via> {
    keeper: Arc<Keeper>,
    verify: V,
    via: PhantomData<fn(&T) -> Via>,
}

type IdOf<T> = <T as Principal>::Id;

impl<V, T, Via> fmt::Debug for ByCookie<V, T, Via> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

impl<V, T, Via> ByCookie<V, T, Via>
where
    V: Verify<IdOf<T>, Via, User = T>,
    T: Principal<Id: Serialize + DeserializeOwned + Send> + Send + Sync + 'static,
    Via: 'static,
{
    async fn judge(&self, attempt: Attempt<'_, '_>) -> Verdict<T> {
        let keeper = &*self.keeper;
        let (request, now) = (attempt.request(), attempt.now());
        let current = keeper.current(request, now).await.map_err(IntoDenial::into_denial)?;
        let live = match current.shown() {
            Shown::Live(live) => live,
            Shown::Nothing => return Err(Denial::absent()),
            Shown::Malformed => return Err(Denial::malformed("two session cookies")),
            Shown::Ended => return Err(Denial::dead("another request has ended the session")),
            Shown::Dead(reason) => {
                keeper.clear(request);
                return Err(Denial::dead(reason));
            }
        };
        let Some(user) = live.record.user() else { return Err(Denial::absent()) };
        attempt.refuse_cross_site(csrf::Rule::Cookie)?;
        let id = serde_json::from_slice(user).map_err(|error| {
            Denial::fault(Error::failed("read the id of a session's user", error))
        })?;
        match self.verify.verify(id, request).get().await {
            Ok(sign_in) => {
                keeper.see(&current, &live, now).await;
                Ok(sign_in.with_authenticated_at(live.record.head.authenticated))
            }
            // The account is gone: so are its sessions, also when the account should come back.
            Err(denial) if denial.kind() == Kind::Rejected => {
                // In a box, so that the requests of those who are not gone have no room for it.
                let ended = Box::pin(async {
                    keeper.end_all_of(user, None, now).await?;
                    keeper.end(request, now).await
                });
                ended.await.map_err(IntoDenial::into_denial)?;
                Err(Denial::dead(format!("signed out: {}", denial.reason())))
            }
            Err(denial) => Err(denial),
        }
    }
}

impl<V, T, Via> Strategy for ByCookie<V, T, Via>
where
    V: Verify<IdOf<T>, Via, User = T>,
    T: Principal<Id: Serialize + DeserializeOwned + Send> + Send + Sync + 'static,
    Via: 'static,
{
    type User = T;

    fn authenticate<'r>(&'r self, attempt: Attempt<'r, '_>) -> Answer<'r, Verdict<T>> {
        match credential::cookie(attempt.request(), self.keeper.cookie.name()) {
            Ok(None) => Answer::now(Err(Denial::absent())),
            _ => Answer::later(async move {
                let verdict = self.judge(attempt).await;
                verdict.map_err(|denial| match denial.kind() {
                    Kind::Absent => denial,
                    _ => denial.read_from(format_args!("cookie {}", self.keeper.cookie.name())),
                })
            }),
        }
    }

    fn reads(&self) -> &[Cow<'static, str>] {
        const { &[Cow::Borrowed("Cookie")] }
    }

    fn begins(&self) -> bool {
        true
    }

    fn begin<'r>(
        &'r self,
        attempt: Attempt<'r, '_>,
        user: User<T>,
    ) -> Answer<'r, Result<(), Denial>> {
        Answer::later(async move {
            attempt.refuse_cross_site(csrf::Rule::Login)?;
            let begun = async {
                let authenticated = User::authenticated_at(&user);
                let beginning =
                    Beginning { length: Length::Usual, keeps_data: false, authenticated };
                let user = to_json(user.id())?;
                self.keeper.begin(attempt.request(), &user, beginning, attempt.now()).await
            };
            begun.await.map_err(IntoDenial::into_denial)
        })
    }

    fn services(&self) -> Vec<Service> {
        let of_users = SessionsOf::<T> { keeper: Arc::clone(&self.keeper), user: PhantomData };
        vec![Service::new(Arc::clone(&self.keeper)), Service::new(Arc::new(of_users))]
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.verify.parameters()
    }

    fn prepare(&self, _: std::time::SystemTime) -> Answer<'_, Result<(), Vec<Mistake>>> {
        Answer::later(self.keeper.store.open())
    }
}
