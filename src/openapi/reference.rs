//! Where the definitions of `config` stand in the document: each is one component, and nothing is copied.

use serde_json::Value;

/// Where schemas are.
const SCHEMAS: &str = "#/components/schemas/";

/// The component of a schema file: `cycle-params.json` is `CycleParams`.
pub(super) fn component(file: &str) -> String {
    let stem = file.strip_suffix(".json").unwrap_or(file);
    let stem = stem.strip_suffix(".schema").unwrap_or(stem);
    let words = stem.split('-').map(|word| {
        let (first, rest) = word.split_at_checked(1).unwrap_or_default();
        first.to_ascii_uppercase() + rest
    });
    words.collect()
}

/// The component of a definition within a file. Those of files that are nothing but definitions go by their own names.
pub(super) fn definition(file: &str, name: &str) -> String {
    match file {
        "answers.json" | "sign-in.json" => name.to_owned(),
        _ => format!("{}.{name}", component(file)),
    }
}

/// A reference to a component.
pub(super) fn to(component: &str) -> String {
    format!("{SCHEMAS}{component}")
}

/// A reference that stands in a file, as it reads in the document.
pub(super) fn rewritten(file: &str, reference: &str) -> String {
    let (named, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let target = if named.is_empty() { file } else { named };
    match fragment.strip_prefix("/$defs/") {
        Some(name) => to(&definition(target, name)),
        None => format!("{SCHEMAS}{}{fragment}", component(target)),
    }
}

/// Rewrites every reference of a schema that is otherwise taken as it is, and drops what is for its authors.
pub(super) fn rewrite_all(file: &str, schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.shift_remove("$comment");
            for (key, value) in members {
                match value {
                    Value::String(reference) if key == "$ref" => {
                        *reference = rewritten(file, reference);
                    }
                    value => rewrite_all(file, value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite_all(file, item)),
        _ => {}
    }
}

/// Every reference of a document or a part of it.
pub(super) fn all<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(reference) if key == "$ref" => found.push(reference),
                    value => all(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| all(item, found)),
        _ => {}
    }
}

/// The schema component that a reference leads to or into.
pub(super) fn schema_of(reference: &str) -> Option<&str> {
    reference.strip_prefix(SCHEMAS)?.split('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_to_components() {
        for (file, reference, expected) in [
            ("scheduling-body.json", "attendee.json", "Attendee"),
            (
                "sub-meeting-body.json",
                "scheduling-body.json#/properties/length",
                "SchedulingBody/properties/length",
            ),
            (
                "sub-meeting-config-info.json",
                "#/$defs/showAudienceCountInfo",
                "SubMeetingConfigInfo.showAudienceCountInfo",
            ),
            ("answers.json", "#/$defs/ConferenceInfo", "ConferenceInfo"),
            ("receipt.schema.json", "#/$defs/finding", "Receipt.finding"),
        ] {
            let expected = format!("{SCHEMAS}{expected}");
            assert_eq!(rewritten(file, reference), expected);
        }
    }
}
