//! A verify function as a value: the function itself behind `call`, and the runtime's view of it.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;
use syn::{Attribute, FnArg, ItemFn, Pat, Type, Visibility};

use super::{conditions, parameter};
use crate::check::Verified;

pub(super) fn expand(verified: &Verified) -> TokenStream {
    let Verified { function, identity, guards, output } = verified;
    let ItemFn { vis, sig, .. } = function;
    let name = &sig.ident;
    let conditions = conditions(&function.attrs);
    let docs = function.attrs.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let itself = itself(function);
    let answer = answer(verified);
    let parameters = guards.iter().map(|(name, ty)| parameter(name, false, ty));

    quote! {
        #(#conditions)*
        #(#docs)*
        #[allow(non_camel_case_types, clippy::exhaustive_structs)]
        #[derive(::core::clone::Clone, ::core::marker::Copy, ::core::fmt::Debug)]
        #vis struct #name;

        #(#conditions)*
        impl #name {
            #itself
        }

        #(#conditions)*
        impl ::passport_rocket::__private::Verifies for #name {
            type Identity = #identity;
            type Output = #output;

            #answer

            fn parameters() -> ::std::vec::Vec<::passport_rocket::__private::Parameter> {
                ::std::vec![#(#parameters),*]
            }
        }
    }
}

/// `call`: the function as it was written stands inside, so that its `return`, its `?` and its
/// items mean what they meant.
fn itself(function: &ItemFn) -> TokenStream {
    let mut inner = function.clone();
    inner.attrs.retain(|attribute| !is_ours(attribute));
    inner.vis = Visibility::Inherited;
    let ItemFn { vis, sig, .. } = function;
    let (name, asyncness, output) = (&sig.ident, &sig.asyncness, &sig.output);
    let parameters = typed(function).map(|(name, ty)| quote!(#name: #ty));
    let names = typed(function).map(|(name, _)| name);
    let wait = asyncness.map(|_| quote!(.await));
    quote! {
        /// The function itself, as tests and other code of the application call it.
        #[allow(clippy::too_many_arguments, dead_code)]
        #vis #asyncness fn call(self, #(#parameters),*) #output {
            #inner
            #name(#(#names),*) #wait
        }
    }
}

/// `Verifies::call`: at once where there is nothing to wait for, boxed otherwise.
fn answer(verified: &Verified) -> TokenStream {
    let Verified { function, guards, .. } = verified;
    let name = &function.sig.ident;
    let at_once = function.sig.asyncness.is_none() && guards.is_empty();
    let request = if at_once { quote!(_) } else { quote!(__request) };
    let body = if at_once {
        quote! {
            ::passport_rocket::__private::Call::Now(
                ::core::result::Result::Ok(#name::call(*self, __identity))
            )
        }
    } else {
        later(verified)
    };
    quote! {
        fn call<'__passport>(
            &'__passport self,
            __identity: Self::Identity,
            #request: &'__passport ::passport_rocket::__private::rocket::Request<'_>,
        ) -> ::passport_rocket::__private::Call<'__passport, Self::Output> {
            #body
        }
    }
}

fn later(verified: &Verified) -> TokenStream {
    let Verified { function, guards, .. } = verified;
    let name = &function.sig.ident;
    let locals: Vec<_> = (0..guards.len()).map(|place| format_ident!("__guard_{place}")).collect();
    let asked = guards.iter().zip(&locals).map(|((name, ty), local)| {
        // On the type, so that the compiler underlines what is no guard.
        let request = format_ident!("__request");
        // Awaited here, as Rocket does: inside a generic `async fn` of the runtime the compiler
        // would ask whether `&State<_>` is a guard for every lifetime, which no guard is.
        quote_spanned! {ty.span()=>
            let #local = match ::passport_rocket::__private::guard(
                <#ty as ::passport_rocket::__private::rocket::request::FromRequest<'_>>
                    ::from_request(#request).await,
                #name,
            ) {
                ::core::result::Result::Ok(__value) => __value,
                ::core::result::Result::Err(__denial) => {
                    return ::core::result::Result::Err(__denial);
                }
            };
        }
    });
    let wait = function.sig.asyncness.map(|_| quote!(.await));
    quote! {
        ::passport_rocket::__private::Call::Later(::std::boxed::Box::pin(async move {
            #(#asked)*
            ::core::result::Result::Ok(
                #name::call(*self, __identity #(, #locals)*) #wait
            )
        }))
    }
}

/// Names and types of the parameters; a pattern is taken apart by the inner function alone.
fn typed(function: &ItemFn) -> impl Iterator<Item = (Ident, &Type)> {
    function.sig.inputs.iter().enumerate().filter_map(|(place, input)| match input {
        FnArg::Typed(typed) => {
            let name = match &*typed.pat {
                Pat::Ident(pattern) if pattern.subpat.is_none() => pattern.ident.clone(),
                _ => format_ident!("__parameter_{place}"),
            };
            Some((name, &*typed.ty))
        }
        FnArg::Receiver(_) => None,
    })
}

/// Attributes that moved from the function to the items around it.
fn is_ours(attribute: &Attribute) -> bool {
    attribute.path().is_ident("doc") || attribute.path().is_ident("cfg")
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_holds;
    use super::*;
    use crate::{check, parse};

    fn verify(item: TokenStream) -> String {
        let verified = check::verify(parse::verify(TokenStream::new(), item)).unwrap();
        expand(&verified).to_string()
    }

    #[test]
    fn keeps_the_function_whole() {
        let expanded = verify(quote! {
            /// Whose claims these are.
            #[cfg(unix)]
            #[tracing::instrument]
            pub async fn account_of(mut c: C, db: &State<Db>) -> Result<Option<A>, E> { body }
        });
        assert_holds(
            &expanded,
            &quote! {
                pub async fn call(self, c: C, db: &State<Db>) -> Result<Option<A>, E> {
                    #[tracing::instrument]
                    async fn account_of(mut c: C, db: &State<Db>) -> Result<Option<A>, E> {
                        body
                    }
                    account_of(c, db).await
                }
            },
        );
        assert_eq!(expanded.matches("cfg (unix)").count(), 3, "{expanded}");
        assert_eq!(expanded.matches("Whose claims").count(), 1, "{expanded}");
    }

    #[test]
    fn waits_for_guards() {
        let expanded = verify(quote!(
            fn f(c: C, db: &State<Db>) -> Option<A> {
                None
            }
        ));
        assert_holds(
            &expanded,
            &quote! {
                ::passport_rocket::__private::guard(
                    <&State<Db> as ::passport_rocket::__private::rocket::request::FromRequest<'_> >
                        ::from_request(__request).await,
                    "db",
                )
            },
        );
        assert_holds(&expanded, &quote!(Ok(f::call(*self, __identity, __guard_0))));
        assert_holds(
            &expanded,
            &quote!(::passport_rocket::__private::parameter!("db", Request, &'static State<Db>)),
        );
    }

    #[test]
    fn answers_at_once_where_there_is_nothing_to_wait_for() {
        let expanded = verify(quote!(
            fn f(C { id }: C) -> Option<A> {
                None
            }
        ));
        assert_holds(
            &expanded,
            &quote! {
                ::passport_rocket::__private::Call::Now(
                    ::core::result::Result::Ok(f::call(*self, __identity))
                )
            },
        );
        assert_holds(&expanded, &quote!(fn call(self, __parameter_0: C) -> Option<A>));
    }
}
