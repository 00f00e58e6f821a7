//! What the guards of this strategy have in common.

use std::any::Any;
use std::sync::Arc;
use std::time::SystemTime;

use rocket::Request;
use rocket::http::Status;

use super::keeper::Keeper;
use crate::clock::Clock;
use crate::credential;
use crate::csrf;
use crate::denial::Denial;
use crate::strategy::Service;

/// A strategy's sessions, on behalf of one request.
pub(super) struct Desk<'r, S> {
    pub(super) request: &'r Request<'r>,
    pub(super) service: Arc<S>,
    clock: Clock,
}

impl<'r, S: Any + Send + Sync + AsRef<Keeper>> Desk<'r, S> {
    /// Whoever changes a session, or begins or ends one, does so for a page of this application:
    /// a request that another site may have caused gets no further, also where the handler is not
    /// protected (S07).
    pub(super) async fn open(request: &'r Request<'r>) -> Result<Self, (Status, Arc<Denial>)> {
        let refuse = |denial: Denial| (denial.status(), Arc::new(denial));
        let service =
            Service::consult::<S>(request).map_err(|error| refuse(Denial::fault(error)))?;
        let name = service.as_ref().as_ref().cookie.name();
        let cookie = credential::cookie(request, name);
        let rule = match cookie {
            Ok(None) => csrf::Rule::Login,
            Ok(Some(_)) | Err(_) => csrf::Rule::Cookie,
        };
        csrf::refuse(request, rule).map_err(refuse)?;
        // Which of two sessions would end by a sign-out is not ours to guess.
        cookie.map_err(refuse)?;
        let clock = request.guard::<Clock>().await.succeeded().unwrap_or_default();
        Ok(Self { request, service, clock })
    }

    pub(super) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    pub(super) fn keeper(&self) -> &Keeper {
        self.service.as_ref().as_ref()
    }
}
