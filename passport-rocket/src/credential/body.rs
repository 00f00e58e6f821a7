//! The body of a request as strategies and the payload behind them see it: read once, for all.

use std::fmt;

use rocket::Request;
use rocket::data::{ByteUnit, Data, Limits};
use rocket::http::Status;

use super::fields::Fields;
use crate::denial::Denial;

/// The body of a request, lent to a strategy by the route's data guard.
///
/// It is read when somebody asks for it, at most once: what a strategy has read is still there for
/// the next strategy and for the payload of [`UserAnd`](crate::UserAnd).
///
/// ```
/// use passport_rocket::credential::{FieldPath, RequestBody};
/// use passport_rocket::Denial;
///
/// async fn pin(body: &mut RequestBody<'_>, field: &FieldPath) -> Result<String, Denial> {
///     let pin = body.fields(body.limit()).await?.take(field)?;
///     pin.ok_or_else(|| Denial::malformed("the body has no pin"))
/// }
/// ```
pub struct RequestBody<'d> {
    kind: BodyKind,
    limit: ByteUnit,
    state: State<'d>,
}

/// What a body is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyKind {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// JSON.
    Json,
    /// Anything else.
    Foreign,
    /// The request does not say.
    Unsaid,
}

#[expect(clippy::large_enum_variant, reason = "one for each request; a box costs an allocation")]
enum State<'d> {
    Unread(Data<'d>),
    Text(String),
    Fields(Fields),
    /// It was read in vain; nobody gets to see half of it.
    Refused(Status, &'static str),
}

/// What is left of a body for the payload.
#[expect(clippy::large_enum_variant, reason = "one for each request; a box costs an allocation")]
pub(crate) enum Rest<'d> {
    /// Everything: nobody has read it.
    Unread(Data<'d>),
    /// The text; nothing was taken out.
    Text(String),
    /// The fields that nobody took.
    Fields(Fields),
    Refused(Denial),
}

impl<'d> RequestBody<'d> {
    /// The body, of the kind that the request says.
    pub(crate) fn new(request: &Request<'_>, data: Data<'d>) -> Self {
        Self::of_kind(BodyKind::of(request), request, data)
    }

    /// The body, to be read as `kind` whatever the request says.
    pub(crate) fn of_kind(kind: BodyKind, request: &Request<'_>, data: Data<'d>) -> Self {
        let (name, default) = match kind {
            BodyKind::Json => ("json", Limits::JSON),
            BodyKind::Form | BodyKind::Foreign | BodyKind::Unsaid => ("form", Limits::FORM),
        };
        let limit = request.limits().get(name).unwrap_or(default);
        Self { kind, limit, state: State::Unread(data) }
    }

    /// Whether it is a form or JSON, so that it has [`fields`](Self::fields). A strategy that also
    /// reads the head asks before it reads: a body of another kind holds no credential, and is no
    /// mistake.
    #[must_use]
    pub fn has_fields(&self) -> bool {
        matches!(self.kind, BodyKind::Form | BodyKind::Json)
    }

    /// Rocket's limit for a body of this kind: `limits.json` or `limits.form`.
    #[must_use]
    pub fn limit(&self) -> ByteUnit {
        self.limit
    }

    /// The whole body as text. The limit of the first who asks holds for all.
    ///
    /// # Errors
    /// 413 when it is larger than `limit`, 400 when it is no UTF-8 or ends too early.
    pub async fn text(&mut self, limit: ByteUnit) -> Result<&str, Denial> {
        self.read(limit).await;
        match &self.state {
            State::Text(text) => Ok(text),
            State::Fields(fields) => Ok(fields.text()),
            State::Unread(_) => Err(Denial::fault("the body was not read")),
            State::Refused(status, reason) => Err(refusal(*status, reason)),
        }
    }

    /// The fields of a form, or of JSON. The limit of the first who asks holds for all.
    ///
    /// # Errors
    /// 413 when the body is larger than `limit`, 415 when it is neither a form nor JSON, 400 when
    /// it is not what it says, or holds a JSON member twice: two readers of one body must not see
    /// two credentials.
    pub async fn fields(&mut self, limit: ByteUnit) -> Result<&mut Fields, Denial> {
        match self.kind {
            BodyKind::Unsaid => return Err(Denial::malformed("the body has no content type")),
            BodyKind::Foreign => {
                let reason = "the body is neither a form nor JSON";
                return Err(refusal(Status::UnsupportedMediaType, reason));
            }
            BodyKind::Form | BodyKind::Json => self.read(limit).await,
        }
        if let State::Text(text) = &mut self.state {
            let text = std::mem::take(text);
            self.state = match Fields::parse(text, self.kind == BodyKind::Json) {
                Ok(fields) => State::Fields(fields),
                Err(reason) => State::Refused(Status::BadRequest, reason),
            };
        }
        match &mut self.state {
            State::Fields(fields) => Ok(fields),
            State::Refused(status, reason) => Err(refusal(*status, reason)),
            State::Unread(_) | State::Text(_) => Err(Denial::fault("the body was not read")),
        }
    }

    /// What is left of it when the strategies are done.
    pub(crate) fn rest(self) -> Rest<'d> {
        match self.state {
            State::Unread(data) => Rest::Unread(data),
            State::Text(text) => Rest::Text(text),
            State::Fields(fields) if fields.is_whole() => Rest::Text(fields.into_text()),
            State::Fields(fields) => Rest::Fields(fields),
            State::Refused(status, reason) => Rest::Refused(refusal(status, reason)),
        }
    }

    async fn read(&mut self, limit: ByteUnit) {
        if !matches!(self.state, State::Unread(_)) {
            return;
        }
        // A read that is dropped half-way leaves this.
        let interrupted = State::Refused(Status::BadRequest, "the body was not read to its end");
        let State::Unread(data) = std::mem::replace(&mut self.state, interrupted) else { return };
        self.state = match data.open(limit).into_string().await {
            Ok(text) if text.is_complete() => State::Text(text.into_inner()),
            Ok(_) => State::Refused(Status::PayloadTooLarge, "the body is larger than its limit"),
            Err(_) => State::Refused(Status::BadRequest, "the body cannot be read as text"),
        };
    }
}

impl BodyKind {
    fn of(request: &Request<'_>) -> Self {
        match request.content_type() {
            Some(kind) if kind.is_form() => Self::Form,
            Some(kind) if kind.is_json() => Self::Json,
            Some(_) => Self::Foreign,
            None => Self::Unsaid,
        }
    }
}

impl fmt::Debug for RequestBody<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestBody").field("kind", &self.kind).finish_non_exhaustive()
    }
}

fn refusal(status: Status, reason: &'static str) -> Denial {
    Denial::malformed(reason).with_status(status)
}
