use passport_rocket::Principal;

#[derive(Principal)]
#[principal(id)]
struct Account {
    #[principal(id)]
    id: i64,
}

fn main() {}
