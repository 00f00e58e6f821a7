//! The guard through which a handler signs somebody in and out, and looks after their sessions.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use rocket::Request;
use rocket::futures::future::BoxFuture;
use rocket::http::Method;
use rocket::request::{FromRequest, Outcome};
use serde::Serialize;

use super::guard::Desk;
use super::keeper::{Beginning, Keeper};
use super::limits::Length;
use super::record::Record;
use crate::denial::Denial;
use crate::error::Error;
use crate::probe::Speaks;
use crate::store::Key;
use crate::user::Principal;

/// Signs users of type `T` in and out, and lists and ends their sessions; a guard for any handler,
/// protected or not.
///
/// It speaks for the only `session` strategy whose users are `T`s or, where several are, for the one
/// that `issue` or `sign_in` names; launch refuses anything else.
///
/// ```
/// use passport_rocket::{protect, public, Error, Principal, Sessions, User};
/// use rocket::post;
///
/// #[derive(Principal)]
/// struct Account {
///     #[principal(id)]
///     id: i64,
/// }
///
/// #[protect(strategy = "local")]
/// #[post("/login", data = "<user>")]
/// async fn login(user: User<Account>, sessions: Sessions<'_, Account>) -> Result<(), Error> {
///     sessions.sign_in(&user).await
/// }
///
/// #[public("signs out whoever asks")]
/// #[post("/logout")]
/// async fn logout(sessions: Sessions<'_, Account>) -> Result<(), Error> {
///     sessions.sign_out().await
/// }
/// # fn main() {}
/// ```
///
/// A login handler that only begins a session needs none of it: `#[protect(strategy = "local",
/// sign_in = "session")]`.
///
/// # When a password changes
///
/// Whoever has stolen a session, or knew the old password, has to go, and the user stays:
///
/// ```
/// # use passport_rocket::{Error, Principal, Sessions};
/// # #[derive(Principal)]
/// # struct Account { #[principal(id)] id: i64 }
/// async fn password_changed(user: &Account, sessions: Sessions<'_, Account>) -> Result<(), Error> {
///     sessions.end_all_of(user.id()).await?;
///     sessions.sign_in(user).await
/// }
/// ```
///
/// # Security
/// A request that another site may have caused is refused with 403 before the handler runs, whether
/// it is protected or not, unless its method is safe: so no other site signs its victim in as
/// somebody else (login CSRF) or out.
pub struct Sessions<'r, T>(Desk<'r, SessionsOf<T>>);

/// The sessions of users of type `T`, as a strategy offers them to [`Sessions`].
pub struct SessionsOf<T> {
    pub(super) keeper: Arc<Keeper>,
    pub(super) user: PhantomData<fn(&T)>,
}

impl<T> fmt::Debug for SessionsOf<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionsOf").field(&self.keeper.name).finish()
    }
}

impl<T> AsRef<Keeper> for SessionsOf<T> {
    fn as_ref(&self) -> &Keeper {
        &self.keeper
    }
}

