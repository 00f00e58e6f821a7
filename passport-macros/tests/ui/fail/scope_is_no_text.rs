use passport_rocket::protect;
use rocket::get;

const WRITE: u8 = 1;

#[protect(any_scope = ["tides:read", WRITE])]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
