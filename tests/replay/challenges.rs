//! What Passport's `authenticate` makes of strategies that fail, of one and of several in a row. That
//! every pair of verdicts ends as the table of verdicts says is held by `tests/chain.rs`.

use passport_rocket::{
    Answer, Challenge, Denial, Registration, SignIn, User, Verdict, from_fn, protect,
};
use passport_rocket_tests::{Ran, client, figment, headers, log, refusal};
use rocket::fairing::Fairing;
use rocket::http::{Accept, Status};
use rocket::local::blocking::Client;
use rocket::{Build, Rocket, Route, State, get, routes};

use super::Row;
use super::differences::session::{
    CHALLENGES_ARE_VALUES, CHALLENGES_SURVIVE, CHALLENGES_TELL_OF_400_AND_403, NAMES_ARE_PROVED,
    NAVIGATIONS_ARE_SENT_TO_SIGN_IN, NOBODY_IS_DECLARED, REDIRECTS_ARE_303,
    STRATEGIES_ARE_NAMED_IN_CHALLENGES,
};

/// What a strategy of these tests says to every request.
type Says = fn() -> Verdict<&'static str>;

#[protect(strategy = "a")]
#[get("/")]
fn alone(user: User<&'static str>, ran: &State<Ran>) -> &'static str {
    ran.count();
    *user
}

#[protect(strategy = ["a", "b", "c"])]
#[get("/")]
fn in_a_row(user: User<&'static str>, ran: &State<Ran>) -> &'static str {
    ran.count();
    *user
}

#[protect(strategy = "a", optional)]
#[get("/")]
fn for_anybody(user: Option<User<&'static str>>, ran: &State<Ran>) -> &'static str {
    ran.count();
    user.map_or("nobody", |user| *user)
}

#[protect(strategy = "a", unauthenticated = redirect("/login"))]
#[get("/")]
fn a_page(user: User<&'static str>, ran: &State<Ran>) -> &'static str {
    ran.count();
    *user
}

fn saying(name: &'static str, says: Says) -> impl Fairing {
    Registration::new(name, move |_| Ok(from_fn(move |_| Answer::now(says()))))
}

fn application(says: &[(&'static str, Says)], routes: Vec<Route>) -> Rocket<Build> {
    let rocket = rocket::custom(figment("")).manage(Ran::default()).mount("/", routes);
    says.iter().fold(rocket, |rocket, (name, says)| rocket.attach(saying(name, *says)))
}

/// What a client sees: the status, and every line of `WWW-Authenticate`.
fn seen(client: &Client) -> (u16, Vec<String>) {
    let response = client.get("/").dispatch();
    let challenges = headers(&response, "WWW-Authenticate").into_iter().map(str::to_owned);
    (response.status().code, challenges.collect())
}

fn alone_saying(says: Says) -> Client {
    client(application(&[("a", says)], routes![alone]))
}

fn three_saying(a: Says, b: Says, c: Says) -> Client {
    client(application(&[("a", a), ("b", b), ("c", c)], routes![in_a_row]))
}

fn ran(client: &Client) -> usize {
    client.rocket().state::<Ran>().unwrap().times()
}

fn asking(status: u16, challenges: &[&str]) -> (u16, Vec<String>) {
    (status, challenges.iter().map(|challenge| (*challenge).to_owned()).collect())
}

/// `this.fail()`
fn fails() -> Verdict<&'static str> {
    Err(Denial::rejected("no"))
}

/// `this.fail(code)`
fn fails_with<const CODE: u16>() -> Verdict<&'static str> {
    Err(Denial::rejected("no").with_status(Status::new(CODE)))
}

fn challenges_basic() -> Verdict<&'static str> {
    Err(Denial::absent().with_challenge(Challenge::new("Basic").realm("Users")))
}

fn challenges_digest() -> Verdict<&'static str> {
    let challenge = Challenge::new("Digest").realm("Users").param("nonce", "7ypf");
    Err(Denial::rejected("no").with_challenge(challenge))
}

/// `this.fail('Basic …', 400)`
fn challenges_basic_with<const CODE: u16>() -> Verdict<&'static str> {
    let denial = Denial::malformed("no").with_status(Status::new(CODE));
    Err(denial.with_challenge(Challenge::new("Basic").realm("Users")))
}

fn succeeds() -> Verdict<&'static str> {
    Ok(SignIn::new("jaredhanson"))
}