impl<'r, T> Sessions<'r, T>
where
    T: Principal<Id: Serialize> + Send + Sync + 'static,
{
    /// Signs `user` in, in a session with a new id; the one that the browser had is over. Await it,
    /// or say more first:
    ///
    /// ```
    /// # use passport_rocket::{Error, Principal, Sessions};
    /// # async fn sign_in<T>(user: &T, sessions: Sessions<'_, T>) -> Result<(), Error>
    /// # where T: Principal<Id: serde::Serialize> + Send + Sync + 'static {
    /// sessions.sign_in(user).remembered().keeping_data().await
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the store does not answer (503): then nobody is signed in.
    pub fn sign_in<'s>(&'s self, user: &T) -> SigningIn<'s, 'r, T> {
        let beginning = Beginning { length: Length::Usual, keeps_data: false, authenticated: None };
        SigningIn { sessions: self, user: to_json(user.id()), beginning }
    }

    /// Signs out whoever is signed in with this browser: its session is deleted, with what it
    /// held, and its cookie taken away. Without a session it does nothing.
    ///
    /// # Errors
    /// When the store does not answer (503): then the session goes on, and its cookie stays, so that
    /// the user can try again. In a handler of a safe method (500): a link on any page could sign
    /// the user out.
    pub async fn sign_out(&self) -> Result<(), Error> {
        self.refuse_safe_method()?;
        self.0.keeper().end(self.0.request, self.0.now()).await
    }

    /// The sessions of whoever is signed in with this browser; none where nobody is.
    ///
    /// # Errors
    /// When the store does not answer (503).
    pub async fn list(&self) -> Result<Vec<SessionInfo>, Error> {
        match self.user().await? {
            Some(user) => self.list_as(&user).await,
            None => Ok(Vec::new()),
        }
    }

    /// The sessions of the user with this id, for whoever administers users.
    ///
    /// # Errors
    /// When the store does not answer (503).
    pub async fn list_of(&self, id: &T::Id) -> Result<Vec<SessionInfo>, Error> {
        self.list_as(&to_json(id)?).await
    }

    /// Ends one of the sessions of whoever is signed in with this browser; tells whether there was
    /// one of theirs with this handle.
    ///
    /// # Errors
    /// When the store does not answer (503). In a handler of a safe method (500).
    pub async fn end(&self, handle: &str) -> Result<bool, Error> {
        self.refuse_safe_method()?;
        match self.user().await? {
            Some(user) => self.end_as(&user, handle).await,
            None => Ok(false),
        }
    }

    /// Ends one of the sessions of the user with this id, for whoever administers users.
    ///
    /// # Errors
    /// When the store does not answer (503). In a handler of a safe method (500).
    pub async fn end_of(&self, id: &T::Id, handle: &str) -> Result<bool, Error> {
        self.refuse_safe_method()?;
        self.end_as(&to_json(id)?, handle).await
    }

    /// Ends all other sessions of whoever is signed in with this browser; tells how many there were.
    ///
    /// # Errors
    /// When the store does not answer (503). In a handler of a safe method (500).
    pub async fn end_others(&self) -> Result<u64, Error> {
        self.refuse_safe_method()?;
        let (keeper, now) = (self.0.keeper(), self.0.now());
        let current = keeper.current(self.0.request, now).await?;
        let Some(live) = current.live() else { return Ok(0) };
        match live.record.user() {
            Some(user) => keeper.end_all_of(user, Some(&live.key), now).await,
            None => Ok(0),
        }
    }

    /// Ends all sessions of the user with this id, that of this browser included if it is theirs:
    /// for an account that is disabled or deleted, or whose password changed. Tells how many there
    /// were.
    ///
    /// # Errors
    /// When the store does not answer (503). In a handler of a safe method (500).
    pub async fn end_all_of(&self, id: &T::Id) -> Result<u64, Error> {
        self.refuse_safe_method()?;
        let (keeper, now) = (self.0.keeper(), self.0.now());
        let user = to_json(id)?;
        let is_here = self.user().await?.as_deref() == Some(&*user);
        let ended = keeper.end_all_of(&user, None, now).await?;
        if is_here {
            keeper.end(self.0.request, now).await?;
        }
        Ok(ended)
    }

    /// Another site can have any browser send a `GET`.
    fn refuse_safe_method(&self) -> Result<(), Error> {
        match self.0.request.method() {
            Method::Get | Method::Head | Method::Options | Method::Trace => Err(Error::misuse(
                "end a session in a handler of a safe method, which any site can cause; make it a \
                 POST",
            )),
            _ => Ok(()),
        }
    }

    /// The JSON of the id of whoever is signed in.
    async fn user(&self) -> Result<Option<Vec<u8>>, Error> {
        let current = self.0.keeper().current(self.0.request, self.0.now()).await?;
        Ok(current.live().and_then(|live| live.record.user().map(<[u8]>::to_vec)))
    }

    async fn list_as(&self, user: &[u8]) -> Result<Vec<SessionInfo>, Error> {
        let (keeper, now) = (self.0.keeper(), self.0.now());
        let here = keeper.current(self.0.request, now).await?.live().map(|live| live.key);
        let all = keeper.all_of(user, now).await?;
        let info = |(key, record): &(Key, Record)| SessionInfo::of(key, record, here.as_ref());
        let mut list = all.iter().map(info).collect::<Result<Vec<_>, Error>>()?;
        list.sort_by(|one, other| {
            other.seen_at.cmp(&one.seen_at).then(one.handle.cmp(&other.handle))
        });
        Ok(list)
    }

    async fn end_as(&self, user: &[u8], handle: &str) -> Result<bool, Error> {
        let (keeper, now) = (self.0.keeper(), self.0.now());
        let all = keeper.all_of(user, now).await?;
        let Some((key, _)) = all.into_iter().find(|(key, _)| handle_of(key) == handle) else {
            return Ok(false);
        };
        let current = keeper.current(self.0.request, now).await?;
        if current.live().is_some_and(|live| live.key == key) {
            keeper.end(self.0.request, now).await?;
            return Ok(true);
        }
        keeper.store.remove(&key, now).get().await
    }
}

