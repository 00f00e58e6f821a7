//! Every route attribute, under every path, sync and async.

#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub)]

use passport_rocket::{protect, public};

#[protect]
#[rocket::get("/a")]
fn a() {}

#[protect]
#[::rocket::put("/b")]
async fn b() {}

#[passport_rocket::protect]
#[rocket::post("/c", data = "<body>")]
async fn c(body: String) -> String {
    body
}

#[::passport_rocket::protect]
#[rocket::delete("/d")]
fn d() {}

#[protect]
#[rocket::head("/e")]
fn e() {}

#[protect]
#[rocket::patch("/f")]
fn f() {}

#[protect]
#[rocket::options("/g")]
fn g() {}

#[protect]
#[rocket::route(GET, uri = "/h/<id>?<page>", rank = 3)]
fn h(id: i64, page: Option<u32>) -> String {
    format!("{id} {page:?}")
}

#[public("the harbour is open")]
#[rocket::get("/i/<path..>")]
async fn i(path: std::path::PathBuf) -> String {
    path.display().to_string()
}

fn main() {
    let routes = rocket::routes![a, b, c, d, e, f, g, h, i];
    let names: Vec<_> = routes.iter().filter_map(|route| route.name.as_deref()).collect();
    assert_eq!(names.concat(), "abcdefghi");
    assert_eq!(rocket::uri!(h(7, Some(2))).to_string(), "/h/7?page=2");
}
