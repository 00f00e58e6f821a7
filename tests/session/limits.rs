//! How long a session lasts: two ends, judged by the clock of the application.

use super::*;

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

/// Whether `browser` is signed in.
fn is_in(browser: &mut Browser<'_>) -> bool {
    match browser.get("/me").status {
        200 => true,
        401 => false,
        status => panic!("{status}"),
    }
}

// S03
#[test]
fn a_session_that_is_not_used_ends_after_the_idle_timeout_to_the_second() {
    for (keys, path, idle) in [
        ("", "/in/1", HOUR),
        ("idle_timeout = '10m'", "/in/1", 10 * MINUTE),
        ("", "/in/1?remembered=true", 14 * DAY),
        ("remember_idle_timeout = '2 days'", "/in/1?remembered=true", 2 * DAY),
    ] {
        for (elapsed, expected) in [(idle - 1, true), (idle, false)] {
            let world = World::of(keys, |rocket| rocket);
            let mut ada = world.browser();
            ada.post(path);
            world.clock.advance(seconds(elapsed));
            assert_eq!(is_in(&mut ada), expected, "{keys} {path} {elapsed}");
        }
    }
}

// S03
#[test]
fn a_session_that_is_used_ends_after_the_absolute_timeout_to_the_second() {
    for (keys, path, step, absolute) in [
        ("", "/in/1", 50 * MINUTE, DAY),
        ("idle_timeout = '5m'\nabsolute_timeout = '30m'", "/in/1", 4 * MINUTE, 30 * MINUTE),
        ("", "/in/1?remembered=true", 13 * DAY, 30 * DAY),
        (
            "remember_idle_timeout = '1 day'\nremember_absolute_timeout = '3 days'",
            "/in/1?remembered=true",
            20 * HOUR,
            3 * DAY,
        ),
    ] {
        let world = World::of(keys, |rocket| rocket);
        let mut ada = world.browser();
        ada.post(path);
        let mut elapsed = 0;
        while elapsed + step < absolute {
            world.clock.advance(seconds(step));
            elapsed += step;
            assert!(is_in(&mut ada), "{keys} {path} {elapsed}");
        }
        world.clock.set(start() + seconds(absolute - 1));
        assert!(is_in(&mut ada), "{keys} {path}");
        world.clock.advance(seconds(1));
        assert!(!is_in(&mut ada), "{keys} {path}");
    }
}

// S03
#[test]
fn activity_moves_the_idle_end_and_only_that() {
    let world = World::plain();
    let mut ada = world.signed_in(ADA);
    world.clock.advance(seconds(HOUR - 1));
    assert!(is_in(&mut ada));
    world.clock.advance(seconds(HOUR - 1));
    assert!(is_in(&mut ada));
    world.clock.advance(seconds(HOUR));
    assert!(!is_in(&mut ada));
}

// S03
#[test]
fn a_refused_request_is_no_activity() {
    let world = World::plain();
    let mut ada = world.signed_in(ADA);
    world.clock.advance(seconds(HOUR - 1));
    let cross = world.client.post("/me").header(Header::new("Sec-Fetch-Site", "cross-site"));
    assert_eq!(ada.send(cross).status, 403);
    world.fate(ADA, Fate::Disabled);
    assert_eq!(ada.get("/me").status, 403);
    world.fate(ADA, Fate::Well);
    world.clock.advance(seconds(1));
    assert!(!is_in(&mut ada));
}

// S03
#[test]
fn use_is_written_down_once_in_a_twentieth_so_a_session_ends_that_much_early_at_most() {
    let world = World::plain();
    let mut ada = world.signed_in(ADA);
    // Not yet a twentieth of an hour: the end stays where it was.
    world.clock.advance(seconds(179));
    assert!(is_in(&mut ada));
    world.clock.set(start() + seconds(HOUR));
    assert!(!is_in(&mut ada));

    let world = World::plain();
    let mut ada = world.signed_in(ADA);
    world.clock.advance(seconds(180));
    assert!(is_in(&mut ada));
    world.clock.set(start() + seconds(HOUR + 179));
    assert!(is_in(&mut ada));
}

#[test]
fn a_clock_that_goes_back_neither_ends_a_session_nor_makes_it_longer() {
    let world = World::plain();
    let mut ada = world.signed_in(ADA);
    world.clock.set(start() - seconds(DAY));
    assert!(is_in(&mut ada));
    world.clock.set(start() + seconds(HOUR - 1));
    assert!(is_in(&mut ada));

    let world = World::plain();
    let mut ada = world.signed_in(ADA);
    world.clock.set(start() - seconds(DAY));
    assert!(is_in(&mut ada));
    world.clock.set(start() + seconds(HOUR));
    assert!(!is_in(&mut ada));
}
