//! A token in a cookie, and whether another site may have caused the request.

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use passport_rocket::{Jwt, User, protect};
use rocket::http::{Header, Method};
use rocket::{State, get, post, routes};
use serde::Deserialize;
use serde_json::json;

use crate::app::{Answer, App, Heard, clock, rocket};
use crate::keys::SECRET;
use crate::script::{bearer, header_value, lines};

/// A request is answered with 200 if and only if the one cookie of that very name holds a good token
/// and no other site may have caused the request; a token behind `Authorization` wins over it.
///
/// Lines: `c` a `Cookie` header, `a` `Authorization`, `o` `Origin`, `s` `Sec-Fetch-Site`, `r`
/// `X-Requested-With`, `p` makes it a `POST`. After a first byte that is even they are the rest of the
/// input, else they are put together from pieces.
pub fn cookie(input: &[u8]) {
    let Some((first, rest)) = input.split_first() else { return };
    let lines = match first % 2 {
        0 => lines(rest),
        _ => lines(pieced(rest).as_bytes()),
    };
    let request = Sent::new(lines);
    let answer = APP.answer(|client| {
        let mut local = client.req(request.method, "/me");
        for (name, value) in &request.headers {
            local.add_header(Header::new(*name, value.clone()));
        }
        local
    });
    assert_eq!(answer, request.expected(), "{request:?}");
}

#[derive(Deserialize)]
struct Account {
    name: String,
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(user: User<Account>, heard: &State<Heard>) {
    heard.tell(json!(user.name));
}

#[protect(strategy = "jwt")]
#[post("/me")]
fn change(user: User<Account>, heard: &State<Heard>) {
    heard.tell(json!(user.name));
}

static APP: LazyLock<App> = LazyLock::new(|| {
    let toml = format!(
        "[default.passport]\norigin = '{OURS}'\ntrusted_origins = ['{TRUSTED}']\n\
         [default.passport.jwt]\nalgorithm = 'HS256'\nsecret = '{SECRET}'\n\
         token_from = [{{ scheme = 'Bearer' }}, {{ cookie = '{NAME}' }}]"
    );
    let jwt = Jwt::<Account>::fairing("jwt");
    App::new(rocket(&toml).manage(clock()).attach(jwt).mount("/", routes![me, change]))
});

const OURS: &str = "https://tidal.example";
const TRUSTED: &str = "https://staff.example";
const NAME: &str = "__Host-token";

#[derive(Debug)]
struct Sent {
    method: Method,
    headers: Vec<(&'static str, String)>,
}

impl Sent {
    fn new(lines: Vec<(u8, String)>) -> Self {
        let mut sent = Self { method: Method::Get, headers: Vec::new() };
        for (place, text) in lines {
            let name = match place {
                b'c' => "Cookie",
                b'a' => "Authorization",
                b'o' => "Origin",
                b's' => "Sec-Fetch-Site",
                b'r' => "X-Requested-With",
                b'p' => {
                    sent.method = Method::Post;
                    continue;
                }
                _ => continue,
            };
            sent.headers.push((name, header_value(&text)));
        }
        sent
    }

    fn all<'s>(&'s self, name: &'s str) -> Vec<&'s str> {
        let those = self.headers.iter().filter(move |(it, _)| *it == name);
        those.map(|(_, value)| value.as_str()).collect()
    }

    fn expected(&self) -> Answer {
        let refused = |status| Answer { status, heard: None };
        let judged = |token: &str| match bearer(token) {
            Some(name) => Answer { status: 200, heard: Some(json!(name)) },
            None => refused(401),
        };
        match self.all("Authorization")[..] {
            [] => {}
            [line] => {
                let (scheme, token) = line.split_once(' ').unwrap_or((line, ""));
                let token = token.trim_matches(' ');
                if scheme.eq_ignore_ascii_case("bearer") {
                    return match token.is_empty() || token.contains([' ', '\t']) {
                        true => refused(400),
                        false => judged(token),
                    };
                }
            }
            _ => return refused(400),
        }
        match self.cookies()[..] {
            [] | [""] => refused(401),
            [_] if !self.is_ours() => refused(403),
            [token] => judged(token),
            _ => refused(400),
        }
    }

    /// The values of cookies of exactly that name. RFC 6265 section 5.4 joins cookies with a semicolon
    /// and a space; a byte more, of whatever kind, and it is another name, which any site in the
    /// domain may set.
    fn cookies(&self) -> Vec<&str> {
        let pairs = self.all("Cookie").into_iter().flat_map(|line| line.split(';'));
        pairs
            .filter_map(|pair| pair.split_once('='))
            .filter(|(name, _)| name.trim_matches([' ', '\t']) == NAME)
            .map(|(_, value)| value.trim_matches([' ', '\t']))
            .collect()
    }

    /// What the documentation's table says of cookies.
    fn is_ours(&self) -> bool {
        let (sites, origins) = (self.all("Sec-Fetch-Site"), self.all("Origin"));
        if self.method == Method::Get {
            return true;
        }
        match (&sites[..], &origins[..]) {
            ([_, _, ..], _) | (_, [_, _, ..]) => false,
            (["same-origin" | "none"], _) => true,
            (_, [origin]) if *origin == TRUSTED => true,
            ([_], _) => false,
            ([], [origin]) => *origin == OURS,
            ([], []) => !self.all("X-Requested-With").is_empty(),
        }
    }
}

/// A script of at most six lines, each of pieces.
fn pieced(input: &[u8]) -> String {
    #[derive(Arbitrary)]
    enum Piece {
        Of(u8),
        Free(char),
    }
    let Ok(script) = Vec::<(u8, Vec<Piece>)>::arbitrary(&mut Unstructured::new(input)) else {
        return String::new();
    };
    let line = |(place, pieces): &(u8, Vec<Piece>)| {
        let mut line = String::from(["c", "c", "a", "o", "s", "r", "p"][usize::from(*place) % 7]);
        for piece in pieces.iter().take(8) {
            match piece {
                Piece::Of(index) => line.push_str(PIECES[usize::from(*index) % PIECES.len()]),
                Piece::Free(character) => line.push(*character),
            }
        }
        line
    };
    script.iter().take(6).map(line).collect::<Vec<_>>().join("\n")
}

const PIECES: &[&str] = &[
    "__Host-token=",
    "__%48ost-token=",
    "__host-token=",
    "__Host-token",
    "$A",
    "$B",
    "$E",
    "; ",
    ";",
    "=",
    "\"",
    " ",
    "\t",
    "\u{a0}",
    "\u{85}",
    "\u{2003}",
    "$Version=1",
    "https://tidal.example",
    "https://staff.example",
    "https://evil.example",
    "null",
    "same-origin",
    "cross-site",
    "none",
    "Bearer ",
];
