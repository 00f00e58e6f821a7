use passport_rocket::Principal;

#[derive(Principal)]
struct Account {
    #[principal(id)]
    id: i64,
    #[principal(scope)]
    text: String,
    #[principal(scopes)]
    list: Vec<String>,
}

fn main() {}
