use passport_rocket::public;
use rocket::get;

#[public(" ")]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
