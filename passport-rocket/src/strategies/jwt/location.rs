//! Where keys are fetched from: a URL whose answers can be believed.

use std::fmt;

use http::Uri;

use super::material::Unfit;

/// A URL over HTTPS or, in the debug profile, to this machine.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Location(Uri);

impl Location {
    /// Reads `text`. `loopback` says whether a plain connection to this machine is good enough.
    ///
    /// Over plain HTTP, whoever sits in between hands out the keys, and signs in as anybody.
    pub(super) fn read(text: &str, loopback: bool) -> Result<Self, Unfit> {
        let remedy = "write it as `https://…`";
        let uri: Uri = text.parse().map_err(|_| Unfit::new("not a URL", remedy))?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(Unfit::new("not a whole URL", remedy));
        };
        if authority.as_str().contains('@') {
            return Err(Unfit::new(
                "a URL with a user name in it",
                "leave it out: a URL stands in logs, and no provider asks who reads its keys",
            ));
        }
        match scheme {
            "https" => Ok(Self(uri)),
            "http" if !is_loopback(authority.host()) => {
                Err(Unfit::new("not over HTTPS: anybody on the way could put keys in", remedy))
            }
            "http" if loopback => Ok(Self(uri)),
            "http" => Err(Unfit::new(
                "not over HTTPS, which only the debug profile permits, and only to this machine",
                remedy,
            )),
            _ => Err(Unfit::new("not over HTTPS", remedy)),
        }
    }

    /// Where an issuer publishes what it is (OpenID Connect Discovery 1.0 section 4).
    pub(super) fn discovery(issuer: &str, loopback: bool) -> Result<Self, Unfit> {
        let issuer_location = Self::read(issuer, loopback)?;
        if issuer_location.0.query().is_some() {
            return Err(Unfit::new("an issuer with a query", "write it as its tokens do"));
        }
        let issuer = issuer.strip_suffix('/').unwrap_or(issuer);
        Self::read(&format!("{issuer}/.well-known/openid-configuration"), loopback)
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.0
    }
}

/// Without the query, in which some put a key.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.0.scheme_str().unwrap_or_default();
        let authority = self.0.authority().map_or("", |authority| authority.as_str());
        write!(f, "{scheme}://{authority}{}", self.0.path())
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// This machine, by a name or address that no resolver can lead elsewhere (RFC 6761 section 6.3).
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str, loopback: bool) -> Option<String> {
        Location::read(text, loopback).err().map(|unfit| unfit.problem.into_owned())
    }

    // R15
    #[test]
    fn is_over_https_or_on_this_machine_in_the_debug_profile() {
        assert_eq!(problem("https://idp.example/keys?v=1", false), None);
        for local in ["http://127.0.0.1:8080/keys", "http://localhost/k", "http://[::1]:9/k"] {
            assert_eq!(problem(local, true), None, "{local}");
            assert!(problem(local, false).unwrap().contains("debug profile"), "{local}");
        }
        for plain in [
            "http://idp.example/keys",
            "http://localhost.example/keys",
            "http://127.0.0.1.example/keys",
            "http://192.168.0.1/keys",
            "http://0.0.0.0/keys",
        ] {
            assert!(problem(plain, true).unwrap().starts_with("not over HTTPS"), "{plain}");
        }
        for other in
            ["ftp://idp.example/keys", "file:///etc/keys", "idp.example", "/keys", "", "h t"]
        {
            assert!(problem(other, true).is_some(), "{other}");
        }
    }

    #[test]
    fn a_name_and_a_password_have_no_place_in_it() {
        let refused = problem("https://ada:secret@idp.example/keys", true).unwrap();
        assert!(refused.contains("user name") && !refused.contains("secret"));
        // What looks like this machine and is not.
        assert!(problem("http://127.0.0.1@evil.example/keys", true).is_some());
    }

    #[test]
    fn discovery_stands_behind_the_issuer() {
        for (issuer, place) in [
            ("https://idp.example", "https://idp.example/.well-known/openid-configuration"),
            ("https://idp.example/", "https://idp.example/.well-known/openid-configuration"),
            ("https://idp.example/a", "https://idp.example/a/.well-known/openid-configuration"),
            ("https://idp.example/a/", "https://idp.example/a/.well-known/openid-configuration"),
        ] {
            assert_eq!(Location::discovery(issuer, false).unwrap().to_string(), place);
        }
        assert!(Location::discovery("https://idp.example/?tenant=1", false).is_err());
    }

    #[test]
    fn a_query_is_not_shown() {
        let location = Location::read("https://idp.example/keys?apikey=hush", false).unwrap();
        assert_eq!(format!("{location} {location:?}").matches("hush").count(), 0);
    }
}
