use passport_rocket::verify;

struct Claims;

struct Account;

#[verify]
struct AccountOf;

fn main() {
    let _ = (Claims, Account);
    let _ = AccountOf;
}
