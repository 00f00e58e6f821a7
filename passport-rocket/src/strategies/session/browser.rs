//! The session of the browser that asks: what it holds, and messages for the next page.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rocket::Request;
use rocket::request::{FromRequest, Outcome};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::flash::Flash;
use super::guard::Desk;
use super::keeper::Keeper;
use super::record::Rest;
use crate::denial::Denial;
use crate::error::Error;
use crate::probe::Speaks;

/// A type that a session can hold one of.
///
/// ```
/// use passport_rocket::SessionData;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Cart { items: Vec<u32> }
///
/// impl SessionData for Cart {
///     const NAME: &'static str = "cart";
/// }
/// ```
pub trait SessionData: Serialize + DeserializeOwned + Send {
    /// Under which name it is kept: another one for each type, and the same for all versions of the
    /// application that share a store.
    const NAME: &'static str;
}

/// The session of the browser that sent the request, signed in or not, as a guard: it holds values
/// of the application's types, and messages for the next page.
///
/// It is also the strategy's own name: [`Session::fairing`] registers it.
///
/// ```
/// use passport_rocket::{Error, Session, SessionData};
/// use rocket::{get, post};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Serialize, Deserialize)]
/// struct Cart { items: Vec<u32> }
///
/// impl SessionData for Cart {
///     const NAME: &'static str = "cart";
/// }
///
/// #[post("/cart/<item>")]
/// async fn add(item: u32, session: Session<'_>) -> Result<(), Error> {
///     session.update(|cart: &mut Cart| cart.items.push(item)).await
/// }
///
/// #[get("/cart")]
/// async fn cart(session: Session<'_>) -> Result<String, Error> {
///     let cart: Cart = session.get().await?.unwrap_or_default();
///     Ok(format!("{} things", cart.items.len()))
/// }
/// # fn main() {}
/// ```
///
/// The store is asked when something is read, once in a request however many read, and written when
/// something changed. A browser without a session gets one with the first value; it is nobody's,
/// ends soon (`anonymous_timeout`), and gives way to a new one when somebody signs in.
///
/// Where several `session` strategies are registered, `issue` or `sign_in` says for which it speaks;
/// launch refuses a declared handler that leaves it open.
///
/// # Security
/// Any request of the browser changes it, also one that is not signed in: keep nothing in it that
/// allows anything. A request that another site may have caused is refused with 403 before the
/// handler runs, unless its method is safe; so change nothing in a handler of `GET` that matters.
pub struct Session<'r>(Desk<'r, Keeper>);

impl Session<'_> {
    /// The `T` that the session holds.
    ///
    /// # Errors
    /// When the store does not answer (503), or what it holds cannot be read as `T`.
    pub async fn get<T: SessionData>(&self) -> Result<Option<T>, Error> {
        let current = self.0.keeper().in_use(self.0.request, self.0.now()).await?;
        let Some(live) = current.live() else { return Ok(None) };
        let mut rest = live.record.rest()?;
        rest.data.remove(T::NAME).map(read).transpose()
    }

    /// Puts a `T` into the session, in place of the one before.
    ///
    /// # Errors
    /// When the store does not answer (503), when the session has ended meanwhile (503), or when it
    /// would hold more than `max_data`.
    pub async fn set<T: SessionData>(&self, value: &T) -> Result<(), Error> {
        let value = write(value)?;
        self.change(|data| {
            data.insert(T::NAME.to_owned(), value.clone());
            Ok(())
        })
        .await
    }

    /// Changes the `T` of the session, or the default one where there is none. Several requests of
    /// one browser lose nothing to each other: where another was faster, `update` is called once
    /// more.
    ///
    /// # Errors
    /// Those of [`Session::get`] and [`Session::set`].
    pub async fn update<T: SessionData + Default, R>(
        &self,
        mut update: impl FnMut(&mut T) -> R + Send,
    ) -> Result<R, Error> {
        self.change(|data| {
            let mut value =
                data.get(T::NAME).cloned().map(read::<T>).transpose()?.unwrap_or_default();
            let result = update(&mut value);
            data.insert(T::NAME.to_owned(), write(&value)?);
            Ok(result)
        })
        .await
    }

    /// Takes the `T` out of the session: of two requests, one gets it.
    ///
    /// # Errors
    /// Those of [`Session::get`] and [`Session::set`].
    pub async fn take<T: SessionData>(&self) -> Result<Option<T>, Error> {
        self.change(|data| data.remove(T::NAME).map(read).transpose()).await
    }

    /// Leaves a message for the next page, of a kind, `error` for instance.
    ///
    /// # Errors
    /// Those of [`Session::set`].
    pub async fn flash(
        &self,
        kind: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<(), Error> {
        let flash = Flash::new(kind.into(), text.into());
        let keeper = self.0.keeper();
        let add = |rest: &mut Rest| {
            rest.flashes.push(flash.clone());
            Ok(())
        };
        keeper.change(self.0.request, self.0.now(), add).await
    }

    /// Takes the messages that earlier requests have left, oldest first: each is shown once.
    ///
    /// # Errors
    /// Those of [`Session::get`] and [`Session::set`].
    pub async fn take_flashes(&self) -> Result<Vec<Flash>, Error> {
        let take = |rest: &mut Rest| Ok(std::mem::take(&mut rest.flashes));
        self.0.keeper().change(self.0.request, self.0.now(), take).await
    }

    async fn change<R>(
        &self,
        mut change: impl FnMut(&mut Data) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let keeper = self.0.keeper();
        keeper.change(self.0.request, self.0.now(), |rest| change(&mut rest.data)).await
    }
}

type Data = BTreeMap<String, serde_json::Value>;

fn read<T: SessionData>(value: serde_json::Value) -> Result<T, Error> {
    // Not what serde says of it, which may quote the value.
    let unfit = |_| {
        let cause = "what is stored has another shape; give a type that has changed another name";
        Error::failed(format!("read `{}` of a session", T::NAME), cause)
    };
    serde_json::from_value(value).map_err(unfit)
}

fn write<T: SessionData>(value: &T) -> Result<serde_json::Value, Error> {
    let unfit = |error| Error::failed(format!("write `{}` of a session", T::NAME), error);
    serde_json::to_value(value).map_err(unfit)
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("strategy", &self.0.keeper().name).finish_non_exhaustive()
    }
}

impl Speaks for Session<'_> {
    type Service = Keeper;

    const WHAT: &'static str = "sessions";
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Session<'r> {
    type Error = Arc<Denial>;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Arc<Denial>> {
        match Desk::open(request).await {
            Ok(desk) => Outcome::Success(Self(desk)),
            Err(refused) => Outcome::Error(refused),
        }
    }
}
