use passport_rocket::public;
use rocket::get;

#[public(open)]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
