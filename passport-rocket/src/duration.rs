//! Lengths of time as people write them: `15s`, `4h`, `2 days`, `1h30m`; a bare number is seconds.
//!
//! In a configuration of your own:
//!
//! ```
//! use std::time::Duration;
//! use rocket::figment::{Figment, providers::{Format, Toml}};
//!
//! #[derive(serde::Deserialize)]
//! struct Config {
//!     #[serde(with = "passport_rocket::duration")]
//!     expires_in: Duration,
//!     #[serde(default, deserialize_with = "passport_rocket::duration::deserialize_opt")]
//!     leeway: Option<Duration>,
//! }
//!
//! let config: Config = Figment::from(Toml::string("expires_in = '1h 30m'")).extract()?;
//! assert_eq!(config.expires_in, Duration::from_secs(5400));
//! assert_eq!(config.leeway, None);
//! # Ok::<_, rocket::figment::Error>(())
//! ```

use std::fmt;
use std::time::Duration;

use serde::de::{self, Deserializer, Visitor};

/// Reads a length of time.
///
/// ```
/// use std::time::Duration;
/// use passport_rocket::duration;
///
/// assert_eq!(duration::parse("1h30m"), Ok(Duration::from_secs(5400)));
/// assert_eq!(duration::parse("90"), Ok(Duration::from_secs(90)));
/// assert!(duration::parse("1 month").is_err());
/// ```
///
/// # Errors
/// With the next step, and without the text itself: when it is empty, negative or longer than
/// [`LONGEST`], when a unit is unknown, missing or of no fixed length, or when a bare number has a
/// fraction.
pub fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(format!("an empty duration: {WRITE}"));
    }
    if text.starts_with(['-', '−']) {
        return Err(NEGATIVE.into());
    }
    if is_number(text) {
        let seconds = text.parse().map_err(|_| match text.contains('.') {
            true => FRACTION.to_owned(),
            false => TOO_LONG.to_owned(),
        })?;
        return bounded(Duration::from_secs(seconds));
    }
    check_parts(text)?;
    let duration = humantime::parse_duration(text).map_err(|error| match error {
        humantime::DurationError::NumberOverflow => format!("too precise or too large: {WRITE}"),
        _ => UNKNOWN_UNIT.to_owned(),
    })?;
    bounded(duration)
}

/// A length of time for logs and reports: `3 s`, `2 min`, `1 h 30 min`.
///
/// ```
/// use std::time::Duration;
/// use passport_rocket::duration;
///
/// assert_eq!(duration::display(Duration::from_secs(5400)), "1 h 30 min");
/// ```
#[must_use]
pub fn display(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds == 0 && !duration.is_zero() {
        return match duration.as_millis() {
            0 => "less than 1 ms".into(),
            millis => format!("{millis} ms"),
        };
    }
    let parts = [
        (seconds / 86_400, "d"),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let parts: Vec<_> = parts
        .iter()
        .filter(|(amount, _)| *amount > 0)
        .map(|(amount, unit)| format!("{amount} {unit}"))
        .collect();
    match parts.is_empty() {
        true => "0 s".into(),
        false => parts.join(" "),
    }
}

/// Reads a length of time with serde: `#[serde(with = "passport_rocket::duration")]`.
///
/// # Errors
/// As [`parse`].
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_any(Lenient)
}

/// Reads a length of time that may be left out:
/// `#[serde(default, deserialize_with = "passport_rocket::duration::deserialize_opt")]`.
///
/// # Errors
/// As [`parse`].
pub fn deserialize_opt<'de, D>(deserializer: D) -> Result<Option<Duration>, D::Error>
where
    D: Deserializer<'de>,
{
    deserializer.deserialize_option(Optional)
}

/// The longest duration: a hundred years. Milliseconds given as seconds end here, and adding it to
/// any time of day cannot overflow.
pub const LONGEST: Duration = Duration::from_secs(36_525 * 86_400);

struct Lenient;

impl Visitor<'_> for Lenient {
    type Value = Duration;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a duration")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
        parse(text).map_err(E::custom)
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Duration, E> {
        bounded(Duration::from_secs(seconds)).map_err(E::custom)
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Duration, E> {
        self.visit_u64(seconds.try_into().map_err(|_| E::custom(NEGATIVE))?)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Duration, E> {
        Err(E::custom(FRACTION))
    }
}

struct Optional;

impl<'de> Visitor<'de> for Optional {
    type Value = Option<Duration>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Lenient.expecting(f)
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserialize(deserializer).map(Some)
    }
}

/// Refuses what humantime would guess at: it joins `1 0 s` to ten seconds, counts a month as 30.44
/// days, and overflows on huge numbers.
fn check_parts(text: &str) -> Result<(), String> {
    let mut rest = text;
    while !rest.is_empty() {
        let (number, after) = split_while(rest, |c| c.is_ascii_digit() || c == '.');
        if number.is_empty() {
            return Err(format!("not a duration: {WRITE}"));
        }
        if number.len() > MOST_DIGITS {
            return Err(TOO_LONG.into());
        }
        let (unit, after) = split_while(after.trim_start(), |c| c.is_alphabetic() || c == 'µ');
        match unit {
            "" => return Err("a number without a unit beside others: give each a unit".into()),
            "M" | "month" | "months" => {
                return Err("a month has no fixed length: count in days".into());
            }
            "y" | "yr" | "yrs" | "year" | "years" => {
                return Err("a year has no fixed length: count in days".into());
            }
            _ => {}
        }
        rest = after.trim_start();
    }
    Ok(())
}

