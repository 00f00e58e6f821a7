use passport_rocket::Principal;

#[derive(Principal)]
struct Account {
    #[principal(id = 7)]
    id: i64,
}

fn main() {}
