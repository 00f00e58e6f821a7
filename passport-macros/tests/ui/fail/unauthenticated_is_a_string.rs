use passport_rocket::protect;
use rocket::get;

#[protect(unauthenticated = "/login")]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
