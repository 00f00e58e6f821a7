use passport_rocket::Principal;

#[derive(Principal)]
struct Account(#[principal(id)] i64);

fn main() {}
