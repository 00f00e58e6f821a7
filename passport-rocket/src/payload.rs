//! The guard [`UserAnd`]: a user, and what else the same body says.

use std::fmt;
use std::sync::Arc;

use rocket::Request;
use rocket::data::{Data, FromData, Outcome};
use rocket::form::error::ErrorKind;
use rocket::form::{self, Form, FromForm, ValueField};
use rocket::http::{RawStr, Status};
use rocket::serde::json::{self, Json};
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::credential::{BodyKind, Content, Fields, RequestBody, Rest};
use crate::denial::Denial;
use crate::user::{self, Arrived, User};

/// The signed-in user of the route and the payload of its body, as one data guard.
///
/// Rocket reads a body once, and a credential in it is judged before anything else is. Where it
/// comes together with a payload, this guard completes the sign-in, takes the credential's fields
/// out, and reads what is left as `P`: a [`Json`] or a [`Form`] of a type that borrows nothing and is
/// `Send`.
///
/// ```
/// use passport_rocket::{protect, UserAnd};
/// use rocket::post;
/// use rocket::serde::json::Json;
/// use serde::Deserialize;
///
/// struct Account { username: String }
///
/// #[derive(Deserialize)]
/// #[serde(deny_unknown_fields)] // the token's field is none of it
/// struct Tide { height: f32 }
///
/// #[protect(strategy = "jwt")]
/// #[post("/tides", data = "<sent>")]
/// fn create(sent: UserAnd<Account, Json<Tide>>) -> String {
///     format!("{} saw {} m", sent.user.username, sent.payload.height)
/// }
/// # fn main() {}
/// ```
///
/// It serves as well where the credential is in the head, or where the strategy is `local` and a
/// form brings more than a name and a password. The user's type, roles and scopes are proved as for
/// [`User<T>`](User). An `Option` or a `Result` of it refuses launch, and so does `optional`:
/// Rocket would make "nobody" of a refused credential, or of a payload with a mistake.
///
/// # Statuses
///
/// Nobody learns what is wrong with a payload before they are signed in. Then it is as with
/// Rocket's own guards: 400 for what is no JSON, 422 for what does not fit the type, 413 above
/// `limits.json` or `limits.form`, 415 for a body that is no form where `P` is one. `Json` reads a
/// body whatever its content type is. The ready-made [`catchers`](crate::catchers) leave 422 to the
/// application, which has it from Rocket's guards as well. A form of the type `multipart/form-data`
/// may be the payload; no strategy looks for a credential in it (RFC 6750 section 2.2).
#[allow(clippy::exhaustive_structs, reason = "it is these two things by definition")]
pub struct UserAnd<T, P: Payload> {
    /// Who sent it.
    pub user: User<T>,
    /// What else it says.
    pub payload: P::Content,
}

/// What may come along with a credential: Rocket's [`Json`] or [`Form`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot come along with a user",
    note = "write `UserAnd<…, Json<X>>` or `UserAnd<…, Form<X>>` with Rocket's own `Json` and `Form`"
)]
pub trait Payload {
    /// What the handler gets.
    type Content;
}

impl<X> Payload for Json<X> {
    type Content = X;
}

impl<X> Payload for Form<X> {
    type Content = X;
}

impl<T, P: Payload> fmt::Debug for UserAnd<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserAnd").field("user", &self.user).finish_non_exhaustive()
    }
}

#[rocket::async_trait]
impl<'r, T, X> FromData<'r> for UserAnd<T, Json<X>>
where
    T: Send + Sync + 'static,
    X: DeserializeOwned + Send,
{
    type Error = Arc<Denial>;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let mut body = RequestBody::of_kind(BodyKind::Json, request, data);
        let arrived = match user::complete(request, &mut body).await {
            Ok(arrived) => arrived,
            Err(denial) => return Outcome::Error((denial.status(), denial)),
        };
        let read = match body.rest() {
            Rest::Unread(data) => match Json::<X>::from_data(request, data).await {
                Outcome::Success(Json(payload)) => Ok(payload),
                Outcome::Error((_, json::Error::Parse(_, error))) => Err(unfit_json(&error)),
                Outcome::Error((status, json::Error::Io(_))) => Err(unread(status)),
                Outcome::Forward(forward) => return Outcome::Forward(forward),
            },
            Rest::Text(text) => serde_json::from_str(&text).map_err(|error| unfit_json(&error)),
            Rest::Fields(fields) => of_members(fields),
            Rest::Refused(denial) => Err(denial),
        };
        with_payload(request, arrived, read).await
    }
}

