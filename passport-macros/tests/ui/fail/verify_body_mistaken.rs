//! A mistake in the body is shown where it stands, once.

use passport_rocket::verify;

struct Claims;

#[verify]
fn account_of(claims: Claims) -> Option<u8> {
    unknown(claims)
}

fn main() {}
