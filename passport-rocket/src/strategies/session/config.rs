//! The table of a `session` strategy.

use std::fs;
use std::time::Duration;

use figment::value::magic::RelativePathBuf;
use rocket::data::{ByteUnit, ToByteUnit};
use rocket::http::SameSite;
use serde::Deserialize;

use super::cookie::CookieStyle;
use super::id::Seals;
use super::limits::{Limits, Span};
use crate::config::{Mistake, Origin};
use crate::registration::Setup;
use crate::secret::Secret;

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    /// _Default:_ none; made for the run in the debug profile.
    secrets: Option<Vec<Secret<String>>>,
    /// _Default:_ none.
    secrets_file: Option<RelativePathBuf>,
    /// _Default:_ the strategy's name.
    cookie: Option<String>,
    /// _Default:_ `"lax"`.
    same_site: Site,
    /// _Default:_ `"1h"`.
    #[serde(with = "crate::duration")]
    idle_timeout: Duration,
    /// _Default:_ `"24h"`.
    #[serde(with = "crate::duration")]
    absolute_timeout: Duration,
    /// _Default:_ `"14 days"`.
    #[serde(with = "crate::duration")]
    remember_idle_timeout: Duration,
    /// _Default:_ `"30 days"`.
    #[serde(with = "crate::duration")]
    remember_absolute_timeout: Duration,
    /// _Default:_ `"15m"`.
    #[serde(with = "crate::duration")]
    anonymous_timeout: Duration,
    /// _Default:_ `"16 KiB"`.
    max_data: ByteUnit,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Site {
    Strict,
    Lax,
    None,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            secrets: None,
            secrets_file: None,
            cookie: None,
            same_site: Site::Lax,
            idle_timeout: HOUR,
            absolute_timeout: HOUR * 24,
            remember_idle_timeout: HOUR * 24 * 14,
            remember_absolute_timeout: HOUR * 24 * 30,
            anonymous_timeout: HOUR / 4,
            max_data: 16.kibibytes(),
        }
    }
}

const HOUR: Duration = Duration::from_secs(3600);

impl Config {
    pub(super) fn limits(&self, setup: &Setup<'_>, mistakes: &mut Vec<Mistake>) -> Limits {
        let timeouts = [
            ("idle_timeout", self.idle_timeout),
            ("absolute_timeout", self.absolute_timeout),
            ("remember_idle_timeout", self.remember_idle_timeout),
            ("remember_absolute_timeout", self.remember_absolute_timeout),
            ("anonymous_timeout", self.anonymous_timeout),
        ];
        for (key, timeout) in timeouts {
            if timeout < LEAST {
                let remedy = "write a second at least, `\"1h\"` for instance";
                mistakes.push(setup.mistake(key, "ends every session at once", remedy));
            }
        }
        let [(_, idle), (_, absolute), (_, remember_idle), (_, remember_absolute), _] = timeouts;
        for (key, idle, absolute) in [
            ("idle_timeout", idle, absolute),
            ("remember_idle_timeout", remember_idle, remember_absolute),
        ] {
            if idle > absolute {
                let problem = "is longer than the absolute one, so it would never matter";
                let remedy = "write a shorter one, or raise the absolute time-out";
                mistakes.push(setup.mistake(key, problem, remedy));
            }
        }
        if self.max_data == 0 {
            let remedy = "give it a size, or remove it for 16 KiB";
            mistakes.push(setup.mistake("max_data", "holds nothing", remedy));
        }
        let max_data = usize::try_from(self.max_data.as_u64()).unwrap_or(usize::MAX);
        Limits {
            usual: Span { idle, absolute },
            remembered: Span { idle: remember_idle, absolute: remember_absolute },
            anonymous: Span {
                idle: self.anonymous_timeout,
                absolute: absolute.max(self.anonymous_timeout),
            },
            max_data,
        }
    }

