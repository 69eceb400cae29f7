//! Tests of quotas on a clock that stands still.

use std::time::Duration;

use super::*;
use crate::model::clock::ManualClock;

fn rule(name: &str, per: Per, requests: u32, seconds: u64, burst: u32) -> QuotaRule {
    QuotaRule {
        name: name.into(),
        per,
        requests,
        window: Duration::from_secs(seconds),
        burst,
    }
}

fn settings(rules: Vec<QuotaRule>) -> QuotaSettings {
    QuotaSettings {
        rules,
        callers: vec!["a".into(), "b".into()],
        meetings: 100,
    }
}

fn quotas(rules: Vec<QuotaRule>) -> (Quotas, Arc<ManualClock>) {
    let clock = ManualClock::at_unix(Duration::from_secs(1_700_000_000));
    (
        Quotas::new(settings(rules), clock.clone(), None).unwrap(),
        clock,
    )
}

fn admitted(quotas: &Quotas, caller: usize, meeting: Option<&str>) -> bool {
    quotas.check(caller, meeting).refusal().is_none()
}

fn state(decision: &Decision) -> String {
    decision.header().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn a_bucket_empties_refuses_and_refills() {
    let (quotas, clock) = quotas(vec![rule("caller", Per::Caller, 60, 120, 3)]);
    let states: Vec<_> = (0..3).map(|_| state(&quotas.check(0, None))).collect();
    let expected = [
        r#""caller";r=2;t=2"#,
        r#""caller";r=1;t=4"#,
        r#""caller";r=0;t=6"#,
    ];
    assert_eq!(states, expected);
    clock.advance(Duration::from_millis(500));
    let refused = quotas.check(0, None);
    let (by, wait) = refused.refused_by().unwrap();
    assert_eq!((&*by.name, wait), ("caller", Duration::from_millis(1500)));
    assert_eq!(state(&refused), r#""caller";r=0;t=6"#);
    clock.advance(Duration::from_millis(1499));
    assert!(!admitted(&quotas, 0, None), "a moment too early");
    clock.advance(Duration::from_millis(1));
    assert!(admitted(&quotas, 0, None), "refusals cost nothing");
    clock.advance(Duration::from_hours(24));
    assert_eq!(
        state(&quotas.check(0, None)),
        expected[0],
        "never more than the burst"
    );
}

#[test]
fn callers_and_meetings_have_buckets_of_their_own() {
    let (quotas, _) = quotas(vec![
        rule("caller", Per::Caller, 2, 60, 2),
        rule("meeting", Per::Meeting, 1, 60, 1),
    ]);
    assert_eq!(
        quotas.policy().unwrap(),
        r#""caller";q=2;w=60, "meeting";q=1;w=60"#
    );
    assert!(admitted(&quotas, 0, Some("1")));
    assert!(admitted(&quotas, 1, Some("2")));
    let refused = quotas.check(1, Some("1"));
    assert_eq!(
        &*refused.refused_by().unwrap().0.name,
        "meeting",
        "whoever calls"
    );
    assert_eq!(
        state(&refused),
        r#""caller";r=0;t=60, "meeting";r=0;t=60"#,
        "the caller is charged all the same"
    );
    assert!(
        admitted(&quotas, 0, None),
        "no meeting, no quota by meeting"
    );
    assert_eq!(quotas.keys().collect::<Vec<_>>(), [("meeting", 2)]);
}

#[test]
fn a_caller_beyond_the_list_is_not_without_limits() {
    let (quotas, _) = quotas(vec![rule("caller", Per::Caller, 1, 60, 1)]);
    assert!(admitted(&quotas, 7, None) && !admitted(&quotas, 8, None));
    assert!(admitted(&quotas, 1, None), "nor does it take from others");
}

#[test]
fn the_longest_wait_is_told() {
    let (quotas, _) = quotas(vec![
        rule("short", Per::Caller, 1, 1, 1),
        rule("long", Per::Caller, 1, 60, 1),
        rule("middle", Per::Caller, 1, 9, 1),
    ]);
    assert!(admitted(&quotas, 0, None));
    let refusal = quotas.check(0, None).refusal().unwrap();
    let expected = crate::model::refusal::Refusal::RateLimited {
        policy: "long".into(),
        retry_after: Duration::from_mins(1),
    };
    assert_eq!(refusal, expected);
}

#[test]
fn without_quotas_everything_passes_and_nothing_is_said() {
    let (quotas, _) = quotas(vec![]);
    let decision = quotas.check(0, Some("1"));
    assert!(
        decision.refusal().is_none() && decision.header().is_none() && quotas.policy().is_none()
    );
}

#[test]
fn the_number_of_meetings_is_bounded() {
    let (quotas, _) = quotas(vec![rule("meeting", Per::Meeting, 1, 60, 1)]);
    for meeting in 0..1000 {
        quotas.check(0, Some(&meeting.to_string()));
    }
    let (_, keys) = quotas.keys().next().unwrap();
    assert!((1..=100).contains(&keys), "{keys}");
}

#[test]
fn counters_of_what_did_not_change_survive_a_reload() {
    let rules = || {
        vec![
            rule("caller", Per::Caller, 1, 60, 1),
            rule("meeting", Per::Meeting, 1, 60, 1),
        ]
    };
    let (before, _) = quotas(rules());
    assert!(admitted(&before, 0, Some("1")));
    let mut moved = settings(rules());
    moved.callers = vec!["new".into(), "a".into()];
    let changed_caller = vec![
        rule("caller", Per::Caller, 2, 60, 1),
        rule("meeting", Per::Meeting, 1, 60, 1),
    ];
    let mut fewer = settings(rules());
    fewer.meetings = 50;
    let cases = [
        ("the same", settings(rules()), 0, None, false),
        (
            "the same, by meeting",
            settings(rules()),
            1,
            Some("1"),
            false,
        ),
        (
            "another order",
            settings(rules().into_iter().rev().collect()),
            0,
            None,
            false,
        ),
        ("the caller moved", moved.clone(), 1, None, false),
        ("another caller in its place", moved, 0, None, true),
        (
            "the quota changed",
            settings(changed_caller.clone()),
            0,
            None,
            true,
        ),
        (
            "another quota changed",
            settings(changed_caller),
            1,
            Some("1"),
            false,
        ),
        ("another bound of meetings", fewer, 1, Some("1"), true),
    ];
    for (name, settings, caller, meeting, expected) in cases {
        let (before, _) = quotas(rules());
        assert!(admitted(&before, 0, Some("1")));
        let after = before.rebuilt(settings).unwrap();
        assert_eq!(admitted(&after, caller, meeting), expected, "{name}");
    }
}

#[test]
fn a_reload_shares_the_counters_with_requests_still_on_the_old_snapshot() {
    let (before, _) = quotas(vec![rule("caller", Per::Caller, 2, 60, 2)]);
    let after = before
        .rebuilt(settings(vec![rule("caller", Per::Caller, 2, 60, 2)]))
        .unwrap();
    assert!(admitted(&before, 0, None) && admitted(&after, 0, None));
    assert!(!admitted(&before, 0, None) && !admitted(&after, 0, None));
}
