use passport_rocket::protect;
use rocket::get;

#[protect(strategy = "jwt")]
#[passport_rocket::public("the harbour is open")]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
