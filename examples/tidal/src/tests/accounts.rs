use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rocket::http::{ContentType, Status};
use rocket::serde::json::{Value, json};

use super::database::{Database, on_each_database};
use super::{ADMIN, AGENT, Answer, PORT, Tidal, send};
use crate::demo;

on_each_database! {
    registers_signs_in_and_says_who_is_signed_in,
    a_token_says_this_and_nothing_else,
    keeps_an_image_address,
    never_stores_or_answers_a_password,
    refuses_a_name_that_is_taken_in_any_case,
    refuses_bad_accounts_field_by_field,
    refuses_bodies_that_are_no_object,
    a_wrong_password_and_an_unknown_user_get_one_answer,
    a_login_without_one_of_its_fields_is_malformed,
    a_form_signs_in_as_well,
    nobody_is_signed_in_without_a_valid_token,
    a_token_dies_with_its_account,
    signs_in_by_a_name_in_any_case_of_ascii,
    of_two_who_ask_for_a_name_at_once_one_gets_it,
    a_database_that_answers_with_an_error_is_our_fault,
}

const PASSWORD: &str = "lighthouses do not move";

fn quay() -> Value {
    json!({
        "username": "quay@dover.example",
        "password": PASSWORD,
        "name": "Dover Quay",
        "employerType": "port",
        "imageUrl": null,
    })
}

/// The account with one field replaced.
fn quay_with(field: &str, value: Value) -> Value {
    let mut account = quay();
    account[field] = value;
    account
}

async fn registers_signs_in_and_says_who_is_signed_in(database: Database) {
    let tidal = Tidal::launch(&database).await;

    let registered = tidal.post(None, "/api/auth/register", quay()).await;
    assert_eq!(registered.status, Status::Created);
    let id = registered.json()["id"].as_i64().unwrap();
    assert_eq!(
        registered.text,
        format!(
            r#"{{"id":{id},"username":"quay@dover.example","name":"Dover Quay","employerType":"port","imageUrl":null}}"#
        )
    );

    let credentials = json!({ "username": "quay@dover.example", "password": PASSWORD });
    let reply = tidal.post(None, "/api/auth/login", credentials).await;
    assert_eq!(reply.status, Status::Ok);
    assert_eq!(reply.cache_control.as_deref(), Some("no-store"));
    let token = reply.json()["token"].as_str().unwrap().to_owned();
    assert!(token.starts_with("JWT eyJ"), "{token}");
    let expected = json!({
        "success": true,
        "token": token,
        "imageUrl": null,
        "username": "quay@dover.example",
    });
    assert_eq!(reply.json(), expected);

    let me = tidal.get_as(&token, "/api/auth/me").await;
    assert_eq!(me.status, Status::Ok);
    assert_eq!(me.text, registered.text);

    let bearer = token.replace("JWT ", "Bearer ");
    assert_eq!(tidal.get_as(&bearer, "/api/auth/me").await.text, registered.text);
}

async fn a_token_says_this_and_nothing_else(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let token = tidal.token(PORT).await;

    let payload = token.split('.').nth(1).unwrap();
    let payload = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    let claims: Value = payload.parse().unwrap();
    let (id, iat) = (&claims["id"], claims["iat"].as_i64().unwrap());

    assert_eq!(
        payload,
        format!(
            r#"{{"username":"{PORT}","id":{id},"employerType":"port","iat":{iat},"exp":{}}}"#,
            iat + 14_400
        )
    );
}

async fn keeps_an_image_address(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let url = "https://dover.example/quay.png?size=2";

    let registered =
        tidal.post(None, "/api/auth/register", quay_with("imageUrl", url.into())).await;
    assert_eq!(registered.json()["imageUrl"], url);

    let credentials = json!({ "username": "quay@dover.example", "password": PASSWORD });
    let reply = tidal.post(None, "/api/auth/login", credentials).await;
    assert_eq!(reply.json()["imageUrl"], url);
}

