use passport_rocket::protect;
use rocket::get;

#[protect(strategy = "jwt")]
#[get("/me")]
#[protect(strategy = "session")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
