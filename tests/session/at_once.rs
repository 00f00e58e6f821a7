//! Requests of one session at once, and requests of many.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use passport_rocket_tests::log;
use rocket::futures::future::{join, join_all};
use rocket::local::asynchronous;
use rocket::tokio::sync::{Barrier, Notify};
use rocket::tokio::task::{JoinSet, yield_now};
use rocket::tokio::{self, time};

use super::data::Cart;
use super::*;

/// Reads, waits until it is told to go on, and writes: twice, whatever came of the first.
#[post("/slow")]
async fn slow(session: Session<'_>, gate: &State<Gate>) -> Result<(), Error> {
    session.get::<Cart>().await?;
    gate.is_reading.notify_one();
    gate.may_write.notified().await;
    let first = session.set(&Cart(vec![7])).await;
    let second = session.flash("success", "too late").await;
    first.and(second)
}

/// The same of a user.
#[protect(strategy = "session")]
#[post("/slow/me")]
async fn slow_me(
    _user: User<Account>,
    session: Session<'_>,
    gate: &State<Gate>,
) -> Result<(), Error> {
    gate.is_reading.notify_one();
    gate.may_write.notified().await;
    session.set(&Cart(vec![7])).await
}

#[derive(Default)]
struct Gate {
    is_reading: Notify,
    may_write: Notify,
}

const AT_ONCE: usize = 64;

/// Holds its caller until 64 are here.
#[protect(strategy = "session")]
#[get("/held")]
async fn held(
    user: User<Account>,
    session: Session<'_>,
    barrier: &State<Barrier>,
) -> Result<String, Error> {
    let before = user.id;
    barrier.wait().await;
    session.update(|cart: &mut Cart| cart.0.push(before)).await?;
    yield_now().await;
    let cart = session.get::<Cart>().await?.unwrap_or_default();
    Ok(format!("{before} {} {:?}", user.id, cart.0))
}

/// Runs `test` on four workers.
fn on_four_workers<F: Future<Output = ()>>(test: impl FnOnce(Arc<asynchronous::Client>, Spy) -> F) {
    let spy = Spy::default();
    let rocket = watched(figment(""), &MovableClock::at(start()), &spy);
    let rocket = data::routes(rocket)
        .manage(Gate::default())
        .manage(Barrier::new(AT_ONCE))
        .mount("/", routes![slow, slow_me, held]);
    log::capture(|| ());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    runtime.block_on(async {
        let client = Arc::new(asynchronous::Client::untracked(rocket).await.unwrap());
        let end = time::timeout(Duration::from_secs(120), test(client, spy));
        end.await.expect("every request reaches its end");
    });
}

/// A response: status, body, and the pair of a cookie that was sent.
async fn send(
    client: &asynchronous::Client,
    method: rocket::http::Method,
    path: &str,
    cookie: &str,
) -> (u16, String, Option<String>) {
    let mut request = client.req(method, path.to_owned());
    request.add_header(Header::new("Sec-Fetch-Site", "same-origin"));
    if !cookie.is_empty() {
        request.add_header(Header::new("Cookie", cookie.to_owned()));
    }
    let response = request.dispatch().await;
    let sent = response.headers().get_one("Set-Cookie");
    let sent = sent.map(|line| line.split("; ").next().unwrap().to_owned());
    (response.status().code, response.into_string().await.unwrap_or_default(), sent)
}

async fn get(client: &asynchronous::Client, path: &str, cookie: &str) -> (u16, String) {
    let (status, body, _) = send(client, rocket::http::Method::Get, path, cookie).await;
    (status, body)
}

async fn post(
    client: &asynchronous::Client,
    path: &str,
    cookie: &str,
) -> (u16, String, Option<String>) {
    send(client, rocket::http::Method::Post, path, cookie).await
}

async fn signed_in(client: &asynchronous::Client, id: u32) -> String {
    post(client, &format!("/in/{id}"), "").await.2.unwrap()
}

#[test]
fn a_hundred_changes_of_one_session_lose_nothing_to_each_other() {
    on_four_workers(|client, _| async move {
        let nobody = post(&client, "/flash/note/0", "").await.2.unwrap();
        let ada = signed_in(&client, ADA).await;
        post(&client, "/flash/note/0", &ada).await;
        for cookie in [nobody, ada] {
            let mut changes = JoinSet::new();
            for item in 0..100 {
                let (client, cookie) = (Arc::clone(&client), cookie.clone());
                changes.spawn(async move {
                    let path = match item % 4 {
                        3 => format!("/flash/note/{item}"),
                        _ => format!("/cart/{item}"),
                    };
                    post(&client, &path, &cookie).await.0
                });
            }
            let statuses = changes.join_all().await;
            assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
            let (_, cart) = get(&client, "/cart", &cookie).await;
            let cart = cart.trim_start_matches("Some(").trim_end_matches(')');
            let items: Vec<u32> = serde_json::from_str(cart).unwrap();
            assert_eq!((items.len(), items.into_iter().collect::<BTreeSet<_>>().len()), (75, 75));
            let (_, flashes) = get(&client, "/flashes", &cookie).await;
            let flashes: BTreeSet<_> = flashes.trim_end().split("; ").collect();
            assert_eq!(flashes.len(), 26);
        }
    });
}

// As in one thread, where each question to the store lets all others run.
#[test]
fn a_hundred_changes_in_one_thread_lose_nothing_either() {
    on_four_workers(|client, _| async move {
        let cookie = signed_in(&client, ADA).await;
        let paths: Vec<_> = (0..100).map(|item| format!("/cart/{item}")).collect();
        let changes = paths.iter().map(|path| post(&client, path, &cookie));
        let mut counts: Vec<usize> =
            join_all(changes).await.iter().map(|(_, body, _)| body.parse().unwrap()).collect();
        counts.sort_unstable();
        assert_eq!(counts, (1..=100).collect::<Vec<_>>());
    });
}