async fn never_stores_or_answers_a_password(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let registered = tidal.post(None, "/api/auth/register", quay()).await;
    assert!(!registered.text.contains("password"));

    let db: &crate::db::Db = tidal.client.rocket().state().unwrap();
    let stored = db.login("quay@dover.example").await.unwrap().unwrap().password;
    assert!(stored.starts_with("$argon2id$"), "{stored}");
}

async fn refuses_a_name_that_is_taken_in_any_case(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let before = tidal.count("accounts").await;

    for username in [PORT, "OFFICE@dover.example"] {
        let account = quay_with("username", username.into());
        let refused = tidal.post(None, "/api/auth/register", account).await;
        assert_eq!(refused.status, Status::Conflict);
    }
    assert_eq!(tidal.count("accounts").await, before);
}

async fn refuses_bad_accounts_field_by_field(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let before = tidal.count("accounts").await;

    let bad: &[(&str, Value)] = &[
        ("username", Value::Null),
        ("username", 7.into()),
        ("username", "ab".into()),
        ("username", "two words".into()),
        ("username", "qua\u{443}@dover.example".into()), // a Cyrillic letter that looks like a y
        ("username", "x".repeat(101).into()),
        ("password", Value::Null),
        ("password", "fourteen chars".into()), // L01
        ("password", "x".repeat(129).into()),
        ("name", " ".into()),
        ("name", "line\u{7}bell".into()),
        ("employerType", "admin".into()),
        ("employerType", "Port".into()),
        ("employerType", json!(["port"])),
        ("imageUrl", "javascript:alert(1)".into()),
        ("imageUrl", "ftp://dover.example/quay.png".into()),
        ("imageUrl", "https:quay.png".into()),
        ("imageUrl", "not an address".into()),
        ("imageUrl", 1.into()),
    ];
    for (field, value) in bad {
        let account = quay_with(field, value.clone());
        let refused = tidal.post(None, "/api/auth/register", account).await;
        assert_eq!(refused.wrong_fields(), [*field], "{value}");
    }

    let refused = tidal.post(None, "/api/auth/register", json!({})).await;
    assert_eq!(refused.wrong_fields(), ["employerType", "name", "password", "username"]);
    assert_eq!(refused.json()["errors"]["name"], "is missing");
    assert_eq!(tidal.count("accounts").await, before);
}

async fn refuses_bodies_that_are_no_object(database: Database) {
    let tidal = Tidal::launch(&database).await;

    let refused = tidal.post(None, "/api/auth/register", json!([quay()])).await;
    assert_eq!(refused.wrong_fields(), ["body"]);

    let request = tidal.client.post("/api/auth/register");
    let refused = send(request, None, Some("{")).await;
    assert_eq!(refused.status, Status::BadRequest);
    assert_eq!(refused.json()["status"], 400);
}

/// L04: the answer does not tell whether there is such an account.
async fn a_wrong_password_and_an_unknown_user_get_one_answer(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let credentials = json!({ "username": PORT, "password": "not my password" });
    let wrong = tidal.post(None, "/api/auth/login", credentials).await;
    let credentials = json!({ "username": "nobody@dover.example", "password": demo::PASSWORD });
    let unknown = tidal.post(None, "/api/auth/login", credentials).await;

    assert_eq!(wrong.status, Status::Unauthorized);
    assert_eq!(unknown.status, Status::Unauthorized);
    assert!(!wrong.challenges.is_empty());
    assert_eq!(wrong.challenges, unknown.challenges);
    assert_eq!(wrong.text, unknown.text);
}

async fn a_login_without_one_of_its_fields_is_malformed(database: Database) {
    let tidal = Tidal::launch(&database).await;

    for body in [json!({}), json!({ "username": PORT }), json!({ "password": demo::PASSWORD })] {
        let refused = tidal.post(None, "/api/auth/login", body).await;
        assert_eq!(refused.status, Status::BadRequest, "{}", refused.text);
    }
}

