//! A moment: seconds in the database, RFC 3339 on the wire, always in UTC.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer, ser};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Seconds since 1970-01-01T00:00:00Z, within the years 0000 to 9999, which is all that
/// RFC 3339 can write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::Type)]
#[sqlx(transparent)]
pub struct Moment(i64);

impl Moment {
    /// Midnight, in UTC, of the day that it is now.
    pub fn today() -> Self {
        let now = OffsetDateTime::now_utc().unix_timestamp();
        Self(now - now.rem_euclid(86_400))
    }

    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    pub const fn unix(self) -> i64 {
        self.0
    }
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let time = OffsetDateTime::parse(text, &Rfc3339)
            .map_err(|_| "must be a moment in RFC 3339, such as 2026-11-23T07:25:00Z")?;
        if time.nanosecond() != 0 {
            return Err("must be a whole second");
        }

        let moment = Self(time.unix_timestamp());
        // An offset can carry the first or the last hours of that range out of it.
        moment.to_text().ok_or("must be within the years 0000 to 9999")?;
        Ok(moment)
    }
}

impl Moment {
    fn to_text(self) -> Option<String> {
        let time = OffsetDateTime::from_unix_timestamp(self.0).ok()?;
        time.format(&Rfc3339).ok()
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text().ok_or(fmt::Error)?)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.to_text().ok_or_else(|| ser::Error::custom("out of range"))?;
        serializer.serialize_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, &'static str> {
        text.parse::<Moment>().map(|moment| moment.to_string())
    }

    #[test]
    fn reads_any_offset_and_writes_utc() {
        assert_eq!(read("2026-11-23T07:25:00Z").unwrap(), "2026-11-23T07:25:00Z");
        assert_eq!(read("2026-11-23T08:25:00+01:00").unwrap(), "2026-11-23T07:25:00Z");
        assert_eq!(read("1815-06-18T11:35:00Z").unwrap(), "1815-06-18T11:35:00Z");
    }

    #[test]
    fn refuses_what_it_could_not_write_again() {
        for text in ["", "today", "2026-11-23", "2026-11-23T07:25:00", "2026-02-30T00:00:00Z"] {
            assert!(read(text).unwrap_err().contains("RFC 3339"), "{text}");
        }
        assert!(read("2026-11-23T07:25:00.5Z").unwrap_err().contains("whole second"));
        assert!(read("0000-01-01T00:00:00+01:00").unwrap_err().contains("years"));
        assert!(read("9999-12-31T23:59:59-01:00").unwrap_err().contains("years"));
    }
}
