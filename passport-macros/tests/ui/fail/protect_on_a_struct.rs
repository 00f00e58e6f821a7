use passport_rocket::protect;

#[protect(strategy = "jwt")]
pub struct Me;

fn main() {
    let _ = Me;
}
