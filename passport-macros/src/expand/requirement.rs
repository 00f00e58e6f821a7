//! `impl Requirement`: what the runtime is told of a handler, as constants where that is possible.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::ext::IdentExt as _;

use super::{authorize, conditions, erased, parameter};
use crate::check::{Asked, Declared, Item, Need, Requirement, Rule, Unauthenticated};
use crate::parse::Handler;

pub(super) fn expand(declared: &Declared, marker: &Ident) -> TokenStream {
    let Declared { handler, rule } = declared;
    let conditions = conditions(&handler.function.attrs);
    let name = &handler.function.sig.ident;
    let declaration = declaration(handler, rule);
    let completes_body = completes_body(handler);
    let parameters =
        handler.parameters.iter().map(|p| parameter(&p.name.unraw().to_string(), p.is_data, &p.ty));
    let authorize = match rule {
        Rule::Protected(requirement) => authorize::expand(requirement, handler),
        Rule::Public(_) => authorize::expand(&Requirement::default(), handler),
    };
    let login_page = login_page(rule);

    quote! {
        #(#conditions)*
        #[allow(deprecated)]
        impl ::passport_rocket::__private::Requirement for #marker {
            const DECLARATION: ::passport_rocket::__private::Declaration = #declaration;
            const COMPLETES_BODY: bool = #completes_body;

            fn route() -> ::passport_rocket::__private::rocket::Route {
                (#name {}).into_route()
            }

            fn type_name() -> &'static str {
                ::core::any::type_name::<#name>()
            }

            fn parameters() -> ::std::vec::Vec<::passport_rocket::__private::Parameter> {
                ::std::vec![#(#parameters),*]
            }

            #authorize
            #login_page
        }
    }
}

fn declaration(handler: &Handler, rule: &Rule) -> TokenStream {
    // As Rocket names the route, raw names included: the launch check compares the two.
    let name = handler.function.sig.ident.to_string();
    let line = handler.line();
    match rule {
        Rule::Public(reason) => quote! {
            ::passport_rocket::__private::Declaration::public(
                #name, ::core::file!(), #line, #reason
            )
        },
        Rule::Protected(requirement) => {
            let wishes = wishes(requirement);
            quote! {
                ::passport_rocket::__private::Declaration::protected(
                    #name, ::core::file!(), #line
                )
                #wishes
            }
        }
    }
}

