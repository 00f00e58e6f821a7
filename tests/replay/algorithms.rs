//! Which algorithm and which kind of key a token may have.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use passport_rocket::Jwt;
use passport_rocket::danger::decode_without_verification;
use passport_rocket_tests::{refusal, release_figment};
use rocket::routes;
use serde_json::{Value, json};

use super::differences::jwt::{
    A_KEY_HAS_ONE_ALGORITHM, CERTIFICATES_ARE_NO_KEYS, EXPIRY_IS_REQUIRED,
    KEYS_ARE_JUDGED_AT_LAUNCH, NONE_IS_NO_ALGORITHM, NOTHING_IS_IGNORED, SPACES_ARE_NO_TOKEN,
    WEAK_KEYS_ARE_REFUSED,
};
use super::{
    Answer, Application, END, NOW, Npm, Row, SECRET, answer, claims_of, first_mistake, lasting,
    launch, no_launch, raw, refused, resealed, signed,
};

const MISSING_SECRET: &str = "`passport.jwt.secret_base64`: missing; only the debug profile makes \
                              one up for the run";

/// `{ alg: 'none' }` and nothing behind the second dot.
fn unsigned() -> String {
    let token = raw(r#"{"alg":"none"}"#, lasting(json!({})).to_string());
    let (message, _) = token.rsplit_once('.').unwrap();
    format!("{message}.")
}

fn public(algorithm: &str, pem: &str) -> Application {
    Application::of(&format!("algorithm = '{algorithm}'\npublic_key = '''{pem}'''"))
}

fn private(algorithm: &str, pem: &str) -> Application {
    Application::of(&format!("algorithm = '{algorithm}'\nprivate_key = '''{pem}'''"))
}

/// What an application without any key says in production.
fn without_a_key() -> String {
    let figment = release_figment("[default.passport.jwt]\nalgorithm = 'HS256'");
    let jwt = Jwt::<Value>::fairing("jwt");
    let rocket = rocket::custom(figment).attach(jwt).mount("/", routes![claims_of]);
    first_mistake(&refusal(rocket))
}

#[test]
fn t03_an_unsigned_token_is_never_accepted() {
    let mut row = Row::new("t03");
    let token = unsigned();
    let why = "token has not exactly three parts";
    row.ask("with a key", &Application::with(""), &token).refused(why);
    // Whoever gives no key has one made up, in the debug profile.
    let made_up = Application::of("algorithm = 'HS256'");
    row.ask("without a key", &made_up, &token).refused(why);
    let none = no_launch("`passport.jwt.algorithm`: unknown value");
    for key in ["", &format!("secret = '{SECRET}'")] {
        let application = Application::of(&format!("algorithm = 'none'\n{key}"));
        let npm = if key.is_empty() { Npm::Accepts } else { Npm::Refuses };
        row.ask("{algorithms: ['none']}", &application, &token).differs(
            npm,
            NONE_IS_NO_ALGORITHM,
            none.clone(),
        );
    }
    row.done(4);
}

/// `{ iat: 1669990003 }`.
const RS256: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpYXQiOjE2Njk5OTAwMDN9.\
    YdjFWJtPg_9nccMnTfQyesWQ0UX-GsWrfCGit_HqjeIkNjoV6dkAJ8AtbnVEhA4oxwqSXx6ilMOfHEjmMlPtyyyVKkWK\
    QHcIWYnqPbNSEv8a7Men8KhJTIWb4sf5YbhgSCpNvU_VIZjLO1Z0PzzgmEikp0vYbxZFAbCAlZCvUlcIc-kdjIRCnDJe\
    0BBrYRxNLEJtYsf7D1yFIFIqw8-VP87yZdExA4eHsTaE84SgnL24ZK5h5UooDx-IRNd_rrMyio8kNy63grVxCWOtkXZ2\
    6iZk6v-HMsnBqxvUwR6-8wfaWrcpADkyUO1q3SNsoTdwtflbvfwgjo3uve0IvIzHMw";

/// `{ pay: 'load', iat: 1670230416 }`.
const ES256: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.\
    eyJwYXkiOiJsb2FkIiwiaWF0IjoxNjcwMjMwNDE2fQ.\
    7TYP8SB_9Tw1fNIfuG60b4tvoLPpDAVBQpV1oepnuKwjUz8GOw4fRLzclo0Q2YAXisJ3zIYMEFsHpYrflfoZJQ";

const EC_FOR_RSA: &str =
    "`passport.jwt.public_key`: ES256 takes a P-256 key, and this is an RSA key";

#[test]
fn t05_a_key_of_another_kind_than_the_algorithm_is_no_key() {
    let mut row = Row::new("t05");
    let dsa = public("RS256", pem!("dsa-spki"));
    row.ask("a DSA key", &dsa, RS256).differs(
        Npm::Refuses,
        KEYS_ARE_JUDGED_AT_LAUNCH,
        no_launch("`passport.jwt.public_key`: no key that can be read"),
    );
    let rsa = public("ES256", library_pem!("rsa-spki"));
    for asks in
        ["{algorithms: ['ES256']}", "{algorithms: ['ES256'], allowInvalidAsymmetricKeyTypes: true}"]
    {
        row.ask(asks, &rsa, ES256).differs(
            Npm::Refuses,
            KEYS_ARE_JUDGED_AT_LAUNCH,
            no_launch(EC_FOR_RSA),
        );
    }
    // The same tokens where the key is of the right kind, and not theirs.
    let mismatch = "signature does not match";
    row.ask("{}", &public("RS256", library_pem!("rsa-spki")), RS256).refused(mismatch);
    row.ask("{}", &public("ES256", library_pem!("p256-spki")), ES256).refused(mismatch);
    row.done(5);
}

/// `{ foo: 'bar', iat: 1426546919 }` under HS256, with the text of `upstream-certificate.pem` as
/// the secret.
const FORGED: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.\
    eyJmb28iOiJiYXIiLCJpYXQiOjE0MjY1NDY5MTl9.ETgkTn8BaxIX4YqvUWVFPmum3moNZ7oARZtSBXb_vP4";

#[test]
fn t06_a_public_key_is_never_taken_for_a_secret() {
    let mut row = Row::new("t06");
    let spki = pem!("upstream-spki");
    let unnamed = Application::of(&format!("public_key = '''{spki}'''"));
    row.ask("{}", &unnamed, FORGED).differs(
        Npm::Refuses,
        A_KEY_HAS_ONE_ALGORITHM,
        no_launch("`passport.jwt.algorithm`: missing"),
    );
    for algorithm in ["RS256", "PS256"] {
        let asks = format!("{{algorithms: ['{algorithm}']}}");
        let why = format!("algorithm is not {algorithm}");
        row.ask(&asks, &public(algorithm, spki), FORGED).refused(&why);
        // Upstream gives the certificate itself.
        let certificate = public(algorithm, pem!("upstream-certificate"));
        row.ask(&asks, &certificate, FORGED).differs(
            Npm::Refuses,
            CERTIFICATES_ARE_NO_KEYS,
            no_launch("`passport.jwt.public_key`: a certificate"),
        );
    }
    let certificate = pem!("upstream-certificate");
    let as_secret = format!("algorithm = 'HS256'\nsecret = '''{certificate}'''");
    row.ask("the certificate as a secret", &Application::of(&as_secret), FORGED).differs(
        Npm::Refuses,
        KEYS_ARE_JUDGED_AT_LAUNCH,
        no_launch("`passport.jwt.secret`: HS256 takes a secret, and this is a PEM file"),
    );
    let longer = format!("algorithm = 'HS384'\nsecret = '{SECRET} and some more'");
    let token = signed(&lasting(json!({ "foo": "bar" })));
    let case = row.ask("{algorithms: ['HS384']}", &Application::of(&longer), &token);
    case.refused("algorithm is not HS384");
    row.done(7);
}

/// `{ foo: 'bar', iat: 1659510608 }` under HS256, with a public RSA key as the secret, and its
/// `kid`.
const MALICIOUS: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6InJzYUtleUlkIn0.\
    eyJmb28iOiJiYXIiLCJpYXQiOjE2NTk1MTA2MDh9.cOcHI1TXPbxTMlyVTfjArSWskrmezbrG8iR7uJHwtrQ";

#[test]
fn t07_a_token_cannot_choose_between_two_algorithms() {
    let mut row = Row::new("t07");
    let pem = library_pem!("rsa-spki");
    let asks = "{algorithms: ['RS256', 'HS256']}";
    let both =
        Application::of(&format!("algorithm = ['RS256', 'HS256']\npublic_key = '''{pem}'''"));
    row.ask(asks, &both, MALICIOUS).differs(
        Npm::Refuses,
        A_KEY_HAS_ONE_ALGORITHM,
        no_launch("`passport.jwt.algorithm`: both of secrets and of key pairs"),
    );
    row.ask(asks, &public("RS256", pem), MALICIOUS).refused("algorithm is not RS256");
    row.ask(asks, &public("HS256", pem), MALICIOUS).differs(
        Npm::Refuses,
        KEYS_ARE_JUDGED_AT_LAUNCH,
        no_launch("`passport.jwt.public_key`: HS256 takes a secret, not a key pair"),
    );
    row.done(3);
}

/// `{}`, by the key `secret`.
const EMPTY: &str =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.t-IDcSemACt8x4iTMCda8Yhe3iZaWbvV5XKSTbuAn0M";

#[test]
fn t08_without_a_key_nothing_is_verified() {
    let mut row = Row::new("t08");
    let mismatch = "signature does not match";
    row.ask("no key", &Application::of("algorithm = 'HS256'"), EMPTY).refused(mismatch);
    row.differs(
        "no key, in production",
        KEYS_ARE_JUDGED_AT_LAUNCH,
        MISSING_SECRET.to_owned(),
        without_a_key(),
    );
    let weak = Application::of("algorithm = 'HS256'\nsecret = 'secret'");
    row.ask("its own key", &weak, EMPTY).differs(
        Npm::Accepts,
        WEAK_KEYS_ARE_REFUSED,
        no_launch(
            "`passport.jwt.secret`: published in the documentation of jsonwebtoken and \
             passport-jwt",
        ),
    );
    row.ask("a strong key", &Application::with(""), &resealed(EMPTY)).differs(
        Npm::Accepts,
        EXPIRY_IS_REQUIRED,
        refused("claim `exp` is missing"),
    );
    row.done(4);
}

#[test]
fn t17_a_secret_opens_its_own_tokens_alone() {
    let mut row = Row::new("t17");
    let application = Application::with("");
    let token = signed(&lasting(json!({ "foo": "bar" })));
    row.ask("its own secret", &application, &token).accepted();
    let stranger =
        Application::of("algorithm = 'HS256'\nsecret = 'another secret of this replay, 32 bytes'");
    row.ask("an invalid secret", &stranger, &token).refused("signature does not match");
    let why = "token has not exactly three parts";
    row.ask("a token that is not signed", &application, &unsigned()).refused(why);
    let client = launch(application.rocket()).unwrap();
    row.same("null", refused("no credential"), answer(&client, None));
    let expired = signed(&json!({ "exp": 1, "foo": "bar" }));
    row.ask("{}", &application, &expired).refused("expired 59 s ago");
    let ignoring = Application::with("ignore_expiration = true");
    row.ask("{ignoreExpiration: true}", &ignoring, &expired).differs(
        Npm::Accepts,
        NOTHING_IS_IGNORED,
        no_launch("`passport.jwt.ignore_expiration`: unknown key"),
    );
    // HTTP itself gives the space no meaning; within a header of its own it is a foreign character.
    row.ask("a trailing space", &application, &format!("{token} ")).differs(
        Npm::Refuses,
        SPACES_ARE_NO_TOKEN,
        Answer::Accepted,
    );
    for algorithm in ["HS256", "HS384", "HS512"] {
        for (key, pem) in
            [("public_key", library_pem!("rsa-spki")), ("private_key", library_pem!("rsa-pkcs8"))]
        {
            let table = format!("algorithm = '{algorithm}'\n{key} = '''{pem}'''");
            let asks = format!("a {key} of RSA for {algorithm}");
            row.ask(&asks, &Application::of(&table), &token).differs(
                Npm::Refuses,
                KEYS_ARE_JUDGED_AT_LAUNCH,
                no_launch(&format!(
                    "`passport.jwt.{key}`: {algorithm} takes a secret, not a key pair"
                )),
            );
        }
        let table = format!("algorithm = '{algorithm}'\nsecret = 5");
        row.ask(&format!("5 for {algorithm}"), &Application::of(&table), &token).differs(
            Npm::Refuses,
            KEYS_ARE_JUDGED_AT_LAUNCH,
            no_launch("`passport.jwt.secret`: a number: put the value in quotes"),
        );
    }
    row.done(16);
}

/// One of upstream's three, with a key pair and the public key of another.
struct Pair {
    name: &'static str,
    algorithm: Algorithm,
    signing: EncodingKey,
    public: &'static str,
    other: &'static str,
}

fn pairs() -> [Pair; 3] {
    let rsa = || EncodingKey::from_rsa_pem(library_pem!("rsa-pkcs8").as_bytes()).unwrap();
    let ec = EncodingKey::from_ec_pem(library_pem!("p256-pkcs8").as_bytes()).unwrap();
    let (spki, other) = (library_pem!("rsa-spki"), pem!("rsa-other-spki"));
    [
        Pair { name: "RS256", algorithm: Algorithm::RS256, signing: rsa(), public: spki, other },
        Pair {
            name: "ES256",
            algorithm: Algorithm::ES256,
            signing: ec,
            public: library_pem!("p256-spki"),
            other: pem!("p256-other-spki"),
        },
        Pair { name: "PS256", algorithm: Algorithm::PS256, signing: rsa(), public: spki, other },
    ]
}

impl Pair {
    fn signed(&self, claims: &Value) -> String {
        encode(&Header::new(self.algorithm), claims, &self.signing).unwrap()
    }
}

#[test]
fn t18_a_private_key_signs_and_its_public_half_verifies() {
    let mut row = Row::new("t18");
    for pair in pairs() {
        let application = public(pair.name, pair.public);
        let token = pair.signed(&lasting(json!({ "foo": "bar" })));
        row.same("three parts", 3, token.split('.').count());
        row.ask("its public key", &application, &token).accepted();
        let other = public(pair.name, pair.other);
        row.ask("another public key", &other, &token).refused("signature does not match");
        let ten_minutes = pair.signed(&json!({ "foo": "bar", "iat": NOW, "exp": NOW + 600 }));
        row.ask("{}", &application, &ten_minutes).accepted();
        let late = public(pair.name, pair.public).at(NOW + 1_200);
        row.ask("{}", &late, &ten_minutes).refused("expired 10 min ago");
        let ignoring = Application::of(&format!("{}\nignore_expiration = true", late.table));
        row.ask("{ignoreExpiration: true}", &ignoring.at(NOW + 1_200), &ten_minutes).differs(
            Npm::Accepts,
            NOTHING_IS_IGNORED,
            no_launch("`passport.jwt.ignore_expiration`: unknown key"),
        );
        let why = "header is not canonical base64url";
        row.ask("{}", &application, "fruit.fruit.fruit").refused(why);
        let parts = "token has not exactly three parts";
        row.ask("{}", &application, &format!("{token}.foo")).refused(parts);
        row.ask("{}", &application, "whatever.token").refused(parts);
        let read = decode_without_verification::<Value>;
        row.same("decode('whatever.token')", true, read("whatever.token").is_err());
        let (header, claims) = read(&token).unwrap();
        row.same("decode(token)", lasting(json!({ "foo": "bar" })), claims);
        row.same("decode(token, {complete: true})", pair.name, &*header.algorithm);
    }
    let token = pairs()[0].signed(&json!({ "exp": END }));
    let dsa = private("RS256", pem!("dsa-pkcs8"));
    row.ask("signing with a DSA key", &dsa, &token).differs(
        Npm::Refuses,
        KEYS_ARE_JUDGED_AT_LAUNCH,
        no_launch("`passport.jwt.private_key`: no key that can be read"),
    );
    for asks in ["signing ES256 with an RSA key", "the same, key types unchecked"] {
        let rsa = private("ES256", library_pem!("rsa-pkcs8"));
        row.ask(asks, &rsa, &token).differs(
            Npm::Refuses,
            KEYS_ARE_JUDGED_AT_LAUNCH,
            no_launch(
                "`passport.jwt.private_key`: ES256 takes a P-256 key, and this is an RSA key",
            ),
        );
    }
    row.done(39);
}
