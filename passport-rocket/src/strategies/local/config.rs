//! The table of a `local` strategy.

use rocket::data::{ByteUnit, ToByteUnit};
use serde::Deserialize;

use super::body::Fields;
use crate::config::Mistake;
use crate::credential::FieldPath;
use crate::registration::Setup;

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    /// _Default:_ `"username"`.
    username_field: String,
    /// _Default:_ `"password"`.
    password_field: String,
    /// _Default:_ `"8 KiB"`.
    max_body: ByteUnit,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            username_field: "username".to_owned(),
            password_field: "password".to_owned(),
            max_body: 8.kibibytes(),
        }
    }
}

impl Config {
    pub(super) fn fields(&self, setup: &Setup<'_>) -> Result<Fields, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut path = |key: &str, text: &str| {
            let unfit = |problem| {
                let remedy = "write a name, or a nested one as `user[email]` or `user.email`";
                mistakes.push(setup.mistake(key, problem, remedy));
            };
            FieldPath::parse(text).map_err(unfit).ok()
        };
        let username = path("username_field", &self.username_field);
        let password = path("password_field", &self.password_field);
        if username.is_some() && username == password {
            mistakes.push(setup.mistake(
                "password_field",
                "is the field of the user name",
                "name another field",
            ));
        }
        if self.max_body == 0 {
            let remedy = "give it a size, or remove it for 8 KiB";
            mistakes.push(setup.mistake("max_body", "lets no body through", remedy));
        }
        match (username, password) {
            (Some(username), Some(password)) if mistakes.is_empty() => {
                Ok(Fields { username, password, max_body: self.max_body })
            }
            _ => Err(mistakes),
        }
    }
}
