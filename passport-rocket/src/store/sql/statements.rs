//! Every statement. Those of an operation have the parameters of [`With`](super::With): `$1` key, `$2`
//! space, `$3` value, `$4` owner, `$5` end, `$6` version, `$7` now, `$8` what is compared or added, `$9`
//! number of the change, `$10` life. Housekeeping has its own, which stand beside it.

/// A statement that writes, in its three forms. Each answers with the rows that it wrote.
pub(in crate::store) struct Write {
    /// Where nobody watches, or where the number of the change, `$9`, is known.
    pub(in crate::store) plain: &'static str,
    /// As PostgreSQL writes in a watched space: what draws the number and notes what is deleted is in
    /// the same statement.
    #[cfg(feature = "postgres")]
    pub(in crate::store) watched: &'static str,
    /// What has to run before it in a watched space of SQLite, which can do that in a transaction
    /// only.
    #[cfg(feature = "sqlite")]
    pub(in crate::store) notes: Option<&'static str>,
}

pub(in crate::store) const GET: &str = "SELECT key, value, expires_at, version
    FROM passport_entry WHERE key = $1 AND expires_at > $7";

pub(in crate::store) const OWNED: &str = "SELECT key, value, expires_at, version
    FROM passport_entry WHERE owner = $4 AND expires_at > $7";

/// What has changed since `$8` in the life `$10`; what has ended as well, since somebody may know an
/// older entry that was to last longer.
pub(in crate::store) const CHANGES: &str = "WITH here AS (
        SELECT name, life, newest,
            CASE WHEN life = $10 AND $8 BETWEEN forgotten AND newest THEN $8 ELSE -1 END AS since
        FROM passport_space WHERE name = $2
    )
    SELECT life, newest, since, entry.key, entry.value, entry.expires_at, entry.version
    FROM here LEFT JOIN passport_entry AS entry
        ON entry.space = here.name AND entry.change > here.since
    UNION ALL
    SELECT life, newest, since, deleted.key, NULL, NULL, NULL
    FROM here JOIN passport_deleted AS deleted
        ON deleted.space = here.name AND deleted.change > here.since
    WHERE NOT EXISTS (SELECT 1 FROM passport_entry AS entry WHERE entry.key = deleted.key)";

/// Locks the row of the space until the write is whole.
macro_rules! draw {
    () => {
        "INSERT INTO passport_space (name, life, newest) VALUES ($2, $10, 1)
        ON CONFLICT (name) DO UPDATE SET newest = passport_space.newest + 1
        RETURNING newest"
    };
}

/// A write of which `$change` is the number of the change.
macro_rules! changing {
    ($write:ident) => {
        Write {
            plain: $write!("$9"),
            #[cfg(feature = "postgres")]
            watched: concat!(
                "WITH drawn AS (",
                draw!(),
                ") ",
                $write!("(SELECT newest FROM drawn)")
            ),
            #[cfg(feature = "sqlite")]
            notes: None,
        }
    };
}

/// A deletion of what `$which` selects.
macro_rules! delete {
    ($which:literal) => {
        Write {
            plain: concat!(
                "DELETE FROM passport_entry WHERE ",
                $which,
                " RETURNING key, value, expires_at, version"
            ),
            #[cfg(feature = "postgres")]
            watched: concat!(
                "WITH drawn AS (",
                draw!(),
                "), gone AS (DELETE FROM passport_entry USING drawn WHERE ",
                $which,
                " RETURNING key, value, expires_at, version, newest), noted AS (
                    INSERT INTO passport_deleted (key, space, change, expires_at)
                    SELECT key, $2, newest, $5 FROM gone ",
                noted!(),
                ") SELECT key, value, expires_at, version FROM gone"
            ),
            #[cfg(feature = "sqlite")]
            notes: Some(concat!(
                "INSERT INTO passport_deleted (key, space, change, expires_at)
                SELECT key, space, $9, $5 FROM passport_entry WHERE ",
                $which,
                " ",
                noted!()
            )),
        }
    };
}

macro_rules! noted {
    () => {
        "ON CONFLICT (key)
        DO UPDATE SET change = excluded.change, expires_at = excluded.expires_at"
    };
}

