//! One change that the gateway made to a request: an RFC 6902 operation with its reason.
//!
//! A change holds the values as they were. Whoever writes it out says how much of them may be seen ([`Detail`]); what is
//! written without saying so is masked and short, so that no place can forget to.
//!
//! ```
//! use meeting_gateway::model::change::{Change, Detail};
//! use meeting_gateway::model::stage::Stage;
//! use meeting_gateway::model::json::json;
//!
//! let change = Change::in_body(Stage::Decide, "/confConfigInfo/guestPwd".into(), Some(json!("4711")), None, "taken out");
//! assert_eq!(serde_json::to_value(&change).unwrap()["was"], "***");
//! assert_eq!(serde_json::to_value(change.shown(Detail::Exact)).unwrap()["was"], "4711");
//! ```

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::finding::Location;
use super::pointer;
use super::sensitive::{MASK, Sensitivity, of_listed, of_member};
use super::stage::Stage;
use crate::model::json::Value;

/// Characters of a text, and of a member's name, that are shown where a change is shown short.
const SHORT: usize = 64;

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

impl ChangeOperation {
    /// The lower-case name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

/// How much of the values may be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Detail {
    /// Masked where they are credentials or personal data, and shortened: for logs and headers.
    #[default]
    Short,
    /// Masked (`null` and empty texts hold nothing and stay), with paths and new values whole: a patch for a body that is masked
    /// the same way. What was there is in that body.
    Masked,
    /// As they are: for the one whose request it is.
    Exact,
}

/// One change. `Debug` and `Serialize` show it [short](Detail::Short).
#[derive(Clone, PartialEq)]
pub struct Change {
    /// Add, remove or replace.
    pub op: ChangeOperation,
    /// Body, query or header.
    pub location: Location,
    /// JSON Pointer in the body, or the name of the parameter or header.
    pub path: String,
    /// What was there before; absent for `add`, and where nobody may know it.
    pub was: Option<Value>,
    /// What is there now; absent for `remove`.
    pub value: Option<Value>,
    /// The stage that did it.
    pub stage: Stage,
    /// The policy rule that asked for it, as `pack/rule`.
    pub rule: Option<Arc<str>>,
    /// Why, in a few words.
    pub reason: Cow<'static, str>,
}

impl Change {
    /// A change of a body member.
    pub fn in_body(
        stage: Stage,
        path: String,
        was: Option<Value>,
        value: Option<Value>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            op: operation(was.is_some(), value.is_some()),
            location: Location::Body,
            path,
            was,
            value,
            stage,
            rule: None,
            reason: reason.into(),
        }
    }

    /// Something taken out whose value is not kept, since it may be anything: a query parameter, a header, or a member that
    /// nobody knows.
    pub fn removed(
        stage: Stage,
        location: Location,
        path: impl Into<String>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            op: ChangeOperation::Remove,
            location,
            path: path.into(),
            was: None,
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

    /// The change as it may be seen.
    pub fn shown(&self, detail: Detail) -> Shown<'_> {
        let path = match detail {
            Detail::Exact | Detail::Masked => Cow::Borrowed(&*self.path),
            Detail::Short => short_path(&self.path),
        };
        let (was, value) = match detail {
            Detail::Exact => (
                self.was.as_ref().map(Cow::Borrowed),
                self.value.as_ref().map(Cow::Borrowed),
            ),
            // What was taken out unread has no values to show.
            Detail::Masked | Detail::Short if self.was.is_none() && self.value.is_none() => {
                (None, None)
            }
            Detail::Masked | Detail::Short => {
                let is_public = of_path(&self.path) == Sensitivity::Public;
                (
                    self.was.as_ref().map(|value| short(value, is_public)),
                    self.value.as_ref().map(|value| masked(value, is_public)),
                )
            }
        };
        Shown {
            is_cut: matches!(&path, Cow::Owned(cut) if *cut != self.path),
            op: self.op,
            location: (self.location != Location::Body).then_some(self.location),
            path,
            value,
            was,
            stage: self.stage,
            rule: self.rule.as_deref(),
            reason: &self.reason,
        }
    }
}

fn masked(value: &Value, is_public: bool) -> Cow<'_, Value> {
    match value {
        _ if !is_public && holds_something(value) => Cow::Owned(MASK.into()),
        Value::Array(_) | Value::Object(_) => Cow::Owned(mask_within(value.clone())),
        _ => Cow::Borrowed(value),
    }
}

