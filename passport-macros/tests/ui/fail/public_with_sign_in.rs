use passport_rocket::public;
use rocket::get;

#[public("the harbour is open", sign_in = "session")]
#[get("/me")]
fn me() {}

fn main() {
    let _ = rocket::routes![me];
}
