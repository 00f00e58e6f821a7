//! Many users at once: nobody ever sees somebody else's.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use passport_rocket::{User, protect};
use passport_rocket_tests::{Ran, log};
use rocket::http::{ContentType, Header, Status};
use rocket::local::asynchronous::Client;
use rocket::tokio::sync::Barrier;
use rocket::tokio::task::JoinSet;
use rocket::tokio::{self, task};
use rocket::{State, get, post, routes};

use super::{Account, rocket};

const AT_ONCE: usize = 64;

/// Holds its caller until 64 are here.
#[protect(strategy = ["token", "session"])]
#[get("/held")]
async fn held(user: User<Account>, barrier: &State<Barrier>, ran: &State<Ran>) -> String {
    let before = user.name.clone();
    barrier.wait().await;
    ran.count();
    task::yield_now().await;
    assert_eq!(before, user.name);
    format!("{before} by {}", User::strategy(&user))
}

/// The same where the body signs in.
#[protect(strategy = "local")]
#[post("/held", data = "<user>")]
async fn held_login(user: User<Account>, barrier: &State<Barrier>, ran: &State<Ran>) -> String {
    let before = user.name.clone();
    barrier.wait().await;
    ran.count();
    task::yield_now().await;
    assert_eq!(before, user.name);
    format!("{before} by {}", User::strategy(&user))
}

#[protect(strategy = ["token", "session"])]
#[get("/passed")]
async fn passed(user: User<Account>, ran: &State<Ran>) -> String {
    let before = user.name.clone();
    for _ in 0..3 {
        task::yield_now().await;
        assert_eq!(before, user.name);
    }
    ran.count();
    format!("{before} by {}", User::strategy(&user))
}

/// Runs `test` on four workers.
fn on_four_workers<F: Future<Output = ()>>(test: impl FnOnce(Arc<Client>) -> F) {
    let rocket =
        rocket().manage(Barrier::new(AT_ONCE)).mount("/", routes![held, held_login, passed]);
    log::capture(|| ());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let client = Arc::new(Client::untracked(rocket).await.unwrap());
        // Only a request that never reaches the barrier makes the others wait for ever.
        let end = tokio::time::timeout(Duration::from_secs(120), test(client));
        end.await.expect("every request reaches the barrier");
    });
}

/// One request of user number `n`, and what must come back.
async fn request(client: &Client, path: &'static str, n: usize) {
    let name = format!("user-{n}");
    // Three ways to sign in, side by side.
    let (request, strategy) = match n % 3 {
        0 => (client.get(path).header(Header::new("token", name.clone())), "token"),
        1 => (client.get(path).header(Header::new("session", name.clone())), "session"),
        _ if path == "/held" => {
            let form = client.post(path).header(ContentType::Form);
            (form.body(format!("username={name}&password=tide")), "local")
        }
        _ => {
            let forged = client.get(path).header(Header::new("token", "forged"));
            (forged.header(Header::new("session", name.clone())), "session")
        }
    };
    let response = request.dispatch().await;
    assert_eq!(response.status(), Status::Ok);
    assert_eq!(response.into_string().await, Some(format!("{name} by {strategy}")));
}

fn runs(client: &Client) -> usize {
    client.rocket().state::<Ran>().unwrap().times()
}

// Trap 2
#[test]
fn sixty_four_users_in_the_handler_at_once_stay_themselves() {
    on_four_workers(|client| async move {
        for round in 0..4 {
            let mut requests = JoinSet::new();
            for n in 0..AT_ONCE {
                let client = Arc::clone(&client);
                requests.spawn(async move { request(&client, "/held", n).await });
            }
            requests.join_all().await;
            assert_eq!(runs(&client), AT_ONCE * (round + 1));
        }
    });
}

// Trap 2
#[test]
fn ten_thousand_interleaved_requests_keep_their_users_apart() {
    const ALL: usize = 10_000;
    on_four_workers(|client| async move {
        let mut requests = JoinSet::new();
        for first in 0..AT_ONCE {
            let client = Arc::clone(&client);
            requests.spawn(async move {
                for n in (first..ALL).step_by(AT_ONCE) {
                    request(&client, "/passed", n).await;
                }
            });
        }
        requests.join_all().await;
        assert_eq!(runs(&client), ALL);
    });
}
