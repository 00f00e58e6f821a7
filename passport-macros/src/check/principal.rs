//! `#[derive(Principal)]`: exactly one identifier, at most one source of roles and of scopes.

use proc_macro2::{Ident, Span};
use syn::{PathSegment, Type};

use super::user::types_of;
use super::{Person, Roles, Scopes, nearest};
use crate::mistakes::Mistakes;
use crate::parse::{Field, Record};

const WORDS: [&str; 5] = ["id", "role", "roles", "scope", "scopes"];

/// Containers of roles whose element can be read off the type.
const CONTAINERS: [&str; 4] = ["Vec", "HashSet", "BTreeSet", "Option"];

pub(crate) fn principal(parsed: syn::Result<Record>) -> syn::Result<Person> {
    let Record { name, generics, fields, misplaced, unreadable } = parsed?;
    let mut mistakes = Mistakes::default();
    let is_readable = unreadable.is_empty();
    unreadable.into_iter().for_each(|error| mistakes.push(error));
    for span in misplaced {
        mistakes.at(span, "`#[principal(…)]` belongs on a field of the struct");
    }

    let mut reading = Reading::default();
    for field in &fields {
        for mark in &field.marks {
            reading.read(field, &mark.word, mark.span, &mut mistakes);
        }
    }
    // An unreadable attribute may well have been meant as the identifier.
    if reading.id.is_none() && is_readable {
        let message = "say which field tells one user from another: `#[principal(id)]`";
        mistakes.on(&name, message);
    }
    let Reading { id, roles, scopes } = reading;
    let missing = syn::Error::new(name.span(), "no identifier");
    let id = mistakes.or(id)?.ok_or(missing)?;
    Ok(Person { name, generics, id, roles, scopes })
}

#[derive(Default)]
struct Reading {
    id: Option<(Ident, Type)>,
    roles: Option<Roles>,
    scopes: Option<Scopes>,
}

impl Reading {
    fn read(&mut self, field: &Field, word: &str, span: Span, mistakes: &mut Mistakes) {
        let (name, ty) = (field.name.clone(), field.ty.clone());
        let (taken, kind) = match word {
            "id" => (self.id.is_some(), "identifier"),
            "role" | "roles" => (self.roles.is_some(), "source of roles"),
            "scope" | "scopes" => (self.scopes.is_some(), "source of scopes"),
            unknown => {
                let remedy = nearest::remedy(unknown, &WORDS);
                mistakes.at(span, format!("unknown word `{unknown}`; {remedy}"));
                return;
            }
        };
        if taken {
            mistakes.at(span, format!("a second {kind}: keep one"));
            return;
        }
        match word {
            "id" => self.id = Some((name, ty)),
            "role" => self.roles = Some(Roles::One(name, ty)),
            "roles" => match element(&ty) {
                Some(element) => self.roles = Some(Roles::Many(name, element.clone())),
                None => mistakes.on(
                    &ty,
                    "the type of one role cannot be read off here: `roles` takes `Vec<R>`, \
                     `HashSet<R>`, `BTreeSet<R>`, `[R; N]` or `Option<R>`",
                ),
            },
            "scope" => self.scopes = Some(Scopes::Text(name)),
            _ => self.scopes = Some(Scopes::List(name)),
        }
    }
}

/// The `R` of a container of `R`.
fn element(ty: &Type) -> Option<&Type> {
    match ty {
        Type::Array(array) => Some(&array.elem),
        Type::Group(group) => element(&group.elem),
        Type::Paren(paren) => element(&paren.elem),
        Type::Path(path) => {
            let last: &PathSegment = path.path.segments.last()?;
            let known = CONTAINERS.iter().any(|container| last.ident == container);
            known.then(|| types_of(last).first().copied()).flatten()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;
    use syn::parse_quote;

    use super::*;
    use crate::parse;

    fn check(fields: TokenStream) -> Result<Person, Vec<String>> {
        principal(parse::principal(quote!(struct Account { #fields })))
            .map_err(|error| error.into_iter().map(|e| e.to_string()).collect())
    }

    fn mistake(fields: TokenStream) -> String {
        let told = check(fields).unwrap_err();
        assert_eq!(told.len(), 1, "{told:?}");
        told.concat()
    }

    #[test]
    fn reads_the_whole_person() {
        let person = check(quote! {
            #[principal(id)] id: i64, #[principal(roles)] roles: Vec<Kind>,
            #[principal(scope)] scope: String
        })
        .unwrap();
        assert_eq!(person.id.0, "id");
        assert!(matches!(person.roles, Some(Roles::Many(_, ty)) if ty == parse_quote!(Kind)));
        assert!(matches!(person.scopes, Some(Scopes::Text(_))));
    }

    #[test]
    fn needs_exactly_one_identifier() {
        assert!(mistake(quote!(id: i64)).contains("which field"));
        let twice = quote!(#[principal(id)] a: u8, #[principal(id)] b: u8);
        assert_eq!(mistake(twice), "a second identifier: keep one");
    }

    #[test]
    fn takes_one_source_of_roles_and_of_scopes() {
        let id = quote!(#[principal(id)] id: u8);
        let roles = quote!(#id, #[principal(role)] a: K, #[principal(roles)] b: Vec<K>);
        assert_eq!(mistake(roles), "a second source of roles: keep one");
        let scopes = quote!(#id, #[principal(scope)] a: S, #[principal(scopes)] b: Vec<S>);
        assert_eq!(mistake(scopes), "a second source of scopes: keep one");
    }

    #[test]
    fn refuses_unknown_words_with_the_nearest() {
        let told = mistake(quote!(#[principal(id)] id: u8, #[principal(rolle)] a: K));
        assert_eq!(told, "unknown word `rolle`; did you mean `role`?");
    }

    #[test]
    fn reads_the_role_off_every_container() {
        for ty in [
            parse_quote!(Vec<K>),
            parse_quote!(std::collections::HashSet<K, S>),
            parse_quote!(BTreeSet<K>),
            parse_quote!([K; 3]),
            parse_quote!(Option<K>),
        ] {
            assert_eq!(element(&ty), Some(&parse_quote!(K)), "{ty:?}");
        }
        assert!(
            mistake(quote!(#[principal(id)] id: u8, #[principal(roles)] a: Bag)).contains("Vec<R>")
        );
    }
}
