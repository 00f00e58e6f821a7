//! `manifest`: a sealed list of cargo; the seal is the credential, the cargo is what the handler
//! wants, and both stand in one JSON body.
//!
//! The seal vouches for the cargo, so the cargo comes with the user; a payload that only stands beside
//! a credential would come with [`UserAnd`](passport_rocket::UserAnd). It is parsed for nobody whose
//! seal is wrong.
//!
//! ```toml
//! [default.passport.manifest]
//! seals = { dover = "…" }
//! max_body = "8 KiB"
//! ```

use std::borrow::Cow;
use std::marker::PhantomData;

use passport_rocket::credential::RequestBody;
use passport_rocket::{
    Answer, Attempt, Body, Builder, Denial, Mistake, Registration, Secret, Setup, SignIn, Strategy,
    Verdict, csrf,
};
use rocket::data::{ByteUnit, ToByteUnit};
use rocket::http::Status;
use rocket::serde::json::{Value, serde_json};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::keyring::Keyring;

/// Cargo, and who sealed its list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sealed<T> {
    /// Whose seal it is, by the configuration.
    pub by: String,
    /// The cargo.
    pub cargo: T,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The seal of each harbour. _Default:_ none; it has to be set.
    seals: Keyring,
    /// _Default:_ `"8 KiB"`.
    #[serde(default = "eight_kibibytes")]
    max_body: ByteUnit,
}

fn eight_kibibytes() -> ByteUnit {
    8.kibibytes()
}

impl Config {
    fn manifest<T>(self, setup: &Setup<'_>) -> Result<Manifest<T>, Vec<Mistake>> {
        if self.max_body == 0 {
            let remedy = "give it a size, or remove it for 8 KiB";
            return Err(vec![setup.mistake("max_body", "lets no body through", remedy)]);
        }
        self.seals.claim("seals", setup)?;
        Ok(Manifest { seals: self.seals, max_body: self.max_body, cargo: PhantomData })
    }
}

/// Registers it as `name`, for cargo of type `T`.
pub fn fairing<T>(name: impl Into<Cow<'static, str>>) -> Registration<impl Builder>
where
    T: DeserializeOwned + Send + Sync + 'static,
{
    Registration::new(name, |setup| setup.config::<Config>()?.manifest::<T>(setup))
}

/// The strategy as it runs.
struct Manifest<T> {
    seals: Keyring,
    max_body: ByteUnit,
    cargo: PhantomData<fn() -> T>,
}

/// The body.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Letter {
    seal: Secret<String>,
    cargo: Value,
}

impl<T: DeserializeOwned> Manifest<T> {
    async fn open(&self, body: &mut RequestBody<'_>) -> Verdict<Sealed<T>> {
        let unreadable = || Denial::malformed("the body is no sealed list").read_from("body");
        let text = body.text(self.max_body).await?;
        let letter: Letter = serde_json::from_str(text).map_err(|_| unreadable())?;
        let Some(by) = self.seals.owner(letter.seal.expose()) else {
            return Err(Denial::rejected("nobody has this seal").read_from("body"));
        };
        let cargo = serde_json::from_value(letter.cargo)
            .map_err(|_| unreadable().with_status(Status::UnprocessableEntity))?;
        Ok(SignIn::new(Sealed { by: by.to_owned(), cargo }))
    }
}

impl<T: DeserializeOwned + Send + Sync + 'static> Strategy for Manifest<T> {
    type User = Sealed<T>;

    fn authenticate<'r>(&'r self, _: Attempt<'r, '_>) -> Answer<'r, Verdict<Sealed<T>>> {
        Answer::now(Err(Denial::absent()))
    }

    fn body(&self) -> Body {
        Body::Only
    }

    fn authenticate_body<'r>(
        &'r self,
        attempt: Attempt<'r, '_>,
        body: &'r mut RequestBody<'_>,
    ) -> Answer<'r, Verdict<Sealed<T>>> {
        match attempt.refuse_cross_site(csrf::Rule::Login) {
            Ok(()) => Answer::later(self.open(body)),
            Err(denial) => Answer::now(Err(denial)),
        }
    }

    fn reads(&self) -> &[Cow<'static, str>] {
        // A response to a POST is not cached by what its body said.
        &[]
    }
}