impl<T> fmt::Debug for Sessions<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

impl<T: Send + Sync + 'static> Speaks for Sessions<'_, T> {
    type Service = SessionsOf<T>;

    const WHAT: &'static str = "sessions of this user type";
}

#[rocket::async_trait]
impl<'r, T: Send + Sync + 'static> FromRequest<'r> for Sessions<'r, T> {
    type Error = Arc<Denial>;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Arc<Denial>> {
        match Desk::open(request).await {
            Ok(desk) => Outcome::Success(Self(desk)),
            Err(refused) => Outcome::Error(refused),
        }
    }
}

/// A sign-in that has yet to be awaited; see [`Sessions::sign_in`].
#[must_use = "nobody is signed in before it is awaited"]
pub struct SigningIn<'s, 'r, T> {
    sessions: &'s Sessions<'r, T>,
    user: Result<Vec<u8>, Error>,
    beginning: Beginning,
}

impl<T> SigningIn<'_, '_, T> {
    /// "Remember me": the session may be idle for `remember_idle_timeout` and lasts
    /// `remember_absolute_timeout`, and its cookie survives the end of the browser.
    pub fn remembered(mut self) -> Self {
        self.beginning.length = Length::Remembered;
        self
    }

    /// Keeps what the browser's session held before, a cart for instance, unless it belonged to
    /// another user.
    pub fn keeping_data(mut self) -> Self {
        self.beginning.keeps_data = true;
        self
    }
}

impl<T> fmt::Debug for SigningIn<'_, '_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningIn").field("beginning", &self.beginning).finish_non_exhaustive()
    }
}

impl<'s, T: Send + Sync + 'static> IntoFuture for SigningIn<'s, '_, T> {
    type Output = Result<(), Error>;
    type IntoFuture = BoxFuture<'s, Result<(), Error>>;

    fn into_future(self) -> Self::IntoFuture {
        let desk = &self.sessions.0;
        Box::pin(async move {
            desk.keeper().begin(desk.request, &self.user?, self.beginning, desk.now()).await
        })
    }
}

/// One session in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SessionInfo {
    /// What [`Sessions::end`] takes. It ends the session, and opens nothing.
    pub handle: String,
    /// When the user proved who they are.
    #[serde(skip)]
    pub authenticated_at: SystemTime,
    /// When it was in use, to about a twentieth of the idle time-out.
    #[serde(skip)]
    pub seen_at: SystemTime,
    /// When it ends at the latest.
    #[serde(skip)]
    pub ends_at: SystemTime,
    /// Whether it is the one that asks.
    pub is_current: bool,
    /// Whether it is a remembered one.
    pub is_remembered: bool,
    /// What the browser called itself, cut to 200 characters. Escape it before you put it into a
    /// page.
    pub user_agent: Option<String>,
}

impl SessionInfo {
    fn of(key: &Key, record: &Record, here: Option<&Key>) -> Result<Self, Error> {
        Ok(Self {
            handle: handle_of(key),
            authenticated_at: record.head.authenticated,
            seen_at: record.head.seen,
            ends_at: record.head.ends,
            is_current: here == Some(key),
            is_remembered: record.head.is_remembered,
            user_agent: record.rest()?.user_agent,
        })
    }
}

/// The hash of the id: what the store knows a session by, and nothing that a browser could send.
fn handle_of(key: &Key) -> String {
    BASE64.encode(key.hash())
}

pub(super) fn to_json<I: Serialize + ?Sized>(id: &I) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(id).map_err(|error| Error::failed("write a user's id as JSON", error))
}
