//! A bearer token: raw, or signed over any header and payload.

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use passport_rocket::{Jwt, User, protect};
use rocket::http::Header;
use rocket::{State, get, routes};
use serde_json::Value;

use crate::app::{App, Heard, NOW, clock, rocket};
use crate::keys::{EC, ED, RSA, SECRET, SET, SIGNERS, Trusted};
use crate::oracle::{Key, Law, Trust, base64, unbase64};

/// A token is answered with 200 if and only if the second opinion finds it good, and then the handler
/// hears what the second opinion read.
///
/// The first byte says which application and which kind of input follows:
/// a token as it is; or a byte for the signer, one for what befalls the signature, then the header, a
/// line break and the payload; or twists of a good token.
pub fn token(input: &[u8]) {
    let Some((first, rest)) = input.split_first() else { return };
    let first = usize::from(*first);
    let court = &COURTS[first % COURTS.len()];
    let token = match first / COURTS.len() % 3 {
        0 => String::from_utf8_lossy(rest).into_owned(),
        1 => written(rest),
        _ => twisted(rest),
    };
    let token: String = token.chars().filter(|it| !it.is_ascii_control()).collect();
    let token = token.trim_matches(' ');
    let answer = court.app.answer(|client| {
        client.get("/me").header(Header::new("Authorization", format!("Bearer {token}")))
    });
    assert_eq!(answer.heard, court.law.claims(token), "{answer:?} for {token}");
    assert!([200, 400, 401].contains(&answer.status), "{answer:?} for {token}");
}

struct Court {
    app: App,
    law: Law,
}

impl Court {
    fn new(toml: &str, law: Law) -> Self {
        let rocket = rocket(&format!("[default.passport.jwt]\n{toml}"))
            .manage(clock())
            .attach(Jwt::<Value>::fairing("jwt"))
            .mount("/", routes![me]);
        Self { app: App::new(rocket), law }
    }

    fn of_one(toml: &str, trusted: Trusted) -> Self {
        Self::new(toml, Law::One(trust(None, vec![Key { id: None, trusted }])))
    }
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(user: User<Value>, heard: &State<Heard>) {
    heard.tell((*user).clone());
}

static COURTS: LazyLock<[Court; 6]> = LazyLock::new(|| {
    let key = |id, trusted| Key { id: Some(id), trusted };
    let set = SET.replace('\n', "");
    [
        Court::of_one(&format!("algorithm = 'HS256'\nsecret = '{SECRET}'"), Trusted::secret()),
        Court::of_one(&format!("algorithm = 'RS256'\npublic_key = '''{RSA}'''"), Trusted::rsa()),
        Court::of_one(&format!("algorithm = 'ES256'\npublic_key = '''{EC}'''"), Trusted::ec()),
        Court::of_one(&format!("algorithm = 'EdDSA'\npublic_key = '''{ED}'''"), Trusted::ed()),
        Court::new(
            &format!("algorithm = ['RS256', 'ES256', 'EdDSA']\njwks = '{set}'"),
            Law::One(trust(
                None,
                vec![
                    key("rsa", Trusted::rsa()),
                    key("ec", Trusted::ec()),
                    key("ed", Trusted::ed()),
                ],
            )),
        ),
        Court::new(
            &format!(
                "audience = 'tides'\n\
                 [[default.passport.jwt.issuers]]\nissuer = 'https://staff.example'\n\
                 algorithm = 'ES256'\npublic_key = '''{EC}'''\n\
                 [[default.passport.jwt.issuers]]\nissuer = 'https://guest.example'\n\
                 algorithm = 'EdDSA'\npublic_key = '''{ED}'''"
            ),
            Law::ByIssuer(vec![
                Trust {
                    audience: Some("tides"),
                    ..trust(Some(STAFF), vec![Key { id: None, trusted: Trusted::ec() }])
                },
                Trust {
                    audience: Some("tides"),
                    ..trust(Some(GUEST), vec![Key { id: None, trusted: Trusted::ed() }])
                },
            ]),
        ),
    ]
});

const STAFF: &str = "https://staff.example";
const GUEST: &str = "https://guest.example";

fn trust(issuer: Option<&'static str>, keys: Vec<Key>) -> Trust {
    Trust { issuer, audience: None, keys }
}

/// A token of a header and a payload that are written out.
fn written(input: &[u8]) -> String {
    let [signer, mishap, text @ ..] = input else { return String::new() };
    let mut parts = text.splitn(2, |byte| *byte == b'\n');
    let (header, payload) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    sealed(*signer, *mishap, header, payload)
}

/// Header and payload, signed; a low `mishap` leaves the signature alone.
fn sealed(signer: u8, mishap: u8, header: &[u8], payload: &[u8]) -> String {
    let message = format!("{}.{}", base64(header), base64(payload));
    let signature = SIGNERS[usize::from(signer) % SIGNERS.len()].sign(&message);
    let mut bytes = unbase64(&signature).unwrap_or_default();
    let place = usize::from(mishap) % bytes.len().max(1);
    match mishap {
        0..128 => {}
        128..160 => bytes.truncate(place),
        160..192 => bytes.push(mishap),
        _ => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= 1 << (mishap % 8);
            }
        }
    }
    format!("{message}.{}", base64(bytes))
}

