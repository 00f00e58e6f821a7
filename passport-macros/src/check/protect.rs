//! `#[protect(…)]`: every key, what its value may be, and how often it may stand.

use proc_macro2::Ident;
use syn::{Expr, ExprLit, ExprPath, Lit, LitStr};

use super::asked::{Family, ROLES, SCOPES};
use super::{Asked, Declared, Requirement, Rule, Unauthenticated, handler, nearest, user};
use crate::mistakes::{Mistakes, Rejected};
use crate::parse::{Argument, Protect};

/// Every key, in the order of the documentation.
const KEYS: [&str; 11] = [
    "strategy",
    ROLES.one,
    ROLES.any,
    ROLES.all,
    SCOPES.one,
    SCOPES.any,
    SCOPES.all,
    "optional",
    "unauthenticated",
    "issue",
    "sign_in",
];

const UNAUTHENTICATED: [&str; 2] = ["redirect", "forward"];

pub(crate) fn protect(parsed: Result<Protect, Rejected>) -> Result<Declared, Rejected> {
    let Protect { arguments, handler } = parsed?;
    let mut reading = Reading { mistakes: arguments.mistakes, ..Reading::default() };
    for argument in &arguments.list {
        reading.read(argument);
    }

    let Reading { requirement, mut mistakes, .. } = reading;
    handler::handler(&handler, &mut mistakes);
    user::protected(&handler, requirement.optional, &mut mistakes);
    match mistakes.or(requirement) {
        Ok(requirement) => Ok(Declared { handler, rule: Rule::Protected(requirement) }),
        Err(error) => Err(Rejected { untouched: handler.untouched(), error }),
    }
}

#[derive(Default)]
struct Reading {
    requirement: Requirement,
    mistakes: Mistakes,
    seen: Vec<String>,
}

impl Reading {
    fn read(&mut self, Argument { key, value }: &Argument) {
        let word = key.to_string();
        if self.seen.contains(&word) {
            self.mistakes.on(key, format!("`{word}` is given twice: keep one"));
            return;
        }
        match (word.as_str(), value) {
            ("optional", None) => self.requirement.optional = true,
            ("optional", Some(value)) => {
                self.mistakes.on(value, "`optional` takes no value: leave the `= …` out");
                // Said, if clumsily: without this a second error would ask for it.
                self.requirement.optional = true;
            }
            (known, None) if KEYS.contains(&known) => self.mistakes.on(key, lacks_value(known)),
            ("strategy", Some(value)) => self.strategies(value),
            ("unauthenticated", Some(value)) => self.unauthenticated(value),
            ("issue", Some(value)) => self.issue(value),
            ("sign_in", Some(value)) => self.sign_in(value),
            (known, Some(value)) if KEYS.contains(&known) => self.asked(key, known, value),
            (unknown, _) => self.unknown(key, unknown),
        }
        self.seen.push(word);
    }

    fn strategies(&mut self, value: &Expr) {
        let elements: Vec<_> = match value {
            Expr::Array(list) if list.elems.is_empty() => {
                self.mistakes.on(
                    value,
                    "an empty list names no strategy: leave `strategy` out \
                     for the `strategies` of the configuration",
                );
                return;
            }
            Expr::Array(list) => list.elems.iter().collect(),
            one => vec![one],
        };

        let message = "a strategy is named by a string: `strategy = \"jwt\"`, `strategy = [\"jwt\", \"session\"]`";
        let mut names = Vec::new();
        for element in elements {
            let Some(name) = self.name(element, message) else {
                continue;
            };
            if names.contains(&name) {
                let message = format!("`{}` stands twice in the list: drop one", name.value());
                self.mistakes.on(&name, message);
            }
            names.push(name);
        }
        self.requirement.strategies = names;
    }

    fn issue(&mut self, value: &Expr) {
        let message = "`issue` names one strategy by a string: `issue = \"jwt\"`";
        self.requirement.issue = self.name(value, message);
    }

    fn sign_in(&mut self, value: &Expr) {
        let message = "`sign_in` names one strategy by a string: `sign_in = \"session\"`";
        self.requirement.sign_in = self.name(value, message);
    }

    /// The name of a strategy: a string that is not empty.
    fn name(&mut self, value: &Expr, otherwise: &str) -> Option<LitStr> {
        let Some(name) = text(value) else {
            self.mistakes.on(value, otherwise);
            return None;
        };
        if name.value().trim().is_empty() {
            let message = "an empty name is no strategy: the name is that of its table in the \
                           configuration, `[default.passport.jwt]`";
            self.mistakes.on(&name, message);
            return None;
        }
        Some(name)
    }

    fn asked(&mut self, key: &Ident, word: &str, value: &Expr) {
        for (family, slot) in
            [(&ROLES, &mut self.requirement.roles), (&SCOPES, &mut self.requirement.scopes)]
        {
            let Some(need) = family.need(word) else {
                continue;
            };
            if let Some(earlier) = rival(family, &self.seen) {
                let message = format!("`{word}` beside `{earlier}`: keep one of them");
                self.mistakes.on(key, message);
                return;
            }
            let read: Option<Asked> = family.read(need, value, &mut self.mistakes);
            *slot = read;
        }
    }

