//! Holds callers and meetings to their quotas. Needs a principal, and no body yet.
//!
//! Whatever the decision, the answer tells the caller where it stands: `RateLimit-Policy` and `RateLimit`
//! (draft-ietf-httpapi-ratelimit-headers-10).

use std::borrow::Cow;

use http::header::HeaderName;
use percent_encoding::percent_decode_str;

use crate::contract::Routing;
use crate::model::query_pairs::pairs;
use crate::model::record::{Record, shortened};
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::runtime::snapshot::Snapshot;
use crate::stages::admit::Admitted;
use crate::stages::step::{Step, Verdict};

/// The query parameters that name a meeting.
const MEETING_PARAMETERS: [&str; 2] = ["conferenceID", "conf_id"];
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// [`Admitted`] → [`Admitted`], or 429.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limit;

impl<B> Step<Admitted<B>> for Limit {
    type Next = Admitted<B>;

    fn apply(&self, admitted: Admitted<B>) -> Verdict<Admitted<B>> {
        let Admitted {
            request,
            principal,
            snapshot,
            record,
            ..
        } = &admitted;
        record.enter(Stage::Limit);
        // Only a request for an operation that is served counts against a meeting: anything else would let anybody use it up.
        let path = snapshot.requests.path(request.uri().path());
        let routing = snapshot.contract.route(request.method(), path);
        let served = matches!(routing, Routing::Found(operation) if snapshot.serves(operation));
        let query = request.uri().query().filter(|_| served);
        let meeting = query.and_then(meeting_of);
        charge(record, snapshot, principal.caller.index, meeting.as_deref())?;
        Ok(admitted)
    }
}

/// Charges a caller, and a meeting where there is one; notes for the answer where it stands.
pub(super) fn charge(
    record: &Record,
    snapshot: &Snapshot,
    caller: usize,
    meeting: Option<&str>,
) -> Result<(), Refusal> {
    let decision = snapshot.quotas.check(caller, meeting);
    let mut journal = record.journal();
    let policy = snapshot.quotas.policy().cloned();
    let headers = &mut journal.answer_headers;
    headers.extend(policy.map(|policy| (RATELIMIT_POLICY, policy)));
    headers.extend(decision.header().map(|standing| (RATELIMIT, standing)));
    journal.meeting = meeting.map(|meeting| shortened(meeting).into());
    decision.refusal().map_or(Ok(()), Err)
}

/// The meeting that a query is about. Decoded, so that one meeting has one quota however its id is spelt.
fn meeting_of(query: &str) -> Option<Cow<'_, str>> {
    // Most queries have nothing to decode, which one look tells.
    let is_encoded = memchr::memchr(b'%', query.as_bytes()).is_some();
    let decoded = |text| {
        if is_encoded {
            percent_decode_str(text).decode_utf8_lossy()
        } else {
            Cow::Borrowed(text)
        }
    };
    pairs(query).find_map(|(name, value)| {
        let (name, value) = (decoded(name), value?);
        let names_it = |known: &str| name.eq_ignore_ascii_case(known);
        if !MEETING_PARAMETERS.into_iter().any(names_it) {
            return None;
        }
        let id = decoded(value);
        // To a reader of numbers, 0111 is 111.
        let bare = id.trim_start_matches('0');
        Some(if bare.len() == id.len() {
            id
        } else {
            Cow::Owned(bare.to_owned())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_meeting_has_one_key_however_it_is_spelt() {
        for query in [
            "conferenceID=914087436",
            "userUUID=a&conferenceID=914087436",
            "conference%49D=91%34087436",
            "conferenceID=000914087436",
            "offset=1&conf_id=914087436",
        ] {
            assert_eq!(meeting_of(query).as_deref(), Some("914087436"), "{query}");
        }
        assert_eq!(meeting_of("userUUID=914087436"), None);
    }

    #[test]
    fn an_id_of_any_length_is_cut_between_characters() {
        assert_eq!(shortened(&"会".repeat(80)).chars().count(), 64);
        assert_eq!(shortened("914087436"), "914087436");
    }
}
