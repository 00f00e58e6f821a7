//! What `#[protect]` expands to, and the way of a request through it.
//!
//! A protected handler has one hidden guard in first place, [`Protected`], so that Rocket parses
//! nothing for strangers. Its type names a [`Requirement`] that the macro wrote, and carries two
//! Sentinels: [`Mark`], which tells the audit that this handler is mounted, and [`Audit`], which
//! Rocket asks once, after every mark, because it sits one level deeper in the type.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use rocket::http::Status;
use rocket::request::{FromRequest, Outcome};
use rocket::{Ignite, Request, Rocket, Route, Sentinel};
use smallvec::SmallVec;

use crate::audit;
use crate::authorize::Unmet;
use crate::begin;
use crate::credential::RequestBody;
use crate::declaration::{Declaration, Unauthenticated};
use crate::denial::{Denial, Kind};
use crate::probe::Parameter;
use crate::registry::{Entry, Launching, Registry};
use crate::return_path::{self, ReturnPath};
use crate::slot::{self, Slot, Standing};
use crate::strategy::{Attempt, Body};
use crate::user::SignedIn;

/// What a handler asks for, in the form in which the macro writes it.
pub trait Requirement: Send + Sync + 'static {
    /// What the handler declared.
    const DECLARATION: Declaration;

    /// Whether the type of the data argument completes a sign-in by body.
    const COMPLETES_BODY: bool;

    /// The route that Rocket made of the handler, unmounted.
    fn route() -> Route;

    /// The handler's full name.
    fn type_name() -> &'static str;

    /// The handler's own parameters.
    fn parameters() -> Vec<Parameter>;

    /// Whether `who` may call the handler.
    ///
    /// # Errors
    /// When a role or a scope is missing.
    fn authorize(who: &SignedIn) -> Result<(), Unmet> {
        let _ = who;
        Ok(())
    }

    /// The page where a browser signs in.
    #[must_use]
    fn login_page() -> Option<String> {
        None
    }
}

/// How the slot remembers [`Requirement::authorize`] until the body was read.
pub(crate) type Authorize = fn(&SignedIn) -> Result<(), Unmet>;

/// The hidden guard of a protected handler.
pub struct Protected<M, A>(PhantomData<(M, A)>);

/// The hidden guard of a public handler: it declares, and lets everybody in.
pub struct Open<M, A>(PhantomData<(M, A)>);

/// Tells the audit that the handler is mounted.
pub struct Mark<R>(PhantomData<R>);

/// Puts the audit behind all marks: Rocket asks Sentinels breadth-first.
pub struct Last<A>(PhantomData<A>);

/// Checks everything that was declared, once.
pub struct Audit(());

/// A mounted handler with its declaration.
pub(crate) struct Declared {
    pub(crate) declaration: &'static Declaration,
    pub(crate) route: Route,
    pub(crate) type_name: &'static str,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) completes_body: bool,
}

impl<R: Requirement> Sentinel for Mark<R> {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        let declaration = const { &R::DECLARATION };
        let Some(launching) = Launching::of(rocket) else {
            // Nobody collects declarations when no strategy is attached at all.
            return audit::refuse_without_strategies(declaration);
        };
        launching.draft().declared.push(Declared {
            declaration,
            route: R::route(),
            type_name: R::type_name(),
            parameters: R::parameters(),
            completes_body: R::COMPLETES_BODY,
        });
        false
    }
}

impl Sentinel for Audit {
    fn abort(rocket: &Rocket<Ignite>) -> bool {
        match Launching::of(rocket) {
            Some(launching) => !audit::run(rocket, launching, |sentinel| sentinel(rocket)),
            None => audit::refuse_uncounted(rocket),
        }
    }
}

#[rocket::async_trait]
impl<'r, R: Requirement> FromRequest<'r> for Open<Mark<R>, Last<Audit>> {
    type Error = std::convert::Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Self::Error> {
        // Whoever signed in on a route that forwarded here is not signed in here.
        Slot::of(request).begin(request, const { &R::DECLARATION });
        Outcome::Success(Self(PhantomData))
    }
}

