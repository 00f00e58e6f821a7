//! A declared handler: a marker that carries the requirement, and the handler with one more guard.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident, quote};
use syn::parse_quote;

use super::{conditions, requirement};
use crate::check::{Declared, Rule};

pub(super) fn expand(declared: &Declared) -> TokenStream {
    let Declared { handler, rule } = declared;
    let mut function = handler.function.clone();
    // `r#type` becomes `__passport_type`: the prefix makes an ordinary name of a raw one.
    let marker = format_ident!("__passport_{}", function.sig.ident);
    let conditions = conditions(&function.attrs);
    let vis = &function.vis;
    let marker_item = quote! {
        #(#conditions)*
        #[allow(unused_imports)]
        use ::passport_rocket::__private::short::*;

        #(#conditions)*
        #[doc(hidden)]
        #[allow(
            dead_code,
            missing_debug_implementations,
            non_camel_case_types,
            unnameable_types,
            unreachable_pub,
        )]
        #vis struct #marker;
    };
    let requirement = requirement::expand(declared, &marker);
    // A short name of the module's own would win over ours and guard nothing.
    let (short, full) = match rule {
        Rule::Protected(_) => (quote!(__P), quote!(Protected)),
        Rule::Public(_) => (quote!(__O), quote!(Open)),
    };
    let is_ours = quote! {
        #(#conditions)*
        const _: fn(
            #short<__M<#marker>, __L<__A>>
        ) -> ::passport_rocket::__private::#full<
            ::passport_rocket::__private::Mark<#marker>,
            ::passport_rocket::__private::Last<::passport_rocket::__private::Audit>
        > = |__guard| __guard;
    };

    // In first place, since Rocket asks request guards in the order of the arguments, and all of
    // them before it parses path, query or body: nothing is parsed for strangers. Its names are
    // short because Rocket spells the type out in the line of a refusal, and breaks a long one.
    let hidden = parse_quote!(__passport: #short<__M<#marker>, __L<__A>>);
    function.sig.inputs.insert(0, hidden);

    let mut tokens = marker_item;
    is_ours.to_tokens(&mut tokens);
    requirement.to_tokens(&mut tokens);
    function.to_tokens(&mut tokens);
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{check, parse};

    fn protect(arguments: TokenStream, item: TokenStream) -> String {
        let declared = check::protect(parse::protect(arguments, item)).unwrap();
        expand(&declared).to_string()
    }

    // Trap 13: the handler keeps return type, visibility and asyncness.
    #[test]
    fn adds_one_guard_in_first_place_and_rewrites_nothing() {
        let expanded = protect(
            quote!(),
            quote! {
                /// About me.
                #[deprecated]
                #[get("/")]
                pub(crate) async fn me<'r>(user: User<A>, db: &'r State<Db>) -> Result<&'r str, E>
                where 'r: 'r
                { body().await? }
            },
        );
        let handler = quote! {
            /// About me.
            #[deprecated]
            #[get("/")]
            pub(crate) async fn me<'r>(
                __passport: __P<__M<__passport_me>, __L<__A> >,
                user: User<A>, db: &'r State<Db>
            ) -> Result<&'r str, E>
            where 'r: 'r
            { body().await? }
        };
        assert!(expanded.ends_with(&handler.to_string()), "{expanded}");
    }

    #[test]
    fn a_public_handler_has_the_open_guard() {
        let item = quote!(
            #[get("/")]
            fn me() {}
        );
        let declared = check::public(parse::public(quote!("why"), item)).unwrap();
        let expanded = expand(&declared).to_string();
        assert!(expanded.contains(&quote!(__O<__M<__passport_me>).to_string()));
        assert!(!expanded.contains("__P "));
    }

    #[test]
    fn the_marker_of_a_raw_name_is_an_ordinary_name() {
        let expanded = protect(
            quote!(),
            quote!(
                #[get("/")]
                pub fn r#type() {}
            ),
        );
        assert!(expanded.contains("pub struct __passport_type ;"), "{expanded}");
    }

    #[test]
    fn what_is_added_exists_under_the_conditions_of_the_handler() {
        let expanded = protect(
            quote!(),
            quote!(
                #[cfg(feature = "a")]
                #[get("/")]
                #[cfg(unix)]
                fn me() {}
            ),
        );
        assert_eq!(expanded.matches("cfg (feature = \"a\")").count(), 5, "{expanded}");
        assert_eq!(expanded.matches("cfg (unix)").count(), 5, "{expanded}");
    }
}
