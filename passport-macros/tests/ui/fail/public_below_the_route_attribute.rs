use passport_rocket::public;
use rocket::get;

#[get("/me")]
#[public("the harbour is open")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
