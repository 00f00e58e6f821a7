//! What happens to sessions: read, begun, changed, ended. All of it goes through the one store.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use rocket::Request;

use super::cookie::CookieStyle;
use super::current::{Current, Live, Shown};
use super::id::{Age, Id, Seals};
use super::limits::{Length, Limits, is_to_be_seen};
use super::record::{Record, Rest};
use crate::credential;
use crate::error::Error;
use crate::one_line::OneLine;
use crate::store::{Entry, Found, Key, Owner, Space, Store};

/// The sessions of one strategy, as it offers them to [`Session`](super::Session).
pub struct Keeper {
    pub(super) name: Arc<str>,
    pub(super) space: Space,
    pub(super) store: Store,
    pub(super) seals: Seals,
    pub(super) cookie: CookieStyle,
    pub(super) limits: Limits,
}

/// How a user's session begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beginning {
    pub(super) length: Length,
    /// Whether what the browser's session held before is kept.
    pub(super) keeps_data: bool,
    /// When the user proved who they are, if that was before: a session makes no proof fresher.
    pub(super) authenticated: Option<SystemTime>,
}

impl Keeper {
    /// What the request shows; the store is asked once in a request, and only if there is a cookie
    /// of ours.
    pub(super) async fn current(
        &self,
        request: &Request<'_>,
        now: SystemTime,
    ) -> Result<Arc<Current>, Error> {
        let current = Current::of(request, &self.name);
        let read = async || {
            current.show(self.read(request, now).await?);
            Ok::<_, Error>(())
        };
        current.read.get_or_try_init(read).await?;
        Ok(current)
    }

    async fn read(&self, request: &Request<'_>, now: SystemTime) -> Result<Shown, Error> {
        let cookie = match credential::cookie(request, self.cookie.name()) {
            Ok(Some(cookie)) => cookie,
            Ok(None) => return Ok(Shown::Nothing),
            Err(_) => return Ok(Shown::Malformed),
        };
        let Some((id, age)) = self.seals.open(cookie) else {
            return Ok(Shown::Dead("the cookie is not signed by us"));
        };
        let key = self.key(&id);
        let Some(found) = self.store.get(&key, now).get().await? else {
            return Ok(Shown::Dead("the session has ended"));
        };
        let live = Live::new(key, &found)?;
        if age == Age::Older && is_page(request) {
            self.send(request, &id, &live.record, now);
        }
        Ok(Shown::Live(live))
    }

    /// What the request shows, for whoever asks what the session holds, which is use of it.
    pub(super) async fn in_use(
        &self,
        request: &Request<'_>,
        now: SystemTime,
    ) -> Result<Arc<Current>, Error> {
        let current = self.current(request, now).await?;
        if let Some(live) = current.live() {
            self.see(&current, &live, now).await;
        }
        Ok(current)
    }

    /// Writes down that a session is in use, if the last time was long enough ago.
    pub(super) async fn see(&self, current: &Current, live: &Live, now: SystemTime) {
        if !is_to_be_seen(&live.record.head, now) {
            return;
        }
        // In a box, so that the many requests which write nothing have no room for it.
        let seen = Box::pin(async {
            let record = live.record.seen_at(now)?;
            let entry = self.entry(&record);
            let swapped = self.store.compare_and_swap(&live.key, live.version, entry, now);
            // Lost to another request of the session: then that one wrote it down.
            if let Some(version) = swapped.get().await? {
                current.show(Shown::Live(Live { version, record, key: live.key.clone() }));
            }
            Ok::<_, Error>(())
        });
        // The session was read, so the request goes on; at worst the session ends a little early.
        if let Err(error) = seen.await {
            let what = format!("{error:?}");
            log::warn!(target: "passport::session", "{}: {}", self.name, OneLine(&what));
        }
    }

