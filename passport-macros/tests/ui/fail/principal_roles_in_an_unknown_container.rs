use passport_rocket::Principal;

#[derive(Principal)]
struct Account {
    #[principal(id)]
    id: i64,
    #[principal(roles)]
    roles: Roles,
}

struct Roles;

fn main() {}
