use passport_rocket::protect;
use rocket::get;

#[protect(policy = owns_tide(id))]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
