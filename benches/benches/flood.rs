//! What a flood of tokens leaves in the memory of a process.

use jsonwebtoken::{Algorithm, Header as JoseHeader};
use passport_benches::keys::Keys;
use passport_benches::token::{claims, sign};
use passport_benches::{Account, answer, figment};
use passport_rocket::{Jwt, User, protect};
use rocket::http::{Header, Status};
use rocket::local::blocking::Client;
use rocket::{get, routes};
use serde_json::{Value, json};

const FLOOD: u64 = 20_000;
const MIB: f64 = 1024.0 * 1024.0;

fn main() {
    let keys = Keys::new(Algorithm::HS256);
    let table = format!("{}remember_tokens = '8 MiB'\n", keys.table);
    println!(
        "bytes that stay allocated after {FLOOD} tokens, with `remember_tokens = \"8 MiB\"`\n"
    );
    let figment = figment(&table);
    let small = |number| sign(&keys.encoding, &JoseHeader::default(), &claims(number));
    let with = |name: &str, value: Value| {
        let name = name.to_owned();
        let keys = &keys;
        move |number: u64| {
            let mut claims = claims(number);
            claims[&name] = value.clone();
            sign(&keys.encoding, &JoseHeader::default(), &claims)
        }
    };
    let text = with("note", "x".repeat(5_500).into());
    let ones = with("list", json!(vec![1; 2_700]));

    let account = || {
        let rocket = rocket::custom(&figment).attach(Jwt::<Account>::fairing("jwt"));
        Client::untracked(rocket.mount("/", routes![of_account])).unwrap()
    };
    let value = || {
        let rocket = rocket::custom(&figment).attach(Jwt::<Value>::fairing("jwt"));
        Client::untracked(rocket.mount("/", routes![of_value])).unwrap()
    };
    report("a struct of three claims", &account(), small, Status::Ok);
    report("a struct, tokens of 8 KiB", &account(), &text, Status::Ok);
    report("a map of values", &value(), small, Status::Ok);
    report("a map of values, tokens of 8 KiB", &value(), &text, Status::Ok);
    report("the same, lists of numbers", &value(), &ones, Status::Ok);
    let other = Keys::new(Algorithm::HS256);
    let foreign = |number| sign(&other.encoding, &JoseHeader::default(), &claims(number));
    report("signed by somebody else", &account(), foreign, Status::Unauthorized);
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn of_account(user: User<Account>) -> &'static str {
    answer(&user)
}

#[protect(strategy = "jwt")]
#[get("/me")]
fn of_value(user: User<Value>) -> &'static str {
    if user["id"] == 7 { "ok" } else { "another" }
}

fn report(name: &str, client: &Client, token: impl Fn(u64) -> String, status: Status) {
    let send = |number| {
        let bearer = Header::new("Authorization", format!("Bearer {}", token(number)));
        assert_eq!(client.get("/me").header(bearer).dispatch().status(), status);
    };
    (0..10).for_each(send);
    let left = allocation_counter::measure(|| (10..FLOOD).for_each(send)).bytes_current;
    println!("{name:34} {:6.2} MiB", left as f64 / MIB);
}