    /// Begins a session of `user` under a new id; the one before is over (S02).
    pub(super) async fn begin(
        &self,
        request: &Request<'_>,
        user: &[u8],
        beginning: Beginning,
        now: SystemTime,
    ) -> Result<(), Error> {
        let current = self.current(request, now).await?;
        let mut rest = Rest { user_agent: user_agent(request), ..Rest::default() };
        if let Some(before) = current.live() {
            // Taken, not read and removed: what another request writes meanwhile is in it, or fails.
            let taken = self.store.take(&before.key, now).get().await?;
            current.show(Shown::Dead("another session has begun"));
            if let Some(taken) = taken.filter(|_| beginning.keeps_data) {
                let record = Record::read(&taken.value)?;
                // What belongs to one user is never handed to another.
                if record.user().is_none_or(|owner| owner == user) {
                    let before = record.rest()?;
                    rest = Rest { user_agent: rest.user_agent, ..before };
                }
            }
        }
        let mut head = self.limits.begin(beginning.length, now);
        head.authenticated = beginning.authenticated.map_or(now, |earlier| earlier.min(now));
        let record = Record::new(head, Some(user), &rest)?;
        self.write(request, &current, record, now).await
    }

    /// Takes a dead cookie away, if the request is a page's.
    pub(super) fn clear(&self, request: &Request<'_>) {
        if is_page(request) {
            credential::set_cookie(request, &self.cookie.gone());
        }
    }

    /// Ends the session of the request, if it has one (S04).
    pub(super) async fn end(&self, request: &Request<'_>, now: SystemTime) -> Result<(), Error> {
        let current = self.current(request, now).await?;
        if let Some(live) = current.live() {
            self.store.remove(&live.key, now).get().await?;
        }
        match current.shown() {
            Shown::Nothing => return Ok(()),
            Shown::Malformed | Shown::Dead(_) | Shown::Ended | Shown::Live(_) => {}
        }
        current.show(Shown::Nothing);
        credential::set_cookie(request, &self.cookie.gone());
        Ok(())
    }

    /// Lets `change` have what the session holds, and writes it if it differs afterwards. Where
    /// another request was faster, `change` is called again with what that one has written, so that
    /// nothing is lost.
    pub(super) async fn change<R>(
        &self,
        request: &Request<'_>,
        now: SystemTime,
        mut change: impl FnMut(&mut Rest) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let current = self.current(request, now).await?;
        for _ in 0..TRIES {
            let live = match current.shown() {
                Shown::Live(live) => live,
                // Not made anew: its cookie would take the place of the one that a sign-in is
                // sending at this moment.
                Shown::Ended => {
                    return Err(Error::unavailable(CHANGE, "it has ended in another request"));
                }
                Shown::Nothing | Shown::Malformed | Shown::Dead(_) => {
                    return self.change_nothing(request, &current, now, change).await;
                }
            };
            let before = live.record.rest()?;
            let mut after = before.clone();
            let result = change(&mut after)?;
            if after == before {
                self.see(&current, &live, now).await;
                return Ok(result);
            }
            let record = self.fitting(live.record.with_rest(&after, now)?)?;
            let entry = self.entry(&record);
            let swapped = self.store.compare_and_swap(&live.key, live.version, entry, now);
            if let Some(version) = swapped.get().await? {
                current.show(Shown::Live(Live { version, record, ..live }));
                return Ok(result);
            }
            let found = self.store.get(&live.key, now).get().await?;
            current.show(match found {
                Some(found) => Shown::Live(Live::new(live.key, &found)?),
                None => Shown::Ended,
            });
        }
        Err(Error::unavailable(CHANGE, "too many requests change it at once"))
    }

    /// The same where there is no session: one of nobody begins, if there is something to hold.
    async fn change_nothing<R>(
        &self,
        request: &Request<'_>,
        current: &Current,
        now: SystemTime,
        mut change: impl FnMut(&mut Rest) -> Result<R, Error>,
    ) -> Result<R, Error> {
        let mut rest = Rest::default();
        let result = change(&mut rest)?;
        if rest != Rest::default() {
            let head = self.limits.begin(Length::Anonymous, now);
            let record = self.fitting(Record::new(head, None, &rest)?)?;
            self.write(request, current, record, now).await?;
        }
        Ok(result)
    }

