use passport_rocket::protect;
use rocket::get;

#[protect(scope = scope())]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
