//! Phase one: tokens become plain data. Nothing is judged here but syntax.

mod arguments;
mod function;
mod handler;
mod record;

use proc_macro2::TokenStream;

pub(crate) use self::arguments::{Argument, Arguments};
pub(crate) use self::function::Function;
pub(crate) use self::handler::{Declaration, Handler, Parameter};
pub(crate) use self::record::{Field, Record};

use crate::mistakes::Rejected;

/// `#[protect(…)]` and the item below it.
#[derive(Debug)]
pub(crate) struct Protect {
    pub(crate) arguments: Arguments,
    pub(crate) handler: Handler,
}

/// `#[public(…)]` and the item below it.
#[derive(Debug)]
pub(crate) struct Public {
    pub(crate) reason: TokenStream,
    pub(crate) handler: Handler,
}

/// `#[verify]` and the function below it.
#[derive(Debug)]
pub(crate) struct Verify {
    pub(crate) arguments: TokenStream,
    pub(crate) function: Function,
}

pub(crate) fn protect(arguments: TokenStream, item: TokenStream) -> Result<Protect, Rejected> {
    let handler = Handler::parse(item, Declaration::Protect)?;
    Ok(Protect { arguments: Arguments::parse(arguments), handler })
}

pub(crate) fn public(reason: TokenStream, item: TokenStream) -> Result<Public, Rejected> {
    Ok(Public { reason, handler: Handler::parse(item, Declaration::Public)? })
}

pub(crate) fn verify(arguments: TokenStream, item: TokenStream) -> Result<Verify, Rejected> {
    let function = Function::parse(
        item,
        "`#[verify]` belongs on a function: `async fn account_of(claims: Claims) -> Option<Account>`",
    )?;
    Ok(Verify { arguments, function })
}

pub(crate) fn principal(item: TokenStream) -> Result<Record, syn::Error> {
    Record::parse(item)
}
