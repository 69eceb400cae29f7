//! Holds callers and meetings to their quotas. Needs a principal, and no body yet.
//!
//! Whatever the decision, the answer tells the caller where it stands: `RateLimit-Policy` and `RateLimit`
//! (draft-ietf-httpapi-ratelimit-headers-10).

use std::borrow::Cow;
use std::task::{Context, Poll};

use futures_util::future::{BoxFuture, Either};
use http::header::HeaderName;
use percent_encoding::percent_decode_str;
use tower::{Layer, Service};

use crate::contract::Routing;
use crate::model::query_pairs::pairs;
use crate::model::record::{Record, shortened};
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::runtime::quotas::decision::Decision;
use crate::runtime::snapshot::Snapshot;
use crate::stages::admit::Admitted;
use crate::stages::forward::Answer;
use crate::stages::step::{Passed, refused};

/// The query parameters that name a meeting.
const MEETING_PARAMETERS: [&str; 2] = ["conferenceID", "conf_id"];
const RATELIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const RATELIMIT: HeaderName = HeaderName::from_static("ratelimit");

/// [`Admitted`] → [`Admitted`], or 429. Waits only where several gateways share a store.
#[derive(Debug, Clone, Copy, Default)]
pub struct LimitLayer;

impl<S> Layer<S> for LimitLayer {
    type Service = Limit<S>;

    fn layer(&self, inner: S) -> Limit<S> {
        Limit { inner }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct Limit<S> {
    inner: S,
}

impl<S, B> Service<Admitted<B>> for Limit<S>
where
    S: Service<Admitted<B>, Response = Answer, Error = Refusal> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
{
    type Response = Answer;
    type Error = Refusal;
    type Future = Either<Passed<S::Future, Answer>, BoxFuture<'static, Result<Answer, Refusal>>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, admitted: Admitted<B>) -> Self::Future {
        let Admitted {
            snapshot, record, ..
        } = &admitted;
        record.enter(Stage::Limit);
        let meeting = meeting(&admitted);
        let caller = admitted.principal.caller.index;
        if !snapshot.quotas.is_shared() {
            let decision = snapshot.quotas.check(caller, meeting.as_deref());
            let passed = settle(record, snapshot, meeting.as_deref(), &decision);
            return Either::Left(match passed {
                Ok(()) => Either::Left(self.inner.call(admitted)),
                Err(refusal) => refused(refusal),
            });
        }
        let meeting = meeting.map(Cow::into_owned);
        // The clone is not ready yet; the one that is goes along.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Either::Right(Box::pin(async move {
            charge(
                &admitted.record,
                &admitted.snapshot,
                caller,
                meeting.as_deref(),
            )
            .await?;
            inner.call(admitted).await
        }))
    }
}

/// The meeting whose quota a request counts against: only one for an operation that is served, since anything else would let anybody
/// use it up.
fn meeting<B>(admitted: &Admitted<B>) -> Option<Cow<'_, str>> {
    let Admitted {
        request, snapshot, ..
    } = admitted;
    let path = snapshot.requests.path(request.uri().path());
    let routing = snapshot.contract.route(request.method(), path);
    let served = matches!(routing, Routing::Found(operation) if snapshot.serves(operation));
    let query = request.uri().query().filter(|_| served);
    query.and_then(meeting_of)
}

/// Charges a caller, and a meeting where there is one; notes for the answer where it stands.
pub(super) async fn charge(
    record: &Record,
    snapshot: &Snapshot,
    caller: usize,
    meeting: Option<&str>,
) -> Result<(), Refusal> {
    let decision = snapshot.quotas.decide(caller, meeting).await;
    settle(record, snapshot, meeting, &decision)
}

fn settle(
    record: &Record,
    snapshot: &Snapshot,
    meeting: Option<&str>,
    decision: &Decision,
) -> Result<(), Refusal> {
    let mut journal = record.journal();
    let policy = snapshot.quotas.policy_of(decision);
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
