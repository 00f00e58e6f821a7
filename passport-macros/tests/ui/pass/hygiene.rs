//! What the author calls like something of the standard library is none of our business.

#![deny(warnings)]
#![allow(dead_code, non_camel_case_types)]

mod accounts {
    use passport_rocket::{Principal, verify};
    use rocket::State;

    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Vec;
    struct Box;
    struct String;
    struct Option;
    struct Result;
    trait Clone {}
    trait Copy {}
    trait Debug {}
    trait Sized {}
    trait PartialEq {}
    trait Send {}
    trait Future {}
    mod core {}
    mod std {}

    #[derive(Principal)]
    pub(crate) struct Account {
        #[principal(id)]
        pub(crate) id: i64,
        #[principal(roles)]
        pub(crate) roles: [u8; 2],
        #[principal(scopes)]
        pub(crate) scopes: [&'static str; 1],
    }

    #[verify]
    pub(crate) fn account_of(id: i64) -> ::core::option::Option<Account> {
        ::core::option::Option::Some(Account { id, roles: [1, 2], scopes: ["a"] })
    }

    // Verify functions are unit structs too.
    #[verify]
    fn role(id: i64) -> ::core::option::Option<i64> {
        ::core::option::Option::Some(id)
    }

    #[verify]
    fn held(value: i64) -> ::core::option::Option<i64> {
        ::core::option::Option::Some(value)
    }

    #[verify]
    fn denial(request: i64) -> ::core::option::Option<i64> {
        ::core::option::Option::Some(request)
    }

    #[verify]
    async fn looked_up(_id: i64, _roles: &State<[u8; 2]>) -> ::core::option::Option<Account> {
        ::core::option::Option::None
    }
}

// Rocket's own macros do not survive a `None` or a `std` of the author's.
mod harbour {
    use passport_rocket::{User, protect, public};
    use rocket::get;

    use super::accounts::Account;

    struct Vec;
    struct Box;
    struct String;
    trait Debug {}
    trait Sized {}
    trait PartialEq {}
    trait ToString {}

    const ROLE: u8 = 1;

    #[protect(role = ROLE, strategy = "jwt", unauthenticated = redirect("/login"))]
    #[get("/me")]
    pub(crate) fn me(_user: User<Account>) {}

    #[public("open")]
    #[get("/open")]
    pub(crate) fn open() {}

    // Their markers are unit structs, and a local of the same name would be a pattern.
    #[protect(any_role = [ROLE], scope = "a")]
    #[get("/who")]
    pub(crate) fn who(__who: User<Account>) {
        let _ = __who;
    }

    #[protect]
    #[get("/scope")]
    pub(crate) fn scope() {}
}

fn main() {
    let routes = rocket::routes![harbour::me, harbour::open, harbour::who, harbour::scope];
    assert_eq!(routes.len(), 4);
    assert_eq!(accounts::account_of.call(7).map(|account| account.id), Some(7));
}
