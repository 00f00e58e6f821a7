//! What a misspelt word was meant to be.

use strsim::damerau_levenshtein;

/// `did you mean …?`, or the list of what is known.
pub(super) fn remedy(word: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|candidate| (damerau_levenshtein(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= tolerated(candidate))
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((_, candidate)) => format!("did you mean `{candidate}`?"),
        None => format!("known are {}", list(known)),
    }
}

/// A third of a word may be wrong; more than that is another word.
fn tolerated(candidate: &str) -> usize {
    (candidate.len() / 3).max(1)
}

fn list(known: &[&str]) -> String {
    let quoted: Vec<_> = known.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 3] = ["strategy", "role", "any_role"];

    #[test]
    fn names_the_nearest_word() {
        assert_eq!(remedy("strategi", &KNOWN), "did you mean `strategy`?");
        assert_eq!(remedy("rloe", &KNOWN), "did you mean `role`?");
        assert_eq!(remedy("any_roles", &KNOWN), "did you mean `any_role`?");
    }

    #[test]
    fn lists_the_words_when_none_is_near() {
        assert_eq!(remedy("policy", &KNOWN), "known are `strategy`, `role`, `any_role`");
    }
}
