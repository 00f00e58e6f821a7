//! The issuer that a payload names, where it is asked for before anything is proved.

use std::borrow::Cow;

use serde::Deserialize;

/// The claim `iss`; an error where the payload is no object of one issuer at the most, in a text.
pub(super) fn named_issuer(payload: &str) -> Result<Option<Cow<'_, str>>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Named<'p> {
        #[serde(borrow)]
        iss: Option<Cow<'p, str>>,
    }
    serde_json::from_str::<Named<'_>>(payload).map(|named| named.iss)
}

#[cfg(test)]
mod tests {
    use super::named_issuer;

    #[test]
    fn finds_the_one_issuer_of_a_payload() {
        let issuer = |payload| named_issuer(payload).ok().flatten().map(String::from);
        assert_eq!(issuer(r#"{"a":{"iss":"no"},"iss":"us"}"#).as_deref(), Some("us"));
        assert_eq!(issuer(r#"{"iss":"https:\/\/us"}"#).as_deref(), Some("https://us"));
        for none in [r#"{"iss":null}"#, "{}", r#"{"iss":7}"#, r#"{"iss":"a","iss":"b"}"#, "[", ""] {
            assert_eq!(issuer(none), None, "{none}");
        }
    }
}
