//! The function below an attribute, or one clear error.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, ItemFn, Visibility};

use crate::mistakes::Rejected;

/// A function with everything that stands on it.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) item: ItemFn,
}

impl Function {
    /// Reads a function; `otherwise` is what is said of anything else, at its keyword.
    pub(crate) fn parse(item: TokenStream, otherwise: &str) -> Result<Self, Rejected> {
        if let Ok(item) = syn::parse2(item.clone()) {
            return Ok(Self { item });
        }
        Err(Rejected { error: syn::Error::new(keyword(item.clone()), otherwise), untouched: item })
    }
}

/// The first token after attributes and visibility: `struct`, `impl`, `fn`.
fn keyword(item: TokenStream) -> Span {
    let first = |input: ParseStream<'_>| {
        input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        let keyword: TokenTree = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(keyword.span())
    };
    first.parse2(item).unwrap_or_else(|_| Span::call_site())
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn reads_a_function_with_its_attributes() {
        let function = Function::parse(
            quote!(
                #[get("/")]
                pub async fn me() {}
            ),
            "no",
        )
        .unwrap();
        assert_eq!(function.item.attrs.len(), 1);
    }

    #[test]
    fn hands_back_what_is_no_function() {
        let rejected = Function::parse(
            quote!(
                pub struct Me;
            ),
            "no function",
        )
        .unwrap_err();
        assert_eq!(rejected.error.to_string(), "no function");
        assert_eq!(rejected.untouched.to_string(), "pub struct Me ;");
    }

    #[test]
    fn refuses_a_function_without_a_body() {
        assert!(
            Function::parse(
                quote!(
                    fn me();
                ),
                "no"
            )
            .is_err()
        );
    }
}
