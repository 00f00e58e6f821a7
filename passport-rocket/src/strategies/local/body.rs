//! A user name and a password in a body: `application/x-www-form-urlencoded` or JSON.

use rocket::Request;
use rocket::data::{ByteUnit, Data};
use rocket::http::{RawStr, Status};
use serde_json::Value;

use super::Credentials;
use crate::denial::Denial;
use crate::json;

/// Which fields of a body hold the credentials.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) username: Path,
    pub(super) password: Path,
    pub(super) max_body: ByteUnit,
}

/// The way to a field: `user[email]` and `user.email` are `user`, then `email`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Path(Vec<String>);

impl Fields {
    /// Reads the credentials.
    ///
    /// # Errors
    /// 413 when the body is too large, 415 when it is neither a form nor JSON, 400 when a field is
    /// missing, empty, no text, or there twice: two readers of one body must not see two users.
    pub(super) async fn read(
        &self,
        request: &Request<'_>,
        data: Data<'_>,
    ) -> Result<Credentials, Denial> {
        let Some(content_type) = request.content_type() else {
            return Err(missing("content type"));
        };
        let is_json = content_type.is_json();
        if !is_json && !content_type.is_form() {
            return Err(Denial::malformed("the body is neither a form nor JSON")
                .with_status(Status::UnsupportedMediaType));
        }
        let body = data
            .open(self.max_body)
            .into_string()
            .await
            .map_err(|_| Denial::malformed("the body cannot be read as text"))?;
        if !body.is_complete() {
            return Err(Denial::malformed("the body is larger than `max_body`")
                .with_status(Status::PayloadTooLarge));
        }
        let (username, password) = match is_json {
            true => self.in_json(&body)?,
            false => self.in_form(&body)?,
        };
        Ok(Credentials::new(username, password))
    }

    fn in_json(&self, body: &str) -> Result<(String, String), Denial> {
        let body = json::strict(body.as_bytes())
            .map_err(|_| Denial::malformed("the body is not valid JSON"))?;
        let field = |path: &Path, what| match path.in_json(&body) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            _ => Err(missing(what)),
        };
        Ok((field(&self.username, "user name")?, field(&self.password, "password")?))
    }

    fn in_form(&self, body: &str) -> Result<(String, String), Denial> {
        let pairs = body
            .split('&')
            .map(|pair| {
                let (name, value) = RawStr::new(pair).split_at_byte(b'=');
                Ok((name.url_decode()?, value.url_decode()?))
            })
            .collect::<Result<Vec<_>, std::str::Utf8Error>>()
            .map_err(|_| Denial::malformed("a field of the body is not UTF-8"))?;
        let field = |path: &Path, what| {
            let mut values = pairs
                .iter()
                .filter(|(name, _)| Path::parse(name).is_ok_and(|name| name == *path))
                .map(|(_, value)| value);
            match (values.next(), values.next()) {
                (Some(value), None) if !value.is_empty() => Ok(value.to_string()),
                (_, Some(_)) => Err(Denial::malformed(format!("two fields hold a {what}"))),
                _ => Err(missing(what)),
            }
        };
        Ok((field(&self.username, "user name")?, field(&self.password, "password")?))
    }
}

fn missing(what: &str) -> Denial {
    Denial::malformed(format!("the body has no {what}"))
}

impl Path {
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut steps = Vec::new();
        for part in text.split('.') {
            let (name, brackets) = part.split_once('[').map_or((part, None), |(n, b)| (n, Some(b)));
            steps.push(name);
            if let Some(brackets) = brackets {
                let inner = brackets.strip_suffix(']').ok_or("a bracket is not closed")?;
                steps.extend(inner.split("]["));
            }
        }
        if steps.iter().any(|step| step.is_empty() || step.contains(['[', ']'])) {
            return Err("is not the name of a field");
        }
        Ok(Self(steps.into_iter().map(str::to_owned).collect()))
    }

    fn in_json<'v>(&self, body: &'v Value) -> Option<&'v Value> {
        self.0.iter().try_fold(body, |value, step| value.as_object()?.get(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(username: &str, password: &str) -> Fields {
        Fields {
            username: Path::parse(username).unwrap(),
            password: Path::parse(password).unwrap(),
            max_body: ByteUnit::Kibibyte(8),
        }
    }

    #[test]
    fn a_path_is_written_with_brackets_or_dots() {
        for path in ["user[email][work]", "user.email.work", "user[email].work"] {
            assert_eq!(Path::parse(path).unwrap().0, ["user", "email", "work"], "{path}");
        }
        for wrong in ["", "user[", "user]", "user[]", "user..email", "[x]", "a[b]c", "a[b[c]]"] {
            assert!(Path::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn reads_nested_fields_of_both_kinds_of_body() {
        let fields = fields("user[email]", "user.secret");
        let expected = ("ada".to_owned(), "a b&c".to_owned());
        let json = r#"{"user":{"email":"ada","secret":"a b&c"},"other":1}"#;
        assert_eq!(fields.in_json(json).unwrap(), expected);
        let form = "user%5Bemail%5D=ada&user%5Bsecret%5D=a+b%26c&other=1";
        assert_eq!(fields.in_form(form).unwrap(), expected);
        assert_eq!(fields.in_form("user.email=ada&user.secret=a+b%26c").unwrap(), expected);
    }

    #[test]
    fn a_field_that_is_missing_empty_or_no_text_is_malformed() {
        let fields = fields("username", "password");
        for body in [
            "{}",
            "[]",
            "null",
            r#"{"username":"ada"}"#,
            r#"{"username":"ada","password":""}"#,
            r#"{"username":"","password":"x"}"#,
            r#"{"username":"ada","password":7}"#,
            r#"{"username":["ada"],"password":"x"}"#,
            r#"{"username":"ada","password":"x","password":"y"}"#,
            "{",
        ] {
            let denial = fields.in_json(body).unwrap_err();
            assert_eq!(denial.status(), Status::BadRequest, "{body}");
        }
        for body in ["", "username=ada", "username=ada&password=", "username=&password=x"] {
            assert_eq!(fields.in_form(body).unwrap_err().status(), Status::BadRequest, "{body}");
        }
    }

    #[test]
    fn a_field_that_is_there_twice_is_malformed() {
        let fields = fields("username", "password");
        for body in ["username=a&username=b&password=x", "username=a&password=x&%70assword=y"] {
            let denial = fields.in_form(body).unwrap_err();
            assert!(denial.reason().contains("two fields"), "{body}");
        }
    }
}
