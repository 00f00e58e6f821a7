//! `impl Principal`.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};

use super::in_our_scope;
use crate::check::{Person, Roles, Scopes};

pub(super) fn expand(person: &Person) -> TokenStream {
    let Person { name, generics, id: (id, id_type), roles, scopes } = person;
    let (parameters, arguments, conditions) = generics.split_for_impl();
    let (role, has_role) = match roles {
        Some(Roles::One(field, ty)) => {
            (ty.to_token_stream(), quote!(::core::cmp::PartialEq::eq(&self.#field, __role)))
        }
        Some(Roles::Many(field, ty)) => (
            ty.to_token_stream(),
            quote! {
                ::core::iter::IntoIterator::into_iter(&self.#field)
                    .any(|__held| ::core::cmp::PartialEq::eq(__held, __role))
            },
        ),
        None => (
            quote!(::passport_rocket::__private::NoRole),
            quote!({
                let _ = __role;
                false
            }),
        ),
    };
    let scopes = scopes_of(scopes.as_ref());

    quote! {
        #[automatically_derived]
        impl #parameters ::passport_rocket::Principal for #name #arguments #conditions {
            type Id = #id_type;
            type Role = #role;

            fn id(&self) -> &Self::Id {
                &self.#id
            }

            fn has_role<__PassportRole: ?::core::marker::Sized>(
                &self,
                __role: &__PassportRole,
            ) -> bool
            where
                Self::Role: ::core::cmp::PartialEq<__PassportRole>,
            {
                #has_role
            }

            fn scopes(&self) -> ::core::option::Option<::passport_rocket::Scopes<'_>> {
                #scopes
            }
        }
    }
}

fn scopes_of(scopes: Option<&Scopes>) -> TokenStream {
    match scopes {
        Some(Scopes::Text(field)) => quote_spanned! {in_our_scope(field.span())=>
            ::core::option::Option::Some(::passport_rocket::Scopes::of_text(&self.#field))
        },
        Some(Scopes::List(field)) => quote_spanned! {in_our_scope(field.span())=>
            ::core::option::Option::Some(::passport_rocket::Scopes::of_list(
                ::core::iter::IntoIterator::into_iter(&self.#field)
                    .map(::core::convert::AsRef::<str>::as_ref)
            ))
        },
        None => quote!(::core::option::Option::None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_holds;
    use super::*;
    use crate::{check, parse};

    fn principal(item: TokenStream) -> String {
        expand(&check::principal(parse::principal(item)).unwrap()).to_string()
    }

    #[test]
    fn keeps_the_generics_of_the_struct() {
        let expanded = principal(quote! {
            struct Account<'a, T: Eq = u8> where T: Copy { #[principal(id)] id: &'a T }
        });
        assert_holds(
            &expanded,
            &quote! {
                impl<'a, T: Eq> ::passport_rocket::Principal for Account<'a, T> where T: Copy
            },
        );
        assert_holds(
            &expanded,
            &quote! {
                type Id = &'a T;
                type Role = ::passport_rocket::__private::NoRole;
            },
        );
    }

    #[test]
    fn compares_one_role_and_searches_several() {
        let one = principal(quote! {
            struct A { #[principal(id)] id: u8, #[principal(role)] kind: Kind }
        });
        assert_holds(
            &one,
            &quote!(
                type Role = Kind;
            ),
        );
        assert_holds(&one, &quote!({ ::core::cmp::PartialEq::eq(&self.kind, __role) }));

        let several = principal(quote! {
            struct A { #[principal(id)] id: u8, #[principal(roles)] kinds: Vec<Kind> }
        });
        assert_holds(
            &several,
            &quote!(
                type Role = Kind;
            ),
        );
        assert_holds(&several, &quote!(.any(|__held| ::core::cmp::PartialEq::eq(__held, __role))));
    }

    #[test]
    fn says_nothing_of_scopes_unless_there_are_some() {
        let none = principal(quote!(
            struct A {
                #[principal(id)]
                id: u8,
            }
        ));
        assert_holds(&none, &quote!({ ::core::option::Option::None }));
        let text = principal(quote! {
            struct A { #[principal(id)] id: u8, #[principal(scope)] scope: String }
        });
        assert_holds(&text, &quote!(::passport_rocket::Scopes::of_text(&self.scope)));
        let list = principal(quote! {
            struct A { #[principal(id)] id: u8, #[principal(scopes)] scopes: Vec<String> }
        });
        assert_holds(&list, &quote!(::passport_rocket::Scopes::of_list));
    }
}
