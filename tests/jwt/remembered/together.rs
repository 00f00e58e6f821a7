//! Many users of many tokens at once: nobody is ever somebody else.

use std::sync::Arc;

use rocket::local::asynchronous;
use rocket::tokio::task::JoinSet;
use rocket::tokio::{self, task};

use super::*;

const TOKENS: usize = 300;
const ROUNDS: usize = 3;

/// Whose token it is, by the user and by the token itself.
#[protect(strategy = "jwt")]
#[get("/who")]
async fn who(user: User<Account>) -> String {
    let before = user.name.clone();
    task::yield_now().await;
    let subject = User::info::<TokenClaims>(&user).unwrap().subject().unwrap();
    assert_eq!(before, user.name);
    format!("{before} {subject}")
}

async fn ask(client: &asynchronous::Client, token: &str, number: usize) {
    let answer = client.get("/who").header(bearer(token)).dispatch().await;
    let expected = format!("user-{number} subject-{number}");
    assert_eq!(answer.into_string().await, Some(expected));
}

/// Asks for each token in `ROUNDS` rounds, in as many orders, on four workers.
fn at_once(key: Made, table: &str) {
    let rocket = bare(table, &clock()).mount("/", routes![who]);
    let rocket = rocket.attach(Jwt::<Account>::fairing("jwt"));
    let token = |n: usize| {
        key.token_with(&json!({ "name": format!("user-{n}"), "sub": format!("subject-{n}") }))
    };
    let tokens: Arc<Vec<_>> = Arc::new((0..TOKENS).map(token).collect());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let client = Arc::new(asynchronous::Client::untracked(rocket).await.unwrap());
        let mut asking = JoinSet::new();
        // Each stride meets every token, and any two meet them in another order.
        for stride in [1, 7, 11, 299] {
            let (client, tokens) = (Arc::clone(&client), Arc::clone(&tokens));
            asking.spawn(async move {
                for step in 0..TOKENS * ROUNDS {
                    let number = step * stride % TOKENS;
                    ask(&client, &tokens[number], number).await;
                }
            });
        }
        asking.join_all().await;
    });
}

#[test]
fn users_of_seen_tokens_are_never_mixed_up() {
    for key in each_key() {
        let table = table_of(&key, "");
        at_once(key, &table);
    }
}

// Where there is room for a few of them, entries come and go all the time.
#[test]
fn users_are_never_mixed_up_while_tokens_are_driven_out() {
    let key = hs256("a", SECRET);
    let table = table_of(&key, "").replace("1 MiB", "64 KiB");
    at_once(key, &table);
}
