//! Every way to say who a user is.

#![deny(warnings)]

use std::collections::{BTreeSet, HashSet};

use passport_rocket::Principal;

#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    Port,
    Admin,
}

#[derive(Principal)]
struct Nameless {
    #[principal(id)]
    id: i64,
}

#[derive(Principal)]
struct One {
    #[principal(id)]
    id: String,
    #[principal(role)]
    kind: Kind,
}

#[derive(Principal)]
struct Text {
    #[principal(id, role)]
    name: String,
    #[principal(scope)]
    scope: String,
}

#[derive(Principal)]
struct Several<'a, T: Clone, const N: usize>
where
    T: PartialEq,
{
    #[principal(id)]
    id: &'a T,
    #[principal(roles)]
    roles: [T; N],
    #[principal(scopes)]
    scopes: Vec<&'a str>,
}

macro_rules! containers {
    ($($name:ident: $container:ty),*) => {$(
        #[derive(Principal)]
        struct $name {
            #[principal(id)]
            id: i64,
            #[principal(roles)]
            roles: $container,
            #[principal(scopes)]
            scopes: BTreeSet<String>,
        }
    )*};
}

containers!(InVec: Vec<Kind>, InHashSet: HashSet<Kind>, InTree: BTreeSet<Kind>, InOption: Option<Kind>);

macro_rules! named {
    ($id:ident, $role:ident, $scope:ident) => {
        #[derive(Principal)]
        struct Named {
            #[principal(id)]
            $id: i64,
            #[principal(role)]
            $role: Kind,
            #[principal(scope)]
            $scope: String,
        }
    };
}

named!(number, kind, scopes);

macro_rules! assert_port_only {
    ($name:ident, $roles:expr) => {
        let user = $name { id: 1, roles: $roles, scopes: BTreeSet::from(["a".to_owned()]) };
        assert_eq!(*user.id(), 1);
        assert!(user.has_role(&Kind::Port));
        assert!(!user.has_role(&Kind::Admin));
        assert!(user.scopes().is_some_and(|scopes| scopes.contains("a")));
    };
}

fn main() {
    assert_eq!(*Nameless { id: 7 }.id(), 7);
    assert!(Nameless { id: 7 }.scopes().is_none());

    let one = One { id: "quay".to_owned(), kind: Kind::Port };
    assert_eq!(one.id(), "quay");
    assert!(one.has_role(&Kind::Port) && !one.has_role(&Kind::Admin));

    let text = Text { name: "port".to_owned(), scope: "a b".to_owned() };
    assert!(text.has_role("port") && !text.has_role("admin"));
    assert!(text.scopes().is_some_and(|scopes| scopes.contains("b") && !scopes.contains("c")));

    let several = Several { id: &1, roles: [1, 2], scopes: vec!["a"] };
    assert!(several.id() == &&1 && several.has_role(&2) && !several.has_role(&3));

    let named = Named { number: 3, kind: Kind::Port, scopes: "a".to_owned() };
    assert!(named.id() == &3 && named.has_role(&Kind::Port) && named.scopes().is_some());

    assert_port_only!(InVec, vec![Kind::Port]);
    assert_port_only!(InHashSet, HashSet::from([Kind::Port]));
    assert_port_only!(InTree, BTreeSet::from([Kind::Port]));
    assert_port_only!(InOption, Some(Kind::Port));
}
