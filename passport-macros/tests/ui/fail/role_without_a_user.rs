use passport_rocket::{Principal, protect};
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

#[protect(any_role = [Kind::Port, Kind::Admin])]
#[get("/me")]
fn me(_db: &State<Account>) {}

fn main() {
    let _ = rocket::routes![me];
}
