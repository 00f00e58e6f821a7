use passport_rocket::{Principal, User, protect};
use rocket::post;

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

#[protect(strategy = "local", optional)]
#[post("/login", data = "<_user>")]
fn me(_user: Option<User<Account>>) {}

fn main() {
    let _ = rocket::routes![me];
}
