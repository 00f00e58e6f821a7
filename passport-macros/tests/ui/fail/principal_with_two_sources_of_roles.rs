use passport_rocket::Principal;

#[derive(Principal)]
struct Account {
    #[principal(id)]
    id: i64,
    #[principal(role)]
    kind: String,
    #[principal(roles)]
    further: Vec<String>,
}

fn main() {}
