//! One setting for the memory of tokens in every application of a run: what `REMEMBER_TOKENS` says is
//! the `remember_tokens` of each table of `jwt` that does not say it.

use rocket::figment::providers::Serialized;
use rocket::figment::value::{Dict, Value};
use rocket::figment::{Figment, Provider};

/// What the run says, if it does.
pub fn of_this_run() -> Option<String> {
    std::env::var("REMEMBER_TOKENS").ok()
}

/// `figment` as the run has it.
pub fn remembering(figment: Figment) -> Figment {
    match of_this_run() {
        Some(size) => told(figment, &size),
        None => figment,
    }
}

/// Lets every table of `jwt` say `size`. Joined below all profiles, it is what a table says that says
/// nothing itself, and where everything else comes from stays as it is.
fn told(figment: Figment, size: &str) -> Figment {
    let tables = tables(&figment);
    tables.iter().fold(figment, |figment, name| {
        figment.join(Serialized::default(&format!("passport.{name}.remember_tokens"), size))
    })
}

fn tables(figment: &Figment) -> Vec<String> {
    // Whoever launches with what cannot be read is told so then.
    let profiles = figment.data().unwrap_or_default().into_values();
    let passport = profiles.filter_map(|mut profile| profile.remove("passport")?.into_dict());
    let is_jwt = |(name, table): (String, Value)| match table {
        Value::Dict(_, table) => is_of_jwt(&name, &table).then_some(name),
        _ => None,
    };
    passport.flatten().filter_map(is_jwt).collect()
}

/// Other strategies have none of these keys, and under its own name it may have none either.
fn is_of_jwt(name: &str, table: &Dict) -> bool {
    (name == "jwt" && table.is_empty()) || KEYS.iter().any(|key| table.contains_key(*key))
}

/// Of each table of `jwt` in these tests, one at least.
const KEYS: [&str; 16] = [
    "algorithm",
    "secret",
    "secret_base64",
    "secret_file",
    "public_key",
    "public_key_file",
    "private_key",
    "private_key_file",
    "jwks",
    "jwks_file",
    "private_jwks",
    "private_jwks_file",
    "jwks_url",
    "issuer_url",
    "issuers",
    "token_from",
];

#[cfg(test)]
mod tests {
    use rocket::figment::providers::{Format, Toml};

    use super::*;

    fn sizes(toml: &str) -> Vec<Option<String>> {
        let figment = told(Figment::from(Toml::string(toml).nested()), "4 MiB");
        ["jwt", "partner", "local"]
            .map(|name| figment.extract_inner(&format!("passport.{name}.remember_tokens")).ok())
            .to_vec()
    }

    #[test]
    fn each_table_of_jwt_is_told_and_no_other() {
        let said = || Some("4 MiB".to_owned());
        let toml = "[default.passport.jwt]\n[global.passport.partner]\nalgorithm = 'HS256'\n\
                    [default.passport.local]\nusername_field = 'login'";
        assert_eq!(sizes(toml), [said(), said(), None]);
    }

    #[test]
    fn a_table_that_says_it_is_left_as_it_is() {
        for profile in ["default", "global"] {
            let toml = format!("[{profile}.passport.jwt]\njwks = ''\nremember_tokens = '1 MiB'");
            assert_eq!(sizes(&toml)[0].as_deref(), Some("1 MiB"), "{profile}");
        }
    }
}
