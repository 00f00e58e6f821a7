//! A Rocket handler: a function, its route attribute, its parameters.

use proc_macro2::{Ident, Span, TokenStream};
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::parse::{ParseStream, Parser as _};
use syn::{Attribute, Expr, ExprLit, FnArg, ItemFn, Lit, Meta, Pat, Path, Token, Type};

use super::Function;
use super::arguments::bare;
use crate::mistakes::Rejected;

/// Rocket's route attributes, under whatever path they are reached.
const ROUTES: [&str; 8] = ["get", "put", "post", "delete", "head", "patch", "options", "route"];

/// The two ways to declare a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Declaration {
    Protect,
    Public,
}

/// A handler as it stands below `#[protect]` or `#[public]`.
#[derive(Debug)]
pub(crate) struct Handler {
    pub(crate) declaration: Declaration,
    /// The function with all of its attributes but ours.
    pub(crate) function: ItemFn,
    /// Whether a route attribute is still to come.
    pub(crate) has_route: bool,
    /// Further declarations on the same function, each with the place of its name.
    pub(crate) further: Vec<(Declaration, Span)>,
    /// The parameters that have a name; Rocket itself refuses any other.
    pub(crate) parameters: Vec<Parameter>,
}

/// One parameter of a handler.
#[derive(Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Ident,
    pub(crate) ty: Type,
    /// Whether the body of the request is read into it: it is named in `data = "<…>"`.
    pub(crate) is_data: bool,
}

impl Declaration {
    /// The attribute as an author writes it.
    pub(crate) fn attribute(self) -> &'static str {
        match self {
            Self::Protect => "#[protect]",
            Self::Public => "#[public]",
        }
    }

    fn of(path: &Path) -> Option<(Self, Span)> {
        let name = &path.segments.last()?.ident;
        let declaration = match name.to_string().as_str() {
            "protect" => Self::Protect,
            "public" => Self::Public,
            _ => return None,
        };
        Some((declaration, name.span()))
    }
}

impl Handler {
    pub(super) fn parse(item: TokenStream, declaration: Declaration) -> Result<Self, Rejected> {
        let otherwise = match declaration {
            Declaration::Protect => {
                "`#[protect]` belongs on a handler: a function with a route attribute, `#[get(…)]`"
            }
            Declaration::Public => {
                "`#[public]` belongs on a handler: a function with a route attribute, `#[get(…)]`"
            }
        };
        let mut function = Function::parse(item, otherwise)?.item;

        let further = function.attrs.iter().filter_map(|a| Declaration::of(a.path())).collect();
        function.attrs.retain(|attribute| Declaration::of(attribute.path()).is_none());

        let routes: Vec<_> = function.attrs.iter().filter(|a| is_route(a)).collect();
        let data: Vec<_> = routes.iter().filter_map(|route| data_of(route)).collect();
        let has_route = !routes.is_empty();
        let parameters =
            function.sig.inputs.iter().filter_map(|input| Parameter::parse(input, &data)).collect();
        Ok(Self { declaration, function, has_route, further, parameters })
    }

    /// The parameter that the body is read into.
    pub(crate) fn data(&self) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.is_data)
    }

    /// The handler as it was written, less our own attributes. A method goes without Rocket's too,
    /// which cannot work inside an `impl` and would say so at length.
    pub(crate) fn untouched(&self) -> TokenStream {
        let mut function = self.function.clone();
        if function.sig.receiver().is_some() {
            function.attrs.retain(|attribute| !is_route(attribute));
        }
        function.to_token_stream()
    }

    /// The line of the handler's name; 0 where no compiler is there to ask.
    pub(crate) fn line(&self) -> u32 {
        if !proc_macro::is_available() {
            return 0;
        }
        u32::try_from(self.function.sig.ident.span().unwrap().line()).unwrap_or(0)
    }
}

impl Parameter {
    fn parse(input: &FnArg, data: &[String]) -> Option<Self> {
        let FnArg::Typed(typed) = input else {
            return None;
        };
        let Pat::Ident(pattern) = &*typed.pat else {
            return None;
        };
        let name = pattern.ident.clone();
        let is_data = data.contains(&name.unraw().to_string());
        Some(Self { name, ty: (*typed.ty).clone(), is_data })
    }
}