#[rocket::async_trait]
impl<'r, R: Requirement> FromRequest<'r> for Protected<Mark<R>, Last<Audit>> {
    type Error = Arc<Denial>;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Arc<Denial>> {
        let declaration = const { &R::DECLARATION };
        let slot = Slot::of(request);
        slot.begin(request, declaration);
        let verdict = match Registry::of(request) {
            Some(registry) => {
                let attempt = Attempt { request, registry, declaration, slot };
                let sight = match R::COMPLETES_BODY {
                    true => Sight::BodyToCome,
                    false => Sight::Head,
                };
                match judge(attempt, sight, R::authorize).await {
                    Ok(Standing::Beginning(who)) if !R::COMPLETES_BODY => {
                        return match begin::enter(attempt, who).await {
                            Ok(()) => Outcome::Success(Self(PhantomData)),
                            Err(denial) => Outcome::Error((denial.status(), denial)),
                        };
                    }
                    verdict => verdict,
                }
            }
            None => Err(Denial::fault("launch checks did not pass").with_strategy("passport")),
        };
        let denial = match verdict {
            Ok(standing) => {
                slot.settle(standing);
                return Outcome::Success(Self(PhantomData));
            }
            Err(denial) => denial,
        };
        let denial = match instead_of_401::<R>(request, &denial) {
            Some(page) => denial.sent_to(page),
            None => denial,
        };
        let denial = Arc::new(denial.with_handler(declaration.handler));
        slot.settle(Standing::Denied(Arc::clone(&denial)));
        if forwards(declaration, request, &denial) {
            log::info!(target: "passport", "{denial:?}; forwarding");
            return Outcome::Forward(denial.status());
        }
        Outcome::Error((denial.status(), denial))
    }
}

/// What of a request a walk through its strategies may look at.
enum Sight<'b, 'd> {
    /// The head alone: a credential in the body counts as absent.
    Head,
    /// The head; the data guard will walk again, with the body.
    BodyToCome,
    /// Head and body.
    Body(&'b mut RequestBody<'d>),
}

/// Tries the strategies of the declaration in order, and asks whether who signed in may go on.
async fn judge(
    attempt: Attempt<'_, '_>,
    mut sight: Sight<'_, '_>,
    authorize: Authorize,
) -> Result<Standing, Denial> {
    let declaration = attempt.declaration;
    let mut failed = Failed::new();
    for nth in 0.. {
        let Some(next) = attempt.registry.nth(declaration.strategies, nth) else { break };
        let Ok((index, entry)) = next else {
            return Err(Denial::fault("a declared strategy is not registered"));
        };
        let kept = attempt.slot.begin_try(index);
        #[cfg(feature = "testing")]
        if let Some(signed_in) = crate::testing::forced(attempt.request, entry) {
            return admit(declaration, entry, signed_in, authorize);
        }
        let outcome = match (entry.body(), &mut sight) {
            (Body::Never, _) | (Body::Also, Sight::Head) => {
                try_head(attempt, index, entry, kept).await
            }
            // Without a data guard that completes it, a body is no credential.
            (Body::Only, Sight::Head) => Err(Arc::new(Denial::absent())),
            // What the body says may overrule the head, so nothing is settled before it was read.
            (Body::Also | Body::Only, Sight::BodyToCome) => {
                return Ok(Standing::Pending(authorize));
            }
            (Body::Only, Sight::Body(body)) => try_body(attempt, entry, body).await,
            (Body::Also, Sight::Body(body)) => {
                let head = try_head(attempt, index, entry, kept).await;
                match try_body(attempt, entry, body).await {
                    Err(denial) if denial.kind() == Kind::Absent => head,
                    said => said,
                }
            }
        };
        match outcome {
            Ok(signed_in) => return admit(declaration, entry, signed_in, authorize),
            Err(denial) if ends_chain(denial.kind()) => {
                // Who showed something wrong before is not nobody.
                let nobody = failed.iter().all(|(_, denial)| shows_nothing(denial.kind()));
                return match (denial.kind(), declaration.optional && nobody) {
                    (Kind::Redirect, true) => Ok(Standing::Nobody),
                    (Kind::Redirect, false) if declaration.optional => Err(all_failed(failed)),
                    _ => Err(alone(entry, denial)),
                };
            }
            Err(denial) => failed.push((entry, denial)),
        }
    }
    if failed.is_empty() {
        return Err(Denial::fault("no strategy is declared or configured"));
    }
    if declaration.optional && failed.iter().all(|(_, denial)| shows_nothing(denial.kind())) {
        return Ok(Standing::Nobody);
    }
    Err(all_failed(failed))
}

/// A strategy runs at most once in a request, also when a route forwards to another.
async fn try_head(
    attempt: Attempt<'_, '_>,
    index: usize,
    entry: &Entry,
    kept: Option<slot::Outcome>,
) -> slot::Outcome {
    if let Some(kept) = kept {
        return kept;
    }
    let outcome = match &entry.strategy {
        Some(strategy) => strategy.authenticate(&entry.name, attempt).get().await,
        None => Err(unbuilt()),
    };
    attempt.slot.keep(index, outcome.clone());
    outcome
}

/// The body is there once, so its verdict is not kept: a request whose body was read is not
/// forwarded.
async fn try_body(
    attempt: Attempt<'_, '_>,
    entry: &Entry,
    body: &mut RequestBody<'_>,
) -> slot::Outcome {
    match &entry.strategy {
        Some(strategy) => strategy.authenticate_body(&entry.name, attempt, body).get().await,
        None => Err(unbuilt()),
    }
}

