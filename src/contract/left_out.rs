//! What an update leaves out, although the meeting may have it: an update replaces, so such settings go back to their defaults.
//!
//! Looked at are the members that the detail of a meeting tells (`x-told` in the schema files). A member is left out where it is
//! not there. `""` and `[]` are values: they ask for no attendees, a new password, a start now; `null` is none, and is left for the
//! validation to refuse. Not left out is what has no effect beside the others, and what never changes after creation. Of an object
//! that is not there at all, the object alone is told.
//!
//! ```
//! use meeting_gateway::contract::{Contract, left_out};
//! use meeting_gateway::contract::strict_json::{Limits, parse};
//! use meeting_gateway::model::finding::Mode;
//!
//! let contract = Contract::builtin().unwrap();
//! let body = contract.body(contract.operation("update_meeting").unwrap()).unwrap();
//! let sent = br#"{"mediaTypes": "HDVideo", "startTime": "2026-09-01 08:00", "subject": "", "attendees": []}"#;
//! let findings = left_out::findings(&parse(sent, Limits::default()).unwrap(), body, Mode::Warn);
//! let pointers: Vec<_> = findings.iter().map(|finding| &*finding.pointer).collect();
//! assert!(pointers.contains(&"/length") && pointers.contains(&"/confConfigInfo"));
//! assert!(!pointers.contains(&"/subject") && !pointers.contains(&"/attendees"));
//! ```

use super::normalise::is_idle;
use super::shape::{Member, Shape};
use super::told_meeting::ToldMeeting;
use super::violations::BodyContract;
use super::wording::dotted;
use crate::model::document::Document;
use crate::model::field::FieldType;
use crate::model::finding::{Finding, Location, Mode};
use crate::model::json::{Object, Value};
use crate::model::pointer;

/// The keyword of the findings.
pub const KEYWORD: &str = "missing_fields";

/// One finding for each setting that is left out and goes back to its default. What the contract demands is not among them: it is
/// for the validation to miss. Nor is what only a series has: nobody knows here whether this is one.
pub fn findings(document: &Document, body: &BodyContract, mode: Mode) -> Vec<Finding> {
    let mut found = Vec::new();
    each(&document.0, body.shape(), "", &mut |at, known, required| {
        let of_series = known.told.as_ref().is_some_and(|told| told.of_series);
        if !required && !of_series {
            found.push(resets(at, known, mode));
        }
    });
    found
}

/// Whether anything is left out that a meeting may have.
pub fn any(document: &Document, body: &BodyContract) -> bool {
    let mut any = false;
    each(&document.0, body.shape(), "", &mut |_, _, _| any = true);
    any
}

/// One finding that warns for each setting that nobody can fill in, because the service does not tell it: as the document is now,
/// it goes back to its default. `told` is what the service tells; none where it was not asked.
pub fn untold(
    document: &Document,
    body: &BodyContract,
    told: Option<&ToldMeeting>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    let none = Object::new();
    let told = told.map_or(&none, |told| &told.members);
    for (name, known) in body.shape().members() {
        let settled = known.immutable || body.shape().requires(name);
        if settled || document.0.contains_key(name) || told.contains_key(name) {
            continue;
        }
        let open = match &known.told {
            None => true,
            // An object of settings is always there; what else is not told is not set.
            Some(told) => told.may_be_untold() || (is_settings(known) && !told.of_series),
        };
        if open {
            let mut at = String::new();
            pointer::push(&mut at, name);
            found.push(not_told(&at, &format!("`{name}`")));
        }
    }
    found
}

/// The same for the items of a list that was filled in.
pub fn untold_of_items(body: &BodyContract, list: &str) -> Option<Finding> {
    let shape = body.shape().member(list)?.child.as_ref()?;
    let names: Vec<_> = shape
        .members()
        .filter(|(_, known)| known.told.is_none())
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    let mut at = String::new();
    pointer::push(&mut at, list);
    (!names.is_empty()).then(|| not_told(&at, &format!("{} of `{list}`", names.join(", "))))
}

fn is_settings(known: &Member) -> bool {
    known.kind == FieldType::Object && known.child.is_some()
}

fn not_told(at: &str, what: &str) -> Finding {
    let message = format!(
        "The meeting service does not tell {what}, so it cannot be filled in: left out, it goes back to its default. Send it to keep it."
    );
    finding(at, message, Mode::Warn)
}

fn resets(at: &str, known: &Member, mode: Mode) -> Finding {
    let name = dotted(at);
    let what = if is_settings(known) {
        "go back to their defaults. Send them as they are"
    } else {
        "goes back to its default. Send it as it is"
    };
    let message = format!(
        "`{name}` is left out. An update replaces the whole meeting, so what the meeting has there {what} to keep what is set."
    );
    finding(at, message, mode)
}

