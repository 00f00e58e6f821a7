//! Those of `jwt`.

const DOCUMENTATION: &str = include_str!("../../../passport-rocket/src/strategies/jwt/passport.md");

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
