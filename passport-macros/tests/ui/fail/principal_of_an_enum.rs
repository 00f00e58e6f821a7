use passport_rocket::Principal;

#[derive(Principal)]
enum Account {
    Port,
}

fn main() {}
