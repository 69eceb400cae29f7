//! A body that may be kept although not everybody may read it: its form is there, and the values of what is public.
//!
//! Masked are the members that are [sensitive](crate::model::sensitive), and whatever the contract does not know: nobody can
//! say what that holds, and a misspelt `guestPwd` holds a password all the same. Values that have no business where they
//! stand, such as a text in the place of an object, are masked as well.
//!
//! ```
//! use meeting_gateway::contract::Contract;
//! use meeting_gateway::contract::masked::masked;
//! use meeting_gateway::model::json::{Value, json};
//!
//! let contract = Contract::builtin().unwrap();
//! let shape = contract.body(contract.operation("update_recurring_meeting").unwrap()).unwrap().shape();
//! let body = json!({"length": "60", "colour": "red", "confConfigInfo": {"guestPwd": "4711", "GuestPwd": "4711"}});
//!
//! let shown = Value::Object(masked(body.as_object().unwrap(), shape));
//! assert_eq!(shown, json!({"length": "60", "colour": "***", "confConfigInfo": {"guestPwd": "***", "GuestPwd": "***"}}));
//! ```

use super::shape::{Member, Shape};
use crate::model::json::{Object, Text, Value};
use crate::model::sensitive::{MASK, Sensitivity, of_member};

/// The members of an object as they may be kept. What is canonical, valid and known shows as
/// [`mask_within`](crate::model::change::mask_within) shows it.
pub fn masked(members: &Object, shape: &Shape) -> Object {
    let shown = |(name, value): (&Text, &Value)| {
        let value = match shape.member(name) {
            Some(member) if of_member(name) == Sensitivity::Public => value_of(value, member),
            // What holds nothing stays, so that whether something is there can still be told.
            Some(_) if value.is_null() || value.as_str() == Some("") => value.clone(),
            _ => MASK.into(),
        };
        (name.clone(), value)
    };
    members.iter().map(shown).collect()
}

/// Lists may hold lists no deeper than the parser lets them.
fn value_of(value: &Value, member: &Member) -> Value {
    match (value, member.child.as_deref()) {
        (Value::Null, _) => Value::Null,
        (Value::Array(items), _) => items.iter().map(|item| value_of(item, member)).collect(),
        (Value::Object(members), Some(shape)) => Value::Object(masked(members, shape)),
        (Value::Object(_), None) | (_, Some(_)) => MASK.into(),
        (scalar, None) => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::test_support::{document, shape};
    use crate::model::json::json;

    #[test]
    fn what_is_known_and_public_is_shown_and_nothing_else() {
        for (name, body, expected) in [
            (
                "public values of any type",
                json!({"length": "60", "subject": "s", "encryptMode": null, "cycleParams": {"point": [1, "2"]}}),
                json!({"length": "60", "subject": "s", "encryptMode": null, "cycleParams": {"point": [1, "2"]}}),
            ),
            (
                "sensitive ones",
                json!({"liveAddress": "x", "attendees": [{"phone": null, "email": "", "name": ["x"], "role": 1}]}),
                json!({"liveAddress": "***", "attendees": [{"phone": null, "email": "", "name": "***", "role": 1}]}),
            ),
            (
                "unknown ones, and those that look like a known one",
                json!({"x": {"length": 1}, "Length": 1, "attendees": [{"e-mail": "x"}]}),
                json!({"x": "***", "Length": "***", "attendees": [{"e-mail": "***"}]}),
            ),
            (
                "what does not belong there",
                json!({"subject": {"x": "y"}, "confConfigInfo": "4711", "attendees": ["bob", [{"email": "x"}], null]}),
                json!({"subject": "***", "confConfigInfo": "***", "attendees": ["***", [{"email": "***"}], null]}),
            ),
        ] {
            let shown = Value::Object(masked(&document(body).0, &shape()));
            assert_eq!(shown, expected, "{name}");
        }
    }
}
