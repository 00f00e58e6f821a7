//! The configuration: tables under `[default.passport]`, read with messages that hold no values.
//!
//! figment's own errors quote what they found, also when it is a secret, and a key that is absent
//! borrows the file of another one. So nothing here prints them: every [`Mistake`] is put together
//! from the key, where it stands, and what can be done about it.
//!
//! Every key can be set in `Rocket.toml` or by the environment, which wins key by key:
//!
//! ```toml
//! [default.passport]
//! realm  = "tidal"
//! origin = "https://tidal.example"
//! store  = "sqlite://passport.db"
//!
//! [default.passport.jwt]
//! algorithm = "HS256"
//! ```
//! ```sh
//! ROCKET_PASSPORT='{jwt={secret_base64="…"}}'
//! ```

mod mistake;
mod options;
mod origin;
mod problem;
mod read;
mod table;

pub use mistake::Mistake;
pub use options::{ClientAddress, OPTION_NAMES, Options, options};
pub use origin::{NotAnOrigin, Origin};
pub use table::Table;

/// The candidate that `name` was probably meant to be.
///
/// ```
/// use passport_rocket::config::nearest;
///
/// assert_eq!(nearest("audiance", ["issuer", "audience"]), Some("audience"));
/// assert_eq!(nearest("harbour", ["issuer", "audience"]), None);
/// ```
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let bound = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&name, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= bound)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let names = ["jwt", "session", "require_declaration", "HS256", "RS256"];
        let table = [
            ("jtw", Some("jwt")),
            ("JWT", Some("jwt")),
            ("requre_declaration", Some("require_declaration")),
            ("require-declaration", Some("require_declaration")),
            ("HS265", Some("HS256")),
            ("rs256", Some("RS256")),
            ("basic", None),
            ("", None),
        ];
        for (name, meant) in table {
            assert_eq!(nearest(name, names), meant, "{name}");
        }
    }
}
