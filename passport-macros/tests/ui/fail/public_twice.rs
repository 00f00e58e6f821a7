use passport_rocket::public;
use rocket::get;

#[public("the harbour is open")]
#[public("really")]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
