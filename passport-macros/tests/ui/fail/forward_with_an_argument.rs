use passport_rocket::protect;
use rocket::get;

#[protect(unauthenticated = forward(me))]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
