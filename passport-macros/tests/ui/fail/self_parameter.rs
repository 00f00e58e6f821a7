use passport_rocket::protect;

struct Harbour;

impl Harbour {
    #[protect(strategy = "jwt")]
    #[rocket::get("/me")]
    fn me(&self) {}
}

fn main() {
    Harbour.me();
}