fn unbuilt() -> Arc<Denial> {
    Arc::new(Denial::fault("the strategy could not be built"))
}

/// Completes a sign-in whose credential may be in the body, from a data guard.
pub(crate) async fn complete(request: &Request<'_>, body: &mut RequestBody<'_>) -> Standing {
    let slot = Slot::of(request);
    let authorize = match slot.standing(request) {
        Standing::Pending(authorize) => authorize,
        settled => return settled,
    };
    let (Some(registry), Some(declaration)) = (Registry::of(request), slot.declaration(request))
    else {
        return Standing::Unasked;
    };
    let attempt = Attempt { request, registry, declaration, slot };
    let standing = match judge(attempt, Sight::Body(body), authorize).await {
        Ok(standing) => standing,
        Err(denial) => Standing::Denied(Arc::new(denial.with_handler(declaration.handler))),
    };
    slot.settle(standing.clone());
    standing
}

fn admit(
    declaration: &Declaration,
    entry: &Entry,
    signed_in: SignedIn,
    authorize: Authorize,
) -> Result<Standing, Denial> {
    match (authorize(&signed_in), declaration.sign_in) {
        (Ok(()), None) => Ok(Standing::SignedIn(signed_in)),
        (Ok(()), Some(_)) => Ok(Standing::Beginning(signed_in)),
        (Err(unmet), _) => Err(refused_by(entry, unmet.denial())),
    }
}

/// The refusal of one strategy, in its name and with its challenges.
pub(crate) fn refused_by(entry: &Entry, denial: Denial) -> Denial {
    let denial = denial.with_strategy(Arc::clone(&entry.name));
    let challenges = entry.challenges(&denial);
    denial.with_challenges(challenges)
}

const fn ends_chain(kind: Kind) -> bool {
    matches!(kind, Kind::Forbidden | Kind::Redirect | Kind::Fault | Kind::Unavailable)
}

const fn shows_nothing(kind: Kind) -> bool {
    matches!(kind, Kind::Absent | Kind::Dead)
}

/// What strategies said, and which; most routes have one or two.
type Failed<'e> = SmallVec<[(&'e Entry, Arc<Denial>); 2]>;

/// The refusal of one strategy that ends the chain, or was the only one.
fn alone(entry: &Entry, denial: Arc<Denial>) -> Denial {
    all_failed(Failed::from_iter([(entry, denial)]))
}

/// The refusal of all strategies, with every challenge of every one of them.
fn all_failed(failed: Failed<'_>) -> Denial {
    let mut challenges = Vec::new();
    for (entry, denial) in &failed {
        let own = entry.challenges(denial);
        match challenges.is_empty() {
            true => challenges = own,
            false => challenges.extend(own),
        }
    }
    let denial = Denial::of_chain(failed.into_iter().map(|(_, denial)| denial).collect());
    let location = denial.tried().find_map(Denial::location).map(str::to_owned);
    let denial = match location {
        Some(location) => denial.with_location(location),
        None => denial,
    };
    denial.with_challenges(challenges)
}

/// The sign-in page, where the handler declares one and a browser navigates.
fn instead_of_401<R: Requirement>(request: &Request<'_>, denial: &Denial) -> Option<String> {
    if R::DECLARATION.unauthenticated != Unauthenticated::Redirect
        || denial.status() != Status::Unauthorized
        || !is_navigation(request)
    {
        return None;
    }
    let page = R::login_page()?;
    let is_credential =
        |name: &str| Registry::of(request).is_some_and(|registry| registry.is_credential(name));
    let here = return_path::without(request.uri(), is_credential);
    Some(ReturnPath::append_to(&page, &here))
}

fn forwards(declaration: &Declaration, request: &Request<'_>, denial: &Denial) -> bool {
    declaration.unauthenticated == Unauthenticated::Forward
        && denial.status() == Status::Unauthorized
        && is_navigation(request)
}

/// Whether a person's browser asks for a page: a script that fetches wants the 401.
fn is_navigation(request: &Request<'_>) -> bool {
    use rocket::http::{Accept, MediaType, Method};

    if !matches!(request.method(), Method::Get | Method::Head) {
        return false;
    }
    match request.headers().get_one("Sec-Fetch-Mode") {
        Some(mode) => mode == "navigate",
        None => request
            .accept()
            .is_some_and(|accept: &Accept| accept.media_types().any(MediaType::is_html)),
    }
}

macro_rules! opaque {
    ($($name:ident<$($generic:ident),*>),*) => {$(
        impl<$($generic),*> fmt::Debug for $name<$($generic),*> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    )*};
}

opaque!(Protected<M, A>, Open<M, A>, Mark<R>, Last<A>, Audit<>);
