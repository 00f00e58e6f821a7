//! What another site causes: nothing, wherever the cookie is looked at (S07).

use std::fmt;

use passport_rocket::{Jwt, SessionData};
use serde::{Deserialize, Serialize};

use super::*;

#[derive(Serialize, Deserialize)]
struct Claims {
    id: u32,
}

#[verify]
fn of_claims(claims: Claims) -> Option<Account> {
    Some(Account { id: claims.id })
}

#[derive(Default, Serialize, Deserialize)]
struct Cart(u32);

impl SessionData for Cart {
    const NAME: &'static str = "cart";
}

#[protect(strategy = ["jwt", "session"])]
#[post("/both")]
fn both(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    format!("{} by {}", user.id, User::strategy(&user))
}

#[post("/cart")]
async fn add(session: Session<'_>, ran: &State<Ran>) -> Result<(), Error> {
    ran.count();
    session.update(|cart: &mut Cart| cart.0 += 1).await
}

#[protect(strategy = "jwt", sign_in = "session")]
#[post("/exchange")]
fn exchange(_user: User<Account>, ran: &State<Ran>) {
    ran.count();
}

/// A page; whoever asks for an upgrade gets a socket here.
#[protect(strategy = "session")]
#[get("/socket")]
fn socket(user: User<Account>, ran: &State<Ran>) -> String {
    ran.count();
    user.id.to_string()
}

#[get("/socket/open")]
fn open_socket(_sessions: Sessions<'_, Account>, ran: &State<Ran>) {
    ran.count();
}

#[get("/socket/cart")]
fn cart_socket(_session: Session<'_>, ran: &State<Ran>) {
    ran.count();
}

const OWN: &str = "https://tidal.example";
const TRUSTED: &str = "https://harbour.example";

const TOML: &str = "[default.passport]\norigin = 'https://tidal.example'\n\
                    trusted_origins = ['https://harbour.example']\n\
                    [default.passport.jwt]\nalgorithm = 'HS256'\nexpires_in = '1h'\n\
                    secret = 'another secret of these tests, 32 bytes'";

fn world() -> World {
    World::launched(figment(TOML), |rocket| {
        rocket
            .attach(Jwt::fairing("jwt").verify(of_claims))
            .mount("/", routes![both, add, exchange, socket, open_socket, cart_socket])
    })
}

/// What a browser says of who caused a request.
#[derive(Clone, Copy)]
struct Cause(&'static [(&'static str, &'static str)]);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl Cause {
    fn of<'c>(self, request: LocalRequest<'c>) -> LocalRequest<'c> {
        self.0
            .iter()
            .fold(request, |request, (name, value)| request.header(Header::new(*name, *value)))
    }
}

/// Whether a request passes that the browser says this of: with the cookie, and at a login without.
const TABLE: [(Cause, bool, bool); 24] = [
    (Cause(&[("Sec-Fetch-Site", "same-origin")]), true, true),
    (Cause(&[("Sec-Fetch-Site", "none")]), true, true),
    (Cause(&[("Sec-Fetch-Site", "same-site")]), false, false),
    (Cause(&[("Sec-Fetch-Site", "cross-site")]), false, false),
    (Cause(&[("Sec-Fetch-Site", "Same-Origin")]), false, false),
    (Cause(&[("Sec-Fetch-Site", "cross-site"), ("Origin", OWN)]), false, false),
    (Cause(&[("Sec-Fetch-Site", "cross-site"), ("Origin", TRUSTED)]), true, true),
    (Cause(&[("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")]), false, false),
    (Cause(&[("Sec-Fetch-Site", "cross-site"), ("X-Requested-With", "x")]), false, false),
    (Cause(&[("Origin", OWN)]), true, true),
    (Cause(&[("Origin", TRUSTED)]), true, true),
    // Trusted exactly: neither a part, nor more, nor another scheme, port or host.
    (Cause(&[("Origin", "https://harbour.example:444")]), false, false),
    (Cause(&[("Origin", "http://harbour.example")]), false, false),
    (Cause(&[("Origin", "https://harbour.example.evil.example")]), false, false),
    (Cause(&[("Origin", "https://evil.harbour.example")]), false, false),
    (Cause(&[("Origin", "https://harbour.example/")]), false, false),
    (Cause(&[("Origin", "https://evil.example"), ("X-Requested-With", "x")]), false, false),
    (Cause(&[("Origin", "null")]), false, false),
    (Cause(&[("Origin", "")]), false, false),
    (Cause(&[("X-Requested-With", "XMLHttpRequest")]), true, true),
    (Cause(&[("X-Forwarded-For", "192.0.2.1")]), false, true),
    (Cause(&[("Sec-Fetch-Site", "none"), ("Sec-Fetch-Site", "cross-site")]), false, false),
    (Cause(&[("Origin", OWN), ("Origin", OWN)]), false, false),
    // No browser sends so little.
    (Cause(&[]), false, true),
];

/// The request passes or not, and if not, nothing ran and nothing was sent.
#[track_caller]
fn assert_passes(world: &World, mut browser: Browser<'_>, request: LocalRequest<'_>, passes: bool) {
    let what = format!("{} {:?}", request.inner().uri(), request.inner().headers());
    let before = world.runs();
    let cookie = browser.cookie.take();
    let request = match cookie {
        Some(cookie) => request.header(Header::new("Cookie", cookie)),
        None => request,
    };
    let seen = Seen::of(request.dispatch());
    assert_eq!(
        (seen.status, world.runs() - before),
        if passes { (200, 1) } else { (403, 0) },
        "{what}"
    );
    assert!(passes || seen.set.is_empty(), "{what}");
}

