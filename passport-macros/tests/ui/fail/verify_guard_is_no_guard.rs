use passport_rocket::verify;

struct Claims;

struct Account;

#[verify]
async fn account_of(_claims: Claims, _account: Account) -> Option<Account> {
    None
}

fn main() {
    let _ = (Claims, Account);
}
