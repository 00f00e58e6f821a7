//! Trap 12: the keys of the RFCs, as they stand there.

use super::*;

fn published(place: &str) -> String {
    format!("published in {place}, private half and all")
}

// RFC 7515 appendices A.2 and A.3, RFC 8037 appendix A.2
#[test]
fn a_key_whose_private_half_is_published_is_broken() {
    let rsa_of_7515 = json!({
        "kty": "RSA", "e": "AQAB",
        "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEz\
              P1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63\
              kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh\
              9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuX\
              poQ",
    });
    let ec_of_7515 = json!({
        "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    let ed_of_8037 = json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    for (key, algorithm, place) in [
        (rsa_of_7515, Algorithm::RS256, "RFC 7515 appendix A.2"),
        (ec_of_7515, Algorithm::ES256, "RFC 7515 appendix A.3"),
        (ed_of_8037, Algorithm::EdDSA, "RFC 8037 appendix A"),
    ] {
        assert_broken(&key, &[algorithm], Holds::Public, &published(place));
    }
}

// RFC 7515 appendix A.3, RFC 8037 appendix A.1
#[test]
fn a_published_private_key_is_broken() {
    let ec = json!({
        "kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        "d": "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
    });
    let problem = published("RFC 7515 appendix A.3");
    assert_broken(&ec, &[Algorithm::ES256], Holds::Private, &problem);
    let ed = json!({
        "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    });
    let problem = published("RFC 8037 appendix A");
    assert_broken(&ed, &[Algorithm::EdDSA], Holds::Private, &problem);
}

// RFC 7515 appendix A.1
#[test]
fn a_published_secret_is_broken() {
    let key = json!({
        "kty": "oct",
        "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    });
    let problem = "published in RFC 7515 and RFC 7519";
    assert_broken(&key, &[Algorithm::HS256], Holds::Private, problem);
}
