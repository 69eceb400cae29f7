//! Verbs from a pack's text.

use crate::model::finding::Location;
use crate::model::json::Value;
use crate::model::problem::Position;

use super::super::field_path::FieldPath;
use super::super::sheet::{Mapping, Sheet};
use super::super::yaml::{Content, Entry, Node};
use super::{Beyond, Pattern, Placed, Retired, Verb, WhenAbsent};

/// The shortest and longest meeting that the upstream takes, in minutes (facts, part 1.2).
const DURATION_BOUNDS: (i64, i64) = (15, 1440);
/// The longest list that a rule may speak of.
const MAX_COUNT: i64 = 100_000;

const BEYOND: [(&str, Beyond); 2] = [("clamp", Beyond::Clamp), ("refuse", Beyond::Refuse)];
const WHEN_ABSENT: [(&str, WhenAbsent); 2] =
    [("allow", WhenAbsent::Allow), ("refuse", WhenAbsent::Refuse)];

/// Reads `<verb>: {arguments}`; `None` after a mistake, which is noted.
pub(in crate::policy) fn verb(sheet: &mut Sheet<'_>, entry: Entry) -> Option<Verb> {
    let name = entry.key.as_str();
    let mut from = sheet.mapping(entry.value, &format!("`{name}`"), example(name))?;
    match name {
        "force" | "default" => {
            let (field, value) = (field(sheet, &mut from), scalar(sheet, &mut from, "value"));
            from.finish(sheet, &["field", "value"]);
            let (field, value) = (field?, value?);
            Some(if name == "force" {
                Verb::Force { field, value }
            } else {
                Verb::Default { field, value }
            })
        }
        "max" | "min" => bound(sheet, from, name == "max"),
        "one_of" => {
            let (field, values) = (field(sheet, &mut from), values(sheet, &mut from, true));
            let absent = option(sheet, &mut from, "absent", &WHEN_ABSENT, WhenAbsent::Allow);
            from.finish(sheet, &["field", "values", "absent"]);
            Some(Verb::OneOf {
                field: field?,
                values: values?,
                absent: absent?,
            })
        }
        "matches" => {
            let (field, pattern) = (field(sheet, &mut from), pattern(sheet, &mut from));
            let absent = option(sheet, &mut from, "absent", &WHEN_ABSENT, WhenAbsent::Allow);
            from.finish(sheet, &["field", "pattern", "absent"]);
            Some(Verb::Matches {
                field: field?,
                pattern: pattern?,
                absent: absent?,
            })
        }
        "max_items" => {
            let field = field(sheet, &mut from);
            let count = from.need(sheet, "count");
            let count = count.and_then(|node| sheet.whole(&node, "count", (0, MAX_COUNT)));
            from.finish(sheet, &["field", "count"]);
            Some(Verb::MaxItems {
                field: field?,
                count: usize::try_from(count?).ok()?,
            })
        }
        "forbid" => {
            let (field, values) = (field(sheet, &mut from), values(sheet, &mut from, false));
            from.finish(sheet, &["field", "values"]);
            Some(Verb::Forbid {
                field: field?,
                values: values?,
            })
        }
        "require" | "remove" => {
            let field = field(sheet, &mut from);
            from.finish(sheet, &["field"]);
            let field = field?;
            Some(if name == "require" {
                Verb::Require { field }
            } else {
                Verb::Remove { field }
            })
        }
        "deny" => {
            let field = match from.take("pointer") {
                Some(node) => Some(path(sheet, node, "pointer")?),
                None => None,
            };
            from.finish(sheet, &["pointer"]);
            Some(Verb::Deny { field })
        }
        "sunset" => sunset(sheet, from),
        _ => max_duration(sheet, from),
    }
}

fn sunset(sheet: &mut Sheet<'_>, mut from: Mapping) -> Option<Verb> {
    let on = from
        .need(sheet, "on")
        .and_then(|node| sheet.until(node, "on"));
    let place = from.position;
    let mut named = from
        .take_named(&["field", "parameter", "header"])
        .into_iter();
    let first = named.next();
    if let Some(second) = named.next() {
        let what = "a sunset is of one thing";
        sheet.note(
            Some(second.position),
            what,
            Some("make a rule of each".to_owned()),
        );
    }
    from.finish(sheet, &["field", "parameter", "header", "on"]);
    let Some(entry) = first else {
        let hint = Some(example("sunset").to_owned());
        sheet.note(
            Some(place),
            "`field`, `parameter` or `header` is missing",
            hint,
        );
        return None;
    };
    let what = match entry.key.as_str() {
        "field" => Retired::Field(path(sheet, entry.value, "field")?),
        key => {
            let location = if key == "header" {
                Location::Header
            } else {
                Location::Query
            };
            let (value, position) = sheet.text(entry.value, key)?;
            Retired::Parameter(location, Placed { value, position })
        }
    };
    Some(Verb::Sunset { what, on: on? })
}

