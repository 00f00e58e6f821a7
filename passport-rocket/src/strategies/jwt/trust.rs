//! Whom tokens are believed: an issuer, its keys and what is expected of its tokens belong together
//! (R09).

use std::collections::HashMap;

use super::claimed;
use super::claims::Expected;
use super::key_source::KeySource;
use super::provider::Provider;
use super::rejection::Rejection;
use super::remote::RemoteKeys;

/// Keys, and what is expected of the tokens that they sign.
#[derive(Debug)]
pub(super) struct Trust {
    pub(super) keys: KeySource,
    pub(super) expected: Expected,
}

/// One trust, or one for each issuer.
#[derive(Debug)]
pub(super) enum Trusts {
    One(Box<Trust>),
    ByIssuer(HashMap<String, Trust>),
}

impl Trusts {
    /// The only trust there is.
    pub(super) fn only(&self) -> Option<&Trust> {
        match self {
            Self::One(trust) => Some(trust),
            Self::ByIssuer(_) => None,
        }
    }

    /// The trust of the issuer that `payload` names. Nothing of it is proved yet: what the issuer's
    /// own keys did not sign is refused a moment later, and the claim is compared again.
    pub(super) fn of_issuer_in(&self, payload: &str) -> Result<&Trust, Rejection> {
        match self {
            Self::One(trust) => Ok(trust),
            Self::ByIssuer(trusts) => {
                trusts.get(&*claimed::issuer(payload)?).ok_or(Rejection::Differs("iss"))
            }
        }
    }

    /// The trust of an issuer, who is asked for where there are several.
    pub(super) fn of_issuer<'i>(&self, issuer: impl FnOnce() -> Option<&'i str>) -> Option<&Trust> {
        match self {
            Self::One(trust) => Some(trust),
            Self::ByIssuer(trusts) => trusts.get(issuer()?),
        }
    }

    /// The application's key provider, where there is one.
    pub(super) fn provider(&self) -> Option<&dyn Provider> {
        self.iter().find_map(|trust| match &trust.keys {
            KeySource::Provided(provider) => Some(&**provider),
            _ => None,
        })
    }

    /// Where keys are fetched from.
    pub(super) fn remote(&self) -> impl Iterator<Item = &RemoteKeys> {
        self.iter().filter_map(|trust| match &trust.keys {
            KeySource::Remote(keys) => Some(keys),
            _ => None,
        })
    }

    fn iter(&self) -> impl Iterator<Item = &Trust> {
        let (one, several) = match self {
            Self::One(trust) => (Some(&**trust), None),
            Self::ByIssuer(trusts) => (None, Some(trusts.values())),
        };
        one.into_iter().chain(several.into_iter().flatten())
    }
}
