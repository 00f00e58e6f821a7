use passport_rocket::{Principal, User, protect};
use rocket::{State, get};

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

struct Guest;

#[protect(role = Kind::Port)]
#[get("/me")]
fn me(_user: User<Guest>, _account: &State<Account>) {}

fn main() {
    let _ = rocket::routes![me];
}