/// What was there may be large, and anything: containers are named, texts cut.
fn short(value: &Value, is_public: bool) -> Cow<'_, Value> {
    match value {
        _ if !is_public => Cow::Owned(MASK.into()),
        Value::String(text) => match cut(text) {
            Cow::Borrowed(_) => Cow::Borrowed(value),
            Cow::Owned(cut) => Cow::Owned(cut.into()),
        },
        Value::Array(items) => Cow::Owned(format!("a list of {}", items.len()).into()),
        Value::Object(members) => {
            Cow::Owned(format!("an object of {} members", members.len()).into())
        }
        _ => Cow::Borrowed(value),
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.shown(Detail::Short).serialize(serializer)
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shown(Detail::Short).fmt(f)
    }
}

/// A change as it may be seen. In the body it is an RFC 6902 operation; what is not defined there, readers of patches ignore.
#[derive(Debug, Serialize)]
pub struct Shown<'c> {
    #[serde(skip)]
    is_cut: bool,
    pub(super) op: ChangeOperation,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    pub(super) location: Option<Location>,
    pub(super) path: Cow<'c, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Cow<'c, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) was: Option<Cow<'c, Value>>,
    pub(super) stage: Stage,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rule: Option<&'c str>,
    pub(super) reason: &'c str,
}

impl Shown<'_> {
    /// Whether the path is not all there, so that nobody can apply the operation.
    pub(super) const fn is_cut(&self) -> bool {
        self.is_cut
    }
}

const fn operation(before: bool, after: bool) -> ChangeOperation {
    match (before, after) {
        (false, _) => ChangeOperation::Add,
        (true, false) => ChangeOperation::Remove,
        (true, true) => ChangeOperation::Replace,
    }
}

/// A pointer with each long name cut: names can be the caller's, and as long as its body.
fn short_path(path: &str) -> Cow<'_, str> {
    if path.len() <= SHORT {
        return Cow::Borrowed(path);
    }
    let names: Vec<_> = path.split('/').map(cut_name).collect();
    Cow::Owned(names.join("/"))
}

fn cut(text: &str) -> Cow<'_, str> {
    if text.len() <= SHORT {
        return Cow::Borrowed(text);
    }
    match text.char_indices().nth(SHORT) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// One name of a pointer. What is left of an escape that was cut in two would make it no pointer any more.
fn cut_name(name: &str) -> Cow<'_, str> {
    match name.char_indices().nth(SHORT) {
        Some((end, _)) => {
            let kept = &name[..end];
            let whole = kept.strip_suffix('~').unwrap_or(kept);
            Cow::Owned(format!("{whole}…"))
        }
        None => Cow::Borrowed(name),
    }
}

/// The sensitivity of the member that a pointer ends in; an index takes that of its array.
pub fn of_path(path: &str) -> Sensitivity {
    let mut rest = path;
    // Names are too short for a search that looks at many bytes at a time.
    let last_slash = |of: &str| of.bytes().rposition(|byte| byte == b'/');
    while let Some((before, token)) =
        last_slash(rest).and_then(|slash| Some((rest.get(..slash)?, rest.get(slash + 1..)?)))
    {
        if !token.bytes().all(|byte| byte.is_ascii_digit()) {
            return of_member(token);
        }
        rest = before;
    }
    // What is before the first slash is a name, too: that of a parameter or header.
    let is_index = rest.bytes().all(|byte| byte.is_ascii_digit());
    of_member(if is_index { pointer::last(path) } else { rest })
}

/// Masks one value. `null` and empty texts hold nothing and stay, so that whether something is there can still be told.
fn mask(value: &mut Value) {
    if holds_something(value) {
        *value = MASK.into();
    }
}

fn holds_something(value: &Value) -> bool {
    !value.is_null() && value.as_str() != Some("")
}

/// Masks sensitive members inside a value; see [`Detail::Masked`].
pub fn mask_within(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    _ if of_member(name) != Sensitivity::Public => mask(member),
                    Value::Array(items) if of_listed(name) != Sensitivity::Public => {
                        for item in items {
                            match item {
                                Value::Array(_) | Value::Object(_) => {
                                    *item = mask_within(item.take());
                                }
                                _ => mask(item),
                            }
                        }
                    }
                    _ => *member = mask_within(member.take()),
                }
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
mod tests;
