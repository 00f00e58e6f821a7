//! Both judge every token.

use std::cell::RefCell;

use proptest::test_runner::TestCaseError;

use super::court::{Court, Verdict};
use super::forgery::{Forgery, forgery};
use super::rules::{Rule, Tally};
use super::runner;

// R01 to R11: the rules by which ours is stricter are listed, and every one of them is at work.
#[test]
fn ours_accepts_what_jsonwebtoken_accepts_but_for_listed_rules() {
    let courts = Court::all();
    let tally = RefCell::new(Tally::default());
    let judged = runner(3_000).run(&forgery(), |forgery| {
        let court = forgery.court.get(&courts);
        judge(&forgery, court, &mut tally.borrow_mut()).map_err(|why| {
            let token = forgery.token(court);
            TestCaseError::fail(format!("{why}: {:?} {:?} {token}", court.algorithm, court.law))
        })
    });
    let tally = tally.into_inner();
    println!("{}", tally.table());
    if let Err(error) = judged {
        panic!("{error}");
    }
    let share = tally.accepted_by_both * 100 / tally.total();
    assert!(share >= 40, "{share} % of the tokens were accepted by both");
    assert_eq!(tally.idle(), [""; 0], "rules that were never broken");
    for reason in [UNREAD_MEMBER, SUBJECT_OF_PARTS] {
        assert!(tally.times_refused_by_theirs(reason) > 0, "{reason}");
    }
}

fn judge(forgery: &Forgery, court: &Court, tally: &mut Tally) -> Result<(), String> {
    let token = forgery.token(court);
    match (court.ours(&token), court.theirs(&token)) {
        (Verdict::Accepted(ours), Ok(theirs)) if ours == theirs => tally.accepted_by_both += 1,
        (Verdict::Accepted(ours), Ok(theirs)) => {
            return Err(format!("claims differ: ours {ours}, theirs {theirs}"));
        }
        (Verdict::Refused { reason, .. }, theirs) => {
            let rule = Rule::of(&reason).ok_or_else(|| format!("no rule says `{reason}`"))?;
            match theirs {
                Err(_) => tally.refused_by_both(rule),
                Ok(_) if rule.is_ours_alone => tally.refused_by_ours(rule),
                Ok(_) => return Err(format!("jsonwebtoken accepts, ours says `{reason}`")),
            }
        }
        (Verdict::Accepted(_), Err(error)) => {
            let subject = &crate::jwt::payload(&token)["sub"];
            let reason = if court.theirs(&forgery.token_without_unread(court)).is_ok() {
                UNREAD_MEMBER
            } else if subject.is_array() || subject.is_object() {
                SUBJECT_OF_PARTS
            } else {
                return Err(format!("ours accepts, jsonwebtoken says {error:?}"));
            };
            tally.refused_by_theirs(reason);
        }
    }
    Ok(())
}

/// RFC 8725 section 3.10: keys that come with a token prove nothing, and ours does not read them.
const UNREAD_MEMBER: &str = "a member of the header that ours never reads";
const SUBJECT_OF_PARTS: &str = "`sub` is a list or an object, behind which it loses its place";
