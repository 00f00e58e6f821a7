use passport_rocket::verify;

struct Claims;

struct Accounts;

impl Accounts {
    #[verify]
    fn account_of(&self, _claims: Claims) -> Option<i64> {
        None
    }
}

fn main() {
    Accounts.account_of(Claims);
}
