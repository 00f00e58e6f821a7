use std::sync::Arc;

use passport_rocket::{Denial, Principal, User, protect};
use rocket::get;

#[derive(Principal)]
struct Account {
    #[principal(id)]
    id: i64,
    #[principal(role)]
    kind: Kind,
}

#[derive(PartialEq)]
enum Kind {
    Port,
    Admin,
}

#[protect(optional)]
#[get("/me")]
fn me(_user: Result<User<Account>, Arc<Denial>>) {}

fn main() {
    let _ = rocket::routes![me];
}
