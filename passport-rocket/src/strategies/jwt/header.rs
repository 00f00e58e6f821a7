//! The JOSE header (RFC 7515 section 4): what it must say, and what is never believed of it.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::compact::{decode, decode_into, encode};
use super::members::{Members, Name};
use super::rejection::{Part, Rejection};

/// What a header must say to be accepted, besides what its key demands.
#[derive(Debug, Clone, Default)]
pub(super) struct Policy {
    types: Types,
}

/// Which values of `typ` are accepted; an access token must not pass for another kind of token (RFC
/// 8725 section 3.11).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Types {
    names: Vec<String>,
    absent: bool,
    any: bool,
}

/// What a header says of the key that it was signed with. Nothing is proved yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head<'h> {
    pub(super) algorithm: Cow<'h, str>,
    pub(super) key_id: Option<Cow<'h, str>>,
}

impl Policy {
    pub(super) fn new(types: Types) -> Self {
        Self { types }
    }

    /// Reads an encoded header, and judges everything in it but algorithm and key id.
    pub(super) fn read(&self, segment: &str) -> Result<Head<'static>, Rejection> {
        self.look(segment, |Head { algorithm, key_id }| Head {
            algorithm: algorithm.into_owned().into(),
            key_id: key_id.map(|id| id.into_owned().into()),
        })
    }

    /// [`Policy::read`], for whoever needs no copy of what it says.
    pub(super) fn look<T>(
        &self,
        segment: &str,
        see: impl FnOnce(Head<'_>) -> T,
    ) -> Result<T, Rejection> {
        let (mut buffer, long);
        let json = match segment.len() <= SHORT / 3 * 4 {
            true => {
                buffer = [0; SHORT];
                decode_into(segment, Part::Header, &mut buffer)?
            }
            false => {
                long = decode(segment, Part::Header)?;
                &long
            }
        };
        // serde_json does not look into strings that it skips.
        let json = std::str::from_utf8(json).map_err(|_| Rejection::Header(NOT_AN_OBJECT))?;
        let header = match Header::plain(json) {
            Some(header) => header,
            None => Header::parse(json)?,
        };
        // RFC 7515 section 4.1.11: what is critical and not understood rejects; nothing is
        // understood here. `b64` (RFC 7797) changes what is signed, and must be critical.
        if header.critical {
            return Err(Rejection::Critical);
        }
        if !self.types.accept(header.kind.as_deref()) {
            return Err(Rejection::Type);
        }
        let algorithm = header.algorithm.ok_or(Rejection::Header(NO_ALGORITHM))?;
        Ok(see(Head { algorithm, key_id: header.key_id }))
    }

    /// Headers, encoded, as the common libraries write them for a key: members in either order,
    /// with and without its id. What a header says depends on its text alone, so whoever remembers
    /// the text need not read it again.
    pub(super) fn usual_spellings(&self, algorithm: &str, key_id: Option<&str>) -> Vec<String> {
        let algorithm = format!(r#""alg":"{algorithm}""#);
        let key_id = key_id.map(|id| format!(r#""kid":{}"#, quoted(id)));
        let mut spellings = vec![vec![algorithm.clone()]];
        for name in self.types.names.iter().take(2) {
            let kind = format!(r#""typ":{}"#, quoted(name));
            spellings.push(vec![algorithm.clone(), kind.clone()]);
            spellings.push(vec![kind, algorithm.clone()]);
        }
        let mut texts = Vec::new();
        for members in spellings {
            texts.push(members.join(","));
            texts.extend(key_id.as_ref().map(|id| format!("{},{id}", members.join(","))));
        }
        texts.iter().map(|text| encoded(&format!("{{{text}}}"))).collect()
    }
}

/// The encoded header of tokens that we sign.
pub(super) fn segment(algorithm: &str, kind: Option<&str>, key_id: Option<&str>) -> String {
    let mut json = format!(r#"{{"alg":"{algorithm}""#);
    for (name, value) in [("typ", kind), ("kid", key_id)] {
        if let Some(value) = value {
            json.push_str(&format!(r#","{name}":{}"#, quoted(value)));
        }
    }
    json.push('}');
    encoded(&json)
}

impl Types {
    /// Exactly these; the empty name stands for a header without `typ`.
    pub(super) fn new(names: &[String]) -> Self {
        let absent = names.iter().any(String::is_empty);
        let names = names.iter().filter(|name| !name.is_empty()).cloned().collect();
        Self { names, absent, any: false }
    }

    /// Every type, where nothing is proved anyway.
    pub(super) fn any() -> Self {
        Self { any: true, ..Self::default() }
    }

    /// The one that we sign with.
    pub(super) fn first(&self) -> Option<&str> {
        self.names.first().map(String::as_str)
    }

    fn accept(&self, kind: Option<&str>) -> bool {
        match kind {
            _ if self.any => true,
            None => self.absent,
            Some(kind) => self.names.iter().any(|name| is_same_type(name, kind)),
        }
    }
}

/// No `typ`, `JWT` or, for access tokens (RFC 9068), `at+jwt`.
impl Default for Types {
    fn default() -> Self {
        Self { names: vec!["JWT".to_owned(), "at+jwt".to_owned()], absent: true, any: false }
    }
}

/// RFC 7515 section 4.1.9: a media type, compared without regard to case, where `application/` may
/// be left out if no other slash is there.
fn is_same_type(one: &str, other: &str) -> bool {
    subtype(one).eq_ignore_ascii_case(subtype(other))
}

fn subtype(kind: &str) -> &str {
    let prefix = "application/";
    match kind.split_at_checked(prefix.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(prefix) && !rest.contains('/') => rest,
        _ => kind,
    }
}

/// What we read of a header. `jku`, `x5u`, `jwk` and `x5c` are not among it: a key that comes with
/// the token proves nothing (RFC 8725 section 3.10).
#[derive(Debug, Default, PartialEq)]
struct Header<'j> {
    algorithm: Option<Cow<'j, str>>,
    kind: Option<Cow<'j, str>>,
    key_id: Option<Cow<'j, str>>,
    critical: bool,
    repeated: bool,
}

impl<'j> Header<'j> {
    /// Reads a header as nearly everybody writes one: algorithm, type and key id in any order, each
    /// once, without white space and escapes. It takes no memory; what is written otherwise, and
    /// what is wrong, [`Header::parse`] reads.
    fn plain(json: &'j str) -> Option<Self> {
        let mut header = Self::default();
        let mut rest = json.strip_prefix('{')?;
        loop {
            let (name, more) = rest.strip_prefix('"')?.split_once('"')?;
            let (value, more) = more.strip_prefix(":\"")?.split_once('"')?;
            if value.bytes().any(|byte| byte == b'\\' || byte < b' ') {
                return None;
            }
            let place = match name {
                "alg" => &mut header.algorithm,
                "typ" => &mut header.kind,
                "kid" => &mut header.key_id,
                _ => return None,
            };
            if place.replace(Cow::Borrowed(value)).is_some() {
                return None;
            }
            match more {
                "}" => return Some(header),
                more => rest = more.strip_prefix(',')?,
            }
        }
    }

    fn parse(json: &'j str) -> Result<Self, Rejection> {
        let header: Self =
            serde_json::from_str(json).map_err(|_| Rejection::Header(NOT_AN_OBJECT))?;
        match header.repeated {
            true => Err(Rejection::Header(REPEATED)),
            false => Ok(header),
        }
    }
}

impl<'de> Deserialize<'de> for Header<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeaderVisitor)
    }
}

struct HeaderVisitor;

impl<'de> Visitor<'de> for HeaderVisitor {
    type Value = Header<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JOSE header")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header<'de>, A::Error> {
        let mut header = Header::default();
        let mut members = Members::default();
        while let Some(Name(name)) = map.next_key()? {
            header.repeated |= !members.insert(name.clone());
            match &*name {
                "alg" => header.algorithm = Some(text(&mut map)?),
                "typ" => header.kind = Some(text(&mut map)?),
                "kid" => header.key_id = Some(text(&mut map)?),
                "crit" | "b64" => {
                    header.critical = true;
                    map.next_value::<IgnoredAny>()?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(header)
    }
}

fn text<'de, A: MapAccess<'de>>(map: &mut A) -> Result<Cow<'de, str>, A::Error> {
    map.next_value::<Name<'de>>().map(|Name(text)| text)
}

fn encoded(json: &str) -> String {
    let mut text = String::new();
    encode(json.as_bytes(), &mut text);
    text
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Decoded headers of this length need no memory; longer ones carry certificates.
const SHORT: usize = 384;
const NOT_AN_OBJECT: &str = "header is not a JSON object with texts";
const REPEATED: &str = "header has a member twice";
const NO_ALGORITHM: &str = "header names no algorithm";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Head<'static>, Rejection> {
        Policy::default().read(&encoded(json))
    }

    fn head(key_id: Option<&str>) -> Head<'_> {
        Head { algorithm: "HS256".into(), key_id: key_id.map(Cow::Borrowed) }
    }

    #[test]
    fn reads_algorithm_and_key_id() {
        assert_eq!(read(r#"{"alg":"HS256"}"#), Ok(head(None)));
        assert_eq!(read("{ \"kid\" : \"7\", \"alg\" : \"HS256\" }"), Ok(head(Some("7"))));
        assert_eq!(read(r#"{"\u0061lg":"HS256"}"#), Ok(head(None)));
        assert_eq!(read("{}"), Err(Rejection::Header(NO_ALGORITHM)));
    }

    #[test]
    fn reads_long_headers_as_it_reads_short_ones() {
        for length in [0, 300, 330, 350, 384, 400, 4_000] {
            let id = "k".repeat(length);
            let json = format!(r#"{{"alg":"HS256","kid":"{id}"}}"#);
            assert_eq!(read(&json), Ok(head(Some(&id))), "{length}");
            let json = format!(r#"{{"alg":"HS256","kid":"{id}","kid":""}}"#);
            assert_eq!(read(&json), Err(Rejection::Header(REPEATED)), "{length}");
            assert_eq!(
                Policy::default().read(&format!("{}=", encoded(&json))),
                Err(Rejection::NotBase64(Part::Header))
            );
        }
    }

    // R05: the short way takes nothing that the long one reads otherwise.
    #[test]
    fn the_short_way_says_what_the_long_one_says() {
        let usual = [
            r#"{"alg":"HS256"}"#,
            r#"{"typ":"JWT","alg":"ES256"}"#,
            r#"{"alg":"ES256","typ":"JWT","kid":"k-1"}"#,
            r#"{"kid":"é","typ":"at+jwt","alg":"ES256"}"#,
        ];
        for json in usual {
            assert!(Header::plain(json).is_some(), "{json}");
        }
        let pieces: Vec<String> = (0..=0x7f_u8)
            .map(|byte| char::from(byte).to_string())
            .chain(
                ["", "\u{80}", "\u{2028}", "é", "\"\"", "\",\"", "\":\"", ",\"alg\":\"none\""]
                    .map(str::to_owned),
            )
            .collect();
        let mut plain = 0;
        for json in usual {
            let places: Vec<usize> = json.char_indices().map(|(place, _)| place).collect();
            for (begin, piece) in places.iter().flat_map(|at| pieces.iter().map(move |p| (*at, p)))
            {
                let end = begin + json[begin..].chars().next().unwrap().len_utf8();
                for end in [begin, end, json.len()] {
                    let changed = format!("{}{piece}{}", &json[..begin], &json[end..]);
                    let Some(header) = Header::plain(&changed) else { continue };
                    assert_eq!(Header::parse(&changed), Ok(header), "{changed}");
                    plain += 1;
                }
            }
        }
        assert!(plain > 1_000, "{plain}");
    }

    // R05
    #[test]
    fn rejects_members_that_are_there_twice() {
        for json in [
            r#"{"alg":"HS256","alg":"HS256"}"#,
            r#"{"alg":"none","alg":"HS256"}"#,
            r#"{"alg":"HS256","x":1,"x":1}"#,
            r#"{"alg":"HS256","\u0061lg":"HS256"}"#,
        ] {
            assert_eq!(read(json), Err(Rejection::Header(REPEATED)), "{json}");
        }
    }

    // R05
    #[test]
    fn rejects_what_is_no_json_object_in_utf8() {
        for json in [
            "",
            "null",
            "[]",
            "\"HS256\"",
            "{",
            r#"{"alg":"HS256"}x"#,
            r#"{"alg":1}"#,
            r#"{"alg":null}"#,
            r#"{"alg":["HS256"]}"#,
            r#"{"alg":"HS256","typ":1}"#,
            r#"{"alg":"HS256","kid":7}"#,
            "\u{feff}{\"alg\":\"HS256\"}",
            r#"["HS256"]"#,
        ] {
            assert_eq!(read(json), Err(Rejection::Header(NOT_AN_OBJECT)), "{json}");
        }
        let mut text = String::new();
        encode(b"{\"alg\":\"HS256\",\"x\":\"\xff\"}", &mut text);
        let policy = Policy::default();
        assert_eq!(policy.read(&text), Err(Rejection::Header(NOT_AN_OBJECT)));
        assert_eq!(policy.read("e30="), Err(Rejection::NotBase64(Part::Header)));
    }

    // R05, trap 7
    #[test]
    fn rejects_every_critical_extension() {
        for json in [
            r#"{"alg":"HS256","crit":["exp"]}"#,
            r#"{"alg":"HS256","crit":[]}"#,
            r#"{"alg":"HS256","crit":null}"#,
            r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
            r#"{"alg":"HS256","b64":false}"#,
            r#"{"alg":"HS256","b64":true}"#,
        ] {
            assert_eq!(read(json), Err(Rejection::Critical), "{json}");
        }
    }

    // R11
    #[test]
    fn accepts_listed_types_and_no_other() {
        for kind in ["JWT", "jwt", "at+jwt", "AT+JWT", "application/at+jwt", "Application/JWT"] {
            let json = format!(r#"{{"alg":"HS256","typ":"{kind}"}}"#);
            assert_eq!(read(&json), Ok(head(None)), "{kind}");
        }
        for kind in
            ["", "JOSE", "dpop+jwt", "logout+jwt", "application/application/jwt", "text/jwt"]
        {
            let json = format!(r#"{{"alg":"HS256","typ":"{kind}"}}"#);
            assert_eq!(read(&json), Err(Rejection::Type), "{kind}");
        }
    }

    // R11
    #[test]
    fn a_configured_list_replaces_the_default_and_needs_the_member() {
        let policy = Policy::new(Types::new(&["application/at+jwt".to_owned()]));
        assert!(policy.read(&encoded(r#"{"alg":"HS256","typ":"at+jwt"}"#)).is_ok());
        for json in [r#"{"alg":"HS256"}"#, r#"{"alg":"HS256","typ":"JWT"}"#] {
            assert_eq!(policy.read(&encoded(json)), Err(Rejection::Type), "{json}");
        }
        let policy = Policy::new(Types::new(&[String::new()]));
        assert!(policy.read(&encoded(r#"{"alg":"HS256"}"#)).is_ok());
        assert!(policy.read(&encoded(r#"{"alg":"HS256","typ":"JWT"}"#)).is_err());
    }

    // R11: `application/` is left out only where no other slash is there.
    #[test]
    fn a_type_with_a_slash_is_compared_whole() {
        let policy = Policy::new(Types::new(&["text/jwt".to_owned()]));
        assert!(policy.read(&encoded(r#"{"alg":"HS256","typ":"TEXT/jwt"}"#)).is_ok());
        let json = r#"{"alg":"HS256","typ":"application/text/jwt"}"#;
        assert_eq!(policy.read(&encoded(json)), Err(Rejection::Type));
    }

    #[test]
    fn spells_headers_as_they_are_signed() {
        let policy = Policy::default();
        let spellings = policy.usual_spellings("HS256", Some("k\"1"));
        assert_eq!(spellings.len(), 10);
        for (kind, key_id) in [(None, None), (Some("JWT"), None), (Some("JWT"), Some("k\"1"))] {
            assert!(spellings.contains(&segment("HS256", kind, key_id)), "{kind:?} {key_id:?}");
        }
        let policy = Policy::new(Types::new(&["at+jwt".to_owned()]));
        assert_eq!(policy.usual_spellings("ES256", None).len(), 3);
        assert_eq!(segment("HS256", Some("JWT"), None), "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9");
    }
}