    fn unauthenticated(&mut self, value: &Expr) {
        let (head, arguments) = match value {
            Expr::Call(call) => (&*call.func, Some(&call.args)),
            other => (other, None),
        };
        let Some(word) = ident(head) else {
            let message = "`unauthenticated` is `redirect(uri!(login))` or `forward`, nothing else";
            self.mistakes.on(value, message);
            return;
        };
        let word_text = word.to_string();
        self.requirement.unauthenticated = match (word_text.as_str(), arguments) {
            ("forward", None) => Some(Unauthenticated::Forward),
            ("forward", Some(_)) => {
                self.mistakes.on(value, "`forward` takes no argument: `unauthenticated = forward`");
                None
            }
            ("redirect", arguments) => {
                let page = arguments.filter(|list| list.len() == 1).and_then(|list| list.first());
                if page.is_none() {
                    let message = "`redirect` takes one page: \
                                   `unauthenticated = redirect(uri!(login))`";
                    self.mistakes.on(value, message);
                }
                page.map(|page| Unauthenticated::Redirect(Box::new(page.clone())))
            }
            (unknown, _) => {
                let remedy = nearest::remedy(unknown, &UNAUTHENTICATED);
                self.mistakes.on(word, format!("unknown value `{unknown}`; {remedy}"));
                None
            }
        };
    }

    fn unknown(&mut self, key: &Ident, word: &str) {
        let plural = [&ROLES, &SCOPES].into_iter().find(|family| word == family.plural);
        let message = match plural {
            Some(Family { any, all, .. }) => {
                format!("`{word}` says neither any nor all: say `{any} = […]` or `{all} = […]`")
            }
            None => format!("unknown key `{word}`; {}", nearest::remedy(word, &KEYS)),
        };
        self.mistakes.on(key, message);
    }
}

/// The key of the same family that was there before.
fn rival(family: &Family, seen: &[String]) -> Option<&'static str> {
    [family.one, family.any, family.all].into_iter().find(|key| seen.iter().any(|s| s == key))
}

fn lacks_value(key: &str) -> String {
    let example = match key {
        "strategy" | "issue" => "\"jwt\"",
        "sign_in" => "\"session\"",
        "unauthenticated" => "redirect(uri!(login))",
        "role" => "Kind::Port",
        "any_role" | "all_roles" => "[Kind::Port, Kind::Admin]",
        "scope" => "\"tides:write\"",
        _ => "[\"tides:read\", \"tides:write\"]",
    };
    format!("`{key}` needs a value: `{key} = {example}`")
}

/// The string that an expression is.
fn text(value: &Expr) -> Option<LitStr> {
    match value {
        Expr::Group(group) => text(&group.expr),
        Expr::Paren(paren) => text(&paren.expr),
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
        _ => None,
    }
}

