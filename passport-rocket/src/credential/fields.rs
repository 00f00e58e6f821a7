//! The fields of a body: those of a form, or the members of a JSON object.

use std::fmt;

use rocket::http::RawStr;
use serde_json::{Map, Value};

use super::FieldPath;
use super::json_text::{self, At};
use crate::denial::Denial;
use crate::json;

/// The fields of a body. Whoever takes one hides it from the payload behind the credential; another
/// strategy that looks for its own credential there still sees it.
pub struct Fields {
    text: String,
    kind: Kind,
    taken: Vec<FieldPath>,
}

/// How the text is read.
enum Kind {
    Form(Vec<(String, String)>),
    /// Strict JSON. It stays a text until somebody is signed in.
    Json,
}

/// What the text says besides what was taken.
pub(crate) enum Content {
    Form(Vec<(String, String)>),
    Json(Value),
}

impl Fields {
    /// Reads them; the error is the reason. A body that is empty has none, whatever it says it is.
    pub(super) fn parse(text: String, is_json: bool) -> Result<Self, &'static str> {
        let kind = match is_json {
            true if text.is_empty() || json::check(text.as_bytes()).is_ok() => Kind::Json,
            true => return Err("the body is not valid JSON"),
            false => form(&text).map(Kind::Form)?,
        };
        Ok(Self { text, kind, taken: Vec::new() })
    }

    /// Takes the text of a field; `None` when it is missing or empty.
    ///
    /// # Errors
    /// Malformed (400) when two fields have the name, or JSON has something else there than a text:
    /// which of two was meant is not ours to guess.
    pub fn take(&mut self, path: &FieldPath) -> Result<Option<String>, Denial> {
        let text = match &self.kind {
            Kind::Form(pairs) => match in_form(pairs, path)? {
                Some(text) => text.to_owned(),
                None => return Ok(None),
            },
            Kind::Json => match json_text::at(&self.text, path.steps()) {
                At::Text(text) => text,
                At::Null => String::new(),
                At::Nothing => return Ok(None),
                At::Other => {
                    let reason = format!("the field {path} of the body is no text");
                    return Err(Denial::malformed(reason));
                }
            },
        };
        let text = Some(text).filter(|text| !text.is_empty());
        if !self.taken.contains(path) {
            self.taken.push(path.clone());
        }
        Ok(text)
    }

    /// Whether nobody took anything.
    pub(super) fn is_whole(&self) -> bool {
        self.taken.is_empty()
    }

    /// The text that they were read from.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// What nobody took.
    pub(crate) fn into_rest(self) -> Content {
        match self.kind {
            Kind::Form(mut pairs) => {
                pairs.retain(|(name, _)| {
                    !FieldPath::parse(name).is_ok_and(|name| self.taken.contains(&name))
                });
                Content::Form(pairs)
            }
            Kind::Json => {
                // An empty text is no JSON, and says nothing.
                let mut value = json::strict(self.text.as_bytes()).unwrap_or(Value::Null);
                for path in &self.taken {
                    remove(&mut value, path.steps());
                }
                Content::Json(value)
            }
        }
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fields(..)")
    }
}

fn form(text: &str) -> Result<Vec<(String, String)>, &'static str> {
    let decoded = |pair| {
        let (name, value) = RawStr::new(pair).split_at_byte(b'=');
        Ok((name.url_decode()?.into_owned(), value.url_decode()?.into_owned()))
    };
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(decoded)
        .collect::<Result<Vec<_>, std::str::Utf8Error>>()
        .map_err(|_| "a field of the body is not UTF-8")
}

fn in_form<'f>(pairs: &'f [(String, String)], path: &FieldPath) -> Result<Option<&'f str>, Denial> {
    let is_it = |name| FieldPath::parse(name).is_ok_and(|name| name == *path);
    let mut values = pairs.iter().filter(|(name, _)| is_it(name)).map(|(_, value)| &**value);
    match (values.next(), values.next()) {
        (_, Some(_)) => Err(Denial::malformed(format!("two fields {path} in the body"))),
        (value, None) => Ok(value),
    }
}

