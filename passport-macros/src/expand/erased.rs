//! A type without the lifetimes of its function, so that it can be named outside of it.

use std::collections::HashSet;

use proc_macro2::{Ident, Span};
use syn::visit_mut::{self, VisitMut};
use syn::{
    BoundLifetimes, GenericParam, Lifetime, ParenthesizedGenericArguments, TraitBound, Type,
    TypeFnPtr, TypeReference,
};

/// `ty` with `'static` for every lifetime that the function chose, elided ones of references too.
pub(super) fn erased(ty: &Type) -> Type {
    let mut ty = ty.clone();
    Eraser::default().visit_type_mut(&mut ty);
    ty
}

#[derive(Default)]
struct Eraser {
    /// Lifetimes that a `for<…>` around us binds: they are no choice of the function.
    bound: HashSet<Ident>,
    /// Whether an elided lifetime is one of a function type: `fn(&str)`, `Fn(&str)`.
    in_function_type: bool,
}

impl Eraser {
    fn binding(&mut self, lifetimes: Option<&BoundLifetimes>, inside: impl FnOnce(&mut Self)) {
        let outer = self.bound.clone();
        for parameter in lifetimes.into_iter().flat_map(|bound| &bound.lifetimes) {
            if let GenericParam::Lifetime(parameter) = parameter {
                self.bound.insert(parameter.lifetime.ident.clone());
            }
        }
        inside(self);
        self.bound = outer;
    }

    fn in_function_type(&mut self, inside: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.in_function_type, true);
        inside(self);
        self.in_function_type = outer;
    }
}

impl VisitMut for Eraser {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        let elided = lifetime.ident == "_";
        if self.bound.contains(&lifetime.ident) || (elided && self.in_function_type) {
            return;
        }
        *lifetime = Lifetime::new("'static", lifetime.span());
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        if !self.in_function_type {
            let elided = || Lifetime::new("'static", Span::call_site());
            reference.lifetime.get_or_insert_with(elided);
        }
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_bound_lifetimes_mut(&mut self, _: &mut BoundLifetimes) {}

    fn visit_type_fn_ptr_mut(&mut self, pointer: &mut TypeFnPtr) {
        let lifetimes = pointer.lifetimes.clone();
        self.binding(lifetimes.as_ref(), |eraser| {
            eraser.in_function_type(|eraser| visit_mut::visit_type_fn_ptr_mut(eraser, pointer));
        });
    }

    fn visit_trait_bound_mut(&mut self, bound: &mut TraitBound) {
        let lifetimes = bound.lifetimes.clone();
        self.binding(lifetimes.as_ref(), |eraser| visit_mut::visit_trait_bound_mut(eraser, bound));
    }

    fn visit_parenthesized_generic_arguments_mut(
        &mut self,
        arguments: &mut ParenthesizedGenericArguments,
    ) {
        self.in_function_type(|eraser| {
            visit_mut::visit_parenthesized_generic_arguments_mut(eraser, arguments);
        });
    }
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn names_every_lifetime_static() {
        for (ty, expected) in [
            (parse_quote!(User<Account>), parse_quote!(User<Account>)),
            (parse_quote!(&State<Db>), parse_quote!(&'static State<Db>)),
            (parse_quote!(&'r CookieJar<'_>), parse_quote!(&'static CookieJar<'static>)),
            (parse_quote!(Form<Tide<'r>>), parse_quote!(Form<Tide<'static>>)),
            (parse_quote!(Option<&mut [&str]>), parse_quote!(Option<&'static mut [&'static str]>)),
            (parse_quote!(Box<dyn Read + 'r>), parse_quote!(Box<dyn Read + 'static>)),
        ] {
            assert_eq!(erased(&ty), expected);
        }
    }

    #[test]
    fn leaves_the_lifetimes_of_function_types() {
        for ty in [
            parse_quote!(fn(&str) -> &str),
            parse_quote!(for<'a> fn(&'a str)),
            parse_quote!(Box<dyn for<'a> Fn(&'a str, &u8, Cow<'_, str>)>),
        ] {
            assert_eq!(erased(&ty), ty);
        }
        assert_eq!(erased(&parse_quote!(fn(&'r str))), parse_quote!(fn(&'static str)));
    }
}
