//! The strip step: members that the contract does not know are taken out, found, or left, as configured. Whatever the
//! setting, a name that looks like a known one is found (two readers could take it for the known one), and the members that
//! clients are known to send in vain are taken out.
//!
//! ```
//! use meeting_gateway::contract::Contract;
//! use meeting_gateway::contract::strict_json::{Limits, parse};
//! use meeting_gateway::contract::unknown_members::{UnknownMembers, strip};
//! use meeting_gateway::model::changes::Changes;
//!
//! let contract = Contract::builtin().unwrap();
//! let shape = contract.body(contract.operation("update_recurring_meeting").unwrap()).unwrap().shape();
//! let mut document = parse(br#"{"length": 60, "colour": "red", "vmrId": "1"}"#, Limits::default()).unwrap();
//!
//! let mut changes = Changes::default();
//! let stripped = strip(&mut document, shape, UnknownMembers::Strip, &mut changes);
//! assert_eq!(changes.all()[0].path, "/colour");
//! assert!(document.0.get("colour").is_none());
//! assert_eq!(stripped.look_alikes[0].expected.as_deref(), Some("vmrID"));
//! ```

use super::place::{Place, short_name};
use super::shape::Shape;
use crate::model::change::Change;
use crate::model::changes::Changes;
use crate::model::document::Document;
use crate::model::finding::{Finding, Location, Mode};
use crate::model::json::{Object, Value};
use crate::model::problem::nearest;
use crate::model::stage::Stage;

/// What happens to members that the contract does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnknownMembers {
    /// They are taken out, and the caller is told.
    #[default]
    Strip,
    /// The request is refused.
    Reject,
    /// They go upstream as they are.
    Forward,
}

/// Findings of each kind that are listed for one request.
const LISTED: usize = 64;

/// What the strip step found.
#[derive(Debug, Default, PartialEq)]
pub struct Stripped {
    /// Names that look like known ones, keyword `look-alike`; at most 64.
    pub look_alikes: Vec<Finding>,
    /// Unknown members under [`UnknownMembers::Reject`], keyword `additionalProperties`; at most 64.
    pub unknown: Vec<Finding>,
    /// Findings of either kind that are not listed.
    pub omitted: usize,
}

/// Takes out or finds what the shape does not know; tells what it took out.
pub fn strip(
    document: &mut Document,
    shape: &Shape,
    unknown: UnknownMembers,
    changes: &mut Changes,
) -> Stripped {
    let mut walk = Walk {
        unknown,
        found: Stripped::default(),
        changes,
    };
    walk.object(&mut document.0, shape, &Place::ROOT);
    walk.found
}

struct Walk<'c> {
    unknown: UnknownMembers,
    found: Stripped,
    changes: &'c mut Changes,
}

impl Walk<'_> {
    fn object(&mut self, members: &mut Object, shape: &Shape, place: &Place<'_>) {
        let mut all_known = true;
        for (name, value) in members.iter_mut() {
            match shape.member(name) {
                Some(member) => {
                    if let Some(child) = &member.child {
                        self.value(value, child, &place.member(name));
                    }
                }
                None => all_known = false,
            }
        }
        if !all_known {
            members.retain(|name, value| {
                shape.member(name).is_some() || self.keeps(name, value, shape, place)
            });
        }
    }

    fn value(&mut self, value: &mut Value, shape: &Shape, place: &Place<'_>) {
        match value {
            Value::Object(members) => self.object(members, shape, place),
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    if let Value::Object(members) = item {
                        self.object(members, shape, &place.index(index));
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether an unknown member stays where it is.
    fn keeps(&mut self, name: &str, value: &Value, shape: &Shape, parent: &Place<'_>) -> bool {
        if let Some(reason) = shape.stray(name) {
            let path = parent.member(name).pointer();
            let reason = reason.to_owned();
            self.changes.push(Change::in_body(
                Stage::Strip,
                path,
                Some(value.clone()),
                None,
                reason,
            ));
            return false;
        }
        if let Some(known) = shape.look_alike(name) {
            if let Some(list) = room(&mut self.found.look_alikes, &mut self.found.omitted) {
                list.push(look_alike(parent.member(name).shown(), name, known));
            }
            return true;
        }
        match self.unknown {
            UnknownMembers::Forward => true,
            UnknownMembers::Strip => {
                // What an unknown member holds, nobody knows: it is not kept.
                self.changes.push(Change::removed(
                    Stage::Strip,
                    Location::Body,
                    parent.member(name).pointer(),
                    "the contract does not know this member",
                ));
                false
            }
            UnknownMembers::Reject => {
                if let Some(list) = room(&mut self.found.unknown, &mut self.found.omitted) {
                    list.push(unknown(parent.member(name).shown(), name, shape));
                }
                true
            }
        }
    }
}

fn room<'a>(list: &'a mut Vec<Finding>, omitted: &mut usize) -> Option<&'a mut Vec<Finding>> {
    if list.len() < LISTED {
        return Some(list);
    }
    *omitted += 1;
    None
}

fn look_alike(pointer: String, name: &str, known: &str) -> Finding {
    let name = short_name(name);
    Finding {
        location: Location::Body,
        pointer,
        keyword: "look-alike".into(),
        rule: None,
        expected: Some(known.to_owned()),
        message: format!(
            "`{name}` differs from `{known}` by case, white space or invisible characters only; write `{known}`."
        ),
        got: Some(name),
        mode: Mode::Enforce,
        exemption: None,
    }
}

fn unknown(pointer: String, name: &str, shape: &Shape) -> Finding {
    let name = short_name(name);
    let meant = nearest(&name, shape.members().map(|(known, _)| known));
    let hint = match meant {
        Some(known) => format!("did you mean `{known}`?"),
        None => "leave it out.".to_owned(),
    };
    Finding {
        location: Location::Body,
        pointer,
        keyword: "additionalProperties".into(),
        rule: None,
        expected: meant.map(str::to_owned),
        message: format!("`{name}` is no member that the contract knows; {hint}"),
        got: Some(name),
        mode: Mode::Enforce,
        exemption: None,
    }
}

#[cfg(test)]
mod tests;
