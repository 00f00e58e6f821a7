//! What the author calls like something of the standard library is none of our business.

#![deny(warnings)]
#![allow(dead_code, non_camel_case_types, non_snake_case)]

mod harbour {
    use passport_rocket::{Principal, User, protect, public, verify};
    use rocket::get;

    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Vec;
    struct Box;
    struct String;
    trait Clone {}
    trait Copy {}
    trait Debug {}
    trait Sized {}
    trait PartialEq {}
    trait ToString {}
    mod core {}
    mod std {}

    const ROLE: u8 = 1;

    #[derive(Principal)]
    pub(crate) struct Account {
        #[principal(id)]
        pub(crate) id: i64,
        #[principal(roles)]
        roles: [u8; 2],
    }

    #[protect(role = ROLE, strategy = "jwt")]
    #[get("/me")]
    pub(crate) fn me(_user: User<Account>) {}

    #[public("open")]
    #[get("/open")]
    pub(crate) fn open() {}

    #[verify]
    pub(crate) fn account_of(id: i64) -> ::core::option::Option<Account> {
        ::core::option::Option::Some(Account { id, roles: [1, 2] })
    }
}

fn main() {
    assert_eq!(rocket::routes![harbour::me, harbour::open].len(), 2);
    assert_eq!(harbour::account_of.call(7).map(|account| account.id), Some(7));
}
