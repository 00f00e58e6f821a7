//! When a token holds: `exp`, `nbf`, `iat`.

use serde_json::{Value, json};

use super::differences::jwt::{
    CLOCKS_MAY_DIFFER, EXPIRY_IS_REQUIRED, ISSUED_AT_IS_CHECKED, LIFETIMES_ARE_AHEAD,
    NOTHING_IS_IGNORED, WEAK_KEYS_ARE_REFUSED,
};
use super::{Answer, Application, Npm, Row, lasting, no_launch, refused, resealed, signed};

/// `{ foo: 'bar', iat: 1437018582, exp: 1437018592 }`, by the key `key`.
pub(super) const TEN_SECONDS: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
    eyJmb28iOiJiYXIiLCJpYXQiOjE0MzcwMTg1ODIsImV4cCI6MTQzNzAxODU5Mn0.\
    3aR3vocmgRpG05rsI9MpR6z2T_BGtMQaPq2YR6QaroU";

/// `{ foo: 'bar', iat: 1437018582, exp: 1437018800 }`, by the key `key`.
pub(super) const THREE_MINUTES: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
    eyJmb28iOiJiYXIiLCJpYXQiOjE0MzcwMTg1ODIsImV4cCI6MTQzNzAxODgwMH0.\
    AVOsNC7TiT-XVSpCpkwB1240izzCIJ33Lp07gjnXVpA";

/// What upstream puts where a number of seconds belongs.
pub(super) fn no_numbers() -> [Value; 10] {
    [
        json!(true),
        json!(false),
        json!(null),
        json!(""),
        json!(" "),
        json!("invalid"),
        json!([]),
        json!(["foo"]),
        json!({}),
        json!({ "foo": "bar" }),
    ]
}

const IGNORE_EXPIRATION: &str = "ignore_expiration = true";
const NO_SUCH_KEY: &str = "`passport.jwt.ignore_expiration`: unknown key";

#[test]
fn t01_a_literal_token_ends_at_its_end() {
    let mut row = Row::new("t01");
    let weak = Application::of("algorithm = 'HS256'\nsecret = 'key'");
    for literal in [TEN_SECONDS, THREE_MINUTES] {
        row.ask("{ignoreExpiration: true}", &weak, literal).differs(
            Npm::Accepts,
            WEAK_KEYS_ARE_REFUSED,
            no_launch("`passport.jwt.secret`: too short: HS256 needs 32 bytes"),
        );
    }
    let token = resealed(TEN_SECONDS);
    let late = Application::with("").at(1_437_018_650);
    row.ask("{algorithms: ['HS256']}", &late, &token).refused("expired 58 s ago");
    let tolerant = Application::with("leeway = '5s'").at(1_437_018_594);
    row.ask("{clockTolerance: 5}", &tolerant, &token).accepted();
    let ignoring = Application::with(IGNORE_EXPIRATION).at(1_437_018_650);
    row.ask("{ignoreExpiration: true}", &ignoring, &token).differs(
        Npm::Accepts,
        NOTHING_IS_IGNORED,
        no_launch(NO_SUCH_KEY),
    );
    // npm's longest, `1000y`, is longer than any duration here.
    let patient = Application::with("max_age = '36500 days'").at(1_437_018_900);
    let token = resealed(THREE_MINUTES);
    row.ask("{maxAge: '1000y'}", &patient, &token).refused("expired 1 min 40 s ago");
    row.done(6);
}

#[test]
fn t02_a_token_is_judged_by_the_clock_of_the_application() {
    let mut row = Row::new("t02");
    let start = 1_000_000_000;
    let token = signed(&json!({ "foo": "bar", "iat": start, "exp": start + 1 }));
    let application = Application::with("").at(start);
    row.ask("{clockTimestamp: 1000000000}", &application, &token).accepted();
    let application = application.at(start + 1);
    row.ask("{clockTimestamp: 1000000001}", &application, &token).refused("expired 0 s ago");
    row.done(2);
}

