//! Modes by binding, exemptions with an end, and sunsets: who is held to a rule, and when.

use std::time::Duration;

use crate::model::document::Document;
use crate::model::finding::{Location, Mode};
use crate::model::json::{Value, json};
use crate::model::principal::Caller;
use crate::model::until::Until;
use crate::policy::fixture::{UPDATE_SERIES, caller, configured};
use crate::policy::{Binding, Callers, Effects, Exemption, Facts, RuleSet, Verdict};

const PACK: &str = "
pack: p
rules:
  - {id: start, message: Say when., require: {field: /startTime}}
  - {id: encryption, force: {field: /encryptMode, value: 1}}
";

fn at(text: &str) -> Duration {
    text.parse::<Until>().unwrap().instant()
}

fn before(text: &str) -> Duration {
    at(text).saturating_sub(Duration::from_secs(1))
}

fn callers(ids: &[&str], groups: &[&str]) -> Callers {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Callers {
        ids: owned(ids),
        groups: owned(groups),
        except: Vec::new(),
    }
}

fn binding(who: Callers, modes: &[(&str, Mode)]) -> Binding {
    Binding {
        callers: who,
        modes: modes
            .iter()
            .map(|(rule, mode)| ((*rule).to_owned(), *mode))
            .collect(),
        at: "policy.bindings.0".to_owned(),
    }
}

fn exemption(rule: &str, who: Callers, until: &str) -> Exemption {
    Exemption {
        rules: vec![rule.to_owned()],
        callers: who,
        until: until.parse().unwrap(),
        reason: "partner summit".to_owned(),
        at: "policy.exemptions.0".to_owned(),
    }
}

fn asked(set: &RuleSet, caller: &Caller, now: Duration) -> (Verdict, Value, Effects) {
    let facts = Facts {
        now,
        ..Facts::of(&UPDATE_SERIES, caller)
    };
    let mut document = Document::default();
    let mut effects = Effects::default();
    let verdict = set.evaluate(&facts, &mut document, &mut effects);
    (verdict, Value::Object(document.0), effects)
}

#[test]
fn a_binding_gives_a_rule_another_mode_for_some() {
    let all_of_it = binding(
        callers(&[], &["trial"]),
        &[("p/*", Mode::Audit), ("p/start", Mode::Warn)],
    );
    let later = binding(callers(&["hr"], &["trial"]), &[("p/start", Mode::Audit)]);
    let set = configured(&[PACK], &[], &[all_of_it, later], &[]).unwrap();
    let unchanged = json!({});
    for (name, who, verdict, sent, mode) in [
        (
            "the rest",
            caller("app", &[]),
            Verdict::Deny,
            json!({"encryptMode": 1}),
            Mode::Enforce,
        ),
        (
            "a rule's name before its pack's",
            caller("app", &["trial"]),
            Verdict::Allow,
            unchanged.clone(),
            Mode::Warn,
        ),
        (
            "the first binding counts",
            caller("hr", &["trial"]),
            Verdict::Allow,
            unchanged,
            Mode::Warn,
        ),
        (
            "only the rule that is named",
            caller("hr", &[]),
            Verdict::Allow,
            json!({"encryptMode": 1}),
            Mode::Audit,
        ),
    ] {
        let (got, body, effects) = asked(&set, &who, Duration::ZERO);
        assert_eq!((got, body), (verdict, sent), "{name}");
        let start = effects
            .findings
            .iter()
            .find(|f| f.rule.as_deref() == Some("p/start"));
        assert_eq!(start.map(|f| f.mode), Some(mode), "{name}");
    }
}

#[test]
fn a_binding_can_sharpen_what_a_mode_has_relaxed() {
    let sharp = binding(callers(&["hr"], &[]), &[("p/start", Mode::Enforce)]);
    let set = configured(&[PACK], &[("p/start", Mode::Audit)], &[sharp], &[]).unwrap();
    assert_eq!(
        asked(&set, &caller("app", &[]), Duration::ZERO).0,
        Verdict::Allow
    );
    assert_eq!(
        asked(&set, &caller("hr", &[]), Duration::ZERO).0,
        Verdict::Deny
    );
}

#[test]
fn the_mode_of_a_whole_pack_gives_way_to_that_of_a_rule() {
    let modes = [("p/*", Mode::Audit), ("p/encryption", Mode::Enforce)];
    let set = configured(&[PACK], &modes, &[], &[]).unwrap();
    let (verdict, sent, effects) = asked(&set, &caller("app", &[]), Duration::ZERO);
    assert_eq!((verdict, sent), (Verdict::Allow, json!({"encryptMode": 1})));
    assert_eq!(effects.findings[0].mode, Mode::Audit);
}

#[test]
fn an_exemption_lets_pass_to_its_last_day_and_says_why() {
    let own = PACK.replace(
        "require: {field: /startTime}",
        "require: {field: /startTime}, except: [{callers: [events], until: 2027-03-31, reason: partner summit}]",
    );
    let granted = exemption("p/start", callers(&["events"], &[]), "2027-03-31");
    for (name, set) in [
        ("in the rule", configured(&[&own], &[], &[], &[]).unwrap()),
        (
            "in the configuration",
            configured(&[PACK], &[], &[], &[granted]).unwrap(),
        ),
    ] {
        let events = caller("events", &[]);
        let (verdict, body, effects) = asked(&set, &events, before("2027-03-31"));
        assert_eq!(
            (verdict, body),
            (Verdict::Allow, json!({"encryptMode": 1})),
            "{name}"
        );
        let [finding] = effects.findings.as_slice() else {
            panic!("{name}: {effects:?}")
        };
        assert_eq!(
            (finding.mode, finding.exemption.as_deref()),
            (Mode::Audit, Some("partner summit (until 2027-03-31)")),
            "{name}"
        );
        assert_eq!(
            asked(&set, &events, at("2027-03-31")).0,
            Verdict::Deny,
            "{name}"
        );
        assert_eq!(
            asked(&set, &caller("app", &[]), Duration::ZERO).0,
            Verdict::Deny,
            "{name}"
        );
    }
}

