//! From a URL to a store.

use super::{Memory, Store};
use crate::config::{Mistake, Options, Table};

/// The store that `passport.store` names, in memory where it names none.
///
/// # Errors
/// When the URL is not one of a store that this build knows.
pub(crate) fn open(table: &Table, options: &Options) -> Result<Store, Vec<Mistake>> {
    let Some(url) = &options.store else {
        if !table.is_debug() {
            log::warn!(
                target: "passport",
                "what must be remembered is kept in the memory of this process, and lost with it; \
                 set `passport.store`, to `memory:` if that is meant"
            );
        }
        return Ok(Store::new(Memory::default()).at(place(table)));
    };
    let url = url.expose();
    let store = match url.split_once(':').map(|(scheme, _)| scheme) {
        Some("memory") => memory(url),
        #[cfg(feature = "sqlite")]
        Some("sqlite") => super::Sqlite::open(url).map(Store::new),
        #[cfg(feature = "postgres")]
        Some("postgres" | "postgresql") => super::Postgres::open(url).map(Store::new),
        #[cfg(feature = "redis")]
        Some("redis" | "rediss" | "redis+unix") => super::Redis::open(url).map(Store::new),
        Some(scheme) => Err(unknown(scheme)),
        None => Err(Unfit("no URL of a store".into(), WRITE.into())),
    };
    match store {
        Ok(store) => Ok(store.at(place(table))),
        Err(Unfit(problem, remedy)) => Err(vec![table.mistake("store", problem, remedy)]),
    }
}

/// What is said of a store that cannot be opened.
pub(crate) fn place(table: &Table) -> Mistake {
    let remedy = "see that it runs, and that the URL is right";
    table.mistake("store", "the store cannot be opened", remedy)
}

/// Why a URL names no store, without the URL, which may hold a password; and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unfit(pub(super) String, pub(super) String);

const WRITE: &str = "write `memory:`, `sqlite://…`, `postgres://…` or `redis://…`";

fn unknown(scheme: &str) -> Unfit {
    let feature = match scheme {
        "sqlite" => "sqlite",
        "postgres" | "postgresql" => "postgres",
        "redis" | "rediss" | "redis+unix" => "redis",
        _ => return Unfit("no scheme of a store".into(), WRITE.into()),
    };
    Unfit(
        format!("this build has no {feature} store"),
        format!("add the feature `{feature}` of passport-rocket to Cargo.toml"),
    )
}

/// `memory:`, or `memory:?max=256MiB`.
fn memory(url: &str) -> Result<Store, Unfit> {
    let unfit = |problem: &str| {
        Unfit(problem.into(), "write `memory:`, or with a size `memory:?max=256MiB`".into())
    };
    let rest = url.strip_prefix("memory:").unwrap_or_default();
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    if rest.is_empty() {
        return Ok(Store::new(Memory::default()));
    }
    let size = rest.strip_prefix("?max=").ok_or_else(|| unfit("more than a memory store takes"))?;
    let size: rocket::data::ByteUnit = size.parse().map_err(|_| unfit("`max` is no size"))?;
    match usize::try_from(size.as_u64()) {
        Ok(bytes) if bytes >= Memory::LEAST => Ok(Store::new(Memory::new(bytes))),
        _ => Err(unfit("`max` is less than 64 KiB, or more than there is")),
    }
}

#[cfg(test)]
mod tests {
    use figment::Figment;
    use figment::providers::{Format, Toml};

    use super::*;

    fn opened(url: &str) -> Result<Store, Mistake> {
        let toml = format!("[passport]\nstore = '{url}'");
        let figment = Figment::from(Toml::string(&toml));
        let (options, mistakes, _) = crate::config::options(&figment);
        assert_eq!(mistakes, []);
        open(&Table::new(&figment, "passport"), &options).map_err(|mut all| all.remove(0))
    }

    #[test]
    fn a_memory_store_has_a_size_if_one_is_said() {
        for url in ["memory:", "memory://", "memory:?max=64KiB", "memory:?max=256MiB"] {
            assert!(opened(url).is_ok(), "{url}");
        }
        for url in
            ["memory:64", "memory:?max=", "memory:?max=1KiB", "memory:?max=much", "memory:/a"]
        {
            let mistake = opened(url).unwrap_err();
            assert_eq!(mistake.key, "passport.store", "{url}");
            assert!(mistake.remedy.contains("?max=256MiB"), "{url}");
        }
    }

    // Trap 19
    #[test]
    fn a_url_that_names_no_store_is_refused_without_being_shown() {
        for url in ["mysql://ada:hunter2@host", "hunter2", "redis+tls://ada:hunter2@host", ""] {
            let mistake = opened(url).unwrap_err();
            assert_eq!((&*mistake.key, &*mistake.remedy), ("passport.store", WRITE), "{url}");
            assert!(!mistake.to_string().contains("hunter2"), "{url}");
        }
    }
}
