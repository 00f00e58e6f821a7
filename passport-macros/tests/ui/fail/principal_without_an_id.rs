use passport_rocket::Principal;

#[derive(Principal)]
struct Account {
    id: i64,
}

fn main() {}
