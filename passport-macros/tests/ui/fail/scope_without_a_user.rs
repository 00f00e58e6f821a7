use passport_rocket::protect;
use rocket::get;

#[protect(scope = "tides:write")]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
