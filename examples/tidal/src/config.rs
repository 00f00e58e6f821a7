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
