//! The store in Redis: every write is a script, every read a `GET`.

mod connection;
mod failure;
mod header;
mod name;
mod script;

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use redis::aio::ConnectionManager;
use redis::io::tcp::TcpSettings;
use redis::{Client, Cmd, ConnectionAddr, IntoConnectionInfo, ProtocolVersion, Value};
use rustls::crypto::{CryptoProvider, aws_lc_rs};

use self::connection::{Connection, Repeat};
use self::failure::Failure;
use self::name::Name;
use self::script::Script;
use super::open::Unfit;
use super::{Adapter, Change, Changes, Cursor, Entry, Found, Key, Owner, Space, Stored, Version};
use crate::error::Error;
use crate::strategy::Answer;

/// Keeps things in Redis, for several processes on several machines.
///
/// | `passport.store` | connects |
/// |---|---|
/// | `redis://host`, `redis://user:password@host:6379/0` | by TCP, to a database by its number |
/// | `rediss://…` | the same over TLS; the system's certificates decide whom to trust |
/// | `redis+unix:///run/redis.sock?db=0&user=…&pass=…` | by a socket of this machine |
///
/// What is special in a URL is escaped, `@` in a password as `%40`.
///
/// # What it guarantees
///
/// Each operation is one command or one script, whole or not at all, and one way to the server and
/// back. A server that does not answer is unavailable after at most 2.5 s; once it is back, so is the
/// store. A read is sent again when the connection breaks under it; a write never is, since nobody
/// knows whether it was done: that is unavailable, too.
///
/// The clocks of the processes may differ by a minute: so long the server keeps what has ended.
///
/// It takes one server that writes: Redis 6 or newer, or Valkey; `?protocol=resp2` for one that knows
/// no `HELLO`, where a server that was started anew is noticed with the next command only, which
/// fails if it writes. Redis Cluster is not supported.
/// After a fail-over to a replica the last writes may be lost, which Redis acknowledges before the
/// replica has them; who [watches](Space::watched) a space then reads all of it anew.
///
/// # What the server needs
///
/// - `maxmemory-policy noeviction`. With any other, a full server gives up entries that have not
///   ended: who evicts a session signs somebody out, who evicts a revocation lets somebody in. A
///   warning at launch says so, if the server shows its policy.
/// - `appendonly yes`, if what is kept must outlive a crash; `appendfsync everysec` loses the last
///   second, `always` loses nothing.
/// - A user who may `~passport:* +@read +@write +@connection +eval +evalsha +info`, if not
///   everything, and `+config|get` for the warning.
/// - A database of its own, if two applications share a server: all keys begin with `passport:`.
///
/// # Security
///
/// Names are hashed, values are kept as they are. `redis://` sends them, and the password, in clear:
/// over a network use `rediss://`.
///
/// # A connection of the application's own
///
/// It is given instead of a URL:
///
/// ```no_run
/// use passport_rocket::store::{Redis, Store};
/// use redis::Client;
/// use redis::aio::ConnectionManager;
///
/// #[rocket::main]
/// async fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let manager = ConnectionManager::new(Client::open("redis://localhost")?).await?;
///     let store = Store::new(Redis::with_manager(manager.clone()));
///     rocket::build().manage(manager).manage(store).launch().await?;
///     Ok(())
/// }
/// ```
pub struct Redis {
    connection: Connection,
    has_warned: AtomicBool,
}

impl Redis {
    /// Keeps things through the application's own connection. This makes version 1 of the crate
    /// `redis` part of the interface of this one.
    ///
    /// Give it a `connection_timeout` of about a second and no retries, so that it is tried again
    /// soon. After an error that is none of I/O, a password that is refused for instance, it makes no
    /// connection by itself; one from a URL does.
    #[must_use]
    pub fn with_manager(manager: ConnectionManager) -> Self {
        Self::new(Connection::Theirs(manager))
    }

