//! What begins with a sign-in and outlives the request, by the declaration's `sign_in`: a session.
//!
//! It is the last thing before the handler that may still refuse. Where the data guard is ours it
//! begins there, after the payload was read; anywhere else in the hidden guard, and a guard of the
//! handler that fails or forwards later does not take it back.

use std::sync::Arc;

use rocket::Request;

use crate::denial::Denial;
use crate::protect;
use crate::registry::Registry;
use crate::slot::{Begun, Slot, Standing};
use crate::strategy::Attempt;
use crate::user::SignedIn;

/// Lets somebody in with whom something begins, as soon as it has begun.
///
/// An error is no refusal of who asks, so neither a sign-in page nor another route takes its place.
pub(crate) async fn enter(attempt: Attempt<'_, '_>, who: SignedIn) -> Result<(), Arc<Denial>> {
    match begin(attempt, who.clone()).await {
        Ok(()) => {
            attempt.slot.settle(Standing::SignedIn(who));
            Ok(())
        }
        Err(denial) => {
            let denial = Arc::new(denial.with_handler(attempt.declaration.handler));
            attempt.slot.settle(Standing::Denied(Arc::clone(&denial)));
            Err(denial)
        }
    }
}

/// The same from a data guard, which knows the request alone.
pub(crate) async fn enter_behind_body(request: &Request<'_>) -> Result<(), Arc<Denial>> {
    let slot = Slot::of(request);
    let (registry, declaration) = (Registry::of(request), slot.declaration(request));
    match (slot.standing(request), registry, declaration) {
        (Standing::Beginning(who), Some(registry), Some(declaration)) => {
            enter(Attempt { request, registry, declaration, slot }, who).await
        }
        _ => Err(Arc::new(Denial::fault("nobody is about to enter"))),
    }
}

async fn begin(attempt: Attempt<'_, '_>, who: SignedIn) -> Result<(), Denial> {
    let named = attempt.declaration.sign_in.and_then(|name| attempt.registry.nth(&[name], 0));
    let Some(Ok((index, entry))) = named else {
        return Err(Denial::fault("the strategy that `sign_in` names is not registered"));
    };
    let begun = match (attempt.slot.begin_for(index, &who), &entry.strategy) {
        (Begun::Now, Some(strategy)) => strategy.begin(attempt, who).get().await,
        (Begun::Now, None) => Err(Denial::fault("the strategy could not be built")),
        (Begun::Before, _) => Ok(()),
        (Begun::Otherwise, _) => Err(Denial::fault(
            "another sign-in began something on a route that forwarded here; let one route begin it",
        )),
    };
    begun.map_err(|denial| protect::refused_by(entry, denial))
}
