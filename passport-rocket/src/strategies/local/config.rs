//! The table of a `local` strategy.

use rocket::data::{ByteUnit, ToByteUnit};
use serde::Deserialize;

use super::body::{Fields, Path};
use crate::config::Mistake;
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
            Path::parse(text).unwrap_or_else(|problem| {
                let remedy = "write a name, or a nested one as `user[email]` or `user.email`";
                mistakes.push(setup.mistake(key, problem, remedy));
                Path::default()
            })
        };
        let username = path("username_field", &self.username_field);
        let password = path("password_field", &self.password_field);
        if mistakes.is_empty() && username == password {
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
        match mistakes.is_empty() {
            true => Ok(Fields { username, password, max_body: self.max_body }),
            false => Err(mistakes),
        }
    }
}
