use passport_rocket::protect;

struct Harbour;

impl Harbour {
    #[protect(strategy = "jwt")]
    fn me(&self) {}
}

fn main() {
    Harbour.me();
}
