//! The options of the application as a whole: the keys of `[default.passport]` itself.

use std::net::IpAddr;

use figment::Figment;
use rocket::Request;
use rocket::http::uncased::Uncased;
use serde::Deserialize;

use super::mistake::Mistake;
use super::nearest;
use super::origin::{NotAnOrigin, Origin};
use super::table::Table;
use crate::challenge::is_token;
use crate::secret::Secret;

/// The keys of `[default.passport]` that are no strategies, and names that no strategy can have.
pub const OPTION_NAMES: [&str; 7] = [
    "client_address",
    "origin",
    "realm",
    "require_declaration",
    "store",
    "strategies",
    "trusted_origins",
];

/// What `[default.passport]` says about the application as a whole.
///
/// | key | means | _Default:_ |
/// |---|---|---|
/// | `realm` | what challenges call the protected space | `"protected"` |
/// | `origin` | where browsers find the application | none |
/// | `trusted_origins` | other sites that may send requests with cookies | `[]` |
/// | `client_address` | `"peer"`, or the header that the proxy in front sets | `"peer"` |
/// | `strategies` | the strategies of a bare `#[protect]` | `[]` |
/// | `require_declaration` | whether every route must be protected or public | off |
/// | `store` | the URL of what remembers sessions and their like; it may hold a password | `"memory:"` |
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// What challenges call the protected space (RFC 9110 section 11.5). _Default:_ `protected`.
    pub realm: String,
    /// Where browsers find the application; `https` here is the operator's word that TLS is in
    /// front. _Default:_ none.
    pub origin: Option<Origin>,
    /// Other origins that may send requests with cookies. _Default:_ none.
    pub trusted_origins: Vec<Origin>,
    /// Where the address of the client is read. _Default:_ the peer of the connection.
    pub client_address: ClientAddress,
    /// The strategies of a bare `#[protect]`. _Default:_ none.
    pub strategies: Vec<String>,
    /// Whether launch is refused while a route is neither protected nor public; checked as soon as
    /// one strategy is attached or one handler declared. _Default:_ unsaid, which is no.
    pub require_declaration: Option<bool>,
    /// The URL of the store, for strategies that remember something. _Default:_ none, which is the
    /// memory of the process.
    pub store: Option<Secret<String>>,
}

/// Where the address of the client is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ClientAddress {
    /// The other end of the connection: nobody can forge it.
    #[default]
    Peer,
    /// This header. Anybody can send it, so a proxy in front has to set or remove it.
    Header(Uncased<'static>),
}

impl ClientAddress {
    /// The client's address; `None` when the proxy did not say it, or said it twice, or Rocket does
    /// not know the peer.
    ///
    /// Rocket's own `client_ip` believes `X-Real-IP` from anybody; this believes what is
    /// configured.
    #[must_use]
    pub fn of(&self, request: &Request<'_>) -> Option<IpAddr> {
        match self {
            Self::Peer => request.remote().map(|peer| peer.ip()),
            Self::Header(name) => {
                let mut values = request.headers().get(name.as_str());
                match (values.next(), values.next()) {
                    // A proxy appends to a list that anybody may have begun: its own word is last.
                    (Some(value), None) => value.rsplit(',').next()?.trim().parse().ok(),
                    _ => None,
                }
            }
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            realm: "protected".into(),
            origin: None,
            trusted_origins: Vec::new(),
            client_address: ClientAddress::Peer,
            strategies: Vec::new(),
            require_declaration: None,
            store: None,
        }
    }
}

/// Reads the options of an application: the options, with defaults where a key is wrong, every
/// mistake, and the names of the strategies that have a table.
#[must_use]
pub fn options(figment: &Figment) -> (Options, Vec<Mistake>, Vec<String>) {
    let table = Table::new(figment, "passport");
    let (written, mut mistakes) = table.examine::<Written>(|key| OPTION_NAMES.contains(&key));
    let options = written.unwrap_or_default().options(&table, &mut mistakes);
    let mut strategies = Vec::new();
    for (key, is_table) in table.keys() {
        match (OPTION_NAMES.contains(&key), is_table) {
            (false, true) => strategies.push(key.to_owned()),
            (false, false) => mistakes.push(unknown(&table, key)),
            (true, true) => {
                let remedy = "it is an option: give the strategy another name";
                mistakes.retain(|mistake| mistake.key != format!("passport.{key}"));
                mistakes.push(table.mistake(key, "no strategy can have this name", remedy));
            }
            (true, false) => {}
        }
    }
    (options, mistakes, strategies)
}

fn unknown(table: &Table, key: &str) -> Mistake {
    let remedy = match nearest(key, OPTION_NAMES) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("a strategy is a table; options are `{}`", OPTION_NAMES.join("`, `")),
    };
    table.mistake(key, "unknown option", remedy)
}

