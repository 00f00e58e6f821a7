//! Ten strategies on a route: what is tried is paid for, what is not tried is not.

use passport_benches::contest::{Contest, HEADS, authorization, heads};
use passport_benches::keys::Keys;
use passport_benches::measure::{adds, median};
use passport_benches::token::token;
use passport_benches::{Account, figment};
use passport_rocket::{Jwt, User, protect};
use rocket::http::Status;
use rocket::{Build, Rocket, get, routes};

use jsonwebtoken::Algorithm;

const NAMES: [&str; 10] = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"];

#[get("/open")]
fn open() -> &'static str {
    "ok"
}

#[protect(strategy = "s0")]
#[get("/one")]
fn one(user: User<Account>) -> &'static str {
    let _ = user;
    "ok"
}

#[protect(strategy = ["s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9"])]
#[get("/ten")]
fn ten(user: User<Account>) -> &'static str {
    let _ = user;
    "ok"
}

pub(crate) fn compare() {
    let algorithm = Algorithm::HS256;
    let keys: Vec<Keys> = NAMES.iter().map(|_| Keys::new(algorithm)).collect();
    let alone = table("s0", &keys[0], "");
    let alike: String = NAMES.iter().zip(&keys).map(|(name, keys)| table(name, keys, "")).collect();
    let apart: String = NAMES
        .iter()
        .zip(&keys)
        .map(|(name, keys)| table(name, keys, &format!("token_from = [{{ scheme = '{name}' }}]\n")))
        .collect();
    let tokens = |scheme: &str, keys: &Keys| {
        heads(HEADS, |number| authorization(format!("{scheme} {}", token(keys, number))))
    };

    let mut contest = Contest::default();
    let first = rocket::custom(figment(&alone)).attach(Jwt::<Account>::fairing("s0"));
    let first = contest.launch(first.mount("/", routes![open, one]));
    let alike = contest.launch(rocket(&alike));
    let apart = contest.launch(rocket(&apart));
    let bearer = |nth: usize| tokens("Bearer", &keys[nth]);
    let open = contest.enter("open, one configured", first, "/open", bearer(0), Status::Ok);
    let one = contest.enter("one configured", first, "/one", bearer(0), Status::Ok);
    let mut tried = vec![(open, 0), (one, 1)];
    for (name, application, path, heads, status, count) in [
        ("ten configured, one named", alike, "/one", bearer(0), Status::Ok, 1),
        ("ten named, the first accepts", alike, "/ten", bearer(0), Status::Ok, 1),
        ("ten named, the second accepts", alike, "/ten", bearer(1), Status::Ok, 2),
        ("ten named, the tenth accepts", alike, "/ten", bearer(9), Status::Ok, 10),
        ("ten schemes, the first is sent", apart, "/ten", tokens("s0", &keys[0]), Status::Ok, 1),
        ("ten schemes, the tenth is sent", apart, "/ten", tokens("s9", &keys[9]), Status::Ok, 10),
        ("ten schemes, none is sent", apart, "/ten", vec![vec![]], Status::Unauthorized, 10),
    ] {
        tried.push((contest.enter(name, application, path, heads, status), count));
    }

    let times = contest.rounds(40, 300);
    println!("ten strategies (HS256); `each` is what a further strategy that was tried adds\n");
    println!("{:32} {:>8} {:>8} {:>8} {:>7}", "", "total", "added", "each", "allocs");
    for (place, tried) in tried {
        let time = &times[place];
        let each = match tried {
            0 | 1 => String::new(),
            more => format!("{:.0}", adds(time, &times[one]) / f64::from(more - 1)),
        };
        println!(
            "{:32} {:8.0} {:8.0} {each:>8} {:7}",
            contest.name(place),
            median(time.clone()),
            adds(time, &times[open]),
            contest.allocations(place)
        );
    }
}

fn rocket(tables: &str) -> Rocket<Build> {
    let rocket = rocket::custom(figment(tables)).mount("/", routes![open, one, ten]);
    NAMES.into_iter().fold(rocket, |rocket, name| rocket.attach(Jwt::<Account>::fairing(name)))
}

fn table(name: &str, keys: &Keys, more: &str) -> String {
    let table = keys.table.replace("passport.jwt", &format!("passport.{name}"));
    format!("{table}{more}")
}