fn finding(at: &str, message: String, mode: Mode) -> Finding {
    Finding {
        location: Location::Body,
        pointer: at.to_owned(),
        keyword: KEYWORD.into(),
        rule: None,
        expected: None,
        got: None,
        message,
        mode,
        exemption: None,
    }
}

/// Calls `found` with each member that is left out: its place, itself, and whether the contract demands it.
fn each(members: &Object, shape: &Shape, at: &str, found: &mut dyn FnMut(&str, &Member, bool)) {
    for (name, known) in shape.members() {
        if known.told.is_none() || known.immutable {
            continue;
        }
        let idle = known.effective_when.as_ref();
        if idle.is_some_and(|condition| is_idle(members, shape, condition)) {
            continue;
        }
        let mut at = at.to_owned();
        pointer::push(&mut at, name);
        match (members.get(name), &known.child) {
            (None, _) => found(&at, known, shape.requires(name)),
            (Some(Value::Object(inner)), Some(child)) if known.kind == FieldType::Object => {
                each(inner, child, &at, found);
            }
            (Some(_), _) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_support::{contract, document};
    use super::*;
    use crate::model::json::json;

    fn body(operation: &str) -> &'static BodyContract {
        let operation = contract().operation(operation).unwrap();
        contract().body(operation).unwrap()
    }

    fn pointers(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|finding| &*finding.pointer).collect()
    }

    fn told(operation: &str, sent: Value) -> Vec<String> {
        let findings = findings(&document(sent), body(operation), Mode::Warn);
        pointers(&findings).into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn an_object_is_told_once_and_its_members_where_it_is_there() {
        let series = json!({"startDate": "2026-09-01", "endDate": "2026-09-02", "cycle": "Day"});
        let all = told("update_recurring_meeting", json!({"cycleParams": series}));
        let expected = [
            "/startTime",
            "/length",
            "/subject",
            "/attendees",
            "/cycleParams/interval",
            "/cycleParams/preRemindDays",
            "/encryptMode",
            "/language",
            "/timeZoneID",
            "/recordType",
            "/confConfigInfo",
            "/concurrentParticipants",
            "/supportSimultaneousInterpretation",
        ];
        assert_eq!(all, expected);
        let inside = told(
            "update_meeting",
            json!({"confConfigInfo": {"guestPwd": "", "vmrIDType": 1}}),
        );
        assert!(inside.contains(&"/confConfigInfo/isGuestFreePwd".to_owned()));
        assert!(!inside.contains(&"/confConfigInfo/guestPwd".to_owned()));
        assert!(!inside.contains(&"/confConfigInfo".to_owned()));
    }

    #[test]
    fn what_has_an_effect_now_is_missed_and_what_has_none_is_not() {
        let recorded = told("update_meeting", json!({"recordType": 2}));
        let missed = |name: &str| recorded.iter().any(|at| at == name);
        assert!(missed("/isAutoRecord") && missed("/recordAuthType"));
        assert!(!missed("/liveAddress") && !missed("/recordType"));
    }

    #[test]
    fn immutable_and_demanded_members_and_series_are_not_missed() {
        for (operation, absent) in [
            ("update_meeting", "/cycleParams"),
            ("update_meeting", "/mediaTypes"),
            ("update_meeting", "/vmrID"),
            ("update_meeting", "/groupuri"),
            ("update_recurring_sub_meeting", "/length"),
            ("update_recurring_sub_meeting", "/cycleSubConfID"),
        ] {
            let all = told(operation, json!({}));
            assert!(
                !all.iter().any(|at| at == absent),
                "{operation} {absent}: {all:?}"
            );
        }
        assert_eq!(
            told("update_meeting", json!({"subject": null, "attendees": []})).len(),
            9
        );
    }

    #[test]
    fn what_nobody_tells_is_told_of_unless_it_is_sent() {
        let found = untold(&document(json!({})), body("update_meeting"), None);
        assert_eq!(
            pointers(&found),
            ["/groupuri", "/encryptMode", "/confConfigInfo"]
        );
        let sent = document(json!({"encryptMode": 1, "groupuri": "", "confConfigInfo": {}}));
        assert_eq!(untold(&sent, body("update_meeting"), None), []);
        let items = untold_of_items(body("update_meeting"), "attendees").unwrap();
        assert!(
            items
                .message
                .contains("`isMute`, `deptUUID`, `uniqueType` of `attendees`")
        );
    }
}
