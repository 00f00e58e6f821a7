//! `watchword`: what a ship calls out to the guard, another word in every watch of the day.
//!
//! The strategy reads `<scheme> <ship>:<word>` behind any of its schemes and knows the time; the
//! application's verifier knows the words. Each scheme is a challenge, and a ship that was let in
//! hears which watch it is (`Authentication-Info`, RFC 9110 section 11.6.3).
//!
//! ```toml
//! [default.passport.watchword]
//! schemes = ["Watchword", "Signal"]
//! ```

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::time::{SystemTime, UNIX_EPOCH};

use passport_rocket::credential::Authorization;
use passport_rocket::{
    Answer, Attempt, Builder, Challenge, Denial, Mistake, Parameter, Registration, Secret, Setup,
    Strategy, Verdict, Verify,
};
use rocket::http::Header;
use serde::Deserialize;

/// What a ship called out; the application's verifier says whether it is right.
#[derive(Debug)]
#[non_exhaustive]
pub struct Call {
    /// Who it says it is.
    pub ship: String,
    /// The word.
    pub word: Secret<String>,
    /// The watch in which it was said.
    pub watch: Watch,
}

/// A watch of four hours, counted from midnight UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Watch {
    Middle,
    Morning,
    Forenoon,
    Afternoon,
    Dog,
    First,
}

impl Watch {
    fn at(time: SystemTime) -> Self {
        let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        match seconds / 3600 % 24 {
            0..4 => Self::Middle,
            4..8 => Self::Morning,
            8..12 => Self::Forenoon,
            12..16 => Self::Afternoon,
            16..20 => Self::Dog,
            _ => Self::First,
        }
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Middle => "middle",
            Self::Morning => "morning",
            Self::Forenoon => "forenoon",
            Self::Afternoon => "afternoon",
            Self::Dog => "dog",
            Self::First => "first",
        })
    }
}

/// The strategy; it is a fairing once it has a verifier.
#[derive(Debug)]
pub struct Watchword {
    name: Cow<'static, str>,
}

impl Watchword {
    /// Begins to register it as `name`.
    pub fn fairing(name: impl Into<Cow<'static, str>>) -> Self {
        Self { name: name.into() }
    }

    /// Asks `verify` who has called.
    #[must_use]
    pub fn verify<V, Via>(self, verify: V) -> Registration<impl Builder>
    where
        V: Verify<Call, Via> + Clone,
        Via: 'static,
    {
        Registration::new(self.name, move |setup: &Setup<'_>| {
            let config: Config = setup.config()?;
            Ok(Guard {
                schemes: config.schemes(setup)?,
                realm: setup.options().realm.clone(),
                verify: verify.clone(),
                via: PhantomData,
            })
        })
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    /// _Default:_ `["Watchword", "Signal"]`.
    schemes: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self { schemes: vec!["Watchword".into(), "Signal".into()] }
    }
}

impl Config {
    fn schemes(self, setup: &Setup<'_>) -> Result<Vec<String>, Vec<Mistake>> {
        let is_scheme = |name: &String| *name == Challenge::new(name.clone()).scheme();
        let problem = match &*self.schemes {
            [] => "leaves nothing to call out behind",
            schemes if !schemes.iter().all(is_scheme) => "holds what cannot be a scheme",
            _ => return Ok(self.schemes),
        };
        Err(vec![setup.mistake("schemes", problem, "name one, `[\"Watchword\"]` for instance")])
    }
}

/// The strategy as it runs.
struct Guard<V, Via> {
    schemes: Vec<String>,
    realm: String,
    verify: V,
    via: PhantomData<fn() -> Via>,
}

impl<V: Verify<Call, Via>, Via: 'static> Guard<V, Via> {
    fn call(&self, attempt: Attempt<'_, '_>) -> Result<Call, Denial> {
        let Some(header) = Authorization::of(attempt)? else { return Err(Denial::absent()) };
        if !self.schemes.iter().any(|scheme| header.is(scheme)) {
            return Err(Denial::absent());
        }
        match header.credentials.split_once(':') {
            Some((ship, word)) if !ship.is_empty() && !word.is_empty() => Ok(Call {
                ship: ship.to_owned(),
                word: Secret::new(word.to_owned()),
                watch: Watch::at(attempt.now()),
            }),
            _ => {
                Err(Denial::malformed("no `ship:word` behind the scheme")
                    .read_from("Authorization"))
            }
        }
    }
}