#[cfg(test)]
mod tests {
    use passport_rocket::{User, protect};
    use rocket::http::Header;
    use rocket::serde::json::Json;
    use rocket::{Build, Rocket, post, routes};

    use super::*;
    use crate::launch;

    const TABLE: &str = "[default.passport.manifest]\nseals = { dover = \"two lions, one crown\" }";

    #[derive(Deserialize)]
    struct Crates {
        crates: u32,
    }

    #[protect(strategy = "manifest")]
    #[post("/cargo", data = "<sealed>")]
    fn unload(sealed: User<Sealed<Crates>>) -> String {
        format!("{} crates from {}", sealed.cargo.crates, sealed.by)
    }

    fn rocket(toml: &str) -> Rocket<Build> {
        launch::rocket(toml).attach(fairing::<Crates>("manifest")).mount("/", routes![unload])
    }

    fn send(body: &str) -> (Status, Option<String>) {
        let client = launch::client(rocket(TABLE));
        let response = client.post("/cargo").body(body).dispatch();
        let challenge = response.headers().get_one("WWW-Authenticate").map(str::to_owned);
        match response.status() {
            Status::Ok => (Status::Ok, response.into_string()),
            status => (status, challenge),
        }
    }

    #[test]
    fn takes_cargo_under_a_good_seal() {
        let (status, body) = send(r#"{"seal":"two lions, one crown","cargo":{"crates":7}}"#);
        assert_eq!((status, body.as_deref()), (Status::Ok, Some("7 crates from dover")));
    }

    #[test]
    fn refuses_what_is_absent_malformed_or_wrong() {
        let cases = [
            ("", Status::BadRequest),
            (r#"{"cargo":{"crates":7}}"#, Status::BadRequest),
            (
                r#"{"seal":"two lions, one crown","seal":"x","cargo":{"crates":7}}"#,
                Status::BadRequest,
            ),
            (r#"{"seal":"one lion, no crown","cargo":{"crates":7}}"#, Status::Unauthorized),
            (r#"{"seal":"one lion, no crown","cargo":"soup"}"#, Status::Unauthorized),
            (r#"{"seal":"two lions, one crown","cargo":"soup"}"#, Status::UnprocessableEntity),
        ];
        for (body, expected) in cases {
            let (status, challenge) = send(body);
            assert_eq!(status, expected, "{body}");
            let is_asked = (expected == Status::Unauthorized).then_some("manifest");
            assert_eq!(challenge.as_deref(), is_asked, "{body}");
        }
        assert_eq!(send(&" ".repeat(9000)).0, Status::PayloadTooLarge);
    }

    // S07
    #[test]
    fn another_site_cannot_send_it() {
        let client = launch::client(rocket(TABLE));
        let request =
            client.post("/cargo").body(r#"{"seal":"two lions, one crown","cargo":{"crates":7}}"#);
        let response = request.header(Header::new("Sec-Fetch-Site", "cross-site")).dispatch();
        assert_eq!(response.status(), Status::Forbidden);
    }

    #[test]
    fn refuses_launch_for_a_wrong_key() {
        let report = launch::refusal(rocket(&format!("{TABLE}\nmax_body = 0")));
        assert!(report.contains("`passport.manifest.max_body`: lets no body"), "{report}");
        let report = launch::refusal(rocket(&TABLE.replace("seals", "seal")));
        assert!(report.contains("did you mean `seals`?"), "{report}");
        assert!(!report.contains("lions"), "{report}");
    }

    // Trap 15
    #[test]
    fn refuses_launch_when_something_else_takes_the_body() {
        #[protect(strategy = "manifest")]
        #[post("/crates", data = "<letter>")]
        fn passed_by(letter: Json<Value>) -> String {
            letter.to_string()
        }
        let report = launch::refusal(rocket(TABLE).mount("/", routes![passed_by]));
        assert!(report.contains("handler `passed_by` (src/manifest.rs:"), "{report}");
        assert!(report.contains("the body's guard must complete it"), "{report}");
    }
}
