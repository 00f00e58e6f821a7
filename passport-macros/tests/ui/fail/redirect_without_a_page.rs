use passport_rocket::protect;
use rocket::get;

#[protect(unauthenticated = redirect)]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
