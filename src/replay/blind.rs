//! Rules that cannot be decided for one request, because the log hides a value that they look at, or because they look at what
//! such a rule may have written. They are left out of the comparison on both sides.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::model::document::Document;
use crate::model::json::{Object, Value};
use crate::model::pointer;
use crate::model::principal::Caller;
use crate::model::sensitive::is_masked;
use crate::policy::Reach;

/// What cannot be known of one request.
#[derive(Debug, Default)]
pub(super) struct Blind<'r> {
    /// The rules, each with the fields that it would have to see.
    pub(super) rules: BTreeMap<&'r str, BTreeSet<&'r str>>,
    /// Fields that these rules may write.
    pub(super) written: BTreeSet<&'r str>,
}

impl<'r> Blind<'r> {
    /// What cannot be known of a masked request from a caller at a time.
    pub(super) fn of(
        document: &Document,
        reaches: &[Reach<'r>],
        caller: &Caller,
        now: Duration,
    ) -> Self {
        let mut masked = BTreeSet::new();
        masked_members(&document.0, &mut String::new(), &mut masked);
        let mut blind = Self::default();
        if masked.is_empty() {
            return blind;
        }
        for reach in reaches.iter().filter(|reach| reach.acts_on(caller, now)) {
            let hidden = |field: &&&str| masked.iter().any(|one| meet(field, one));
            let unsettled = |field: &&&str| blind.written.iter().any(|one| meet(field, one));
            let values = reach.values.iter();
            let unseen: BTreeSet<&'r str> = values
                .filter(|field| hidden(field) || unsettled(field))
                .chain(reach.presence.iter().filter(unsettled))
                .copied()
                .collect();
            if !unseen.is_empty() {
                blind.rules.entry(reach.rule()).or_default().extend(unseen);
                blind.written.extend(&reach.writes);
            }
        }
        blind
    }

    /// Whether a rule is among them.
    pub(super) fn includes(&self, rule: &str) -> bool {
        self.rules.contains_key(rule)
    }

    /// Whether what is at a place of the body says nothing, because one of them may have written it.
    pub(super) fn may_write(&self, place: &str) -> bool {
        if self.written.is_empty() {
            return false;
        }
        let field = field_of(place);
        self.written.iter().any(|one| meet(&field, one))
    }
}

/// The field, as rules write it, of a place in a body.
fn field_of(place: &str) -> String {
    let tokens = place.split('/').map(|token| {
        let index = !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit());
        if index { "*" } else { token }
    });
    tokens.collect::<Vec<_>>().join("/")
}

/// Whether one of two fields is the other, or in it.
pub(super) fn meet(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() {
        (one, other)
    } else {
        (other, one)
    };
    long.strip_prefix(short)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The fields whose values are masked.
fn masked_members(members: &Object, at: &mut String, found: &mut BTreeSet<String>) {
    for (name, value) in members {
        let length = at.len();
        pointer::push(at, name);
        if is_masked(name, value) {
            found.insert(at.clone());
        } else {
            masked_within(value, at, found);
        }
        at.truncate(length);
    }
}

fn masked_within(value: &Value, at: &mut String, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => masked_members(members, at, found),
        Value::Array(items) => {
            let length = at.len();
            at.push_str("/*");
            for item in items {
                masked_within(item, at, found);
            }
            at.truncate(length);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::json;

    #[test]
    fn masked_members_are_found_as_fields() {
        let body = json!({
            "subject": "***", "attendees": [{"email": "***"}, {"email": "", "name": "***"}],
            "confConfigInfo": {"guestPwd": "***", "isSendSms": 1}
        });
        let mut found = BTreeSet::new();
        masked_members(body.as_object().unwrap(), &mut String::new(), &mut found);
        let found: Vec<_> = found.iter().map(String::as_str).collect();
        let expected = [
            "/attendees/*/email",
            "/attendees/*/name",
            "/confConfigInfo/guestPwd",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn fields_meet_where_one_is_in_the_other() {
        for (one, other, expected) in [
            ("/a", "/a", true),
            ("/a", "/a/*/b", true),
            ("/a/*/b", "/a", true),
            ("/a", "/ab", false),
            ("/a/b", "/a/c", false),
        ] {
            assert_eq!(meet(one, other), expected, "{one} {other}");
        }
        assert_eq!(field_of("/attendees/12/email"), "/attendees/*/email");
    }
}
