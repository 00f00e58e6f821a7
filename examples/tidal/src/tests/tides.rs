use rocket::http::Status;
use rocket::serde::json::{Value, json};

use super::database::{Database, on_each_database};
use super::{ADMIN, AGENT, PORT, SHIP, Tidal};

on_each_database! {
    a_port_and_an_admin_write_tides,
    stores_nothing_without_a_valid_token,
    stores_nothing_for_ships_and_agents,
    stores_nothing_that_is_wrong,
    anyone_reads_tides_page_by_page,
    filters_by_harbour_and_time,
    finds_a_harbour_in_any_case_of_ascii,
    refuses_a_filter_that_is_wrong,
    there_is_no_such_tide,
    its_author_and_an_admin_change_a_tide,
    its_author_and_an_admin_delete_a_tide,
    nobody_else_changes_or_deletes_a_tide,
}

const CREATE: &str = "/api/tidal/createtide";

fn tide() -> Value {
    json!({ "harbour": "Dover", "time": "2026-11-23T07:25:00Z", "height": 4.2, "kind": "high" })
}

fn tide_with(field: &str, value: Value) -> Value {
    let mut tide = tide();
    tide[field] = value;
    tide
}

async fn a_port_and_an_admin_write_tides(database: Database) {
    let tidal = Tidal::launch(&database).await;

    for author in [PORT, ADMIN] {
        let token = tidal.token(author).await;
        let created = tidal.post(Some(&token), CREATE, tide()).await;
        assert_eq!(created.status, Status::Ok);
        let id = created.json()["id"].as_i64().unwrap();
        assert_eq!(
            created.text,
            format!(
                r#"{{"id":{id},"harbour":"Dover","time":"2026-11-23T07:25:00Z","height":4.2,"kind":"high","author":"{author}"}}"#
            )
        );

        let read = tidal.get(&format!("/api/tidal/{id}")).await;
        assert_eq!(read.status, Status::Ok);
        assert_eq!(read.text, created.text);
    }
}

async fn stores_nothing_without_a_valid_token(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let token = tidal.token(PORT).await;
    let before = tidal.count("tides").await;

    let forged = format!("{token}x");
    let scheme = token.replace("JWT ", "Token ");
    for token in [None, Some("JWT "), Some(forged.as_str()), Some(scheme.as_str())] {
        let refused = tidal.post(token, CREATE, tide()).await;
        let expected = match token {
            Some("JWT ") => Status::BadRequest, // RFC 6750 3.1: no bad token, but a bad request
            _ => Status::Unauthorized,
        };
        assert_eq!(refused.status, expected, "{token:?}");
        assert!(!refused.challenges.is_empty());
    }
    assert_eq!(tidal.count("tides").await, before);
}

async fn stores_nothing_for_ships_and_agents(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let before = tidal.count("tides").await;

    for author in [SHIP, AGENT] {
        let token = tidal.token(author).await;
        let refused = tidal.post(Some(&token), CREATE, tide()).await;
        assert_eq!(refused.status, Status::Forbidden);
        assert_eq!(refused.json()["status"], 403);
    }
    assert_eq!(tidal.count("tides").await, before);
}

async fn stores_nothing_that_is_wrong(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let token = tidal.token(PORT).await;
    let before = tidal.count("tides").await;

    let bad: &[(&str, Value)] = &[
        ("harbour", Value::Null),
        ("harbour", "".into()),
        ("harbour", "x".repeat(81).into()),
        ("time", "yesterday".into()),
        ("time", 1_795_418_700.into()),
        ("time", "2026-11-23T07:25:00.5Z".into()),
        ("height", "4.2".into()),
        ("height", 20.5.into()),
        ("height", (-20.5).into()),
        ("kind", "middle".into()),
        ("kind", true.into()),
    ];
    for (field, value) in bad {
        let refused = tidal.post(Some(&token), CREATE, tide_with(field, value.clone())).await;
        assert_eq!(refused.wrong_fields(), [*field], "{value}");
    }

    let refused = tidal.post(Some(&token), CREATE, json!({ "height": "high" })).await;
    assert_eq!(refused.wrong_fields(), ["harbour", "height", "kind", "time"]);
    assert_eq!(tidal.count("tides").await, before);
}

async fn anyone_reads_tides_page_by_page(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let all = tidal.count("tides").await as usize;

    let first = tidal.get("/api/tidal").await.json();
    assert_eq!(first["page"], 1);
    assert_eq!(first["next"], 2);
    assert_eq!(first["tides"].as_array().unwrap().len(), 50);

    let second = tidal.get("/api/tidal?harbour=&from=&to=&page=2").await.json();
    assert_eq!(second["page"], 2);
    assert_eq!(second["next"], Value::Null);
    assert_eq!(second["tides"].as_array().unwrap().len(), all - 50);

    let beyond = tidal.get("/api/tidal?page=4294967295").await.json();
    assert_eq!(beyond["tides"], json!([]));
    assert_eq!(beyond["next"], Value::Null);

    let times = |page: &Value| -> Vec<String> {
        let tides = page["tides"].as_array().unwrap();
        tides.iter().map(|tide| tide["time"].as_str().unwrap().to_owned()).collect()
    };
    assert!([times(&first), times(&second)].concat().is_sorted());
}