#[test]
fn of_many_requests_one_takes_a_value_and_one_shows_a_message() {
    on_four_workers(|client, _| async move {
        let cookie = signed_in(&client, ADA).await;
        post(&client, "/cart/7", &cookie).await;
        post(&client, "/flash/note/once", &cookie).await;
        let takes = join_all((0..20).map(|_| post(&client, "/cart/take", &cookie)));
        let shows = join_all((0..20).map(|_| get(&client, "/flashes", &cookie)));
        let (takes, shows) = join(takes, shows).await;
        assert_eq!(takes.iter().filter(|(_, body, _)| body == "Some([7])").count(), 1);
        assert_eq!(takes.iter().filter(|(_, body, _)| body == "None").count(), 19);
        assert_eq!(shows.iter().filter(|(_, body)| body == "note: once; ").count(), 1);
        assert_eq!(shows.iter().filter(|(_, body)| body.is_empty()).count(), 19);
    });
}

/// A slow change of a session while `meanwhile` happens in another request of it.
async fn overtaken(client: &asynchronous::Client, slow: &str, meanwhile: &str, cookie: &str) {
    let gate = client.rocket().state::<Gate>().unwrap();
    let other = async {
        gate.is_reading.notified().await;
        let (status, _, sent) = post(client, meanwhile, cookie).await;
        assert_eq!(status, 200, "{meanwhile}");
        gate.may_write.notify_one();
        sent.unwrap()
    };
    let ((status, _, sent), after) = join(post(client, slow, cookie), other).await;
    // Nothing that would take the place of what the other request sends.
    assert_eq!((status, sent), (503, None), "{slow} {meanwhile}");
    assert_eq!(get(client, "/me", cookie).await.0, 401, "{slow} {meanwhile}");
    assert_eq!(get(client, "/cart", cookie).await.1, "None", "{slow} {meanwhile}");
    assert_eq!(get(client, "/cart", &after).await.1, "None", "{slow} {meanwhile}");
}

#[test]
fn a_change_that_comes_after_a_sign_out_or_a_sign_in_brings_nothing_back() {
    on_four_workers(|client, _| async move {
        for slow in ["/slow", "/slow/me"] {
            for meanwhile in ["/out", "/in/1", "/in/2", "/in/1?keeping=true"] {
                let cookie = signed_in(&client, ADA).await;
                overtaken(&client, slow, meanwhile, &cookie).await;
            }
        }
        let nobody = post(&client, "/flash/note/0", "").await.2.unwrap();
        overtaken(&client, "/slow", "/in/1", &nobody).await;
    });
}

// S02: of many sign-ins at once with one cookie, each has an id of its own, and the old one is dead.
#[test]
fn sign_ins_at_once_each_begin_a_session() {
    on_four_workers(|client, _| async move {
        let before = signed_in(&client, ADA).await;
        post(&client, "/cart/7", &before).await;
        let sign_ins = (0..20).map(|_| post(&client, "/in/1?keeping=true", &before));
        let cookies: Vec<_> =
            join_all(sign_ins).await.into_iter().map(|(_, _, sent)| sent.unwrap()).collect();
        assert_eq!(cookies.iter().collect::<BTreeSet<_>>().len(), 20);
        assert_eq!(get(&client, "/me", &before).await.0, 401);
        let carts = join_all(cookies.iter().map(|cookie| get(&client, "/cart", cookie))).await;
        // What there was is one session's, and not doubled.
        assert_eq!(carts.iter().filter(|(_, cart)| cart == "Some([7])").count(), 1);
    });
}

// Trap 2
#[test]
fn sixty_four_users_in_the_handler_at_once_stay_themselves() {
    on_four_workers(|client, _| async move {
        let mut cookies = Vec::new();
        for id in 0..AT_ONCE {
            cookies.push(signed_in(&client, u32::try_from(id).unwrap()).await);
        }
        for round in 1..=4 {
            let mut requests = JoinSet::new();
            for (id, cookie) in cookies.iter().cloned().enumerate() {
                let client = Arc::clone(&client);
                requests.spawn(async move {
                    let body = get(&client, "/held", &cookie).await;
                    assert_eq!(body, (200, format!("{id} {id} {:?}", vec![id; round])));
                });
            }
            requests.join_all().await;
        }
    });
}

// Trap 2
#[test]
fn users_who_sign_in_and_out_at_once_are_never_mixed_up() {
    on_four_workers(|client, spy| async move {
        let mut users = JoinSet::new();
        for id in 0..200_u32 {
            let client = Arc::clone(&client);
            users.spawn(async move {
                let cookie = signed_in(&client, id).await;
                for round in 1..=5 {
                    let count = post(&client, &format!("/cart/{id}"), &cookie).await.1;
                    assert_eq!(count, round.to_string());
                    assert_eq!(get(&client, "/me", &cookie).await, (200, id.to_string()));
                    let cart = format!("Some({:?})", vec![id; round]);
                    assert_eq!(get(&client, "/cart", &cookie).await.1, cart);
                }
                assert_eq!(post(&client, "/out", &cookie).await.0, 200);
                assert_eq!(get(&client, "/me", &cookie).await.0, 401);
            });
        }
        users.join_all().await;
        assert_eq!(spy.left(), 0, "no session is left over");
    });
}
