use rocket::error::ErrorKind;
use rocket::figment::Figment;
use rocket::figment::value::Value;
use rocket::http::Status;

use super::database::{Database, on_each_database};
use super::{PORT, SHIP, Tidal};
use crate::account::EmployerType;
use crate::demo;

on_each_database! {
    the_environment_alone_changes_algorithm_and_key,
    outside_the_debug_profile_there_is_no_demo,
    a_database_with_demo_accounts_stays_in_the_debug_profile,
    the_demo_has_an_account_of_each_kind_and_three_harbours,
}

/// What `ROCKET_PASSPORT` would hold.
fn with_passport(config: Figment, passport: &str) -> Figment {
    let passport: Value = passport.parse().unwrap();
    config.merge(("passport", passport))
}

const HS512: &str = r#"{jwt={algorithm="HS512",
    secret="known to whoever reads this test, but long enough to sign with HMAC and SHA-512"}}"#;

async fn the_environment_alone_changes_algorithm_and_key(database: Database) {
    let tidal = Tidal::over(with_passport(database.config(), HS512)).await;
    let token = tidal.token(PORT).await;
    assert_eq!(tidal.get_as(&token, "/api/auth/me").await.status, Status::Ok);

    // Its own algorithm and key are others.
    let other = Tidal::launch(&database).await;
    assert_eq!(other.get_as(&token, "/api/auth/me").await.status, Status::Unauthorized);
}

#[rocket::async_test]
async fn outside_the_debug_profile_there_is_no_launch_without_a_secret() {
    let rocket = crate::build(Database::sqlite().config().select("release"));
    assert!(matches!(rocket.ignite().await.unwrap_err().kind(), ErrorKind::SentinelAborts(_)));
}

async fn outside_the_debug_profile_there_is_no_demo(database: Database) {
    let release = with_passport(database.config().select("release"), HS512);
    let tidal = Tidal::over(release).await;

    assert_eq!(tidal.count("accounts").await, 0);
    assert_eq!(tidal.count("tides").await, 0);
}

async fn a_database_with_demo_accounts_stays_in_the_debug_profile(database: Database) {
    let database = database.lasting();
    let config = database.config();
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

async fn the_demo_has_an_account_of_each_kind_and_three_harbours(database: Database) {
    let tidal = Tidal::launch(&database).await;

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
    let config = Database::sqlite().config().merge(("database_url", "sqlite:///no/such/folder/db"));
    let refused = crate::build(config).ignite().await.unwrap_err();
    assert!(matches!(refused.kind(), ErrorKind::FailedFairings(_)));
}

/// Why the database at that URL cannot be opened, with all that `Debug` would add.
async fn refusal_of(url: impl Into<Value>) -> String {
    let config = Figment::from(("database_url", url.into()));
    let error = crate::db::open(&config).await.unwrap_err();
    format!("{error} {error:?}")
}

#[cfg(not(feature = "postgres"))]
#[rocket::async_test]
async fn without_the_feature_a_postgres_url_is_told_how_to_get_it() {
    for url in ["postgres://tidal:hunter2@localhost/tidal", "postgresql:///tidal"] {
        let refusal = refusal_of(url).await;
        assert!(refusal.contains("cargo run -p tidal --features postgres"), "{refusal}");
        assert!(!refusal.contains("hunter2"), "{refusal}");
    }
}

#[rocket::async_test]
async fn no_message_holds_a_secret_of_the_url() {
    let texts = [
        "hunter2",
        "mysql://tidal:hunter2@localhost/tidal",
        "hunter2://localhost/tidal",
        "postgres://tidal:hunter2@local host/tidal",
        "postgres://tidal:hunter2@localhost:harbour/tidal",
        "postgres://tidal:hunter2%FF@localhost/tidal",
        "postgres://tidal:4?hunter2@localhost/tidal", // as if `tidal` were the host, 4 the port
        "postgres://localhost/tidal?user=tidal&passwrod=hunter2",
    ];
    let odd = ["[\"hunter2\"]", "{hunter2=\"hunter2\"}"].map(|odd| odd.parse().unwrap());

    for url in texts.map(Value::from).into_iter().chain(odd) {
        let refusal = refusal_of(url.clone()).await;
        assert!(!refusal.contains("hunter2"), "{url:?}: {refusal}");
    }
}

#[cfg(feature = "postgres")]
#[rocket::async_test]
async fn what_the_server_refuses_is_told_without_the_password() {
    let Some(server) = super::postgres::server() else { return };
    let password = super::postgres::PASSWORD;

    for (user, password, database, why) in [
        ("tidal", "hunter2", "postgres", "password authentication failed"),
        ("nobody", "hunter2", "postgres", "password authentication failed"),
        ("tidal", password, "atlantis", "does not exist"),
    ] {
        let refusal = refusal_of(server.url(user, password, database)).await;
        assert!(refusal.contains(why), "{refusal}");
        assert!(!refusal.contains(password), "{refusal}");
    }
}

#[cfg(feature = "postgres")]
#[rocket::async_test]
async fn a_port_that_nobody_listens_on_refuses_to_launch() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);

    let refusal = refusal_of(format!("postgres://tidal:hunter2@127.0.0.1:{port}/tidal")).await;
    assert!(refusal.contains("is the server running?"), "{refusal}");
    assert!(!refusal.contains("hunter2"), "{refusal}");
}
