//! Something to look at: a week of tides, and an account of each kind to write more with.
//!
//! The password stands here for all to read, so these accounts exist in the debug profile only,
//! and a database that holds them refuses to be used in any other.

use std::f64::consts::TAU;

use passport_rocket::{BoxError, password};
use rocket::fairing::AdHoc;
use rocket::{Config, Orbit, Rocket};

use crate::account::{EmployerType, NewAccount};
use crate::db::Db;
use crate::moment::Moment;
use crate::tide::{Kind, NewTide};

pub const PASSWORD: &str = "time-and-tide-wait-for-no-one";

/// User name, name, and for whom they work.
pub const ACCOUNTS: [(&str, &str, EmployerType); 4] = [
    ("admin@tidal.example", "Tidal", EmployerType::Admin),
    ("office@dover.example", "Dover Harbour Office", EmployerType::Port),
    ("bridge@aurora.example", "MV Aurora", EmployerType::Ship),
    ("desk@meridian.example", "Meridian Shipping Agency", EmployerType::Agent),
];

/// A harbour's tides, as far as two numbers of the moon and two of the place can tell them.
struct Harbour {
    name: &'static str,
    /// How long after the moon high water comes, in seconds.
    lag: i64,
    /// Metres above chart datum, half-way between high and low water.
    mean: f64,
    /// Metres that high water rises above the mean, on average and more at spring tide.
    rise: f64,
    spring: f64,
}

const HARBOURS: [Harbour; 3] = [
    Harbour { name: "Dover", lag: 40_200, mean: 3.7, rise: 2.3, spring: 0.7 },
    Harbour { name: "Brest", lag: 13_500, mean: 4.1, rise: 2.1, spring: 0.8 },
    Harbour { name: "Cuxhaven", lag: 2_400, mean: 1.8, rise: 1.4, spring: 0.2 },
];

/// From one high water to the next: half a lunar day (the constituent M2, 12.4206 h).
const TIDE: i64 = 44_714;
/// From one spring tide to the next: half a synodic month.
const SPRING: f64 = 1_275_721.0;
/// The new moon of 6 January 2000, 18:14 UTC, from which both are counted.
const NEW_MOON: i64 = 947_182_440;
const WEEK: i64 = 7 * 86_400;

/// Fills an empty database in the debug profile, and says at liftoff how to try it; refuses demo
/// accounts in any other profile.
pub fn fairing() -> AdHoc {
    AdHoc::try_on_ignite("Demo data", |rocket| async move {
        let Some(db) = rocket.state::<Db>() else {
            return Err(rocket);
        };
        let debug = rocket.figment().profile() == Config::DEBUG_PROFILE;
        match prepare(db, debug).await {
            Ok(true) => Ok(rocket.attach(AdHoc::on_liftoff("Demo", |rocket| {
                Box::pin(async move { introduce(rocket) })
            }))),
            Ok(false) => Ok(rocket),
            Err(error) => {
                log::error!("demo data: {error}");
                Err(rocket)
            }
        }
    })
}

/// Whether there are demo accounts, in the end.
async fn prepare(db: &Db, debug: bool) -> Result<bool, BoxError> {
    if debug {
        fill(db, Moment::today()).await?;
    }

    let demo: i64 =
        sqlx::query_scalar("SELECT count(*) FROM accounts WHERE demo").fetch_one(&db.0).await?;
    if demo > 0 && !debug {
        return Err("the database holds demo accounts, whose password everybody can read: \
                    set `database_url` to another one, or ROCKET_PROFILE to debug"
            .into());
    }

    Ok(demo > 0)
}

async fn fill(db: &Db, start: Moment) -> Result<(), BoxError> {
    let accounts: i64 =
        sqlx::query_scalar("SELECT count(*) FROM accounts").fetch_one(&db.0).await?;
    if accounts > 0 {
        return Ok(());
    }

    // All of it or nothing: a database that is half full would stay so.
    let mut transaction = db.0.begin().await?;
    // One hash for all: what it protects stands above.
    let hash = password::hash(PASSWORD).await?;
    for (username, name, employer_type) in ACCOUNTS {
        let account = NewAccount {
            username: username.into(),
            password: PASSWORD.into(),
            name: name.into(),
            employer_type,
            image_url: None,
        };
        let account = account.store(&mut *transaction, &hash, true).await?;
        if let Some(port) = account.filter(|_| employer_type == EmployerType::Port) {
            for tide in HARBOURS.iter().flat_map(|harbour| harbour.week(start)) {
                tide.store(&mut *transaction, &port).await?;
            }
        }
    }

    Ok(transaction.commit().await?)
}