fn is_told_another_page() -> Verdict<&'static str> {
    Err(Denial::redirect("http://www.example.com/idp"))
}

const BASIC: &str = "Basic realm=\"Users\"";
const DIGEST: &str = "Digest realm=\"Users\", nonce=\"7ypf\"";

#[test]
fn a_strategy_fails() {
    let mut row = Row::new("a_strategy_fails");
    let client = alone_saying(fails);
    // Passport sends 401 and nothing that says what would be accepted.
    row.differs("fail()", STRATEGIES_ARE_NAMED_IN_CHALLENGES, asking(401, &["a"]), seen(&client));
    row.same("fail(), and the user", 0, ran(&client));
    row.done(2);
}

#[test]
fn a_strategy_fails_with_a_challenge() {
    let mut row = Row::new("a_strategy_fails_with_a_challenge");
    let basic = alone_saying(challenges_basic);
    row.same("fail('Basic …')", asking(401, &[BASIC]), seen(&basic));
    row.same("fail('Basic …'), and the user", 0, ran(&basic));
    // Whatever text a verifier gives as its reason is a header of Passport's.
    let text = alone_saying(|| Err(Denial::rejected("MOCK challenge")));
    row.differs("fail('MOCK challenge')", CHALLENGES_ARE_VALUES, asking(401, &["a"]), seen(&text));
    row.done(3);
}

#[test]
fn a_strategy_fails_with_a_status() {
    let mut row = Row::new("a_strategy_fails_with_a_status");
    for (asks, says, status) in [
        ("fail(400)", fails_with::<400> as Says, 400),
        ("fail(402)", fails_with::<402>, 402),
        ("fail(404)", fails_with::<404>, 404),
    ] {
        let client = alone_saying(says);
        row.same(asks, status, seen(&client).0);
        row.same("and the user", 0, ran(&client));
    }
    let payment = seen(&alone_saying(fails_with::<402>)).1;
    row.same("fail(402), and the challenges", Vec::<String>::new(), payment);
    for (says, status) in
        [(challenges_basic_with::<403> as Says, 403), (challenges_basic_with::<400>, 400)]
    {
        row.differs(
            "fail('Basic …', status)",
            CHALLENGES_TELL_OF_400_AND_403,
            asking(status, &[BASIC]),
            seen(&alone_saying(says)),
        );
    }
    row.done(9);
}

#[test]
fn a_strategy_fails_and_a_page_is_named() {
    let mut row = Row::new("a_strategy_fails_and_a_page_is_named");
    let client = client(application(&[("a", challenges_basic)], routes![a_page]));
    let response = client.get("/").header(Accept::HTML).dispatch();
    let sent = (response.status().code, headers(&response, "Location"));
    row.differs("failureRedirect", REDIRECTS_ARE_303, (303, vec!["/login?next=%2F"]), sent);
    let none: [&str; 0] = [];
    row.same("and the challenges", &none[..], &headers(&response, "WWW-Authenticate"));
    row.same("and the user", 0, ran(&client));
    // Passport sends a script to the login page as well, whose 200 it takes for its answer.
    row.differs(
        "failureRedirect for a script",
        NAVIGATIONS_ARE_SENT_TO_SIGN_IN,
        asking(401, &[BASIC]),
        seen(&client),
    );
    row.done(4);
}

#[test]
fn several_fail_with_401() {
    let mut row = Row::new("several_fail_with_401");
    let client = three_saying(challenges_basic, challenges_digest, challenges_basic);
    row.same("one line each, in order", asking(401, &[BASIC, DIGEST, BASIC]), seen(&client));
    row.same("and the user", 0, ran(&client));
    // Passport leaves out the one that says nothing.
    let silent = three_saying(challenges_basic, fails, challenges_digest);
    row.differs(
        "['basic', 'no-challenge', 'digest']",
        STRATEGIES_ARE_NAMED_IN_CHALLENGES,
        asking(401, &[BASIC, "b", DIGEST]),
        seen(&silent),
    );
    row.done(3);
}

