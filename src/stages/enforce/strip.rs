//! Takes out what is deprecated or unknown, and refuses names that only look like known ones.
//!
//! A stripped parameter is counted for each caller and announced in the answer (`Deprecation`, RFC 9745; `Link`, RFC 8288), so
//! that owners see who still sends what.

use http::header::{HeaderName, LINK};

use crate::contract::deprecation::{self, Deprecated};
use crate::contract::unknown_members::{self, UnknownMembers};
use crate::model::change::Change;
use crate::model::changes::Changes;
use crate::model::finding::{Finding, Location, Mode};
use crate::model::operation::OperationRef;
use crate::model::record::{Journal, Record};
use crate::model::refusal::Refusal;
use crate::model::sensitive::MASK;
use crate::model::stage::Stage;
use crate::runtime::snapshot::Snapshot;
use crate::stages::decode::{Call, Query};
use crate::stages::relay::Relay;
use crate::stages::step::{Step, Verdict};

/// The longest documented parameter name has 17 letters.
const LONGEST_SHOWN_NAME: usize = 32;
const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");

/// [`Call`] → [`Call`], or 400 for look-alikes and, if so configured, unknown names.
#[derive(Debug, Clone, Copy, Default)]
pub struct Strip;

impl Step<Call> for Strip {
    type Next = Call;

    #[inline]
    fn apply(&self, mut call: Call) -> Verdict<Call> {
        strip(&mut call)?;
        Ok(call)
    }
}

/// The query and the headers, and then the body.
fn strip(call: &mut Call) -> Verdict<()> {
    call.record.enter(Stage::Strip);
    let mut findings = parameters(
        &call.record,
        &call.snapshot,
        call.operation,
        &mut call.query,
        &mut call.deprecated,
    );
    let Some(contract) = call.snapshot.contract.body(call.operation) else {
        return within(&call.snapshot, findings, 0);
    };
    // Where it is, normalise and validate have nothing to do with it either: this is their look, too.
    call.in_order = contract.is_in_order(&call.document);
    if call.in_order {
        return within(&call.snapshot, findings, 0);
    }
    let stripped = unknown_members::strip(
        &mut call.document,
        contract.shape(),
        call.snapshot.requests.unknown_members,
        &mut call.record.journal().changes,
    );
    let mut look_alikes = stripped.look_alikes;
    if !look_alikes.is_empty() {
        look_alikes.truncate(call.snapshot.requests.max_violations);
        return Err(Refusal::LookAlikes {
            findings: look_alikes,
        });
    }
    findings.extend(stripped.unknown);
    within(&call.snapshot, findings, stripped.omitted)
}

/// The same for a request whose body nobody here knows: query and headers only.
impl Step<Relay> for Strip {
    type Next = Relay;

    fn apply(&self, mut relay: Relay) -> Verdict<Relay> {
        relay.record.enter(Stage::Strip);
        let findings = parameters(
            &relay.record,
            &relay.snapshot,
            relay.operation,
            &mut relay.query,
            &mut relay.deprecated,
        );
        within(&relay.snapshot, findings, 0).map(|()| relay)
    }
}

/// Leaves the documented parameters alone; the rest does not go upstream, whatever is configured for members. What is deprecated is
/// noted, with the headers that are, and announced; what comes back is refused.
fn parameters(
    record: &Record,
    snapshot: &Snapshot,
    operation: OperationRef,
    query: &mut Query,
    deprecated: &mut Vec<&'static Deprecated>,
) -> Vec<Finding> {
    let reject = snapshot.requests.unknown_members == UnknownMembers::Reject;
    let mut journal = record.journal();
    let mut findings = Vec::new();
    let mut found = 0;
    query.retain(|(name, _)| {
        if let Some(entry) = deprecation::find(Location::Query, name) {
            // Parameters first, then the headers that are there already.
            deprecated.insert(found, entry);
            found += 1;
            return false;
        }
        if operation.query.contains(&&**name) {
            return true;
        }
        if reject {
            findings.push(unknown_parameter(name));
        } else {
            journal.changes.push(Change::removed(
                Stage::Strip,
                Location::Query,
                shown(name),
                "not a documented parameter",
            ));
        }
        false
    });
    note(deprecated, &mut journal.changes);
    announce(&mut journal, deprecated);
    findings
}

/// Passes where nothing is wrong; else as many violations as are listed, and how many more there are.
fn within(snapshot: &Snapshot, mut findings: Vec<Finding>, omitted: usize) -> Verdict<()> {
    if findings.is_empty() {
        return Ok(());
    }
    let cap = snapshot.requests.max_violations;
    let omitted = omitted + findings.len().saturating_sub(cap);
    findings.truncate(cap);
    Err(Refusal::Violations { findings, omitted })
}

fn note(deprecated: &[&'static Deprecated], changes: &mut Changes) {
    for entry in deprecated {
        changes.push(Change::removed(
            Stage::Strip,
            entry.location,
            entry.name,
            "deprecated",
        ));
    }
}

/// The name of an unknown parameter, if it looks like one: anything else may be a secret that somebody put into the URL.
fn shown(name: &str) -> &str {
    let plain = name.len() <= LONGEST_SHOWN_NAME
        && name
            .bytes()
            .all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-'));
    if plain { name } else { MASK }
}

fn unknown_parameter(name: &str) -> Finding {
    Finding {
        location: Location::Query,
        pointer: shown(name).to_owned(),
        keyword: "additionalProperties".into(),
        rule: None,
        expected: None,
        got: None,
        message: format!(
            "`{}` is not a query parameter of this operation.",
            shown(name)
        ),
        mode: Mode::Enforce,
        exemption: None,
    }
}

/// One `Deprecation` header with the earliest date, and a link for each parameter's documentation.
fn announce(journal: &mut Journal, deprecated: &[&'static Deprecated]) {
    let Some(earliest) = deprecated.iter().min_by_key(|entry| entry.since) else {
        return;
    };
    let announcement = (DEPRECATION, earliest.announcement.clone());
    journal.answer_headers.push(announcement);
    for (at, entry) in deprecated.iter().enumerate() {
        let mut before = deprecated.iter().take(at);
        if before.all(|other| other.link != entry.link) {
            journal.answer_headers.push((LINK, entry.link.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_looks_like_a_name_is_shown() {
        for (name, expected) in [
            ("queryAll", "queryAll"),
            ("cnr1510zTBhrfUsymQ0srhW2RYS99r9G", MASK),
            ("a b", MASK),
            ("", ""),
        ] {
            assert_eq!(shown(name), expected);
        }
    }
}
