//! The table of verdicts: every kind alone, every pair of kinds, each of them `optional` too.

use std::time::Duration;

use passport_rocket::denial::Kind;
use passport_rocket::{
    Answer, Attempt, Challenge, Denial, Registration, SignIn, Strategy, User, Verdict, protect,
};
use passport_rocket_tests::{Ran, client, figment, headers};
use rocket::http::{Cookie, Header, Status};
use rocket::local::blocking::Client;
use rocket::{Build, Rocket, State, get, routes};

/// Answers what the request's header of its own name says.
struct Obedient(&'static str);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Says {
    Success,
    Denies(Kind),
}

const ALL: [Says; 9] = [
    Says::Success,
    Says::Denies(Kind::Absent),
    Says::Denies(Kind::Dead),
    Says::Denies(Kind::Rejected),
    Says::Denies(Kind::Malformed),
    Says::Denies(Kind::Forbidden),
    Says::Denies(Kind::Redirect),
    Says::Denies(Kind::Fault),
    Says::Denies(Kind::Unavailable),
];

impl Strategy for Obedient {
    type User = &'static str;

    fn authenticate<'r>(&'r self, attempt: Attempt<'r, '_>) -> Answer<'r, Verdict<&'static str>> {
        let order = attempt.request().headers().get_one(self.0).unwrap_or("Absent");
        attempt.set_cookie(&Cookie::new(self.0, "tried"));
        let verdict = match order {
            "Success" => Ok(SignIn::new(self.0)),
            "Dead" => Err(Denial::dead("expired session")),
            "Rejected" => Err(Denial::rejected("wrong")),
            "Malformed" => Err(Denial::malformed("unreadable")),
            "Forbidden" => Err(Denial::forbidden("not here")),
            "Redirect" => Err(Denial::redirect("/elsewhere")),
            "Fault" => Err(Denial::fault("broken")),
            "Unavailable" => Err(Denial::unavailable("down")),
            _ => Err(Denial::absent()),
        };
        // One of the two answers at once, the other later: both ways are the same.
        match self.0 {
            "a" => Answer::now(verdict),
            _ => Answer::later(async {
                rocket::tokio::time::sleep(Duration::ZERO).await;
                verdict
            }),
        }
    }

    fn challenges(&self, _: &Denial) -> Vec<Challenge> {
        vec![Challenge::new("First").realm(self.0), Challenge::new("Second").realm(self.0)]
    }
}

#[protect(strategy = "a")]
#[get("/alone")]
fn alone(user: User<&'static str>, ran: &State<Ran>) -> String {
    ran.count();
    format!("{} by {}", *user, User::strategy(&user))
}

#[protect(strategy = ["a", "b"])]
#[get("/both")]
async fn both(user: User<&'static str>, ran: &State<Ran>) -> String {
    ran.count();
    format!("{} by {}", *user, User::strategy(&user))
}

#[protect(strategy = "a", optional)]
#[get("/optional/alone")]
fn optional_alone(user: Option<User<&'static str>>, ran: &State<Ran>) -> String {
    ran.count();
    user.map_or("nobody".to_owned(), |user| format!("{} by {}", *user, User::strategy(&user)))
}

#[protect(strategy = ["a", "b"], optional)]
#[get("/optional/both")]
fn optional_both(user: Option<User<&'static str>>, ran: &State<Ran>) -> String {
    ran.count();
    user.map_or("nobody".to_owned(), |user| format!("{} by {}", *user, User::strategy(&user)))
}

fn rocket() -> Rocket<Build> {
    rocket::custom(figment(""))
        .manage(Ran::default())
        .attach(Registration::new("a", |_| Ok(Obedient("a"))))
        .attach(Registration::new("b", |_| Ok(Obedient("b"))))
        .mount("/", routes![alone, both, optional_alone, optional_both])
}