#[test]
fn several_fail_with_other_statuses() {
    let mut row = Row::new("several_fail_with_other_statuses");
    for (asks, says, status) in [
        (
            "400, 402, 403",
            [fails_with::<400> as Says, fails_with::<402>, challenges_basic_with::<403>],
            400,
        ),
        ("402, 400, 403", [fails_with::<402>, fails_with::<400>, fails_with::<403>], 402),
        ("404, 403, 400", [fails_with::<404>, fails_with::<403>, fails_with::<400>], 404),
    ] {
        let client = three_saying(says[0], says[1], says[2]);
        row.same(asks, status, seen(&client).0);
        row.same("and the user", 0, ran(&client));
    }
    row.done(6);
}

#[test]
fn several_fail_with_401_and_another_status() {
    let mut row = Row::new("several_fail_with_401_and_another_status");
    // Passport answers the other status, wherever it stands, and no challenge at all.
    for (asks, says, challenges) in [
        (
            "challenge, 400, challenge",
            [challenges_basic as Says, fails_with::<400>, challenges_digest],
            &[BASIC, DIGEST][..],
        ),
        (
            "400, challenge, challenge",
            [challenges_basic_with::<400>, challenges_digest, challenges_basic],
            &[BASIC, DIGEST, BASIC],
        ),
        (
            "challenge, challenge, 403",
            [challenges_digest, challenges_basic, challenges_basic_with::<403>],
            &[DIGEST, BASIC, BASIC],
        ),
    ] {
        let client = three_saying(says[0], says[1], says[2]);
        row.differs(asks, CHALLENGES_SURVIVE, asking(401, challenges), seen(&client));
    }
    row.done(3);
}

#[test]
fn one_of_several_succeeds() {
    let mut row = Row::new("one_of_several_succeeds");
    let never: Says = || panic!("nobody asks whom a success stands before");
    for (asks, says) in [
        ("the first", [succeeds as Says, never, never]),
        ("the second", [challenges_basic, succeeds, never]),
        ("the last", [fails_with::<400>, challenges_digest, succeeds]),
    ] {
        let client = three_saying(says[0], says[1], says[2]);
        row.same(asks, asking(200, &[]), seen(&client));
        row.same("and the user", Some("jaredhanson".to_owned()), {
            client.get("/").dispatch().into_string()
        });
    }
    row.done(6);
}

#[test]
fn redirect_pass_and_error() {
    let mut row = Row::new("redirect_pass_and_error");
    let never: Says = || panic!("nobody asks whom an end stands before");
    let client = three_saying(fails, is_told_another_page, never);
    let response = client.get("/").dispatch();
    let sent = (response.status().code, headers(&response, "Location"));
    row.differs(
        "redirect(url)",
        REDIRECTS_ARE_303,
        (303, vec!["http://www.example.com/idp"]),
        sent,
    );
    row.same("and the body", Some(String::new()), response.into_string());
    row.same("and the user", 0, ran(&client));
    let broken = three_saying(fails, || Err(Denial::fault("something is wrong")), never);
    row.same("error(err)", asking(500, &[]), seen(&broken));
    row.same("and the user", 0, ran(&broken));
    // `pass()` lets anybody through to any route; here the route says so.
    let absent: Says = || Err(Denial::absent());
    let open = self::client(application(&[("a", absent)], routes![for_anybody]));
    row.differs(
        "pass()",
        NOBODY_IS_DECLARED,
        Some("nobody".to_owned()),
        open.get("/").dispatch().into_string(),
    );
    row.differs("pass()", NOBODY_IS_DECLARED, 401, seen(&alone_saying(absent)).0);
    row.done(7);
}

#[test]
fn a_name_that_nobody_has() {
    let mut row = Row::new("a_name_that_nobody_has");
    // Passport answers each request with 500.
    let report = refusal(application(&[("another", succeeds)], routes![alone]));
    row.differs("authenticate('a')", NAMES_ARE_PROVED, true, report.contains("`a`"));
    row.done(1);
}

#[test]
fn the_log_tells_a_failure() {
    let mut row = Row::new("the_log_tells_a_failure");
    // Where Passport emits `fail` with the request, the log and every catcher have the refusal.
    let client = three_saying(challenges_basic, challenges_digest, fails);
    let (_, lines) = log::capture(|| client.get("/").dispatch().status());
    let line = lines.iter().find(|line| line.contains("failed: "));
    row.same("on('fail')", Some(true), line.map(|line| line.contains("b: no")));
    row.done(1);
}
