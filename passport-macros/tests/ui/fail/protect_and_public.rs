use passport_rocket::{protect, public};
use rocket::get;

#[protect(strategy = "jwt")]
#[public("the harbour is open")]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
