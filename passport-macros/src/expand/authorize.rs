//! `fn authorize`: the roles and scopes of a handler, asked of whoever signed in.
//!
//! Which parameter is the user is not ours to say, aliases being what they are. So every parameter
//! type is asked through `Probe`, whose inherent items answer for `User<T>` alone; for any other
//! type the trait `Unasked` answers that it is none, as Rocket's own Sentinels are resolved.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Type;
use syn::spanned::Spanned as _;

use super::{erased, in_our_scope};
use crate::check::{Asked, Item, Need, Requirement};
use crate::parse::Handler;

pub(super) fn expand(requirement: &Requirement, handler: &Handler) -> TokenStream {
    let types: Vec<_> = handler.parameters.iter().map(|parameter| erased(&parameter.ty)).collect();
    let roles = requirement.roles.as_ref().map(|asked| roles(asked, &types));
    let scopes = requirement.scopes.as_ref().map(|asked| scopes(asked, &types));
    let probes = (roles.is_some() || scopes.is_some()).then(|| {
        quote! {
            #[allow(unused_imports)]
            use ::passport_rocket::__private::Unasked as _;
        }
    });
    let who = if probes.is_some() { quote!(__who) } else { quote!(_) };

    quote! {
        fn authorize(
            #who: &::passport_rocket::__private::SignedIn
        ) -> ::core::result::Result<(), ::passport_rocket::__private::Unmet> {
            #probes
            #roles
            #scopes
            ::core::result::Result::Ok(())
        }
    }
}

/// Fails to compile unless there is a user to ask about. Without one, only the credential's scopes
/// would be judged, and leaving out an unused parameter would widen access.
fn somebody(key: &str, noun: &str, asked: &Asked, types: &[Type]) -> TokenStream {
    let message = format!(
        "`{key}` asks about a user: give the handler a `User<…>` parameter, \
         `_user: User<Account>`, so that the compiler knows whose {noun} it is"
    );
    // On the value of the key, so that the compiler underlines it.
    let span = in_our_scope(asked.span);
    quote_spanned! {span=>
        const _: () = ::core::assert!(
            false #(|| ::passport_rocket::__private::Probe::<#types>::IS_USER)*,
            #message
        );
    }
}

fn roles(asked: &Asked, types: &[Type]) -> TokenStream {
    let key = match asked.need {
        Need::One => "role",
        Need::Any => "any_role",
        Need::All => "all_roles",
    };
    let somebody = somebody(key, "role", asked, types);
    let held = asked.items.iter().map(|item| held(item, types));
    let enough = match asked.need {
        Need::One | Need::Any => quote!(false #(|| #held)*),
        Need::All => quote!(true #(&& #held)*),
    };
    quote! {
        #somebody
        if !(#enough) {
            return ::core::result::Result::Err(
                ::passport_rocket::__private::Unmet::role(&Self::DECLARATION)
            );
        }
    }
}

/// Whether the user holds one role; `false` if there is no user to hold it.
fn held(role: &Item, types: &[Type]) -> TokenStream {
    let span = in_our_scope(role.span());
    let role = match role {
        Item::Text(text) => quote!(#text),
        Item::Path(path) => quote_spanned!(span=> &(#path)),
    };
    quote_spanned! {span=>
        ::core::option::Option::None
            #(.or(::passport_rocket::__private::Probe::<#types>::has_role(
                __who, #role
            )))*
            .unwrap_or(false)
    }
}

fn scopes(asked: &Asked, types: &[Type]) -> TokenStream {
    let key = match asked.need {
        Need::One => "scope",
        Need::Any => "any_scope",
        Need::All => "all_scopes",
    };
    let somebody = somebody(key, "scope", asked, types);
    let span = in_our_scope(asked.span);
    quote_spanned! {span=>
        #somebody
        ::passport_rocket::__private::scopes(
            &Self::DECLARATION,
            __who,
            |__scope| ::core::option::Option::None
                #(.or(::passport_rocket::__private::Probe::<#types>::has_scope(
                    __who, __scope
                )))*
        )?;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::assert_holds;
    use super::*;
    use crate::check::{self, Rule};
    use crate::parse;

    fn authorize(arguments: TokenStream) -> String {
        let item = quote!(
            #[get("/")]
            fn me(user: User<A>, db: &State<Db>) {}
        );
        let declared = check::protect(parse::protect(arguments, item)).unwrap();
        let Rule::Protected(requirement) = &declared.rule else { panic!("{declared:?}") };
        expand(requirement, &declared.handler).to_string()
    }

    fn has_role(role: &TokenStream) -> TokenStream {
        quote! {
            ::core::option::Option::None
                .or(::passport_rocket::__private::Probe::<User<A> >::has_role(
                    __who, #role
                ))
                .or(::passport_rocket::__private::Probe::<&'static State<Db> >::has_role(
                    __who, #role
                ))
                .unwrap_or(false)
        }
    }

    #[test]
    fn asks_nothing_when_nothing_is_asked() {
        let expanded = authorize(quote!());
        assert_holds(&expanded, &quote!({ ::core::result::Result::Ok(()) }));
    }

    #[test]
    fn asks_any_of_several_roles() {
        let expanded = authorize(quote!(any_role = [Kind::Port, "admin"]));
        let (path, text) = (has_role(&quote!(&(Kind::Port))), has_role(&quote!("admin")));
        assert_holds(&expanded, &quote!(if !(false || #path || #text)));
    }

    #[test]
    fn asks_all_of_several_roles() {
        let expanded = authorize(quote!(all_roles = [Kind::Port, Kind::Admin]));
        let (port, admin) = (has_role(&quote!(&(Kind::Port))), has_role(&quote!(&(Kind::Admin))));
        assert_holds(&expanded, &quote!(if !(true && #port && #admin)));
    }

    #[test]
    fn insists_on_a_user_to_ask() {
        let expanded = authorize(quote!(role = Kind::Port));
        assert_holds(
            &expanded,
            &quote! {
                false
                    || ::passport_rocket::__private::Probe::<User<A> >::IS_USER
                    || ::passport_rocket::__private::Probe::<&'static State<Db> >::IS_USER,
            },
        );
        assert!(expanded.contains("`role` asks about a user"), "{expanded}");
    }

    #[test]
    fn asks_scopes_through_the_runtime() {
        let expanded = authorize(quote!(all_scopes = ["a", B]));
        assert_holds(&expanded, &quote!(::passport_rocket::__private::scopes));
        assert_holds(&expanded, &quote!(&Self::DECLARATION, __who,));
        assert!(expanded.contains("`all_scopes` asks about a user"), "{expanded}");
    }
}
