//! `desk`: whoever comes without a ticket is sent to a page that hands one out, and comes back.
//!
//! The page is somebody else's. It sends the browser back to `/desk/callback?ticket=…&state=…`,
//! where the ticket becomes a cookie; the strategy brings that route along. An application has one
//! desk, since the callback's address does not say which.
//!
//! ```toml
//! [default.passport.desk]
//! page = "https://desk.example/enter"
//! tickets = { ada = "…" }
//! ```

use std::borrow::Cow;
use std::sync::Arc;

use passport_rocket::{
    Answer, Attempt, Builder, Denial, Error, Mistake, Registration, ReturnPath, Secret, Service,
    Setup, SignIn, Speaks, Strategy, Verdict, csrf, public,
};
use rocket::http::uri::Absolute;
use rocket::http::{Cookie, CookieJar, Method, SameSite, Status};
use rocket::request::{FromRequest, Outcome};
use rocket::response::Redirect;
use rocket::{Request, Route, get, routes};
use serde::Deserialize;

use crate::keyring::Keyring;

/// Who has the ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Visitor {
    /// The name in the configuration.
    pub name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Where tickets are handed out. _Default:_ none; it has to be set.
    page: String,
    /// The ticket of each visitor. _Default:_ none; it has to be set.
    tickets: Keyring,
}

impl Config {
    fn desk(self, setup: &Setup<'_>) -> Result<Desk, Vec<Mistake>> {
        let page = Absolute::parse(&self.page);
        if !page.is_ok_and(|page| page.scheme() == "https" && page.query().is_none()) {
            let remedy = "write it like `https://desk.example/enter`";
            return Err(vec![setup.mistake("page", "is no https address without a query", remedy)]);
        }
        self.tickets.claim("tickets", setup)?;
        Ok(Desk { page: self.page, tickets: Arc::new(self.tickets) })
    }
}

/// Registers it as `name`.
pub fn fairing(name: impl Into<Cow<'static, str>>) -> Registration<impl Builder> {
    Registration::new(name, |setup| setup.config::<Config>()?.desk(setup))
}

/// The strategy as it runs.
struct Desk {
    page: String,
    tickets: Arc<Keyring>,
}

impl Desk {
    fn judge(&self, attempt: Attempt<'_, '_>) -> Verdict<Visitor> {
        let cookies = attempt.request().cookies();
        let Some(ticket) = cookies.get(TICKET) else { return Err(self.send_away(attempt)) };
        attempt.refuse_cross_site(csrf::Rule::Cookie)?;
        match self.tickets.owner(ticket.value()) {
            Some(name) => Ok(SignIn::new(Visitor { name: name.to_owned() })),
            None => {
                let mut removal = cookie(TICKET, String::new());
                removal.make_removal();
                attempt.set_cookie(&removal);
                Err(self.send_away(attempt))
            }
        }
    }

    /// A redirect that finds its way back; only what a browser asks for can come back.
    fn send_away(&self, attempt: Attempt<'_, '_>) -> Denial {
        let request = attempt.request();
        if request.method() != Method::Get {
            return Denial::absent();
        }
        let state = match random() {
            Ok(state) => state,
            Err(denial) => return denial,
        };
        let next = ReturnPath::of(&request.uri().to_string());
        attempt.set_cookie(&cookie(STATE, state.clone()));
        attempt.set_cookie(&cookie(NEXT, next.to_string()));
        Denial::redirect(format!("{}?state={state}", self.page))
    }
}

impl Strategy for Desk {
    type User = Visitor;

    fn authenticate<'r>(&'r self, attempt: Attempt<'r, '_>) -> Answer<'r, Verdict<Visitor>> {
        Answer::now(self.judge(attempt))
    }

    fn reads(&self) -> &[Cow<'static, str>] {
        const { &[Cow::Borrowed("Cookie")] }
    }

    fn routes(&self) -> Vec<Route> {
        routes![callback]
    }

    fn services(&self) -> Vec<Service> {
        vec![Service::new(Arc::clone(&self.tickets))]
    }
}

/// Signs a browser in that this desk sent away: another site cannot sign it in as somebody else,
/// since the state stands in the browser's own cookie (RFC 9700 section 4.7).
#[public("the browser returns from the desk; its cookie and the ticket are proved here")]
#[get("/desk/callback?<ticket>&<state>")]
fn callback(
    ticket: &str,
    state: &str,
    cookies: &CookieJar<'_>,
    desk: Counter,
) -> Result<Redirect, Status> {
    let sent = cookies.get(STATE).map(|cookie| Secret::new(cookie.value().to_owned()));
    if sent != Some(Secret::new(state.to_owned())) || desk.0.owner(ticket).is_none() {
        return Err(Status::Forbidden);
    }
    let next = cookies.get(NEXT).map(|cookie| ReturnPath::of(cookie.value()));
    cookies.remove(cookie(STATE, String::new()));
    cookies.remove(cookie(NEXT, String::new()));
    cookies.add(cookie(TICKET, ticket.to_owned()));
    Ok(Redirect::to(next.unwrap_or_default()))
}

/// What the callback knows of the desk.
struct Counter(Arc<Keyring>);

impl Speaks for Counter {
    type Service = Keyring;

