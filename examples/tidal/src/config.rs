//! Where the configuration comes from, so that the program runs wherever it is started.

use rocket::Config;
use rocket::figment::providers::{Env, Format, Toml};
use rocket::figment::{Figment, Profile};

/// What the program brings along: it needs no file beside it.
pub const OWN: &str = include_str!("../Rocket.toml");

/// Rocket's own layers, with ours right above Rocket's defaults: a `Rocket.toml` in the working
/// directory or above it wins over ours, and `ROCKET_…` variables win over both.
pub fn layers() -> Figment {
    Figment::from(Config::default())
        .merge(Toml::string(OWN).nested())
        .merge(Toml::file(Env::var_or("ROCKET_CONFIG", "Rocket.toml")).nested())
        .merge(Env::prefixed("ROCKET_").ignore(&["PROFILE"]).global())
        .select(Profile::from_env_or("ROCKET_PROFILE", Config::DEFAULT_PROFILE))
}