/// Removes a member, and the objects around it that held nothing else: a payload does not know of
/// `user` when all of it was the credential.
fn remove(value: &mut Value, steps: &[String]) {
    let Some(object) = value.as_object_mut() else { return };
    match steps {
        [] => {}
        [last] => {
            object.remove(last);
        }
        [first, rest @ ..] => {
            let Some(inner) = object.get_mut(first) else { return };
            remove(inner, rest);
            if inner.as_object().is_some_and(Map::is_empty) {
                object.remove(first);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rocket::http::Status;
    use serde_json::json;

    use super::*;

    fn path(text: &str) -> FieldPath {
        FieldPath::parse(text).unwrap()
    }

    fn of_json(text: &str) -> Fields {
        Fields::parse(text.to_owned(), true).unwrap()
    }

    fn of_form(text: &str) -> Fields {
        Fields::parse(text.to_owned(), false).unwrap()
    }

    fn left(fields: Fields) -> Value {
        match fields.into_rest() {
            Content::Json(value) => value,
            Content::Form(pairs) => json!(pairs),
        }
    }

    #[test]
    fn reads_nested_fields_of_both_kinds_of_body() {
        let json = r#"{"user":{"email":"ada","secret":"a b&c"},"other":1}"#;
        let form = "user%5Bemail%5D=ada&user%5Bsecret%5D=a+b%26c&other=1";
        let dots = "user.email=ada&&user.secret=a+b%26c&";
        for mut fields in [of_json(json), of_form(form), of_form(dots)] {
            assert_eq!(fields.take(&path("user.email")).unwrap().as_deref(), Some("ada"));
            assert_eq!(fields.take(&path("user[secret]")).unwrap().as_deref(), Some("a b&c"));
            // For the next strategy it is still there.
            assert_eq!(fields.take(&path("user.email")).unwrap().as_deref(), Some("ada"));
        }
    }

    #[test]
    fn what_was_taken_is_gone_and_nothing_else() {
        let mut fields = of_json(r#"{"user":{"token":"x"},"a":{"b":{},"token":"y"},"c":[1]}"#);
        assert!(fields.is_whole());
        assert_eq!(fields.take(&path("user.missing")).unwrap(), None);
        assert_eq!(fields.take(&path("c.token")).unwrap(), None);
        assert!(fields.is_whole());
        fields.take(&path("user.token")).unwrap();
        fields.take(&path("a.token")).unwrap();
        assert!(!fields.is_whole());
        assert_eq!(left(fields), json!({ "a": { "b": {} }, "c": [1] }));
        let mut fields = of_form("a=1&%74oken=x&b=2&b=3&=4");
        fields.take(&path("token")).unwrap();
        assert_eq!(left(fields), json!([["a", "1"], ["b", "2"], ["b", "3"], ["", "4"]]));
    }

    #[test]
    fn a_field_that_is_empty_or_null_holds_nothing_and_is_gone() {
        for (mut fields, empty) in [
            (of_json(r#"{"token":""}"#), json!({})),
            (of_json(r#"{"token":null}"#), json!({})),
            (of_form("token="), json!([])),
            (of_form("token"), json!([])),
        ] {
            assert_eq!(fields.take(&path("token")).unwrap(), None);
            assert_eq!(left(fields), empty);
        }
        for mut nothing in [of_json("[]"), of_json("null"), of_json(""), of_form("")] {
            assert_eq!(nothing.take(&path("token")).unwrap(), None);
        }
    }

    #[test]
    fn a_field_that_is_there_twice_or_no_text_is_malformed() {
        for mut fields in [
            of_form("token=a&token=b"),
            of_form("token=a&token=a"),
            of_form("a.token=x&token=x&%74oken=y"),
            of_json(r#"{"token":7}"#),
            of_json(r#"{"token":["x"]}"#),
            of_json(r#"{"token":{"x":"y"}}"#),
        ] {
            let denial = fields.take(&path("token")).unwrap_err();
            assert_eq!(denial.status(), Status::BadRequest);
            assert!(denial.reason().contains("token"), "{denial:?}");
        }
        let mut fields = of_form("user.token=x&user[token]=x");
        assert!(fields.take(&path("user.token")).is_err());
    }

    #[test]
    fn what_is_no_json_or_no_text_has_no_fields() {
        for text in ["{", " ", r#"{"a":1,"a":2}"#, r#"{"a":{"b":1,"b":1}}"#] {
            assert!(Fields::parse(text.to_owned(), true).is_err(), "{text}");
        }
        for text in ["a=%ff", "%ff=a"] {
            assert!(Fields::parse(text.to_owned(), false).is_err(), "{text}");
        }
    }
}
