//! The core fairing: what needs the whole application, or the whole response.

use std::borrow::Cow;
use std::io::Cursor;
use std::sync::Arc;

use rocket::fairing::{Fairing, Info, Kind};
use rocket::http::{Header, Status};
use rocket::{Orbit, Request, Response, Rocket};

use crate::audit;
use crate::denial::{self, Denial};
use crate::liftoff;
use crate::registry::{self, Launching, Registry};
use crate::slot::Slot;

/// Attached once by the first strategy that registers.
pub(crate) struct Passport(pub(crate) Arc<Launching>);

#[rocket::async_trait]
impl Fairing for Passport {
    fn info(&self) -> Info {
        Info { name: "Passport", kind: Kind::Liftoff | Kind::Response | Kind::Singleton }
    }

    async fn on_liftoff(&self, rocket: &Rocket<Orbit>) {
        let launching = &*self.0;
        // No Sentinel of ours was asked when no mounted handler is declared. The socket is bound by
        // now, but nothing was accepted yet.
        if launching.registry().is_none() && !audit::run(rocket, launching, |_| false) {
            rocket.shutdown().notify();
        }
        if let Some(registry) = launching.serving() {
            liftoff::report_routes(rocket, registry);
        }
    }

    async fn on_response<'r>(&self, request: &'r Request<'_>, response: &mut Response<'r>) {
        let rest = Slot::of(request).finish(request);
        if rest.is_misused {
            // Whatever the handler made of "nobody" does not leave the house.
            *response = Response::build().status(Status::InternalServerError).finalize();
        }
        let sets_cookie = rest.headers.iter().any(|header| header.name() == "Set-Cookie");
        let is_personal = !rest.tried.is_empty() || sets_cookie;
        for header in rest.headers {
            response.adjoin_header(header);
        }
        if !is_personal {
            return;
        }
        let present = Present::of(response);
        if !present.cache_control || (sets_cookie && !is_kept_from_shared_caches(response)) {
            response.set_header(Header::new("Cache-Control", "no-store"));
        }
        if let Some(registry) = self.0.serving() {
            vary(response, registry, &rest.tried, present.vary);
        }
        if let Some(denial) = rest.denial {
            refuse(response, &denial);
        }
    }
}

/// Which of the headers that we add a response has already. One look at the few that there are is
/// cheaper than a question for each name.
#[derive(Default)]
struct Present {
    cache_control: bool,
    vary: bool,
}

impl Present {
    fn of(response: &Response<'_>) -> Self {
        let mut present = Self::default();
        for header in response.headers().iter() {
            present.cache_control |= header.name == "Cache-Control";
            present.vary |= header.name == "Vary";
        }
        present
    }
}

/// Whether no cache gives the response to somebody else. A cache that may keep a page keeps its
/// cookies as well (RFC 9111 section 7.3); `private="…"` speaks of some headers only.
fn is_kept_from_shared_caches(response: &Response<'_>) -> bool {
    let lines = response.headers().get("Cache-Control");
    let mut directives = lines.flat_map(|line| line.split(',')).map(str::trim);
    directives.any(|directive| {
        ["private", "no-store"].iter().any(|one| directive.eq_ignore_ascii_case(one))
    })
}

/// Says what the response depends on: everything that the strategies which were tried read.
fn vary(response: &mut Response<'_>, registry: &Registry, tried: &[usize], has_own: bool) {
    let entries = tried.iter().filter_map(|index| registry.entry(*index));
    let vary = match (entries.clone().next(), tried) {
        (Some(only), [_]) if !has_own => only.vary.clone(),
        _ => {
            let before = response.headers().get("Vary").flat_map(|line| line.split(','));
            let names = entries.flat_map(|entry| entry.vary.split(','));
            Cow::Owned(registry::vary(before.chain(names)))
        }
    };
    if !vary.is_empty() {
        response.set_header(Header::new("Vary", vary));
    }
}

/// Writes what a guard cannot: challenges, and a redirect.
fn refuse(response: &mut Response<'_>, denial: &Denial) {
    if denial.kind() == denial::Kind::Redirect {
        // The application's catcher has rendered its page by now; a redirect needs none.
        response.set_status(denial.status());
        if let Some(location) = denial.location() {
            response.set_header(Header::new("Location", location.to_owned()));
        }
        return empty(response);
    }
    let challenged = [Status::Unauthorized, Status::BadRequest, Status::Forbidden];
    // A catcher that answers with another status has taken the response over.
    if response.status() != denial.status() || !challenged.contains(&response.status()) {
        return;
    }
    for challenge in denial.challenges() {
        response.adjoin_header(challenge.header());
    }
}

fn empty(response: &mut Response<'_>) {
    response.remove_header("Content-Type");
    response.set_sized_body(0, Cursor::new([]));
}
