//! Members without effect as violations, for `contract.ineffective_fields: reject`: the normalise step leaves them where they
//! are, and whoever sent them is told what would make them count. The same members are taken out under `remove`.
//!
//! ```
//! use meeting_gateway::contract::Contract;
//! use meeting_gateway::contract::ineffective::ineffective;
//! use meeting_gateway::contract::strict_json::{Limits, parse};
//!
//! let contract = Contract::builtin().unwrap();
//! let shape = contract.body(contract.operation("update_recurring_meeting").unwrap()).unwrap().shape();
//! let found = |text: &str| ineffective(&parse(text.as_bytes(), Limits::default()).unwrap(), shape, 10).0;
//!
//! assert!(found(r#"{"recordType": 2, "isAutoRecord": 1}"#).is_empty());
//! let findings = found(r#"{"recordType": 1, "isAutoRecord": 1}"#);
//! assert_eq!(&*findings[0].pointer, "/isAutoRecord");
//! assert_eq!(
//!     findings[0].message,
//!     "`isAutoRecord` has no effect, since `recordType` is 1. Leave it out, or make `recordType` 2 or 3."
//! );
//! ```

use super::normalise::is_idle;
use super::place::Place;
use super::shape::{EffectiveWhen, Shape};
use super::shown::got;
use super::wording::{dotted, either};
use crate::model::document::Document;
use crate::model::finding::{Finding, Location, Mode};
use crate::model::json::{Object, Value};

/// The members of a canonical document that have no effect, in its order, at most `cap` of them, and how many more there are.
pub fn ineffective(document: &Document, shape: &Shape, cap: usize) -> (Vec<Finding>, usize) {
    let mut walk = Walk {
        cap,
        findings: Vec::new(),
        omitted: 0,
    };
    walk.object(&document.0, shape, &Place::ROOT);
    (walk.findings, walk.omitted)
}

struct Walk {
    cap: usize,
    findings: Vec<Finding>,
    omitted: usize,
}

impl Walk {
    fn object(&mut self, members: &Object, shape: &Shape, at: &Place<'_>) {
        for (name, value) in members {
            let Some(member) = shape.member(name) else {
                continue;
            };
            let place = at.member(name);
            match &member.effective_when {
                Some(condition) if is_idle(members, shape, condition) => {
                    self.report(members, shape, condition, &place, value);
                }
                _ => {}
            }
            match (value, &member.child) {
                (Value::Object(members), Some(child)) => self.object(members, child, &place),
                (Value::Array(items), Some(child)) => {
                    for (index, item) in items.iter().enumerate() {
                        if let Value::Object(members) = item {
                            self.object(members, child, &place.index(index));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn report(
        &mut self,
        members: &Object,
        shape: &Shape,
        condition: &EffectiveWhen,
        place: &Place<'_>,
        value: &Value,
    ) {
        if self.findings.len() >= self.cap {
            self.omitted += 1;
            return;
        }
        let pointer = place.pointer();
        let sibling = &condition.member;
        let is = match members.get(sibling) {
            Some(is) => is.to_string(),
            None => shape
                .member(sibling)
                .and_then(|member| member.default.as_ref())
                .map_or_else(String::new, |default| {
                    format!("{default} where it is left out")
                }),
        };
        let values = either(&condition.values);
        let name = dotted(&pointer);
        self.findings.push(Finding {
            location: Location::Body,
            keyword: EffectiveWhen::KEYWORD.into(),
            rule: None,
            expected: Some(format!("no such member, unless `{sibling}` is {values}")),
            got: Some(got(&pointer, value)),
            message: format!(
                "`{name}` has no effect, since `{sibling}` is {is}. Leave it out, or make `{sibling}` {values}."
            ),
            mode: Mode::Enforce,
            exemption: None,
            pointer,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::normalise::{NormaliseSettings, normalise};
    use crate::contract::test_support::{document, shape};
    use crate::model::changes::Changes;
    use crate::model::json::json;

    #[test]
    fn what_the_normalise_step_would_take_out_is_found_and_nothing_else() {
        for (body, expected) in [
            (json!({"isAutoRecord": 1}), &["/isAutoRecord"][..]),
            (
                json!({"recordAuthType": 2, "recordType": 1, "liveAddress": "rtmp://x"}),
                &["/recordAuthType"],
            ),
            (
                json!({"recordType": 2, "isAutoRecord": 1, "auxAddress": null}),
                &["/auxAddress"],
            ),
            (
                json!({"recordType": 3, "isAutoRecord": 1, "liveAddress": "x"}),
                &[],
            ),
            (json!({"recordType": 9, "isAutoRecord": 1}), &[]),
            (
                json!({"cycleParams": {"cycle": "Day", "point": [1]}}),
                &["/cycleParams/point"],
            ),
            (json!({"cycleParams": {"point": [1]}}), &[]),
        ] {
            let mut sent = document(body.clone());
            let (found, omitted) = ineffective(&sent, &shape(), 10);
            let pointers: Vec<_> = found.iter().map(|one| &*one.pointer).collect();
            assert_eq!((&*pointers, omitted), (expected, 0), "{body}");
            let mut changes = Changes::default();
            let settings = NormaliseSettings::default();
            normalise(&mut sent, &shape(), settings, &mut changes);
            assert_eq!(changes.all().len(), expected.len(), "{body}");
            assert_eq!(ineffective(&sent, &shape(), 10).0, [], "{body}");
        }
    }

    #[test]
    fn they_are_capped_and_say_why() {
        let sent =
            document(json!({"isAutoRecord": 1, "liveAddress": "rtmp://s3cret", "auxAddress": "y"}));
        let (found, omitted) = ineffective(&sent, &shape(), 2);
        assert_eq!((found.len(), omitted), (2, 1));
        assert_eq!(
            found[0].message,
            "`isAutoRecord` has no effect, since `recordType` is 0 where it is left out. Leave it out, or make `recordType` 2 or 3."
        );
        assert_eq!(
            found[1].expected.as_deref(),
            Some("no such member, unless `recordType` is 1 or 3")
        );
        assert!(!format!("{:?}", found[1]).contains("s3cret"));
    }
}
