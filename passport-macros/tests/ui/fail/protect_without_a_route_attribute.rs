use passport_rocket::protect;

#[protect(strategy = "jwt")]
fn me() {}

fn main() {
    me();
}
