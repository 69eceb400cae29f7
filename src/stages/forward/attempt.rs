//! One try at the upstream, as traces and metrics see it: told of when it is dropped, so that a try that was given up, because
//! the client left or the time was over, is told of, too.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, StatusCode, Uri, Version};
use http_body::Body;

use crate::model::header::TRACEPARENT;
use crate::model::operation::OperationRef;
use crate::model::record::Record;
use crate::model::tries::Try;
use crate::runtime::http_client::Outgoing;
use crate::runtime::telemetry::instruments::Attempt as Measured;
use crate::runtime::telemetry::spans::{self, ClientRequest, ClientSpan, Ended};
use crate::runtime::telemetry::{Telemetry, propagation};
use crate::stages::forward::Outbound;

/// What a try is called that nobody waited for to the end. The semantic conventions want no error made of it: whoever asked has left.
const GIVEN_UP: &str = "cancelled";
/// What it is called where the time of the request was over.
const OVERDUE: &str = "timeout";

/// One try.
#[derive(Debug)]
pub struct Attempt {
    telemetry: Arc<Telemetry>,
    span: ClientSpan,
    record: Record,
    operation: OperationRef,
    uri: Uri,
    resends: u32,
    /// On the record's clock.
    started: Duration,
    /// The same, since 1970.
    started_unix: Duration,
    status: Option<StatusCode>,
    request_size: Option<u64>,
    response_size: Option<u64>,
    version: Option<Version>,
    /// Who answered.
    peer: Option<SocketAddr>,
    /// In one bounded word what went wrong, if anything did.
    error_type: Option<&'static str>,
}

impl Attempt {
    /// Begins one: counts it in the record and gives the request, with the trace context of the try. It is large, and goes from hand
    /// to hand until the answer is there: so it stays where it is.
    pub fn begin(
        telemetry: &Arc<Telemetry>,
        outbound: &Outbound,
    ) -> (Box<Self>, Request<Outgoing>) {
        let resends = outbound.count_try();
        let started = outbound.record.clock().monotonic();
        let (parent, started_unix) = {
            let mut journal = outbound.record.journal();
            journal.upstream.attempts += 1;
            // What an earlier try was answered is not what this one comes to.
            journal.upstream.status = None;
            journal.upstream.request_id = None;
            let since = started.saturating_sub(journal.started);
            (spans::context(journal.trace), journal.started_unix + since)
        };
        let mut request = outbound.request();
        let operation = outbound.operation;
        let uri = request.uri().clone();
        let span = telemetry.client_span(
            &parent,
            &ClientRequest {
                method: &operation.method,
                uri: &uri,
                template: Some(operation.template),
                resends,
                started: started_unix,
            },
        );
        let traceparent = propagation::traceparent(span.context());
        request.headers_mut().insert(TRACEPARENT, traceparent);
        let attempt = Box::new(Self {
            telemetry: Arc::clone(telemetry),
            span,
            record: outbound.record.clone(),
            operation,
            uri,
            resends,
            started,
            started_unix,
            status: None,
            request_size: request.body().size_hint().exact(),
            response_size: None,
            version: None,
            peer: None,
            error_type: Some(GIVEN_UP),
        });
        (attempt, request)
    }

    /// The head of the answer is there, and says how long its body is, if it does; `peer` sent it.
    pub fn head<B: Body>(&mut self, response: &Response<B>, peer: Option<SocketAddr>) {
        self.status = Some(response.status());
        self.response_size = response.body().size_hint().exact();
        self.version = Some(response.version());
        self.peer = peer;
    }

    /// The whole answer is there and can be used.
    pub fn answered(mut self: Box<Self>) {
        self.error_type = None;
    }

    /// It failed so.
    pub fn failed(mut self: Box<Self>, error_type: &'static str) {
        self.error_type = Some(error_type);
    }
}

impl Attempt {
    /// What came of it: `answered`, or what went wrong.
    fn outcome(&self) -> &'static str {
        match self.error_type {
            Some(GIVEN_UP) if self.record.journal().upstream.overdue => OVERDUE,
            Some(word) => word,
            None => "answered",
        }
    }

    /// Writes it in the record: the time, and all of it where a span may be made of it later. The last to be told.
    fn note(&mut self, took: Duration, error_type: Option<&'static str>) {
        let mut journal = self.record.journal();
        journal.upstream.duration += took;
        if let Some(tries) = &mut journal.untold_tries {
            tries.push(Try {
                operation: self.operation,
                uri: std::mem::take(&mut self.uri),
                span_id: spans::identity(self.span.context()).span_id,
                resends: self.resends,
                started: self.started,
                took,
                status: self.status,
                version: self.version,
                peer: self.peer,
                error_type,
            });
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let now = self.record.clock().monotonic();
        let took = now.saturating_sub(self.started);
        let outcome = self.outcome();
        let error_type = self
            .error_type
            .and((outcome != GIVEN_UP).then_some(outcome));
        self.span.end(&Ended {
            at: self.started_unix + took,
            status: self.status,
            error_type,
            version: self.version,
            peer: self.peer,
        });
        let instruments = self.telemetry.instruments();
        let measured = Measured {
            method: &self.operation.method,
            uri: &self.uri,
            template: Some(self.operation.template),
            status: self.status,
            error_type,
            version: self.version,
            request_size: self.request_size,
            response_size: self.response_size,
        };
        instruments.client_request(&measured, took);
        instruments.attempted(self.operation.name, outcome);
        self.note(took, error_type);
    }
}
