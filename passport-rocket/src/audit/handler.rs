//! What is proved of one declared handler.

use super::{Problem, did_you_mean, list, place};
use crate::config::Options;
use crate::declaration::{Declaration, Unauthenticated};
use crate::probe::{Guard, Parameter, Position, WantedService, WantedUser, Wrapping};
use crate::protect::Declared;
use crate::registry::Entry;
use crate::strategy::Body;

/// One declared handler against what is registered.
pub(super) struct Handler<'a> {
    pub(super) declared: &'a Declared,
    pub(super) options: &'a Options,
    pub(super) entries: &'a [Entry],
}

impl Handler<'_> {
    pub(super) fn check(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.declared.declaration.public.is_none() {
            self.check_strategies(&mut found);
            self.check_users(&mut found);
            self.check_body(&mut found);
            self.check_sign_in(&mut found);
        }
        self.check_services(&mut found);
        found.into_iter().map(|what| self.problem(&what)).collect()
    }

    fn problem(&self, what: &str) -> Problem {
        Problem(format!("{}: {what}", place(self.declared.declaration)))
    }

    fn strategy_names(&self) -> Vec<&str> {
        match self.declared.declaration.strategies {
            [] => self.options.strategies.iter().map(String::as_str).collect(),
            names => names.to_vec(),
        }
    }

    /// The strategies of the route that are registered and could be built.
    fn strategies(&self) -> Vec<&Entry> {
        let names = self.strategy_names();
        let entry = |name| self.entry(name);
        names.into_iter().filter_map(entry).filter(|entry| entry.strategy.is_some()).collect()
    }

    fn check_strategies(&self, found: &mut Vec<String>) {
        let names = self.strategy_names();
        if names.is_empty() {
            found.push(
                "names no strategy, and the configuration has no default; write \
                 `#[protect(strategy = \"…\")]` or set `passport.strategies`"
                    .to_owned(),
            );
        }
        // Defaults that do not exist are reported once, with their key.
        for name in self.declared.declaration.strategies {
            if self.entry(name).is_none() {
                let hint = did_you_mean(name, self.entries);
                found.push(format!("no strategy `{name}` is registered; {hint}"));
            }
        }
    }

    fn users(&self) -> impl Iterator<Item = (&Parameter, WantedUser)> {
        self.declared.parameters.iter().filter_map(|parameter| Some((parameter, parameter.user?)))
    }

    fn check_users(&self, found: &mut Vec<String>) {
        let optional = self.declared.declaration.optional;
        for (parameter, user) in self.users() {
            let (name, guard) = (parameter.name, user.guard);
            match (user.wrapping, optional) {
                (Wrapping::Result, _) => found.push(format!(
                    "`{name}` is a `Result<{guard:?}<…>, _>`, which would turn a forged credential into \
                     an error value of the handler; write `{guard:?}<…>`"
                )),
                (Wrapping::Option, _) if guard == Guard::UserAnd => found.push(format!(
                    "`{name}` is an `Option<{guard:?}<…>>`, which would turn a refused credential and a \
                     mistaken payload into `None`; write `{guard:?}<…>`, without `optional`"
                )),
                (Wrapping::None, true) if guard == Guard::UserAnd => found.push(format!(
                    "`{name}` is a `{guard:?}<…>`, but the route is `optional`; remove `optional`, or \
                     take an `Option<User<…>>` and the payload apart, with credentials in the head"
                )),
                (Wrapping::Option, false) => found.push(format!(
                    "`{name}` is an `Option<User<…>>` without `optional`; write `User<…>`, or \
                     `#[protect(optional, …)]`"
                )),
                (Wrapping::None, true) => found.push(format!(
                    "`{name}` is a `User<…>`, but the route is `optional`; write `Option<User<…>>`"
                )),
                (Wrapping::None, false) | (Wrapping::Option, true) => {}
            }
            for entry in self.strategies() {
                if entry.user_type.0 != user.type_id {
                    found.push(format!(
                        "`{name}` is a `{guard:?}<{}>`, but strategy `{}` yields `{}`; give the handler \
                         that type, or the strategy a verifier that returns the handler's",
                        user.type_name, entry.name, entry.user_type.1
                    ));
                }
            }
        }
    }

    fn check_body(&self, found: &mut Vec<String>) {
        let strategies = self.strategies();
        let reads_body = strategies.iter().any(|entry| entry.body() != Body::Never);
        self.check_forward(found, reads_body);
        if let Some(reader) = strategies.iter().find(|entry| entry.body() == Body::Only) {
            let name = &reader.name;
            if self.strategy_names().len() > 1 {
                found.push(format!(
                    "strategy `{name}` reads the body and must stand alone; give it a route of its own"
                ));
                return;
            }
            if !self.declared.completes_body {
                found.push(format!(
                    "strategy `{name}` reads its credential from the body, so the body's guard must \
                     complete it: `#[post(\"…\", data = \"<user>\")]` with `user: User<…>`, or \
                     `UserAnd<…>` for a payload beside it"
                ));
                return;
            }
        }
        if !reads_body || !self.declared.completes_body {
            return;
        }
        for (parameter, _) in self.users().filter(|(p, _)| p.position == Position::Request) {
            found.push(format!(
                "`{}` is asked for before the body is read, when nobody is signed in yet; only the \
                 data guard can be a `User<…>` here",
                parameter.name
            ));
        }
    }

    fn check_forward(&self, found: &mut Vec<String>, reads_body: bool) {
        let forwards = self.declared.declaration.unauthenticated == Unauthenticated::Forward;
        if forwards && reads_body && self.declared.completes_body {
            found.push(
                "a body that was read cannot be forwarded; remove `unauthenticated = forward`"
                    .to_owned(),
            );
        }
    }

    fn check_sign_in(&self, found: &mut Vec<String>) {
        let Some(name) = self.declared.declaration.sign_in else { return };
        let Some(entry) = self.entry(name) else {
            let hint = did_you_mean(name, self.entries);
            found.push(format!("`sign_in` names `{name}`, which is not registered; {hint}"));
            return;
        };
        let Some(strategy) = &entry.strategy else { return };
        if !strategy.begins() {
            found.push(format!(
                "`sign_in` names `{name}`, which begins nothing that outlives a request; {}",
                self.that_begin()
            ));
            return;
        }
        if self.strategy_names().contains(&name) {
            found.push(format!(
                "`sign_in` names `{name}`, which is a strategy of the route, too: it would begin anew \
                 with every request; take it from the strategies, or remove `sign_in`"
            ));
            return;
        }
        for other in self.strategies() {
            if other.user_type.0 != entry.user_type.0 {
                found.push(format!(
                    "`sign_in` names `{name}`, whose users are `{}`, but strategy `{}` yields `{}`; give \
                     both the same type of user, or name a strategy of that type",
                    entry.user_type.1, other.name, other.user_type.1
                ));
            }
        }
    }

    /// What `sign_in` may name, as a remedy.
    fn that_begin(&self) -> String {
        let begins = |entry: &&Entry| entry.strategy.as_ref().is_some_and(|one| one.begins());
        let mut able = self.entries.iter().filter(begins).map(|entry| &*entry.name).peekable();
        match able.peek() {
            Some(_) => format!("these do: {}", list(able)),
            None => "attach a strategy that does and name it, or remove `sign_in`".to_owned(),
        }
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| *entry.name == *name)
    }

    fn is_built(&self, name: &str) -> bool {
        self.entry(name).is_some_and(|entry| entry.strategy.is_some())
    }

    fn check_services(&self, found: &mut Vec<String>) {
        let Declaration { issue, sign_in, .. } = *self.declared.declaration;
        let wanted: Vec<_> = self.declared.parameters.iter().filter_map(|p| p.service).collect();
        match issue.map(|name| (name, self.entry(name))) {
            Some((name, None)) => {
                let hint = did_you_mean(name, self.entries);
                found.push(format!("`issue` names `{name}`, which is not registered; {hint}"));
                return;
            }
            Some((_, Some(entry))) if entry.strategy.is_none() => return,
            Some((name, Some(_))) if wanted.is_empty() => {
                found.push(format!(
                    "`issue = \"{name}\"` speaks for no parameter; add `tokens: Tokens`, or remove it"
                ));
                return;
            }
            // What it would offer is not known.
            None if sign_in.is_some_and(|name| !self.is_built(name)) => return,
            _ => {}
        }
        let offers = |name: &str, service: &WantedService| {
            self.entry(name).is_some_and(|entry| entry.offers(service.type_id))
        };
        // Another parameter may be what `issue` is for.
        let misses = issue.filter(|name| !wanted.iter().any(|service| offers(name, service)));
        for service in wanted {
            if [issue, sign_in].into_iter().flatten().any(|name| offers(name, &service)) {
                continue;
            }
            let what = service.what;
            let offering: Vec<_> = self
                .entries
                .iter()
                .filter(|entry| entry.offers(service.type_id))
                .map(|entry| &*entry.name)
                .collect();
            let offered = list(offering.iter().copied());
            match (misses, &*offering) {
                (Some(name), _) => {
                    found.push(format!("strategy `{name}` gives no {what}; these do: {offered}"));
                }
                (None, []) if self.entries.iter().all(|entry| entry.strategy.is_some()) => {
                    found.push(format!("no registered strategy gives {what}"));
                }
                (None, [first, _, ..]) => found.push(format!(
                    "several strategies give {what} ({offered}); say which: `issue = \"{first}\"`"
                )),
                (None, _) => {}
            }
        }
    }
}