    /// The server that a URL names; nobody is connected to yet.
    pub(super) fn open(url: &str) -> Result<Self, Unfit> {
        // Not what the crate says of it, which may quote the URL.
        let unfit = |problem: &str| Unfit(problem.into(), WRITE.into());
        let unreadable = || unfit("no URL of a Redis server");
        let url = redis::parse_redis_url(url).ok_or_else(unreadable)?;
        let says_protocol = url.query_pairs().any(|(name, _)| name == "protocol");
        let mut server = url.into_connection_info().map_err(|_| unreadable())?;
        if let ConnectionAddr::TcpTls { insecure, .. } = server.addr() {
            if *insecure {
                return Err(unfit("`#insecure` would trust whoever answers"));
            }
            // The crate takes the one of the process, and panics where two could be meant.
            if CryptoProvider::get_default().is_none() {
                let _ = aws_lc_rs::default_provider().install_default();
            }
        }
        if !says_protocol {
            // With it the manager notices that the server went before a command does.
            let settings = server.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
            server = server.set_redis_settings(settings);
        }
        let server = server.set_tcp_settings(TcpSettings::default().set_nodelay(true));
        let client = Client::open(server).map_err(|_| unreadable())?;
        Ok(Self::new(Connection::Ours(Box::new(client), Mutex::default())))
    }

    fn new(connection: Connection) -> Self {
        Self { connection, has_warned: AtomicBool::new(false) }
    }

    async fn run(
        &self,
        script: &'static Script,
        name: Name<'_>,
        context: &Context,
        more: &[&[u8]],
        repeat: Repeat,
    ) -> Result<Value, Failure> {
        let Context { prefix, now, life } = context;
        let arguments = [&[&**prefix, now.as_bytes(), life.as_bytes()], more].concat();
        self.connection.run(script.call(name, &arguments), repeat).await
    }

    /// Writes if what is there is as `condition` says.
    async fn write(
        &self,
        key: &Key,
        entry: Entry,
        now: SystemTime,
        condition: Condition,
    ) -> Result<Option<Version>, Error> {
        let version = Version::random()?;
        let context = Context::of_write(key.space(), now)?;
        let value = header::entry(&entry, version);
        let condition = condition.argument();
        let more = [&*value, &*condition];
        let answer = self.run(&script::PUT, Name::Entry(key), &context, &more, Repeat::Never).await;
        match answer.and_then(integer::<u64>).map_err(|failure| failure.during(WRITING))? {
            0 => Ok(None),
            _ => Ok(Some(version)),
        }
    }

    /// Warns if the server may give up what has not ended. Not every server says.
    async fn warn_of_eviction(&self) {
        let mut command = Cmd::new();
        command.arg("CONFIG").arg("GET").arg("maxmemory-policy");
        let answer = self.connection.send(&command, Repeat::Harmless).await;
        // A map in RESP3.
        let policy = answer.ok().and_then(|answer| match answer {
            Value::Array(mut pair) => pair.pop(),
            Value::Map(mut pairs) => pairs.pop().map(|(_, policy)| policy),
            _ => None,
        });
        let Some(Value::BulkString(policy)) = policy else { return };
        if policy != b"noeviction" && !self.has_warned.swap(true, Ordering::Relaxed) {
            log::warn!(
                target: "passport::store",
                "passport.store: the `maxmemory-policy` of Redis is `{}`, so that what must not be \
                 lost, a revocation for instance, may be given up; set it to `noeviction`",
                policy.escape_ascii()
            );
        }
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis")
    }
}

