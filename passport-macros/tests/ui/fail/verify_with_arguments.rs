use passport_rocket::verify;

struct Claims;

struct Account;

#[verify("jwt")]
async fn account_of(_claims: Claims) -> Option<Account> {
    None
}

fn main() {
    let _ = (Claims, Account);
}
