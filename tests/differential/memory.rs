//! Two applications under the same law, of which one remembers tokens: nothing that a client sees
//! tells which.

use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use proptest::sample::select;
use rocket::http::Header;
use serde_json::Value;

use super::court::{Court, FAR_OFF, NOW};
use super::forgery::{Forgery, forgery};
use super::runner;

/// An application that remembers, and one that does not.
struct Twins([Court; 2]);

/// What a client sees, and what the handler was given.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    headers: BTreeSet<(String, String)>,
    body: String,
    heard: Option<Value>,
}

fn answer(court: &Court, token: &str, at: Duration) -> Answer {
    court.clock.set(UNIX_EPOCH + at);
    let header = Header::new("Authorization", format!("Bearer {token}"));
    let response = court.client().get("/me").header(header).dispatch();
    let status = response.status().code;
    let headers = response.headers().iter();
    let headers = headers.map(|header| (header.name().to_string(), header.value().to_owned()));
    let headers = headers.collect();
    let body = response.into_string().unwrap_or_default();
    Answer { status, headers, body, heard: court.heard() }
}

impl Twins {
    fn all() -> Vec<Self> {
        let remembering = Court::all_with("remember_tokens = '1 MiB'\n");
        let twin = |court: Court| {
            let other = court.twin("remember_tokens = 0\n");
            Self([court, other])
        };
        remembering.into_iter().map(twin).collect()
    }

    /// Whether `token` was accepted by both at that time, or why they do not agree.
    fn judge(&self, token: &str, at: Duration) -> Result<bool, TestCaseError> {
        let [one, other] = self.0.each_ref().map(|court| answer(court, token, at));
        let law = (self.0[0].algorithm, self.0[0].law);
        prop_assert_eq!(&one, &other, "{:?} {} at {:?}", law, token, at);
        Ok(one.status == 200)
    }
}

/// When a token is sent: mostly when most are valid, and when some have become too old, or all of them.
fn time() -> impl Strategy<Value = Duration> {
    let seconds = prop_oneof![
        6 => Just(NOW),
        2 => NOW..NOW + 4_000,
        1 => select(vec![NOW - 3_600, FAR_OFF - 1, FAR_OFF, FAR_OFF + 121]),
    ];
    seconds.prop_map(Duration::from_secs)
}

/// A token, and what is sent after others were.
struct Sent {
    twins: usize,
    token: String,
    was_accepted: bool,
}

// Each token is sent three times, with those of the next ones in between, and clocks move alike.
#[test]
fn whoever_remembers_answers_like_whoever_does_not() {
    let all = Twins::all();
    // How many tokens there were, and how many were accepted once more.
    let (sent, counts) = (RefCell::new(VecDeque::<Sent>::new()), RefCell::new((0, 0)));
    let case = (forgery(), time(), time(), time());
    let judged = runner(2_000).run(&case, |(forgery, first, second, third)| {
        let (twins, token) = made(&forgery, &all);
        let was_accepted = all[twins].judge(&token, first)?;
        let (mut sent, mut counts) = (sent.borrow_mut(), counts.borrow_mut());
        sent.push_back(Sent { twins, token, was_accepted });
        counts.0 += 1;
        for (behind, at) in [(1, second), (4, third)] {
            let Some(nth) = sent.len().checked_sub(1 + behind) else { continue };
            let Sent { twins, token, was_accepted } = &sent[nth];
            let again = all[*twins].judge(token, at)?;
            counts.1 += usize::from(again && *was_accepted);
        }
        if sent.len() > 4 {
            sent.pop_front();
        }
        Ok(())
    });
    if let Err(error) = judged {
        panic!("{error}");
    }
    let (tokens, again) = counts.into_inner();
    println!("{tokens} tokens, {again} times one was accepted that had been before");
    assert!(again * 2 >= tokens, "{again} of {tokens}");
}

fn made(forgery: &Forgery, all: &[Twins]) -> (usize, String) {
    let twins = forgery.court.index(all.len());
    (twins, forgery.token(&all[twins].0[0]))
}