impl Adapter for Redis {
    fn prepare(&self) -> Stored<'_, ()> {
        Answer::later(async move {
            let mut command = Cmd::new();
            command.arg("PING");
            let answer = self.connection.send(&command, Repeat::Harmless).await;
            answer.map_err(|failure| failure.during("connect to Redis"))?;
            self.warn_of_eviction().await;
            Ok(())
        })
    }

    fn get<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, Option<Found>> {
        Answer::later(async move {
            let name = Name::Entry(key);
            let mut command = Cmd::with_capacity(2, 3 + name.len());
            command.arg("GET").arg(name);
            let answer = self.connection.send(&command, Repeat::Harmless).await;
            answer.and_then(|value| living(value, now)).map_err(|failure| failure.during(READING))
        })
    }

    fn put<'a>(&'a self, key: &'a Key, entry: Entry, now: SystemTime) -> Stored<'a, Version> {
        Answer::later(async move {
            let version = self.write(key, entry, now, Condition::Anything).await?;
            version.ok_or_else(|| Failure::Odd.during(WRITING))
        })
    }

    fn put_if_absent<'a>(
        &'a self,
        key: &'a Key,
        entry: Entry,
        now: SystemTime,
    ) -> Stored<'a, Option<Version>> {
        Answer::later(self.write(key, entry, now, Condition::Absent))
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a Key,
        read: Version,
        entry: Entry,
        now: SystemTime,
    ) -> Stored<'a, Option<Version>> {
        Answer::later(self.write(key, entry, now, Condition::Is(read)))
    }

    fn take<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, Option<Found>> {
        Answer::later(async move {
            let context = Context::of_write(key.space(), now)?;
            let answer = self.run(&script::TAKE, Name::Entry(key), &context, &[], Repeat::Never);
            let found = answer.await.and_then(|value| living(value, now));
            found.map_err(|failure| failure.during(TAKING))
        })
    }

    fn remove<'a>(&'a self, key: &'a Key, now: SystemTime) -> Stored<'a, bool> {
        Answer::later(async move {
            let context = Context::of_write(key.space(), now)?;
            let answer = self.run(&script::REMOVE, Name::Entry(key), &context, &[], Repeat::Never);
            let removed = answer.await.and_then(integer::<u64>);
            removed.map(|count| count != 0).map_err(|failure| failure.during(DELETING))
        })
    }

    fn count<'a>(
        &'a self,
        key: &'a Key,
        by: u32,
        expires_at: SystemTime,
        now: SystemTime,
    ) -> Stored<'a, u64> {
        Answer::later(async move {
            let context = Context::of_write(key.space(), now)?;
            let counter = header::counter(expires_at, Version::random()?);
            let by = by.to_string();
            let more = [&*counter, by.as_bytes()];
            let answer = self.run(&script::COUNT, Name::Entry(key), &context, &more, Repeat::Never);
            answer.await.and_then(integer).map_err(|failure| failure.during("count in Redis"))
        })
    }

    fn owned<'a>(&'a self, owner: &'a Owner, now: SystemTime) -> Stored<'a, Vec<(Key, Found)>> {
        Answer::later(async move {
            let context = Context::of_read(owner.space(), now);
            let name = Name::Owned(owner);
            let answer = self.run(&script::OWNED, name, &context, &[], Repeat::Harmless).await;
            let owned = answer.and_then(array).and_then(|values| {
                let pairs = pairs(owner.space(), values.into_iter(), now)?;
                Ok(pairs.into_iter().filter_map(|(key, found)| Some((key, found?))).collect())
            });
            owned.map_err(|failure| failure.during(READING))
        })
    }

    fn remove_owned<'a>(
        &'a self,
        owner: &'a Owner,
        except: Option<&'a Key>,
        now: SystemTime,
    ) -> Stored<'a, u64> {
        Answer::later(async move {
            let context = Context::of_write(owner.space(), now)?;
            let except = [except.map(|key| &key.hash()[..]).unwrap_or_default()];
            let name = Name::Owned(owner);
            let answer = self.run(&script::REMOVE_OWNED, name, &context, &except, Repeat::Never);
            answer.await.and_then(integer).map_err(|failure| failure.during(DELETING))
        })
    }

    fn changes<'a>(
        &'a self,
        space: &'a Space,
        since: Option<Cursor>,
        now: SystemTime,
    ) -> Stored<'a, Changes> {
        Answer::later(async move {
            let context = Context::new(space, now, life()?);
            let [life, number] = match since {
                Some(cursor) => [cursor.life().to_string(), cursor.number().to_string()],
                None => [String::new(), String::new()],
            };
            let more = [life.as_bytes(), number.as_bytes()];
            let name = Name::Log(space);
            let answer = self.run(&script::CHANGES, name, &context, &more, Repeat::Harmless).await;
            let changes = answer.and_then(array).and_then(|values| changes(space, values, now));
            changes.map_err(|failure| failure.during(READING))
        })
    }
}

/// What every script is given.
struct Context {
    prefix: Vec<u8>,
    now: String,
    life: String,
}

impl Context {
    fn new(space: &Space, now: SystemTime, life: String) -> Self {
        Self { prefix: name::prefix(space), now: header::millis(now).to_string(), life }
    }

    fn of_read(space: &Space, now: SystemTime) -> Self {
        Self::new(space, now, String::new())
    }

    /// A write begins a life, where one is needed and none has begun.
    fn of_write(space: &Space, now: SystemTime) -> Result<Self, Error> {
        let life = if space.is_watched() { life()? } else { String::new() };
        Ok(Self::new(space, now, life))
    }
}

