//! Input that has been checked: [`Valid<T>`] takes a JSON body or a query string, and answers 422
//! with everything that is wrong with it at once.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use rocket::data::{self, FromData};
use rocket::http::Status;
use rocket::outcome::Outcome;
use rocket::request::{self, FromRequest};
use rocket::serde::json::serde_json::Map;
use rocket::serde::json::{Json, Value};
use rocket::{Data, Request};
use serde::Serialize;

use crate::moment::Moment;

/// A `T` whose every field was checked.
pub struct Valid<T>(pub T);

/// Made from fields, each of which is asked for once.
pub trait FromFields: Sized {
    /// Asks for every field before it gives up on the first one, so that all errors are found.
    fn from_fields(fields: &mut Fields) -> Option<Self>;
}

/// Why each wrong field was refused, as the answer has it under `errors`.
#[derive(Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Errors(BTreeMap<&'static str, String>);

/// What came in, and what was wrong with it so far.
pub struct Fields {
    values: Map<String, Value>,
    errors: Errors,
}

impl Errors {
    /// What [`Valid`] found wrong with this request.
    pub fn of<'r>(request: &'r Request<'_>) -> Option<&'r Self> {
        request.local_cache(|| None).as_ref()
    }

    /// Leaves them for the catcher, since all that a guard can hand on is a status.
    fn leave(self, request: &Request<'_>) -> Status {
        request.local_cache(|| Some(self));
        Status::UnprocessableEntity
    }
}

impl Fields {
    /// Text without control characters; blanks around it do not count.
    pub fn text(&mut self, name: &'static str, length: RangeInclusive<usize>) -> Option<String> {
        let text = self.string(name)?.trim().to_owned();
        if text.chars().any(char::is_control) {
            return self.wrong(name, "must not hold control characters");
        }

        self.sized(name, text, length)
    }

    /// Text as it stands, to the last blank.
    pub fn password(
        &mut self,
        name: &'static str,
        length: RangeInclusive<usize>,
    ) -> Option<String> {
        let text = self.string(name)?;
        self.sized(name, text, length)
    }

    pub fn moment(&mut self, name: &'static str) -> Option<Moment> {
        match self.string(name)?.parse() {
            Ok(moment) => Some(moment),
            Err(why) => self.wrong(name, why),
        }
    }

    pub fn number(&mut self, name: &'static str, range: RangeInclusive<f64>) -> Option<f64> {
        let Some(number) = self.value(name)?.as_f64() else {
            return self.wrong(name, "must be a number");
        };
        if range.contains(&number) {
            return Some(number);
        }

        let (least, most) = range.into_inner();
        self.wrong(name, format!("must be between {least} and {most}"))
    }

    /// A whole number from 1, written as text as a query string has it.
    pub fn count(&mut self, name: &'static str) -> Option<u32> {
        match self.string(name)?.parse() {
            Ok(number) if number > 0 => Some(number),
            _ => self.wrong(name, "must be a whole number from 1"),
        }
    }

    pub fn one_of<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let text = self.string(name)?;
        if let Some((_, value)) = choices.iter().find(|(choice, _)| *choice == text) {
            return Some(*value);
        }

        let choices: Vec<_> = choices.iter().map(|(choice, _)| *choice).collect();
        self.wrong(name, format!("must be one of {}", choices.join(", ")))
    }

    /// Whether a field is there at all: `null` is as good as absent.
    pub fn has(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|value| !value.is_null())
    }

    /// Notes why a field is refused. It is `None` for every type, to be returned at once.
    pub fn wrong<T>(&mut self, name: &'static str, why: impl Into<String>) -> Option<T> {
        self.errors.0.insert(name, why.into());
        None
    }

    /// Characters are counted, not bytes.
    fn sized(
        &mut self,
        name: &'static str,
        text: String,
        length: RangeInclusive<usize>,
    ) -> Option<String> {
        if length.contains(&text.chars().count()) {
            return Some(text);
        }

        let (least, most) = length.into_inner();
        self.wrong(name, format!("must have {least} to {most} characters"))
    }

    fn string(&mut self, name: &'static str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text),
            _ => self.wrong(name, "must be text"),
        }
    }

    fn value(&mut self, name: &'static str) -> Option<Value> {
        match self.values.remove(name) {
            None | Some(Value::Null) => self.wrong(name, "is missing"),
            value => value,
        }
    }

    fn check<T: FromFields>(values: Map<String, Value>) -> Result<Valid<T>, Errors> {
        let mut fields = Self { values, errors: Errors::default() };
        match T::from_fields(&mut fields) {
            Some(value) if fields.errors.0.is_empty() => Ok(Valid(value)),
            _ => Err(fields.errors),
        }
    }
}

/// From a JSON object. Rocket logs the error of a failed guard, and that of `Json<T>` holds the
/// whole body, passwords included: ours is a fixed sentence.
#[rocket::async_trait]
impl<'r, T: FromFields> FromData<'r> for Valid<T> {
    type Error = &'static str;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> data::Outcome<'r, Self> {
        let body = Json::<Map<String, Value>>::from_data(request, data).await;
        let checked = match body.map(Json::into_inner) {
            Outcome::Success(values) => Fields::check(values),
            Outcome::Error((Status::UnprocessableEntity, _)) => {
                Err(Errors(BTreeMap::from([("body", "must be an object".into())])))
            }
            Outcome::Error((status, _)) => return Outcome::Error((status, "no JSON")),
            Outcome::Forward(forward) => return Outcome::Forward(forward),
        };

        match checked {
            Ok(valid) => Outcome::Success(valid),
            Err(errors) => Outcome::Error((errors.leave(request), "invalid")),
        }
    }
}

/// From the query string, in which an empty value is as good as none.
#[rocket::async_trait]
impl<'r, T: FromFields> FromRequest<'r> for Valid<T> {
    type Error = &'static str;

    async fn from_request(request: &'r Request<'_>) -> request::Outcome<Self, Self::Error> {
        let values = request
            .query_fields()
            .filter(|field| !field.value.is_empty())
            .map(|field| (field.name.source().to_string(), Value::from(field.value)))
            .collect();
        match Fields::check(values) {
            Ok(valid) => Outcome::Success(valid),
            Err(errors) => Outcome::Error((errors.leave(request), "invalid")),
        }
    }
}
