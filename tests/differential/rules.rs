//! Every rule by which ours refuses a token, each with its source; and which of them the other lacks.

use std::collections::BTreeMap;
use std::fmt::Write;

/// A rule, known by how the reason of a refusal begins and ends.
#[derive(Debug)]
pub(super) struct Rule {
    begins: &'static str,
    ends: &'static str,
    source: &'static str,
    /// Whether jsonwebtoken accepts tokens that break it.
    pub(super) is_ours_alone: bool,
}

impl Rule {
    /// The rule behind a reason.
    pub(super) fn of(reason: &str) -> Option<&'static Self> {
        RULES.iter().find(|rule| reason.starts_with(rule.begins) && reason.ends_with(rule.ends))
    }

    fn name(&self) -> String {
        match self.ends {
            "" => self.begins.to_owned(),
            ends => format!("{}…{ends}", self.begins),
        }
    }
}

/// What both said, counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) accepted_by_both: usize,
    refused_by_both: BTreeMap<String, usize>,
    refused_by_ours: BTreeMap<String, usize>,
    refused_by_theirs: BTreeMap<&'static str, usize>,
}

impl Tally {
    pub(super) fn refused_by_both(&mut self, rule: &Rule) {
        *self.refused_by_both.entry(rule.name()).or_default() += 1;
    }

    pub(super) fn refused_by_ours(&mut self, rule: &Rule) {
        *self.refused_by_ours.entry(rule.name()).or_default() += 1;
    }

    pub(super) fn refused_by_theirs(&mut self, reason: &'static str) {
        *self.refused_by_theirs.entry(reason).or_default() += 1;
    }

    pub(super) fn total(&self) -> usize {
        self.accepted_by_both
            + self.refused_by_both.values().sum::<usize>()
            + self.refused_by_ours.values().sum::<usize>()
            + self.refused_by_theirs.values().sum::<usize>()
    }

    /// The rules that refused nothing, or nothing that the other accepts where they should have.
    pub(super) fn idle(&self) -> Vec<String> {
        let is_idle = |rule: &&Rule| match rule.is_ours_alone {
            true => !self.refused_by_ours.contains_key(&rule.name()),
            false => !self.refused_by_both.contains_key(&rule.name()),
        };
        RULES.iter().filter(is_idle).map(Rule::name).collect()
    }

    pub(super) fn times_refused_by_theirs(&self, reason: &str) -> usize {
        self.refused_by_theirs.get(reason).copied().unwrap_or_default()
    }

    /// As a table for whoever reads the output.
    pub(super) fn table(&self) -> String {
        let mut table = format!(
            "{} tokens, of which both accepted {}\n{:>6} {:>6}  refused by both, by ours alone\n",
            self.total(),
            self.accepted_by_both,
            "both",
            "ours"
        );
        let count = |counts: &BTreeMap<String, usize>, rule: &Rule| {
            counts.get(&rule.name()).copied().unwrap_or_default()
        };
        for rule in RULES {
            let both = count(&self.refused_by_both, rule);
            let ours = count(&self.refused_by_ours, rule);
            let _ = writeln!(table, "{both:>6} {ours:>6}  {} ({})", rule.name(), rule.source);
        }
        for (reason, times) in &self.refused_by_theirs {
            let _ = writeln!(table, "{times:>13}  refused by jsonwebtoken alone: {reason}");
        }
        table
    }
}

const fn shared(begins: &'static str, ends: &'static str, source: &'static str) -> Rule {
    Rule { begins, ends, source, is_ours_alone: false }
}

const fn ours(begins: &'static str, ends: &'static str, source: &'static str) -> Rule {
    Rule { begins, ends, source, is_ours_alone: true }
}

const RULES: &[Rule] = &[
    shared("more than a token behind the scheme", "", "RFC 6750 section 2.1"),
    ours("token is longer than ", " bytes", "R04"),
    shared("token holds a character that no token has", "", "R04, RFC 7515 section 2"),
    shared("token has not exactly three parts", "", "R03, R04, RFC 7515 section 7.1"),
    shared("header is not canonical base64url", "", "R04, RFC 4648 section 3.5"),
    shared("payload is not canonical base64url", "", "R04, RFC 4648 section 3.5"),
    shared("signature is not canonical base64url", "", "R04, RFC 4648 section 3.5"),
    ours("header is not a JSON object with texts", "", "RFC 7515 sections 4.1.1, 4.1.4 and 4.1.9"),
    ours("header has a member twice", "", "R05, RFC 7515 section 4"),
    shared("header names no algorithm", "", "R01, RFC 7515 section 4.1.1"),
    ours("header names no key, and several have its algorithm", "", "R02, R16"),
    shared("algorithm is not ", "", "R01, R02, R03, RFC 8725 section 3.1"),
    ours("header has a critical extension", "", "R05, RFC 7515 section 4.1.11, RFC 7797 section 6"),
    ours("header has a type that is not accepted", "", "R11, RFC 8725 section 3.11"),
    ours("header names another key", "", "R09, RFC 7515 section 4.1.4"),
    shared("signature does not match", "", "RFC 7515 section 5.2"),
    ours("payload is not a JSON object in UTF-8", "", "R05, RFC 7519 section 7.2"),
    ours("claim `", "` is there twice", "R05, RFC 7519 section 4"),
    ours("a claim holds a member twice, or is no JSON", "", "R05, RFC 8725 section 3.7"),
    ours("claim `iat` is missing", "", "`max_age`"),
    ours("claim `", "` is required, and missing or empty", "R12, `required_claims`"),
    ours("issued ", "longer than `max_age`", "`max_age`"),
    shared("claim `", "` is missing", "R08, R09, R10, trap 7"),
    shared("claim `", "` does not fit the application's claims type", "the application's own"),
    ours("claim `", "` is not a whole number of seconds", "R08"),
    ours("claim `scope` is not a text", "", "RFC 8693 section 4.2"),
    ours("claim `", "` is not the expected one", "R09, R10, RFC 7519 section 4.1.1"),
    ours("token names an audience", "", "R10, RFC 7519 section 4.1.3"),
    ours("token is bound to a key", "", "R22, trap 22, RFC 7800"),
    shared("expired ", " ago", "R08, RFC 7519 section 4.1.4"),
    shared("not valid before ", " from now", "R08, RFC 7519 section 4.1.5"),
    ours("issued ", " in the future", "R08"),
];
