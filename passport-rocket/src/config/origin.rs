//! An origin: scheme, host and port, nothing more (RFC 6454 section 4).

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// The origin of a web application, `https://tidal.example`, in the spelling browsers send: lower
/// case, and without the port that the scheme implies (RFC 6454 section 6.2).
///
/// ```
/// use passport_rocket::config::Origin;
///
/// let origin: Origin = "HTTPS://Tidal.example:443".parse()?;
/// assert_eq!(origin.as_str(), "https://tidal.example");
/// assert!(origin.is_https());
/// # Ok::<_, passport_rocket::config::NotAnOrigin>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// `https://tidal.example`, `http://localhost:8000`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether TLS is in front.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Origin {
    type Err = NotAnOrigin;

    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let text = text.to_ascii_lowercase();
        let (scheme, authority) = text.split_once("://").ok_or(NotAnOrigin::Scheme)?;
        let default_port = match scheme {
            "https" => 443,
            "http" => 80,
            _ => return Err(NotAnOrigin::Scheme),
        };
        if authority.contains(['/', '?', '#', '\\']) {
            return Err(NotAnOrigin::Path);
        }
        let (host, port) = match authority.rsplit_once(':') {
            // The last colon of `[::1]` belongs to the address.
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let port = port.map(|port| port_of(port).ok_or(NotAnOrigin::Port)).transpose()?;
        let host = host_of(host).ok_or(NotAnOrigin::Host)?;
        Ok(Self(match port.filter(|port| *port != default_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }))
    }
}

/// Why a text is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotAnOrigin {
    /// It does not begin with `https://` or `http://`.
    Scheme,
    /// The host is empty or holds what no host does: a user name, a wildcard, letters beyond ASCII.
    Host,
    /// The port is no number from 1 to 65535.
    Port,
    /// Something follows the host, if only a slash.
    Path,
}

impl NotAnOrigin {
    /// What to do about it.
    pub(super) fn remedy(self) -> &'static str {
        match self {
            Self::Scheme => "begin with `https://` or `http://`",
            Self::Host => {
                "write one host: no user name, no wildcard, Punycode for letters beyond ASCII"
            }
            Self::Port => "the port is a number from 1 to 65535",
            Self::Path => "leave out what follows host and port, if only a slash",
        }
    }
}

impl fmt::Display for NotAnOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no origin: {}", self.remedy())
    }
}

impl std::error::Error for NotAnOrigin {}

fn port_of(port: &str) -> Option<u16> {
    match port.bytes().all(|byte| byte.is_ascii_digit()) {
        true => port.parse().ok().filter(|port| *port != 0),
        false => None,
    }
}

fn host_of(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        let address: Ipv6Addr = address.strip_suffix(']')?.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let starts = host.starts_with(|c: char| c.is_ascii_alphanumeric());
    (starts && host.bytes().all(is_host)).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalises_to_what_browsers_send() {
        let table = [
            ("https://tidal.example", "https://tidal.example"),
            ("HTTPS://Tidal.EXAMPLE", "https://tidal.example"),
            ("https://tidal.example:443", "https://tidal.example"),
            ("http://tidal.example:443", "http://tidal.example:443"),
            ("http://localhost:80", "http://localhost"),
            ("http://localhost:8000", "http://localhost:8000"),
            ("http://127.0.0.1:08000", "http://127.0.0.1:8000"),
            ("http://[::1]:8000", "http://[::1]:8000"),
            ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
        ];
        for (text, origin) in table {
            assert_eq!(text.parse::<Origin>().unwrap().as_str(), origin);
        }
        assert!("https://a".parse::<Origin>().unwrap().is_https());
        assert!(!"http://https.example".parse::<Origin>().unwrap().is_https());
    }

    #[test]
    fn refuses_everything_else() {
        let table = [
            ("", NotAnOrigin::Scheme),
            ("null", NotAnOrigin::Scheme),
            ("*", NotAnOrigin::Scheme),
            ("tidal.example", NotAnOrigin::Scheme),
            ("ftp://tidal.example", NotAnOrigin::Scheme),
            ("https:tidal.example", NotAnOrigin::Scheme),
            ("https://", NotAnOrigin::Host),
            ("https://:443", NotAnOrigin::Host),
            ("https://*.tidal.example", NotAnOrigin::Host),
            ("https://me@tidal.example", NotAnOrigin::Host),
            ("https://tidal.example ", NotAnOrigin::Host),
            ("https://tidäl.example", NotAnOrigin::Host),
            ("https://[::1", NotAnOrigin::Host),
            ("https://[tidal]", NotAnOrigin::Host),
            ("https://::1", NotAnOrigin::Host),
            ("https://a:b:443", NotAnOrigin::Host),
            ("https://tidal.example:", NotAnOrigin::Port),
            ("https://tidal.example:0", NotAnOrigin::Port),
            ("https://tidal.example:+80", NotAnOrigin::Port),
            ("https://tidal.example:65536", NotAnOrigin::Port),
            ("https://tidal.example/", NotAnOrigin::Path),
            ("https://tidal.example/app", NotAnOrigin::Path),
            ("https://tidal.example?a", NotAnOrigin::Path),
            ("https://tidal.example#a", NotAnOrigin::Path),
            ("https://tidal.example\\a", NotAnOrigin::Path),
        ];
        for (text, reason) in table {
            assert_eq!(text.parse::<Origin>(), Err(reason), "{text}");
        }
    }
}