/// What the table says, spelt out once more and in other words than the engine's.
#[derive(Debug, PartialEq, Eq)]
enum Expected {
    SignedInBy(&'static str),
    Nobody,
    Status(u16),
}

fn expected(says: &[(&'static str, Says)], optional: bool) -> Expected {
    let silent = |say: &Says| matches!(say, Says::Denies(Kind::Absent | Kind::Dead));
    for (nth, (name, say)) in says.iter().enumerate() {
        let before = &says[..nth];
        match say {
            Says::Success => return Expected::SignedInBy(name),
            Says::Denies(Kind::Redirect) if optional => match before.iter().all(|(_, s)| silent(s))
            {
                true => return Expected::Nobody,
                // Who showed something wrong before is not nobody.
                false => return expected(before, optional),
            },
            Says::Denies(Kind::Redirect) => return Expected::Status(303),
            Says::Denies(Kind::Forbidden) => return Expected::Status(403),
            Says::Denies(Kind::Fault) => return Expected::Status(500),
            Says::Denies(Kind::Unavailable) => return Expected::Status(503),
            _ => {}
        }
    }
    let all_silent = says.iter().all(|(_, say)| silent(say));
    match says {
        _ if optional && all_silent => Expected::Nobody,
        // The only status of a credential besides 401 is the 400 of a malformed one.
        _ if says.iter().any(|(_, say)| *say != Says::Denies(Kind::Malformed)) => {
            Expected::Status(401)
        }
        _ => Expected::Status(400),
    }
}

fn word(says: Says) -> String {
    match says {
        Says::Success => "Success".into(),
        Says::Denies(kind) => format!("{kind:?}"),
    }
}

fn check(client: &Client, path: &'static str, says: &[(&'static str, Says)], optional: bool) {
    let before = client.rocket().state::<Ran>().unwrap().times();
    let mut request = client.get(path);
    for (name, say) in says {
        request.add_header(Header::new(*name, word(*say)));
    }
    let response = request.dispatch();
    let what = format!("{path} {says:?}");
    let ran = client.rocket().state::<Ran>().unwrap().times() - before;
    let expected = expected(says, optional);

    // Who was tried: everybody up to the first verdict that ends the chain.
    let ends = |say: &Says| {
        !matches!(say, Says::Denies(Kind::Absent | Kind::Dead | Kind::Rejected | Kind::Malformed))
    };
    let last = says.iter().position(|(_, say)| ends(say)).unwrap_or(says.len() - 1);
    let tried: Vec<_> = says[..=last].iter().map(|(name, _)| *name).collect();
    let cookies: Vec<_> = tried.iter().map(|name| format!("{name}=tried")).collect();
    assert_eq!(headers(&response, "Set-Cookie"), cookies, "cookies survive every outcome: {what}");
    assert_eq!(headers(&response, "Cache-Control"), ["no-store"], "{what}");
    assert_eq!(headers(&response, "Vary"), ["Authorization"], "{what}");

    // A 403 is the word of the strategy that ended the chain, and where a redirect is not followed
    // the strategy that wanted it says nothing; the others were heard.
    let redirects = says[last].1 == Says::Denies(Kind::Redirect);
    let asking = match expected {
        Expected::Status(403) => &tried[last..],
        Expected::Status(400 | 401) if redirects => &tried[..last],
        Expected::Status(400 | 401) => &tried[..],
        _ => &[],
    };
    let challenges: Vec<_> = asking
        .iter()
        .flat_map(|name| [format!("First realm=\"{name}\""), format!("Second realm=\"{name}\"")])
        .collect();
    assert_eq!(headers(&response, "WWW-Authenticate"), challenges, "{what}");
    let location = (expected == Expected::Status(303)).then_some("/elsewhere");
    assert_eq!(response.headers().get_one("Location"), location, "{what}");

    match expected {
        Expected::SignedInBy(name) => {
            assert_eq!((response.status(), ran), (Status::Ok, 1), "{what}");
            assert_eq!(response.into_string().unwrap(), format!("{name} by {name}"), "{what}");
        }
        Expected::Nobody => {
            assert_eq!((response.status(), ran), (Status::Ok, 1), "{what}");
            assert_eq!(response.into_string().unwrap(), "nobody", "{what}");
        }
        Expected::Status(code) => {
            assert_eq!(response.status().code, code, "{what}");
            assert_eq!(ran, 0, "the handler did not run: {what}");
        }
    }
}

#[test]
fn every_verdict_alone() {
    let client = client(rocket());
    for one in ALL {
        check(&client, "/alone", &[("a", one)], false);
        check(&client, "/optional/alone", &[("a", one)], true);
    }
}

#[test]
fn every_pair_of_verdicts() {
    let client = client(rocket());
    for first in ALL {
        for second in ALL {
            check(&client, "/both", &[("a", first), ("b", second)], false);
            check(&client, "/optional/both", &[("a", first), ("b", second)], true);
        }
    }
}