/// Payloads `{"exp": …, "foo": "adas"}`, by the key `123`.
const BROKEN_ENDS: [(&str, &str); 5] = [
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOiIxMjMiLCJmb28iOiJhZGFzIn0.\
         cDa81le-pnwJMcJi3o3PBwB7cTJMiXCkizIhxbXAKRg",
        NO_SECONDS,
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOjAsImZvbyI6ImFkYXMifQ.\
         UKxix5T79WwfqAA0fLZr6UrhU-jMES2unwCOFa4grEA",
        "expired 1 min ago",
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOmZhbHNlLCJmb28iOiJhZGFzIn0.\
         iBn33Plwhp-ZFXqppCd8YtED77dwWU0h68QS_nEQL8I",
        NO_SECONDS,
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOnRydWUsImZvbyI6ImFkYXMifQ.\
         eOWfZCTM5CNYHAKSdFzzk2tDkPQmRT17yqllO-ItIMM",
        NO_SECONDS,
    ),
    (
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJleHAiOnt9LCJmb28iOiJhZGFzIn0.\
         1JjCTsWLJ2DF-CfESjLdLfKutUt3Ji9cC7ESlcoBHSY",
        NO_SECONDS,
    ),
];

const NO_SECONDS: &str = "claim `exp` is not a whole number of seconds";

#[test]
fn t09_a_literal_token_with_a_broken_end_is_refused() {
    let mut row = Row::new("t09");
    let weak = Application::of("algorithm = 'HS256'\nsecret = '123'");
    for (literal, why) in BROKEN_ENDS {
        row.ask("{}", &Application::with(""), &resealed(literal)).refused(why);
        row.ask("{}", &weak, literal).differs(
            Npm::Refuses,
            WEAK_KEYS_ARE_REFUSED,
            no_launch("`passport.jwt.secret`: too short: HS256 needs 32 bytes"),
        );
    }
    row.done(10);
}

#[test]
fn t10_a_token_has_an_end_and_ends_at_it() {
    let mut row = Row::new("t10");
    for exp in no_numbers() {
        row.ask("{}", &Application::with(""), &signed(&json!({ "exp": exp }))).refused(NO_SECONDS);
    }
    let ending = |exp: u64| signed(&json!({ "iat": 60, "exp": exp }));
    row.ask("{}", &Application::with(""), &ending(60)).refused("expired 0 s ago");
    let tolerant = Application::with("leeway = '5s'");
    row.ask("{clockTolerance: 5}", &tolerant, &ending(55)).refused("expired 5 s ago");
    let at_69 = Application::with("").at(69);
    row.ask("{clockTimestamp: 69}", &at_69, &ending(70)).accepted();
    // Upstream means this and writes `clockTimestamp: 6`.
    let tolerant = Application::with("leeway = '6s'").at(70);
    row.ask("{clockTolerance: 6}", &tolerant, &ending(65)).accepted();
    let ignoring = Application::with(IGNORE_EXPIRATION);
    row.ask("{ignoreExpiration: true}", &ignoring, &ending(50)).differs(
        Npm::Accepts,
        NOTHING_IS_IGNORED,
        no_launch(NO_SUCH_KEY),
    );
    let endless = signed(&json!({ "iat": 60 }));
    row.ask("{}", &Application::with(""), &endless).differs(
        Npm::Accepts,
        EXPIRY_IS_REQUIRED,
        refused("claim `exp` is missing"),
    );
    row.done(16);
}

#[test]
fn t12_a_token_begins_at_its_beginning() {
    let mut row = Row::new("t12");
    for nbf in no_numbers() {
        let token = signed(&lasting(json!({ "nbf": nbf })));
        let why = "claim `nbf` is not a whole number of seconds";
        row.ask("{}", &Application::with(""), &token).refused(why);
    }
    let beginning = |nbf: u64| signed(&lasting(json!({ "nbf": nbf })));
    row.ask("{}", &Application::with(""), &beginning(61)).differs(
        Npm::Refuses,
        CLOCKS_MAY_DIFFER,
        Answer::Accepted,
    );
    let exact = Application::with("clock_skew = 0");
    row.ask("{}", &exact, &beginning(61)).refused("not valid before 1 s from now");
    row.ask("{}", &exact, &beginning(60)).accepted();
    row.ask("{}", &exact, &beginning(50)).accepted();
    row.ask("{clockTimestamp: 70}", &exact.at(70), &beginning(70)).accepted();
    let tolerant = Application::with("clock_skew = '4s'");
    let why = "not valid before 5 s from now";
    row.ask("{clockTolerance: 4}", &tolerant, &beginning(65)).refused(why);
    let tolerant = Application::with("clock_skew = '6s'");
    row.ask("{clockTolerance: 6}", &tolerant, &beginning(65)).accepted();
    let ignoring = Application::with("ignore_not_before = true");
    row.ask("{ignoreNotBefore: true}", &ignoring, &beginning(70)).differs(
        Npm::Accepts,
        NOTHING_IS_IGNORED,
        no_launch("`passport.jwt.ignore_not_before`: unknown key"),
    );
    row.done(18);
}

