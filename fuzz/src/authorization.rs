//! The head of a request: `Authorization`, a header of its own, and the query.

use std::sync::LazyLock;

use arbitrary::{Arbitrary, Unstructured};
use passport_rocket::{Jwt, User, protect};
use rocket::http::Header;
use rocket::http::uri::Origin;
use rocket::{State, get, routes};
use serde::Deserialize;
use serde_json::json;

use crate::app::{Answer, App, Heard, clock, rocket};
use crate::keys::SECRET;
use crate::script::{bearer, header_value, lines};

/// A request is answered with 200 if and only if there is one token in it, however often, and that
/// token is good; with 400 if it can be read in two ways; with 401 otherwise.
///
/// Lines: `a` an `Authorization` header, `p` one for a proxy, `x` an `X-Token` header, `q` the query.
/// After a first byte that is even they are the rest of the input, else they are put together from
/// pieces.
pub fn authorization(input: &[u8]) {
    let Some((first, rest)) = input.split_first() else { return };
    let lines = match first % 2 {
        0 => lines(rest),
        _ => lines(pieced(rest).as_bytes()),
    };
    let request = Sent::new(lines);
    let Ok(uri) = Origin::parse_owned(request.uri()) else { return };
    let expected = expected(&request, &uri);
    let answer = APP.answer(|client| {
        let mut local = client.get(uri);
        for (name, value) in &request.headers {
            local.add_header(Header::new(*name, value.clone()));
        }
        local
    });
    assert_eq!(answer, expected, "{request:?}");
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

static APP: LazyLock<App> = LazyLock::new(|| {
    let toml = format!(
        "[default.passport.jwt]\nalgorithm = 'HS256'\nsecret = '{SECRET}'\n\
         token_from = [{{ scheme = 'Bearer' }}, {{ scheme = 'JWT' }}, {{ header = 'X-Token' }}, \
         {{ query = 'access_token' }}]"
    );
    let jwt = Jwt::<Account>::fairing("jwt");
    App::new(rocket(&toml).manage(clock()).attach(jwt).mount("/", routes![me]))
});

#[derive(Debug)]
struct Sent {
    headers: Vec<(&'static str, String)>,
    query: Option<String>,
}

impl Sent {
    fn new(lines: Vec<(u8, String)>) -> Self {
        let mut sent = Self { headers: Vec::new(), query: None };
        for (place, text) in lines {
            match place {
                b'a' => sent.headers.push(("Authorization", header_value(&text))),
                b'p' => sent.headers.push(("Proxy-Authorization", header_value(&text))),
                b'x' => sent.headers.push(("x-token", header_value(&text))),
                b'q' => sent.query = Some(text),
                _ => {}
            }
        }
        sent
    }

    fn uri(&self) -> String {
        match &self.query {
            Some(query) => format!("/me?{query}"),
            None => "/me".to_owned(),
        }
    }

    fn all<'s>(&'s self, name: &'s str) -> Vec<&'s str> {
        let those = self.headers.iter().filter(move |(it, _)| *it == name);
        those.map(|(_, value)| value.as_str()).collect()
    }
}

/// What RFC 6750 sections 2 and 3.1 say, in the order of the places that are configured.
fn expected(request: &Sent, uri: &Origin<'_>) -> Answer {
    let refused = |status| Answer { status, heard: None };
    let Some(tokens) = tokens(request, uri) else { return refused(400) };
    match tokens.as_slice() {
        [] => refused(401),
        [first, rest @ ..] if rest.iter().any(|other| other != first) => refused(400),
        [token, ..] => match bearer(token) {
            Some(name) => Answer { status: 200, heard: Some(json!(name)) },
            None => refused(401),
        },
    }
}

/// Every token that was sent; `None` where it cannot be said which those are.
fn tokens(request: &Sent, uri: &Origin<'_>) -> Option<Vec<String>> {
    let mut tokens = Vec::new();
    match request.all("Authorization")[..] {
        [] => {}
        [line] => {
            let (scheme, token) = line.split_once(' ').unwrap_or((line, ""));
            let token = token.trim_matches(' ');
            if ["bearer", "jwt"].contains(&&*scheme.to_ascii_lowercase()) {
                if token.is_empty() || token.contains([' ', '\t']) {
                    return None;
                }
                tokens.push(token.to_owned());
            }
        }
        _ => return None,
    }
    match request.all("x-token")[..] {
        [] | [""] => {}
        [token] => tokens.push(token.to_owned()),
        _ => return None,
    }
    let query = uri.query().map(|query| query.as_str()).unwrap_or_default();
    // What a browser or proxy would read, and beside it the same undecoded.
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut values = form_urlencoded::parse(query.as_bytes())
        .zip(pairs)
        .filter(|((name, _), _)| name == "access_token")
        .map(|((_, value), raw)| (value, raw.split_once('=').map_or("", |(_, value)| value)));
    match (values.next(), values.next()) {
        (None, _) => {}
        (_, Some(_)) => return None,
        (Some((value, raw)), None) => {
            if !is_well_encoded(raw.as_bytes()) {
                return None;
            }
            if !value.is_empty() {
                tokens.push(value.into_owned());
            }
        }
    }
    Some(tokens)
}

/// Whether everybody decodes it alike: two digits behind each `%`, and UTF-8 in the end.
fn is_well_encoded(raw: &[u8]) -> bool {
    let mut bytes = Vec::new();
    let mut rest = raw;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let mut byte = *first;
        if byte == b'%' {
            let digits = after.get(..2).filter(|two| two.iter().all(u8::is_ascii_hexdigit));
            let Some(digits) = digits.and_then(|digits| std::str::from_utf8(digits).ok()) else {
                return false;
            };
            byte = u8::from_str_radix(digits, 16).unwrap_or_default();
            rest = after.get(2..).unwrap_or_default();
        }
        bytes.push(byte);
    }
    String::from_utf8(bytes).is_ok()
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
        let mut line = String::from(["a", "x", "q", "p"][usize::from(*place) % 4]);
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
    "Bearer ",
    "bearer ",
    "JWT ",
    "Basic ",
    "Bearer",
    "$A",
    "$B",
    "$E",
    "access_token=",
    "access%5ftoken=",
    "&",
    "%41",
    "%",
    "+",
    "=",
    " ",
    ",",
    "\"",
    ";",
    "\u{a0}",
];