impl Harbour {
    /// Every high and low water of the week that begins then.
    fn week(&self, start: Moment) -> impl Iterator<Item = NewTide> {
        let origin = NEW_MOON + self.lag;
        let half = TIDE / 2;
        let first = (start.unix() - origin).div_euclid(half) + 1;

        (first..)
            .map(move |nth| (nth, origin + nth * half))
            .take_while(move |(_, time)| *time < start.unix() + WEEK)
            .map(|(nth, time)| {
                let kind = if nth % 2 == 0 { Kind::High } else { Kind::Low };
                NewTide {
                    harbour: self.name.into(),
                    time: Moment::from_unix(time - time.rem_euclid(60)),
                    height: self.height(kind, time),
                    kind,
                }
            })
    }

    /// To the decimetre.
    fn height(&self, kind: Kind, time: i64) -> f64 {
        let age = (time - NEW_MOON) as f64 / SPRING;
        let amplitude = self.rise + self.spring * (TAU * age).cos();
        let height = match kind {
            Kind::High => self.mean + amplitude,
            Kind::Low => self.mean - amplitude,
        };

        (height * 10.0).round() / 10.0
    }
}

/// Where it is, who may sign in, and two lines to paste.
fn introduce(rocket: &Rocket<Orbit>) {
    let config = rocket.config();
    let host = match config.address {
        address if address.is_unspecified() => "127.0.0.1".into(),
        std::net::IpAddr::V6(address) => format!("[{address}]"),
        address => address.to_string(),
    };
    println!("{}", introduction(&format!("http://{host}:{}", config.port)));
}

fn introduction(url: &str) -> String {
    let [_, (port, ..), ..] = ACCOUNTS;
    let accounts: String = ACCOUNTS
        .iter()
        .map(|(username, _, kind)| format!("    {username:<24}{kind:?}\n"))
        .collect();

    format!(
        r#"
Tidal is at {url}/api/tidal

Demo accounts, all with the password {PASSWORD}
{accounts}
Sign in, then write a tide:

TOKEN=$(curl -s {url}/api/auth/login -H 'Content-Type: application/json' -d '{{"username":"{port}","password":"{PASSWORD}"}}' | sed 's/.*"token":"\([^"]*\)".*/\1/'); echo "$TOKEN"
curl -i {url}/api/tidal/createtide -H "Authorization: $TOKEN" -H 'Content-Type: application/json' -d '{{"harbour":"Dover","time":"2026-11-23T07:25:00Z","height":4.2,"kind":"high"}}'
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_has_a_high_water_every_twelve_hours_and_a_half() {
        let start: Moment = "2026-11-23T00:00:00Z".parse().unwrap();

        for harbour in &HARBOURS {
            let week: Vec<_> = harbour.week(start).collect();
            assert!((26..=28).contains(&week.len()), "{}: {}", harbour.name, week.len());
            assert!(week.iter().all(|tide| tide.time >= start));
            assert!(week.iter().all(|tide| tide.time.unix() < start.unix() + WEEK));
            for pair in week.windows(2) {
                let gap = pair[1].time.unix() - pair[0].time.unix();
                assert!((22_300..=22_420).contains(&gap), "{gap}");
                let rises = pair[1].height > pair[0].height;
                assert_eq!(rises, pair[1].kind == Kind::High);
                assert_ne!(pair[0].kind, pair[1].kind);
            }
        }
    }

    #[test]
    fn springs_rise_higher_than_neaps() {
        let [dover, ..] = &HARBOURS;
        let neap = NEW_MOON + SPRING as i64 / 2;

        assert_eq!(dover.height(Kind::High, NEW_MOON), 6.7);
        assert_eq!(dover.height(Kind::Low, NEW_MOON), 0.7);
        assert_eq!(dover.height(Kind::High, neap), 5.3);
        assert_eq!(dover.height(Kind::Low, neap), 2.1);
    }
}
