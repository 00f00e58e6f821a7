//! The times of a token to the nanosecond, against a model that knows nothing of ours. jsonwebtoken
//! cannot be asked: its clock does not move.

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::court::{Court, NOW, Verdict};
use super::runner;

/// Seconds from [`NOW`], or none.
#[derive(Debug, Clone)]
struct Times {
    expires: i64,
    not_before: Option<i64>,
    issued_at: Option<i64>,
    /// What the clock shows beyond [`NOW`].
    elapsed: Duration,
}

fn times() -> impl Strategy<Value = Times> {
    // Around every boundary that one of the courts has.
    let near = || {
        (select(vec![0, 1, 5, 60, 120, 300]), -1_i64..=1, any::<bool>()).prop_map(
            |(boundary, beside, is_past)| (boundary + beside) * if is_past { -1 } else { 1 },
        )
    };
    let elapsed = select(vec![0, 1, 500_000_000, 999_999_999]).prop_map(Duration::from_nanos);
    (near(), prop::option::of(near()), prop::option::of(near()), elapsed).prop_map(
        |(expires, not_before, issued_at, elapsed)| Times {
            expires,
            not_before,
            issued_at,
            elapsed,
        },
    )
}

impl Times {
    fn token(&self, court: &Court) -> String {
        let at = |seconds: i64| i64::try_from(NOW).unwrap() + seconds;
        let mut claims = json!({ "name": "ada", "exp": at(self.expires) });
        for (name, time) in [("nbf", self.not_before), ("iat", self.issued_at)] {
            if let Some(time) = time {
                claims[name] = json!(at(time));
            }
        }
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#);
        let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        format!("{message}.{}", court.sign(&message))
    }

    /// The beginnings of the reasons for which it must be refused: RFC 7519 section 4.1.4, the time
    /// must be before `exp`; section 4.1.5, it must be after or equal to `nbf`; each with its leeway.
    fn faults(&self, leeway: i64, skew: i64) -> Vec<&'static str> {
        let second = 1_000_000_000;
        let now = i64::try_from(self.elapsed.as_nanos()).unwrap();
        let is_ahead = |time: Option<i64>| time.is_some_and(|time| now < (time - skew) * second);
        let mut faults = Vec::new();
        if now >= (self.expires + leeway) * second {
            faults.push("expired ");
        }
        if is_ahead(self.not_before) {
            faults.push("not valid before ");
        }
        if is_ahead(self.issued_at) {
            faults.push("issued ");
        }
        faults
    }
}

// R08
#[test]
fn times_are_judged_as_the_model_judges_them() {
    let bounds = [(0, 5), (0, 0), (1, 60), (120, 120), (300, 1)];
    let courts = bounds.map(|(leeway, skew)| {
        let table = match (leeway, skew) {
            (0, 5) => String::new(),
            _ => format!("leeway = {leeway}\nclock_skew = {skew}"),
        };
        Court::of(Algorithm::HS256, &table)
    });
    let which = 0..courts.len();
    let judged = runner(1_500).run(&(which, times()), |(which, times)| {
        let (court, (leeway, skew)) = (&courts[which], bounds[which]);
        court.clock.set(UNIX_EPOCH + Duration::from_secs(NOW) + times.elapsed);
        let faults = times.faults(leeway, skew);
        match court.ours(&times.token(court)) {
            Verdict::Accepted(_) => prop_assert!(faults.is_empty(), "accepted, but {faults:?}"),
            Verdict::Refused { reason, .. } => {
                let is_a_fault = faults.iter().any(|fault| reason.starts_with(fault));
                prop_assert!(is_a_fault, "`{reason}` is none of {faults:?}");
            }
        }
        Ok(())
    });
    if let Err(error) = judged {
        panic!("{error}");
    }
}

#[test]
fn nothing_is_valid_before_1970() {
    let court = Court::of(Algorithm::HS256, "");
    let times = Times { expires: 60, not_before: None, issued_at: None, elapsed: Duration::ZERO };
    let token = times.token(&court);
    assert!(matches!(court.ours(&token), Verdict::Accepted(_)));
    court.clock.set(UNIX_EPOCH - Duration::from_nanos(1));
    let reason = "the clock stands before 1970".to_owned();
    assert_eq!(court.ours(&token), Verdict::Refused { status: 401, reason });
}