fn bound(sheet: &mut Sheet<'_>, mut from: Mapping, upper: bool) -> Option<Verb> {
    let field = field(sheet, &mut from);
    let value = from.need(sheet, "value").and_then(|node| {
        let number = sheet.whole(&node, "value", (i64::MIN, i64::MAX))?;
        Some(Placed {
            value: Value::from(number),
            position: node.position,
        })
    });
    let key = if upper { "over" } else { "under" };
    let beyond = option(sheet, &mut from, key, &BEYOND, Beyond::Refuse);
    from.finish(sheet, &["field", "value", key]);
    let (field, value, beyond) = (field?, value?, beyond?);
    Some(if upper {
        Verb::Max {
            field,
            value,
            over: beyond,
        }
    } else {
        Verb::Min {
            field,
            value,
            under: beyond,
        }
    })
}

fn max_duration(sheet: &mut Sheet<'_>, mut from: Mapping) -> Option<Verb> {
    let minutes = from.need(sheet, "minutes").and_then(|node| {
        let value = sheet.whole(&node, "minutes", DURATION_BOUNDS)?;
        Some(Placed {
            value,
            position: node.position,
        })
    });
    let over = option(sheet, &mut from, "over", &BEYOND, Beyond::Refuse);
    from.finish(sheet, &["minutes", "over"]);
    Some(Verb::MaxDuration {
        minutes: minutes?,
        over: over?,
    })
}

fn field(sheet: &mut Sheet<'_>, from: &mut Mapping) -> Option<Placed<FieldPath>> {
    let node = from.need(sheet, "field")?;
    path(sheet, node, "field")
}

fn path(sheet: &mut Sheet<'_>, node: Node, key: &str) -> Option<Placed<FieldPath>> {
    let (text, position) = sheet.text(node, key)?;
    match FieldPath::parse(&text) {
        Ok(value) => Some(Placed { value, position }),
        Err(why) => {
            let rooted = format!("/{text}");
            let hint = if FieldPath::parse(&rooted).is_ok() && !text.starts_with('/') {
                format!("write `{rooted}`")
            } else {
                "fields are written like `/confConfigInfo/guestPwd` and `/attendees/*/type`"
                    .to_owned()
            };
            let hint = Some(hint);
            sheet.note(Some(position), format!("`{text}` is no field: {why}"), hint);
            None
        }
    }
}

fn option<T: Copy>(
    sheet: &mut Sheet<'_>,
    from: &mut Mapping,
    key: &str,
    words: &[(&str, T)],
    default: T,
) -> Option<T> {
    match from.take(key) {
        Some(node) => sheet.word(node, key, words),
        None => Some(default),
    }
}

fn scalar(sheet: &mut Sheet<'_>, from: &mut Mapping, key: &str) -> Option<Placed<Value>> {
    let node = from.need(sheet, key)?;
    single(sheet, node, key)
}

fn single(sheet: &mut Sheet<'_>, node: Node, key: &str) -> Option<Placed<Value>> {
    let position: Position = node.position;
    match node.content {
        Content::Scalar(value) if !value.is_null() => Some(Placed { value, position }),
        _ => {
            let what = format!("`{key}` must be a boolean, a number or a text");
            let hint = Some("write one rule for each member of an object or list".to_owned());
            sheet.note(Some(position), what, hint);
            None
        }
    }
}

fn values(sheet: &mut Sheet<'_>, from: &mut Mapping, needed: bool) -> Option<Vec<Placed<Value>>> {
    let node = if needed {
        from.need(sheet, "values")
    } else {
        from.take("values")
    };
    let Some(node) = node else {
        return (!needed).then(Vec::new);
    };
    let (nodes, _) = sheet.short_list(node, "values")?;
    let count = nodes.len();
    let read: Vec<_> = nodes
        .into_iter()
        .filter_map(|node| single(sheet, node, "values"))
        .collect();
    (read.len() == count).then_some(read)
}

fn pattern(sheet: &mut Sheet<'_>, from: &mut Mapping) -> Option<Pattern> {
    let node = from.need(sheet, "pattern")?;
    let (written, position) = sheet.text(node, "pattern")?;
    match sheet.patterns.whole(&written) {
        Ok(whole) => Some(Pattern { written, whole }),
        Err(why) => {
            let what = format!("`pattern` cannot be used: {why}");
            sheet.note(Some(position), what, None);
            None
        }
    }
}

fn example(verb: &str) -> &'static str {
    match verb {
        "force" => "force: {field: /encryptMode, value: 1}",
        "default" => "default: {field: /language, value: en-US}",
        "max" => "max: {field: /length, value: 120, over: clamp}",
        "min" => "min: {field: /length, value: 15, under: clamp}",
        "one_of" => "one_of: {field: /recordAuthType, values: [1, 2]}",
        "matches" => r"matches: {field: /subject, pattern: 'PRJ-\d+ .*'}",
        "max_items" => "max_items: {field: /attendees, count: 100}",
        "require" => "require: {field: /startTime}",
        "forbid" => "forbid: {field: /encryptMode, values: [2]}",
        "remove" => "remove: {field: /vmrID}",
        "deny" => "deny: {pointer: /attendees}",
        "sunset" => "sunset: {parameter: userUUID, on: 2027-06-30}",
        _ => "max_duration: {minutes: 120, over: clamp}",
    }
}
