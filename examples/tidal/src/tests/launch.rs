use std::path::PathBuf;

use rocket::error::ErrorKind;
use rocket::figment::Figment;
use rocket::figment::value::Value;
use rocket::http::Status;

use super::{PORT, SHIP, Tidal, config};
use crate::account::EmployerType;
use crate::demo;

/// What `ROCKET_PASSPORT` would hold.
fn with_passport(config: Figment, passport: &str) -> Figment {
    let passport: Value = passport.parse().unwrap();
    config.merge(("passport", passport))
}

const HS512: &str = r#"{jwt={algorithm="HS512",
    secret="known to whoever reads this test, but long enough to sign with HMAC and SHA-512"}}"#;

#[rocket::async_test]
async fn the_environment_alone_changes_algorithm_and_key() {
    let tidal = Tidal::over(with_passport(config(), HS512)).await;
    let token = tidal.token(PORT).await;
    assert_eq!(tidal.get_as(&token, "/api/auth/me").await.status, Status::Ok);

    // Its own algorithm and key are others.
    let other = Tidal::launch().await;
    assert_eq!(other.get_as(&token, "/api/auth/me").await.status, Status::Unauthorized);
}

#[rocket::async_test]
async fn outside_the_debug_profile_there_is_no_launch_without_a_secret() {
    let rocket = crate::build(config().select("release"));
    assert!(matches!(rocket.ignite().await.unwrap_err().kind(), ErrorKind::SentinelAborts(_)));
}

#[rocket::async_test]
async fn outside_the_debug_profile_there_is_no_demo() {
    let release = with_passport(config().select("release"), HS512);
    let tidal = Tidal::over(release).await;

    assert_eq!(tidal.count("accounts").await, 0);
    assert_eq!(tidal.count("tides").await, 0);
}

#[rocket::async_test]
async fn a_database_with_demo_accounts_stays_in_the_debug_profile() {
    let file = File::new();
    let config = config().merge(("database_url", format!("sqlite://{}", file.0.display())));
    let debug = Tidal::over(config.clone()).await;
    let (accounts, tides) = (debug.count("accounts").await, debug.count("tides").await);
    assert_eq!(accounts, 4);
    drop(debug);

    let again = Tidal::over(config.clone()).await;
    assert_eq!(again.count("accounts").await, accounts);
    assert_eq!(again.count("tides").await, tides);
    drop(again);

    let release = crate::build(with_passport(config.select("release"), HS512));
    assert!(matches!(release.ignite().await.unwrap_err().kind(), ErrorKind::FailedFairings(_)));
}

#[rocket::async_test]
async fn the_demo_has_an_account_of_each_kind_and_three_harbours() {
    let tidal = Tidal::launch().await;

    let kinds = demo::ACCOUNTS.map(|(_, _, kind)| kind);
    for kind in [EmployerType::Admin, EmployerType::Port, EmployerType::Ship, EmployerType::Agent] {
        assert_eq!(kinds.iter().filter(|each| **each == kind).count(), 1);
    }
    for harbour in ["Dover", "Brest", "Cuxhaven"] {
        let page = tidal.get(&format!("/api/tidal?harbour={harbour}")).await.json();
        let tides = page["tides"].as_array().unwrap();
        assert!((26..=28).contains(&tides.len()), "{harbour}: {}", tides.len());
        assert_eq!(tides[0]["author"], PORT);
    }
    tidal.token(SHIP).await;
}

#[rocket::async_test]
async fn a_database_that_cannot_be_opened_refuses_to_launch() {
    let rocket = crate::build(config().merge(("database_url", "postgres://tides")));
    assert!(matches!(rocket.ignite().await.unwrap_err().kind(), ErrorKind::FailedFairings(_)));
}

/// A path for a database that is gone after the test.
struct File(PathBuf);

impl File {
    fn new() -> Self {
        let name = format!("tidal-test-{}.db", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for suffix in ["", "-shm", "-wal"] {
            let mut path = self.0.clone().into_os_string();
            path.push(suffix);
            let _ = std::fs::remove_file(path);
        }
    }
}