impl<V: Verify<Call, Via>, Via: 'static> Strategy for Guard<V, Via> {
    type User = V::User;

    fn authenticate<'r>(&'r self, attempt: Attempt<'r, '_>) -> Answer<'r, Verdict<V::User>> {
        let call = match self.call(attempt) {
            Ok(call) => call,
            Err(denial) => return Answer::now(Err(denial)),
        };
        let info = Header::new("Authentication-Info", format!("watch=\"{}\"", call.watch));
        self.verify.verify(call, attempt.request()).map(move |verdict| {
            if verdict.is_ok() {
                attempt.set_header(info);
            }
            verdict
        })
    }

    fn challenges(&self, _: &Denial) -> Vec<Challenge> {
        let ask = |scheme: &String| Challenge::new(scheme.clone()).realm(self.realm.clone());
        self.schemes.iter().map(ask).collect()
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.verify.parameters()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::io;
    use std::time::Duration;

    use passport_rocket::testing::MovableClock;
    use passport_rocket::{User, protect, verify};
    use rocket::http::Status;
    use rocket::local::blocking::{Client, LocalResponse};
    use rocket::{Build, Rocket, State, get, routes};

    use super::*;
    use crate::launch;

    struct Ship(String);

    /// The words of the day.
    struct Orders(HashMap<Watch, Secret<String>>);

    #[verify]
    async fn ship_of(call: Call, orders: &State<Orders>) -> Result<Option<Ship>, io::Error> {
        let word = orders.0.get(&call.watch).ok_or(io::Error::other("no word for this watch"))?;
        Ok((*word == call.word).then_some(Ship(call.ship)))
    }

    #[protect(strategy = "watchword")]
    #[get("/")]
    fn pass(ship: User<Ship>) -> String {
        format!("pass, {}", ship.0)
    }

    fn rocket(toml: &str) -> Rocket<Build> {
        launch::rocket(toml)
            .attach(Watchword::fairing("watchword").verify(ship_of))
            .mount("/", routes![pass])
    }

    fn orders() -> Orders {
        let word = |text: &str| Secret::new(text.to_owned());
        Orders([(Watch::Middle, word("heron")), (Watch::Morning, word("tern"))].into())
    }

    /// At five minutes to four.
    fn client() -> (Client, MovableClock) {
        let clock = MovableClock::at(UNIX_EPOCH + Duration::from_secs(4 * 3600 - 300));
        let toml = "[default.passport]\nrealm = \"quay\"";
        (launch::client(rocket(toml).manage(orders()).manage(clock.clock())), clock)
    }

    fn call<'c>(client: &'c Client, authorization: &'static str) -> LocalResponse<'c> {
        client.get("/").header(Header::new("Authorization", authorization)).dispatch()
    }

    fn asked(response: &LocalResponse<'_>) -> Vec<String> {
        response.headers().get("WWW-Authenticate").map(str::to_owned).collect()
    }

    const BOTH: [&str; 2] = ["Watchword realm=\"quay\"", "Signal realm=\"quay\""];

    #[test]
    fn lets_in_behind_either_scheme_and_says_the_watch() {
        let (client, _) = client();
        for authorization in ["Watchword gull:heron", "signal gull:heron"] {
            let response = call(&client, authorization);
            assert_eq!(response.status(), Status::Ok);
            let info: Vec<_> = response.headers().get("Authentication-Info").collect();
            assert_eq!(info, ["watch=\"middle\""]);
            assert!(asked(&response).is_empty());
            assert_eq!(response.into_string().unwrap(), "pass, gull");
        }
    }

    #[test]
    fn a_word_is_good_for_its_watch_only() {
        let (client, clock) = client();
        clock.advance(Duration::from_secs(300));
        assert_eq!(call(&client, "Watchword gull:heron").status(), Status::Unauthorized);
        assert_eq!(call(&client, "Watchword gull:tern").status(), Status::Ok);
    }

    #[test]
    fn asks_by_both_challenges_when_absent_malformed_or_wrong() {
        let (client, _) = client();
        let cases = [
            ("Bearer gull:heron", Status::Unauthorized),
            ("Watchword heron", Status::BadRequest),
            ("Signal :heron", Status::BadRequest),
            ("Watchword gull:tern", Status::Unauthorized),
        ];
        for (authorization, status) in cases {
            let response = call(&client, authorization);
            assert_eq!(response.status(), status, "{authorization}");
            assert_eq!(asked(&response), BOTH, "{authorization}");
            assert_eq!(response.headers().get_one("Authentication-Info"), None, "{authorization}");
        }
    }

    #[test]
    fn a_verifier_that_fails_is_our_fault() {
        let (client, clock) = client();
        clock.advance(Duration::from_secs(5 * 3600));
        let response = call(&client, "Watchword gull:tern");
        assert_eq!((response.status(), asked(&response).len()), (Status::InternalServerError, 0));
    }

    #[test]
    fn refuses_launch_for_a_wrong_key() {
        let cases = [
            ("scheme = [\"A\"]", "`passport.watchword.scheme`", "did you mean `schemes`?"),
            ("schemes = []", "`passport.watchword.schemes`: leaves nothing", "name one"),
            ("schemes = [\"a b\"]", "`passport.watchword.schemes`: holds what", "name one"),
            ("schemes = 3", "`passport.watchword.schemes`", ""),
        ];
        for (line, problem, remedy) in cases {
            let toml = format!("[default.passport.watchword]\n{line}");
            let report = launch::refusal(rocket(&toml).manage(orders()));
            assert!(report.contains(problem) && report.contains(remedy), "{line}: {report}");
        }
    }

    #[test]
    fn refuses_launch_when_the_verifier_misses_its_state() {
        let report = launch::refusal(rocket(""));
        assert!(report.contains("the verifier's guard `orders` refuses launch"), "{report}");
    }
}