/// The calls that add to a declaration what was asked, and only that.
fn wishes(requirement: &Requirement) -> TokenStream {
    let Requirement { strategies, roles, scopes, optional, unauthenticated, issue, sign_in } =
        requirement;
    let mut wishes = TokenStream::new();
    let mut add = |wish: TokenStream| wish.to_tokens(&mut wishes);
    if !strategies.is_empty() {
        add(quote!(.strategies(&[#(#strategies),*])));
    }
    if let Some(Asked { need, items, .. }) = roles {
        let texts = items.iter().map(Item::text);
        add(quote!(.roles(#need, &[#(#texts),*])));
    }
    if let Some(Asked { need, items, .. }) = scopes {
        add(quote!(.scopes(#need, &[#(#items),*])));
    }
    if let Some(answer) = unauthenticated {
        add(quote!(.unauthenticated(#answer)));
    }
    if *optional {
        add(quote!(.optional()));
    }
    if let Some(strategy) = issue {
        add(quote!(.issue(#strategy)));
    }
    if let Some(strategy) = sign_in {
        add(quote!(.sign_in(#strategy)));
    }
    wishes
}

/// Whether the type of the data argument finishes a sign-in whose credential is the body.
fn completes_body(handler: &Handler) -> TokenStream {
    match handler.data() {
        Some(data) => {
            let ty = erased(&data.ty);
            quote!(::passport_rocket::__private::completes_body!(#ty))
        }
        None => quote!(false),
    }
}

fn login_page(rule: &Rule) -> TokenStream {
    let Rule::Protected(Requirement {
        unauthenticated: Some(Unauthenticated::Redirect(page)), ..
    }) = rule
    else {
        return TokenStream::new();
    };
    quote! {
        fn login_page() -> ::core::option::Option<::std::string::String> {
            ::core::option::Option::Some(::std::string::ToString::to_string(&(#page)))
        }
    }
}

impl ToTokens for Need {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let need = match self {
            Self::One => quote!(One),
            Self::Any => quote!(Any),
            Self::All => quote!(All),
        };
        tokens.extend(quote!(::passport_rocket::__private::Need::#need));
    }
}

impl ToTokens for Unauthenticated {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let answer = match self {
            Self::Forward => quote!(Forward),
            Self::Redirect(_) => quote!(Redirect),
        };
        tokens.extend(quote!(::passport_rocket::__private::Unauthenticated::#answer));
    }
}

#[cfg(test)]
mod tests {
    use quote::format_ident;

    use super::super::tests::assert_holds;
    use super::*;
    use crate::{check, parse};

    fn protect(arguments: TokenStream, item: TokenStream) -> String {
        let declared = check::protect(parse::protect(arguments, item)).unwrap();
        expand(&declared, &format_ident!("__passport_marker")).to_string()
    }

    #[test]
    fn declares_everything_that_was_asked() {
        let expanded = protect(
            quote! {
                strategy = ["jwt", "session"], any_role = [Kind::Port, "admin"],
                scope = "tides:write", unauthenticated = redirect(uri!(login)), optional,
                issue = "jwt", sign_in = "session"
            },
            quote!(
                #[get("/")]
                fn me() {}
            ),
        );
        assert_holds(
            &expanded,
            &quote! {
                const DECLARATION: ::passport_rocket::__private::Declaration =
                    ::passport_rocket::__private::Declaration::protected(
                        "me", ::core::file!(), 0u32
                    )
                    .strategies(&["jwt", "session"])
                    .roles(::passport_rocket::__private::Need::Any, &["Kind::Port", "admin"])
                    .scopes(::passport_rocket::__private::Need::One, &["tides:write"])
                    .unauthenticated(::passport_rocket::__private::Unauthenticated::Redirect)
                    .optional()
                    .issue("jwt")
                    .sign_in("session");
            },
        );
        assert_holds(
            &expanded,
            &quote! {
                ::core::option::Option::Some(::std::string::ToString::to_string(&(uri!(login))))
            },
        );
    }

    #[test]
    fn declares_nothing_that_was_not_asked() {
        let expanded = protect(
            quote!(),
            quote!(
                #[get("/")]
                fn me() {}
            ),
        );
        assert_holds(
            &expanded,
            &quote! {
                ::passport_rocket::__private::Declaration::protected(
                    "me", ::core::file!(), 0u32
                );

                const COMPLETES_BODY: bool = false;
            },
        );
        assert!(!expanded.contains("login_page"));
    }

    #[test]
    fn declares_the_reason_of_a_public_handler() {
        let item = quote!(
            #[get("/")]
            fn r#type() {}
        );
        let declared = check::public(parse::public(quote!("why"), item)).unwrap();
        let expanded = expand(&declared, &format_ident!("__passport_type")).to_string();
        assert_holds(
            &expanded,
            &quote! {
                ::passport_rocket::__private::Declaration::public(
                    "r#type", ::core::file!(), 0u32, "why"
                );
            },
        );
    }

    #[test]
    fn tells_the_data_argument_from_the_others() {
        let expanded = protect(
            quote!(),
            quote! {
                #[post("/<id>", data = "<type>")]
                fn me(id: u8, r#type: Form<Tide<'_>>, db: &State<Db>) {}
            },
        );
        assert_holds(
            &expanded,
            &quote! {
                const COMPLETES_BODY: bool =
                    ::passport_rocket::__private::completes_body!(Form<Tide<'static>>);
            },
        );
        assert_holds(
            &expanded,
            &quote! {
                ::std::vec![
                    ::passport_rocket::__private::parameter!("id", Request, u8),
                    ::passport_rocket::__private::parameter!("type", Data, Form<Tide<'static>>),
                    ::passport_rocket::__private::parameter!("db", Request, &'static State<Db>)
                ]
            },
        );
    }
}
