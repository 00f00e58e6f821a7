//! Where a browser goes after signing in: a path of this application and nothing else.

use std::fmt;

use rocket::form::{self, FromFormField, ValueField};
use rocket::http::RawStr;
use rocket::http::uri::{Origin, Reference};

/// A path that is safe to redirect to.
///
/// Whatever a `?next=` says, this never leaves the application (RFC 9700 section 4.11, open
/// redirectors): it begins with one `/`, then neither `/` nor `\`, which browsers read as the start
/// of another host; it holds no control character, which browsers strip; both before and after one
/// percent-decoding; and it is at most 2 KiB long. Anything else is `/`.
///
/// ```
/// use passport_rocket::ReturnPath;
/// use rocket::response::Redirect;
///
/// #[rocket::post("/login?<next>")]
/// fn login(next: Option<ReturnPath>) -> Redirect {
///     Redirect::to(next.unwrap_or_default())
/// }
///
/// assert_eq!(ReturnPath::of("/tides?page=2").as_str(), "/tides?page=2");
/// assert_eq!(ReturnPath::of("//evil.example").as_str(), "/");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReturnPath(String);

impl ReturnPath {
    /// `raw` if it is safe, else `/`. What may not stand in a URI is percent-encoded.
    #[must_use]
    pub fn of(raw: &str) -> Self {
        // Encoding only makes it longer, so this is the length of both.
        let path = if is_safe(raw) { encoded(raw) } else { "/".into() };
        match path.len() <= LONGEST {
            true => Self(path),
            false => Self("/".into()),
        }
    }

    /// The path, a valid URI reference.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of a login page that returns to `path_and_query` afterwards: `?next=` is added,
    /// or `&next=` behind a query.
    ///
    /// ```
    /// use passport_rocket::ReturnPath;
    ///
    /// let page = ReturnPath::append_to("/login", "/tides?page=2");
    /// assert_eq!(page, "/login?next=%2Ftides%3Fpage%3D2");
    /// ```
    #[must_use]
    pub fn append_to(login_page: &str, path_and_query: &str) -> String {
        let (page, fragment) = match login_page.find('#') {
            Some(at) => login_page.split_at(at),
            None => (login_page, ""),
        };
        let separator = match page.contains('?') {
            false => "?",
            true if page.ends_with(['?', '&']) => "",
            true => "&",
        };
        let next = Self::of(path_and_query);
        let next = RawStr::new(&next.0).percent_encode();
        format!("{page}{separator}next={next}{fragment}")
    }
}

/// Path and query of `uri`, without the parameters whose names are to be left out.
pub(crate) fn without(uri: &Origin<'_>, leave_out: impl Fn(&str) -> bool) -> String {
    let path = uri.path();
    let Some(query) = uri.query() else { return path.to_string() };
    let is_kept = |pair: &&str| {
        let (name, _) = RawStr::new(pair).split_at_byte(b'=');
        !leave_out(&name.url_decode_lossy())
    };
    let kept: Vec<&str> = query.as_str().split('&').filter(is_kept).collect();
    match kept.is_empty() {
        true => path.to_string(),
        false => format!("{path}?{}", kept.join("&")),
    }
}

impl Default for ReturnPath {
    fn default() -> Self {
        Self("/".into())
    }
}

impl fmt::Display for ReturnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// So that `Redirect::to` takes it.
impl From<ReturnPath> for Reference<'static> {
    fn from(path: ReturnPath) -> Self {
        Self::parse_owned(path.0).unwrap_or_else(|_| rocket::uri!("/").into())
    }
}

