//! Claims made up for a type that can only be read: what the `curl` line at liftoff is signed with.

use std::fmt;

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde_json::{Map, Value};

/// Claims that read as a `C`: 1 for numbers, `demo` for texts, nothing where that is allowed, the
/// first variant of an enum. `None` when the type is choosier than that.
pub(super) fn sample<C: DeserializeOwned>() -> Option<Value> {
    let mut made = Value::Null;
    C::deserialize(Maker { made: &mut made, depth: 0 }).ok()?;
    made.is_object().then_some(made)
}

/// Answers whatever is asked, and writes the answer down.
struct Maker<'m> {
    made: &'m mut Value,
    depth: usize,
}

impl Maker<'_> {
    fn note<T: Into<Value>>(self, value: T) {
        *self.made = value.into();
    }
}

macro_rules! answer {
    ($($method:ident $visit:ident $value:expr;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Choosy> {
            let value = $value;
            self.note(value);
            visitor.$visit(value)
        }
    )*};
}

impl<'de> Deserializer<'de> for Maker<'_> {
    type Error = Choosy;

    answer! {
        deserialize_bool visit_bool false;
        deserialize_i8 visit_i8 1_i8;
        deserialize_i16 visit_i16 1_i16;
        deserialize_i32 visit_i32 1_i32;
        deserialize_i64 visit_i64 1_i64;
        deserialize_u8 visit_u8 1_u8;
        deserialize_u16 visit_u16 1_u16;
        deserialize_u32 visit_u32 1_u32;
        deserialize_u64 visit_u64 1_u64;
        deserialize_f32 visit_f32 1.0_f32;
        deserialize_f64 visit_f64 1.0_f64;
        deserialize_str visit_str TEXT;
        deserialize_string visit_str TEXT;
        deserialize_identifier visit_str TEXT;
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Choosy> {
        self.note(1);
        visitor.visit_i128(1)
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Choosy> {
        self.note(1);
        visitor.visit_u128(1)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Choosy> {
        self.note("d");
        visitor.visit_char('d')
    }

    // Anything will do: an object at the root, where nothing else is a payload.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Choosy> {
        match self.depth {
            0 => self.deserialize_map(visitor),
            _ => self.deserialize_unit(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Choosy> {
        self.deserialize_any(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Choosy> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Choosy> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Choosy> {
        match self.depth {
            0 => visitor.visit_some(self),
            _ => visitor.visit_none(),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Choosy> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Choosy> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Choosy> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Choosy> {
        self.deserialize_tuple(0, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Choosy> {
        let mut items = Items { made: Vec::new(), left: length, depth: deeper(self.depth)? };
        let value = visitor.visit_seq(&mut items)?;
        self.note(items.made);
        Ok(value)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Choosy> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Choosy> {
        self.deserialize_struct("", &[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Choosy> {
        let depth = deeper(self.depth)?;
        let mut members = Fields { made: Map::new(), left: fields, current: "", depth };
        let value = visitor.visit_map(&mut members)?;
        self.note(members.made);
        Ok(value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Choosy> {
        let variant = variants.first().ok_or(Choosy)?;
        let depth = deeper(self.depth)?;
        visitor.visit_enum(Variant { made: self.made, variant, depth })
    }
}

struct Fields {
    made: Map<String, Value>,
    left: &'static [&'static str],
    current: &'static str,
    depth: usize,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Choosy;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Choosy> {
        let Some((field, left)) = self.left.split_first() else { return Ok(None) };
        (self.current, self.left) = (field, left);
        seed.deserialize(de::value::StrDeserializer::new(field)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Choosy> {
        let mut made = Value::Null;
        let value = seed.deserialize(Maker { made: &mut made, depth: self.depth })?;
        // What may be nothing is left out.
        if !made.is_null() {
            self.made.insert(self.current.to_owned(), made);
        }
        Ok(value)
    }
}

struct Items {
    made: Vec<Value>,
    left: usize,
    depth: usize,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Choosy;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Choosy> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        let mut made = Value::Null;
        let value = seed.deserialize(Maker { made: &mut made, depth: self.depth })?;
        self.made.push(made);
        Ok(Some(value))
    }
}

struct Variant<'m> {
    made: &'m mut Value,
    variant: &'static str,
    depth: usize,
}

impl<'m> Variant<'m> {
    /// Lets `make` fill the content of `{"variant": content}`.
    fn content<T>(self, make: impl FnOnce(Maker<'_>) -> Result<T, Choosy>) -> Result<T, Choosy> {
        let mut made = Value::Null;
        let value = make(Maker { made: &mut made, depth: self.depth })?;
        *self.made = Value::Object(Map::from_iter([(self.variant.to_owned(), made)]));
        Ok(value)
    }
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Choosy;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Choosy> {
        let name = seed.deserialize(de::value::StrDeserializer::new(self.variant))?;
        Ok((name, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Choosy;

    fn unit_variant(self) -> Result<(), Choosy> {
        *self.made = self.variant.into();
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Choosy> {
        self.content(|maker| seed.deserialize(maker))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Choosy> {
        self.content(|maker| maker.deserialize_tuple(length, visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Choosy> {
        self.content(|maker| maker.deserialize_struct("", fields, visitor))
    }
}

/// The type wants something that cannot be made up.
#[derive(Debug)]
struct Choosy;

impl fmt::Display for Choosy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing made up will do")
    }
}

impl std::error::Error for Choosy {}

impl de::Error for Choosy {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A type that contains itself would never end.
fn deeper(depth: usize) -> Result<usize, Choosy> {
    let deepest = 32;
    (depth < deepest).then_some(depth + 1).ok_or(Choosy)
}

const TEXT: &str = "demo";

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::num::NonZeroU32;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Role {
        Port,
        #[allow(dead_code)]
        Ship,
    }

    #[derive(Deserialize)]
    #[allow(dead_code)]
    enum Rich {
        One { a: u8, b: Option<u8> },
    }

    #[derive(Deserialize)]
    struct Wrapped(#[allow(dead_code)] String);

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code)]
    struct Claims {
        id: i64,
        username: Wrapped,
        employer_type: Role,
        rich: Rich,
        note: Option<String>,
        tags: Vec<String>,
        pair: (bool, f64),
        more: HashMap<String, u8>,
        anything: Value,
        seats: NonZeroU32,
        letter: char,
        #[serde(default)]
        big: u128,
        #[serde(skip)]
        skipped: u8,
    }

    #[test]
    fn makes_up_claims_that_read_as_the_type() {
        let made = sample::<Claims>().unwrap();
        assert_eq!(
            made,
            json!({
                "id": 1, "username": "demo", "employerType": "port", "rich": {"One": {"a": 1}},
                "tags": [], "pair": [false, 1.0], "more": {}, "seats": 1, "letter": "d", "big": 1,
            })
        );
    }

    #[test]
    fn what_it_makes_can_be_read_again() {
        #[derive(Deserialize)]
        #[allow(dead_code)]
        struct Plain {
            id: u64,
            role: Role,
            rich: Rich,
            name: Option<Wrapped>,
        }
        let made = sample::<Plain>().unwrap();
        assert!(serde_json::from_value::<Plain>(made).is_ok());
        assert_eq!(sample::<Value>().unwrap(), json!({}));
        assert_eq!(sample::<Option<Plain>>().unwrap()["id"], 1);
    }

    #[test]
    fn gives_up_on_what_it_cannot_make() {
        #[derive(Deserialize)]
        #[serde(tag = "kind")]
        #[allow(dead_code)]
        enum Tagged {
            A { id: u8 },
        }
        #[derive(Deserialize)]
        #[allow(dead_code)]
        enum Endless {
            Again(Box<Endless>),
        }
        #[derive(Deserialize)]
        #[allow(dead_code)]
        struct Holder {
            endless: Endless,
        }
        #[derive(Deserialize)]
        #[allow(dead_code)]
        struct Address {
            ip: std::net::IpAddr,
        }
        assert!(sample::<Tagged>().is_none());
        assert!(sample::<Holder>().is_none());
        assert!(sample::<Address>().is_none());
        assert!(sample::<Vec<u8>>().is_none());
        assert!(sample::<String>().is_none());
    }
}
