//! What liftoff says: every route with what it asks for, and a line to try one in development.

use std::fmt::{self, Write as _};
use std::net::SocketAddr;

use rocket::{Orbit, Rocket, Route};

use crate::audit::Key;
use crate::protect::Declared;
use crate::registry::Registry;

/// One line for each route, and what opens a protected one in development.
pub(crate) fn report_routes(rocket: &Rocket<Orbit>, registry: &Registry) {
    if registry.declared.is_empty() {
        return;
    }
    log::info!(target: "rocket::launch", "passport routes:");
    let mut routes: Vec<_> = rocket.routes().collect();
    routes.sort_by_cached_key(|route| (route.uri.to_string(), route.method.as_str(), route.rank));
    for route in routes {
        log::info!(target: "rocket::launch", "   {}", Line { route, registry });
    }
    if let Some(command) = sample(rocket, registry) {
        log::info!(target: "rocket::launch", "passport: this run made its own key; try\n   {command}");
    }
}

struct Line<'a> {
    route: &'a Route,
    registry: &'a Registry,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.route.method, self.route.uri)?;
        let Some(declared) = declared(self.route, self.registry) else {
            return f.write_str("undeclared");
        };
        let declaration = declared.declaration;
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

fn declared<'a>(route: &Route, registry: &'a Registry) -> Option<&'a Declared> {
    let key = Key::of(route);
    let is_it =
        |declared: &&Declared| key == Key::of(&declared.route) || key == Key::stamped(declared);
    registry.declared.iter().find(is_it)
}

/// A `curl` line with a valid credential, for the first route it opens.
fn sample(rocket: &Rocket<Orbit>, registry: &Registry) -> Option<String> {
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
        .filter_map(|route| Some((route, declared(route, registry)?.declaration)))
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
