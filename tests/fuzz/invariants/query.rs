//! Any text as the query of an operation; the first byte chooses which.
//!
//! What passes has each documented parameter once at most, whatever a lenient reader takes for its name, and once it is written
//! in the one way in which it goes upstream it is read again with the same names and values.

use meeting_gateway::contract::look_alike;
use meeting_gateway::model::operation::OperationRef;
use meeting_gateway::model::refusal::Refusal;
use meeting_gateway::stages::decode::{Query, target};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::ground;

/// See above.
pub fn holds(data: &[u8]) {
    let Some((chosen, text)) = data.split_first() else {
        return;
    };
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    let operations = ground::contract().operations();
    let asked = &operations[usize::from(*chosen) % operations.len()];
    match read(asked, text) {
        Ok(query) => {
            nobody_sees_a_name_twice(asked, &query);
            assert_eq!(read(asked, &written(&query)).as_ref(), Ok(&query));
        }
        Err(refusal) => assert_eq!(refusal.status().as_u16(), 400, "{refusal:?}"),
    }
}

fn read(asked: OperationRef, text: &str) -> Result<Query, Refusal> {
    target::canonical_query(text, |name| look_alike::meant(name, &asked.query))
}

/// The bytes that are safe for every reader, and the rest encoded.
fn written(query: &Query) -> String {
    let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    let pairs = query.iter();
    let pairs = pairs.map(|(name, value)| format!("{}={}", encoded(name), encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn nobody_sees_a_name_twice(asked: OperationRef, query: &Query) {
    for documented in &asked.query {
        let leniently = |name: &str| {
            let bare = name.split('[').next().unwrap_or_default();
            bare.trim().eq_ignore_ascii_case(documented)
        };
        let names = query.iter().map(|(name, _)| &**name);
        let seen: Vec<_> = names.filter(|name| leniently(name)).collect();
        assert!(seen.is_empty() || seen == [*documented], "{seen:?}");
    }
}
