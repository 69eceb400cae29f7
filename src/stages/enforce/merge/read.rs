//! Reads a meeting as it is now, with the rights of the one who changes it: the same token, the same client, the same deadline.
//!
//! The participants come in pages. All pages must tell of the same meeting, or somebody changes it meanwhile. Pages and
//! participants are bounded: a meeting with more attendees than an update may have cannot be filled in.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use http::header::HeaderValue;
use tower::{Service, ServiceExt};

use crate::contract::BodyContract;
use crate::contract::meeting_detail::{MeetingDetail, Unusable};
use crate::contract::told_meeting::{MeetingState, ToldMeeting};
use crate::model::document::Document;
use crate::model::finding::Mode;
use crate::model::header::VisibleHeaders;
use crate::model::json::Value;
use crate::model::operation::OperationRef;
use crate::model::principal::Principal;
use crate::model::record::{MeetingSource, Record};
use crate::model::refusal::{Aftermath, Refusal};
use crate::model::stage::Stage;
use crate::policy::{Effects, Facts, Verdict};
use crate::runtime::snapshot::Snapshot;
use crate::stages::decode::{Call, Query};
use crate::stages::forward::Answer;

/// The operation that tells a meeting.
const DETAIL: &str = "show_meeting_detail";
/// What an update calls the meeting within a series.
const WITHIN: &str = "cycleSubConfID";
/// The most participants of a page that the API gives.
const PAGE: usize = 500;
/// Most pages of one reading: three times as many as full ones hold the most attendees of an update.
const MOST_PAGES: usize = 60;
/// Most participants: as many attendees as the contract lets an update have.
const MOST_PARTICIPANTS: usize = 10_000;

/// What is to be read, on whose behalf.
#[derive(Debug)]
pub(super) struct Reading {
    operation: OperationRef,
    update: OperationRef,
    meeting: Box<str>,
    /// The meeting within a series.
    within: Option<Box<str>>,
    /// Whether all participants are wanted.
    participants: bool,
    own_token: Option<HeaderValue>,
    headers: VisibleHeaders,
    principal: Principal,
    snapshot: Arc<Snapshot>,
    record: Record,
    deadline: Option<Duration>,
    source: MeetingSource,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Read {
    /// The meeting is to come, and is so.
    Told(ToldMeeting),
    /// It has started.
    Started,
    /// It is not there.
    Gone,
    /// The upstream answers with something else than a meeting.
    Answered(Answer),
}

impl Reading {
    /// What a change has to know; none where it does not say of which meeting, or not in the way of the API: that is for the
    /// validation to refuse.
    pub(super) fn of(call: &Call, participants: bool) -> Option<Self> {
        let contract = &call.snapshot.contract;
        let known = contract.parameters(call.operation)?;
        if !known.violations(&call.query).is_empty() {
            return None;
        }
        let (_, meeting) = call
            .query
            .iter()
            .find(|(name, _)| **name == *"conferenceID")?;
        let body = contract.body(call.operation)?;
        let within = match body.shape().member(WITHIN) {
            Some(_) => Some(call.document.0.get(WITHIN)?.as_str()?.trim().into()),
            None => None,
        };
        Some(Self {
            operation: contract.operation(DETAIL)?,
            update: call.operation,
            meeting: meeting.clone(),
            within,
            participants,
            own_token: call.own_token.clone(),
            headers: call.headers.clone(),
            principal: call.principal.clone(),
            snapshot: Arc::clone(&call.snapshot),
            record: call.record.clone(),
            deadline: call.deadline,
            source: call.record.journal().meeting_source.clone(),
        })
    }

    /// The meeting's id, as sent.
    pub(super) fn meeting(&self) -> &str {
        &self.meeting
    }

    /// Whether all participants are read.
    pub(super) const fn participants(&self) -> bool {
        self.participants
    }

    /// Whether the upstream is asked.
    pub(super) const fn asks(&self) -> bool {
        matches!(self.source, MeetingSource::Upstream)
    }

    /// Holds the reading to the policy, as if the caller asked by itself: nobody reads a meeting by changing it.
    ///
    /// # Errors
    ///
    /// The policy denies it.
    pub(super) fn allowed(&self) -> Result<(), Refusal> {
        let query = self.query(0);
        let (client, now) = {
            let journal = self.record.journal();
            (journal.client, journal.started_unix)
        };
        let facts = Facts {
            operation: self.operation,
            caller: &self.principal.caller,
            address: client,
            query: &query,
            headers: &self.headers,
            deprecated: &[],
            now,
        };
        let (mut nothing, mut effects) = (Document::default(), Effects::default());
        let rules = &self.snapshot.rules;
        if rules.evaluate(&facts, &mut nothing, &mut effects) == Verdict::Allow {
            return Ok(());
        }
        let mut findings = effects.findings;
        findings.retain(|finding| finding.mode == Mode::Enforce);
        Err(Refusal::Denied { findings })
    }

    /// Whether time is left for the upstream: what has none left is not begun.
    ///
    /// # Errors
    ///
    /// The request has had its time.
    pub(super) fn in_time(&self) -> Result<(), Refusal> {
        let now = self.record.clock().monotonic();
        if self.deadline.is_some_and(|deadline| deadline <= now) {
            return Err(Refusal::UpstreamTimeout {
                aftermath: Aftermath::Unchanged,
            });
        }
        Ok(())
    }