/// A good token, or one that something was done to.
#[derive(Debug, Arbitrary)]
struct Draft {
    signer: u8,
    mishap: u8,
    twists: Vec<Twist>,
}

#[derive(Debug, Arbitrary)]
enum Twist {
    Header(u8, u8),
    HeaderOnceMore(u8, u8),
    Claim(u8, u8),
    ClaimOnceMore(u8, u8),
    ClaimIs(u8, u64),
    Free(String, String),
    WithoutHeader(u8),
    WithoutClaim(u8),
    Spaced,
}

fn twisted(input: &[u8]) -> String {
    let Ok(draft) = Draft::arbitrary(&mut Unstructured::new(input)) else { return String::new() };
    let signer = &SIGNERS[usize::from(draft.signer) % SIGNERS.len()];
    let pair = |name: &str, value: String| (format!("\"{name}\""), value);
    let mut header = vec![pair("alg", format!("\"{:?}\"", signer.algorithm))];
    let mut claims = vec![pair("exp", (NOW + 60).to_string())];
    let mut separator = ",";
    for twist in draft.twists.iter().take(6) {
        match twist {
            Twist::Header(name, value) => set(&mut header, of(HEADERS, *name), of(VALUES, *value)),
            Twist::HeaderOnceMore(name, value) => {
                header.push((of(HEADERS, *name).to_owned(), of(VALUES, *value).to_owned()));
            }
            Twist::Claim(name, value) => set(&mut claims, of(CLAIMS, *name), of(VALUES, *value)),
            Twist::ClaimOnceMore(name, value) => {
                claims.push((of(CLAIMS, *name).to_owned(), of(VALUES, *value).to_owned()));
            }
            Twist::ClaimIs(name, number) => {
                set(&mut claims, of(CLAIMS, *name), &number.to_string());
            }
            Twist::Free(name, value) => claims.push((
                Value::from(name.as_str()).to_string(),
                Value::from(value.as_str()).to_string(),
            )),
            Twist::WithoutHeader(name) => header.retain(|(it, _)| it != of(HEADERS, *name)),
            Twist::WithoutClaim(name) => claims.retain(|(it, _)| it != of(CLAIMS, *name)),
            Twist::Spaced => separator = " ,\r\n\t",
        }
    }
    let [header, claims] = [header, claims].map(|members| {
        let members: Vec<_> =
            members.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        format!("{{{}}}", members.join(separator))
    });
    sealed(draft.signer, draft.mishap, header.as_bytes(), claims.as_bytes())
}

fn of(pieces: &[&'static str], index: u8) -> &'static str {
    pieces[usize::from(index) % pieces.len()]
}

fn set(members: &mut Vec<(String, String)>, name: &str, value: &str) {
    match members.iter_mut().find(|(it, _)| it == name) {
        Some((_, old)) => value.clone_into(old),
        None => members.push((name.to_owned(), value.to_owned())),
    }
}

const HEADERS: &[&str] = &[
    r#""alg""#,
    r#""typ""#,
    r#""kid""#,
    r#""crit""#,
    r#""b64""#,
    r#""jku""#,
    r#""jwk""#,
    r#""x5c""#,
    r#""enc""#,
    r#""zip""#,
    r#""\u0061lg""#,
    r#""k\u0069d""#,
];

const CLAIMS: &[&str] = &[
    r#""exp""#,
    r#""nbf""#,
    r#""iat""#,
    r#""iss""#,
    r#""aud""#,
    r#""sub""#,
    r#""jti""#,
    r#""scope""#,
    r#""cnf""#,
    r#""auth_time""#,
    r#""\u0065xp""#,
    r#""user""#,
];

const VALUES: &[&str] = &[
    r#""HS256""#,
    r#""RS256""#,
    r#""ES256""#,
    r#""EdDSA""#,
    r#""none""#,
    r#""hs256""#,
    r#""JWT""#,
    r#""application/at+jwt""#,
    r#""application/application/jwt""#,
    r#""dpop+jwt""#,
    r#""rsa""#,
    r#""ec""#,
    r#""ed""#,
    r#""e\u0063""#,
    r#""https://staff.example""#,
    r#""https://guest.example""#,
    r#"["https://staff.example"]"#,
    r#""tides""#,
    r#"["other","tides"]"#,
    r#"["tides",7]"#,
    r#""tides:read""#,
    "null",
    "true",
    "[]",
    "{}",
    r#"{"a":1,"a":2}"#,
    r#"[{"a":1,"\u0061":2}]"#,
    "0",
    "-1",
    "1800000000",
    "1800000001",
    "1800000005",
    "1800000006",
    "9007199254740992",
    "9007199254740993",
    "18446744073709551616",
    "1.8e9",
    "1e999",
    "7000000000.5",
    r#""7000000000""#,
    r#""\ud800""#,
    "\"\u{feff}\"",
];