/// The options as they are written.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Written {
    realm: Option<String>,
    origin: Option<String>,
    trusted_origins: Vec<String>,
    client_address: Option<String>,
    strategies: Vec<String>,
    require_declaration: Option<bool>,
    store: Option<Secret<String>>,
}

impl Written {
    fn options(self, table: &Table, mistakes: &mut Vec<Mistake>) -> Options {
        let mut options = Options {
            strategies: self.strategies,
            require_declaration: self.require_declaration,
            store: self.store,
            ..Options::default()
        };
        let mut origin = |key: &str, text: &str| -> Option<Origin> {
            let refuse = |why: NotAnOrigin| {
                mistakes.push(table.mistake(key, "no origin", why.remedy()));
            };
            text.parse().map_err(refuse).ok()
        };
        options.origin = self.origin.and_then(|text| origin("origin", &text));
        let trusted = self.trusted_origins.iter().enumerate();
        options.trusted_origins = trusted
            .filter_map(|(index, text)| origin(&format!("trusted_origins.{index}"), text))
            .collect();
        match self.realm {
            Some(realm) if realm.is_empty() || !realm.bytes().all(|b| matches!(b, b' '..=b'~')) => {
                let problem = "no realm: empty, or more than printable ASCII";
                mistakes.push(table.mistake("realm", problem, "write a short plain name"));
            }
            Some(realm) => options.realm = realm,
            None => {}
        }
        match self.client_address.as_deref() {
            None | Some("peer") => {}
            Some(header) if is_token(header) => {
                options.client_address = ClientAddress::Header(header.to_owned().into());
            }
            Some(_) => {
                let problem = "no name of a header";
                let remedy = "write `peer`, or the header that the proxy in front sets";
                mistakes.push(table.mistake("client_address", problem, remedy));
            }
        }
        options
    }
}

#[cfg(test)]
mod tests {
    use figment::providers::{Format, Toml};

    use super::*;

    fn read(toml: &str) -> (Options, Vec<Mistake>, Vec<String>) {
        options(&Figment::from(Toml::string(toml)))
    }

    #[test]
    fn has_defaults() {
        let (options, mistakes, strategies) = read("");
        assert_eq!(options, Options::default());
        assert!(mistakes.is_empty() && strategies.is_empty());
        assert_eq!((&*options.realm, options.client_address), ("protected", ClientAddress::Peer));
    }

    #[test]
    fn reads_every_option_and_names_the_strategies() {
        let (options, mistakes, strategies) = read(
            r#"
            [passport]
            realm = "tidal"
            origin = "https://Tidal.example:443"
            trusted_origins = ["https://harbour.example"]
            client_address = "X-Real-IP"
            strategies = ["jwt", "session"]
            require_declaration = true
            store = "redis://localhost"
            [passport.jwt]
            secret = "correct horse"
            [passport.session]
            "#,
        );
        assert_eq!(mistakes, []);
        assert_eq!(strategies, ["jwt", "session"]);
        assert_eq!(options.realm, "tidal");
        assert_eq!(options.origin.unwrap().as_str(), "https://tidal.example");
        assert_eq!(options.trusted_origins[0].as_str(), "https://harbour.example");
        assert_eq!(options.client_address, ClientAddress::Header("x-real-ip".into()));
        assert_eq!(options.strategies, ["jwt", "session"]);
        assert_eq!(options.require_declaration, Some(true));
        assert_eq!(options.store, Some(Secret::new("redis://localhost".to_owned())));
    }

    #[test]
    fn reports_every_mistake_and_keeps_the_rest() {
        let (options, mistakes, strategies) = read(
            r#"
            [passport]
            realm = "tidal"
            origin = "https://tidal.example/app"
            trusted_origins = ["https://harbour.example", "*"]
            client_address = "no header"
            strategies = "jwt"
            require_declaration = "yes"
            requre_declaration = true
            sesion = 4711
            [passport.jwt]
            "#,
        );
        let found: Vec<_> = mistakes.iter().map(|m| (&*m.key, &*m.problem, &*m.remedy)).collect();
        assert_eq!(
            found,
            [
                (
                    "passport.require_declaration",
                    "expected a boolean, found a string",
                    "leave out the quotes"
                ),
                ("passport.strategies", "expected a list, found a string", "put it in brackets"),
                (
                    "passport.origin",
                    "no origin",
                    "leave out what follows host and port, if only a slash"
                ),
                ("passport.trusted_origins[1]", "no origin", "begin with `https://` or `http://`"),
                (
                    "passport.client_address",
                    "no name of a header",
                    "write `peer`, or the header that the proxy in front sets"
                ),
                (
                    "passport.requre_declaration",
                    "unknown option",
                    "did you mean `require_declaration`?"
                ),
                (
                    "passport.sesion",
                    "unknown option",
                    "a strategy is a table; options are `client_address`, `origin`, `realm`, \
                     `require_declaration`, `store`, `strategies`, `trusted_origins`"
                ),
            ]
        );
        assert_eq!(options.realm, "tidal");
        assert_eq!(options.trusted_origins.len(), 1);
        assert_eq!(strategies, ["jwt"]);
    }

