//! Where we answer otherwise than npm does, each said once; the table in the documentation of `jwt`
//! has a row for each, and names the tests of this replay that hold it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const DOCUMENTATION: &str = include_str!("../../passport-rocket/src/strategies/jwt/passport.md");

/// What is so here, word for word as the documentation says it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Difference(&'static str);

macro_rules! differences {
    ($($name:ident = $text:literal;)*) => {
        $(pub(super) const $name: Difference = Difference($text);)*

        /// All of them, by name.
        const ALL: &[(&str, Difference)] = &[$((stringify!($name), $name)),*];
    };
}

differences! {
    EXPIRY_IS_REQUIRED = "a token without `exp` is refused";
    NOTHING_IS_IGNORED = "`exp` and `nbf` cannot be ignored";
    ISSUED_AT_IS_CHECKED = "an `iat` that is no time, or lies ahead, is refused";
    CLOCKS_MAY_DIFFER = "`nbf` and `iat` may lie 5 seconds ahead";
    OTHERS_AUDIENCES_ARE_REFUSED = "a token with an audience is refused where none is configured";
    AUDIENCES_ARE_NO_PATTERNS = "an audience is compared to the letter, never by a pattern";
    NONE_IS_NO_ALGORITHM = "`none` is no algorithm";
    A_KEY_HAS_ONE_ALGORITHM = "a key has one algorithm, and a list is of one family";
    KEYS_ARE_JUDGED_AT_LAUNCH = "a key that is missing or does not fit refuses launch";
    WEAK_KEYS_ARE_REFUSED = "a short or published secret is refused";
    SMALL_KEYS_VERIFY_NOTHING = "an RSA key below 2048 bits verifies nothing either";
    CERTIFICATES_ARE_NO_KEYS = "a certificate is no key";
    PSS_KEYS_ARE_PLAIN = "an RSASSA-PSS key is no key, PS256 takes a plain RSA key";
    THERE_IS_NO_ES512 = "there is no ES512";
    LIFETIMES_ARE_AHEAD = "a lifetime is a whole number of seconds above zero";
    LIFETIMES_COUNT_FROM_NOW = "a lifetime counts from now, and claims bring no `iat` of their own";
    UNITS_ARE_PLAIN = "a bare number is seconds, and only units of a fixed length are read";
    TOKENS_SAY_WHEN = "every token says when it was signed";
    ALGORITHM_AND_TYPE_ARE_THE_HEADER = "the header is `alg`, `typ` and `kid`";
    CLAIMS_ARE_AN_OBJECT = "claims are a JSON object";
    TEXT_IS_UTF_8 = "a payload is UTF-8";
    TIMES_ARE_WHOLE_SECONDS = "a time is a whole number of seconds, up to 2^53";
    MEMBERS_ARE_THERE_ONCE = "a claim that is there twice is refused";
    EXTENSIONS_ARE_UNDERSTOOD_OR_REFUSED = "a `crit` or `b64` in the header is refused";
    TYPES_ARE_TOLD_APART = "a token of another `typ` is refused";
    KEYS_ARE_TOLD_APART = "a `kid` other than the configured one is refused";
    BOUND_TOKENS_ARE_REFUSED = "a token that is bound to a key (`cnf`) is refused";
    TOKENS_ARE_SHORT = "a token is 8 KiB at most";
    TOKENS_HAVE_ONE_SPELLING = "base64url has one spelling, for signatures of every algorithm";
    AUTHORIZATION_HAS_A_SCHEME = "`Authorization` is read by its scheme";
    PLACES_AGREE = "two places that hold different tokens are a 400";
    ONE_TOKEN_STANDS_BEHIND_A_SCHEME = "a scheme without a token, or with more than one, is a 400";
    ANSWERS_SAY_WHAT_IS_ASKED_FOR = "every 401 has a challenge, and reasons stay in the log";
    CLAIMS_MAY_BE_THE_USER = "a verifier may be left out: the claims are the user";
    BEARER_IS_THE_DEFAULT = "a place may be left out: `Authorization: Bearer`";
    EACH_ISSUER_HAS_KEYS = "each of several issuers has keys of its own";
    PROVIDERS_FAIL_AS_WE_DO = "a key provider that fails is our fault, 500 or 503";
    PROVIDERS_SEE_NO_TOKEN = "a key provider is told algorithm, key and issuer, not the token";
    WHAT_IS_NO_TOKEN_IS_MALFORMED = "a field that is no text, or a parameter twice, is a 400";
    HANDLERS_GET_CLAIMS = "a handler gets the claims, not the header and the signature";
    SPACES_ARE_NO_TOKEN = "spaces around a token are not part of it";
}

/// The rows of the table: what is so here, and the tests that hold it.
fn documented() -> BTreeMap<&'static str, BTreeSet<String>> {
    let (_, table) = DOCUMENTATION.split_once("# Where we differ").expect("the heading");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| "));
    rows.skip(1)
        .map(|row| {
            let cells: Vec<_> = row.trim_end_matches(" |").split(" | ").collect();
            let [what, why, tests] = cells[..] else { panic!("a row of three: {row}") };
            assert!(why.len() > 20, "{what}: why?");
            let tests = tests.split(", ").map(|test| test.trim_matches('`').to_owned());
            (what, tests.collect())
        })
        .collect()
}

/// What the tests of this replay show of each difference: `t14` of `t14_one_of_the_…`.
fn held() -> BTreeMap<&'static str, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/replay");
    let mut held: BTreeMap<_, _> =
        ALL.iter().map(|(_, Difference(what))| (*what, BTreeSet::new())).collect();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|kind| kind != "rs") {
            continue;
        }
        let source = fs::read_to_string(path).unwrap();
        for test in source.split("#[test]\nfn ").skip(1) {
            let (name, _) = test.split_once('(').unwrap();
            let words: BTreeSet<_> =
                test.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
            for (constant, Difference(what)) in ALL {
                if words.contains(constant) {
                    held.get_mut(what).unwrap().insert(row_of(name).to_owned());
                }
            }
        }
    }
    held
}

/// `t14` of `t14_one_of_the_audiences_is_enough`; a case of the strategy is named as a whole.
fn row_of(test: &str) -> &str {
    let row = test.split('_').next().unwrap_or_default();
    let is_row = row.strip_prefix(['t', 'x']).is_some_and(|n| n.parse::<u8>().is_ok());
    if is_row { row } else { test }
}

#[test]
fn every_difference_is_explained_where_a_newcomer_looks() {
    assert!(ALL.len() > 30, "the differences were found");
    let (documented, held) = (documented(), held());
    for (what, tests) in &held {
        assert_eq!(documented.get(what), Some(tests), "the row of `{what}`");
    }
    for what in documented.keys() {
        assert!(held.contains_key(what), "no test holds `{what}`");
    }
}
