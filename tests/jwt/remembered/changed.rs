//! The whole token is compared: what is nearly a seen token is judged as if nothing were remembered
//! (R03, R04).

use super::*;

/// What is answered, and the line of the log that says why.
fn judged(client: &Client, token: &str) -> (Seen, Vec<String>) {
    let request = client.get("/me").header(bearer(token));
    let (seen, lines) = log::capture(|| seen(request.dispatch()));
    (seen, lines.into_iter().filter(|line| line.contains(" failed: jwt: ")).collect())
}

/// An application that remembers `token`, and one that remembers nothing.
fn twins(key: &Made, token: &str) -> [Client; 2] {
    let remembering = table_of(key, "");
    let remembers = |line: &&str| !line.starts_with("remember_tokens");
    let other: Vec<&str> = remembering.lines().filter(remembers).collect();
    let forgetting = format!("{}\nremember_tokens = 0\n", other.join("\n"));
    let [one, other] = [remembering, forgetting].map(|table| client_of(&table, &clock()));
    assert_seen(&one, token);
    assert!(!is_remembered(&other, token));
    [one, other]
}

#[track_caller]
fn assert_judged_alike(twins: &[Client; 2], token: &str) {
    let [one, other] = twins.each_ref().map(|client| judged(client, token));
    assert_eq!(one, other, "{token}");
    assert_ne!(one.0.status, Status::Ok, "{token}");
}

#[test]
fn a_seen_token_with_one_byte_changed_is_refused_as_it_would_have_been() {
    for key in each_key() {
        let token = key.token();
        let twins = twins(&key, &token);
        for place in 0..token.len() {
            let (before, after) = (&token[..place], &token[place + 1..]);
            for other in ["A", "B", "_", ".", "=", "!"] {
                if !token[place..].starts_with(other) {
                    assert_judged_alike(&twins, &format!("{before}{other}{after}"));
                }
            }
        }
        assert_seen(&twins[0], &token);
    }
}

#[test]
fn a_seen_token_with_a_byte_more_or_less_is_refused_as_it_would_have_been() {
    for key in each_key() {
        let token = key.token();
        let twins = twins(&key, &token);
        for place in 0..token.len() {
            let (before, after) = token.split_at(place);
            assert_judged_alike(&twins, &format!("{before}{}", &after[1..]));
            assert_judged_alike(&twins, &format!("{before}A{after}"));
        }
        for more in ["A", "AA", ".", "=", "/", &format!(".{token}")] {
            assert_judged_alike(&twins, &format!("{token}{more}"));
        }
        assert_seen(&twins[0], &token);
    }
}

// They end alike, and an entry is looked for by how a token ends.
#[test]
fn other_claims_under_a_seen_signature_are_refused() {
    for key in each_key() {
        let token = key.token();
        let twins = twins(&key, &token);
        let [header, payload, signature] = token.split('.').collect::<Vec<_>>()[..] else {
            panic!("{token}")
        };
        let claims = URL_SAFE_NO_PAD.encode(json!({ "name": "eve", "exp": NOW + 60 }).to_string());
        for (header, payload) in [
            (header, &*claims),
            ("", payload),
            ("", ""),
            (header, ""),
            (payload, header),
            (&URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), payload),
        ] {
            assert_judged_alike(&twins, &format!("{header}.{payload}.{signature}"));
        }
        assert_judged_alike(&twins, signature);
    }
}

// A second spelling of the same bytes is another token, remembered or not.
#[test]
fn a_seen_token_in_the_standard_alphabet_or_padded_is_refused() {
    let key = hs256("a", SECRET);
    let token = (0..).map(|n: u32| key.token_with(&json!({ "jti": n.to_string() })));
    let token = token.into_iter().find(|token| token.contains(['-', '_'])).unwrap();
    let twins = twins(&key, &token);
    assert_judged_alike(&twins, &token.replace('-', "+").replace('_', "/"));
    assert_judged_alike(&twins, &format!("{token}="));
}