fn life() -> Result<String, Error> {
    Version::random().map(|random| i64::from(random).to_string())
}

/// What has to be there, for an entry to be written.
#[derive(Clone, Copy)]
enum Condition {
    Anything,
    Absent,
    Is(Version),
}

impl Condition {
    /// As `put.lua` reads it.
    fn argument(self) -> Vec<u8> {
        match self {
            Self::Anything => Vec::new(),
            Self::Absent => b"absent".to_vec(),
            Self::Is(version) => i64::from(version).to_be_bytes().to_vec(),
        }
    }
}

/// The entry in a value, unless it has ended.
fn living(value: Value, now: SystemTime) -> Result<Option<Found>, Failure> {
    match value {
        Value::Nil => Ok(None),
        Value::BulkString(bytes) => {
            let found = header::read(&bytes).ok_or(Failure::Odd)?;
            Ok((now < found.expires_at).then_some(found))
        }
        _ => Err(Failure::Odd),
    }
}

fn integer<T: TryFrom<i64>>(value: Value) -> Result<T, Failure> {
    let Value::Int(number) = value else { return Err(Failure::Odd) };
    T::try_from(number).map_err(|_| Failure::Odd)
}

fn array(value: Value) -> Result<Vec<Value>, Failure> {
    match value {
        Value::Array(values) => Ok(values),
        _ => Err(Failure::Odd),
    }
}

/// Hash, value, hash, value, …
fn pairs(
    space: &Space,
    mut values: impl Iterator<Item = Value>,
    now: SystemTime,
) -> Result<Vec<(Key, Option<Found>)>, Failure> {
    let mut pairs = Vec::new();
    while let Some(hash) = values.next() {
        let Value::BulkString(hash) = hash else { return Err(Failure::Odd) };
        let hash = hash.try_into().map_err(|_| Failure::Odd)?;
        let found = living(values.next().ok_or(Failure::Odd)?, now)?;
        pairs.push((Key::from_hash(space, hash), found));
    }
    Ok(pairs)
}

/// Life, last number, whether it is everything, and then pairs.
fn changes(space: &Space, values: Vec<Value>, now: SystemTime) -> Result<Changes, Failure> {
    let mut values = values.into_iter();
    let Some(Value::BulkString(life)) = values.next() else { return Err(Failure::Odd) };
    let life = str::from_utf8(&life).ok().and_then(|life| life.parse().ok()).ok_or(Failure::Odd)?;
    let number = integer(values.next().ok_or(Failure::Odd)?)?;
    let is_everything = integer::<u8>(values.next().ok_or(Failure::Odd)?)? == 1;
    let cursor = Cursor::new(life, number);
    let changed = pairs(space, values, now)?.into_iter();
    let changed = changed.filter(|(_, found)| !is_everything || found.is_some());
    let changed = changed.map(|(key, found)| Change::new(key, found)).collect();
    Ok(match is_everything {
        true => Changes::everything(changed, cursor),
        false => Changes::some(changed, cursor),
    })
}

const WRITE: &str = "write `redis://user:password@host:6379/0`, `rediss://…` for TLS, or \
                     `redis+unix:///path/to/socket`; what is special in a password as `%40`";

const READING: &str = "read from Redis";
const WRITING: &str = "write to Redis";
const TAKING: &str = "take from Redis";
const DELETING: &str = "delete from Redis";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_where_it_is() {
        let urls = [
            "redis://localhost",
            "redis://ada:hunter2@host:7000/3?protocol=resp3",
            "redis://:hunter2@[::1]",
            "rediss://host",
            "redis+unix:///run/redis.sock?db=1&pass=hunter2",
        ];
        for url in urls {
            assert_eq!(format!("{:?}", Redis::open(url).unwrap()), "Redis");
        }
    }

    // O02, trap 19
    #[test]
    fn a_url_that_says_nothing_is_refused_without_being_shown() {
        let urls = [
            "redis:",
            "redis://",
            "redis://ada:hunter2@host:port",
            "redis://ada:hunter2@host/hunter2",
            "redis://ada:hunter2@host?protocol=hunter2",
            "rediss://ada:hunter2@host#insecure",
        ];
        for url in urls {
            let Unfit(problem, remedy) = Redis::open(url).unwrap_err();
            assert!(!problem.contains("hunter2"), "{url}");
            assert_eq!(remedy, WRITE);
        }
    }
}
