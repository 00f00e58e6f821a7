//! What a server asks for after a 401: challenges of RFC 9110 section 11.6.1.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use rocket::http::Header;

/// One challenge: a scheme and its parameters.
///
/// ```text
/// challenge  = auth-scheme [ 1*SP #auth-param ]
/// auth-param = token BWS "=" BWS ( token / quoted-string )
/// ```
///
/// ```
/// use passport_rocket::Challenge;
///
/// let challenge = Challenge::new("Bearer").realm("tidal").param("error", "invalid_token");
/// assert_eq!(challenge.to_string(), r#"Bearer realm="tidal", error="invalid_token""#);
/// ```
///
/// # Security
/// A challenge is always one header of visible ASCII, whatever it is made of: quotes and
/// backslashes are escaped, control characters and anything beyond ASCII are left out. What a value
/// *says* is the caller's: nothing of the credential belongs in it (RFC 6750 section 3.1 gives
/// fixed codes).
///
/// Cloning one is cheap.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge(Arc<Parts>);

struct Parts {
    scheme: Cow<'static, str>,
    params: Vec<Param>,
    text: OnceLock<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Param {
    name: Cow<'static, str>,
    value: String,
    is_bare: bool,
}

impl Challenge {
    /// A challenge of `scheme`, without parameters. What cannot stand in a scheme becomes `-`.
    #[must_use]
    pub fn new(scheme: impl Into<Cow<'static, str>>) -> Self {
        Self(Arc::new(Parts::new(token(scheme.into()), Vec::new())))
    }

    /// Names the protected space. It is always quoted (RFC 9110 section 11.5).
    #[must_use]
    pub fn realm(self, realm: impl Into<String>) -> Self {
        self.param("realm", realm)
    }

    /// Adds a parameter in quotes, in the place of one of the same name: RFC 9110 allows each once.
    #[must_use]
    pub fn param(self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.with(name.into(), value.into(), false)
    }

    /// Adds a parameter without quotes, where its RFC wants none: Digest's `algorithm=SHA-256` and
    /// `stale=true` (RFC 7616 section 3.3). A value that is no token gets quotes all the same.
    #[must_use]
    pub fn token_param(self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.with(name.into(), value.into(), true)
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.0.scheme
    }

    /// Whether a parameter of this name is there; names know no case (RFC 9110 section 11.2).
    #[must_use]
    pub fn has_param(&self, name: &str) -> bool {
        self.0.params.iter().any(|param| param.name.eq_ignore_ascii_case(name))
    }

    /// The header `WWW-Authenticate` with this challenge alone. Several challenges are several
    /// headers, which no client can take for parameters of one another.
    #[must_use]
    pub fn header(&self) -> Header<'static> {
        Header::new("WWW-Authenticate", self.0.text().to_owned())
    }

    fn with(mut self, name: Cow<'static, str>, value: String, may_be_bare: bool) -> Self {
        let name = token(name);
        let is_bare = may_be_bare && is_token(&value);
        let param = Param { name, value, is_bare };
        let parts = Arc::make_mut(&mut self.0);
        parts.text.take();
        match parts.params.iter_mut().find(|old| old.name.eq_ignore_ascii_case(&param.name)) {
            Some(old) => *old = param,
            None => parts.params.push(param),
        }
        self
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.text())
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { scheme, params, .. } = &*self.0;
        f.debug_struct("Challenge").field("scheme", scheme).field("params", params).finish()
    }
}

impl Parts {
    fn new(scheme: Cow<'static, str>, params: Vec<Param>) -> Self {
        Self { scheme, params, text: OnceLock::new() }
    }

    fn text(&self) -> &str {
        self.text.get_or_init(|| {
            let mut text = self.scheme.to_string();
            for (index, Param { name, value, is_bare }) in self.params.iter().enumerate() {
                text.push_str(if index == 0 { " " } else { ", " });
                text.push_str(name);
                text.push('=');
                match is_bare {
                    true => text.push_str(value),
                    false => push_quoted(&mut text, value),
                }
            }
            text
        })
    }
}

impl Clone for Parts {
    /// Without the text: whoever clones is about to change it.
    fn clone(&self) -> Self {
        Self::new(self.scheme.clone(), self.params.clone())
    }
}

impl PartialEq for Parts {
    fn eq(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.params == other.params
    }
}

impl Eq for Parts {}

/// Whether `text` is a token (RFC 9110 section 5.6.2), as names of headers, schemes and parameters
/// are.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_tchar)
}

fn is_tchar(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c)
}

