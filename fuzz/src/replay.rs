//! The committed corpus, once through each target.

use std::fs;
use std::path::Path;

fn replay(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    let mut inputs: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    inputs.sort();
    assert!(inputs.len() >= 10, "{target} has a corpus");
    for input in inputs {
        println!("{}", input.display());
        run(&fs::read(input).unwrap());
    }
}

#[test]
fn the_corpus_of_token_holds() {
    replay("token", crate::token);
}

#[test]
fn the_corpus_of_authorization_holds() {
    replay("authorization", crate::authorization);
}

#[test]
fn the_corpus_of_cookie_holds() {
    replay("cookie", crate::cookie);
}

#[test]
fn the_corpus_of_jwk_set_holds() {
    replay("jwk_set", crate::jwk_set);
}

#[test]
fn the_corpus_of_body_holds() {
    replay("body", crate::body);
}
