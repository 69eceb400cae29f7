//! A receipt written straight into a line, without being made: one loop over the changes for the body's, one for the others.
//!
//! The bytes are those of [`Receipt`](super::receipt::Receipt), which tests hold it to.

use super::change::{Change, Detail, Shown};
use super::changes::Changes;
use super::finding::{Finding, Location};
use super::json_writer::{ObjectWriter, object};
use super::receipt::SCHEMA;

/// Whether there is nothing to tell.
pub(crate) fn is_empty(changes: &Changes, findings: &[Finding]) -> bool {
    changes.is_empty() && findings.is_empty() && changes.omitted() == 0
}

/// The members of the receipt of changes and findings, with as much of the values as `detail` says.
pub(crate) fn members(
    changes: &Changes,
    findings: &[Finding],
    detail: Detail,
    receipt: &mut ObjectWriter<'_>,
) {
    let in_the_body = |change: &&Change| change.location == Location::Body;
    let mut omitted = changes.omitted();
    receipt.word(b"schema", SCHEMA);
    let patch = changes.all().iter().filter(in_the_body);
    receipt.list(b"patch", patch, |change, out| {
        let shown = change.shown(detail);
        omitted += usize::from(shown.is_cut());
        object(out, |entry| of_change(&shown, entry));
    });
    let mut parameters = changes.all().iter().filter(|change| !in_the_body(change));
    if let Some(first) = parameters.next() {
        let parameters = std::iter::once(first).chain(parameters);
        receipt.list(b"parameters", parameters, |change, out| {
            object(out, |entry| of_change(&change.shown(detail), entry));
        });
    }
    if !findings.is_empty() {
        receipt.list(b"findings", findings, |finding, out| {
            object(out, |entry| of_finding(finding, entry));
        });
    }
    if omitted > 0 {
        receipt.number(b"omitted", omitted);
    }
}

fn of_change(change: &Shown<'_>, entry: &mut ObjectWriter<'_>) {
    entry.word(b"op", change.op.name());
    entry.word_if_any(b"in", change.location.map(Location::name));
    entry.text(b"path", &change.path);
    if let Some(value) = &change.value {
        entry.value(b"value", value);
    }
    if let Some(was) = &change.was {
        entry.value(b"was", was);
    }
    entry.word(b"stage", change.stage.name());
    entry.text_if_any(b"rule", change.rule);
    entry.text(b"reason", change.reason);
}

fn of_finding(finding: &Finding, entry: &mut ObjectWriter<'_>) {
    entry.word(b"in", finding.location.name());
    entry.text(b"pointer", &finding.pointer);
    entry.text(b"keyword", &finding.keyword);
    entry.text_if_any(b"rule", finding.rule.as_deref());
    entry.text_if_any(b"expected", finding.expected.as_deref());
    entry.text_if_any(b"got", finding.got.as_deref());
    entry.text(b"message", &finding.message);
    entry.word(b"mode", finding.mode.name());
    entry.text_if_any(b"exemption", finding.exemption.as_deref());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Mode;
    use crate::model::json::{Value, json};
    use crate::model::receipt::Receipt;
    use crate::model::stage::Stage;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::select;

    const LOCATIONS: [Location; 4] = [
        Location::Body,
        Location::Query,
        Location::Header,
        Location::Answer,
    ];

    fn text() -> impl Strategy<Value = String> {
        "[a-z ]{0,80}|[a-z\"\\\\\n会]{0,9}"
    }

    fn value() -> impl Strategy<Value = Value> {
        let long = "会".repeat(70);
        select(vec![
            json!(null),
            json!(""),
            json!(-7),
            json!(0.25),
            json!("Voice, \"HD\""),
            json!(long),
            json!([{"phone": "+8613", "role": 1}, [], ["x"]]),
            json!({"name": {"x": 1}, "subject": "Weekly", "attendees": ["Ann", ""]}),
        ])
    }

    fn path() -> impl Strategy<Value = String> {
        let sensitive = select(vec![
            "guestPwd",
            "attendees",
            "id",
            "phone",
            "length",
            "0",
            "",
        ]);
        let long = Just(format!("{}会", "b".repeat(64)));
        let name = prop_oneof![
            sensitive.prop_map(str::to_owned),
            "[a-z~1]{0,70}".prop_map(|name| name),
            long
        ];
        vec(name, 0..4).prop_map(|names| {
            let names = names.into_iter().map(|name| format!("/{name}"));
            names.collect()
        })
    }

    fn change() -> impl Strategy<Value = Change> {
        let where_and_what = (select(&LOCATIONS[..3]), path(), select(&Stage::ALL[..]));
        let values = (option::of(value()), option::of(value()));
        let why = (option::of(text()), text());
        (where_and_what, values, why).prop_map(
            |((location, path, stage), (was, value), (rule, reason))| Change {
                location,
                rule: rule.map(Into::into),
                ..Change::in_body(stage, path, was, value, reason)
            },
        )
    }

    fn finding() -> impl Strategy<Value = Finding> {
        let place = (select(&LOCATIONS[..]), path());
        let texts = (text(), text(), option::of(text()), option::of(text()));
        let mode = select(vec![Mode::Enforce, Mode::Warn, Mode::Audit]);
        let rule = (option::of(text()), option::of(text()));
        (place, texts, mode, rule).prop_map(
            |((location, pointer), (keyword, message, expected, got), mode, (rule, exemption))| {
                Finding {
                    location,
                    pointer,
                    keyword: keyword.into(),
                    rule: rule.map(Into::into),
                    expected,
                    got,
                    message,
                    mode,
                    exemption: exemption.map(Into::into),
                }
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn it_is_the_receipt_byte_for_byte(
            list in vec(change(), 0..5),
            findings in vec(finding(), 0..3),
            repeated in select(vec![0, 0, 70]),
            detail in select(vec![Detail::Short, Detail::Masked, Detail::Exact]),
        ) {
            let mut changes = Changes::default();
            for change in list {
                for _ in 0..repeated {
                    changes.push(change.clone());
                }
                changes.push(change);
            }
            let receipt = Receipt::of(&changes, &findings, detail);
            prop_assert_eq!(is_empty(&changes, &findings), receipt.is_empty());
            let mut out = Vec::new();
            object(&mut out, |receipt| members(&changes, &findings, detail, receipt));
            let expected = serde_json::to_string(&receipt).unwrap();
            prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
