//! `jwt`: signed tokens (RFC 7519), verified and issued.
//!
//! It proves that a holder of the key said what the token says, and that this still holds. It does
//! not prove that the user still exists, unless a verifier looks them up, and it cannot take a
//! token back before it expires.
//!
//! # Quickstart
//!
//! ```
//! use passport_rocket::{protect, Jwt, User};
//! use rocket::{get, routes};
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Account { username: String }
//!
//! #[protect(strategy = "jwt")]
//! #[get("/me")]
//! fn me(user: User<Account>) -> String {
//!     format!("hello {}", user.username)
//! }
//!
//! # fn main() {
//! rocket::build()
//!     .attach(Jwt::<Account>::fairing("jwt")) // the claims are the user: no lookup
//!     .mount("/", routes![me]);
//! # }
//! ```
//!
//! With a lookup, the claims are the verifier's first parameter:
//!
//! ```
//! use passport_rocket::{verify, Jwt};
//! use rocket::State;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Claims { id: i64 }
//!
//! struct Account { id: i64 }
//! # struct Db;
//! # impl Db { async fn find(&self, id: i64) -> std::io::Result<Option<Account>> { Ok(Some(Account { id })) } }
//!
//! #[verify]
//! async fn account_of(claims: Claims, db: &State<Db>) -> std::io::Result<Option<Account>> {
//!     db.find(claims.id).await
//! }
//!
//! # fn main() {
//! rocket::build().attach(Jwt::fairing("jwt").verify(account_of));
//! # }
//! ```
//!
//! Tokens are signed through the guard [`Tokens`]. Whoever comes from Passport finds what they
//! know, and what is different, in [`passport`].
//!
//! # Where the token stands
//!
//! `token_from` lists the places, in a list of its own for each strategy; one token in two of them
//! is fine, two different tokens are 400.
//!
//! - `{ scheme = "Bearer" }`: in `Authorization`, behind the scheme.
//! - `{ header = "X-Token" }`: the value of that header.
//! - `{ query = "access_token" }`: a parameter of the URL. Launch warns, since Rocket logs each
//!   request's query, and browsers and proxies keep it.
//! - `{ body = "auth_token" }`: a field of a form or of JSON; `user[token]` or `user.token` if
//!   nested.
//! - `{ cookie = "token" }`: a cookie. Any other place wins over it, and another site cannot have
//!   it sent.
//! - Whatever a function of the application finds: [`token_from(…)`](Registration::token_from).
//!
//! A token in the body needs a data guard that looks for it, [`User<T>`](crate::User) or, with a
//! payload beside the token, [`UserAnd<T, P>`](crate::UserAnd); on any other route it counts as
//! absent:
//!
//! ```
//! use passport_rocket::{protect, UserAnd};
//! use rocket::post;
//! use rocket::serde::json::Json;
//! # use serde::Deserialize;
//! # #[derive(Deserialize)]
//! # struct Account { username: String }
//! # #[derive(Deserialize)]
//! # struct Tide { height: f32 }
//!
//! #[protect(strategy = "jwt")]
//! #[post("/tides", data = "<sent>")]
//! fn create(sent: UserAnd<Account, Json<Tide>>) -> String {
//!     format!("{} saw {} m", sent.user.username, sent.payload.height)
//! }
//! # fn main() {}
//! ```
//!
//! Passport's `versionOneCompatibility`, header, then body, then query, is
//!
//! ```toml
//! token_from = [{ scheme = "JWT" }, { body = "auth_token" }, { query = "auth_token" }]
//! ```
//!
//! # Keys
//!
//! Exactly one source of keys is given. Without any, the debug profile makes a key in memory for
//! the run, for `HS256` unless `algorithm` says otherwise, and every other profile refuses launch.
//!
//! - **One key**: a secret, a public key to verify with, or a private key that signs as well; in
//!   PEM, in DER, or as DER in base64.
//! - **A set of keys** (RFC 7517): `jwks` holds public keys, `private_jwks` private ones or
//!   secrets, of which `key_id` signs and all verify, so that a key is replaced without refusing
//!   anybody. A token names its key by `kid`; one without is accepted where a single key has its
//!   algorithm. Each key has exactly one algorithm: its `alg` or, without one, the only entry of
//!   `algorithm` that takes such a key. A private member in a public set refuses launch. Entries
//!   for other purposes are left aside; in a set that you wrote, a wrong one is a mistake.
//! - **A provider**: `jwks_url` says where its set is, `issuer_url` where it describes itself
//!   (OpenID Connect Discovery; the description must be of that very issuer, and `iss` too). Needs
//!   the feature `http-client` or an [`Http`](crate::Http) of your own.
//! - **Several issuers**, each with keys of its own: `issuers`. Who somebody is, is then said by
//!   `iss` and `sub` together: [`Subject`].
//! - **A function of the application**: [`keys(…)`](Registration::keys).
//!
//! A provider's set is fetched before the port opens, believed for `jwks_lifetime`, and fetched
//! anew in the background when three quarters of it are over. A token with an unknown `kid` causes
//! a fetch of its own, at most one in each `jwks_cooldown`. While fetches fail, the last set stays
//! in use until it is `jwks_stale` old, and a key that it lacks is 503, since it may be a new one.
//! Requests cause all fetches, and wait for one together where they must: for the first set, for
//! the first fetch once a set is old, and for an unknown key. After a fetch that failed, nobody
//! waits whose key is there.
//!
//! ```toml
//! [default.passport.jwt]
//! audience = "tidal-api"
//!
//! [[default.passport.jwt.issuers]]
//! issuer_url = "https://staff.example"    # its description says where the keys are
//! algorithm  = "RS256"
//!
//! [[default.passport.jwt.issuers]]
//! issuer    = "https://partner.example"
//! jwks_file = "partner.json"
//! algorithm = ["ES256", "EdDSA"]
//! audience  = "tidal-partners"            # otherwise than the table says
//! ```
//!
//! # Tokens seen before
//!
//! Whether a signature is right depends on nothing but the token and its key, and so does what the
//! token says. Verifying one again gives the same answer, and costs 15 to 60 µs for a key pair. So
//! accepted tokens are remembered, up to `remember_tokens` in each process: by default `"8 MiB"`,
//! some hundreds to thousands of them, where keys are key pairs or a [function](Registration::keys)
//! provides them, and nothing for secrets, whose signatures cost less than a µs.
//!
//! What depends on anything else is judged on each request: the times, which key the token has now,
//! [checks](Registration::check), and the [verifier](Registration::verify) and its lookup. An entry
//! counts for the very key that proved it, and goes with it when a provider's set comes without it;
//! a key that the [application](Registration::keys) makes anew for each request is never met again,
//! so what it proves is not remembered.
//!
//! - Where the claims are the user, they are read once, and requests with the same token share
//!   them. What their `Deserialize` answers may depend on nothing but the text: the time, a list or
//!   chance belong into a check or a verifier. A type that changes behind a shared reference, by a
//!   lock or an atomic, carries that over to the next request.
//! - The whole token is compared, its signature's end first: how long that takes tells nothing to
//!   whoever lacks the token.
//! - Refused tokens are not remembered, and expired ones are forgotten, so neither forged nor old
//!   ones displace others. Whoever gets many tokens by signing in can displace other tokens, which
//!   are then verified anew.
//! - The size is that of the texts and an estimate of what they become. Claims that are the user, and
//!   far larger than their text, a list of many small objects for instance, can take several times
//!   as much.
//! - Tokens stay in the memory of the process, valid ones among them, longer than their requests
//!   do. Whoever can read that memory can read a signing strategy's keys as well; where tokens alone
//!   are too much, write `remember_tokens = 0`.
//!
//! # Configuration
//!
//! | key | type | default | meaning |
//! |---|---|---|---|
//! | `algorithm` | string, for sets also a list | required with a key | `HS256`, `HS384`, `HS512`, `RS256`, `RS384`, `RS512`, `PS256`, `PS384`, `PS512`, `ES256`, `ES384`, `EdDSA`: what is accepted and signed with; secrets and key pairs do not mix |
//! | `secret` | string | | a shared secret, UTF-8 as it stands |
//! | `secret_base64` | string | | one in base64, standard or URL-safe |
//! | `secret_file` | path | | one in a file |
//! | `public_key`, `public_key_file` | PEM or DER in base64; path, PEM or DER | | verifies only: SPKI or PKCS#1 |
//! | `private_key`, `private_key_file` | likewise | | signs and verifies: PKCS#8, PKCS#1 or SEC1 |
//! | `jwks`, `jwks_file` | JSON, path | | a set of public keys, or one |
//! | `private_jwks`, `private_jwks_file` | JSON, path | | a set of private keys or secrets, or one |
//! | `jwks_url` | URL | | where a provider's set is: HTTPS, in the debug profile also `http` to this machine |
//! | `issuer_url` | URL | | an issuer that describes itself; it is the exact `iss`, too |
//! | `issuers` | list of tables | | several issuers: `issuer` or `issuer_url`; `jwks_url`, `jwks`, `jwks_file`, `public_key` or `public_key_file`; `algorithm` and `audience`, by default the table's |
//! | `jwks_lifetime` | duration | `"10m"` | how long a fetched set is believed; `Cache-Control: max-age` may say less |
//! | `jwks_stale` | duration | `"1d"` | how long after it was fetched it stays in use while fetches fail; no shorter than `jwks_lifetime` |
//! | `jwks_cooldown` | duration | `"30s"` | between two fetches after a failure, or for unknown `kid`s; a second at least, and no longer than `jwks_lifetime` |
//! | `jwks_timeout` | duration | `"5s"` | for a fetch, up to a minute; a description and its set are two |
//! | `jwks_max_size` | byte size | `"256 KiB"` | of a fetched set, up to 16 MiB; 10,000 keys are the most in any set |
//! | `jwks_at_launch` | string | `"require"` | an unreachable provider refuses launch; `"warn"` only warns, and its tokens are 503 until the keys are there |
//! | `key_id` | string | none | signed as `kid`; a token with another is refused. Of `private_jwks`, the key that signs; without it the first |
//! | `profile` | string | none | `"rfc9068"`: OAuth 2.0 access tokens. `typ` is `at+jwt`; `iss`, `aud`, `sub`, `client_id`, `iat` and `jti` are demanded, and signed tokens have them |
//! | `issuer` | string | not checked | the exact `iss`, demanded and signed |
//! | `audience` | string or list | none | one of these must be in `aud`; all are signed |
//! | `subject` | string | not checked | the exact `sub`, demanded and signed |
//! | `required_claims` | list | none | claims that must be there, and not null, up to 28 |
//! | `expires_in` | duration | none | how long a signed token is valid |
//! | `max_age` | duration | not checked | how long after `iat` a token is accepted, whatever its `exp` |
//! | `jti` | boolean | `false` | signs a random id of 128 bits |
//! | `leeway` | duration | `"0s"` | how long after `exp` or `max_age` a token is accepted, up to 5 minutes |
//! | `clock_skew` | duration | `"5s"` | how far `nbf` and `iat` may lie ahead, up to 5 minutes |
//! | `types` | list | `["JWT", "at+jwt", ""]` | accepted `typ`; `""` is none; the first is signed |
//! | `max_token_size` | byte size | `"8 KiB"` | longer tokens are refused unread |
//! | `remember_tokens` | byte size, from 64 KiB | `"8 MiB"`, for secrets `0` | how much is [remembered of accepted tokens](#tokens-seen-before); `0` is nothing |
//! | `token_from` | list | `[{ scheme = "Bearer" }]` | [where the token stands](#where-the-token-stands) |
//!
//! A path is relative to the file that names it. A duration is `15s`, `4h`, `2 days`, `1h30m`, or a
//! bare number of seconds.
//!
//! ```toml
//! [default.passport.jwt]
//! algorithm     = "HS256"
//! secret_base64 = "…"   # openssl rand -base64 32
//! issuer        = "https://tidal.example"
//! audience      = "tidal-api"
//! expires_in    = "4h"
//! token_from    = [{ scheme = "Bearer" }, { scheme = "JWT" }, { cookie = "token" }]
//! remember_tokens = "1 MiB"
//! ```
//! ```sh
//! ROCKET_PASSPORT='{jwt={remember_tokens=0}}'
//! ROCKET_PASSPORT='{jwt={secret_file="/run/secrets/jwt",expires_in="1h"}}'
//! ROCKET_PASSPORT='{jwt={algorithm="RS256",issuer_url="https://staff.example",audience="tidal-api"}}'
//! ```
//!
//! A configured check fails when its claim is absent. `exp` is always required. Without `audience`,
//! a token that names one is meant for others (RFC 7519 section 4.1.3), and refused. What no key
//! says is a function: [`check(…)`](Registration::check).
//!
//! # Challenge sent
//!
//! For each scheme of `token_from`, RFC 6750 section 3: `Bearer realm="…"` when nothing was sent,
//! with `error="invalid_token"` after a token that was refused (401), `"invalid_request"` after one
//! that cannot be read or two that differ (400), `"insufficient_scope"` with the scopes (403).
//! Where `token_from` lists no scheme, a 401 asks by one that is not registered, named like the
//! strategy.
//!
//! # Threats considered
//!
//! - The token chooses its algorithm, or none at all: the key has one, the header must name it
//!   (RFC 8725 section 3.1).
//! - The token brings or names its key: `jwk`, `jku`, `x5c`, `x5u` are never read. A `kid` is
//!   looked up in a table, and never in a path, a URL or a database; a [key
//!   provider](Registration::keys) of the application is told how to treat it.
//! - One issuer speaks for another: each has its own keys, and its name is compared again after
//!   its key has proved the token (RFC 8725 section 3.8).
//! - Forged ids make us flood a provider, or a provider that is down makes us refuse everybody: see
//!   [Keys](#keys). A set that is no good never replaces a good one.
//! - Somebody answers in the place of the provider: HTTPS only, no redirects, bounded size and
//!   time. Whoever runs the provider, or its DNS and a certificate for it, can sign in as anybody:
//!   that is what it means to trust one.
//! - Weak, published or shared secrets, and keys of the wrong kind, refuse launch.
//! - An ECDSA token has two spellings, since whoever has one can compute its other signature. To
//!   revoke tokens, know them by `jti`, not by their text.
//! - Two readers see two tokens: duplicate members, foreign characters, padding and non-canonical
//!   base64 are refused, unknown `crit` too.
//! - A token bound to a key (`cnf`) comes as a plain one: refused, since its binding is not
//!   checked.
//! - Another site lets the browser send a cookie: judged by where the request comes from; an
//!   explicit token wins over a cookie. A token in the query or the body is explicit: the other site
//!   does not know it. It may know one of its own, and have the browser act as somebody else: a
//!   route that begins a session takes no token from there.
//! - A proxy judges one token and we another: a header, a parameter, a cookie or a field that is
//!   there twice is refused, and so are two places that differ (RFC 6750 section 2).
//! - A token in the query ends in logs and histories: no place unless it is configured.

