//! The struct below `#[derive(Principal)]`.

use proc_macro2::{Ident, Span, TokenStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Attribute, Data, DeriveInput, Fields, Generics, Meta, Token, Type};

/// A struct with named fields.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) fields: Vec<Field>,
    /// What `#[principal(…)]` says on the struct itself, where it says nothing.
    pub(crate) misplaced: Vec<Span>,
    /// `#[principal(…)]` that could not be read.
    pub(crate) unreadable: Vec<syn::Error>,
}

/// One field and what is said of it.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    pub(crate) marks: Vec<Mark>,
}

/// One word in `#[principal(…)]`.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) word: String,
    pub(crate) span: Span,
}

impl Record {
    pub(super) fn parse(item: TokenStream) -> syn::Result<Self> {
        let input: DeriveInput = syn::parse2(item)?;
        let needed =
            "`Principal` is for a struct with named fields, one of them its `#[principal(id)]`";
        let keyword = match &input.data {
            Data::Struct(data) => {
                if let Fields::Named(fields) = &data.fields {
                    return Ok(Self::of(&input, fields.named.iter()));
                }
                data.struct_token.span
            }
            Data::Enum(data) => data.enum_token.span,
            Data::Union(data) => data.union_token.span,
        };
        Err(syn::Error::new(keyword, needed))
    }

    fn of<'a>(input: &DeriveInput, fields: impl Iterator<Item = &'a syn::Field>) -> Self {
        let mut unreadable = Vec::new();
        let fields = fields
            .filter_map(|field| {
                let mut marks = Vec::new();
                for attribute in principal(&field.attrs) {
                    match marks_of(attribute) {
                        Ok(found) => marks.extend(found),
                        Err(error) => unreadable.push(error),
                    }
                }
                Some(Field { name: field.ident.clone()?, ty: field.ty.clone(), marks })
            })
            .collect();
        let misplaced = principal(&input.attrs).map(|attribute| attribute.path().span()).collect();
        Self {
            name: input.ident.clone(),
            generics: input.generics.clone(),
            fields,
            misplaced,
            unreadable,
        }
    }
}

fn principal(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("principal"))
}

fn marks_of(attribute: &Attribute) -> syn::Result<Vec<Mark>> {
    let lacking = "say what the field is: `#[principal(id)]`";
    let Meta::List(list) = &attribute.meta else {
        return Err(syn::Error::new(attribute.meta.span(), lacking));
    };
    let words = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)?;
    if words.is_empty() {
        return Err(syn::Error::new(attribute.meta.span(), lacking));
    }
    words.iter().map(mark_of).collect()
}

fn mark_of(meta: &Meta) -> syn::Result<Mark> {
    let word = meta.path().require_ident()?;
    match meta {
        Meta::Path(_) => Ok(Mark { word: word.to_string(), span: word.span() }),
        Meta::List(_) | Meta::NameValue(_) => Err(syn::Error::new_spanned(
            meta,
            format!("`{word}` takes no value: `#[principal({word})]`"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    #[test]
    fn reads_the_words_of_every_field() {
        let record = Record::parse(quote! {
            struct Account<'a, T> {
                #[principal(id, role)] id: T,
                #[principal(role)] #[principal(scopes)] kind: &'a str,
                #[serde(skip)] name: String,
            }
        })
        .unwrap();
        let words: Vec<Vec<_>> = record
            .fields
            .iter()
            .map(|field| field.marks.iter().map(|mark| mark.word.as_str()).collect())
            .collect();
        assert_eq!(words, [vec!["id", "role"], vec!["role", "scopes"], vec![]]);
        assert!(record.unreadable.is_empty());
    }

    #[test]
    fn refuses_what_has_no_named_fields() {
        for item in [
            quote!(
                struct A(u8);
            ),
            quote!(
                struct A;
            ),
            quote!(
                enum A {
                    B,
                }
            ),
            quote!(union A { b: u8 }),
        ] {
            assert!(Record::parse(item).unwrap_err().to_string().contains("named fields"));
        }
    }

    #[test]
    fn notes_every_attribute_that_cannot_be_read() {
        let record = Record::parse(quote! {
            #[principal(id)]
            struct Account {
                #[principal] a: u8,
                #[principal()] b: u8,
                #[principal(id = 3)] c: u8,
                #[principal(id(3))] d: u8,
            }
        })
        .unwrap();
        assert_eq!(record.unreadable.len(), 4);
        assert_eq!(record.misplaced.len(), 1);
    }
}
