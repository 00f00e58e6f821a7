use passport_rocket::protect;
use rocket::get;

#[protect(strategy = "local", sign_in = "")]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