/// Never fails: a path that is not safe is `/`.
impl<'v> FromFormField<'v> for ReturnPath {
    fn from_value(field: ValueField<'v>) -> form::Result<'v, Self> {
        Ok(Self::of(field.value))
    }
}

/// RFC 9700 section 4.11.
fn is_safe(raw: &str) -> bool {
    let is_local = |path: &str| {
        let mut chars = path.chars();
        chars.next() == Some('/')
            && !matches!(chars.next(), Some('/' | '\\'))
            && !path.contains(char::is_control)
    };
    is_local(raw) && RawStr::new(raw).percent_decode().is_ok_and(|decoded| is_local(&decoded))
}

/// `path` with every byte encoded that may not stand in a URI reference (RFC 3986 section 4.2), a
/// `%` that encodes nothing included.
fn encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    let mut has_fragment = false;
    let bytes = path.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        let is_allowed = match byte {
            b'%' => {
                let digits = bytes.get(index + 1..index + 3);
                digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
            }
            // A fragment begins once.
            b'#' => !std::mem::replace(&mut has_fragment, true),
            byte => byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(byte),
        };
        match is_allowed {
            true => encoded.push(char::from(*byte)),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

const LONGEST: usize = 2048;

#[cfg(test)]
mod tests {
    use rocket::form::Form;

    use super::*;

    // S09
    #[test]
    fn keeps_paths_of_the_application() {
        let paths = [
            "/",
            "/tides",
            "/tides?harbour=Dover&page=2",
            "/tides?harbour=Dover%20Strait#top",
            "/a//b",
            "/a/..//b",
            "/%25",
            "/%252F%252Fevil.example",
            "/tides?next=https://tidal.example/",
            "/m%C3%B6we",
        ];
        for path in paths {
            assert_eq!(ReturnPath::of(path).as_str(), path);
        }
    }

    // S09
    #[test]
    fn sends_attacks_home() {
        let mut attacks: Vec<String> = [
            "",
            " ",
            "tides",
            " /tides",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "\\/evil.example",
            "https://evil.example",
            "https:/evil.example",
            "https:evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "?next=/",
            "#/",
            ".//evil.example",
            "/%2Fevil.example",
            "/%2fevil.example",
            "/%5Cevil.example",
            "/%5cevil.example",
            "%2Fevil.example",
            "%2F%2Fevil.example",
            "/%00",
            "/a%0D%0ASet-Cookie:b",
            "/%09/evil.example",
            "/%7F",
            "/%C2%85",
            "/%FF",
            "/a%C0%AF",
            "\u{feff}/tides",
            "\u{ff0f}/evil.example",
            "@evil.example",
            ":443/",
        ]
        .map(String::from)
        .into();
        for control in (0..=0x1f_u8).chain([0x7f]).map(char::from).chain(['\u{80}', '\u{9f}']) {
            attacks.push(format!("/{control}/evil.example"));
            attacks.push(format!("{control}//evil.example"));
            attacks.push(format!("/tides{control}"));
            attacks.push(format!("/tides%{:02x}", u32::from(control)));
        }
        for attack in attacks {
            assert_eq!(ReturnPath::of(&attack).as_str(), "/", "{attack:?}");
        }
    }

    // S09
    #[test]
    fn keeps_two_kibibytes_and_no_more() {
        let longest = format!("/{}", "a".repeat(LONGEST - 1));
        assert_eq!(ReturnPath::of(&longest).as_str(), longest);
        assert_eq!(ReturnPath::of(&format!("{longest}a")).as_str(), "/");
        assert_eq!(ReturnPath::of(&format!("/{}", " ".repeat(LONGEST - 1))).as_str(), "/");
    }

    #[test]
    fn is_a_uri_whatever_it_is_made_of() {
        let table = [
            ("/a b", "/a%20b"),
            ("/möwe", "/m%C3%B6we"),
            ("/a\\b", "/a%5Cb"),
            ("/100%", "/100%25"),
            ("/100%x", "/100%25x"),
            ("/a?b[c]=\"<>^`{|}", "/a?b%5Bc%5D=%22%3C%3E%5E%60%7B%7C%7D"),
        ];
        for (raw, path) in table {
            assert_eq!(ReturnPath::of(raw).as_str(), path);
        }
        // Every pair of characters behind the slash.
        let characters: Vec<char> =
            (0x20..0x7f_u8).map(char::from).chain(['ö', '\u{2028}']).collect();
        for first in &characters {
            for second in &characters {
                let path = ReturnPath::of(&format!("/{first}{second}?{second}{first}"));
                let reference =
                    Reference::parse(path.as_str()).unwrap_or_else(|_| panic!("{path}"));
                assert!(reference.authority().is_none() && reference.scheme().is_none(), "{path}");
                assert_eq!(Reference::from(path.clone()).to_string(), path.as_str());
            }
        }
    }

    #[test]
    fn is_a_form_field_that_never_fails() {
        let path = |form| Form::<ReturnPath>::parse_encoded(RawStr::new(form)).unwrap();
        assert_eq!(path("=/tides%3Fpage%3D2").as_str(), "/tides?page=2");
        // Decoded by the form once, by the check once more.
        assert_eq!(path("=%2F%2Fevil.example").as_str(), "/");
        assert_eq!(path("=%2F%252Fevil.example").as_str(), "/");
        assert!(Form::<Option<ReturnPath>>::parse("").unwrap().is_none());
    }

    #[test]
    fn appends_itself_to_a_login_page() {
        let table = [
            ("/login", "/tides", "/login?next=%2Ftides"),
            ("/login?lang=en", "/tides", "/login?lang=en&next=%2Ftides"),
            ("/login?", "/tides", "/login?next=%2Ftides"),
            ("/login#form", "/tides", "/login?next=%2Ftides#form"),
            ("/login", "/a?b=c&d=e%20f+g#h", "/login?next=%2Fa%3Fb%3Dc%26d%3De%2520f%2Bg%23h"),
            ("/login", "//evil.example", "/login?next=%2F"),
        ];
        for (page, path, address) in table {
            assert_eq!(ReturnPath::append_to(page, path), address);
        }
    }
}
