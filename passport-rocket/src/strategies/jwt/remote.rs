//! Keys that a provider publishes, kept and renewed (R15).
//!
//! Nothing runs on a timer: requests cause every fetch, and the application's clock tells the age
//! of what is kept. Before a set is old, the first request that sees it so has it fetched anew in
//! the background; once it is old, requests wait for one fetch together. While the provider is
//! down, the last set stays in use for a bounded time, and only who needs a key that it lacks
//! waits for another.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, SystemTime};

use rocket::tokio;
use rocket::tokio::sync::Mutex;

use super::fetch::{Failure, Fetched, Fetcher};
use super::header::Policy;
use super::key_set::{KeySet, Miss};
use super::lookup::Lookup;
use super::memory::Memory;
use super::provided::Key;
use super::rejection::Rejection;
use crate::denial::Denial;
use crate::duration;

/// The keys of one provider.
pub(super) struct RemoteKeys(Arc<Shared>);

/// When keys are fetched: the cooldown is the shortest and the stale time the longest, as launch
/// makes sure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    /// How long a set is believed. The provider's `Cache-Control` may say less.
    pub(super) lifetime: Duration,
    /// How long one that cannot be renewed stays in use.
    pub(super) stale: Duration,
    /// How long after a failed fetch, or one that an unknown key caused, the next one may be.
    pub(super) cooldown: Duration,
}

struct Shared {
    strategy: String,
    fetcher: Fetcher,
    policy: Policy,
    times: Times,
    /// What the keys have proved, to be forgotten with them.
    memory: Option<Arc<Memory>>,
    state: RwLock<State>,
    /// Held by whoever fetches.
    turn: Arc<Mutex<()>>,
}

#[derive(Clone, Default)]
struct State {
    kept: Option<Kept>,
    /// When the last fetch failed, if it did.
    failed_at: Option<SystemTime>,
    /// When an unknown key last caused one.
    forced_at: Option<SystemTime>,
    so_far: Count,
}

/// How many fetches there were.
#[derive(Clone, Copy, Default)]
struct Count {
    begun: u64,
    failed: u64,
}

#[derive(Clone)]
struct Kept {
    set: Arc<KeySet>,
    fetched_at: SystemTime,
    lifetime: Duration,
}

/// What a request does about the keys that it finds.
enum Next {
    Use(Key),
    /// Use it, and have the set renewed.
    UseAndRenew(Key),
    /// Wait for a fetch; it is forced where the set is young and the key unknown.
    Fetch {
        forced: bool,
    },
    Refuse(Denial),
}

/// A fetch that a request waits for.
pub(super) struct Fetch<'k> {
    keys: &'k RemoteKeys,
    now: SystemTime,
    /// What there had been when it was found that one is needed.
    before: Count,
}

impl RemoteKeys {
    pub(super) fn new(
        strategy: &str,
        fetcher: Fetcher,
        policy: Policy,
        times: Times,
        memory: Option<Arc<Memory>>,
    ) -> Self {
        Self(Arc::new(Shared {
            strategy: strategy.to_owned(),
            fetcher,
            policy,
            times,
            memory,
            state: RwLock::default(),
            turn: Arc::default(),
        }))
    }

    /// Looks for the key of a token with this encoded header.
    pub(super) fn find(
        &self,
        segment: &str,
        policy: &Policy,
        now: SystemTime,
    ) -> Lookup<'_, Fetch<'_>> {
        let (next, before) = {
            let state = self.0.lock();
            (state.next(segment, policy, &self.0.times, now), state.so_far)
        };
        match next {
            Next::Use(key) => Lookup::Found(Cow::Owned(key)),
            Next::UseAndRenew(key) => {
                self.renew(now);
                Lookup::Found(Cow::Owned(key))
            }
            Next::Fetch { .. } => Lookup::Wait(Fetch { keys: self, now, before }),
            Next::Refuse(denial) => Lookup::Refused(denial),
        }
    }

