//! What is put into a file of callers, as YAML: an entry of a list, in the style of the list.

use std::fmt::Write as _;

use serde_json::Value as Json;

/// An entry of the list under a key, after a dash in this column: a caller over several lines, anything else on one.
pub(super) fn entry(key: &str, value: &Json, column: usize, line_break: &str) -> String {
    if key == "callers" {
        return block(value, column, line_break);
    }
    let indent = " ".repeat(column);
    format!("{indent}- {}{line_break}", flow(value))
}

/// A caller after `- `, its lines indented so that the dash stands in this column.
fn block(value: &Json, column: usize, line_break: &str) -> String {
    let mut out = String::new();
    let indent = " ".repeat(column);
    let _ = write!(out, "{indent}- ");
    for (index, (key, value)) in value.as_object().into_iter().flatten().enumerate() {
        if index > 0 {
            let _ = write!(out, "{indent}  ");
        }
        out.push_str(&member(key, value, column + 2, line_break));
    }
    out
}

/// A key and its value, of which the key stands in this column already.
pub(super) fn member(key: &str, value: &Json, column: usize, line_break: &str) -> String {
    match value {
        // Credentials go one on a line: they are long, and change one by one.
        Json::Array(items) if key == "api_keys" || key == "app_ids" => {
            let items = items
                .iter()
                .map(|item| entry(key, item, column + 2, line_break));
            format!("{key}:{line_break}{}", items.collect::<String>())
        }
        value => format!("{key}: {}{line_break}", flow(value)),
    }
}

/// A value on one line, as it may stand between brackets.
pub(super) fn flow(value: &Json) -> String {
    match value {
        Json::Object(members) => {
            let members = members
                .iter()
                .map(|(key, value)| format!("{key}: {}", flow(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[{}]", items.join(", "))
        }
        Json::String(text) => scalar(text),
        value => value.to_string(),
    }
}

/// A text: as it is where nothing could take it for something else, else in quotes.
fn scalar(text: &str) -> String {
    const READ_AS_OTHERS: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-@/".contains(c);
    let hash = text.strip_prefix("sha256:");
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && hash.unwrap_or(text).chars().all(plain)
        && !READ_AS_OTHERS.contains(&text.to_ascii_lowercase().as_str());
    if is_plain {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_written_reads_as_it_was() {
        let texts = [
            "a",
            "true",
            "No",
            "~",
            "1e3",
            "0x10",
            "-",
            "a: b",
            "a#b",
            "it's",
            "${file.x}",
            "[",
            "*x",
            "é",
            "",
            "sha256:00",
            "2027-03-31",
            "a@b.example",
            " a ",
            ".inf",
            "=",
            "<<",
        ];
        for text in texts {
            let value = json!({ "id": text, "groups": [text], "upstream_user": { "fixed": text } });
            for written in [block(&value, 2, "\n"), format!("[{}]", flow(&value))] {
                let read: Json = serde_saphyr::from_str(&written).unwrap();
                assert_eq!(read, json!([value]), "{written}");
            }
        }
    }

    #[test]
    fn credentials_go_one_on_a_line() {
        let value =
            json!({ "id": "a", "api_keys": ["sha256:00", "sha256:01"], "groups": ["b", "c"] });
        assert_eq!(
            block(&value, 2, "\n"),
            "  - id: a\n    api_keys:\n      - sha256:00\n      - sha256:01\n    groups: [b, c]\n"
        );
        assert!(
            block(&value, 0, "\r\n").starts_with("- id: a\r\n  api_keys:\r\n    - sha256:00\r\n")
        );
    }
}
