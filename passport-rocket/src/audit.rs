//! What is proved before the port opens: every mistake of an application, in one start.

mod handler;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use rocket::{Ignite, Phase, Rocket, Route};

use self::handler::Handler;
use crate::clock::Clock;
use crate::config::{self, Mistake, Options};
use crate::declaration::Declaration;
use crate::probe::Parameter;
use crate::protect::Declared;
use crate::registry::{Claims, Draft, Entry, Launching};

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
        // What several strategies share, the store for instance, each of them says.
        let own = draft.mistakes.iter().enumerate();
        let own = own.filter(|(at, mistake)| {
            draft.mistakes.iter().take(*at).all(|earlier| earlier != *mistake)
        });
        let mut problems: Vec<Problem> = mistakes
            .iter()
            .filter(|mistake| !said(mistake))
            .chain(own.map(|(_, mistake)| mistake))
            .map(|mistake| Problem(mistake.to_string()))
            .collect();
        problems.extend(names(&draft.entries, &options, &tables, rocket));
        problems.extend(shared_secrets(&draft.entries));
        problems.extend(shared_cookies(&draft.entries));
        for declared in &draft.declared {
            problems
                .extend(Handler { declared, options: &options, entries: &draft.entries }.check());
        }
        problems.extend(undeclared(rocket, draft, &options));
        problems
    };
    let problems = [problems, missing_guards(guards(launching), ask)].concat();
    for entry in &mut launching.draft().entries {
        entry.claims = Claims::default();
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
        .map(|entry| {
            (entry, entry.claims.secrets.iter().map(|one| one.expose().as_slice()).collect())
        })
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

fn shared_cookies(entries: &[Entry]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, one) in entries.iter().enumerate() {
        for other in entries.iter().skip(index + 1) {
            let shared = one.claims.cookies.iter().find(|name| other.claims.cookies.contains(name));
            problems.extend(shared.map(|cookie| {
                Problem(format!(
                    "strategies `{}` and `{}` send the same cookie, `{cookie}`: a sign-in by one would \
                     end that by the other; give each its own name, or remove the key `cookie`",
                    one.name, other.name
                ))
            }));
        }
    }
    problems
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
