//! What serde found wrong with a table, in words without its values.

use figment::error::{Actual, Kind};
use figment::value::{Dict, Value};

use super::nearest;

/// What is wrong, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) problem: String,
    pub(super) remedy: String,
}

impl Problem {
    /// The problem behind `kind`. Texts of foreign types are withheld when they hold a value of
    /// `table`.
    pub(super) fn of(kind: &Kind, is_key: bool, table: &Dict) -> Self {
        match kind {
            Kind::UnknownField(name, known) => unknown_key(name, known),
            Kind::UnknownVariant(name, known) if is_key => unknown_key(name, known),
            Kind::UnknownVariant(name, known) => {
                Self::new("unknown value", did_you_mean(name, known, "one of"))
            }
            Kind::MissingField(_) => Self::new("missing", ""),
            Kind::DuplicateField(_) => Self::new("given twice", "keep one of the two"),
            Kind::InvalidType(actual, expected) => wrong_type(actual, expected, table),
            Kind::InvalidValue(_, expected) => {
                let expected = wanted(expected, table);
                Self::new(format!("invalid value: expected {expected}"), "")
            }
            Kind::InvalidLength(_, expected) => {
                let expected = wanted(expected, table);
                Self::new(format!("wrong number of entries: expected {expected}"), "")
            }
            Kind::Message(message) if !holds_value(message, table) => {
                Self::new(message.as_str(), "")
            }
            _ => Self::new("invalid value", ""),
        }
    }

    fn new(problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { problem: problem.into(), remedy: remedy.into() }
    }
}

fn unknown_key(name: &str, known: &[&str]) -> Problem {
    match known.is_empty() {
        true => Problem::new("unknown key", "remove it: no key belongs here"),
        false => Problem::new("unknown key", did_you_mean(name, known, "known keys:")),
    }
}

fn did_you_mean(name: &str, known: &[&str], otherwise: &str) -> String {
    match nearest(name, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("{otherwise} `{}`", known.join("`, `")),
    }
}

fn wrong_type(actual: &Actual, expected: &str, table: &Dict) -> Problem {
    let expected = wanted(expected, table);
    let found = found(actual);
    let remedy = match (&*expected, found) {
        // The environment's quotes are optional, so text of digits arrives as a number.
        (text, "a number" | "a boolean")
            if text.contains("a string") || text.contains("a name") =>
        {
            "put the value in quotes"
        }
        ("a list", "a string") => "put it in brackets",
        (number, "a string") if number.starts_with("a whole number") => "leave out the quotes",
        ("a number" | "a boolean", "a string") => "leave out the quotes",
        _ => "",
    };
    Problem::new(format!("expected {expected}, found {found}"), remedy)
}

/// What stands there, by its type alone.
fn found(actual: &Actual) -> &'static str {
    match actual {
        Actual::Bool(_) => "a boolean",
        Actual::Unsigned(_) | Actual::Signed(_) | Actual::Float(_) => "a number",
        Actual::Char(_) | Actual::Str(_) => "a string",
        Actual::Unit | Actual::Option => "nothing",
        Actual::Seq => "a list",
        Actual::Map => "a table",
        // `Other` may hold anything, a number of 128 bits for instance.
        _ => "something else",
    }
}

/// What serde wants, in the words of a configuration file.
fn wanted(expected: &str, table: &Dict) -> String {
    let plain = match expected {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" | "u64" | "u128" | "usize" => "a whole number, not negative",
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "a map" => "a table",
        _ if expected.starts_with("struct ") => "a table",
        _ if expected.starts_with("enum ") => "a name",
        // figment takes a number for the place of a variant, which nobody writes on purpose.
        _ if expected.starts_with("variant ") => "a name in quotes",
        _ if holds_value(expected, table) => "something else",
        plain => plain,
    };
    plain.to_owned()
}

