//! Where the configuration comes from, so that the program runs wherever it is started.

use rocket::Config;
use rocket::figment::providers::{Env, Format, Toml};
use rocket::figment::value::{Dict, Map};
use rocket::figment::{Error, Figment, Metadata, Profile, Provider};

/// The `Rocket.toml` that the program brings along: it needs no file beside it.
pub struct Own;

impl Provider for Own {
    /// What a mistake in it is reported under.
    fn metadata(&self) -> Metadata {
        Metadata::named("the Rocket.toml inside tidal")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Toml::string(include_str!("../Rocket.toml")).nested().data()
    }
}

/// Rocket's own layers, with ours right above Rocket's defaults: a `Rocket.toml` in the working
/// directory or above it wins over ours, and `ROCKET_…` variables win over both.
pub fn layers() -> Figment {
    Figment::from(Config::default())
        .merge(Own)
        .merge(Toml::file(Env::var_or("ROCKET_CONFIG", "Rocket.toml")).nested())
        .merge(Env::prefixed("ROCKET_").ignore(&["PROFILE"]).global())
        .select(Profile::from_env_or("ROCKET_PROFILE", Config::DEFAULT_PROFILE))
}

#[cfg(test)]
mod tests {
    use rocket::figment::Jail;

    use super::*;

    #[test]
    #[expect(clippy::result_large_err, reason = "the error is figment's")]
    fn a_file_wins_over_what_is_compiled_in_and_the_environment_over_both() {
        let database = || layers().extract_inner::<String>("database_url").unwrap();
        let realm = || layers().extract_inner::<String>("passport.realm").unwrap();

        Jail::expect_with(|jail| {
            jail.clear_env();
            assert_eq!(database(), "sqlite://tidal.db");

            jail.create_file("Rocket.toml", "[default]\ndatabase_url = 'sqlite://file.db'")?;
            assert_eq!(database(), "sqlite://file.db");

            let below = jail.create_dir("below")?;
            jail.change_dir(below)?;
            assert_eq!(database(), "sqlite://file.db");

            jail.set_env("ROCKET_DATABASE_URL", "postgres://tidal@localhost/tidal");
            assert_eq!(database(), "postgres://tidal@localhost/tidal");
            assert_eq!(realm(), "tidal");

            jail.set_env("ROCKET_PASSPORT", "{realm=\"harbour\"}");
            assert_eq!(realm(), "harbour");
            let expires: String = layers().extract_inner("passport.jwt.expires_in").unwrap();
            assert_eq!(expires, "4h");

            jail.set_env("ROCKET_PROFILE", "release");
            assert_eq!(layers().profile(), "release");
            assert!(layers().extract_inner::<String>("profile").is_err());
            Ok(())
        });
    }
}
