use passport_rocket::protect;
use rocket::get;

#[protect(optional = true)]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
