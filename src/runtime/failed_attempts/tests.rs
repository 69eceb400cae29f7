//! Tests of failed attempts on a clock that stands still.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::*;
use crate::model::clock::ManualClock;

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
const ELSEWHERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 8));

fn attempts(attempts: u32, addresses: usize) -> (FailedAttempts, Arc<ManualClock>) {
    let clock = ManualClock::at_unix(Duration::from_secs(1_700_000_000));
    let settings = FailedAttemptsSettings {
        attempts,
        window: Duration::from_mins(1),
        addresses,
    };
    (FailedAttempts::new(settings, clock.clone()), clock)
}

fn wait(attempts: &FailedAttempts, address: IpAddr, credential: Option<&str>) -> Duration {
    match attempts.admit(address, credential) {
        Ok(()) => Duration::ZERO,
        Err(refusal) => refusal.retry_after().unwrap(),
    }
}

#[test]
fn an_address_is_blocked_after_its_failures_and_freed_by_time() {
    let (attempts, clock) = attempts(3, 100);
    for _ in 0..3 {
        assert_eq!(wait(&attempts, HERE, Some("x")), Duration::ZERO);
        attempts.failed(HERE, Some("x"));
    }
    let interval = Duration::from_secs(20);
    assert_eq!(wait(&attempts, HERE, Some("x")), interval);
    assert_eq!(wait(&attempts, HERE, None), interval);
    assert_eq!(wait(&attempts, ELSEWHERE, Some("x")), Duration::ZERO);
    clock.advance(Duration::from_millis(19_999));
    assert_eq!(wait(&attempts, HERE, Some("x")), Duration::from_millis(1));
    clock.advance(Duration::from_millis(1));
    assert_eq!(wait(&attempts, HERE, Some("x")), Duration::ZERO, "one more");
    attempts.failed(HERE, Some("x"));
    assert_eq!(wait(&attempts, HERE, Some("x")), interval, "and no two");
    clock.advance(Duration::from_mins(1));
    for _ in 0..2 {
        attempts.failed(HERE, Some("x"));
        assert_eq!(
            wait(&attempts, HERE, Some("x")),
            Duration::ZERO,
            "all are back"
        );
    }
}

#[test]
fn successes_never_count() {
    let (attempts, _) = attempts(1, 100);
    for _ in 0..1000 {
        attempts.succeeded(HERE, "good");
        assert!(attempts.admit(HERE, Some("another")).is_ok());
    }
    assert_eq!(attempts.keys(), 0);
}

#[test]
fn what_was_good_from_an_address_passes_its_block() {
    let (attempts, _) = attempts(1, 100);
    attempts.succeeded(HERE, "good");
    attempts.succeeded(ELSEWHERE, "good elsewhere");
    attempts.failed(HERE, Some("x"));
    assert!(attempts.admit(HERE, Some("good")).is_ok());
    for other in [
        Some("x"),
        Some("good elsewhere"),
        Some("goo"),
        Some(""),
        None,
    ] {
        assert!(attempts.admit(HERE, other).is_err(), "{other:?}");
    }
    // It was withdrawn: from now on it is like any other.
    attempts.failed(HERE, Some("good"));
    assert!(attempts.admit(HERE, Some("good")).is_err());
}

#[test]
fn an_ipv6_host_cannot_change_its_address_to_go_on() {
    let (attempts, _) = attempts(1, 100);
    let at = |text: &str| IpAddr::V6(text.parse::<Ipv6Addr>().unwrap());
    attempts.failed(at("2001:db8:0:1::1"), None);
    let cases = [
        ("2001:db8:0:1::1", true),
        ("2001:db8:0:1:ffff:ffff:ffff:ffff", true),
        ("2001:db8:0:2::1", false),
        ("::ffff:192.0.2.7", false),
    ];
    for (address, blocked) in cases {
        assert_eq!(
            attempts.admit(at(address), None).is_err(),
            blocked,
            "{address}"
        );
    }
    attempts.failed(at("::ffff:192.0.2.7"), None);
    assert!(
        attempts.admit(HERE, None).is_err(),
        "an IPv4 address in IPv6 clothing"
    );
    assert!(attempts.admit(ELSEWHERE, None).is_ok());
}

#[test]
fn a_hundred_thousand_addresses_take_bounded_memory_and_block_nobody_else() {
    let (attempts, _) = attempts(2, 1000);
    for number in 0..100_000_u32 {
        let address = IpAddr::V4((0x0a00_0000 + number).into());
        attempts.failed(address, Some("x"));
        attempts.succeeded(address, "good");
    }
    assert!((1..=1000).contains(&attempts.keys()), "{}", attempts.keys());
    assert!(attempts.good.len() <= 1000, "{}", attempts.good.len());
    assert!(attempts.admit(HERE, Some("x")).is_ok());
    // Still counting, however many there were.
    attempts.failed(HERE, Some("x"));
    attempts.failed(HERE, Some("x"));
    assert!(attempts.admit(HERE, Some("x")).is_err());
}
