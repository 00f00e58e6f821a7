//! What the type of a parameter says of the user. By syntax alone: an alias is caught at launch,
//! where the types are resolved.

use syn::{GenericArgument, PathArguments, PathSegment, Type};

use crate::mistakes::Mistakes;
use crate::parse::{Handler, Parameter};

/// How a parameter takes the user.
#[derive(Debug, PartialEq, Eq)]
enum Position {
    /// `User<T>`.
    Certain,
    /// `Option<User<T>>`.
    Optional,
    /// `Result<User<T>, _>` and the like: whatever was refused lands in the handler.
    Swallowed,
    /// `UserAnd<T, P>`.
    WithPayload,
    /// `Option<UserAnd<T, P>>` and the like.
    SwallowedWithPayload,
    /// Not at all.
    Absent,
}

/// Holds the parameters of a protected handler against `optional`.
///
/// Rocket turns every refusal of a guard in an `Option` into `None`: a forged token or a dead store
/// would be nobody in particular (traps 15 and 17 of the requirements).
pub(super) fn protected(handler: &Handler, optional: bool, mistakes: &mut Mistakes) {
    for Parameter { ty, is_data, .. } in &handler.parameters {
        let message = match position(ty) {
            Position::Absent => continue,
            Position::Certain if optional => {
                "`optional` lets requests through without a user: \
                 take `Option<User<…>>`, or drop `optional`"
            }
            Position::Certain => continue,
            Position::Optional if *is_data => {
                "the body is the credential here, and Rocket makes `None` of a refused one: \
                 take `User<…>`, without `optional`"
            }
            Position::Optional if optional => continue,
            Position::Optional => {
                "Rocket would make `None` of a refused user: \
                 take `User<…>`, or say `optional` in `#[protect(…)]`"
            }
            Position::Swallowed => {
                "a refused user would land in the handler: take `User<…>`; \
                 a catcher learns of the refusal from `Denial::of`"
            }
            Position::WithPayload if optional => {
                "`optional` lets requests through without a user: drop `optional`, \
                 or take `Option<User<…>>` and the payload apart"
            }
            Position::WithPayload => continue,
            Position::SwallowedWithPayload => {
                "a refused user and a mistaken payload would look alike: \
                 take `UserAnd<…>`, without `optional`"
            }
        };
        mistakes.on(ty, message);
    }
}

/// A public handler signs nobody in, so there is no user to take.
pub(super) fn public(handler: &Handler, mistakes: &mut Mistakes) {
    for Parameter { ty, .. } in &handler.parameters {
        if position(ty) != Position::Absent {
            mistakes.on(
                ty,
                "a public handler signs nobody in: \
                 say `#[protect(optional)]` and take `Option<User<…>>`",
            );
        }
    }
}

fn position(ty: &Type) -> Position {
    let Some(segment) = last_segment(ty) else {
        return Position::Absent;
    };
    let arguments = types_of(segment);
    let inner = || arguments.first().map_or(Position::Absent, |ty| position(ty));
    match segment.ident.to_string().as_str() {
        "User" if arguments.len() == 1 => Position::Certain,
        "UserAnd" if arguments.len() == 2 => Position::WithPayload,
        "Option" if inner() == Position::Certain => Position::Optional,
        "Option" | "Result" | "Outcome" => match inner() {
            Position::Absent => Position::Absent,
            Position::WithPayload | Position::SwallowedWithPayload => {
                Position::SwallowedWithPayload
            }
            Position::Certain | Position::Optional | Position::Swallowed => Position::Swallowed,
        },
        _ => Position::Absent,
    }
}

fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match ty {
        Type::Path(path) => path.path.segments.last(),
        Type::Group(group) => last_segment(&group.elem),
        Type::Paren(paren) => last_segment(&paren.elem),
        _ => None,
    }
}

/// The type arguments of `Segment<…>`.
pub(super) fn types_of(segment: &PathSegment) -> Vec<&Type> {
    let PathArguments::AngleBracketed(list) = &segment.arguments else {
        return Vec::new();
    };
    let types = list.args.iter().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    types.collect()
}

#[cfg(test)]
mod tests {
    use syn::parse_quote;

    use super::*;

    #[test]
    fn sees_the_user_in_every_wrapping() {
        for (ty, expected) in [
            (parse_quote!(User<Account>), Position::Certain),
            (parse_quote!((passport_rocket::User<Account>)), Position::Certain),
            (parse_quote!(Option<User<Account>>), Position::Optional),
            (parse_quote!(std::option::Option<User<Account>>), Position::Optional),
            (parse_quote!(Option<Option<User<Account>>>), Position::Swallowed),
            (parse_quote!(Option<Result<User<Account>, E>>), Position::Swallowed),
            (parse_quote!(Result<User<Account>, E>), Position::Swallowed),
            (parse_quote!(rocket::request::Outcome<User<Account>, E>), Position::Swallowed),
            (parse_quote!(Result<Option<User<Account>>, E>), Position::Swallowed),
            (parse_quote!(UserAnd<Account, Json<Tide>>), Position::WithPayload),
            (parse_quote!(Option<UserAnd<Account, Json<Tide>>>), Position::SwallowedWithPayload),
            (parse_quote!(Result<UserAnd<Account, P>, E>), Position::SwallowedWithPayload),
            (parse_quote!(Option<Option<UserAnd<Account, P>>>), Position::SwallowedWithPayload),
        ] {
            assert_eq!(position(&ty), expected, "{ty:?}");
        }
    }

    #[test]
    fn sees_no_user_elsewhere() {
        for ty in [
            parse_quote!(User),
            parse_quote!(User<A, B>),
            parse_quote!(UserAnd<A>),
            parse_quote!(Json<User<Account>>),
            parse_quote!(Option<Json<Tide>>),
            parse_quote!(&State<Db>),
            parse_quote!((User<Account>, u8)),
        ] {
            assert_eq!(position(&ty), Position::Absent, "{ty:?}");
        }
    }
}
