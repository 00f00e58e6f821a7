//! The value of one claim between the token and whoever reads it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;

use super::numeric_date::NumericDate;

/// The value of a registered claim: read once, noted, and handed on.
#[derive(Debug)]
pub(super) enum Captured<'p> {
    Number(u64),
    Text(Cow<'p, str>),
    Other(Value),
}

impl<'p> Captured<'p> {
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) | Self::Other(_) => None,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Other(Value::Null))
    }

    pub(super) fn borrowed_text(&self) -> Option<Cow<'p, str>> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(_) | Self::Other(_) => None,
        }
    }

    /// A text, or the texts of a list that holds nothing else (RFC 7519 section 4.1.3).
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let list = match self {
            Self::Other(Value::Array(list)) if list.iter().all(Value::is_string) => list.as_slice(),
            _ => &[],
        };
        self.text().into_iter().chain(list.iter().filter_map(Value::as_str))
    }

    pub(super) fn seconds(&self) -> NumericDate {
        match self {
            Self::Number(seconds) => NumericDate::of(*seconds),
            // As a number comes where serde_json's feature `arbitrary_precision` is on.
            Self::Other(Value::Number(number)) => {
                number.as_u64().map_or(NumericDate::Wrong, NumericDate::of)
            }
            Self::Text(_) | Self::Other(_) => NumericDate::Wrong,
        }
    }
}

impl<'de> Deserialize<'de> for Captured<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CapturedVisitor)
    }
}

struct CapturedVisitor;

impl<'de> Visitor<'de> for CapturedVisitor {
    type Value = Captured<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a claim")
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Captured::Number(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Captured::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Captured::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Captured::Other(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Captured::Other(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Captured::Other(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Captured::Other(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(items)).map(Captured::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(members)).map(Captured::Other)
    }
}

impl<'p> Deserializer<'p> for Captured<'p> {
    type Error = Message;

    fn deserialize_any<V: Visitor<'p>>(self, visitor: V) -> Result<V::Value, Message> {
        match self {
            Self::Number(number) => visitor.visit_u64(number),
            Self::Text(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
            Self::Text(Cow::Owned(text)) => visitor.visit_string(text),
            Self::Other(value) => value.deserialize_any(visitor).map_err(Message::custom),
        }
    }

    fn deserialize_option<V: Visitor<'p>>(self, visitor: V) -> Result<V::Value, Message> {
        match self {
            Self::Other(Value::Null) => visitor.visit_none(),
            value => visitor.visit_some(value),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'p>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Message> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'p>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Message> {
        match self {
            Self::Text(text) => text.into_deserializer().deserialize_enum(name, variants, visitor),
            Self::Number(_) => Err(Message::custom("a number where a name belongs")),
            Self::Other(value) => {
                value.deserialize_enum(name, variants, visitor).map_err(Message::custom)
            }
        }
    }

    forward_to_deserialize_any! {
        <V: Visitor<'p>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// An error on its way to one of [`serde_json`]'s, which names no place.
#[derive(Debug)]
pub(super) struct Message(String);

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Message {}

impl de::Error for Message {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::super::numeric_date::LATEST;
    use super::*;

    #[test]
    fn a_number_is_one_however_it_comes() {
        let seconds = |value| Captured::Other(value).seconds();
        assert_eq!(Captured::Number(60).seconds(), NumericDate::Since1970(60));
        assert_eq!(seconds(60.into()), NumericDate::Since1970(60));
        for wrong in [Value::from(-1), 60.0.into(), (LATEST + 1).into(), "60".into()] {
            assert_eq!(seconds(wrong), NumericDate::Wrong);
        }
    }
}
