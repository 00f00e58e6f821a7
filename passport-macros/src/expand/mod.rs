//! Phase three: what is meant becomes code. Nothing is decided here and nothing can fail.
//!
//! Every path is absolute, every item of ours is called `__passport_…`, and whatever the runtime
//! contributes stands in `passport_rocket::__private`. Locals are called otherwise: the marker of a
//! handler `who` is the unit struct `__passport_who`, and a local of that name would be a pattern.

mod authorize;
mod erased;
mod handler;
mod principal;
mod requirement;
mod verify;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote};
use syn::{Attribute, Type};

use self::erased::erased;
use crate::check::{Declared, Person, Verified};
use crate::mistakes::Rejected;

pub(crate) fn handler(checked: Result<Declared, Rejected>) -> TokenStream {
    match checked {
        Ok(declared) => handler::expand(&declared),
        Err(rejected) => rejected.into_token_stream(),
    }
}

pub(crate) fn verify(checked: Result<Verified, Rejected>) -> TokenStream {
    match checked {
        Ok(verified) => verify::expand(&verified),
        Err(rejected) => rejected.into_token_stream(),
    }
}

pub(crate) fn principal(checked: syn::Result<Person>) -> TokenStream {
    match checked {
        Ok(person) => principal::expand(&person),
        Err(error) => error.to_compile_error(),
    }
}

/// A parameter, described for the launch check: its Sentinels are asked there.
fn parameter(name: &str, is_data: bool, ty: &Type) -> TokenStream {
    let position = if is_data { quote!(Data) } else { quote!(Request) };
    let ty = erased(ty);
    quote!(::passport_rocket::__private::parameter!(#name, #position, #ty))
}

/// The place of `span`, where the compiler underlines, with the names of our own code: tokens that
/// an author's `macro_rules!` wrote would not see our `self` and our locals.
fn in_our_scope(span: Span) -> Span {
    span.resolved_at(Span::call_site())
}

/// The conditions under which an item exists: what we add to it exists under the same.
fn conditions(attributes: &[Attribute]) -> Vec<&Attribute> {
    let is_condition = |attribute: &&Attribute| attribute.path().is_ident("cfg");
    attributes.iter().filter(is_condition).collect()
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    /// Spaces aside: how the brackets of generics are glued depends on where tokens came from.
    #[track_caller]
    pub(super) fn assert_holds(expanded: &str, part: &TokenStream) {
        let plain = |text: &str| text.replace(char::is_whitespace, "");
        assert!(plain(expanded).contains(&plain(&part.to_string())), "{part}\nin\n{expanded}");
    }
}