// The strategy, and what an application gives and gets.
mod bearer;
mod challenges;
pub mod danger;
#[cfg(feature = "testing")]
mod forge;
mod functions;
mod itself;
#[doc = include_str!("passport.md")]
pub mod passport {}
mod sample;
mod subject;
mod token_claims;
mod tokens;
mod unbuilt;

// The table, and what becomes of it at launch.
mod config;
mod fault;
mod issuers;
mod lists;
mod prepare;
mod sources;

// A token: its text, its header, its claims; judged and signed.
mod accepted;
mod cannot_sign;
mod captured;
mod claimed;
mod claims;
mod compact;
mod draft;
mod header;
mod issuer;
mod members;
mod numeric_date;
mod payload;
mod rejection;
mod verifier;

// A key: from material that somebody hands over to what verifies and signs.
mod algorithm;
mod jwk;
mod key;
mod keys;
mod material;
mod provided;
mod published;
mod small_order;

// Whose keys are believed, and where the one for a token is found.
mod fetch;
mod key_set;
mod key_source;
mod location;
mod lookup;
mod memory;
mod provider;
mod remote;
mod trust;

#[cfg(test)]
mod vectors;
#[cfg(test)]
mod wycheproof;

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

pub use self::bearer::Bearer;
#[cfg(feature = "testing")]
pub use self::forge::Forge;
use self::functions::Functions;
pub use self::itself::Itself;
pub use self::provided::Key;
pub use self::provider::Unverified;
pub use self::subject::Subject;
pub use self::token_claims::TokenClaims;
pub use self::tokens::{Overriding, Signer, Tokens};
pub use self::unbuilt::Unbuilt;
use crate::registration::Registration;

/// The strategy `jwt`; see the [module](self). `C` is the type of the claims.
pub struct Jwt<C>(PhantomData<fn() -> C>);

impl<C: DeserializeOwned + Send + Sync + 'static> Jwt<C> {
    /// Registers it as `name`. The claims are the user, unless
    /// [`verify`](Registration::verify) says who the user is.
    pub fn fairing(name: impl Into<Cow<'static, str>>) -> Registration<Unbuilt<C, Itself, Itself>> {
        let functions = Functions::default();
        let builder = Unbuilt { verify: Itself, functions, claims: PhantomData };
        Registration { name: name.into(), builder }
    }
}

impl<C> fmt::Debug for Jwt<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jwt")
    }
}
