//! Values that are one thing or a list of them.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IntoDeserializer, SeqAccess, Visitor};

use super::algorithm::{Algorithm, Algorithms};

pub(super) fn texts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    deserializer.deserialize_any(OneOrSeveral::expecting("a string or a list of strings")).map(Some)
}

pub(super) fn algorithms<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Algorithms>, D::Error> {
    let names: Vec<Algorithm> =
        deserializer.deserialize_any(OneOrSeveral::expecting("a name or a list of names"))?;
    Ok(Some(names.into()))
}

struct OneOrSeveral<T> {
    expecting: &'static str,
    of: PhantomData<T>,
}

impl<T> OneOrSeveral<T> {
    fn expecting(expecting: &'static str) -> Self {
        Self { expecting, of: PhantomData }
    }
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrSeveral<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: serde::de::Error>(self, one: &str) -> Result<Vec<T>, E> {
        Ok(vec![T::deserialize(one.into_deserializer())?])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut several: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(one) = several.next_element()? {
            list.push(one);
        }
        Ok(list)
    }
}
