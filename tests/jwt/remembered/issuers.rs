//! Several issuers, each with keys of its own, and one memory (R09).

use super::*;

fn client_of_two(staff: &Made, partner: &Made, clock: &MovableClock) -> Client {
    let issuer = |name: &str, key: &Made| {
        let algorithm = &key.public["alg"];
        let keys = set([&key.public]);
        format!(
            "[[default.passport.jwt.issuers]]\nissuer = '{name}'\nalgorithm = {algorithm}\n\
             audience = 'of {name}'\njwks = '{keys}'\n"
        )
    };
    let table = [issuer("staff", staff), issuer("partner", partner)].concat();
    client_of(&table, clock)
}

fn by(key: &Made, issuer: &str) -> String {
    key.token_with(&json!({ "iss": issuer, "aud": format!("of {issuer}") }))
}

#[test]
fn each_issuer_has_seen_tokens() {
    let (staff, partner, clock) = (es256("a"), ed25519("a"), clock());
    let client = client_of_two(&staff, &partner, &clock);
    for _ in 0..3 {
        assert_seen(&client, &by(&partner, "partner"));
        let token = by(&staff, "staff");
        assert_seen(&client, &token);
        assert_accepted(&client, &token);
    }
    let (of_staff, of_partner) = (by(&staff, "staff"), by(&partner, "partner"));
    assert_seen(&client, &of_staff);
    assert_seen(&client, &of_partner);
    clock.advance(Duration::from_secs(60));
    assert_refused(&client, &of_staff, "expired 0 s ago");
    assert_refused(&client, &of_partner, "expired 0 s ago");
}

#[test]
fn a_seen_token_opens_nothing_for_another_issuer() {
    let (staff, partner) = (es256("a"), es256("a"));
    let client = client_of_two(&staff, &partner, &clock());
    let token = by(&partner, "partner");
    assert_seen(&client, &token);
    assert_seen(&client, &by(&staff, "staff"));
    assert_refused(&client, &by(&partner, "staff"), "signature does not match");
    assert_refused(&client, &by(&partner, "nobody"), "claim `iss` is not the expected one");
    let audience = partner.token_with(&json!({ "iss": "partner", "aud": "of staff" }));
    assert_refused(&client, &audience, "claim `aud` is not the expected one");
    assert_seen(&client, &token);
}

// Escapes within the name are read before anything is remembered by it.
#[test]
fn an_issuer_that_is_written_with_escapes_has_seen_tokens() {
    let (staff, partner) = (es256("a"), es256("a"));
    let client = client_of_two(&staff, &partner, &clock());
    let claims = json!({ "name": "ada", "exp": NOW + 60, "aud": "of staff" }).to_string();
    let escaped = claims.replacen('{', r#"{"iss":"\u0073taff","#, 1);
    assert_seen(&client, &staff.sealed(r#"{"alg":"ES256","kid":"a"}"#, &escaped));
    let forged = partner.sealed(r#"{"alg":"ES256","kid":"a"}"#, &escaped);
    assert_refused(&client, &forged, "signature does not match");
}
