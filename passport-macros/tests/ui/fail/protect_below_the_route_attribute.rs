use passport_rocket::protect;
use rocket::get;

#[get("/me")]
#[protect(strategy = "jwt")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
