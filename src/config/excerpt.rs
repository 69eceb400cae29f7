//! Which lines of the file may be shown under a mistake: never one that could hold a secret.
//!
//! The rule works on the lines alone, and is stricter than it need be:
//!
//! 1. a line that names a secret key, or stands below one, is not shown;
//! 2. of a line with an unknown key on it only that key is shown: it may be a misspelt secret;
//! 3. a line without any key is shown only if it is one word of a list below known keys;
//! 4. comments are cut off, and a URL with user information is not shown;
//! 5. where the text is no YAML, at most a known key is shown.
//!
//! Which keys are known and which are secret is read off the schema (`writeOnly`).

use std::collections::BTreeSet;

use serde_json::Value;

/// The key names that decide what is shown.
#[derive(Default)]
pub(super) struct Excerpt {
    known: BTreeSet<String>,
    secret: BTreeSet<String>,
}

impl Excerpt {
    /// Collects the names from the schema of the file.
    pub(super) fn of(schema: &Value) -> Self {
        let mut names = Self::default();
        names.collect(schema);
        names
    }

    fn collect(&mut self, schema: &Value) {
        match schema {
            Value::Object(members) => {
                if let Some(Value::Object(properties)) = members.get("properties") {
                    for (name, property) in properties {
                        self.known.insert(name.clone());
                        if holds_secret(property) {
                            self.secret.insert(name.clone());
                        }
                    }
                }
                members.values().for_each(|member| self.collect(member));
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            _ => {}
        }
    }

    /// What may be shown of a line where the text is no YAML, so that nothing is known of what stands
    /// above it: a known key that it begins with.
    pub(super) fn broken_line(&self, lines: &[impl AsRef<str>], number: usize) -> String {
        let line = number.checked_sub(1).and_then(|index| lines.get(index));
        let line = line.map_or("", |line| without_comment(line.as_ref()));
        let begins_with = |key: &&str| line.trim_start_matches([' ', '-']).starts_with(*key);
        match keys(line).next().filter(begins_with) {
            Some(key) if self.known.contains(key) => up_to(line, key),
            _ => String::new(),
        }
    }

    /// The part of a line (counted from 1) that may be shown; empty if none may.
    pub(super) fn line(&self, lines: &[impl AsRef<str>], number: usize) -> String {
        let Some(index) = number.checked_sub(1).filter(|index| *index < lines.len()) else {
            return String::new();
        };
        let line = without_comment(lines[index].as_ref());
        let own: Vec<&str> = keys(line).collect();
        let above: Vec<&str> = ancestors(lines, index).collect();
        let mut all = own.iter().chain(&above);
        let named = self.secret.iter().any(|name| line.contains(name.as_str()));
        let user_information = line.contains("://") && line.contains('@');
        if named || user_information || all.any(|key| self.secret.contains(*key)) {
            return String::new();
        }
        let known_above = above.iter().all(|key| self.known.contains(*key));
        let unknown = own.iter().find(|key| !self.known.contains(**key));
        match (unknown.or(own.first()), known_above) {
            // The second condition keeps a text such as `known: value` inside a longer text away.
            (Some(key), _) if unknown.is_some() || !known_above => up_to(line, key),
            (Some(_), _) => line.to_owned(),
            (None, true) if is_plain_item(line) => line.to_owned(),
            (None, _) => String::new(),
        }
    }
}

/// Whether a property's value, or a value directly in it, is marked as secret.
fn holds_secret(property: &Value) -> bool {
    let own = property.get("writeOnly") == Some(&Value::Bool(true));
    let alternatives = property.get("anyOf").and_then(Value::as_array);
    own || alternatives.is_some_and(|schemas| schemas.iter().any(holds_secret))
        || ["items", "additionalProperties"]
            .iter()
            .any(|inner| property.get(inner).is_some_and(holds_secret))
}

/// Whether a line is `- word`: a line with a forgotten colon is none.
fn is_plain_item(line: &str) -> bool {
    let item = line.trim_start().strip_prefix("- ").map(str::trim);
    item.is_some_and(|word| !word.contains(|c: char| c.is_whitespace() || c == ':'))
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    let end = line.find(" #").unwrap_or(line.len());
    line[..end].trim_end()
}

/// The words before a `:` that ends a key, quotes removed.
fn keys(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices(':').filter_map(move |(colon, _)| {
        let ends = line[colon + 1..]
            .chars()
            .next()
            .is_none_or(char::is_whitespace);
        let before = line[..colon].trim_end().trim_end_matches(['"', '\'']);
        let key = before
            .rsplit(|c: char| c.is_whitespace() || "{,[\"'".contains(c))
            .next()
            .unwrap_or(before);
        (ends && !key.is_empty()).then_some(key)
    })
}

/// The keys of the lines that a line stands below, by indentation.
fn ancestors(lines: &[impl AsRef<str>], index: usize) -> impl Iterator<Item = &str> {
    let mut limit = depth(lines[index].as_ref()).0;
    let above = lines[..index]
        .iter()
        .rev()
        .map(|line| without_comment(line.as_ref()));
    above
        .filter(|line| !line.trim().is_empty())
        .filter(move |line| {
            let (outer, inner) = depth(line);
            let is_above = inner < limit;
            limit = limit.min(outer);
            is_above
        })
        .flat_map(keys)
}

/// How deep a line and the first word on it stand, in half columns: a `- ` is half a column deeper
/// than a key in the same column, because YAML lets a list stand straight below its key.
fn depth(line: &str) -> (usize, usize) {
    let words = line.trim_start();
    let column = line.len() - words.len();
    if words == "-" || words.starts_with("- ") {
        let dashes = words.len() - words.trim_start_matches(['-', ' ']).len();
        (2 * column + 1, 2 * (column + dashes))
    } else {
        (2 * column, 2 * column)
    }
}

fn up_to(line: &str, key: &str) -> String {
    let end = line.find(key).map_or(0, |at| at + key.len());
    format!("{}: …", &line[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt() -> Excerpt {
        let known = [
            "upstream", "url", "id", "modes", "app_id", "app_key", "keys", "level",
        ];
        Excerpt {
            known: known.map(str::to_owned).into(),
            secret: ["app_key", "keys"].map(str::to_owned).into(),
        }
    }

    #[test]
    fn a_line_is_shown_only_if_it_holds_no_secret() {
        let cases = [
            ("known key", "upstream:\n  url: x", 2, "  url: x"),
            ("secret key", "upstream:\n  app_key: s3cret", 2, ""),
            (
                "flow mapping with a secret",
                "app_id: {id: x, app_key: s3cret}",
                1,
                "",
            ),
            (
                "misspelt secret",
                "upstream:\n  apq_kee: s3cret",
                2,
                "  apq_kee: …",
            ),
            (
                "misspelt in a flow mapping",
                "app_id: {id: x, ap_kye: s3cret}",
                1,
                "app_id: {id: x, ap_kye: …",
            ),
            ("list below a secret key", "keys:\n  - s3cret", 2, ""),
            ("list in the column of its key", "keys:\n- s3cret", 2, ""),
            ("list below a known key", "modes:\n- x", 2, "- x"),
            (
                "block text below a secret",
                "app_key: |\n  url: s3cret",
                2,
                "",
            ),
            ("text below an unknown key", "apq_kee: |\n  s3cret", 2, ""),
            (
                "key below an unknown key",
                "apq_kee: |\n  url: s3cret",
                2,
                "  url: …",
            ),
            (
                "sibling of a secret",
                "- app_key: s3cret\n  url: x",
                2,
                "  url: x",
            ),
            ("forgotten colon", "upstream:\n  app_key s3cret", 2, ""),
            (
                "forgotten colon and misspelt",
                "upstream:\n  apq_kee s3cret",
                2,
                "",
            ),
            ("forgotten space", "modes:\n- apq_kee:s3cret", 2, ""),
            ("comment", "level: x  # was s3cret", 1, "level: x"),
            ("user information", "url: http://u:s3cret@h", 1, ""),
            (
                "white space of several bytes",
                "modes: {\u{2003}url: x}",
                1,
                "modes: {\u{2003}url: x}",
            ),
            ("beyond the end", "level: x", 9, ""),
        ];
        for (name, text, number, shown) in cases {
            let lines: Vec<&str> = text.lines().collect();
            assert_eq!(excerpt().line(&lines, number), shown, "{name}");
        }
    }
}