#[rocket::async_trait]
impl<'r, T, X> FromData<'r> for UserAnd<T, Form<X>>
where
    T: Send + Sync + 'static,
    X: for<'v> FromForm<'v> + Send,
{
    type Error = Arc<Denial>;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let kind = match request.content_type() {
            Some(kind) if kind.is_form() => BodyKind::Form,
            Some(_) => BodyKind::Foreign,
            None => BodyKind::Unsaid,
        };
        let mut body = RequestBody::of_kind(kind, request, data);
        let arrived = match user::complete(request, &mut body).await {
            Ok(arrived) => arrived,
            Err(denial) => return Outcome::Error((denial.status(), denial)),
        };
        let read = match body.rest() {
            Rest::Unread(data) => match Form::<X>::from_data(request, data).await {
                Outcome::Success(form) => Ok(form.into_inner()),
                Outcome::Error((status, errors)) => Err(unfit_form(status, &errors)),
                Outcome::Forward(forward) => return Outcome::Forward(forward),
            },
            _ if kind != BodyKind::Form => Err(unread(Status::UnsupportedMediaType)),
            Rest::Text(text) => {
                let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
                    let (name, value) = RawStr::new(pair).split_at_byte(b'=');
                    (name.url_decode_lossy().into_owned(), value.url_decode_lossy().into_owned())
                });
                of_pairs(&pairs.collect::<Vec<_>>())
            }
            Rest::Fields(fields) => match fields.into_rest() {
                Content::Form(pairs) => of_pairs(&pairs),
                Content::Json(_) => Err(unread(Status::UnsupportedMediaType)),
            },
            Rest::Refused(denial) => Err(denial),
        };
        with_payload(request, arrived, read).await
    }
}

async fn with_payload<'r, T: Send + Sync + 'static, P: Payload>(
    request: &Request<'_>,
    arrived: Arrived<T>,
    payload: Result<P::Content, Denial>,
) -> Outcome<'r, UserAnd<T, P>, Arc<Denial>> {
    let entered = match payload {
        Ok(payload) => arrived.enter(request).await.map(|user| UserAnd { user, payload }),
        Err(denial) => Err(Arc::new(denial)),
    };
    match entered {
        Ok(both) => Outcome::Success(both),
        Err(denial) => Outcome::Error((denial.status(), denial)),
    }
}

fn of_members<X: DeserializeOwned>(fields: Fields) -> Result<X, Denial> {
    match fields.into_rest() {
        Content::Json(value) => serde_json::from_value(value).map_err(|error| unfit_json(&error)),
        Content::Form(_) => Err(unread(Status::BadRequest)),
    }
}

fn of_pairs<X: for<'v> FromForm<'v>>(pairs: &[(String, String)]) -> Result<X, Denial> {
    let fields = pairs.iter().map(|(name, value)| ValueField::from((&**name, &**value)));
    Form::<X>::parse_iter(fields).map_err(|errors| unfit_form(errors.status(), &errors))
}

/// Rocket's guard would log the whole body here, with the credential; serde's message, a value.
fn unfit_json(error: &serde_json::Error) -> Denial {
    let (status, what) = match error.classify() {
        Category::Data => {
            (Status::UnprocessableEntity, "the payload's members do not fit its type")
        }
        _ => (Status::BadRequest, "the payload is not valid JSON"),
    };
    let reason = match error.line() {
        // A value has no lines.
        0 => what.to_owned(),
        line => format!("{what} (line {line}, column {})", error.column()),
    };
    Denial::malformed(reason).with_status(status)
}

/// A few names of fields only: Rocket's errors hold values. And the type's names only: those that
/// the client made up can hold anything, all of a JSON text that came as a form for instance.
fn unfit_form(status: Status, errors: &form::Errors<'_>) -> Denial {
    let made_up = |kind: &ErrorKind<'_>| matches!(kind, ErrorKind::Unexpected | ErrorKind::Unknown);
    // As texts: Rocket compares names key by key, and never comes to the end of `[x]=`.
    let of_the_type = errors.iter().filter(|error| !made_up(&error.kind));
    let names = of_the_type.filter_map(|error| Some(error.name.as_ref()?.to_string()));
    let mut names: Vec<_> = names.filter(|name| is_plain(name)).collect();
    names.dedup();
    let mut told: Vec<_> = names.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
    if errors.iter().any(|error| made_up(&error.kind)) {
        told.push("it has no such field".to_owned());
    }
    let reason = match told.is_empty() {
        true => "the payload's form does not fit its type".to_owned(),
        false => format!("the payload's form does not fit its type: {}", told.join(", ")),
    };
    Denial::malformed(reason).with_status(status)
}

/// Whether a name looks like one of a type: the keys of a map are the client's.
fn is_plain(name: &str) -> bool {
    let belongs = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.[]".contains(&byte);
    name.len() <= LONGEST_NAME && name.bytes().all(belongs)
}

const MOST_NAMES: usize = 8;
const LONGEST_NAME: usize = 64;

fn unread(status: Status) -> Denial {
    Denial::malformed("the payload cannot be read").with_status(status)
}
