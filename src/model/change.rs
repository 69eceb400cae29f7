//! One change that the gateway made to a request: an RFC 6902 operation with its reason.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::finding::Location;
use super::pointer;
use super::sensitive::{MASK, Sensitivity, of_member};
use super::stage::Stage;

/// What was done (RFC 6902, section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeOperation {
    /// A value that was not there.
    Add,
    /// A value taken out.
    Remove,
    /// Another value in its place.
    Replace,
}

/// One change, with values masked where they are credentials or personal data.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Add, remove or replace.
    pub op: ChangeOperation,
    /// Body, query or header.
    #[serde(rename = "in")]
    pub location: Location,
    /// JSON Pointer in the body, or the name of the parameter or header.
    pub path: String,
    /// What was there before; absent for `add`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// What is there now; absent for `remove`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// The stage that did it.
    pub stage: Stage,
    /// The policy rule that asked for it, as `pack/rule`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Arc<str>>,
    /// Why, in a few words.
    pub reason: Cow<'static, str>,
}

impl Change {
    /// A change of a body member; values are masked here, so that no later place can forget to.
    pub fn in_body(
        stage: Stage,
        path: String,
        from: Option<Value>,
        value: Option<Value>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        let secret = of_path(&path) != Sensitivity::Public;
        let masked = |value: Value| {
            if secret {
                Value::from(MASK)
            } else {
                mask_within(value)
            }
        };
        Self {
            op: operation(from.is_some(), value.is_some()),
            location: Location::Body,
            from: from.map(masked),
            value: value.map(masked),
            path,
            stage,
            rule: None,
            reason: reason.into(),
        }
    }

    /// A query parameter or header taken out. Its value is not kept: it may be anything.
    pub fn removed_parameter(
        stage: Stage,
        location: Location,
        name: &str,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            op: ChangeOperation::Remove,
            location,
            path: name.to_owned(),
            from: None,
            value: None,
            stage,
            rule: None,
            reason: reason.into(),
        }
    }

    /// The same change, asked for by a policy rule.
    #[must_use]
    pub fn by_rule(mut self, rule: Arc<str>) -> Self {
        self.rule = Some(rule);
        self
    }
}

const fn operation(before: bool, after: bool) -> ChangeOperation {
    match (before, after) {
        (false, _) => ChangeOperation::Add,
        (true, false) => ChangeOperation::Remove,
        (true, true) => ChangeOperation::Replace,
    }
}

/// The sensitivity of the member that a pointer ends in; an index takes that of its array.
pub fn of_path(path: &str) -> Sensitivity {
    let last = path
        .rsplit('/')
        .find(|token| !token.bytes().all(|b| b.is_ascii_digit()));
    of_member(last.unwrap_or_else(|| pointer::last(path)))
}

/// Masks sensitive members inside a value.
pub fn mask_within(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                let inner = member.take();
                *member = if of_member(name) == Sensitivity::Public {
                    mask_within(inner)
                } else {
                    Value::from(MASK)
                };
            }
        }
        Value::Array(items) => {
            for item in items {
                let inner = item.take();
                *item = mask_within(inner);
            }
        }
        _ => {}
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_of_sensitive_members_never_enter_a_change() {
        let change = Change::in_body(
            Stage::Decide,
            "/confConfigInfo/guestPwd".into(),
            Some(json!("123456")),
            None,
            "x",
        );
        assert_eq!(
            (change.op, change.from),
            (ChangeOperation::Remove, Some(json!("***")))
        );
        let change = Change::in_body(
            Stage::Decide,
            "/attendees".into(),
            Some(json!([{"phone": "+8613", "role": 1}])),
            None,
            "x",
        );
        assert_eq!(change.from, Some(json!([{"phone": "***", "role": 1}])));
    }

    #[test]
    fn the_operation_follows_from_what_is_there() {
        let op = |from, to| Change::in_body(Stage::Strip, "/length".into(), from, to, "").op;
        assert_eq!(op(None, Some(json!(1))), ChangeOperation::Add);
        assert_eq!(op(Some(json!(1)), Some(json!(2))), ChangeOperation::Replace);
    }
}