fn split_while(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

fn is_number(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_digit() || c == '.')
}

fn bounded(duration: Duration) -> Result<Duration, String> {
    match duration <= LONGEST {
        true => Ok(duration),
        false => Err(TOO_LONG.into()),
    }
}

/// As many digits as no sum of parts can overflow with.
const MOST_DIGITS: usize = 12;

// No message holds an example: it could be the value of another key, and would then be withheld.
const WRITE: &str = "write a number and a unit";
const NEGATIVE: &str = "a negative duration: leave out the sign";
const FRACTION: &str = "a fraction without a unit: write whole seconds, or a unit";
const TOO_LONG: &str = "longer than a hundred years: a bare number is seconds";
const UNKNOWN_UNIT: &str = "an unknown unit: use s, min, h, d or w, in lower case";

#[cfg(test)]
mod tests {
    use figment::value::Value;

    use super::*;

    const HOUR: u64 = 3600;
    const DAY: u64 = 24 * HOUR;

    #[test]
    fn reads_what_people_write() {
        let table = [
            ("15s", 15),
            ("4h", 4 * HOUR),
            ("2 days", 2 * DAY),
            ("1h30m", HOUR + 1800),
            ("1h 30m", HOUR + 1800),
            ("1 h 30 min", HOUR + 1800),
            (" 2 weeks ", 14 * DAY),
            ("1.5h", HOUR + 1800),
            ("90", 90),
            ("0", 0),
            ("0s", 0),
        ];
        for (text, seconds) in table {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        assert_eq!(parse("250ms"), Ok(Duration::from_millis(250)));
    }

    #[test]
    fn refuses_what_is_ambiguous_with_the_next_step() {
        let table = [
            ("", "empty"),
            ("  ", "empty"),
            ("-5s", "negative"),
            ("-5", "negative"),
            ("1.5", "fraction"),
            ("1.", "fraction"),
            (".", "fraction"),
            ("1h 30", "without a unit"),
            ("30 1h", "without a unit"),
            ("1 0 s", "without a unit"),
            ("1M", "count in days"),
            ("1 month", "count in days"),
            ("3 months", "count in days"),
            ("1y", "count in days"),
            ("2 years", "count in days"),
            ("1h 1M", "count in days"),
            ("4H", "unknown unit"),
            ("4 fortnights", "unknown unit"),
            ("h", "not a duration"),
            ("+4h", "not a duration"),
            ("4h, 30m", "not a duration"),
            ("1:30", "without a unit"),
            ("0.5ns", "too precise"),
            ("1.2.3s", "unknown unit"),
            ("99999999999", "hundred years"),
            ("99999999999999999999999", "hundred years"),
            ("18446744073709551615s 1000ms", "hundred years"),
            ("36526 days", "hundred years"),
        ];
        for (text, expected) in table {
            let problem = parse(text).unwrap_err();
            assert!(problem.contains(expected), "{text}: {problem}");
        }
    }

    #[test]
    fn no_message_holds_the_text() {
        for text in ["hunter2", "hunter2 hunter2", "-4711", "47.11", "4711 hunters", "4711h 4711"] {
            let problem = parse(text).unwrap_err();
            assert!(!problem.contains("4711") && !problem.contains("hunter"), "{problem}");
        }
    }

    #[test]
    fn reads_numbers_and_texts_of_a_configuration() {
        assert_eq!(deserialize(&Value::from(90)).unwrap(), Duration::from_secs(90));
        assert_eq!(deserialize(&Value::from("4h")).unwrap(), Duration::from_secs(4 * HOUR));
        assert_eq!(
            deserialize_opt(&Value::from("4h")).unwrap(),
            Some(Duration::from_secs(4 * HOUR))
        );
        assert_eq!(deserialize_opt(&Value::from(figment::value::Empty::None)).unwrap(), None);
        for value in [Value::from(-1), Value::from(1.5), Value::from(true), Value::from(u64::MAX)] {
            deserialize(&value).unwrap_err();
            deserialize_opt(&value).unwrap_err();
        }
    }

    #[test]
    fn displays_for_logs() {
        let table = [
            (0, "0 s"),
            (3, "3 s"),
            (120, "2 min"),
            (4 * HOUR, "4 h"),
            (HOUR + 1800, "1 h 30 min"),
            (2 * DAY + 1, "2 d 1 s"),
        ];
        for (seconds, text) in table {
            assert_eq!(display(Duration::from_secs(seconds)), text);
        }
        assert_eq!(display(Duration::from_millis(40)), "40 ms");
        assert_eq!(display(Duration::from_nanos(40)), "less than 1 ms");
    }
}
