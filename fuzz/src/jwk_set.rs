//! A set of keys that a provider publishes, and a single key.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use arbitrary::{Arbitrary, Unstructured};
use jsonwebtoken::Algorithm;
use passport_rocket::{BoxError, Clock, Http, HttpClient, HttpLimits, Jwt, Key, User, protect};
use rocket::http::Header;
use rocket::{State, get, routes};
use serde_json::Value;

use crate::app::{App, Heard, NOW, rocket};
use crate::keys::{SET, SIGNERS};
use crate::oracle::{base64, strict, unbase64};

/// A token of one of our private keys is answered with 200 if and only if the second opinion finds the
/// public half of it in the set; whatever has a private member somewhere is no set at all (503). And
/// a key that stands alone is accepted by `Key::from_jwk` if and only if it is in use as a set.
///
/// The first byte says whose token it is, and whether the set is the rest of the input or put together
/// from pieces.
pub fn jwk_set(input: &[u8]) {
    let Some((first, rest)) = input.split_first() else { return };
    let token = &TOKENS[usize::from(*first) % TOKENS.len()];
    let set = match usize::from(*first) / TOKENS.len() % 2 {
        0 => rest.to_vec(),
        _ => pieced(rest).into_bytes(),
    };
    PROVIDER.serve(&set);
    let answer = PROVIDER.app.answer_of_any_kind(|client| {
        client.get("/me").header(Header::new("Authorization", format!("Bearer {}", token.text)))
    });
    let read = Read::of(&set);
    let statuses = read.statuses(token);
    assert!(statuses.contains(&answer.status), "{answer:?}: {}", String::from_utf8_lossy(&set));
    alone(&set, &read);
}

/// What `Key::from_jwk` makes of the text.
fn alone(set: &[u8], read: &Read) {
    let Ok(text) = std::str::from_utf8(set) else { return };
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA, Algorithm::HS256] {
        let name = format!("{algorithm:?}");
        let key = Key::from_jwk(&name, text);
        let Read::Keys { useful, is_mixed, is_doubtful } = read else {
            assert!(key.is_err(), "{name} of {text}");
            continue;
        };
        if let Ok(key) = &key {
            assert_eq!(key.algorithm(), name);
            assert_ne!(algorithm, Algorithm::HS256, "a secret that nobody sees: {text}");
        }
        match useful.as_slice() {
            _ if *is_doubtful => {}
            [only] if !is_mixed && only.algorithm == algorithm => {
                let id = key.as_ref().ok().and_then(Key::id);
                assert!(key.is_ok() && id == only.id.as_deref(), "{name} of {text}: {key:?}");
            }
            _ => assert!(key.is_err(), "{name} of {text}"),
        }
    }
}

struct Token {
    text: String,
    algorithm: Algorithm,
    id: Option<&'static str>,
}

