//! A signature stays right; what is true at one time is not at another (R08).

use std::time::UNIX_EPOCH;

use super::*;

#[test]
fn a_seen_token_expires() {
    for world in World::each("") {
        let token = world.key.token();
        assert_seen(&world.client, &token);
        world.advance(59);
        assert_seen(&world.client, &token);
        world.advance(1);
        assert_refused(&world.client, &token, "expired 0 s ago");
        world.advance(61);
        assert_refused(&world.client, &token, "expired 1 min 1 s ago");
    }
}

#[test]
fn a_seen_token_has_its_leeway_and_no_more() {
    for world in World::each("leeway = 30") {
        let token = world.key.token();
        assert_seen(&world.client, &token);
        world.advance(89);
        assert_seen(&world.client, &token);
        world.advance(1);
        assert_refused(&world.client, &token, "expired 30 s ago");
    }
}

#[test]
fn a_seen_token_becomes_too_old() {
    for world in World::each("max_age = '20s'") {
        let token = world.key.token_with(&json!({ "iat": NOW }));
        assert_seen(&world.client, &token);
        world.advance(19);
        assert_seen(&world.client, &token);
        world.advance(2);
        assert_refused(&world.client, &token, "issued 21 s ago, longer than `max_age`");
    }
}

// A clock may be set right.
#[test]
fn a_seen_token_is_not_valid_yet_where_the_clock_is_set_back() {
    for world in World::each("clock_skew = 0") {
        for (claim, why) in
            [("nbf", "not valid before 1 s from now"), ("iat", "issued 1 s in the future")]
        {
            let token = world.key.token_with(&json!({ claim: NOW }));
            world.clock.set(UNIX_EPOCH + Duration::from_secs(NOW));
            assert_seen(&world.client, &token);
            world.clock.set(UNIX_EPOCH + Duration::from_secs(NOW - 1));
            assert_refused(&world.client, &token, why);
            world.clock.set(UNIX_EPOCH - Duration::from_secs(1));
            assert_refused(&world.client, &token, "the clock stands before 1970");
        }
    }
}

// It is refused and not forgotten; nor is it refused for ever because it was refused once.
#[test]
fn a_seen_token_that_was_refused_is_accepted_when_its_time_is_there_again() {
    for world in World::each("") {
        let token = world.key.token();
        assert_seen(&world.client, &token);
        world.advance(60);
        assert_refused(&world.client, &token, "expired 0 s ago");
        world.clock.set(UNIX_EPOCH + Duration::from_secs(NOW));
        assert_seen(&world.client, &token);
    }
}

// What would be refused a moment later is no reason to remember anything else.
#[test]
fn a_token_that_comes_too_early_is_remembered_once_it_is_accepted() {
    for world in World::each("clock_skew = 0") {
        let token = world.key.token_with(&json!({ "nbf": NOW + 10 }));
        assert_refused(&world.client, &token, "not valid before 10 s from now");
        world.advance(10);
        assert_seen(&world.client, &token);
    }
}