fn is_route(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last();
    last.is_some_and(|segment| ROUTES.iter().any(|route| segment.ident == route))
}

/// The name in `data = "<name>"`. What Rocket would refuse is skipped: Rocket words it better.
fn data_of(route: &Attribute) -> Option<String> {
    let Meta::List(list) = &route.meta else {
        return None;
    };
    let mut found = None;
    let arguments = |input: ParseStream<'_>| {
        while !input.is_empty() {
            if input.peek(syn::Ident) && input.peek2(Token![=]) {
                let key: Ident = input.parse()?;
                input.parse::<Token![=]>()?;
                let value = bare(input.parse()?);
                if key == "data" {
                    found = text(&value);
                }
            } else {
                input.parse::<Expr>()?;
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(())
    };
    arguments.parse2(list.tokens.clone()).ok()?;
    let name = found?.strip_prefix('<')?.strip_suffix('>')?.to_owned();
    Some(name.strip_suffix("..").map_or(name.clone(), str::to_owned))
}

fn text(expression: &Expr) -> Option<String> {
    match expression {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn handler(item: TokenStream) -> Handler {
        Handler::parse(item, Declaration::Protect).unwrap()
    }

    #[test]
    fn knows_every_route_attribute_under_any_path() {
        for route in [
            quote!(get("/")),
            quote!(put("/")),
            quote!(post("/")),
            quote!(delete("/")),
            quote!(head("/")),
            quote!(patch("/")),
            quote!(options("/")),
            quote!(rocket::get("/")),
            quote!(::rocket::get("/")),
            quote!(rocket::route(GET, uri = "/")),
            quote!(route(GET, uri = "/")),
        ] {
            assert!(handler(quote!(#[#route] fn me() {})).has_route, "{route}");
        }
    }

    #[test]
    fn no_other_attribute_is_a_route() {
        assert!(
            !handler(quote!(
                #[catch(404)]
                fn me() {}
            ))
            .has_route
        );
        assert!(
            !handler(quote!(
                /** get */
                #[allow(unused)]
                fn me() {}
            ))
            .has_route
        );
    }

    #[test]
    fn finds_the_data_parameter_of_every_form() {
        for route in [
            quote!(post("/x/<id>", data = "<tide>")),
            quote!(post("/x/<id>", rank = -2, format = "json", data = "<tide>",)),
            quote!(rocket::route(POST, uri = "/x/<id>", data = "<tide>")),
            quote!(route("MKCOL", uri = "/x/<id>", data = "<tide>")),
        ] {
            let handler = handler(quote!(#[#route] fn me(id: u8, mut tide: Json<Tide>) {}));
            assert_eq!(handler.data().unwrap().name, "tide", "{route}");
            assert!(!handler.parameters[0].is_data);
        }
    }

    #[test]
    fn finds_a_data_parameter_with_a_raw_name() {
        let handler = handler(quote!(
            #[post("/", data = "<type>")]
            fn me(r#type: String) {}
        ));
        assert!(handler.data().is_some());
    }

    #[test]
    fn has_no_data_parameter_without_the_key() {
        assert!(
            handler(quote!(
                #[post("/<data>")]
                fn me(data: String) {}
            ))
            .data()
            .is_none()
        );
        let unreadable = handler(quote!(
            #[post("/", data = 3)]
            fn me(data: String) {}
        ));
        assert!(unreadable.data().is_none());
    }

    #[test]
    fn takes_further_declarations_off_the_function() {
        let handler = handler(quote! {
            #[passport_rocket::public("x")] #[get("/")] #[protect] fn me() {}
        });
        let further: Vec<_> = handler.further.iter().map(|(declaration, _)| *declaration).collect();
        assert_eq!(further, [Declaration::Public, Declaration::Protect]);
        assert_eq!(handler.function.attrs.len(), 1);
    }

    #[test]
    fn leaves_parameters_without_a_name_to_rocket() {
        assert!(
            handler(quote!(
                #[get("/")]
                fn me(&self, _: u8) {}
            ))
            .parameters
            .is_empty()
        );
    }
}