/// Of each key, with and without its id.
static TOKENS: LazyLock<Vec<Token>> = LazyLock::new(|| {
    let named =
        [(1, None), (2, None), (3, None), (1, Some("rsa")), (2, Some("ec")), (3, Some("ed"))];
    let token = |(signer, id): (usize, Option<&'static str>)| {
        let signer = &SIGNERS[signer];
        let id_member = id.map(|id| format!(r#","kid":"{id}""#)).unwrap_or_default();
        let header = format!(r#"{{"alg":"{:?}"{id_member}}}"#, signer.algorithm);
        let message = format!("{}.{}", base64(header), base64(r#"{"exp":9007199254740992}"#));
        let text = format!("{message}.{}", signer.sign(&message));
        Token { text, algorithm: signer.algorithm, id }
    };
    named.map(token).into()
});

/// An application whose provider serves what the fuzzer says.
struct Provider {
    app: App,
    served: Arc<Mutex<Vec<u8>>>,
    now: Arc<AtomicU64>,
}

impl Provider {
    /// Serves `set` from now on, and lets the time pass in which an older one is believed.
    fn serve(&self, set: &[u8]) {
        *self.served.lock().unwrap_or_else(PoisonError::into_inner) = set.to_vec();
        self.now.fetch_add(10, Ordering::Relaxed);
    }
}

struct Canned(Arc<Mutex<Vec<u8>>>);

#[rocket::async_trait]
impl HttpClient for Canned {
    async fn send(
        &self,
        _: http::Request<Vec<u8>>,
        _: HttpLimits,
    ) -> Result<http::Response<Vec<u8>>, BoxError> {
        Ok(http::Response::new(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()))
    }
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(_user: User<Value>, heard: &State<Heard>) {
    heard.tell(Value::Null);
}

static PROVIDER: LazyLock<Provider> = LazyLock::new(|| {
    let toml = "[default.passport.jwt]\nalgorithm = ['RS256', 'ES256', 'EdDSA']\n\
                jwks_url = 'https://idp.example/keys'\njwks_lifetime = '1s'\njwks_stale = '1s'\n\
                jwks_cooldown = '1s'";
    let served = Arc::new(Mutex::new(SET.as_bytes().to_vec()));
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = Arc::clone(&now);
    let clock = Clock::new(move || {
        SystemTime::UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed))
    });
    let rocket = rocket(toml)
        .manage(clock)
        .manage(Http::new(Canned(Arc::clone(&served))))
        .attach(Jwt::<Value>::fairing("jwt"))
        .mount("/", routes![me]);
    Provider { app: App::new(rocket), served, now }
});

/// A set as the second opinion reads it.
enum Read {
    /// It must not be believed in any part.
    Never,
    Keys {
        useful: Vec<Useful>,
        /// Whether there are other entries, which are no keys for us.
        is_mixed: bool,
        /// Whether there are keys of which the second opinion cannot say that they are any good:
        /// numbers that are not ours.
        is_doubtful: bool,
    },
}

/// A key of ours, and how the set calls it.
struct Useful {
    id: Option<String>,
    algorithm: Algorithm,
}

/// What an entry is.
enum Entry {
    Ours(Useful),
    Doubtful,
    Useless,
}

impl Read {
    fn of(text: &[u8]) -> Self {
        let Some(Value::Object(set)) = strict(text) else { return Self::Never };
        let entries = match set.get("keys") {
            Some(Value::Array(entries)) => entries.clone(),
            None if set.contains_key("kty") => vec![Value::Object(set)],
            _ => return Self::Never,
        };
        if entries.iter().any(is_private) {
            return Self::Never;
        }
        let mut useful: Vec<Useful> = Vec::new();
        let (mut is_mixed, mut is_doubtful) = (false, false);
        for entry in &entries {
            match Entry::of(entry) {
                Entry::Ours(key) if !useful.iter().any(|other| other.is_named_like(&key)) => {
                    useful.push(key);
                }
                Entry::Ours(_) | Entry::Useless => is_mixed = true,
                Entry::Doubtful => is_doubtful = true,
            }
        }
        Self::Keys { useful, is_mixed, is_doubtful }
    }

    /// The statuses that are right.
    fn statuses(&self, token: &Token) -> &'static [u16] {
        let Self::Keys { useful, is_doubtful, .. } = self else { return &[503] };
        let is_of = |key: &&Useful| key.algorithm == token.algorithm;
        let is_named = |key: &&Useful| match (&key.id, token.id) {
            (Some(ours), Some(theirs)) => ours == theirs,
            (None, Some(_)) => useful.len() == 1,
            (_, None) => true,
        };
        let meant = useful.iter().filter(is_of).filter(is_named).count();
        match (meant, is_doubtful) {
            (0, true) => &[401, 503],
            (_, true) => &[200, 401],
            (1, false) => &[200],
            (_, false) if useful.is_empty() => &[503],
            (_, false) => &[401],
        }
    }
}

impl Entry {
    fn of(entry: &Value) -> Self {
        let Some((algorithm, id, is_ours)) = Self::read(entry) else { return Self::Useless };
        match is_ours {
            true => Self::Ours(Useful { id, algorithm }),
            false => Self::Doubtful,
        }
    }

    /// RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2.
    fn read(entry: &Value) -> Option<(Algorithm, Option<String>, bool)> {
        let entry = entry.as_object()?;
        let text = |name: &str| match entry.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(Value::String(text)) => Some(Some(text.as_str())),
            Some(_) => None,
        };
        let [kty, kid, alg, purpose, crv, n, e, x, y] =
            ["kty", "kid", "alg", "use", "crv", "n", "e", "x", "y"].map(text);
        let (kty, kid, alg, purpose, crv) = (kty??, kid?, alg?, purpose?, crv?);
        let (n, e, x, y) = (n?, e?, x?, y?);
        let operations = match entry.get("key_ops") {
            None | Some(Value::Null) => None,
            Some(Value::Array(list)) => {
                Some(list.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?)
            }
            Some(_) => return None,
        };
        let is_to_verify = operations
            .is_none_or(|list| list.iter().any(|operation| ["sign", "verify"].contains(operation)));
        if purpose.is_some_and(|purpose| purpose != "sig") || !is_to_verify {
            return None;
        }
        let ours = |index: usize, name: &str| OURS["keys"][index][name].as_str().map(str::to_owned);
        let of_length = |text: &str| unbase64(text).is_some_and(|bytes| bytes.len() == 32);
        let (algorithm, is_ours) = match (kty, crv) {
            ("RSA", _) => {
                let [theirs, own] =
                    [[n?.to_owned(), e?.to_owned()], [ours(0, "n")?, ours(0, "e")?]];
                (Algorithm::RS256, integers(theirs)? == integers(own)?)
            }
            ("EC", Some("P-256")) if of_length(x?) && of_length(y?) => {
                (Algorithm::ES256, x == ours(1, "x").as_deref() && y == ours(1, "y").as_deref())
            }
            ("OKP", Some("Ed25519")) if of_length(x?) => {
                (Algorithm::EdDSA, x == ours(2, "x").as_deref())
            }
            _ => return None,
        };
        let is_right = alg.is_none_or(|alg| alg == format!("{algorithm:?}"));
        is_right.then(|| (algorithm, kid.map(str::to_owned), is_ours))
    }
}

impl Useful {
    fn is_named_like(&self, other: &Self) -> bool {
        self.id.is_some() && self.id == other.id && self.algorithm == other.algorithm
    }
}

static OURS: LazyLock<Value> = LazyLock::new(|| strict(SET.as_bytes()).unwrap_or_default());

/// R16: whatever else it is, and however it is written.
fn is_private(entry: &Value) -> bool {
    ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]
        .iter()
        .any(|name| entry.get(name).is_some_and(|value| !value.is_null()))
}

/// As numbers, whatever zeros are in front of them.
fn integers(texts: [String; 2]) -> Option<Vec<Vec<u8>>> {
    let integer = |text: &String| {
        Some(unbase64(text)?.into_iter().skip_while(|byte| *byte == 0).collect::<Vec<_>>())
    };
    texts.iter().map(integer).collect()
}

/// An entry of a set, or something that looks like one.
#[derive(Debug, Arbitrary)]
struct Draft {
    base: u8,
    twists: Vec<(u8, u8)>,
}

fn pieced(input: &[u8]) -> String {
    let Ok((is_alone, drafts)) = <(bool, Vec<Draft>)>::arbitrary(&mut Unstructured::new(input))
    else {
        return String::new();
    };
    let entry = |draft: &Draft| {
        let mut entry = OURS["keys"][usize::from(draft.base) % 4].clone();
        for (name, value) in draft.twists.iter().take(5) {
            let name = NAMES[usize::from(*name) % NAMES.len()];
            let value = VALUES[usize::from(*value) % VALUES.len()];
            match serde_json::from_str::<Value>(value) {
                Ok(value) => entry[name] = value,
                // No value: the member goes.
                Err(_) => {
                    if let Some(members) = entry.as_object_mut() {
                        members.remove(name);
                    }
                }
            }
        }
        entry
    };
    let entries: Vec<Value> = drafts.iter().take(5).map(entry).collect();
    match (is_alone, &entries[..]) {
        (true, [entry, ..]) => entry.to_string(),
        _ => serde_json::json!({ "keys": entries }).to_string(),
    }
}

const NAMES: &[&str] = &[
    "kty", "kid", "alg", "use", "key_ops", "crv", "n", "e", "x", "y", "d", "k", "p", "oth", "x5c",
    "x5u", "keys",
];

const VALUES: &[&str] = &[
    "",
    "null",
    "7",
    "[]",
    "{}",
    r#""""#,
    r#""RSA""#,
    r#""EC""#,
    r#""OKP""#,
    r#""oct""#,
    r#""P-256""#,
    r#""P-384""#,
    r#""Ed25519""#,
    r#""sig""#,
    r#""enc""#,
    r#"["verify"]"#,
    r#"["encrypt"]"#,
    r#""RS256""#,
    r#""ES256""#,
    r#""EdDSA""#,
    r#""RS512""#,
    r#""none""#,
    r#""rsa""#,
    r#""ec""#,
    r#""ed""#,
    r#""AQAB""#,
    r#""AAEAAQ""#,
    r#""AQ""#,
    r#""Aw""#,
    r#""AQAB=""#,
    r#""_W6MmxmU7G-Ak_turpNIf2BzoATAvZXeoPuhmXKLXsg""#,
    r#""OlS8w5k1iaab2D-p3AqWqZJfX3VfrNGNvcWrlVscikY""#,
    r#""AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA""#,
];
