use passport_rocket::public;

#[public("the harbour is open")]
pub struct Me;

fn main() {
    let _ = Me;
}
