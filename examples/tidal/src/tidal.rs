//! `/api/tidal`: tides to read for everybody, and to write for those who know them.

use passport_rocket::{User, protect, public};
use rocket::response::status::NoContent;
use rocket::serde::json::Json;
use rocket::{Route, State, delete, get, post, put, routes};

use crate::account::{Account, EmployerType};
use crate::db::Db;
use crate::refusal::Refusal;
use crate::tide::{Filter, NewTide, Page, Tide};
use crate::valid::Valid;

pub fn routes() -> Vec<Route> {
    routes![tides, tide, create_tide, change_tide, delete_tide]
}

#[public("tides are for everybody who goes near the water")]
#[get("/")]
async fn tides(filter: Valid<Filter>, db: &State<Db>) -> Result<Json<Page>, Refusal> {
    Ok(Json(db.tides(filter.0).await?))
}

#[public("tides are for everybody who goes near the water")]
#[get("/<id>")]
async fn tide(id: i64, db: &State<Db>) -> Result<Json<Tide>, Refusal> {
    Ok(Json(db.tide(id).await?.ok_or(Refusal::NotFound)?))
}

#[protect(strategy = "jwt", any_role = [EmployerType::Port, EmployerType::Admin])]
#[post("/createtide", data = "<tide>")]
async fn create_tide(
    user: User<Account>,
    tide: Valid<NewTide>,
    db: &State<Db>,
) -> Result<Json<Tide>, Refusal> {
    Ok(Json(tide.0.store(&db.0, &user).await?))
}

#[protect(strategy = "jwt")]
#[put("/<id>", data = "<tide>")]
async fn change_tide(
    user: User<Account>,
    id: i64,
    tide: Valid<NewTide>,
    db: &State<Db>,
) -> Result<Json<Tide>, Refusal> {
    let old = writable(db, id, &user).await?;
    match db.change_tide(id, &tide.0).await? {
        true => Ok(Json(Tide { tide: tide.0, ..old })),
        false => Err(Refusal::NotFound),
    }
}

#[protect(strategy = "jwt")]
#[delete("/<id>")]
async fn delete_tide(user: User<Account>, id: i64, db: &State<Db>) -> Result<NoContent, Refusal> {
    writable(db, id, &user).await?;
    match db.delete_tide(id).await? {
        true => Ok(NoContent),
        false => Err(Refusal::NotFound),
    }
}

/// The tide, for its author or an admin.
async fn writable(db: &Db, id: i64, user: &Account) -> Result<Tide, Refusal> {
    let tide = db.tide(id).await?.ok_or(Refusal::NotFound)?;
    let writes = tide.author_id == user.id || user.employer_type == EmployerType::Admin;
    writes.then_some(tide).ok_or(Refusal::NotYours)
}