    /// The sessions of a user.
    pub(super) async fn all_of(
        &self,
        user: &[u8],
        now: SystemTime,
    ) -> Result<Vec<(Key, Record)>, Error> {
        let found = self.store.owned(&self.owner(user), now).get().await?;
        found.into_iter().map(|(key, found)| Ok((key, Record::read(&found.value)?))).collect()
    }

    /// Ends the sessions of a user, `except` one; tells how many there were.
    pub(super) async fn end_all_of(
        &self,
        user: &[u8],
        except: Option<&Key>,
        now: SystemTime,
    ) -> Result<u64, Error> {
        self.store.remove_owned(&self.owner(user), except, now).get().await
    }

    /// Puts a new session in the store and its id into the browser.
    async fn write(
        &self,
        request: &Request<'_>,
        current: &Current,
        record: Record,
        now: SystemTime,
    ) -> Result<(), Error> {
        let id = Id::random()?;
        let key = self.key(&id);
        let written = self.store.put_if_absent(&key, self.entry(&record), now).get().await?;
        let version = written.ok_or_else(|| {
            Error::failed("begin a session", "its id is taken, so the randomness is not random")
        })?;
        self.send(request, &id, &record, now);
        current.show(Shown::Live(Live { key, version, record }));
        Ok(())
    }

    fn send(&self, request: &Request<'_>, id: &Id, record: &Record, now: SystemTime) {
        let lasts = record.head.ends.duration_since(now).unwrap_or_default();
        let max_age = record.head.is_remembered.then_some(lasts);
        credential::set_cookie(request, &self.cookie.holding(self.seals.seal(id), max_age));
    }

    fn fitting(&self, record: Record) -> Result<Record, Error> {
        if record.bytes().len() > self.limits.max_data {
            return Err(Error::misuse("keep more in a session than it may hold")
                .with_key(format!("passport.{}.max_data", self.name)));
        }
        // JSON is read to a certain depth only. What is too deep would take all that the session holds
        // along, and the list of its user's sessions.
        let attempted = "keep in a session what nobody could read back, being nested too deep";
        match record.rest() {
            Ok(_) => Ok(record),
            Err(error) => Err(Error::misuse(attempted).with_cause(error)),
        }
    }

    fn entry(&self, record: &Record) -> Entry {
        let entry = Entry::shared(Arc::clone(record.bytes()), record.head.expires_at());
        match record.user() {
            Some(user) => entry.owned_by(self.owner(user)),
            None => entry,
        }
    }

    fn key(&self, id: &Id) -> Key {
        Key::new(&self.space, id.expose())
    }

    fn owner(&self, user: &[u8]) -> Owner {
        Owner::new(&self.space, user)
    }
}

impl AsRef<Self> for Keeper {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keeper").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Live {
    fn new(key: Key, found: &Found) -> Result<Self, Error> {
        Ok(Self { key, version: found.version, record: Record::read(&found.value)? })
    }
}

/// Whether a browser loads a page, or no browser asks. A script that asks at the moment of a sign-in,
/// with the id of before, must not have a cookie sent that takes the place of the new one.
fn is_page(request: &Request<'_>) -> bool {
    let mode = request.headers().get_one("Sec-Fetch-Mode");
    mode.is_none_or(|mode| mode == "navigate")
}

/// To be recognized by in a list of sessions.
fn user_agent(request: &Request<'_>) -> Option<String> {
    let sent = request.headers().get_one("User-Agent")?;
    Some(sent.chars().filter(|c| !c.is_control()).take(LONGEST_USER_AGENT).collect())
}

const LONGEST_USER_AGENT: usize = 200;

const CHANGE: &str = "change what a session holds";

/// Each try that fails is another request's success; so many at once is no browser.
const TRIES: usize = 200;
