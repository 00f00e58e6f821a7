//! What holds for every token, and for any text in its place.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use proptest::prelude::*;
use proptest::sample::Index;
use rocket::http::Header;

use super::court::{Court, FAR_OFF, Verdict};
use super::{json, runner};
use crate::jwt::ALL;

fn good_token(court: &Court) -> String {
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let header = encode(format!(r#"{{"alg":"{:?}","typ":"JWT"}}"#, court.algorithm));
    let message = format!("{header}.{}", encode(format!(r#"{{"name":"ada","exp":{FAR_OFF}}}"#)));
    format!("{message}.{}", court.sign(&message))
}

/// What stands where it should, and what does not.
fn any_byte() -> impl Strategy<Value = char> {
    prop_oneof![
        6 => "[A-Za-z0-9._-]".prop_map(|text: String| text.chars().next().unwrap()),
        2 => (0..=127_u8).prop_map(char::from),
        1 => any::<char>(),
    ]
}

// R03, R04: whatever is changed in a token, be it one character, it is no token any more.
#[test]
fn a_token_with_one_character_changed_is_refused() {
    let courts = ALL.map(|algorithm| Court::of(algorithm, ""));
    let tokens: Vec<_> = courts.iter().map(good_token).collect();
    for (court, token) in courts.iter().zip(&tokens) {
        assert!(matches!(court.ours(token), Verdict::Accepted(_)), "{:?}", court.algorithm);
    }
    let case = (0..courts.len(), any::<Index>(), any_byte());
    let judged = runner(2_000).run(&case, |(which, place, character)| {
        let (court, token) = (&courts[which], &tokens[which]);
        let place = place.index(token.len());
        prop_assume!(!token[place..].starts_with(character));
        let changed = format!("{}{character}{}", &token[..place], &token[place + 1..]);
        // Around it, spaces belong to the header and not to the token (RFC 9110 section 5.5).
        prop_assume!(changed.trim_matches(' ') == changed);
        let verdict = court.ours(&changed);
        prop_assert!(matches!(verdict, Verdict::Refused { .. }), "{changed}: {verdict:?}");
        Ok(())
    });
    if let Err(error) = judged {
        panic!("{error}");
    }
}

// R04: every character at the end of every part, where base64 has bits to spare; nothing is left to
// chance.
#[test]
fn no_character_of_a_token_has_a_second_spelling() {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
    let court = Court::of(Algorithm::EdDSA, "");
    let token = good_token(&court);
    // The last characters of the parts hold the bits to spare.
    let last = [token.find('.').unwrap(), token.rfind('.').unwrap(), token.len()];
    let places = last.iter().flat_map(|end| [end - 2, end - 1]);
    for place in places {
        for character in ALPHABET.chars().filter(|other| !token[place..].starts_with(*other)) {
            let changed = format!("{}{character}{}", &token[..place], &token[place + 1..]);
            let verdict = court.ours(&changed);
            assert!(matches!(verdict, Verdict::Refused { .. }), "{changed}: {verdict:?}");
        }
    }
}

/// A text that may be anything, or nearly a token.
fn any_text() -> BoxedStrategy<String> {
    prop_oneof![
        3 => any::<String>(),
        2 => "[ -~]{0,40}",
        3 => "([A-Za-z0-9_-]{0,12}\\.){0,4}[A-Za-z0-9_-]{0,12}",
        1 => ("eyJhbGciOiJIUzI1NiJ9", json::value(), "[A-Za-z0-9_-]{43}").prop_map(
            |(header, payload, signature)| {
                format!("{header}.{}.{signature}", URL_SAFE_NO_PAD.encode(payload))
            }
        ),
        1 => (7_000_usize..10_000).prop_map(|long| "a.".repeat(long / 2)),
    ]
    .boxed()
}

/// Schemes, right and nearly right, before any text.
fn any_authorization() -> impl Strategy<Value = String> {
    let scheme = prop_oneof![
        4 => "[Bb][Ee][Aa][Rr][Ee][Rr]",
        2 => "(JWT|Basic|Digest|XBearer|Bearerx|Bearer,|Bearer\t)",
        1 => "\\PC{0,8}",
    ];
    (scheme, "[ \t,]{0,3}", any_text())
        .prop_map(|(scheme, between, text)| format!("{scheme}{between}{text}"))
}

// R04, R17, trap 1: no text is a token, none of them makes us fail, and no handler runs.
#[test]
fn no_text_passes_for_a_token_and_none_is_a_fault() {
    let court = Court::of(
        Algorithm::HS256,
        "token_from = [{ scheme = 'Bearer' }, { header = 'X-Token' }, { cookie = 'token' }]",
    );
    let refuses = |header: Header<'static>| {
        let shown = header.to_string();
        match court.hear(court.client().get("/me").header(header)) {
            Verdict::Refused { .. } => Ok(()),
            accepted => Err(TestCaseError::fail(format!("{shown}: {accepted:?}"))),
        }
    };
    let judged = runner(500).run(&(any_text(), any_authorization()), |(text, authorization)| {
        refuses(Header::new("Authorization", format!("Bearer {text}")))?;
        refuses(Header::new("Authorization", authorization.clone()))?;
        refuses(Header::new("X-Token", text.clone()))?;
        refuses(Header::new("Cookie", format!("token={text}")))?;
        refuses(Header::new("Cookie", authorization))?;
        let request = court.client().get("/me").cookie(("token", text.clone()));
        prop_assert!(matches!(court.hear(request), Verdict::Refused { .. }), "{text:?}");
        Ok(())
    });
    if let Err(error) = judged {
        panic!("{error}");
    }
}

// R05: whoever holds the key can sign any bytes, and not even that makes us fail.
#[test]
fn any_bytes_that_are_rightly_signed_are_a_refusal_at_worst() {
    let court = Court::of(Algorithm::HS256, "");
    let bytes = || {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..60),
            json::value().prop_map(String::into_bytes),
            (json::value(), any::<Index>()).prop_map(|(text, end)| {
                let mut bytes = text.into_bytes();
                bytes.truncate(end.index(bytes.len() + 1));
                bytes
            }),
        ]
    };
    let header = prop_oneof![3 => Just(br#"{"alg":"HS256"}"#.to_vec()), 1 => bytes()];
    let judged = runner(1_000).run(&(header, bytes()), |(header, payload)| {
        let encode = |bytes| URL_SAFE_NO_PAD.encode(bytes);
        let message = format!("{}.{}", encode(header), encode(payload));
        let token = format!("{message}.{}", court.sign(&message));
        let verdict = court.ours(&token);
        // No JSON that is made here has an `exp`.
        prop_assert!(matches!(verdict, Verdict::Refused { .. }), "{token}: {verdict:?}");
        Ok(())
    });
    if let Err(error) = judged {
        panic!("{error}");
    }
}