    /// Fetches the first set, before the port opens.
    pub(super) async fn prepare(&self, now: SystemTime) -> Result<(), Failure> {
        let _turn = self.0.turn.lock().await;
        self.0.fetch(now, false).await
    }

    /// Where they come from.
    pub(super) fn place(&self) -> String {
        self.0.fetcher.place()
    }

    /// Fetches in the background, unless somebody does already.
    fn renew(&self, now: SystemTime) {
        let Ok(turn) = Arc::clone(&self.0.turn).try_lock_owned() else { return };
        let shared = Arc::clone(&self.0);
        if shared.state().is_due(&shared.times, now) {
            tokio::spawn(async move {
                let _turn = turn;
                let _ = shared.fetch(now, false).await;
            });
        }
    }
}

impl Fetch<'_> {
    /// The key, after a fetch: ours, or that of whoever had the turn before us.
    pub(super) async fn key(self, segment: &str, policy: &Policy) -> Result<Key, Denial> {
        let shared = &self.keys.0;
        let turn = Arc::clone(&shared.turn).lock_owned().await;
        let state = shared.state();
        let Count { begun, failed } = state.so_far;
        if begun != self.before.begun || failed != self.before.failed {
            // One that began since has heard what there is to hear, and one that failed, failed for all
            // who waited. Were each to try again, a provider that takes its time would hold up the last
            // of them for as long as all fetches together.
            return state.after_fetch(segment, policy, &shared.times, self.now);
        }
        let forced = match state.next(segment, policy, &shared.times, self.now) {
            Next::Use(key) | Next::UseAndRenew(key) => return Ok(key),
            Next::Refuse(denial) => return Err(denial),
            Next::Fetch { forced } => forced,
        };
        // Keys are gone when nobody holds their set; who waits for another one must not.
        drop(state);
        let (fetching, now) = (Arc::clone(shared), self.now);
        // A task of its own: a request that is given up takes nobody else's fetch along.
        let fetch = tokio::spawn(async move {
            let _turn = turn;
            let _ = fetching.fetch(now, forced).await;
        });
        if fetch.await.is_err() {
            // It did not come to an end; the next request shall not try that again at once.
            shared.change(|state| state.fail(now));
        }
        shared.state().after_fetch(segment, policy, &shared.times, now)
    }
}

