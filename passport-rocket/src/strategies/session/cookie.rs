//! The cookie that carries a session's id (RFC 6265bis, section 4.1.3 for `__Host-`).

use std::time::Duration;

use rocket::http::{Cookie, SameSite};
use rocket::time;

/// How the cookie of a strategy looks.
#[derive(Debug, Clone)]
pub(super) struct CookieStyle {
    name: String,
    is_secure: bool,
    same_site: SameSite,
}

impl CookieStyle {
    /// `__Host-<name>` where TLS is in front, so that no subdomain and no plain connection can set
    /// it; browsers refuse that name on `http://localhost`.
    pub(super) fn new(name: &str, is_secure: bool, same_site: SameSite) -> Self {
        let name = match is_secure {
            true => format!("__Host-{name}"),
            false => name.to_owned(),
        };
        Self { name, is_secure, same_site }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Until the browser ends or, if there is `max_age`, for so long.
    pub(super) fn holding(&self, value: String, max_age: Option<Duration>) -> Cookie<'static> {
        let mut cookie = self.bare(value);
        if let Some(max_age) = max_age.and_then(|age| time::Duration::try_from(age).ok()) {
            cookie.set_max_age(max_age);
        }
        cookie
    }

    /// Takes it away.
    pub(super) fn gone(&self) -> Cookie<'static> {
        let mut cookie = self.bare(String::new());
        cookie.set_max_age(time::Duration::ZERO);
        cookie.set_expires(time::OffsetDateTime::UNIX_EPOCH);
        cookie
    }

    fn bare(&self, value: String) -> Cookie<'static> {
        Cookie::build((self.name.clone(), value))
            .path("/")
            .http_only(true)
            .secure(self.is_secure)
            .same_site(self.same_site)
            .build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // S06
    #[test]
    fn is_host_only_secure_and_out_of_reach_of_scripts() {
        let style = CookieStyle::new("session", true, SameSite::Lax);
        let cookie = style.holding("id.mac".into(), None);
        assert_eq!(
            cookie.to_string(),
            "__Host-session=id.mac; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
        let remembered = style.holding("id.mac".into(), Some(Duration::from_secs(60)));
        assert!(remembered.to_string().ends_with("; Max-Age=60"), "{remembered}");
    }

    #[test]
    fn on_localhost_it_has_no_prefix() {
        let style = CookieStyle::new("session", false, SameSite::Strict);
        let cookie = style.holding("id.mac".into(), None);
        assert_eq!(cookie.to_string(), "session=id.mac; HttpOnly; SameSite=Strict; Path=/");
    }

    #[test]
    fn what_takes_it_away_has_its_name_and_place() {
        let gone = CookieStyle::new("session", true, SameSite::Lax).gone().to_string();
        assert!(gone.starts_with("__Host-session=; "), "{gone}");
        for part in ["Path=/", "Secure", "Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"] {
            assert!(gone.contains(part), "{part}: {gone}");
        }
    }
}
