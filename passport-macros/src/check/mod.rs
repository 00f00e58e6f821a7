//! Phase two: what was parsed becomes what is meant, or every mistake in it at once.

mod asked;
mod handler;
mod nearest;
mod principal;
mod protect;
mod public;
mod user;
mod verify;

use proc_macro2::{Ident, Span};
use syn::{Expr, Generics, ItemFn, LitStr, Path, Type};

pub(crate) use self::principal::principal;
pub(crate) use self::protect::protect;
pub(crate) use self::public::public;
pub(crate) use self::verify::verify;

use crate::parse::Handler;

/// A handler and who may reach it.
#[derive(Debug)]
pub(crate) struct Declared {
    pub(crate) handler: Handler,
    pub(crate) rule: Rule,
}

/// Who may reach a handler.
#[derive(Debug)]
pub(crate) enum Rule {
    /// Anybody, for this reason.
    Public(LitStr),
    /// Who meets the requirement.
    Protected(Requirement),
}

/// What `#[protect(…)]` asks.
#[derive(Debug, Default)]
pub(crate) struct Requirement {
    pub(crate) strategies: Vec<LitStr>,
    pub(crate) roles: Option<Asked>,
    pub(crate) scopes: Option<Asked>,
    pub(crate) optional: bool,
    pub(crate) unauthenticated: Option<Unauthenticated>,
    pub(crate) issue: Option<LitStr>,
    pub(crate) sign_in: Option<LitStr>,
}

/// Roles or scopes, and how many of them are needed.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) need: Need,
    /// The place of the value, for what only the compiler can see.
    pub(crate) span: Span,
    /// Never empty: nothing asked would be everything allowed.
    pub(crate) items: Vec<Item>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    One,
    Any,
    All,
}

/// One role or scope.
#[derive(Debug)]
pub(crate) enum Item {
    Text(LitStr),
    Path(Path),
}

/// What happens to a browser that nobody signed in.
#[derive(Debug)]
pub(crate) enum Unauthenticated {
    Forward,
    Redirect(Box<Expr>),
}

/// A function that makes a user of an identity.
#[derive(Debug)]
pub(crate) struct Verified {
    pub(crate) function: ItemFn,
    pub(crate) identity: Type,
    /// The Rocket guards after the identity: the name to show, and the type.
    pub(crate) guards: Vec<(String, Type)>,
    pub(crate) output: Type,
}

/// A struct that is a user.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) id: (Ident, Type),
    pub(crate) roles: Option<Roles>,
    pub(crate) scopes: Option<Scopes>,
}

/// Where the roles of a user stand.
#[derive(Debug)]
pub(crate) enum Roles {
    /// The field is the role.
    One(Ident, Type),
    /// The field holds roles of this type.
    Many(Ident, Type),
}

/// Where the scopes of a user stand.
#[derive(Debug)]
pub(crate) enum Scopes {
    /// One text, separated by spaces.
    Text(Ident),
    /// Strings.
    List(Ident),
}
