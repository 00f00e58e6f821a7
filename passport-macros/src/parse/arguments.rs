//! What stands in the brackets of `#[protect(…)]`: keys, most of them with a value.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Expr, Lit, Token};

use crate::mistakes::Mistakes;

/// `key` or `key = value`.
#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) key: Ident,
    pub(crate) value: Option<Expr>,
}

/// All arguments that could be read, and the mistakes in the rest.
#[derive(Debug, Default)]
pub(crate) struct Arguments {
    pub(crate) list: Vec<Argument>,
    pub(crate) mistakes: Mistakes,
}

impl Arguments {
    /// Reads the arguments; one that cannot be read costs only itself.
    pub(crate) fn parse(tokens: TokenStream) -> Self {
        let mut arguments = Self::default();
        let whole = |input: ParseStream<'_>| {
            while !input.is_empty() {
                match Argument::parse(input) {
                    Ok(argument) => arguments.list.push(argument),
                    Err(mistake) => {
                        arguments.mistakes.push(mistake);
                        skip_to_comma(input)?;
                    }
                }
                input.parse::<Option<Token![,]>>()?;
            }
            Ok(())
        };
        if let Err(mistake) = whole.parse2(tokens) {
            arguments.mistakes.push(mistake);
        }
        arguments
    }
}

impl Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Lit) {
            let literal: Lit = input.parse()?;
            let message = "a value without its key: say `strategy = \"…\"`";
            return Err(syn::Error::new(literal.span(), message));
        }
        if !input.peek(Ident::peek_any) {
            return Err(input.error("a key belongs here: `strategy = \"…\"`"));
        }

        let key = Ident::parse_any(input)?;
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(equals) if input.is_empty() || input.peek(Token![,]) => {
                let message = format!("`{key}` lacks its value after the `=`");
                return Err(syn::Error::new(equals.span, message));
            }
            Some(_) => Some(bare(input.parse()?)),
            None => None,
        };
        if !input.is_empty() && !input.peek(Token![,]) {
            let message = match value {
                Some(_) => "a comma belongs between two arguments".to_owned(),
                None => format!("an `=` belongs here: `{key} = …`"),
            };
            return Err(input.error(message));
        }
        Ok(Self { key, value })
    }
}

/// The expression inside parentheses and inside the invisible groups that `macro_rules!` leaves.
pub(super) fn bare(expression: Expr) -> Expr {
    match expression {
        Expr::Group(group) => bare(*group.expr),
        Expr::Paren(paren) => bare(*paren.expr),
        other => other,
    }
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn keys(arguments: &Arguments) -> Vec<String> {
        arguments.list.iter().map(|argument| argument.key.to_string()).collect()
    }

    fn mistakes(arguments: Arguments) -> Vec<String> {
        match arguments.mistakes.or(()) {
            Ok(()) => Vec::new(),
            Err(error) => error.into_iter().map(|mistake| mistake.to_string()).collect(),
        }
    }

    #[test]
    fn reads_keys_with_and_without_values() {
        let arguments = Arguments::parse(quote!(strategy = ["jwt"], optional, role = Kind::Port,));
        assert_eq!(keys(&arguments), ["strategy", "optional", "role"]);
        assert!(arguments.list[1].value.is_none());
        assert!(mistakes(arguments).is_empty());
    }

    #[test]
    fn reads_nothing_from_nothing() {
        let arguments = Arguments::parse(TokenStream::new());
        assert!(keys(&arguments).is_empty());
        assert!(mistakes(arguments).is_empty());
    }

    #[test]
    fn an_unreadable_argument_costs_only_itself() {
        let arguments =
            Arguments::parse(quote!("jwt", strategy = , role Kind::Port, issue = "jwt", = 3));
        assert_eq!(keys(&arguments), ["issue"]);
        assert_eq!(
            mistakes(arguments),
            [
                "a value without its key: say `strategy = \"…\"`",
                "`strategy` lacks its value after the `=`",
                "an `=` belongs here: `role = …`",
                "a key belongs here: `strategy = \"…\"`",
            ]
        );
    }

    #[test]
    fn misses_the_comma_between_two_arguments() {
        let arguments = Arguments::parse(quote!(strategy = "jwt" issue = "jwt", optional));
        assert_eq!(keys(&arguments), ["optional"]);
        assert_eq!(mistakes(arguments), ["a comma belongs between two arguments"]);
    }

    #[test]
    fn sees_through_parentheses() {
        let arguments = Arguments::parse(quote!(strategy = ("jwt")));
        assert!(matches!(arguments.list[0].value, Some(Expr::Lit(_))));
    }
}
