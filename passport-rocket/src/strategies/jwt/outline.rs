//! Where the members of a JSON object lie, noted while it is written.

use std::cell::Cell;
use std::io::{self, Write};
use std::ops::Range;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use smallvec::SmallVec;

/// The members of an object, in order.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) members: SmallVec<[Member; 12]>,
    /// Whether this is the whole truth. It is not where a text was inserted as it is, a name has an
    /// escape, or there is more depth than a reader may bear.
    pub(super) is_certain: bool,
}

/// Where one member lies.
#[derive(Debug)]
pub(super) struct Member {
    /// Without the quotation marks.
    pub(super) name: Range<usize>,
    /// Where the value ends; it begins behind the name, a quotation mark and a colon.
    pub(super) end: usize,
}

impl Member {
    pub(super) fn value(&self) -> Range<usize> {
        self.name.end + 2..self.end
    }
}

impl Outline {
    /// Of an object that has no members yet.
    pub(super) fn new() -> Self {
        Self { members: SmallVec::new(), is_certain: true }
    }

    /// Writes `value` to the end of `json`.
    pub(super) fn write<T: Serialize + ?Sized>(
        &mut self,
        value: &T,
        json: &mut Vec<u8>,
    ) -> serde_json::Result<()> {
        let end = Cell::new(json.len());
        let writer = Measured { json, end: &end };
        let draughtsman = Draughtsman { outline: self, end: &end, depth: 0, name: 0..0 };
        value.serialize(&mut Serializer::with_formatter(writer, draughtsman))?;
        self.is_certain &= self
            .members
            .iter()
            .all(|member| json.get(member.name.clone()).is_some_and(|name| !name.contains(&b'\\')));
        Ok(())
    }
}

/// Writes, and says how far it came.
struct Measured<'w> {
    json: &'w mut Vec<u8>,
    end: &'w Cell<usize>,
}

impl Write for Measured<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.json.extend_from_slice(bytes);
        self.end.set(self.json.len());
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes as [`serde_json`] does where nothing else is asked for, and draws the outline.
struct Draughtsman<'w> {
    outline: &'w mut Outline,
    end: &'w Cell<usize>,
    depth: usize,
    /// Of the member that is being written.
    name: Range<usize>,
}

impl Draughtsman<'_> {
    fn descend(&mut self) {
        self.depth += 1;
        self.outline.is_certain &= self.depth < CERTAIN_DEPTH;
    }
}

impl Formatter for Draughtsman<'_> {
    fn begin_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.descend();
        writer.write_all(b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"]")
    }

    fn begin_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.descend();
        writer.write_all(b"{")
    }

    fn end_object<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        if self.depth == 1 {
            self.name.start = self.end.get() + 1;
        }
        Ok(())
    }

    fn end_object_key<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        if self.depth == 1 {
            self.name.end = self.end.get() - 1;
        }
        Ok(())
    }

    fn end_object_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        if self.depth == 1 {
            let (name, end) = (self.name.clone(), self.end.get());
            self.outline.members.push(Member { name, end });
        }
        Ok(())
    }

    fn write_raw_fragment<W: Write + ?Sized>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        self.outline.is_certain = false;
        writer.write_all(fragment.as_bytes())
    }
}

/// A reader stops at 128.
const CERTAIN_DEPTH: usize = 100;

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn outline(value: &impl Serialize) -> (String, Outline) {
        let mut json = b"before ".to_vec();
        let mut outline = Outline::new();
        outline.write(value, &mut json).unwrap();
        (String::from_utf8(json).unwrap(), outline)
    }

    fn members(value: &impl Serialize) -> Vec<(String, String)> {
        let (json, outline) = outline(value);
        assert_eq!(json, format!("before {}", serde_json::to_string(value).unwrap()));
        let member = |member: &Member| pair(&json[member.name.clone()], &json[member.value()]);
        outline.members.iter().map(member).collect()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn names_the_outermost_members_in_order() {
        let value = json!({"a": 1, "b": "{\"x\":1}", "c": {"d": [{"e": 2}]}, "f": [], "g": {}});
        assert_eq!(
            members(&value),
            [
                pair("a", "1"),
                pair("b", r#""{\"x\":1}""#),
                pair("c", r#"{"d":[{"e":2}]}"#),
                pair("f", "[]"),
                pair("g", "{}"),
            ]
        );
        for nothing in [json!({}), json!([{"a": 1}]), json!("a"), json!(null)] {
            assert!(members(&nothing).is_empty(), "{nothing}");
        }
    }

    #[test]
    fn sees_members_however_they_come_about() {
        #[derive(Serialize)]
        enum Event {
            Login { id: u8 },
            Logout(u8),
        }
        #[derive(Serialize)]
        struct Flat {
            a: u8,
            #[serde(flatten)]
            more: Value,
        }
        assert_eq!(members(&Event::Login { id: 7 }), [pair("Login", r#"{"id":7}"#)]);
        assert_eq!(members(&Event::Logout(7)), [pair("Logout", "7")]);
        assert_eq!(
            members(&Flat { a: 1, more: json!({"a": 2}) }),
            [pair("a", "1"), pair("a", "2")]
        );
        let numbered = std::collections::BTreeMap::from([(1, true), (2, false)]);
        assert_eq!(members(&numbered), [pair("1", "true"), pair("2", "false")]);
    }

    #[test]
    fn is_uncertain_about_names_with_escapes() {
        assert!(outline(&json!({"a": "\n", "b": {"\n": 1}})).1.is_certain);
        assert!(!outline(&json!({"\n": 1})).1.is_certain);
    }

    #[test]
    fn is_uncertain_about_depth() {
        let nested = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
        assert!(outline(&json!({"a": nested(50)})).1.is_certain);
        assert!(!outline(&json!({"a": nested(127)})).1.is_certain);
    }
}
