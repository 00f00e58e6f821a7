use passport_rocket::{User, protect};
use rocket::get;

const WRITE: u8 = 1;

#[protect(any_scope = ["tides:read", WRITE])]
#[get("/me")]
fn me(_user: User<String>) {}

fn main() {
    let _ = rocket::routes![me];
}
