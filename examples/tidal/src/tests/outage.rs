//! What is answered while the database is down.

use rocket::http::Status;
use rocket::serde::json::json;

use super::database::Database;
use super::postgres::Server;
use super::{Answer, PORT, Tidal};
use crate::demo;

#[rocket::async_test]
async fn a_server_that_is_down_is_503_until_it_is_back() {
    // Its own, since the other tests need theirs.
    let Some(server) = Server::start() else { return };
    let database = Database::postgres(&server);
    let tidal = Tidal::launch(&database).await;
    let token = tidal.token(PORT).await;
    let before = tidal.get("/api/tidal").await;
    assert_eq!(before.status, Status::Ok);

    server.stop();
    for answer in everything(&tidal, &token).await {
        assert_eq!(answer.status, Status::ServiceUnavailable, "{}", answer.text);
        assert_eq!(answer.json()["status"], 503);
        assert!(answer.challenges.is_empty(), "{:?}", answer.challenges);
    }

    server.resume();
    assert_eq!(tidal.get("/api/tidal").await.text, before.text);
    assert_eq!(tidal.get_as(&token, "/api/auth/me").await.status, Status::Ok);
    tidal.token(PORT).await;
}

/// A request of each kind: public, with a token, with a password, with a body to store.
async fn everything(tidal: &Tidal, token: &str) -> [Answer; 5] {
    let login = json!({ "username": PORT, "password": demo::PASSWORD });
    let account = json!({
        "username": "quay@dover.example",
        "password": "lighthouses do not move",
        "name": "Dover Quay",
        "employerType": "port",
    });
    let tide = json!({
        "harbour": "Dover", "time": "2026-11-23T07:25:00Z", "height": 4.2, "kind": "high",
    });

    [
        tidal.get("/api/tidal").await,
        tidal.get_as(token, "/api/auth/me").await,
        tidal.post(None, "/api/auth/login", login).await,
        tidal.post(None, "/api/auth/register", account).await,
        tidal.post(Some(token), "/api/tidal/createtide", tide).await,
    ]
}
