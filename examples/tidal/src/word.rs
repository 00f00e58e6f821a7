//! Enums that stand in the database as words.

/// Lets an enum be read from any database as the word that serde knows it by; how it is written,
/// `derive(sqlx::Encode)` knows. `derive(sqlx::Type)` would do both, but for one database only.
macro_rules! word {
    ($enum:ty) => {
        impl sqlx::Type<sqlx::Any> for $enum {
            fn type_info() -> sqlx::any::AnyTypeInfo {
                <str as sqlx::Type<sqlx::Any>>::type_info()
            }
        }

        impl<'r> sqlx::Decode<'r, sqlx::Any> for $enum {
            fn decode(value: sqlx::any::AnyValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                use serde::de::{Deserialize, value};

                let word = <&str as sqlx::Decode<'r, sqlx::Any>>::decode(value)?;
                Ok(Self::deserialize(value::StrDeserializer::<value::Error>::new(word))?)
            }
        }
    };
}

pub(crate) use word;
