//! The attributes of `passport-rocket`. Applications take them from there, never from this crate.
//!
//! Each goes `parse` → `check` → `expand`, with plain data in between: `parse` knows tokens,
//! `check` knows what they may mean and collects every mistake, `expand` cannot fail.

mod check;
mod expand;
mod mistakes;
mod parse;

use proc_macro::TokenStream;

/// Declares who may reach a handler.
///
/// Stands *above* the route attribute, since Rocket's attribute takes itself away and leaves a
/// finished route behind. It adds one hidden guard in first place, so that nothing of a request is
/// parsed for strangers, and leaves the body, the return type, the visibility and the asyncness of
/// the handler as they are. A protected handler cannot be called like a plain function, on purpose.
///
/// | argument | means |
/// |---|---|
/// | `strategy = "jwt"` | this strategy signs the user in |
/// | `strategy = ["jwt", "session"]` | tried in this order |
/// | none of these | the `strategies` of the configuration |
/// | `role = Kind::Port` | 403 for a user who does not hold the role: a path, or a string |
/// | `any_role = [Kind::Port, Kind::Admin]` | one of them suffices |
/// | `all_roles = ["pilot", "master"]` | every one is needed |
/// | `scope = "tides:write"` | 403 `insufficient_scope` without it: a string, or a constant |
/// | `any_scope = […]`, `all_scopes = […]` | as for roles |
/// | `optional` | nobody may come too: the handler takes `Option<User<T>>` |
/// | `unauthenticated = redirect(uri!(login))` | where a browser goes that nobody signed in |
/// | `unauthenticated = forward` | the next route of lower rank answers instead |
/// | `issue = "jwt"` | the strategy that the handler's `Tokens` speaks for |
/// | `sign_in = "session"` | once another strategy signed somebody in, this one begins a session for them |
///
/// What `sign_in` names begins before the handler is called, once it is clear that the user may
/// come in and the payload of a `UserAnd` was read; if it cannot begin, the handler is not called.
/// It outlives the request also where another guard of the handler then fails, or the route
/// forwards.
///
/// ```
/// use passport_rocket::{Principal, User, protect};
/// use rocket::get;
///
/// #[derive(PartialEq)]
/// enum Kind {
///     Port,
///     Ship,
/// }
///
/// #[derive(Principal)]
/// struct Account {
///     #[principal(id)]
///     id: i64,
///     #[principal(role)]
///     kind: Kind,
/// }
///
/// #[protect(strategy = ["jwt", "session"], role = Kind::Port)]
/// #[get("/harbour")]
/// fn harbour(user: User<Account>) -> String {
///     format!("welcome, number {}", user.id)
/// }
/// # let _ = (rocket::routes![harbour], Kind::Ship);
/// ```
#[proc_macro_attribute]
pub fn protect(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let parsed = parse::protect(arguments.into(), item.into());
    expand::handler(check::protect(parsed)).into()
}

/// Declares that anybody may reach a handler, and why.
///
/// With `require_declaration` in the configuration every mounted handler is either protected or
/// public: the reason in the attribute is what a reviewer reads, and what the launch report shows.
/// Stands above the route attribute, as [`macro@protect`] does.
///
/// ```
/// use passport_rocket::public;
/// use rocket::get;
///
/// #[public("the tide tables are free for all")]
/// #[get("/tides")]
/// fn tides() -> &'static str {
///     "high water at noon"
/// }
/// # let _ = rocket::routes![tides];
/// ```
#[proc_macro_attribute]
pub fn public(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let parsed = parse::public(arguments.into(), item.into());
    expand::handler(check::public(parsed)).into()
}

/// Makes of a function the step from what a strategy proved to a user of the application.
///
/// The first parameter is the identity (the claims of a token, say), the others are Rocket request
/// guards. The function leaves a unit value of its own name, to be handed to a strategy's
/// `.verify(…)`; `account_of.call(claims, db).await` is still the function itself.
///
/// It returns `Option<T>` or `Result<Option<T>, E>`, or the same with `Verified<T>` for extra
/// information. `None` is nobody (401); an `E` is our own fault (500), never a wrong password,
/// unless it is a `Denial`, which says how to refuse.
///
/// # Security
/// What it answers is kept for the request: after a forward, another route with the same strategy
/// gets it too. So it must not depend on the route or its parameters.
///
/// ```
/// use passport_rocket::verify;
/// use rocket::State;
///
/// struct Claims {
///     id: i64,
/// }
///
/// struct Account {
///     id: i64,
/// }
///
/// struct Accounts(Vec<i64>);
///
/// #[verify]
/// async fn account_of(claims: Claims, accounts: &State<Accounts>) -> Option<Account> {
///     accounts.0.contains(&claims.id).then_some(Account { id: claims.id })
/// }
/// # let _ = account_of;
/// ```
#[proc_macro_attribute]
pub fn verify(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let parsed = parse::verify(arguments.into(), item.into());
    expand::verify(check::verify(parsed)).into()
}

/// Says of a user type who its user is: the identifier, the roles, the scopes.
///
/// | on a field | means |
/// |---|---|
/// | `#[principal(id)]` | what tells one user from another; exactly one field |
/// | `#[principal(role)]` | the one role the user holds |
/// | `#[principal(roles)]` | the roles: `Vec<R>`, `HashSet<R>`, `BTreeSet<R>`, `[R; N]`, `Option<R>` |
/// | `#[principal(scope)]` | the scopes in one text, separated by spaces (RFC 6749 section 3.3) |
/// | `#[principal(scopes)]` | the scopes as an iterable of strings |
///
/// ```
/// use passport_rocket::Principal;
///
/// #[derive(Principal)]
/// struct Account {
///     #[principal(id)]
///     id: i64,
///     #[principal(roles)]
///     roles: Vec<String>,
/// }
///
/// let pilot = Account { id: 7, roles: vec!["pilot".to_owned()] };
/// assert_eq!(*pilot.id(), 7);
/// assert!(pilot.has_role("pilot"));
/// assert!(!pilot.has_role("admin"));
/// ```
#[proc_macro_derive(Principal, attributes(principal))]
pub fn principal(item: TokenStream) -> TokenStream {
    let parsed = parse::principal(item.into());
    expand::principal(check::principal(parsed)).into()
}
