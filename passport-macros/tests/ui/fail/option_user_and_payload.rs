use passport_rocket::{UserAnd, protect};
use rocket::form::Form;
use rocket::{FromForm, post};

struct Account;

#[derive(FromForm)]
struct Tide {
    height: f32,
}

#[protect(strategy = "jwt")]
#[post("/tides", data = "<_sent>")]
fn create(_sent: Option<UserAnd<Account, Form<Tide>>>) {}

fn main() {
    let _ = rocket::routes![create];
}
