use passport_rocket::{Principal, User, protect};
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

#[protect(roles = [Kind::Port])]
#[get("/me")]
fn me(_user: User<Account>) {}

fn main() {
    let _ = rocket::routes![me];
}