    /// Secure wherever it is not certain that somebody develops on their own machine.
    pub(super) fn cookie(&self, setup: &Setup<'_>, mistakes: &mut Vec<Mistake>) -> CookieStyle {
        let has_tls = setup.options().origin.as_ref().is_some_and(Origin::is_https);
        let is_secure = has_tls || !setup.is_debug();
        let name = self.cookie.as_deref().unwrap_or(setup.name());
        if !is_plain(name) {
            let remedy = "write at most 64 letters, digits and `-._`; `__Host-` is put before it by \
                          itself";
            mistakes.push(setup.mistake("cookie", "no name of a cookie", remedy));
        }
        let same_site = match self.same_site {
            Site::Strict => SameSite::Strict,
            Site::Lax => SameSite::Lax,
            Site::None => SameSite::None,
        };
        if self.same_site == Site::None && !is_secure {
            let problem = "browsers drop a cookie of `SameSite=None` that is not secure";
            let remedy = "set `passport.origin` to an `https://` one, or write `lax`";
            mistakes.push(setup.mistake("same_site", problem, remedy));
        }
        let style = CookieStyle::new(name, is_secure, same_site);
        setup.claim_cookie(style.name());
        style
    }

    /// The secrets, each claimed; one that is made for the run where none is configured in the debug
    /// profile.
    pub(super) fn seals(&self, setup: &Setup<'_>) -> Result<Seals, Vec<Mistake>> {
        let (key, secrets) = self.secrets(setup)?;
        let Some((first, older)) = secrets.split_first() else {
            return made_up(setup);
        };
        let mut mistakes = Vec::new();
        for (index, secret) in secrets.iter().enumerate() {
            let at = match key {
                "secrets" => format!("secrets.{index}"),
                file => file.to_owned(),
            };
            let length = secret.expose().len();
            if length < SECRET {
                let problem = format!("a secret of {length} bytes, and {SECRET} are needed");
                mistakes.push(setup.mistake(&at, problem, DRAW));
            }
            if secrets.iter().take(index).any(|earlier| earlier == secret) {
                let remedy = "remove it, or draw a new one";
                mistakes.push(setup.mistake(&at, "stands there twice", remedy));
            }
            setup.claim_secret(secret.expose().as_bytes());
        }
        match mistakes.is_empty() {
            true => Ok(Seals::new(setup.name(), first.expose().as_bytes(), older)),
            false => Err(mistakes),
        }
    }

    fn secrets(
        &self,
        setup: &Setup<'_>,
    ) -> Result<(&'static str, Vec<Secret<String>>), Vec<Mistake>> {
        match (&self.secrets, &self.secrets_file) {
            (Some(_), Some(_)) => {
                let problem = "secrets are given twice";
                let remedy = "remove `secrets` or `secrets_file`";
                Err(vec![setup.mistake("secrets_file", problem, remedy)])
            }
            (Some(secrets), None) if secrets.is_empty() => {
                Err(vec![setup.mistake("secrets", "there is none in it", DRAW)])
            }
            (Some(secrets), None) => Ok(("secrets", secrets.clone())),
            (None, Some(path)) => {
                let mistake = |problem: String| {
                    vec![setup.mistake(
                        "secrets_file",
                        problem,
                        "write one secret a line, the newest first",
                    )]
                };
                let text = fs::read_to_string(path.relative())
                    .map(Secret::new)
                    .map_err(|error| mistake(format!("cannot be read: {}", error.kind())))?;
                let lines = text.expose().lines().map(str::trim).filter(|line| !line.is_empty());
                let secrets: Vec<_> = lines.map(|line| Secret::new(line.to_owned())).collect();
                match secrets.is_empty() {
                    true => Err(mistake("there is none in it".to_owned())),
                    false => Ok(("secrets_file", secrets)),
                }
            }
            (None, None) => Ok(("secrets", Vec::new())),
        }
    }
}

/// Whether a browser sends a cookie of this name back under it: others are encoded, or are reserved
/// (RFC 6265bis, section 4.1.3).
fn is_plain(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    (1..=64).contains(&name.len()) && name.bytes().all(is_plain) && !name.starts_with("__")
}

fn made_up(setup: &Setup<'_>) -> Result<Seals, Vec<Mistake>> {
    if !setup.is_debug() {
        return Err(vec![setup.mistake("secrets", "missing", DRAW)]);
    }
    let mut secret = [0; SECRET];
    aws_lc_rs::rand::fill(&mut secret).map_err(|_| {
        vec![setup.mistake("secrets", "the system has no randomness to make one", DRAW)]
    })?;
    Ok(Seals::new(setup.name(), &secret, &[]))
}

const LEAST: Duration = Duration::from_secs(1);

/// What HMAC-SHA256 makes use of (RFC 7518 section 3.2).
const SECRET: usize = 32;

const DRAW: &str = "draw one with `openssl rand -base64 33`, and write it as `secrets = [\"…\"]`";
