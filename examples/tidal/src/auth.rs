//! `/api/auth`: registering, signing in, and who is signed in. What a token says, and how a token
//! or a password becomes an [`Account`], stands here too.

use passport_rocket::{Credentials, Error, Tokens, User, password, protect, public, verify};
use rocket::http::Status;
use rocket::serde::json::Json;
use rocket::{Route, State, get, post, routes};
use serde::{Deserialize, Serialize};

use crate::account::{Account, EmployerType, NewAccount};
use crate::db::{self, Db};
use crate::refusal::Refusal;
use crate::valid::Valid;

pub fn routes() -> Vec<Route> {
    routes![register, login, me]
}

/// What a token says of its owner, besides `iat` and `exp`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TidalClaims {
    username: String,
    id: i64,
    employer_type: EmployerType,
}

/// The account is read anew for each request: who was deleted since the token was issued is
/// refused, and whose employer changed has the rights of the new one.
#[verify]
pub async fn account_of(claims: TidalClaims, db: &State<Db>) -> Result<Option<Account>, Error> {
    db.account(claims.id).await.map_err(db::failed)
}

#[verify]
pub async fn check_password(
    credentials: Credentials,
    db: &State<Db>,
) -> Result<Option<Account>, Error> {
    let login = db.login(&credentials.username).await.map_err(db::failed)?;
    // Asked also when there is no such account, so that the answer takes as long.
    let stored = login.as_ref().map(|login| login.password.as_str());
    let matches = credentials.password_matches(stored).await?;

    Ok(login.filter(|_| matches).map(|login| login.account))
}

#[public("whoever wants to take part registers first")]
#[post("/register", data = "<account>")]
async fn register(
    account: Valid<NewAccount>,
    db: &State<Db>,
) -> Result<(Status, Json<Account>), Refusal> {
    let Valid(account) = account;
    let hash = password::hash(&*account.password).await?;
    let registered = account.store(&db.0, &hash, false).await?;

    Ok((Status::Created, Json(registered.ok_or(Refusal::Taken)?)))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginReply {
    success: bool,
    token: String,
    image_url: Option<String>,
    username: String,
}

#[protect(strategy = "local", issue = "jwt")]
#[post("/login", data = "<user>")]
async fn login(user: User<Account>, jwt: Tokens) -> Result<Json<LoginReply>, Error> {
    let token = jwt.sign(&TidalClaims {
        username: user.username.clone(),
        id: user.id,
        employer_type: user.employer_type,
    })?;

    Ok(Json(LoginReply {
        success: true,
        // Ready to be sent back as it is: `Authorization: JWT eyJ…`.
        token: format!("JWT {token}"),
        image_url: user.image_url.clone(),
        username: user.username.clone(),
    }))
}

#[protect]
#[get("/me")]
fn me(user: User<Account>) -> Json<Account> {
    Json(Account::clone(&user))
}
