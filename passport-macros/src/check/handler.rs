//! What both declarations ask of the handler below them.

use proc_macro2::Span;

use crate::mistakes::Mistakes;
use crate::parse::{Declaration, Handler};

/// Notes what no declaration can stand on.
pub(super) fn handler(handler: &Handler, mistakes: &mut Mistakes) {
    let ours = handler.declaration.attribute();
    let name = &handler.function.sig.ident;

    // The order of attributes is all there is to see: once Rocket's own attribute has run, the
    // function looks as if it never had one.
    let receiver = handler.function.sig.receiver();
    if !handler.has_route && receiver.is_none() {
        mistakes.at(
            Span::call_site(),
            format!(
                "no route attribute below `{ours}`: if `#[get(…)]` stands above it, move `{ours}` \
                 to the top; if `{name}` has none, it is no handler and needs no declaration"
            ),
        );
    }

    for (further, span) in &handler.further {
        let message = match (handler.declaration, further) {
            (Declaration::Protect, Declaration::Protect) => {
                "`#[protect]` is given twice: one attribute holds everything, \
                 `#[protect(strategy = \"…\", role = …)]`"
            }
            (Declaration::Public, Declaration::Public) => {
                "`#[public]` is given twice: one reason suffices"
            }
            (Declaration::Protect, Declaration::Public)
            | (Declaration::Public, Declaration::Protect) => {
                "a handler is either protected or public: drop one of the two attributes"
            }
        };
        mistakes.at(*span, message);
    }

    if let Some(receiver) = receiver {
        mistakes.on(
            receiver,
            "a handler has no `self`, Rocket calls it by its name: \
             move it out of the `impl`, and take what it needs as `&State<…>`",
        );
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use crate::check;
    use crate::parse;

    fn mistakes(item: TokenStream) -> Vec<String> {
        let parsed = parse::protect(TokenStream::new(), item);
        let error = check::protect(parsed).unwrap_err().error;
        error.into_iter().map(|mistake| mistake.to_string()).collect()
    }

    #[test]
    fn names_both_causes_of_a_missing_route() {
        let told = mistakes(quote!(
            fn me() {}
        ));
        assert_eq!(told.len(), 1);
        assert!(told[0].contains("stands above it"), "{told:?}");
        assert!(told[0].contains("`me` has none"), "{told:?}");
    }

    #[test]
    fn refuses_two_declarations() {
        assert!(
            mistakes(quote!(
                #[protect]
                #[get("/")]
                fn me() {}
            ))[0]
                .contains("twice")
        );
        assert!(
            mistakes(quote!(
                #[get("/")]
                #[public("x")]
                fn me() {}
            ))[0]
                .contains("either")
        );
    }

    #[test]
    fn refuses_a_receiver() {
        assert!(
            mistakes(quote!(
                #[get("/")]
                fn me(&self) {}
            ))[0]
                .contains("no `self`")
        );
    }

    #[test]
    fn emits_the_handler_less_our_attributes() {
        let item = quote!(
            #[protect]
            #[get("/")]
            fn me() {
                1
            }
        );
        let rejected = check::protect(parse::protect(TokenStream::new(), item)).unwrap_err();
        assert_eq!(
            rejected.untouched.to_string(),
            quote!(
                #[get("/")]
                fn me() {
                    1
                }
            )
            .to_string()
        );
    }
}