#[test]
fn an_exemption_from_a_change_leaves_the_body_as_it_is() {
    let granted = exemption("p/*", callers(&[], &["guests"]), "2027-03-31T12:00:00Z");
    let set = configured(&[PACK], &[], &[], &[granted]).unwrap();
    let (verdict, body, effects) = asked(&set, &caller("app", &["guests"]), Duration::ZERO);
    assert_eq!(
        (verdict, body, effects.findings.len()),
        (Verdict::Allow, json!({}), 2)
    );
}

#[test]
fn exemptions_that_are_over_are_told_with_their_place() {
    let own = PACK.replace(
        "require: {field: /startTime}",
        "require: {field: /startTime}, except: [{callers: [events], until: 2027-03-31, reason: partner summit}]",
    );
    let granted = exemption("p/encryption", callers(&["lab"], &[]), "2027-06-30");
    let set = configured(&[&own], &[], &[], &[granted]).unwrap();
    let told = |now| {
        let expired = set.expired(now);
        expired.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(told(at("2027-01-01")), Vec::<String>::new());
    assert_eq!(
        told(at("2027-06-30")),
        [
            "pack.yaml:4:103: p/start: the exemption ended (2027-03-31): partner summit (remove it, or give it a later end)",
            "configuration: policy.exemptions.0: the exemption ended (2027-06-30): partner summit (remove it, or give it a later end)",
        ]
    );
}

#[test]
fn what_the_configuration_names_must_exist() {
    let problems = configured(
        &[PACK],
        &[],
        &[binding(
            callers(&["a"], &[]),
            &[("p/strat", Mode::Audit), ("q/*", Mode::Audit)],
        )],
        &[exemption("p/encyption", callers(&["a"], &[]), "2027-03-31")],
    )
    .unwrap_err();
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "configuration: policy.bindings.0.modes.p/strat: no pack has a rule `p/strat` (did you mean `p/start`?)",
            "configuration: policy.bindings.0.modes.q/*: no pack has a rule `q/*`",
            "configuration: policy.exemptions.0.rules.0: no pack has a rule `p/encyption` (did you mean `p/encryption`?)",
        ]
    );
}

#[test]
fn a_sunset_warns_until_its_date_and_refuses_after_it() {
    use Mode::{Enforce, Warn};
    let pack = "
pack: p
rules:
  - {id: query, sunset: {parameter: USERuuid, on: 2027-06-30}}
  - {id: header, sunset: {header: X-Site-Id, on: 2027-09-30}}
  - {id: field, sunset: {field: /groupuri, on: 2027-12-31}}
";
    let set = configured(&[pack], &[], &[], &[]).unwrap();
    let app = caller("app", &[]);
    let deprecated = [
        (Location::Query, "userUUID"),
        (Location::Header, "x-site-id"),
    ];
    let ask = |now, deprecated| {
        let facts = Facts {
            deprecated,
            now,
            ..Facts::of(&UPDATE_SERIES, &app)
        };
        let mut document = Document(json!({"groupuri": "g"}).as_object().unwrap().clone());
        let mut effects = Effects::default();
        let verdict = set.evaluate(&facts, &mut document, &mut effects);
        let modes: Vec<_> = effects.findings.iter().map(|f| f.mode).collect();
        (verdict, modes, effects)
    };
    let (verdict, modes, effects) = ask(at("2027-01-01"), &deprecated);
    assert_eq!((verdict, modes), (Verdict::Allow, vec![Warn, Warn, Warn]));
    assert_eq!(effects.sunset, Some(at("2027-06-30")));
    assert_eq!(
        effects.findings[0].message,
        "`USERuuid` is deprecated; leave it out. It is refused after 2027-06-30."
    );
    assert_eq!(effects.findings[2].pointer, "/groupuri");
    let (verdict, modes, _) = ask(at("2027-06-30"), &deprecated);
    assert_eq!((verdict, modes), (Verdict::Deny, vec![Enforce, Warn, Warn]));
    let (verdict, modes, _) = ask(at("2027-12-31"), &[]);
    assert_eq!((verdict, modes), (Verdict::Deny, vec![Enforce]));
}

#[test]
fn only_what_is_deprecated_can_retire() {
    let pack = "
pack: p
rules:
  - {id: a, sunset: {parameter: userUID, on: 2027-06-30}}
  - {id: b, sunset: {header: Accept, on: 2027-06-30}}
  - {id: c, sunset: {field: /group, on: 2027-06-30}}
";
    let problems = configured(&[pack], &[], &[], &[]).unwrap_err();
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "pack.yaml:4:33: p/a: no deprecated query parameter is called `userUID` (did you mean `userUUID`?)",
            "pack.yaml:5:30: p/b: no deprecated header is called `Accept` (deprecated are `x-site-id`, `x-authorization-type`)",
            "pack.yaml:6:29: p/c: no operation that the rule is for has a field `/group` (did you mean `/groupuri`?)",
        ]
    );
}