    const WHAT: &str = "tickets";
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Counter {
    type Error = Error;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Error> {
        match Service::find(request) {
            Ok(tickets) => Outcome::Success(Self(tickets)),
            Err(error) => Outcome::Error((error.status(), error)),
        }
    }
}

/// A cookie for this host only; `Lax`, since the browser comes back from another site.
fn cookie(name: &'static str, value: String) -> Cookie<'static> {
    let cookie = Cookie::build((name, value)).path("/").secure(true).http_only(true);
    cookie.same_site(SameSite::Lax).build()
}

/// 128 bits, as hexadecimal digits.
fn random() -> Result<String, Denial> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| Denial::fault(error.to_string()))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

const TICKET: &str = "__Host-desk-ticket";
const STATE: &str = "__Host-desk-state";
const NEXT: &str = "__Host-desk-next";

#[cfg(test)]
mod tests {
    use passport_rocket::{User, protect};
    use rocket::http::Header;
    use rocket::local::blocking::{Client, LocalResponse};
    use rocket::{Build, Rocket, catch, catchers, post};

    use super::*;
    use crate::launch;

    /// Her ticket, as a query holds it.
    const ADA: &str = "deck%203,%20seat%2012b";

    const TABLE: &str = r#"
        [default.passport]
        require_declaration = true
        [default.passport.desk]
        page = "https://desk.example/enter"
        tickets = { ada = "deck 3, seat 12b" }
    "#;

    #[protect(strategy = "desk")]
    #[get("/pier?<berth>")]
    fn pier(visitor: User<Visitor>, berth: u8) -> String {
        format!("{} at berth {berth}", visitor.name)
    }

    #[protect(strategy = "desk")]
    #[post("/pier")]
    fn moor(visitor: User<Visitor>) -> String {
        format!("{} moored", visitor.name)
    }

    #[catch(default)]
    fn elsewhere() -> &'static str {
        "an application's own page"
    }

    fn rocket(toml: &str) -> Rocket<Build> {
        launch::rocket(toml)
            .attach(fairing("desk"))
            .mount("/", routes![pier, moor])
            .register("/", catchers![elsewhere])
    }

    fn client() -> Client {
        launch::client(rocket(TABLE))
    }

    fn location(response: &LocalResponse<'_>) -> String {
        assert_eq!(response.status(), Status::SeeOther);
        response.headers().get_one("Location").unwrap().to_owned()
    }

    /// Asks for a page without a ticket; the state that the desk is told.
    fn sent_away(client: &Client) -> String {
        let response = client.get("/pier?berth=3").dispatch();
        let location = location(&response);
        for name in [STATE, NEXT] {
            let cookie = response.cookies().get(name).expect(name);
            assert_eq!((cookie.secure(), cookie.http_only()), (Some(true), Some(true)));
            assert_eq!((cookie.same_site(), cookie.path()), (Some(SameSite::Lax), Some("/")));
        }
        assert_eq!(response.into_string().unwrap_or_default(), "", "a redirect has no page");
        location.strip_prefix("https://desk.example/enter?state=").unwrap().to_owned()
    }

    fn returns(client: &Client, ticket: &str, state: &str) -> Status {
        client.get(format!("/desk/callback?ticket={ticket}&state={state}")).dispatch().status()
    }

    #[test]
    fn lets_a_browser_in_that_returns_with_a_ticket() {
        let client = client();
        let state = sent_away(&client);
        let response = client.get(format!("/desk/callback?ticket={ADA}&state={state}")).dispatch();
        assert_eq!(location(&response), "/pier?berth=3");
        assert!(client.cookies().get(STATE).is_none(), "the state is used up");
        let response = client.get("/pier?berth=3").dispatch();
        assert_eq!(response.headers().get_one("Vary"), Some("Cookie"));
        assert_eq!(response.into_string().unwrap(), "ada at berth 3");
    }

    // C02
    #[test]
    fn a_callback_needs_the_state_of_its_own_browser() {
        let (victim, attacker) = (client(), client());
        let state = sent_away(&attacker);
        assert_eq!(returns(&victim, ADA, &state), Status::Forbidden);
        let own = sent_away(&victim);
        assert_ne!(own, state);
        assert_eq!(returns(&victim, ADA, &state), Status::Forbidden);
        assert_eq!(returns(&victim, ADA, ""), Status::Forbidden);
        assert_eq!(returns(&victim, "seat%2014", &own), Status::Forbidden);
        assert!(victim.cookies().get(TICKET).is_none());
    }

    #[test]
    fn a_wrong_ticket_is_taken_away() {
        let client = client();
        let response = client.get("/pier?berth=3").cookie((TICKET, "seat 13")).dispatch();
        assert!(location(&response).starts_with("https://desk.example/enter?state="));
        assert!(client.cookies().get(TICKET).is_none());
    }

    #[test]
    fn what_cannot_come_back_is_401() {
        let client = client();
        let response = client.post("/pier").dispatch();
        assert_eq!(response.status(), Status::Unauthorized);
        assert_eq!(response.headers().get_one("WWW-Authenticate"), Some("desk"));
    }

    // S07
    #[test]
    fn another_site_cannot_use_the_ticket() {
        let client = client();
        let moor = |site| {
            let request = client.post("/pier").cookie((TICKET, "deck 3, seat 12b"));
            request.header(Header::new("Sec-Fetch-Site", site)).dispatch().status()
        };
        assert_eq!(moor("cross-site"), Status::Forbidden);
        assert_eq!(moor("same-origin"), Status::Ok);
    }

    #[test]
    fn refuses_launch_for_a_wrong_key() {
        let cases = [
            ("page = \"http://desk.example\"", "`passport.desk.page`: is no https address"),
            ("page = \"enter\"", "`passport.desk.page`: is no https address"),
            ("pages = \"https://desk.example\"", "did you mean `page`?"),
        ];
        for (line, problem) in cases {
            let page = "page = \"https://desk.example/enter\"";
            let report = launch::refusal(rocket(&TABLE.replace(page, line)));
            assert!(report.contains(problem), "{line}: {report}");
            assert!(!report.contains("seat"), "{report}");
        }
    }
}
