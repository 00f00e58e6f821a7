//! Requests that are refused, each for another reason, beside one that is accepted.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header as JoseHeader};
use rocket::fairing::AdHoc;
use rocket::http::{Header, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::{Request, get, routes};
use serde_json::{Value, json};

use crate::contest::{Contest, HEADS, authorization, bearer, heads};
use crate::keys::Keys;
use crate::rocket_with;
use crate::token::{claims, sign, token};

/// The length of an `Authorization` header that nobody means.
const HUGE: usize = 100 * 1024;

/// A guard that answers 401 and looks at nothing: what ending in a catcher costs.
struct Refused;

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Refused {
    type Error = ();

    async fn from_request(_: &'r Request<'_>) -> Outcome<Self, ()> {
        Outcome::Error((Status::Unauthorized, ()))
    }
}

#[get("/refused")]
fn refused(_guard: Refused) -> &'static str {
    "ok"
}

/// All of them for one algorithm. Each is known by its place in the contest.
pub struct Refusals {
    /// Where they take turns.
    pub contest: Contest,
    /// The request to an open route.
    pub open: usize,
    /// Every request, those that others are compared with too.
    pub compared: Vec<Compared>,
}

/// A request, and what it is compared with.
#[derive(Clone, Copy)]
pub struct Compared {
    /// Its own place.
    pub place: usize,
    /// What it adds to: an open route, or a guard that answers 401 with a challenge.
    pub base: usize,
    /// The accepted one that is most like it.
    pub accepted: usize,
}

/// Enters them all.
pub fn contest(algorithm: Algorithm) -> Refusals {
    let (keys, foreign) = (Keys::new(algorithm), Keys::new(algorithm));
    let mut contest = Contest::default();
    let one = contest.launch(rocket_with(&forgetting(&keys.table)).mount("/", routes![refused]));
    // RFC 9110 section 11.6.1: a 401 has a challenge, and a guard cannot send it.
    let challenge = AdHoc::on_response("challenge", |_, response| {
        Box::pin(async move {
            response.set_header(Header::new("WWW-Authenticate", r#"Bearer realm="protected""#));
        })
    });
    let conforming = rocket_with(&forgetting(&keys.table)).attach(challenge);
    let conforming = contest.launch(conforming.mount("/", routes![refused]));
    let several = contest.launch(rocket_with(&forgetting(&keys.table_with_ids(&foreign))));

    let ok = |number| bearer(token(&keys, number));
    let named = |kid: &str| {
        let jose = JoseHeader { kid: Some(kid.to_owned()), ..JoseHeader::new(algorithm) };
        let of = |number| bearer(sign(&keys.encoding, &jose, &claims(number)));
        heads(HEADS, of)
    };
    let unauthorized = Status::Unauthorized;
    let open = contest.enter("open", one, "/open", heads(HEADS, ok), Status::Ok);
    let by_rocket = "refused by Rocket";
    let by_rocket = contest.enter(by_rocket, one, "/refused", heads(HEADS, ok), unauthorized);
    let challenged = "refused by Rocket, challenged";
    let challenged =
        contest.enter(challenged, conforming, "/refused", heads(HEADS, ok), unauthorized);
    let accepted = contest.enter("accepted", one, "/protected", heads(HEADS, ok), Status::Ok);
    let by_kid = "accepted, by its kid";
    let by_kid = contest.enter(by_kid, several, "/protected", named("k1"), Status::Ok);
    let references = [open, by_rocket, challenged, accepted, by_kid];
    let mut compared = references.map(|place| Compared { place, base: open, accepted }).to_vec();

    let mut refused = |name: &str, heads, status| {
        let place = contest.enter(name, one, "/protected", heads, status);
        compared.push(Compared { place, base: challenged, accepted });
    };
    let altered = |alter: &dyn Fn(&mut Value)| {
        heads(HEADS, |number| {
            let mut claims = claims(number);
            alter(&mut claims);
            bearer(sign(&keys.encoding, &JoseHeader::new(algorithm), &claims))
        })
    };
    refused("no token", vec![vec![]], unauthorized);
    refused(
        "forged signature",
        heads(HEADS, |number| bearer(forged(&token(&keys, number)))),
        unauthorized,
    );
    refused("another key", heads(HEADS, |number| bearer(token(&foreign, number))), unauthorized);
    // As long as what is accepted, to the byte: a block of SHA-256 more or less would be seen.
    let long_ago = claims(0)["exp"].as_u64().unwrap() - 2 * 86_400;
    refused("expired", altered(&|claims| claims["exp"] = json!(long_ago)), unauthorized);
    refused("wrong audience", altered(&|claims| claims["aud"] = json!("tidal-ipa")), unauthorized);
    refused("alg=none", heads(HEADS, |number| bearer(unsecured(number))), unauthorized);
    let garbage = |number| authorization(format!("n0 sch€me: {number}"));
    refused("garbage header", heads(HEADS, garbage), unauthorized);
    let garbage = |number| bearer(format!("r-{number}.u_b-{number}.b1sh{number}"));
    refused("garbage token", heads(HEADS, garbage), unauthorized);
    let words = |number| bearer(format!("two words{number}"));
    refused("two tokens (400)", heads(HEADS, words), Status::BadRequest);
    for (name, fill, status) in [
        ("100 KB: one long token", "a", unauthorized),
        ("100 KB: dots", ".", unauthorized),
        ("100 KB: beyond ASCII", "€", unauthorized),
        ("100 KB: spaces", " ", Status::BadRequest),
        ("100 KB: words (400)", "a ", Status::BadRequest),
    ] {
        refused(name, vec![vec![bearer(fill.repeat(HUGE / fill.len()))]], status);
    }
    let huge = |text: &str| vec![vec![authorization(text.repeat(HUGE / text.len()))]];
    refused("100 KB: no scheme", huge("a"), unauthorized);
    refused("100 KB: nothing but spaces", huge(" "), unauthorized);
    let unknown = named("k-that-nobody-has");
    let place = contest.enter("unknown kid", several, "/protected", unknown, unauthorized);
    compared.push(Compared { place, base: challenged, accepted: by_kid });
    Refusals { contest, open, compared }
}

/// The token with another last character that base64url can end with there.
fn forged(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let mut signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    *signature.last_mut().unwrap() ^= 1;
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn unsecured(number: u64) -> String {
    let token = sign(
        &EncodingKey::from_secret(&[0; 32]),
        &JoseHeader::new(Algorithm::HS256),
        &claims(number),
    );
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#))
}

/// Each accepted request is one at first sight: a seen token costs less than any refusal.
fn forgetting(table: &str) -> String {
    format!("{table}remember_tokens = 0\n")
}
