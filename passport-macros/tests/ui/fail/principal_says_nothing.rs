use passport_rocket::Principal;

#[derive(Principal)]
struct Account {
    #[principal(id)]
    id: i64,
    #[principal]
    kind: String,
}

fn main() {}
