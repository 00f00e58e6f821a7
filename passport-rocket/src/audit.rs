//! What is proved before the port opens: every mistake of an application, in one start.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rocket::{Ignite, Phase, Rocket, Route};

use crate::clock::Clock;
use crate::config::{self, Mistake, Options};
use crate::declaration::{Declaration, Unauthenticated};
use crate::probe::{Guard, Parameter, Position, WantedUser, Wrapping};
use crate::protect::Declared;
use crate::registry::{Draft, Entry, Launching};
use crate::strategy::Body;

/// Something that refuses launch, with its place and what to do.
#[derive(Clone)]
struct Problem(String);

/// Makes every check, reports every problem, and freezes the registry; false refuses launch.
///
/// `ask` asks a Sentinel; there is none to ask once Rocket has left the phase in which they are.
pub(crate) fn run<P: Phase>(
    rocket: &Rocket<P>,
    launching: &Launching,
    ask: impl Fn(fn(&Rocket<Ignite>) -> bool) -> bool,
) -> bool {
    let (options, mistakes, tables) = config::options(rocket.figment());
    let problems = {
        let mut draft = launching.draft();
        // Rocket asks in no certain order; the report has that of the sources.
        draft.declared.sort_by_key(|declared| declared.declaration.place());
        let draft = &*draft;
        // What a strategy says of its own key is more to the point.
        let said = |mistake: &&Mistake| draft.mistakes.iter().any(|own| own.key == mistake.key);
        let mut problems: Vec<Problem> = mistakes
            .iter()
            .filter(|mistake| !said(mistake))
            .chain(&draft.mistakes)
            .map(|mistake| Problem(mistake.to_string()))
            .collect();
        problems.extend(names(&draft.entries, &options, &tables, rocket));
        problems.extend(shared_secrets(&draft.entries));
        for declared in &draft.declared {
            problems
                .extend(Handler { declared, options: &options, entries: &draft.entries }.check());
        }
        problems.extend(undeclared(rocket, draft, &options));
        problems
    };
    let problems = [problems, missing_guards(guards(launching), ask)].concat();
    for entry in &mut launching.draft().entries {
        entry.secrets.clear();
    }
    report(&problems);
    launching.freeze(options, Clock::of(rocket), problems.is_empty());
    problems.is_empty()
}

/// A protected handler is mounted and no strategy is attached: nothing could ever let anybody in.
pub(crate) fn refuse_without_strategies(declaration: &Declaration) -> bool {
    if declaration.public.is_some() {
        return false;
    }
    let name = declaration.strategies.first().copied().unwrap_or("jwt");
    report(&[Problem(format!(
        "{}: no strategy is attached; attach the fairing of `{name}` before launch: \
         `.attach(…::fairing(\"{name}\"))`",
        place(declaration)
    ))]);
    true
}

/// Every route must be declared and no strategy is attached, so nobody counts them.
pub(crate) fn refuse_uncounted<P: Phase>(rocket: &Rocket<P>) -> bool {
    let (options, ..) = config::options(rocket.figment());
    if options.require_declaration != Some(true) {
        return false;
    }
    let mistake = config::Table::new(rocket.figment(), "passport").mistake(
        "require_declaration",
        "nobody checks it, since no strategy is attached",
        "attach one before launch, or remove it",
    );
    report(&[Problem(mistake.to_string())]);
    true
}

fn report(problems: &[Problem]) {
    if problems.is_empty() {
        return;
    }
    let count = match problems.len() {
        1 => "one mistake".to_owned(),
        count => format!("{count} mistakes"),
    };
    log::error!(target: "passport", "launch refused, {count}:");
    for Problem(problem) in problems {
        log::error!(target: "passport", "{problem}");
    }
}

fn place(declaration: &Declaration) -> String {
    format!("handler `{}` ({}:{})", declaration.handler, declaration.file, declaration.line)
}

