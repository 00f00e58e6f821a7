use passport_rocket::protect;
use rocket::get;

#[protect(any_scope = [])]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
