//! The whole API, row by row of what it promises, over each kind of database.

mod accounts;
mod database;
mod launch;
#[cfg(feature = "postgres")]
mod outage;
#[cfg(feature = "postgres")]
mod postgres;
mod tides;

use rocket::figment::Figment;
use rocket::http::{ContentType, Header, Status};
use rocket::local::asynchronous::{Client, LocalRequest, LocalResponse};
use rocket::serde::json::{Value, json};

use self::database::Database;
use crate::db::Db;
use crate::demo;

const ADMIN: &str = "admin@tidal.example";
const PORT: &str = "office@dover.example";
const SHIP: &str = "bridge@aurora.example";
const AGENT: &str = "desk@meridian.example";

struct Tidal {
    client: Client,
}

/// An answer, read to its end.
struct Answer {
    status: Status,
    challenges: Vec<String>,
    cache_control: Option<String>,
    text: String,
}

impl Tidal {
    async fn launch(database: &Database) -> Self {
        Self::over(database.config()).await
    }

    async fn over(config: Figment) -> Self {
        let client = Client::untracked(crate::build(config)).await.unwrap();
        Self { client }
    }

    async fn get(&self, uri: &str) -> Answer {
        Answer::of(self.client.get(uri.to_owned()).dispatch().await).await
    }

    async fn get_as(&self, token: &str, uri: &str) -> Answer {
        send(self.client.get(uri.to_owned()), Some(token), None).await
    }

    async fn post(&self, token: Option<&str>, uri: &str, body: Value) -> Answer {
        send(self.client.post(uri.to_owned()), token, Some(&body.to_string())).await
    }

    async fn put(&self, token: Option<&str>, uri: &str, body: Value) -> Answer {
        send(self.client.put(uri.to_owned()), token, Some(&body.to_string())).await
    }

    async fn delete(&self, token: Option<&str>, uri: &str) -> Answer {
        send(self.client.delete(uri.to_owned()), token, None).await
    }

    /// Signs a demo account in and returns what goes into `Authorization`.
    async fn token(&self, username: &str) -> String {
        let credentials = json!({ "username": username, "password": demo::PASSWORD });
        let reply = self.post(None, "/api/auth/login", credentials).await;
        assert_eq!(reply.status, Status::Ok, "{}", reply.text);
        reply.json()["token"].as_str().unwrap().to_owned()
    }

    /// The number of rows, asked behind the API's back.
    async fn count(&self, table: &'static str) -> i64 {
        let Db(pool) = self.client.rocket().state().unwrap();
        let query = match table {
            "tides" => "SELECT count(*) FROM tides",
            "accounts" => "SELECT count(*) FROM accounts",
            _ => unreachable!("there are two tables"),
        };
        sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
    }
}

async fn send(request: LocalRequest<'_>, token: Option<&str>, body: Option<&str>) -> Answer {
    let mut request = request.header(ContentType::JSON);
    if let Some(token) = token {
        request.add_header(Header::new("Authorization", token.to_owned()));
    }
    if let Some(body) = body {
        request.set_body(body);
    }
    Answer::of(request.dispatch().await).await
}

impl Answer {
    async fn of(response: LocalResponse<'_>) -> Self {
        let headers = response.headers();
        Self {
            status: response.status(),
            challenges: headers.get("WWW-Authenticate").map(str::to_owned).collect(),
            cache_control: headers.get_one("Cache-Control").map(str::to_owned),
            text: response.into_string().await.unwrap_or_default(),
        }
    }

    fn json(&self) -> Value {
        self.text.parse().unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// The names of the fields that a 422 complains about.
    fn wrong_fields(&self) -> Vec<String> {
        assert_eq!(self.status, Status::UnprocessableEntity, "{}", self.text);
        self.json()["errors"].as_object().unwrap().keys().cloned().collect()
    }
}
