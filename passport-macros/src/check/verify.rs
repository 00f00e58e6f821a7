//! `#[verify]`: a function that makes a user of an identity.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{FnArg, ItemFn, Pat, PatType, ReturnType, Type};

use super::Verified;
use crate::mistakes::{Mistakes, Rejected};
use crate::parse::Verify;

pub(crate) fn verify(parsed: Result<Verify, Rejected>) -> Result<Verified, Rejected> {
    let Verify { arguments, function } = parsed?;
    let function = function.item;
    let mut mistakes = Mistakes::default();
    bare(&arguments, &mut mistakes);
    concrete(&function, &mut mistakes);
    let output = output(&function, &mut mistakes);
    let mut parameters = function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => Some(typed),
        FnArg::Receiver(_) => None,
    });
    let identity = identity(&function, parameters.next(), &mut mistakes);
    let guards = parameters.map(|guard| (name_of(guard), (*guard.ty).clone())).collect();

    let untouched = function.to_token_stream();
    match mistakes.or(identity.zip(output)) {
        Ok(Some((identity, output))) => Ok(Verified { function, identity, guards, output }),
        Ok(None) => Err(Rejected { untouched, error: syn::Error::new_spanned(&function, LACKING) }),
        Err(error) => Err(Rejected { untouched, error }),
    }
}

const LACKING: &str = "a verify function takes the identity that the strategy proved: \
                       `async fn account_of(claims: Claims) -> Option<Account>`";

fn bare(arguments: &TokenStream, mistakes: &mut Mistakes) {
    if !arguments.is_empty() {
        let message = "`#[verify]` takes no arguments: which strategy asks is said where it is \
                       attached, `Jwt::fairing(\"jwt\").verify(account_of)`";
        mistakes.on(arguments, message);
    }
}

/// The function becomes one value, so there is nothing left to choose types or lifetimes for it.
fn concrete(function: &ItemFn, mistakes: &mut Mistakes) {
    if let Some(receiver) = function.sig.receiver() {
        mistakes.on(
            receiver,
            "a verify function has no `self`: move it out of the `impl`, \
             and take what it needs as `&State<…>`",
        );
    }
    if !function.sig.generics.params.is_empty() {
        mistakes.on(
            &function.sig.generics.params,
            "a verify function has no generics: name the types, and leave lifetimes out",
        );
    }
}

fn output(function: &ItemFn, mistakes: &mut Mistakes) -> Option<Type> {
    match &function.sig.output {
        ReturnType::Type(_, ty) => Some((**ty).clone()),
        ReturnType::Default => {
            mistakes.on(
                &function.sig.ident,
                "a verify function answers with the user: `-> Option<Account>`, \
                 or `-> Result<Option<Account>, DbError>`",
            );
            None
        }
    }
}

fn identity(function: &ItemFn, first: Option<&PatType>, mistakes: &mut Mistakes) -> Option<Type> {
    match first.map(|first| &*first.ty) {
        Some(ty @ Type::Reference(_)) => {
            mistakes.on(ty, "the identity is handed over: take it by value, without the `&`");
            None
        }
        Some(ty) => Some(ty.clone()),
        None if function.sig.receiver().is_some() => None,
        None => {
            mistakes.on(&function.sig.ident, LACKING);
            None
        }
    }
}

fn name_of(parameter: &PatType) -> String {
    match &*parameter.pat {
        Pat::Ident(pattern) => pattern.ident.unraw().to_string(),
        other => other.to_token_stream().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;
    use crate::parse;

    fn check(arguments: TokenStream, item: TokenStream) -> Result<Verified, Vec<String>> {
        verify(parse::verify(arguments, item))
            .map_err(|rejected| rejected.error.into_iter().map(|e| e.to_string()).collect())
    }

    fn mistake(item: TokenStream) -> String {
        let told = check(quote!(), item).unwrap_err();
        assert_eq!(told.len(), 1, "{told:?}");
        told.concat()
    }

    #[test]
    fn tells_the_identity_from_the_guards() {
        let verified = check(
            quote!(),
            quote!(
                async fn f(C { id }: C, db: &State<Db>, r#type: T) -> Option<A> {
                    None
                }
            ),
        )
        .unwrap();
        assert_eq!(verified.identity, syn::parse_quote!(C));
        let names: Vec<_> = verified.guards.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["db", "type"]);
    }

    #[test]
    fn refuses_what_cannot_become_one_value() {
        assert!(
            mistake(quote!(
                fn f() -> Option<A> {}
            ))
            .contains("takes the identity")
        );
        assert!(
            mistake(quote!(
                fn f(&self) -> Option<A> {}
            ))
            .contains("no `self`")
        );
        assert!(
            mistake(quote!(
                fn f<T>(t: T) -> Option<A> {}
            ))
            .contains("no generics")
        );
        assert!(
            mistake(quote!(
                fn f<'a>(t: T, d: &'a D) -> Option<A> {}
            ))
            .contains("no generics")
        );
        assert!(
            mistake(quote!(
                fn f(c: &C) -> Option<A> {}
            ))
            .contains("by value")
        );
        assert!(
            mistake(quote!(
                fn f(c: C) {}
            ))
            .contains("answers with the user")
        );
        assert!(
            mistake(quote!(
                struct F;
            ))
            .contains("belongs on a function")
        );
    }

    #[test]
    fn refuses_arguments() {
        let told = check(
            quote!("jwt"),
            quote!(
                fn f(c: C) -> Option<A> {
                    None
                }
            ),
        )
        .unwrap_err();
        assert!(told[0].contains("takes no arguments"), "{told:?}");
    }
}