fn ident(value: &Expr) -> Option<&Ident> {
    match value {
        Expr::Path(ExprPath { path, qself: None, .. }) => path.get_ident(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;
    use quote::quote;

    use super::*;
    use crate::check::Need;
    use crate::parse;

    fn check(arguments: TokenStream) -> Result<Requirement, Vec<String>> {
        check_on(
            arguments,
            quote!(
                #[get("/")]
                fn me() {}
            ),
        )
    }

    fn check_on(arguments: TokenStream, item: TokenStream) -> Result<Requirement, Vec<String>> {
        match protect(parse::protect(arguments, item)) {
            Ok(Declared { rule: Rule::Protected(requirement), .. }) => Ok(requirement),
            Ok(other) => panic!("{other:?}"),
            Err(rejected) => Err(rejected.error.into_iter().map(|e| e.to_string()).collect()),
        }
    }

    /// The one mistake in `arguments`.
    fn mistake(arguments: TokenStream) -> String {
        let told = check(arguments).unwrap_err();
        assert_eq!(told.len(), 1, "{told:?}");
        told.concat()
    }

    fn names(requirement: &Requirement) -> Vec<String> {
        requirement.strategies.iter().map(LitStr::value).collect()
    }

    #[test]
    fn reads_one_several_and_no_strategies() {
        assert_eq!(names(&check(quote!(strategy = "jwt")).unwrap()), ["jwt"]);
        assert_eq!(names(&check(quote!(strategy = ["b", "a"])).unwrap()), ["b", "a"]);
        assert!(names(&check(quote!()).unwrap()).is_empty());
    }

    #[test]
    fn reads_the_whole_grammar() {
        let requirement = check(quote! {
            strategy = "jwt", all_roles = [A, B], any_scope = ["x", Y], optional,
            unauthenticated = redirect(uri!(login)), issue = "jwt", sign_in = "session",
        })
        .unwrap();
        assert_eq!(requirement.roles.unwrap().need, Need::All);
        assert_eq!(requirement.scopes.unwrap().need, Need::Any);
        assert!(requirement.optional);
        assert!(matches!(requirement.unauthenticated, Some(Unauthenticated::Redirect(_))));
        assert_eq!(requirement.issue.unwrap().value(), "jwt");
        assert_eq!(requirement.sign_in.unwrap().value(), "session");
    }

    #[test]
    fn refuses_unknown_keys_with_the_nearest_one_or_the_list() {
        assert_eq!(
            mistake(quote!(strategi = "jwt")),
            "unknown key `strategi`; did you mean `strategy`?"
        );
        for later in [quote!(policy = a), quote!(max_age = "10m")] {
            assert!(mistake(later).contains("known are `strategy`, `role`"));
        }
    }

    #[test]
    fn refuses_a_bare_plural_by_naming_both_meanings() {
        assert!(mistake(quote!(roles = [A])).contains("`any_role = […]` or `all_roles = […]`"));
        assert!(mistake(quote!(scopes = [])).contains("`any_scope = […]` or `all_scopes = […]`"));
    }

    #[test]
    fn refuses_duplicates_and_rivals() {
        assert_eq!(mistake(quote!(role = A, role = B)), "`role` is given twice: keep one");
        assert_eq!(mistake(quote!(optional, optional)), "`optional` is given twice: keep one");
        assert!(mistake(quote!(sign_in = "a", sign_in = "a")).contains("given twice"));
        assert!(mistake(quote!(role = A, any_role = [B])).contains("beside `role`"));
        assert!(mistake(quote!(all_scopes = ["a"], scope = "b")).contains("beside `all_scopes`"));
    }

    #[test]
    fn refuses_names_that_are_none() {
        assert!(mistake(quote!(strategy = 3)).contains("named by a string"));
        assert!(mistake(quote!(strategy = jwt)).contains("named by a string"));
        assert!(mistake(quote!(strategy = [])).contains("names no strategy"));
        assert!(mistake(quote!(strategy = "")).contains("empty name"));
        assert!(mistake(quote!(strategy = ["a", ""])).contains("empty name"));
        assert!(mistake(quote!(strategy = ["a", "a"])).contains("stands twice"));
        assert!(mistake(quote!(issue = ["a"])).contains("names one strategy"));
        assert!(mistake(quote!(issue = "")).contains("empty name"));
        assert!(mistake(quote!(sign_in = session)).contains("names one strategy"));
        assert!(mistake(quote!(sign_in = " ")).contains("empty name"));
    }

    #[test]
    fn refuses_keys_without_a_value_and_a_value_without_need() {
        for key in KEYS.into_iter().filter(|key| *key != "optional") {
            let key: Ident = syn::parse_str(key).unwrap();
            assert!(mistake(quote!(#key)).contains("needs a value"), "{key}");
        }
        assert!(mistake(quote!(optional = true)).contains("takes no value"));
    }

    #[test]
    fn refuses_other_answers_to_the_unauthenticated() {
        assert!(mistake(quote!(unauthenticated = redirekt(x))).contains("mean `redirect`?"));
        assert!(mistake(quote!(unauthenticated = forwrad)).contains("mean `forward`?"));
        assert!(mistake(quote!(unauthenticated = teapot)).contains("known are"));
        assert!(mistake(quote!(unauthenticated = redirect)).contains("takes one page"));
        assert!(mistake(quote!(unauthenticated = redirect())).contains("takes one page"));
        assert!(mistake(quote!(unauthenticated = redirect(a, b))).contains("takes one page"));
        assert!(mistake(quote!(unauthenticated = forward(a))).contains("takes no argument"));
        assert!(mistake(quote!(unauthenticated = "forward")).contains("nothing else"));
    }

    #[test]
    fn tells_every_mistake_at_once() {
        let told = check(quote!(strategi = "a", roles = [A], optional = 1, unauthenticated = x));
        assert_eq!(told.unwrap_err().len(), 4);
    }

    #[test]
    fn holds_the_user_against_optional() {
        let on = |arguments, ty: TokenStream| {
            check_on(arguments, quote!(#[get("/")] fn me(user: #ty) {})).map(|_| ())
        };
        assert!(on(quote!(), quote!(User<A>)).is_ok());
        assert!(on(quote!(optional), quote!(Option<User<A>>)).is_ok());
        assert!(on(quote!(), quote!(Option<User<A>>)).unwrap_err()[0].contains("`None`"));
        assert!(on(quote!(optional), quote!(User<A>)).unwrap_err()[0].contains("drop `optional`"));
        for arguments in [quote!(), quote!(optional)] {
            assert!(on(arguments, quote!(Result<User<A>, E>)).unwrap_err()[0].contains("refused"));
        }
    }

    #[test]
    fn refuses_an_optional_user_in_the_body() {
        // Trap 15: Rocket's `Option` turns a data guard's error into `None`.
        let item = quote!(
            #[post("/", data = "<user>")]
            fn login(user: Option<User<A>>) {}
        );
        for arguments in [quote!(), quote!(optional)] {
            let told = check_on(arguments, item.clone()).unwrap_err();
            assert!(told[0].contains("the body is the credential"), "{told:?}");
        }
    }
}