async fn filters_by_harbour_and_time(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let token = tidal.token(PORT).await;
    for hour in ["05", "06", "07", "08"] {
        let time = format!("1999-08-11T{hour}:00:00Z");
        let mut tide = tide_with("time", time.into());
        tide["harbour"] = "Saint-Malo".into();
        assert_eq!(tidal.post(Some(&token), CREATE, tide).await.status, Status::Ok);
    }

    let count = async |query: &str| {
        let page = tidal.get(&format!("/api/tidal?{query}")).await.json();
        page["tides"].as_array().unwrap().len()
    };
    assert_eq!(count("harbour=Saint-Malo").await, 4);
    assert_eq!(count("harbour=saint-malo&page=1").await, 4);
    assert_eq!(count("harbour=Atlantis").await, 0);
    assert_eq!(count("to=1999-08-11T06:00:00Z").await, 2);
    assert_eq!(count("harbour=Saint-Malo&from=1999-08-11T06:00:00Z").await, 3);
    let between = "harbour=Saint-Malo&from=1999-08-11T06:00:00Z&to=1999-08-11T09:00:00%2B02:00";
    assert_eq!(count(between).await, 2);
}

async fn finds_a_harbour_in_any_case_of_ascii(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let token = tidal.token(PORT).await;
    let created = tidal.post(Some(&token), CREATE, tide_with("harbour", "Ålesund".into())).await;
    assert_eq!(created.json()["harbour"], "Ålesund");

    for (harbour, found) in [("%C3%85LESUND", 1), ("%C3%A5lesund", 0), ("A%CC%8Alesund", 0)] {
        let page = tidal.get(&format!("/api/tidal?harbour={harbour}")).await.json();
        assert_eq!(page["tides"].as_array().unwrap().len(), found, "{harbour}");
    }
}

async fn refuses_a_filter_that_is_wrong(database: Database) {
    let tidal = Tidal::launch(&database).await;

    for page in ["0", "-1", "one", "4294967296"] {
        let refused = tidal.get(&format!("/api/tidal?page={page}")).await;
        assert_eq!(refused.wrong_fields(), ["page"], "{page}");
    }
    let refused = tidal.get("/api/tidal?from=now&to=then&page=x").await;
    assert_eq!(refused.wrong_fields(), ["from", "page", "to"]);
}

async fn there_is_no_such_tide(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let token = tidal.token(ADMIN).await;

    for id in ["0", "999999", "-1", "x", "99999999999999999999"] {
        let uri = format!("/api/tidal/{id}");
        assert_eq!(tidal.get(&uri).await.status, Status::NotFound, "{id}");
    }
    let uri = "/api/tidal/999999";
    assert_eq!(tidal.put(Some(&token), uri, tide()).await.status, Status::NotFound);
    assert_eq!(tidal.delete(Some(&token), uri).await.status, Status::NotFound);
}

async fn its_author_and_an_admin_change_a_tide(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let author = tidal.token(PORT).await;
    let created = tidal.post(Some(&author), CREATE, tide()).await.json();
    let uri = format!("/api/tidal/{}", created["id"]);

    for (token, height) in [(author, 4.3), (tidal.token(ADMIN).await, 4.4)] {
        let changed = tidal.put(Some(&token), &uri, tide_with("height", height.into())).await;
        assert_eq!(changed.status, Status::Ok);
        assert_eq!(changed.json()["height"], height);
        assert_eq!(changed.json()["author"], PORT);
        assert_eq!(tidal.get(&uri).await.text, changed.text);
    }
}

async fn its_author_and_an_admin_delete_a_tide(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let author = tidal.token(PORT).await;
    let before = tidal.count("tides").await;

    for token in [author.clone(), tidal.token(ADMIN).await] {
        let created = tidal.post(Some(&author), CREATE, tide()).await.json();
        let uri = format!("/api/tidal/{}", created["id"]);
        assert_eq!(tidal.delete(Some(&token), &uri).await.status, Status::NoContent);
        assert_eq!(tidal.get(&uri).await.status, Status::NotFound);
    }
    assert_eq!(tidal.count("tides").await, before);
}

async fn nobody_else_changes_or_deletes_a_tide(database: Database) {
    let tidal = Tidal::launch(&database).await;
    let admin = tidal.token(ADMIN).await;
    let created = tidal.post(Some(&admin), CREATE, tide()).await;
    let uri = format!("/api/tidal/{}", created.json()["id"]);
    let other = tide_with("height", 9.9.into());

    let refused = tidal.put(None, &uri, other.clone()).await;
    assert_eq!(refused.status, Status::Unauthorized);
    assert_eq!(tidal.delete(None, &uri).await.status, Status::Unauthorized);
    for stranger in [PORT, SHIP, AGENT] {
        let token = tidal.token(stranger).await;
        let refused = tidal.put(Some(&token), &uri, other.clone()).await;
        assert_eq!(refused.status, Status::Forbidden);
        assert_eq!(tidal.delete(Some(&token), &uri).await.status, Status::Forbidden);
    }
    let refused = tidal.put(Some(&admin), &uri, tide_with("kind", "slack".into())).await;
    assert_eq!(refused.wrong_fields(), ["kind"]);

    assert_eq!(tidal.get(&uri).await.text, created.text);
}
