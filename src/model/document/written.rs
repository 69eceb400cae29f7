//! JSON as `serde_json` writes it, with texts copied in runs instead of byte by byte.

use serde::Serialize as _;
use serde_json::{Map, Result, Serializer, Value};

use crate::model::text_runs::plain_run;

/// Writes an object.
pub(super) fn object(json: &mut Vec<u8>, members: &Map<String, Value>) -> Result<()> {
    let mut before = b'{';
    for (name, member) in members {
        json.push(before);
        before = b',';
        text(json, name)?;
        json.push(b':');
        value(json, member)?;
    }
    if before == b'{' {
        json.push(before);
    }
    json.push(b'}');
    Ok(())
}

fn value(json: &mut Vec<u8>, of: &Value) -> Result<()> {
    match of {
        Value::String(value) => text(json, value),
        Value::Object(members) => object(json, members),
        Value::Array(items) => array(json, items),
        Value::Number(number) => match number.as_u64() {
            // Most numbers are digits.
            Some(digit @ 0..=9) => {
                json.extend(u8::try_from(digit).map(|digit| b'0' + digit));
                Ok(())
            }
            _ => number.serialize(&mut Serializer::new(json)),
        },
        Value::Bool(true) => {
            json.extend_from_slice(b"true");
            Ok(())
        }
        Value::Bool(false) => {
            json.extend_from_slice(b"false");
            Ok(())
        }
        Value::Null => {
            json.extend_from_slice(b"null");
            Ok(())
        }
    }
}

fn array(json: &mut Vec<u8>, items: &[Value]) -> Result<()> {
    json.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        value(json, item)?;
    }
    json.push(b']');
    Ok(())
}

fn text(json: &mut Vec<u8>, text: &str) -> Result<()> {
    let bytes = text.as_bytes();
    if plain_run(bytes) < bytes.len() {
        return text.serialize(&mut Serializer::new(json));
    }
    json.reserve(bytes.len() + 2);
    json.push(b'"');
    json.extend_from_slice(bytes);
    json.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::document::Document;

    fn members() -> impl Strategy<Value = Map<String, Value>> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-20_i64..20).prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,20}|[ -~]{0,20}|[\"\\\\\n\u{0}\u{7f}\u{e9}\u{1f600}]{0,6}"
                .prop_map(Value::from),
        ];
        let value = scalar.prop_recursive(4, 30, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::vec(("\\PC{0,9}", inner), 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        });
        prop::collection::vec(("\\PC{0,9}|[\"\\\\\n]{1,2}", value), 0..8)
            .prop_map(|members| members.into_iter().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_is_what_serde_json_writes(members in members()) {
            let expected = serde_json::to_string(&members).unwrap();
            let written = Document(members).to_json(16).unwrap();
            prop_assert_eq!(String::from_utf8(written).unwrap(), expected);
        }
    }
}
