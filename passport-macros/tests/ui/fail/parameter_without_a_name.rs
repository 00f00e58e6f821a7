//! A mistake that is Rocket's to name stays one message.

use passport_rocket::protect;
use rocket::get;

#[protect(strategy = "jwt")]
#[get("/me")]
fn me(_: &rocket::State<String>) {}

fn main() {
    let _ = rocket::routes![me];
}
