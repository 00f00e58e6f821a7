//! Verify functions: a value for the strategy, and still the function itself.

#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub)]

use passport_rocket::verify;
use rocket::State;
use rocket::tokio::runtime::Runtime;

/// What a token says.
#[derive(Debug)]
pub struct Claims {
    id: i64,
}

/// A user.
#[derive(Debug)]
pub struct Account(i64);

/// A store.
#[derive(Debug)]
pub struct Accounts(Vec<i64>);

/// Without guards, at once.
#[verify]
pub fn plain(claims: Claims) -> Option<Account> {
    Some(Account(claims.id))
}

/// Without guards, later.
#[verify]
pub async fn later(Claims { id }: Claims) -> Result<Option<Account>, std::io::Error> {
    if id == 0 {
        return Ok(None);
    }
    Err(std::io::ErrorKind::NotFound)?;
    Ok(Some(Account(id)))
}

/// With guards, at once.
#[verify]
pub(crate) fn guarded(mut claims: Claims, store: &State<Accounts>) -> Option<Account> {
    fn find(store: &Accounts, id: i64) -> Option<Account> {
        store.0.contains(&id).then_some(Account(id))
    }
    claims.id += 1;
    find(store, claims.id)
}

/// With guards, later.
#[verify]
async fn looked_up(claims: Claims, r#type: &State<Accounts>) -> Option<Account> {
    r#type.0.contains(&claims.id).then_some(Account(claims.id))
}

#[verify]
#[cfg(any())]
fn never(_: NoSuchType) -> Option<Account> {
    None
}

fn main() {
    let runtime = Runtime::new().unwrap();
    assert_eq!(plain.call(Claims { id: 7 }).map(|account| account.0), Some(7));
    assert!(matches!(runtime.block_on(later.call(Claims { id: 0 })), Ok(None)));
    assert!(runtime.block_on(later.call(Claims { id: 7 })).is_err());

    let store = Accounts(vec![8]);
    assert!(guarded.call(Claims { id: 7 }, State::from(&store)).is_some());
    assert!(runtime.block_on(looked_up.call(Claims { id: 7 }, State::from(&store))).is_none());
    assert_eq!(format!("{plain:?}"), "plain");
}
