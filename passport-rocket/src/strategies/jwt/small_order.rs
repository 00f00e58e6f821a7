//! Ed25519 public keys of which one signature opens any message.

/// Whether a point, as RFC 8032 section 5.1.2 encodes it, is of small order: multiplied by eight it
/// is nothing, and one signature is right for every eighth message at least. No key pair has such a
/// point, and verifiers need not refuse it.
pub(super) fn is_of_small_order(point: &[u8]) -> bool {
    let Some((last, first)) = point.split_last() else { return false };
    // The sign of the other coordinate.
    let last = last & 0x7f;
    POINTS.iter().any(|small| small.split_last() == Some((&last, first)))
}

/// The points of orders 4, 1, 8, 8 and 2, then those of orders 4 and 1 with the prime added.
const POINTS: [[u8; 32]; 7] = [
    filled(0x00, 0x00, 0x00),
    filled(0x01, 0x00, 0x00),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
    filled(0xec, 0xff, 0x7f),
    filled(0xed, 0xff, 0x7f),
    filled(0xee, 0xff, 0x7f),
];

const fn filled(first: u8, middle: u8, last: u8) -> [u8; 32] {
    let mut point = [middle; 32];
    let [begin, .., end] = &mut point;
    *begin = first;
    *end = last;
    point
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};

    use super::*;

    #[test]
    fn knows_the_keys_that_a_made_up_signature_opens() {
        let mut opened = 0;
        for point in POINTS {
            for sign in [0x00, 0x80] {
                let mut point = point;
                point[31] |= sign;
                assert!(is_of_small_order(&point));
                let Ok(key) = ParsedPublicKey::new(&ED25519, point) else { continue };
                // R is the neutral point and S is nothing: right whenever the hash makes the key
                // vanish.
                let mut signature = [0; 64];
                signature[0] = 1;
                let messages = (0..200_u8).map(|number| [number]);
                opened += usize::from(
                    messages
                        .into_iter()
                        .any(|message| key.verify_sig(&message, &signature).is_ok()),
                );
            }
        }
        assert!(opened >= 5, "{opened}");
    }

    #[test]
    fn knows_no_key_of_a_pair() {
        for _ in 0..8 {
            let pair = Ed25519KeyPair::generate().unwrap();
            assert!(!is_of_small_order(pair.public_key().as_ref()));
        }
        assert!(!is_of_small_order(&[]));
    }
}
