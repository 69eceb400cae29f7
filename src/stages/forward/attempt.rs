//! One try at the upstream, as traces and metrics see it: told of when it is dropped, so that a try that was given up, because
//! the client left or the time was over, is told of, too.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, StatusCode, Uri};
use http_body::Body as _;

use crate::model::header::TRACEPARENT;
use crate::model::operation::OperationRef;
use crate::model::record::Record;
use crate::runtime::http_client::Outgoing;
use crate::runtime::telemetry::instruments::Attempt as Measured;
use crate::runtime::telemetry::spans::{self, ClientRequest, ClientSpan};
use crate::runtime::telemetry::{Telemetry, propagation};
use crate::stages::forward::Outbound;

/// What a try is called that nobody waited for to the end.
const GIVEN_UP: &str = "cancelled";

/// One try.
#[derive(Debug)]
pub struct Attempt {
    telemetry: Arc<Telemetry>,
    span: ClientSpan,
    record: Record,
    operation: OperationRef,
    uri: Uri,
    /// On the record's clock.
    started: Duration,
    status: Option<StatusCode>,
    request_size: Option<u64>,
    response_size: Option<u64>,
    /// In one bounded word what went wrong, if anything did.
    error_type: Option<&'static str>,
}

impl Attempt {
    /// Begins one: counts it in the record and gives the request, with the trace context of the try.
    pub fn begin(telemetry: &Arc<Telemetry>, outbound: &Outbound) -> (Self, Request<Outgoing>) {
        let resends = outbound.count_try();
        let parent = {
            let mut journal = outbound.record.journal();
            journal.upstream.attempts += 1;
            // What an earlier try was answered is not what this one comes to.
            journal.upstream.status = None;
            journal.upstream.request_id = None;
            spans::context(journal.trace)
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
            },
        );
        let traceparent = propagation::traceparent(span.context());
        request.headers_mut().insert(TRACEPARENT, traceparent);
        let attempt = Self {
            telemetry: Arc::clone(telemetry),
            span,
            record: outbound.record.clone(),
            operation,
            uri,
            started: outbound.record.clock().monotonic(),
            status: None,
            request_size: request.body().size_hint().exact(),
            response_size: None,
            error_type: Some(GIVEN_UP),
        };
        (attempt, request)
    }

    /// The head of the answer is there, and says how long its body is, if it does.
    pub fn head(&mut self, status: StatusCode, length: Option<u64>) {
        self.status = Some(status);
        self.response_size = length;
    }

    /// The whole answer is there and can be used.
    pub fn answered(mut self) {
        self.error_type = None;
    }

    /// It failed so.
    pub fn failed(mut self, error_type: &'static str) {
        self.error_type = Some(error_type);
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        let now = self.record.clock().monotonic();
        let took = now.saturating_sub(self.started);
        self.record.journal().upstream.duration += took;
        if let Some(status) = self.status {
            self.span.answered(status);
        }
        if let Some(error_type) = self.error_type {
            self.span.failed(error_type);
        }
        let instruments = self.telemetry.instruments();
        let measured = Measured {
            method: &self.operation.method,
            uri: &self.uri,
            template: Some(self.operation.template),
            status: self.status,
            error_type: self.error_type,
            request_size: self.request_size,
            response_size: self.response_size,
        };
        instruments.client_request(&measured, took);
        instruments.attempted(self.operation.name, self.error_type.unwrap_or("answered"));
    }
}