/// Names of strategies: each registered once, each table known, each default there.
fn names<P: Phase>(
    entries: &[Entry],
    options: &Options,
    tables: &[String],
    rocket: &Rocket<P>,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    let known = || entries.iter().map(|entry| &*entry.name);
    for (index, entry) in entries.iter().enumerate() {
        let name = &*entry.name;
        if config::OPTION_NAMES.contains(&name) || name.is_empty() || name.contains(['.', ',']) {
            problems.push(Problem(format!(
                "a strategy cannot be named `{name}`: {}; give its fairing another name",
                match config::OPTION_NAMES.contains(&name) {
                    true => "that is an option of `[passport]`",
                    false => "a name has at least one character and neither dot nor comma",
                }
            )));
        }
        if entries.iter().take(index).any(|earlier| earlier.name == entry.name) {
            problems.push(Problem(format!(
                "two strategies are registered as `{name}`; give one of the fairings another name"
            )));
        }
    }
    for entry in entries.iter().filter(|entry| is_no_user(entry.user_type.1)) {
        problems.push(Problem(format!(
            "strategy `{}` would sign in a `{}`, in which nobody is somebody; let its verifier return \
             `Option<T>` or `Result<Option<T>, E>` with a `T` that is a user",
            entry.name, entry.user_type.1
        )));
    }
    let table = config::Table::new(rocket.figment(), "passport");
    for name in tables.iter().filter(|table| !known().any(|name| name == **table)) {
        let remedy = match config::nearest(name, known()) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => format!(
                "attach the fairing of a strategy of this name (`.attach(…::fairing(\"{name}\"))`), or \
                 remove the table"
            ),
        };
        let problem = table.mistake(name, "no fairing registers a strategy of this name", remedy);
        problems.push(Problem(problem.to_string()));
    }
    for name in options.strategies.iter().filter(|name| !known().any(|known| known == **name)) {
        let problem = format!("no strategy `{name}` is registered");
        let mistake = table.mistake("strategies", problem, did_you_mean(name, entries));
        problems.push(Problem(mistake.to_string()));
    }
    problems
}

/// Whether a value of the type can mean that there is no user.
fn is_no_user(type_name: &str) -> bool {
    let maybe =
        ["core::option::Option<", "core::result::Result<", "passport_rocket::verify::Verified<"];
    type_name == "bool" || maybe.iter().any(|maybe| type_name.starts_with(maybe))
}

fn did_you_mean(name: &str, entries: &[Entry]) -> String {
    match config::nearest(name, entries.iter().map(|entry| &*entry.name)) {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("registered are: {}", list(entries.iter().map(|entry| &*entry.name))),
    }
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
    match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    }
}

/// The guards of a verifier are no handler's, so Rocket does not ask their Sentinels; we do.
fn missing_guards(
    guards: Vec<(Arc<str>, Parameter)>,
    ask: impl Fn(fn(&Rocket<Ignite>) -> bool) -> bool,
) -> Vec<Problem> {
    let missing = guards.into_iter().filter(|(_, guard)| guard.sentinel.is_some_and(&ask));
    let problem = |(strategy, guard): (Arc<str>, Parameter)| {
        Problem(format!(
            "strategy `{strategy}`: the verifier's guard `{}` refuses launch; its own message above \
             says what it misses (for `&State<T>`: `.manage(…)` the value)",
            guard.name
        ))
    };
    missing.map(problem).collect()
}

/// The guards of all verifiers; taken out of the draft, since no lock is held over foreign code.
fn guards(launching: &Launching) -> Vec<(Arc<str>, Parameter)> {
    let draft = launching.draft();
    let of = |entry: &Entry| {
        let name = Arc::clone(&entry.name);
        entry.parameters.clone().into_iter().map(move |guard| (Arc::clone(&name), guard))
    };
    draft.entries.iter().flat_map(of).collect()
}

fn shared_secrets(entries: &[Entry]) -> Vec<Problem> {
    // Hashed, not compared one by one in constant time: sets of keys are large, and nobody who could
    // take the time of it is connected yet.
    let known: Vec<(&Entry, HashSet<&[u8]>)> = entries
        .iter()
        .map(|entry| (entry, entry.secrets.iter().map(|one| one.expose().as_slice()).collect()))
        .collect();
    let mut problems = Vec::new();
    for (index, (one, ours)) in known.iter().enumerate() {
        for (other, theirs) in known.iter().skip(index + 1) {
            if !ours.is_disjoint(theirs) {
                problems.push(Problem(format!(
                    "strategies `{}` and `{}` share a key: what is signed for one would open the \
                     other; give each its own",
                    one.name, other.name
                )));
            }
        }
    }
    problems
}

/// One declared handler against what is registered.
struct Handler<'a> {
    declared: &'a Declared,
    options: &'a Options,
    entries: &'a [Entry],
}