    /// Reads it. Afterwards the record is in the merge stage again.
    ///
    /// # Errors
    ///
    /// The upstream cannot be asked or answers with what cannot be used, or the meeting is changed while it is read.
    pub(super) async fn read<R>(&self, service: &R) -> Result<Read, Refusal>
    where
        R: Service<Call, Response = Answer, Error = Refusal> + Clone,
    {
        let read = match &self.source {
            MeetingSource::Given(answer) => MeetingDetail::of(Value::clone(answer))
                .map_err(unreadable)
                .and_then(|mut detail| {
                    let page = self.participants.then(|| detail.take_page());
                    self.told(&detail, page)
                }),
            MeetingSource::Nobody { .. } | MeetingSource::Upstream => self.pages(service).await,
        };
        if read.is_ok() {
            self.record.journal().stage = Stage::Merge;
        }
        read
    }

    async fn pages<R>(&self, service: &R) -> Result<Read, Refusal>
    where
        R: Service<Call, Response = Answer, Error = Refusal> + Clone,
    {
        let mut participants = Vec::new();
        // Of all pages together, as of one answer: they are kept until the last is there.
        let mut bytes_left = self.snapshot.upstream.answer_bytes;
        let mut first: Option<(MeetingDetail, Option<ToldMeeting>)> = None;
        for _ in 0..MOST_PAGES {
            let mut page = match self
                .page(service, participants.len(), &mut bytes_left)
                .await?
            {
                Ok(page) => page,
                // It was there a moment ago.
                Err(answer) if first.is_some() && says_gone(answer.status) => {
                    return Ok(Read::Gone);
                }
                Err(answer) => return Ok(Read::Answered(answer)),
            };
            if !self.participants {
                return self.told(&page, None);
            }
            let count = page.participants().map_err(unreadable)?;
            if count > MOST_PARTICIPANTS {
                return Err(unreadable(
                    "it has more attendees than a request may have".into(),
                ));
            }
            let more = page.take_page();
            let is_last = more.is_empty() || participants.len() + more.len() >= count;
            participants.extend(more);
            let told = self.told_meeting(&page, None)?;
            match &first {
                None => first = Some((page, told)),
                Some((detail, before)) => {
                    let state = told.as_ref().map(|told| told.state);
                    if state == Some(MeetingState::Started) {
                        return Ok(Read::Started);
                    }
                    if *before != told || detail.participants() != Ok(count) {
                        return Err(Refusal::MeetingChanged);
                    }
                }
            }
            if is_last {
                if participants.len() != count {
                    return Err(Refusal::MeetingChanged);
                }
                break;
            }
        }
        match first {
            Some((detail, _)) if detail.participants() == Ok(participants.len()) => {
                self.told(&detail, Some(participants))
            }
            _ => Err(unreadable("its attendees come in too many pages".into())),
        }
    }

    /// One page, or what the upstream answers instead.
    async fn page<R>(
        &self,
        service: &R,
        offset: usize,
        bytes_left: &mut usize,
    ) -> Result<Result<MeetingDetail, Answer>, Refusal>
    where
        R: Service<Call, Response = Answer, Error = Refusal> + Clone,
    {
        self.in_time()?;
        let answer = service.clone().oneshot(self.call(offset)).await;
        let answer = answer.map_err(|refusal| match refusal {
            // What the client says of it is about changes, and this is none.
            Refusal::UpstreamAnswerInvalid { what, .. } => unreadable(what.into()),
            other => other,
        })?;
        if answer.status.is_client_error() || answer.status.is_server_error() {
            return Ok(Err(answer));
        }
        // Any other success would look like that of the change.
        if answer.status != StatusCode::OK {
            return Err(unreadable("its status is not 200".into()));
        }
        let whole = answer.body.whole().ok_or(Refusal::Internal)?;
        *bytes_left = bytes_left.checked_sub(whole.len()).ok_or_else(|| {
            unreadable("its pages are larger than `upstream.answer_bytes` together".into())
        })?;
        MeetingDetail::read(whole).map(Ok).map_err(unreadable)
    }

    fn told(
        &self,
        detail: &MeetingDetail,
        participants: Option<Vec<Value>>,
    ) -> Result<Read, Refusal> {
        Ok(match self.told_meeting(detail, participants)? {
            None => Read::Gone,
            Some(told) => match told.state {
                MeetingState::Scheduled => Read::Told(told),
                MeetingState::Started => Read::Started,
                MeetingState::Over => Read::Gone,
            },
        })
    }

    fn told_meeting(
        &self,
        detail: &MeetingDetail,
        participants: Option<Vec<Value>>,
    ) -> Result<Option<ToldMeeting>, Refusal> {
        let body: Option<&BodyContract> = self.snapshot.contract.body(self.update);
        let body = body.ok_or(Refusal::Internal)?;
        let within = self.within.as_deref();
        ToldMeeting::of(body, detail, participants, within).map_err(unreadable)
    }

    fn query(&self, offset: usize) -> Query {
        let limit = if self.participants { PAGE } else { 1 };
        let pair = |name: &str, value: usize| (name.into(), value.to_string().into());
        vec![
            ("conferenceID".into(), self.meeting.clone()),
            pair("offset", offset),
            pair("limit", limit),
        ]
    }

    fn call(&self, offset: usize) -> Call {
        Call {
            operation: self.operation,
            query: self.query(offset),
            deprecated: Vec::new(),
            headers: self.headers.clone(),
            passed: Vec::new(),
            own_token: self.own_token.clone(),
            document: Document::default(),
            in_order: false,
            merged: None,
            deadline: self.deadline,
            principal: self.principal.clone(),
            snapshot: Arc::clone(&self.snapshot),
            record: self.record.clone(),
        }
    }
}

/// Whether an error says that there is no such meeting: to the upstream, what does not exist is a bad request.
pub(super) fn says_gone(status: StatusCode) -> bool {
    matches!(status, StatusCode::BAD_REQUEST | StatusCode::NOT_FOUND)
}

/// What the upstream tells cannot be used.
pub(super) const fn unreadable(what: Unusable) -> Refusal {
    Refusal::MeetingUnreadable { what }
}