async fn a_form_signs_in_as_well(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let request = tidal.client.post("/api/auth/login").header(ContentType::Form);
    let request = request.body(format!("username={PORT}&password={}", demo::PASSWORD));

    assert_eq!(Answer::of(request.dispatch().await).await.json()["success"], true);
}

async fn nobody_is_signed_in_without_a_valid_token(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let token = tidal.token(PORT).await;
    let (head, signature) = token.rsplit_once('.').unwrap();
    let turned: String = signature.chars().rev().collect();

    let without = tidal.get("/api/auth/me").await;
    assert_eq!(without.status, Status::Unauthorized);
    assert!(without.challenges.iter().any(|challenge| challenge.starts_with("Bearer")));

    for forged in [format!("{head}.{turned}"), format!("{head}."), "JWT x".into()] {
        let refused = tidal.get_as(&forged, "/api/auth/me").await;
        assert_eq!(refused.status, Status::Unauthorized, "{forged}");
        assert_eq!(refused.json()["status"], 401);
    }
}

async fn a_token_dies_with_its_account(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let token = tidal.token(ADMIN).await;
    assert_eq!(tidal.get_as(&token, "/api/auth/me").await.status, Status::Ok);

    let db: &crate::db::Db = tidal.client.rocket().state().unwrap();
    let query = sqlx::query("DELETE FROM accounts WHERE username = $1").bind(ADMIN);
    query.execute(&db.0).await.unwrap();
    assert_eq!(tidal.get_as(&token, "/api/auth/me").await.status, Status::Unauthorized);
}

async fn signs_in_by_a_name_in_any_case_of_ascii(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let login = async |username: &str| {
        let credentials = json!({ "username": username, "password": demo::PASSWORD });
        tidal.post(None, "/api/auth/login", credentials).await
    };

    let upper = login(&AGENT.to_uppercase()).await;
    assert_eq!(upper.status, Status::Ok);
    assert_eq!(upper.json()["username"], AGENT);

    let unknown = login("nobody@dover.example").await;
    assert_eq!(unknown.status, Status::Unauthorized);
    // The Kelvin sign is a small k in Unicode; a NUL is what PostgreSQL takes for no text at all.
    for username in [AGENT.replace('k', "\u{212a}"), format!("{AGENT}\0"), format!("{AGENT} ")] {
        let refused = login(&username).await;
        assert_eq!(refused.status, Status::Unauthorized, "{username:?}");
        assert_eq!(refused.text, unknown.text);
        assert_eq!(refused.challenges, unknown.challenges);
    }
}

async fn of_two_who_ask_for_a_name_at_once_one_gets_it(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let before = tidal.count("accounts").await;

    let upper = quay_with("username", "QUAY@dover.example".into());
    let (one, other) = rocket::tokio::join!(
        tidal.post(None, "/api/auth/register", quay()),
        tidal.post(None, "/api/auth/register", upper),
    );
    let mut statuses = [one.status, other.status];
    statuses.sort();
    assert_eq!(statuses, [Status::Created, Status::Conflict]);
    assert_eq!(tidal.count("accounts").await, before + 1);
}

async fn a_database_that_answers_with_an_error_is_our_fault(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let token = tidal.token(PORT).await;

    let db: &crate::db::Db = tidal.client.rocket().state().unwrap();
    sqlx::query("ALTER TABLE accounts RENAME TO lost").execute(&db.0).await.unwrap();
    let login = json!({ "username": PORT, "password": demo::PASSWORD });
    for failed in [
        tidal.get_as(&token, "/api/auth/me").await,
        tidal.post(None, "/api/auth/login", login).await,
        tidal.post(None, "/api/auth/register", quay()).await,
    ] {
        assert_eq!(failed.status, Status::InternalServerError, "{}", failed.text);
        assert_eq!(failed.json()["status"], 500);
        assert!(failed.challenges.is_empty());
    }
}
