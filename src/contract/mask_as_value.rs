//! A mask is no value. Answers show `***` in place of what their reader may not see; a client that reads a meeting, changes one
//! member and sends the rest back would overwrite names, numbers and passwords with it. So the mask is a violation where a
//! [sensitive](crate::model::sensitive) member has it for a value, at any depth, in members that the contract does not know as
//! well. In public members it is a text like any other.
//!
//! ```
//! use meeting_gateway::contract::Contract;
//! use meeting_gateway::contract::strict_json::{Limits, parse};
//!
//! let contract = Contract::builtin().unwrap();
//! let body = contract.body(contract.operation("update_recurring_meeting").unwrap()).unwrap();
//! let violations = |attendee: &str| {
//!     let text = format!(r#"{{"mediaTypes": "HDVideo", "subject": "***", "attendees": [{attendee}],
//!         "cycleParams": {{"startDate": "2026-09-01", "endDate": "2026-09-30", "cycle": "Day"}}}}"#);
//!     let mut document = parse(text.as_bytes(), Limits::default()).unwrap();
//!     body.violations(&mut document, 10).0
//! };
//!
//! assert!(violations(r#"{"phone": "+8613812345678"}"#).is_empty());
//! let found = violations(r#"{"phone": "***"}"#);
//! assert_eq!((&*found[0].pointer, &*found[0].keyword), ("/attendees/0/phone", "mask"));
//! ```

use super::place::Place;
use crate::model::json::{Object, Value};
use crate::model::sensitive::is_masked;

/// The keyword of the findings.
pub(super) const MASK_KEYWORD: &str = "mask";

/// Masks in a document.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Masks {
    /// Where the first ones are, in the document's order; long names are cut.
    pub(super) pointers: Vec<String>,
    /// How many more there are.
    pub(super) omitted: usize,
}

impl Masks {
    /// Those of a document, at most `most` of them with their place.
    pub(super) fn of(document: &Object, most: usize) -> Self {
        let mut masks = Self::default();
        masks.in_members(document, &Place::ROOT, most);
        masks
    }

    /// Documents are no deeper than the parser lets them.
    fn in_members(&mut self, members: &Object, at: &Place<'_>, most: usize) {
        for (name, value) in members {
            let place = at.member(name);
            if is_masked(name, value) {
                if self.pointers.len() < most {
                    self.pointers.push(place.shown());
                } else {
                    self.omitted += 1;
                }
            } else {
                self.within(value, &place, most);
            }
        }
    }

    fn within(&mut self, value: &Value, at: &Place<'_>, most: usize) {
        match value {
            Value::Object(members) => self.in_members(members, at, most),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.within(item, &at.index(index), most);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::json;

    fn masks(document: &Value, most: usize) -> (Vec<String>, usize) {
        let masks = Masks::of(document.as_object().unwrap(), most);
        (masks.pointers, masks.omitted)
    }

    #[test]
    fn masks_are_found_at_any_depth_and_in_sensitive_members_only() {
        let document = json!({
            "subject": "***", "userUUID": "***", "phone": "****",
            "attendees": [{"name": "Ann"}, {"name": "***", "sms": "***", "email": ["***"]}],
            "picDisplay": {"subscriberInPics": [{"index": 1, "id": ["+99111", "***"]}, {"id": ["+99111"]}]},
            "unknown": {"list": [[{"chairJoinUri": "***"}]], "x": "***"},
            "passwordEntry": [{"conferenceRole": "chair", "password": "***"}],
        });
        let expected = [
            "/userUUID",
            "/attendees/1/name",
            "/attendees/1/sms",
            "/attendees/1/email",
            "/picDisplay/subscriberInPics/0/id",
            "/unknown/list/0/0/chairJoinUri",
            "/passwordEntry/0/password",
        ];
        assert_eq!(
            masks(&document, 10),
            (expected.map(str::to_owned).to_vec(), 0)
        );
        assert_eq!(
            masks(&document, 2),
            (expected[..2].iter().map(|at| (*at).to_owned()).collect(), 5)
        );
        assert_eq!(
            masks(&json!({"phone": null, "list": [1, "***"]}), 10),
            (vec![], 0)
        );
    }

    #[test]
    fn a_long_name_makes_no_long_pointer() {
        let long = "x".repeat(1000);
        let document = json!({long.as_str(): {"phone": "***"}});
        let (pointers, _) = masks(&document, 1);
        assert_eq!(pointers, [format!("/{}…/phone", "x".repeat(64))]);
    }
}
