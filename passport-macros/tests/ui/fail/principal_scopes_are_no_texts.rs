use passport_rocket::Principal;

#[derive(Principal)]
struct Account {
    #[principal(id)]
    id: i64,
    #[principal(scopes)]
    scopes: Vec<u8>,
}

fn main() {}
