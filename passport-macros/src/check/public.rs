//! `#[public("why")]`.

use proc_macro2::{Span, TokenStream};
use syn::LitStr;

use super::{Declared, Rule, handler, user};
use crate::mistakes::{Mistakes, Rejected};
use crate::parse::{Arguments, Public};

const SAY_WHY: &str = "say why anybody may come: `#[public(\"the tide tables are free\")]`";
const NOTHING_BEGINS: &str = "a public handler signs nobody in, so nothing begins: \
                              say `#[protect(sign_in = \"…\")]`";

pub(crate) fn public(parsed: Result<Public, Rejected>) -> Result<Declared, Rejected> {
    let Public { reason, handler } = parsed?;
    let mut mistakes = Mistakes::default();
    let reason = reason_of(reason, &mut mistakes);
    handler::handler(&handler, &mut mistakes);
    user::public(&handler, &mut mistakes);

    match mistakes.or(reason) {
        Ok(reason) => Ok(Declared { handler, rule: Rule::Public(reason) }),
        Err(error) => Err(Rejected { untouched: handler.untouched(), error }),
    }
}

fn reason_of(tokens: TokenStream, mistakes: &mut Mistakes) -> LitStr {
    let nothing = LitStr::new("", Span::call_site());
    if tokens.is_empty() {
        mistakes.at(Span::call_site(), SAY_WHY);
        return nothing;
    }
    match syn::parse2::<LitStr>(tokens.clone()) {
        Ok(reason) => {
            if reason.value().trim().is_empty() {
                mistakes.on(&reason, SAY_WHY);
            }
            reason
        }
        Err(_) => {
            let arguments = Arguments::parse(tokens.clone()).list;
            match arguments.iter().find(|argument| argument.key == "sign_in") {
                Some(sign_in) => mistakes.on(&sign_in.key, NOTHING_BEGINS),
                None => mistakes.on(tokens, SAY_WHY),
            }
            nothing
        }
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;
    use crate::parse;

    fn check(reason: TokenStream, item: TokenStream) -> Result<Declared, Rejected> {
        public(parse::public(reason, item))
    }

    #[test]
    fn keeps_the_reason() {
        let declared = check(
            quote!("open"),
            quote!(
                #[get("/")]
                fn me() {}
            ),
        )
        .unwrap();
        assert!(matches!(declared.rule, Rule::Public(why) if why.value() == "open"));
    }

    #[test]
    fn refuses_to_go_without_a_reason() {
        for reason in [quote!(), quote!(""), quote!("  "), quote!(why), quote!("a", "b"), quote!(3)]
        {
            let rejected = check(
                reason,
                quote!(
                    #[get("/")]
                    fn me() {}
                ),
            )
            .unwrap_err();
            assert_eq!(rejected.error.to_string(), SAY_WHY);
        }
    }

    #[test]
    fn refuses_to_begin_anything() {
        for arguments in [quote!("open", sign_in = "session"), quote!(sign_in = "session")] {
            let item = quote!(
                #[get("/")]
                fn me() {}
            );
            let rejected = check(arguments, item).unwrap_err();
            assert_eq!(rejected.error.to_string(), NOTHING_BEGINS);
        }
    }

    #[test]
    fn refuses_a_user() {
        for ty in [quote!(User<A>), quote!(Option<User<A>>), quote!(Result<User<A>, E>)] {
            let item = quote!(#[get("/")] fn me(user: #ty) {});
            let error = check(quote!("open"), item).unwrap_err().error;
            assert!(error.to_string().contains("signs nobody in"), "{error}");
        }
    }
}
