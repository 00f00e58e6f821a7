//! What liftoff says: every route with what it asks for, and a line to try one in development.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::net::SocketAddr;

use rocket::{Orbit, Rocket, Route};

use crate::audit::Key;
use crate::declaration::Declaration;
use crate::registry::Registry;

/// One line for each route, and what opens a protected one in development.
pub(crate) fn report_routes(rocket: &Rocket<Orbit>, registry: &Registry) {
    if registry.declared.is_empty() {
        return;
    }
    log::info!(target: "rocket::launch", "passport routes:");
    let declarations = Declarations::of(registry);
    let mut routes: Vec<_> = rocket.routes().collect();
    routes.sort_by_cached_key(|route| (route.uri.to_string(), route.method.as_str(), route.rank));
    for route in routes {
        let declaration = declarations.of_route(route);
        log::info!(target: "rocket::launch", "   {}", Line { route, declaration, registry });
    }
    if let Some(command) = sample(rocket, registry, &declarations) {
        log::info!(target: "rocket::launch", "passport: this run made its own key; try\n   {command}");
    }
}

struct Line<'a> {
    route: &'a Route,
    declaration: Option<&'static Declaration>,
    registry: &'a Registry,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.route.method, self.route.uri)?;
        let Some(declaration) = self.declaration else { return f.write_str("undeclared") };
        let mut separator = "";
        for nth in 0.. {
            let Some(next) = self.registry.nth(declaration.strategies, nth) else { break };
            if declaration.public.is_some() {
                break;
            }
            write!(f, "{separator}{}", next.map_or("?", |(_, entry)| &*entry.name))?;
            separator = ", ";
        }
        if !separator.is_empty() {
            f.write_char(' ')?;
        }
        write!(f, "({})", declaration.requirement())
    }
}

/// What handlers declared, by what Rocket knows of their routes; asking each handler for each route
/// would take a large application a second.
struct Declarations(HashMap<Key, &'static Declaration>);

impl Declarations {
    fn of(registry: &Registry) -> Self {
        let mut by_key = HashMap::new();
        for declared in &registry.declared {
            for key in [Key::of(&declared.route), Key::stamped(declared)] {
                // Of two that look alike, the first.
                by_key.entry(key).or_insert(declared.declaration);
            }
        }
        Self(by_key)
    }

    fn of_route(&self, route: &Route) -> Option<&'static Declaration> {
        self.0.get(&Key::of(route)).copied()
    }
}

/// A `curl` line with a valid credential, for the first route it opens.
fn sample(
    rocket: &Rocket<Orbit>,
    registry: &Registry,
    declarations: &Declarations,
) -> Option<String> {
    let config = rocket.config();
    let scheme = if config.tls_enabled() { "https" } else { "http" };
    // Everywhere is no place to connect to.
    let host = match config.address {
        address if address.is_unspecified() => "127.0.0.1".to_owned(),
        address => SocketAddr::new(address, 0).to_string().trim_end_matches(":0").to_owned(),
    };
    let now = registry.clock().now();
    let mut routes: Vec<_> = rocket
        .routes()
        .filter_map(|route| Some((route, declarations.of_route(route)?)))
        .filter(|(_, declaration)| declaration.public.is_none())
        .collect();
    // A page to look at beats one to write to, and a path without parameters one with.
    routes.sort_by_key(|(route, declaration)| {
        let is_read = route.method == rocket::http::Method::Get;
        (!is_read, route.uri.to_string().contains('<'), declaration.roles.is_some())
    });
    for (route, declaration) in routes {
        for nth in 0.. {
            let Some(Ok((_, entry))) = registry.nth(declaration.strategies, nth) else { break };
            let Some(header) = entry.strategy.as_ref().and_then(|s| s.sample(now)) else {
                continue;
            };
            let method = match route.method {
                rocket::http::Method::Get => String::new(),
                method => format!("-X {method} "),
            };
            let header = format!("{}: {}", header.name(), header.value());
            let (port, path) = (config.port, path_to_try(route));
            return Some(format!("curl {method}-H '{header}' {scheme}://{host}:{port}{path}"));
        }
    }
    None
}

/// The route's path with something in the place of each parameter, which a shell would not take as
/// it is written.
fn path_to_try(route: &Route) -> String {
    let path = route.uri.path();
    let segments = path.split('/').map(|segment| match segment.starts_with('<') {
        true => "1",
        false => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}
