//! What a request knows of its session: read once, and kept up while the request changes it.

use std::sync::{Arc, Mutex, PoisonError};

use rocket::Request;
use rocket::tokio::sync::OnceCell;
use smallvec::SmallVec;

use super::record::Record;
use crate::store::{Key, Version};

/// The session that a request has shown, or has begun.
#[derive(Default)]
pub(super) struct Current {
    /// Set once the store was asked. A failure is not kept: whoever asks next may have more luck.
    pub(super) read: OnceCell<()>,
    shown: Mutex<Shown>,
}

/// What stands behind the cookie.
#[derive(Clone, Default)]
pub(super) enum Shown {
    /// There is no cookie.
    #[default]
    Nothing,
    /// There are two.
    Malformed,
    /// There is one, and no session.
    Dead(&'static str),
    /// There was one, and another request has ended it while this one ran.
    Ended,
    Live(Live),
}

/// A session as it was read last.
#[derive(Clone)]
pub(super) struct Live {
    pub(super) key: Key,
    pub(super) version: Version,
    pub(super) record: Record,
}

impl Current {
    /// That of the strategy `name`: an application may have several.
    pub(super) fn of(request: &Request<'_>, name: &Arc<str>) -> Arc<Self> {
        let sessions = request.local_cache(Sessions::default);
        let mut sessions = sessions.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, current)) = sessions.iter().find(|(other, _)| other == name) {
            return Arc::clone(current);
        }
        let current = Arc::<Self>::default();
        sessions.push((Arc::clone(name), Arc::clone(&current)));
        current
    }

    pub(super) fn shown(&self) -> Shown {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn live(&self) -> Option<Live> {
        match self.shown() {
            Shown::Live(live) => Some(live),
            Shown::Nothing | Shown::Malformed | Shown::Dead(_) | Shown::Ended => None,
        }
    }

    pub(super) fn show(&self, shown: Shown) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = shown;
    }
}

/// The sessions of one request, by strategy; mostly one.
#[derive(Default)]
struct Sessions(Mutex<SmallVec<[Named; 1]>>);

type Named = (Arc<str>, Arc<Current>);