    #[test]
    fn refuses_a_strategy_named_like_an_option() {
        let (_, mistakes, strategies) = read("[passport.realm]\nsecret = 'a'");
        assert!(strategies.is_empty());
        assert_eq!(mistakes.len(), 1);
        assert_eq!(mistakes[0].key, "passport.realm");
        assert_eq!(mistakes[0].problem, "no strategy can have this name");
    }

    #[test]
    fn refuses_a_realm_that_no_challenge_could_carry() {
        for realm in ["''", "'tidäl'", "\"a\\nb\""] {
            let (options, mistakes, _) = read(&format!("[passport]\nrealm = {realm}"));
            assert_eq!((mistakes.len(), &*options.realm), (1, "protected"), "{realm}");
        }
    }

    // Trap 19
    #[test]
    fn refuses_what_is_no_table_without_the_value() {
        let (options, mistakes, strategies) = read("passport = '{jwt={secret=hunter2}'");
        assert_eq!(options, Options::default());
        assert!(strategies.is_empty());
        assert_eq!(mistakes.len(), 1);
        assert_eq!(mistakes[0].problem, "expected a table, found a string");
        assert!(!mistakes[0].to_string().contains("hunter2"));
    }

    #[test]
    fn refuses_a_configuration_that_cannot_be_read() {
        let (_, mistakes, _) = read("[passport]\nsecret = 'hunter2'\nsecret = 'hunter3'");
        assert_eq!(mistakes.len(), 1);
        assert_eq!(mistakes[0].problem, "the configuration cannot be read");
        assert!(!format!("{mistakes:?}").contains("hunter"));
    }

    // As `ROCKET_PASSPORT='{…}'` sets them.
    #[test]
    fn every_option_can_be_set_by_the_environment() {
        let written = r#"{realm=tidal, origin="https://tidal.example", trusted_origins=["https://a.example"],
            client_address=X-Real-IP, strategies=[jwt], require_declaration=true, store="memory:"}"#;
        let value: figment::value::Value = written.replace('\n', " ").parse().unwrap();
        let file = "[passport]\nrealm = 'of the file'\nstrategies = ['other']";
        let figment = Figment::from(Toml::string(file))
            .merge(figment::providers::Serialized::global("passport", value));
        let (options, mistakes, _) = options(&figment);
        assert_eq!(mistakes, []);
        assert_eq!(options.realm, "tidal");
        assert_eq!(options.origin, Some("https://tidal.example".parse().unwrap()));
        assert_eq!(options.trusted_origins, ["https://a.example".parse().unwrap()]);
        assert_eq!(options.client_address, ClientAddress::Header("X-Real-IP".into()));
        assert_eq!(options.strategies, ["jwt"]);
        assert_eq!(options.require_declaration, Some(true));
        let known = OPTION_NAMES.iter().all(|name| written.contains(&format!("{name}=")));
        assert!(known, "no option is forgotten here");
    }

    // Trap 23: nobody frames anybody else by a header that no proxy sets.
    #[test]
    fn the_address_is_the_peers_unless_a_header_is_declared() {
        use rocket::http::Header;
        use rocket::local::blocking::Client;

        let client = Client::debug_with(vec![]).unwrap();
        let seen = |address: &ClientAddress, headers: &[&str]| {
            let mut request = client.get("/").remote("192.0.2.7:80".parse().unwrap());
            for value in headers {
                request.add_header(Header::new("X-Real-IP", (*value).to_owned()));
            }
            address.of(request.inner()).map(|address| address.to_string())
        };
        let header = ClientAddress::Header("x-real-ip".into());
        assert_eq!(seen(&ClientAddress::Peer, &["203.0.113.1"]).as_deref(), Some("192.0.2.7"));
        assert_eq!(seen(&header, &["203.0.113.1"]).as_deref(), Some("203.0.113.1"));
        assert_eq!(seen(&header, &["198.51.100.9, ::1"]).as_deref(), Some("::1"));
        for none in [&[][..], &["x"], &[""], &["203.0.113.1", "203.0.113.2"]] {
            assert_eq!(seen(&header, none), None, "{none:?}");
        }
    }
}