/// Whether `text` repeats a value of the table, or a piece of one.
///
/// It looks for whole values of three characters and more, and for any eight characters of a longer
/// one, since messages like to cut values off or to put them in quotes.
fn holds_value(text: &str, table: &Dict) -> bool {
    let text = text.to_lowercase();
    let mut values = Vec::new();
    table.values().for_each(|value| collect(value, &mut values));
    values.iter().any(|value| {
        let value: Vec<char> = value.to_lowercase().chars().collect();
        let (shortest, longest) = (3, 8);
        value.len() >= shortest
            && value
                .windows(value.len().min(longest))
                .any(|piece| text.contains(&piece.iter().collect::<String>()))
    })
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(_, text) => {
            texts.push(text.clone());
            // As `{:?}` would print it.
            texts.push(text.escape_debug().to_string());
        }
        Value::Num(_, number) => {
            texts.extend(number.to_i128().map(|n| n.to_string()));
            texts.extend(number.to_u128().map(|n| n.to_string()));
            texts.extend(number.to_f64().map(|n| n.to_string()));
        }
        Value::Dict(_, table) => table.values().for_each(|value| collect(value, texts)),
        Value::Array(_, list) => list.iter().for_each(|value| collect(value, texts)),
        Value::Char(..) | Value::Bool(..) | Value::Empty(..) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(entries: &[(&str, Value)]) -> Dict {
        entries.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect()
    }

    fn message(text: &str, table: &Dict) -> String {
        Problem::of(&Kind::Message(text.into()), false, table).problem
    }

    // Trap 19
    #[test]
    fn withholds_a_message_with_a_value() {
        let table = table(&[
            ("secret", Value::from("Correct-Horse-Battery")),
            ("pin", Value::from(4711)),
            ("list", Value::from(vec!["staple\"s"])),
            ("short", Value::from("ab")),
        ]);
        let leaks = [
            "cannot use \"Correct-Horse-Battery\"",
            "cannot use correct-horse-battery",
            "cannot use `Correct-Ho…`",
            "cannot use 4711",
            "cannot use \"staple\\\"s\"",
        ];
        for leak in leaks {
            assert_eq!(message(leak, &table), "invalid value", "{leak}");
        }
        assert_eq!(message("about time: absent", &table), "about time: absent");
    }

    #[test]
    fn says_what_was_expected_in_words_of_a_file() {
        let actual = Actual::Str("hunter2".into());
        let cases = [
            ("u16", "expected a whole number from 0 to 65535, found a string"),
            ("struct Config", "expected a table, found a string"),
            ("a sequence", "expected a list, found a string"),
            ("hunter2 or so", "expected something else, found a string"),
        ];
        let table = table(&[("secret", Value::from("hunter2"))]);
        for (expected, problem) in cases {
            let kind = Kind::InvalidType(actual.clone(), expected.into());
            assert_eq!(Problem::of(&kind, false, &table).problem, problem);
        }
    }

    #[test]
    fn never_shows_what_was_found() {
        let actuals = [
            Actual::Unsigned(4711),
            Actual::Signed(-4711),
            Actual::Float(4711.0),
            Actual::Str("4711".into()),
            Actual::Bytes(b"4711".to_vec()),
            Actual::Other("integer `4711` as u128".into()),
        ];
        for actual in actuals {
            for kind in [
                Kind::InvalidType(actual.clone(), "a string".into()),
                Kind::InvalidValue(actual.clone(), "a string".into()),
                Kind::Unsupported(actual.clone()),
                Kind::UnsupportedKey(actual.clone(), "string".into()),
            ] {
                let problem = Problem::of(&kind, false, &Dict::new());
                assert!(!format!("{problem:?}").contains("4711"), "{problem:?}");
            }
        }
        let kind = Kind::UnknownVariant("4711".into(), &["HS256"]);
        assert_eq!(Problem::of(&kind, false, &Dict::new()).remedy, "one of `HS256`");
    }
}
