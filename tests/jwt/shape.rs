//! The outside of a token: three parts, their characters, their encoding, their size.

use base64::Engine;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use passport_rocket_tests::headers;
use rocket::http::Header;
use serde_json::json;

use super::{
    NOW, application, assert_accepted, assert_refused, foreign, foreign_with, raw, sealed,
};

// R04
#[test]
fn refuses_anything_but_three_parts() {
    let client = application("");
    let token = foreign();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    for wrong in [
        "token".to_owned(),
        message.to_owned(),
        format!("{token}.{signature}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        "..".to_owned(),
        ".....".to_owned(),
    ] {
        assert_refused(&client, &wrong, "token has not exactly three parts");
    }
}

// R04: the JSON serializations of RFC 7515 section 7.2, padding, and whatever a lenient decoder skips.
#[test]
fn refuses_foreign_characters_before_anything_is_read() {
    let client = application("");
    let token = foreign();
    let parts: Vec<_> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("{token}") };
    let json =
        format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#);
    let mut wrong =
        vec![json, format!("{token}="), format!("\"{token}\""), format!("{token}\u{e9}")];
    for character in ["+", "/", "=", "%2E", ",", ";", "{", "~", "\u{7f}"] {
        wrong.push(format!("{header}{character}.{payload}.{signature}"));
        wrong.push(format!("{header}.{payload}{character}.{signature}"));
        wrong.push(format!("{header}.{payload}.{signature}{character}"));
    }
    for wrong in wrong {
        assert_refused(&client, &wrong, "token holds a character that no token has");
    }
    let padded = URL_SAFE.encode(r#"{"name":"ada","exp":9999999999}"#);
    assert!(padded.ends_with('='));
    let padded = sealed(&format!("{header}.{padded}"));
    assert_refused(&client, &padded, "token holds a character that no token has");
}

// R04: one token has one spelling; two that mean the same would pass two caches or lists of ids.
#[test]
fn refuses_a_second_spelling_of_the_same_bytes() {
    let client = application("");
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256" }"#);
    let payload = URL_SAFE_NO_PAD.encode(format!(r#"{{"name":"ada","exp":{}}}"#, NOW + 60));
    let token = sealed(&format!("{header}.{payload}"));
    assert_accepted(&client, &token);
    for other in respelled(&header) {
        let token = sealed(&format!("{other}.{payload}"));
        assert_refused(&client, &token, "header is not canonical base64url");
    }
    for other in respelled(&payload) {
        let token = sealed(&format!("{header}.{other}"));
        assert_refused(&client, &token, "payload is not canonical base64url");
    }
    let (message, signature) = token.rsplit_once('.').unwrap();
    for other in respelled(signature) {
        let token = format!("{message}.{other}");
        assert_refused(&client, &token, "signature is not canonical base64url");
    }
}

/// The same bytes with other bits where the last character has bits to spare, and a length that no
/// bytes have.
fn respelled(part: &str) -> Vec<String> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let spare = match part.len() % 4 {
        2 => 16,
        3 => 4,
        _ => panic!("no bits to spare in {part}"),
    };
    let (start, last) = part.split_at(part.len() - 1);
    let value = ALPHABET.find(last).unwrap();
    let others = (value..value + spare).skip(1).map(|other| &ALPHABET[other..=other]);
    let mut spellings: Vec<_> = others.map(|other| format!("{start}{other}")).collect();
    assert_eq!(spellings.len(), spare - 1);
    spellings.push(part[..part.len() / 4 * 4 + 1].to_owned());
    spellings
}

// R04
#[test]
fn refuses_a_token_beyond_the_limit_unread() {
    let client = application("");
    let padded = |length: usize| foreign_with(&json!({ "pad": "x".repeat(length) }));
    let longest = (5_800..6_200).map(padded).rfind(|token| token.len() <= 8_192).unwrap();
    assert!(longest.len() > 8_185);
    assert_accepted(&client, &longest);
    for token in [padded(6_200), "x".repeat(8_193), format!("a.b.{}", "x".repeat(100_000))] {
        assert_refused(&client, &token, "token is longer than 8192 bytes");
    }
    let token = foreign();
    let client = application(&format!("max_token_size = {}", token.len()));
    assert_accepted(&client, &token);
    let reason = format!("token is longer than {} bytes", token.len());
    let longer =
        raw(r#"{"alg":"HS256","typ":"JWT"} "#, format!(r#"{{"exp":{NOW}}}"#) + &" ".repeat(99));
    assert_refused(&client, &longer, &reason);
}

// A stranger decides how long a header is, and not how much of it is searched; what is said of it is
// what is said of a short one.
#[test]
fn refuses_headers_without_end_as_it_refuses_short_ones() {
    let client = application("");
    let endless = |text: &str| text.repeat(100 * 1_024 / text.len());
    let answered = |value: String| {
        let response = client.get("/me").header(Header::new("Authorization", value)).dispatch();
        (response.status().code, headers(&response, "WWW-Authenticate").join(", "))
    };
    let asked = |error: &str| format!(r#"Bearer realm="protected"{error}"#);
    for (value, status, error) in [
        (endless("a"), 401, ""),
        (endless(" "), 401, ""),
        (endless("Bearer"), 401, ""),
        (format!("Bearer {}", endless("a")), 401, r#", error="invalid_token""#),
        (format!("Bearer {}", endless("\u{e9}")), 401, r#", error="invalid_token""#),
        (format!("Bearer {}", endless(" ")), 400, r#", error="invalid_request""#),
        (format!("Bearer {}", endless("a ")), 400, r#", error="invalid_request""#),
        (format!("Bearer {}a", endless("\t")), 400, r#", error="invalid_request""#),
    ] {
        let begin: String = value.chars().take(12).collect();
        assert_eq!(answered(value), (status, asked(error)), "{begin}");
    }
    for blanks in [1, 2, 200] {
        let blanks = " ".repeat(blanks);
        assert_eq!(answered(format!("Bearer{blanks}{}{blanks}", foreign())).0, 200);
    }
}

// R04: a second word is no part of a token, however far behind it stands.
#[test]
fn refuses_several_words_wherever_the_second_begins() {
    let client = application("max_token_size = '1 MiB'");
    let token = foreign();
    for length in [8_000, 8_192, 20_000] {
        let words = format!("{token}{} {token}", ".x".repeat(length));
        assert_refused(&client, &words, "token holds a character that no token has");
    }
    let status = |words: String| super::status(&client, &words).code;
    assert_eq!(status(format!("{token} {token}")), 400);
    assert_eq!(status(format!("{}\t{token}", "x".repeat(8_000))), 400);
}
