//! Ten strategies on a route: what is tried is paid for, what is not tried is not.

use passport_benches::contest::{Contest, header};
use passport_benches::keys::Keys;
use passport_benches::measure::{adds, median};
use passport_benches::token::token;
use passport_benches::{Account, figment};
use passport_rocket::{Jwt, User, protect};
use rocket::http::{Header, Status};
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
    let heads = |scheme: &str, keys: &Keys| -> Vec<Vec<Header<'static>>> {
        let head = |number| header("Authorization", format!("{scheme} {}", token(keys, number)));
        (0..97).map(|number| vec![head(number)]).collect()
    };

    let mut contest = Contest::default();
    let first = rocket::custom(figment(&alone)).attach(Jwt::<Account>::fairing("s0"));
    let first = contest.launch(first.mount("/", routes![open, one]));
    let alike = contest.launch(rocket(&alike));
    let apart = contest.launch(rocket(&apart));
    contest.enter("open, one configured", first, "/open", heads("Bearer", &keys[0]), Status::Ok);
    contest.enter("one configured", first, "/one", heads("Bearer", &keys[0]), Status::Ok);
    contest.enter(
        "ten configured, one named",
        alike,
        "/one",
        heads("Bearer", &keys[0]),
        Status::Ok,
    );
    contest.enter(
        "ten named, the first accepts",
        alike,
        "/ten",
        heads("Bearer", &keys[0]),
        Status::Ok,
    );
    contest.enter(
        "ten named, the second accepts",
        alike,
        "/ten",
        heads("Bearer", &keys[1]),
        Status::Ok,
    );
    contest.enter(
        "ten named, the tenth accepts",
        alike,
        "/ten",
        heads("Bearer", &keys[9]),
        Status::Ok,
    );
    contest.enter(
        "ten schemes, the first is sent",
        apart,
        "/ten",
        heads("s0", &keys[0]),
        Status::Ok,
    );
    contest.enter(
        "ten schemes, the tenth is sent",
        apart,
        "/ten",
        heads("s9", &keys[9]),
        Status::Ok,
    );
    contest.enter("ten schemes, none is sent", apart, "/ten", vec![vec![]], Status::Unauthorized);

    let times = contest.rounds(40, 300);
    println!("ten strategies (HS256); `each` is what a further strategy that was tried adds\n");
    println!("{:32} {:>8} {:>8} {:>8} {:>7}", "", "total", "added", "each", "allocs");
    let tried = [0.0, 1.0, 1.0, 1.0, 2.0, 10.0, 1.0, 10.0, 10.0];
    for (nth, (name, time)) in contest.names().zip(&times).enumerate() {
        let each = match tried[nth] {
            more if more > 1.0 => format!("{:.0}", adds(time, &times[1]) / (more - 1.0)),
            _ => String::new(),
        };
        println!(
            "{name:32} {:8.0} {:8.0} {each:>8} {:7}",
            median(time.clone()),
            adds(time, &times[0]),
            contest.allocations(nth)
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
