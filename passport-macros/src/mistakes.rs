//! Every mistake of one invocation, told together: nobody should compile five times to see five.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Option<syn::Error>);

/// What is emitted when there were mistakes: the errors, and the item as the author wrote it, less
/// our own attributes, so that nothing that names the item adds errors of its own.
#[derive(Debug)]
pub(crate) struct Rejected {
    pub(crate) untouched: TokenStream,
    pub(crate) error: syn::Error,
}

impl Mistakes {
    /// Notes a mistake at `span`.
    pub(crate) fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Notes a mistake that underlines all of `tokens`.
    pub(crate) fn on(&mut self, tokens: impl ToTokens, message: impl std::fmt::Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Notes mistakes that somebody else worded.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.0 {
            Some(earlier) => earlier.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// `value`, if there was no mistake.
    pub(crate) fn or<T>(self, value: T) -> Result<T, syn::Error> {
        self.0.map_or(Ok(value), Err)
    }
}

impl ToTokens for Rejected {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.error.to_compile_error().to_tokens(tokens);
        self.untouched.to_tokens(tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_mistake_in_order() {
        let mut mistakes = Mistakes::default();
        mistakes.at(Span::call_site(), "first");
        mistakes.on(quote::quote!(here), "second");
        let told: Vec<_> =
            mistakes.or(()).unwrap_err().into_iter().map(|mistake| mistake.to_string()).collect();
        assert_eq!(told, ["first", "second"]);
    }

    #[test]
    fn hands_the_value_on_without_mistakes() {
        assert_eq!(Mistakes::default().or(7).unwrap(), 7);
    }
}