/// `text` as a token.
fn token(text: Cow<'static, str>) -> Cow<'static, str> {
    match text {
        text if is_token(&text) => text,
        text if text.is_empty() => "-".into(),
        text => text.chars().map(|c| if is_tchar(c) { c } else { '-' }).collect::<String>().into(),
    }
}

/// Adds `value` as a quoted-string (RFC 9110 section 5.6.4). A line break here would begin a header
/// of the writer's choice, so whatever is not visible ASCII or a space is left out.
fn push_quoted(text: &mut String, value: &str) {
    text.push('"');
    for c in value.chars().filter(|c| matches!(c, ' '..='~')) {
        if matches!(c, '"' | '\\') {
            text.push('\\');
        }
        text.push(c);
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separates_parameters_by_commas() {
        let challenge = Challenge::new("Bearer")
            .realm("tidal")
            .param("error", "insufficient_scope")
            .param("scope", "tides:read tides:write");
        assert_eq!(
            challenge.to_string(),
            r#"Bearer realm="tidal", error="insufficient_scope", scope="tides:read tides:write""#
        );
        assert_eq!(Challenge::new("Negotiate").to_string(), "Negotiate");
    }

    #[test]
    fn leaves_tokens_bare_where_asked() {
        let challenge = Challenge::new("Digest")
            .realm("tidal")
            .token_param("algorithm", "SHA-256")
            .token_param("stale", "true")
            .token_param("odd", "two words")
            .token_param("none", "");
        assert_eq!(
            challenge.to_string(),
            r#"Digest realm="tidal", algorithm=SHA-256, stale=true, odd="two words", none="""#
        );
    }

    // R17
    #[test]
    fn escapes_quotes_and_backslashes() {
        let challenge = Challenge::new("Basic").realm(r#"a "b" \c"#);
        assert_eq!(challenge.to_string(), r#"Basic realm="a \"b\" \\c""#);
    }

    // R17
    #[test]
    fn cannot_be_made_to_inject_a_header() {
        let attacks = [
            "a\r\nSet-Cookie: b",
            "a\nb",
            "a\0b",
            "a\u{85}b",
            "a\u{2028}b",
            "a\u{7f}b",
            "ä\"\r\n, Basic realm=\"b",
            "\\\"\r\n",
        ];
        for attack in attacks {
            let challenge = Challenge::new(attack.to_owned())
                .realm(attack)
                .param(attack.to_owned(), attack)
                .token_param(format!("{attack}2"), attack);
            let text = challenge.to_string();
            assert!(text.chars().all(|c| matches!(c, ' '..='~')), "{text:?}");
            let (scheme, params) = text.split_once(' ').unwrap();
            assert!(is_token(scheme), "{scheme:?}");
            assert_eq!(outside_quotes(params).matches(", ").count(), 2, "{text:?}");
        }
    }

    fn outside_quotes(text: &str) -> String {
        let (mut outside, mut chars, mut is_inside) = (String::new(), text.chars(), false);
        while let Some(c) = chars.next() {
            match c {
                '"' => is_inside = !is_inside,
                '\\' if is_inside => {
                    chars.next();
                }
                c if !is_inside => outside.push(c),
                _ => {}
            }
        }
        assert!(!is_inside, "{text:?}");
        outside
    }

    #[test]
    fn holds_each_parameter_once() {
        let challenge = Challenge::new("Bearer").realm("a").param("Realm", "b");
        assert_eq!(challenge.to_string(), r#"Bearer Realm="b""#);
        assert!(challenge.has_param("REALM") && !challenge.has_param("error"));
    }

    #[test]
    fn makes_a_scheme_of_any_name() {
        let table = [("jwt", "jwt"), ("my jwt", "my-jwt"), ("", "-"), ("é,=", "---")];
        for (name, scheme) in table {
            assert_eq!(Challenge::new(name).scheme(), scheme);
        }
    }

    #[test]
    fn says_what_it_became_and_not_what_it_was() {
        let ready = Challenge::new("Bearer").realm("tidal");
        assert_eq!(ready.to_string(), r#"Bearer realm="tidal""#);
        let other = ready.clone().param("error", "invalid_token");
        assert_eq!(other.to_string(), r#"Bearer realm="tidal", error="invalid_token""#);
        assert_eq!(ready.to_string(), r#"Bearer realm="tidal""#);
        assert_ne!(ready, other);
        assert_eq!(ready, Challenge::new("Bearer").realm("tidal"));
        assert_eq!(other.realm("x").to_string(), r#"Bearer realm="x", error="invalid_token""#);
    }

    #[test]
    fn is_a_header() {
        let header = Challenge::new("Bearer").realm("tidal").header();
        assert_eq!(header.to_string(), r#"WWW-Authenticate: Bearer realm="tidal""#);
    }
}