macro_rules! insert {
    ($change:literal) => {
        concat!(
            "INSERT INTO passport_entry (key, space, value, owner, expires_at, version, change)
            VALUES ($1, $2, $3, $4, $5, $6, ",
            $change,
            ") ON CONFLICT (key) DO UPDATE SET value = excluded.value, count = 0,
            owner = excluded.owner, expires_at = excluded.expires_at,
            version = excluded.version, change = excluded.change"
        )
    };
}

macro_rules! put {
    ($change:literal) => {
        concat!(insert!($change), " RETURNING key, NULL, expires_at, version")
    };
}

macro_rules! put_if_absent {
    ($change:literal) => {
        concat!(
            insert!($change),
            " WHERE passport_entry.expires_at <= $7 RETURNING key, NULL, expires_at, version"
        )
    };
}

macro_rules! swap {
    ($change:literal) => {
        concat!(
            "UPDATE passport_entry SET value = $3, count = 0, owner = $4, expires_at = $5,
            version = $6, change = ",
            $change,
            " WHERE key = $1 AND version = $8 AND expires_at > $7
            RETURNING key, NULL, expires_at, version"
        )
    };
}

macro_rules! count {
    ($change:literal) => {
        concat!(
            "INSERT INTO passport_entry (key, space, value, expires_at, version, change, count)
            VALUES ($1, $2, $3, $5, $6, ",
            $change,
            ", $8) ON CONFLICT (key) DO UPDATE SET value = excluded.value, owner = NULL,
            count = excluded.count + CASE WHEN passport_entry.expires_at > $7
                THEN passport_entry.count ELSE 0 END,
            expires_at = CASE WHEN passport_entry.expires_at > $7
                THEN passport_entry.expires_at ELSE excluded.expires_at END,
            version = excluded.version, change = excluded.change
            RETURNING key, NULL, expires_at, count"
        )
    };
}

pub(in crate::store) const PUT: Write = changing!(put);
pub(in crate::store) const PUT_IF_ABSENT: Write = changing!(put_if_absent);
pub(in crate::store) const SWAP: Write = changing!(swap);
pub(in crate::store) const COUNT: Write = changing!(count);
// What has ended as well: a process whose clock is behind would still find it.
pub(in crate::store) const DELETE: Write = delete!("key = $1");
pub(in crate::store) const DELETE_OWNED: Write = delete!("owner = $4 AND key <> $1");

/// Gives a space a life, if it has none.
pub(in crate::store) const MAKE_SPACE: &str =
    "INSERT INTO passport_space (name, life, newest) VALUES ($2, $10, 0) ON CONFLICT DO NOTHING";

#[cfg(feature = "sqlite")]
pub(in crate::store) const DRAW: &str = draw!();

/// Forgets, up to the newest that has ended before `$1`, what changed.
pub(in crate::store) const FORGET: &str = "UPDATE passport_space SET forgotten = (
        SELECT max(change) FROM (
            SELECT change FROM passport_entry
            WHERE space = name AND change > forgotten AND expires_at <= $1
            UNION ALL
            SELECT change FROM passport_deleted
            WHERE space = name AND change > forgotten AND expires_at <= $1
        ) AS ended
    ) WHERE EXISTS (
        SELECT 1 FROM passport_entry
        WHERE space = name AND change > forgotten AND expires_at <= $1
        UNION ALL
        SELECT 1 FROM passport_deleted
        WHERE space = name AND change > forgotten AND expires_at <= $1
    )";

/// Deletes at most `$2` rows that ended before `$1`, of those which nobody watches or which are
/// forgotten.
macro_rules! sweep {
    ($table:literal, $one_of:literal, $lock:literal) => {
        concat!(
            "DELETE FROM ",
            $table,
            " WHERE key ",
            $one_of,
            "(SELECT key FROM ",
            $table,
            " AS ended WHERE expires_at <= $1 AND (change IS NULL
                OR change <= (SELECT forgotten FROM passport_space WHERE name = ended.space))
            LIMIT $2",
            $lock
        )
    };
}

/// A row that is being written anew is passed over.
#[cfg(feature = "postgres")]
pub(in crate::store) const SWEEP_POSTGRES: [&str; 2] = [
    sweep!("passport_entry", "= ANY(ARRAY", " FOR UPDATE OF ended SKIP LOCKED))"),
    sweep!("passport_deleted", "= ANY(ARRAY", " FOR UPDATE OF ended SKIP LOCKED))"),
];

#[cfg(feature = "sqlite")]
pub(in crate::store) const SWEEP_SQLITE: [&str; 2] =
    [sweep!("passport_entry", "IN ", ")"), sweep!("passport_deleted", "IN ", ")")];
