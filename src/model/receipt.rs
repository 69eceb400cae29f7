//! What the gateway did to a request, as one stable document: the audit line, the receipt header, `explain` and `replay` all
//! hold this. Its JSON Schema is `config/receipt.schema.json`.
//!
//! `patch` is a JSON Patch (RFC 6902): applied to the body that came in, it gives the body that was decided on. Each
//! operation also says which stage and rule it is by, and why. Masked, it fits a body that is masked the same way.

use std::fmt::Write as _;
use std::vec::Drain;

use serde::Serialize;

use super::change::{Change, Detail, Shown};
use super::changes::Changes;
use super::finding::{Finding, Location};

/// Version of the document's format; a change that breaks readers changes it.
pub const SCHEMA: &str = "meeting-gateway.receipt/1";

/// What was done to one request.
#[derive(Debug, Serialize)]
pub struct Receipt<'j> {
    schema: &'static str,
    /// The body's operations, in order.
    patch: Vec<Shown<'j>>,
    /// Query parameters and headers that do not go upstream.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<Shown<'j>>,
    /// What was found.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<&'j Finding>,
    /// Changes and findings that are not listed, or only with a path that is cut; the patch is whole where there are none.
    #[serde(skip_serializing_if = "is_zero")]
    omitted: usize,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes members by reference"
)]
const fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl<'j> Receipt<'j> {
    /// The receipt of changes and findings, with as much of the values as `detail` says.
    pub fn of(
        changes: &'j Changes,
        findings: impl IntoIterator<Item = &'j Finding>,
        detail: Detail,
    ) -> Self {
        let (patch, parameters): (Vec<&Change>, Vec<&Change>) = changes
            .all()
            .iter()
            .partition(|change| change.location == Location::Body);
        let shown = |changes: Vec<&'j Change>| -> Vec<Shown<'j>> {
            let shown = changes.into_iter().map(|change| change.shown(detail));
            shown.collect()
        };
        let patch = shown(patch);
        let cut = patch.iter().filter(|change| change.is_cut()).count();
        Self {
            schema: SCHEMA,
            patch,
            parameters: shown(parameters),
            findings: findings.into_iter().collect(),
            omitted: changes.omitted() + cut,
        }
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.patch.is_empty()
            && self.parameters.is_empty()
            && self.findings.is_empty()
            && self.omitted == 0
    }

    /// As much of it as goes into `most` bytes of ASCII JSON; the rest is counted.
    #[must_use]
    pub fn within(mut self, most: usize) -> Self {
        let mut room = most.saturating_sub(ENVELOPE);
        let dropped = keep(&mut self.patch, &mut room);
        // Those whose path is cut have been counted.
        self.omitted += dropped.filter(|change| !change.is_cut()).count();
        self.omitted += keep(&mut self.parameters, &mut room).count();
        self.omitted += keep(&mut self.findings, &mut room).count();
        self
    }

    /// The document as JSON in visible ASCII, to stand in a header of at most `most` bytes.
    pub fn in_a_header(self, most: usize) -> String {
        ascii(&serde_json::to_string(&self.within(most)).unwrap_or_default())
    }
}

/// Bytes of the document without any entry.
const ENVELOPE: usize = 160;

/// Takes out the first entry that does not go into the room that is left, and those behind it.
fn keep<'v, T: Serialize>(entries: &'v mut Vec<T>, room: &mut usize) -> Drain<'v, T> {
    let fits = entries.iter().take_while(|entry| {
        let length = ascii(&serde_json::to_string(entry).unwrap_or_default()).len() + 1;
        let left = room.checked_sub(length);
        *room = left.unwrap_or_default();
        left.is_some()
    });
    let kept = fits.count();
    entries.drain(kept..)
}

/// JSON with everything but visible ASCII escaped (RFC 8259, section 7).
fn ascii(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        if matches!(c, ' '..='~') {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::json::{Value, json};
    use crate::model::stage::Stage;

    fn changes(count: usize) -> Changes {
        let mut changes = Changes::default();
        changes.push(Change::removed(
            Stage::Strip,
            Location::Query,
            "userUUID",
            "deprecated",
        ));
        for index in 0..count {
            let path = format!("/attendees/{index}/name");
            changes.push(Change::in_body(
                Stage::Decide,
                path,
                None,
                Some(json!("x")),
                "会",
            ));
        }
        changes
    }

    #[test]
    fn the_body_is_patched_and_parameters_are_told_apart() {
        let changes = changes(1);
        let told = serde_json::to_value(Receipt::of(&changes, [], Detail::Exact)).unwrap();
        let told = crate::model::json::Value::from(told);
        assert_eq!(
            told,
            json!({
                "schema": "meeting-gateway.receipt/1",
                "patch": [{"op": "add", "path": "/attendees/0/name", "value": "x", "stage": "decide", "reason": "会"}],
                "parameters": [{"op": "remove", "in": "query", "path": "userUUID", "stage": "strip", "reason": "deprecated"}]
            })
        );
    }

    #[test]
    fn a_header_holds_what_fits_in_visible_ascii_and_counts_the_rest() {
        let changes = changes(50);
        let text = Receipt::of(&changes, [], Detail::Short).in_a_header(1024);
        assert!(text.len() <= 1024 && text.bytes().all(|b| matches!(b, b' '..=b'~')));
        let told: Value = serde_json::from_str(&text).unwrap();
        let listed = told["patch"].as_array().unwrap().len();
        assert!(listed > 5 && told["omitted"] == 51 - listed, "{told}");
        assert_eq!(told["patch"][0]["reason"], "会");
    }

    #[test]
    fn a_patch_with_a_path_that_is_cut_is_not_whole() {
        let mut changes = Changes::default();
        for name in ["colour", &"x".repeat(65)] {
            let path = format!("/{name}");
            changes.push(Change::removed(Stage::Strip, Location::Body, path, "x"));
        }
        let omitted = |receipt: Receipt<'_>| receipt.omitted;
        let short = || Receipt::of(&changes, [], Detail::Short);
        assert_eq!(omitted(short()), 1);
        assert_eq!(omitted(short().within(1000)), 1, "counted once");
        assert_eq!(omitted(short().within(0)), 2);
        assert_eq!(omitted(Receipt::of(&changes, [], Detail::Masked)), 0);
    }
}