#[test]
fn t13_the_time_of_issue_limits_the_age() {
    let mut row = Row::new("t13");
    let aged = |max_age: &str, now| Application::with(max_age).at(now);
    for iat in no_numbers() {
        let token = signed(&json!({ "iat": iat, "exp": super::END }));
        let why = "claim `iat` is not a whole number of seconds";
        row.ask("{maxAge: '1 min'}", &aged("max_age = '1 min'", 60), &token).refused(why);
    }
    let undated = signed(&json!({ "exp": super::END }));
    let minute = aged("max_age = '1 min'", 60);
    row.ask("{maxAge: '1 min'}", &minute, &undated).refused("claim `iat` is missing");
    let issued = |iat: u64| signed(&lasting(json!({ "iat": iat })));
    row.ask("{maxAge: 11}", &aged("max_age = 11", 70), &issued(60)).accepted();
    // Upstream means this and writes `clockTimestamp: 2`.
    let tolerant = aged("max_age = 9\nleeway = 2", 70);
    row.ask("{maxAge: 9, clockTolerance: 2}", &tolerant, &issued(60)).accepted();
    let why = "issued 10 s ago, longer than `max_age`";
    row.ask("{maxAge: 10}", &aged("max_age = 10", 70), &issued(60)).refused(why);
    row.ask("{maxAge: 9}", &aged("max_age = 9", 70), &issued(60)).refused(why);
    let tolerant = aged("max_age = 8\nleeway = 2", 70);
    row.ask("{maxAge: 8, clockTolerance: 2}", &tolerant, &issued(60)).refused(why);
    // Issued 10 seconds ahead: npm takes it for young.
    for (asks, toml) in [("{maxAge: '3s'}", "max_age = '3s'"), ("{maxAge: 3}", "max_age = 3")] {
        let case = row.ask(asks, &Application::with(toml), &issued(70));
        case.differs(Npm::Accepts, ISSUED_AT_IS_CHECKED, refused("issued 10 s in the future"));
    }
    for (asks, toml) in [("{maxAge: '-3s'}", "max_age = '-3s'"), ("{maxAge: -3}", "max_age = -3")] {
        row.ask(asks, &Application::with(toml), &issued(70)).differs(
            Npm::Accepts,
            LIFETIMES_ARE_AHEAD,
            no_launch("`passport.jwt.max_age`: a negative duration: leave out the sign"),
        );
    }
    for (toml, problem) in [
        ("true", "expected a duration, found a boolean"),
        ("'invalid'", "not a duration: write a number and a unit"),
        ("[]", "expected a duration, found a list"),
        ("['foo']", "expected a duration, found a list"),
        ("{}", "expected a duration, found a table"),
        ("{ foo = 'bar' }", "expected a duration, found a table"),
    ] {
        let application = Application::with(&format!("max_age = {toml}"));
        let mistake = no_launch(&format!("`passport.jwt.max_age`: {problem}"));
        row.same(toml, mistake, application.answer(&issued(60)));
    }
    // What `iat` means without `maxAge`: nothing to npm.
    for iat in no_numbers() {
        let token = signed(&json!({ "iat": iat, "exp": super::END }));
        row.ask("{}", &Application::with(""), &token).differs(
            Npm::Accepts,
            ISSUED_AT_IS_CHECKED,
            refused("claim `iat` is not a whole number of seconds"),
        );
    }
    row.ask("{}", &Application::with(""), &issued(60)).accepted();
    row.ask("{}", &Application::with(""), &issued(65)).accepted();
    row.ask("{}", &Application::with(""), &issued(70)).differs(
        Npm::Accepts,
        ISSUED_AT_IS_CHECKED,
        refused("issued 10 s in the future"),
    );
    row.done(39);
}