impl Shared {
    fn lock(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state as it is, for whoever goes on waiting.
    fn state(&self) -> State {
        self.lock().clone()
    }

    /// Fetches; whoever calls it has the turn.
    async fn fetch(&self, now: SystemTime, forced: bool) -> Result<(), Failure> {
        self.change(|state| state.so_far.begun = state.so_far.begun.wrapping_add(1));
        let before = self.lock().kept.as_ref().map(|kept| Arc::clone(&kept.set));
        let fetched = self.fetcher.fetch(before.as_deref(), &self.policy).await;
        drop(before);
        // Not before, and together with what came of it: whoever comes in the meantime waits for
        // it, and is not refused.
        let note = |state: &mut State| {
            if forced {
                state.forced_at = Some(now);
            }
        };
        match fetched {
            Ok(Fetched { set, max_age }) => {
                let times = &self.times;
                let lifetime = max_age.map_or(times.lifetime, |max_age| {
                    max_age.clamp(times.cooldown, times.lifetime)
                });
                let count = set.len();
                let kept = Kept { set: Arc::new(set), fetched_at: now, lifetime };
                self.change(|state| {
                    note(state);
                    state.kept = Some(kept);
                    state.failed_at = None;
                });
                if let Some(memory) = &self.memory {
                    memory.forget_gone_keys();
                }
                log::debug!(
                    target: "passport::jwt",
                    "{}: {count} keys from {}", self.strategy, self.fetcher.place()
                );
                Ok(())
            }
            Err(failure) => {
                self.change(|state| {
                    note(state);
                    state.fail(now);
                });
                let stale = duration::display(self.times.stale);
                log::error!(
                    target: "passport::jwt",
                    "{}: keys of {}: {failure}; the last good ones stay in use for {stale} from \
                     when they were fetched", self.strategy, self.fetcher.place()
                );
                Err(failure)
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl State {
    fn next(&self, segment: &str, policy: &Policy, times: &Times, now: SystemTime) -> Next {
        let Some(kept) = self.usable(times, now) else {
            return match self.may_try(times, now) {
                true => Next::Fetch { forced: false },
                false => Next::Refuse(down()),
            };
        };
        let age = kept.age(now);
        if age >= kept.lifetime && !self.has_failed_lately(kept, times, now) {
            return Next::Fetch { forced: false };
        }
        match kept.set.pick(segment, policy) {
            Ok(key) if self.is_due(times, now) => Next::UseAndRenew(key.clone()),
            Ok(key) => Next::Use(key.clone()),
            Err(Miss::Rejected(rejection)) => Next::Refuse(rejection.into()),
            Err(Miss::UnknownId) => match self.may_force(times, now) {
                true => Next::Fetch { forced: true },
                false => Next::Refuse(self.unknown()),
            },
        }
    }

    fn after_fetch(
        &self,
        segment: &str,
        policy: &Policy,
        times: &Times,
        now: SystemTime,
    ) -> Result<Key, Denial> {
        let kept = self.usable(times, now).ok_or_else(down)?;
        kept.set.pick(segment, policy).cloned().map_err(|miss| match miss {
            Miss::UnknownId => self.unknown(),
            Miss::Rejected(rejection) => rejection.into(),
        })
    }

    /// What is kept, as long as it may be used at all.
    fn usable(&self, times: &Times, now: SystemTime) -> Option<&Kept> {
        self.kept.as_ref().filter(|kept| kept.age(now) < times.stale)
    }

    /// Whether it is time to renew the set, before anybody has to wait.
    fn is_due(&self, times: &Times, now: SystemTime) -> bool {
        let is_due = |kept: &Kept| kept.age(now) >= kept.lifetime.mul_f32(RENEWAL);
        self.kept.as_ref().is_some_and(is_due) && self.may_try(times, now)
    }

    /// Whether there is no use in waiting for a new set: the last one stays in use, and the next fetch
    /// is nobody's to wait for whose key is there.
    fn has_failed_lately(&self, kept: &Kept, times: &Times, now: SystemTime) -> bool {
        let lately = kept.lifetime.max(times.cooldown.saturating_mul(2));
        self.failed_at.is_some_and(|failed| apart(failed, now) < lately)
    }

    fn fail(&mut self, now: SystemTime) {
        self.failed_at = Some(now);
        self.so_far.failed = self.so_far.failed.wrapping_add(1);
    }

    /// Whether a fetch may be tried: a provider that is down is not asked by each request.
    fn may_try(&self, times: &Times, now: SystemTime) -> bool {
        self.failed_at.is_none_or(|failed| apart(failed, now) >= times.cooldown)
    }

    /// Whether an unknown key may cause one: forged ids must not cost a fetch each.
    fn may_force(&self, times: &Times, now: SystemTime) -> bool {
        self.may_try(times, now)
            && self.forced_at.is_none_or(|forced| apart(forced, now) >= times.cooldown)
    }

    /// The answer to a key that nobody knows. While the provider is down, it may be a new one.
    fn unknown(&self) -> Denial {
        match self.failed_at {
            Some(_) => down(),
            None => Rejection::from(Miss::UnknownId).into(),
        }
    }
}

impl Kept {
    fn age(&self, now: SystemTime) -> Duration {
        apart(self.fetched_at, now)
    }
}

/// How far apart two times are: a clock that was set back does not keep a set young forever.
fn apart(one: SystemTime, other: SystemTime) -> Duration {
    other.duration_since(one).unwrap_or_else(|error| error.duration())
}

fn down() -> Denial {
    Denial::unavailable("the provider's keys cannot be had")
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RemoteKeys").field(&self.0.fetcher.place()).finish()
    }
}

/// The part of its lifetime after which a set is renewed.
const RENEWAL: f32 = 0.75;