impl Handler<'_> {
    fn check(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.declared.declaration.public.is_none() {
            self.check_strategies(&mut found);
            self.check_users(&mut found);
            self.check_body(&mut found);
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
        let entry = |name: &str| self.entries.iter().find(|entry| *entry.name == *name);
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
            if !self.entries.iter().any(|entry| *entry.name == **name) {
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

    fn check_services(&self, found: &mut Vec<String>) {
        let issue = self.declared.declaration.issue;
        let wanted: Vec<_> = self.declared.parameters.iter().filter_map(|p| p.service).collect();
        match issue.map(|name| (name, self.entries.iter().find(|entry| *entry.name == *name))) {
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
            _ => {}
        }
        for service in wanted {
            let what = service.what;
            let offers: Vec<_> =
                self.entries.iter().filter(|entry| entry.offers(service.type_id)).collect();
            let offered = list(offers.iter().map(|entry| &*entry.name));
            match (issue, offers.len()) {
                (Some(name), _) if !offers.iter().any(|entry| *entry.name == *name) => {
                    found.push(format!("strategy `{name}` gives no {what}; these do: {offered}"));
                }
                (None, 0) if self.entries.iter().all(|entry| entry.strategy.is_some()) => {
                    found.push(format!("no registered strategy gives {what}"));
                }
                (None, 2..) => found.push(format!(
                    "several strategies give {what} ({offered}); say which: `issue = \"{}\"`",
                    offers.first().map_or("jwt", |entry| &*entry.name)
                )),
                _ => {}
            }
        }
    }
}

/// With `require_declaration`, every mounted route is protected or public.
///
/// Declarations and mounted routes are counted by everything Rocket knows of both. A declaration
/// vouches for one route only, so that neither an unmounted homonym nor a second mount hides an
/// open handler.
fn undeclared<P: Phase>(rocket: &Rocket<P>, draft: &Draft, options: &Options) -> Vec<Problem> {
    if options.require_declaration != Some(true) {
        return Vec::new();
    }
    let mut groups: HashMap<Key, (Vec<&Route>, Vec<&Declared>)> = HashMap::new();
    for route in rocket.routes() {
        groups.entry(Key::of(route)).or_default().0.push(route);
    }
    for declared in &draft.declared {
        let stamped = Key::stamped(declared);
        let key = match groups.contains_key(&stamped) {
            true => stamped,
            false => Key::of(&declared.route),
        };
        groups.entry(key).or_default().1.push(declared);
    }
    let mut problems = Vec::new();
    for (key, (routes, declarations)) in groups {
        // A full path, stamped by our `routes!`, is no other handler's.
        let exact = declarations.iter().any(|declared| declared.type_name == key.name);
        if routes.len() <= declarations.len() || exact {
            continue;
        }
        let mounted: Vec<_> = routes.iter().map(|route| describe(route)).collect();
        let mounted = mounted.join("; ");
        let is_like_it = |declared: &Declared| Key::of(&declared.route) == key;
        problems.push(Problem(match declarations.first() {
            None if draft.declared.iter().any(is_like_it) => format!(
                "{mounted}: a handler that looks alike is declared, and mounted with \
                 `passport_rocket::routes![…]`; mount this one with it too"
            ),
            None => format!(
                "{mounted}: neither protected nor public, and `passport.require_declaration` is \
                 on; write `#[protect]` or `#[public(\"why\")]` above its route attribute"
            ),
            Some(declared) => format!(
                "{mounted}: {} routes look alike to Rocket and {} declared ({}); mount them with \
                 `passport_rocket::routes![…]`, which tells them apart",
                routes.len(),
                match declarations.len() {
                    1 => "only one is".to_owned(),
                    count => format!("only {count} are"),
                },
                place(declared.declaration),
            ),
        }));
    }
    problems.sort_by(|one, other| one.0.cmp(&other.0));
    problems
}

/// What Rocket knows of a route before and after it is mounted alike.
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Key {
    name: String,
    method: rocket::http::Method,
    unmounted: String,
    rank: isize,
    format: Option<String>,
}

impl Key {
    /// The key of a handler that our `routes!` mounted.
    pub(crate) fn stamped(declared: &Declared) -> Self {
        Self { name: declared.type_name.to_owned(), ..Self::of(&declared.route) }
    }

    pub(crate) fn of(route: &Route) -> Self {
        Self {
            name: route.name.as_deref().unwrap_or_default().to_owned(),
            method: route.method,
            unmounted: route.uri.unmounted_origin.to_string(),
            rank: route.rank,
            format: route.format.as_ref().map(ToString::to_string),
        }
    }
}

fn describe(route: &Route) -> String {
    let name = route.name.as_deref().unwrap_or("unnamed");
    format!("route `{name}` ({} {})", route.method, route.uri)
}