/// Routes where a POST does something for whoever has the cookie, protected or not.
const WITH_COOKIE: [&str; 6] = ["/me", "/both", "/out", "/in/2", "/cart", "/in/1?keeping=true"];

// S07
#[test]
fn with_the_cookie_a_request_passes_that_a_page_of_ours_or_a_trusted_one_sent() {
    let world = world();
    for path in WITH_COOKIE {
        for (cause, passes, _) in TABLE {
            let request = cause.of(world.client.post(path));
            assert_passes(&world, world.signed_in(ADA), request, passes);
        }
    }
}

// S07
#[test]
fn without_it_a_sign_in_passes_that_no_other_site_caused() {
    let world = world();
    for (cause, _, passes) in TABLE {
        for path in ["/in/1", "/cart", "/out"] {
            assert_passes(&world, world.browser(), cause.of(world.client.post(path)), passes);
        }
        let login = world.client.post("/login").header(ContentType::Form);
        let login = login.body("username=1&password=tide");
        assert_passes(&world, world.browser(), cause.of(login), passes);
    }
}

// S07
#[test]
fn a_login_that_another_site_caused_leaves_who_is_signed_in() {
    let world = world();
    let mut ada = world.signed_in(ADA);
    for cause in [TABLE[3].0, TABLE[7].0, TABLE[17].0] {
        let login = world.client.post("/login").header(ContentType::Form);
        let seen = ada.send(cause.of(login.body("username=2&password=tide")));
        assert_eq!((seen.status, seen.set.len()), (403, 0));
    }
    assert_eq!(ada.get("/me").body, "1");
}

// S07
#[test]
fn what_begins_by_declaration_is_not_begun_by_another_site() {
    let world = world();
    for (cause, _, passes) in TABLE {
        let request = bearer(&world, cause.of(world.client.post("/exchange")));
        assert_passes(&world, world.browser(), request, passes);
    }
}

fn bearer<'c>(world: &World, request: LocalRequest<'c>) -> LocalRequest<'c> {
    use passport_rocket::Forge;

    let token = Forge::of(world.client.rocket(), "jwt").valid(&Claims { id: BOB });
    request.header(Header::new("Authorization", format!("Bearer {token}")))
}

// S07
#[test]
fn a_bearer_token_is_not_bothered() {
    let world = world();
    for (cause, _, _) in TABLE {
        let request = bearer(&world, cause.of(world.client.post("/both")));
        assert_passes(&world, world.browser(), request, true);
        // Nor is it with the cookie: the token comes first, and no site can add it.
        let request = bearer(&world, cause.of(world.client.post("/both")));
        assert_passes(&world, world.signed_in(ADA), request, true);
    }
}

// S07
#[test]
fn a_rejected_token_does_not_open_the_way_for_the_cookie() {
    let world = world();
    for (cause, passes, _) in TABLE {
        let request = cause.of(world.client.post("/both"));
        let request = request.header(Header::new("Authorization", "Bearer forged"));
        assert_passes(&world, world.signed_in(ADA), request, passes);
    }
}

// S07
#[test]
fn a_safe_method_passes_whoever_caused_it() {
    let world = world();
    let ada = world.signed_in(ADA);
    for (cause, _, _) in TABLE {
        for path in ["/me", "/home", "/socket", "/socket/open", "/socket/cart"] {
            assert_passes(&world, ada.clone(), cause.of(world.client.get(path)), true);
        }
        assert_passes(&world, ada.clone(), cause.of(world.client.head("/me")), true);
    }
}

// S07, trap 21
#[test]
fn an_upgrade_with_the_victims_cookie_is_refused_to_another_site() {
    let world = world();
    let ada = world.signed_in(ADA);
    for path in ["/socket", "/socket/open", "/socket/cart", "/me", "/home"] {
        for (cause, passes, _) in TABLE {
            let request = cause.of(world.client.get(path));
            let request = request.header(Header::new("Connection", "Upgrade"));
            let request = request.header(Header::new("Upgrade", "websocket"));
            assert_passes(&world, ada.clone(), request, passes);
        }
    }
}

// S07
#[test]
fn a_post_that_a_form_calls_a_get_is_none() {
    let world = world();
    let request = world.client.post("/me").header(ContentType::Form).body("_method=get");
    let cross = request.header(Header::new("Sec-Fetch-Site", "cross-site"));
    assert_passes(&world, world.signed_in(ADA), cross, false);
}

// S07
#[test]
fn a_cookie_of_nobody_protects_what_it_holds_as_well() {
    let world = world();
    let mut browser = world.browser();
    browser.post("/cart");
    assert!(browser.cookie.is_some());
    for (cause, passes, _) in TABLE {
        assert_passes(&world, browser.clone(), cause.of(world.client.post("/cart")), passes);
    }
}

// S07
#[test]
fn two_cookies_are_no_login() {
    let world = world();
    let mut browser = world.signed_in(ADA);
    browser.cookie = browser.cookie.map(|cookie| format!("{cookie}; {cookie}"));
    for path in ["/cart", "/in/2"] {
        for (cause, passes, _) in TABLE.iter().filter(|(_, passes, _)| !passes) {
            let request = cause.of(world.client.post(path));
            assert_passes(&world, browser.clone(), request, *passes);
        }
    }
}
