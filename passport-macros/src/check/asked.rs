//! Roles and scopes: one, any of several, all of several.

use quote::ToTokens as _;
use syn::spanned::Spanned as _;
use syn::{Expr, ExprLit, Lit};

use super::{Asked, Item, Need};
use crate::mistakes::Mistakes;

/// The words of one family of keys.
pub(super) struct Family {
    /// `role`: the key that takes one.
    pub(super) one: &'static str,
    pub(super) any: &'static str,
    pub(super) all: &'static str,
    /// The plural, which says neither any nor all.
    pub(super) plural: &'static str,
    /// What an element may be.
    pub(super) example: &'static str,
}

pub(super) const ROLES: Family = Family {
    one: "role",
    any: "any_role",
    all: "all_roles",
    plural: "roles",
    example: "a path, `Kind::Port`, or a string, `\"port\"`",
};

pub(super) const SCOPES: Family = Family {
    one: "scope",
    any: "any_scope",
    all: "all_scopes",
    plural: "scopes",
    example: "a string, `\"tides:write\"`, or the path of a constant",
};

impl Family {
    /// How many a key asks for, if it is one of this family.
    pub(super) fn need(&self, key: &str) -> Option<Need> {
        match key {
            _ if key == self.one => Some(Need::One),
            _ if key == self.any => Some(Need::Any),
            _ if key == self.all => Some(Need::All),
            _ => None,
        }
    }

    /// Reads the value of the key that `need` stands for.
    pub(super) fn read(&self, need: Need, value: &Expr, mistakes: &mut Mistakes) -> Option<Asked> {
        let items = match need {
            Need::One => vec![self.single(value, mistakes)?],
            Need::Any => self.several(self.any, value, mistakes)?,
            Need::All => self.several(self.all, value, mistakes)?,
        };
        Some(Asked { need, span: value.span(), items })
    }

    fn single(&self, value: &Expr, mistakes: &mut Mistakes) -> Option<Item> {
        if let Expr::Array(_) = value {
            let Self { one, any, all, .. } = self;
            let message = format!("`{one}` asks for one: say `{any} = […]` or `{all} = […]`");
            mistakes.on(value, message);
            return None;
        }
        self.item(value, mistakes)
    }

    fn several(&self, key: &str, value: &Expr, mistakes: &mut Mistakes) -> Option<Vec<Item>> {
        let Expr::Array(list) = value else {
            mistakes.on(value, self.lacks_brackets(key, value));
            return None;
        };
        if list.elems.is_empty() {
            mistakes.on(value, format!("an empty list asks for nothing: drop `{key}`"));
            return None;
        }

        let mut items: Vec<Item> = Vec::new();
        for element in &list.elems {
            let Some(item) = self.item(element, mistakes) else { continue };
            let source = item.source();
            if items.iter().any(|earlier| earlier.source() == source) {
                mistakes.on(&item, format!("`{source}` stands twice in the list: drop one"));
            }
            items.push(item);
        }
        Some(items)
    }

    fn lacks_brackets(&self, key: &str, value: &Expr) -> String {
        let Self { one, example, .. } = self;
        match self.item(value, &mut Mistakes::default()) {
            Some(item) => {
                let item = item.source();
                format!("`{key}` takes a list: say `{one} = {item}` or `{key} = [{item}]`")
            }
            None => format!("`{key}` takes a list of {one}s, each {example}"),
        }
    }

    fn item(&self, value: &Expr, mistakes: &mut Mistakes) -> Option<Item> {
        match value {
            Expr::Group(group) => return self.item(&group.expr, mistakes),
            Expr::Paren(paren) => return self.item(&paren.expr, mistakes),
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) if text.value().trim().is_empty() => {
                mistakes.on(text, format!("an empty text names no {}", self.one));
            }
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
                return Some(Item::Text(text.clone()));
            }
            Expr::Path(path) if path.qself.is_none() => return Some(Item::Path(path.path.clone())),
            _ => mistakes.on(value, format!("a {} is {}", self.one, self.example)),
        }
        None
    }
}

impl Item {
    /// The item as an author writes it, for messages.
    fn source(&self) -> String {
        match self {
            Self::Text(text) => text.to_token_stream().to_string(),
            Self::Path(_) => self.text(),
        }
    }

    /// The name of the item: the text itself, or the path without spaces.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.value(),
            Self::Path(path) => path.to_token_stream().to_string().replace(' ', ""),
        }
    }
}

impl quote::ToTokens for Item {
    fn to_tokens(&self, tokens: &mut proc_macro2::TokenStream) {
        match self {
            Self::Text(text) => text.to_tokens(tokens),
            Self::Path(path) => path.to_tokens(tokens),
        }
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    fn read(need: Need, value: Expr) -> Result<Vec<String>, String> {
        let mut mistakes = Mistakes::default();
        let asked = ROLES.read(need, &value, &mut mistakes);
        let texts = asked.map(|asked| asked.items.iter().map(Item::text).collect());
        match mistakes.or(texts) {
            Ok(texts) => Ok(texts.unwrap()),
            Err(error) => {
                Err(error.into_iter().map(|e| e.to_string()).collect::<Vec<_>>().join(" | "))
            }
        }
    }

    #[test]
    fn reads_paths_and_strings_side_by_side() {
        assert_eq!(read(Need::One, parse_quote!(Kind::Port)).unwrap(), ["Kind::Port"]);
        assert_eq!(read(Need::One, parse_quote!("port")).unwrap(), ["port"]);
        assert_eq!(
            read(Need::All, parse_quote!([crate::Kind::Port, "admin"])).unwrap(),
            ["crate::Kind::Port", "admin"]
        );
    }

    #[test]
    fn refuses_what_asks_for_nothing() {
        assert!(read(Need::Any, parse_quote!([])).unwrap_err().contains("drop `any_role`"));
        assert!(read(Need::All, parse_quote!([])).unwrap_err().contains("drop `all_roles`"));
        assert!(read(Need::One, parse_quote!("")).unwrap_err().contains("names no role"));
        assert!(read(Need::Any, parse_quote!(["a", " "])).unwrap_err().contains("names no role"));
    }

    #[test]
    fn tells_one_from_several() {
        assert!(read(Need::One, parse_quote!([A])).unwrap_err().contains("`any_role = […]`"));
        assert_eq!(
            read(Need::Any, parse_quote!(Kind::Port)).unwrap_err(),
            "`any_role` takes a list: say `role = Kind::Port` or `any_role = [Kind::Port]`"
        );
        assert!(read(Need::All, parse_quote!(3)).unwrap_err().contains("a list of roles"));
    }

    #[test]
    fn refuses_every_element_that_names_nothing() {
        let told = read(Need::Any, parse_quote!([3, Kind::Port(1), A, !B])).unwrap_err();
        assert_eq!(told.matches("a role is a path").count(), 3, "{told}");
    }

    #[test]
    fn refuses_a_list_that_repeats_itself() {
        let told = read(Need::Any, parse_quote!([A, "b", A, "b"])).unwrap_err();
        assert_eq!(
            told,
            "`A` stands twice in the list: drop one | `\"b\"` stands twice in the list: drop one"
        );
    }
}
