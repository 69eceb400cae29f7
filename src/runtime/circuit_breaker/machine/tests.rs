//! The machine by example, and against whatever requests may do.

use proptest::prelude::*;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn settings() -> CircuitSettings {
    CircuitSettings {
        failures: 3,
        failure_ratio: 0.5,
        minimum_requests: 10,
        window: SECOND * 10,
        open_for: SECOND * 5,
        probes: 2,
    }
}

/// Sends one request that ends at once so.
fn one(machine: &mut Machine, verdict: Verdict, now: Duration) {
    let ticket = machine.admit(now).unwrap();
    machine.settle(ticket, verdict, now);
}

fn open(now: Duration) -> Machine {
    let mut machine = Machine::new(settings());
    for _ in 0..3 {
        one(&mut machine, Verdict::Fails, now);
    }
    assert_eq!(machine.state(), CircuitState::Open);
    machine
}

#[test]
fn failures_in_a_row_open_it_and_others_do_not() {
    use Verdict::{Fails, Nothing, Works};
    for (verdicts, expected) in [
        (&[Fails, Fails, Fails][..], CircuitState::Open),
        (&[Fails, Nothing, Fails, Nothing, Fails], CircuitState::Open),
        (&[Fails, Fails, Works, Fails, Fails], CircuitState::Closed),
        (&[Nothing; 40], CircuitState::Closed),
        (&[Works; 40], CircuitState::Closed),
    ] {
        let mut machine = Machine::new(settings());
        for verdict in verdicts {
            one(&mut machine, *verdict, SECOND);
        }
        assert_eq!(machine.state(), expected, "{verdicts:?}");
    }
}

#[test]
fn a_share_opens_it_once_there_are_enough_requests_in_the_window() {
    // Each second one fails, so there are never two failures in a row.
    let run = |count: u32, pause: Duration| {
        let mut machine = Machine::new(settings());
        let mut now = SECOND;
        for number in 0..count {
            let verdict = if number % 2 == 0 {
                Verdict::Works
            } else {
                Verdict::Fails
            };
            one(&mut machine, verdict, now);
            now += pause;
        }
        machine.state()
    };
    assert_eq!(run(9, Duration::ZERO), CircuitState::Closed);
    assert_eq!(run(10, Duration::ZERO), CircuitState::Open);
    assert_eq!(run(10, SECOND), CircuitState::Open);
    assert_eq!(
        run(100, SECOND * 2),
        CircuitState::Closed,
        "never ten at a time"
    );
}

#[test]
fn it_stays_open_for_its_time_and_says_how_long_that_is() {
    let mut machine = open(SECOND * 100);
    assert_eq!(machine.admit(SECOND * 102), Err(SECOND * 3));
    assert_eq!(machine.state(), CircuitState::Open);
    assert!(machine.admit(SECOND * 105).is_ok());
    assert_eq!(machine.state(), CircuitState::HalfOpen);
}

#[test]
fn probes_decide() {
    let now = SECOND * 105;
    let mut machine = open(SECOND * 100);
    let (one, other) = (machine.admit(now).unwrap(), machine.admit(now).unwrap());
    assert_eq!(machine.admit(now), Err(Duration::ZERO));
    machine.settle(one, Verdict::Works, now);
    assert_eq!(machine.state(), CircuitState::HalfOpen, "one is not enough");
    machine.settle(other, Verdict::Works, now);
    assert_eq!(machine.state(), CircuitState::Closed);

    let mut machine = open(SECOND * 100);
    let (one, other) = (machine.admit(now).unwrap(), machine.admit(now).unwrap());
    machine.settle(one, Verdict::Fails, now);
    assert_eq!(machine.state(), CircuitState::Open);
    machine.settle(other, Verdict::Works, now);
    assert_eq!(machine.admit(now), Err(SECOND * 5), "too late to count");
}

#[test]
fn what_was_sent_before_it_opened_says_nothing_afterwards() {
    let mut machine = Machine::new(settings());
    let old: Vec<_> = (0..10).map(|_| machine.admit(SECOND).unwrap()).collect();
    for _ in 0..3 {
        one(&mut machine, Verdict::Fails, SECOND);
    }
    let now = SECOND * 7;
    let probe = machine.admit(now).unwrap();
    for ticket in old {
        machine.settle(ticket, Verdict::Fails, now);
    }
    assert_eq!(machine.state(), CircuitState::HalfOpen);
    machine.settle(probe, Verdict::Works, now);
    one(&mut machine, Verdict::Works, now);
    assert_eq!(machine.state(), CircuitState::Closed);
}

#[derive(Debug, Clone)]
enum Event {
    Ask,
    /// Ends the request under way that this picks.
    End(prop::sample::Index, Verdict),
    Wait(u64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let verdict = prop::sample::select(vec![Verdict::Works, Verdict::Fails, Verdict::Nothing]);
    let event = prop_oneof![
        4 => Just(Event::Ask),
        4 => (any::<prop::sample::Index>(), verdict).prop_map(|(which, verdict)| Event::End(which, verdict)),
        1 => (0_u64..7_000).prop_map(Event::Wait),
    ];
    prop::collection::vec(event, 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Half-open there are never more than `probes` under way, open there is never a request let through before its time, and
    /// whatever happened, an upstream that works again is served again.
    #[test]
    fn it_holds_whatever_requests_do(events in events()) {
        let settings = settings();
        let mut machine = Machine::new(settings.clone());
        let mut now = SECOND;
        let mut under_way = Vec::new();
        let mut opened_at = None;
        for event in events {
            match event {
                Event::Wait(millis) => now += Duration::from_millis(millis),
                Event::Ask => {
                    let before = machine.state();
                    let would = machine.would_admit(now);
                    let ticket = machine.admit(now);
                    prop_assert_eq!(would.is_ok(), ticket.is_ok());
                    if before == CircuitState::Closed {
                        prop_assert!(ticket.is_ok());
                    }
                    if let Ok(ticket) = ticket {
                        prop_assert!(opened_at.is_none_or(|at| now >= at + settings.open_for));
                        under_way.push(ticket);
                    }
                }
                Event::End(which, verdict) => if !under_way.is_empty() {
                    let ticket = under_way.swap_remove(which.index(under_way.len()));
                    let before = machine.state();
                    machine.settle(ticket, verdict, now);
                    if before != CircuitState::Open && machine.state() == CircuitState::Open {
                        prop_assert_eq!(verdict, Verdict::Fails);
                        opened_at = Some(now);
                    }
                }
            }
            if machine.state() == CircuitState::HalfOpen {
                let probes = under_way.iter().filter(|ticket| ticket.epoch == machine.epoch);
                prop_assert!(probes.count() <= 2);
            }
        }
        for ticket in under_way {
            machine.settle(ticket, Verdict::Nothing, now);
        }
        now += settings.open_for;
        for _ in 0..settings.probes {
            one(&mut machine, Verdict::Works, now);
        }
        prop_assert_eq!(machine.state(), CircuitState::Closed);
    }
}
