//! The only place that builds a response for a client: an answer as it is, a refusal in the upstream's own shape, or, for
//! `Accept: application/problem+json`, as RFC 9457 with the same members.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::header::{
    ALLOW, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER, WARNING, WWW_AUTHENTICATE,
};
use http::{Response, StatusCode};
use pin_project_lite::pin_project;
use serde::Serialize;
use tower::{Layer, Service};

use crate::model::change::Detail;
use crate::model::finding::{Finding, Mode};
use crate::model::header::REQUEST_ID;
use crate::model::receipt::Receipt;
use crate::model::record::{Journal, Outcome, Record};
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::stages::admit::Arrival;
use crate::stages::forward::{Answer, AnswerBody, AnswerSource};

const ERROR_SOURCE: HeaderName = HeaderName::from_static("x-gateway-error-source");
const JSON: HeaderValue = HeaderValue::from_static("application/json;charset=UTF-8");
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const RETURN_RECEIPT: HeaderValue = HeaderValue::from_static("return=receipt");
const RECEIPT: HeaderName = HeaderName::from_static("x-gateway-receipt");
/// Most bytes of a receipt in a header: half of what common proxies hold for all headers of an answer.
const MAX_RECEIPT: usize = 4096;
/// Most bytes of a receipt in a refusal's body.
const MAX_RECEIPT_IN_BODY: usize = 64 << 10;
/// Most `Warning` headers of an answer: proxies before us have small buffers, and the change has been made.
const MAX_WARNINGS: usize = 8;
/// The problem type that the rate limit draft registers.
const QUOTA_EXCEEDED: &str = "https://iana.org/assignments/http-problem-types#quota-exceeded";

/// Renders answers and refusals.
#[derive(Debug, Clone, Copy, Default)]
pub struct RenderLayer;

impl<S> Layer<S> for RenderLayer {
    type Service = Render<S>;

    fn layer(&self, inner: S) -> Render<S> {
        Render {
            inner,
            unready: None,
        }
    }
}

/// See the module docs.
#[derive(Debug)]
pub struct Render<S> {
    inner: S,
    /// A readiness error answers the next call: nothing below may make a connection hang.
    unready: Option<Refusal>,
}

impl<S: Clone> Clone for Render<S> {
    fn clone(&self) -> Self {
        // A clone has not been asked whether it is ready.
        Self {
            inner: self.inner.clone(),
            unready: None,
        }
    }
}

impl<S, B> Service<Arrival<B>> for Render<S>
where
    S: Service<Arrival<B>, Response = Answer, Error = Refusal>,
{
    type Response = Response<AnswerBody>;
    type Error = Infallible;
    type Future = Rendering<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        if let Err(refusal) = ready!(self.inner.poll_ready(cx)) {
            self.unready = Some(refusal);
        }
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, arrival: Arrival<B>) -> Self::Future {
        let record = arrival.record.clone();
        match self.unready.take() {
            Some(refusal) => Rendering {
                inner: None,
                unready: Some(refusal),
                record,
            },
            None => Rendering {
                inner: Some(self.inner.call(arrival)),
                unready: None,
                record,
            },
        }
    }
}

pin_project! {
    /// A response in the making.
    #[derive(Debug)]
    pub struct Rendering<F> {
        #[pin]
        inner: Option<F>,
        unready: Option<Refusal>,
        record: Record,
    }
}

impl<F> Future for Rendering<F>
where
    F: Future<Output = Result<Answer, Refusal>>,
{
    type Output = Result<Response<AnswerBody>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = match this.inner.as_pin_mut() {
            Some(inner) => ready!(inner.poll(cx)),
            None => Err(this.unready.take().unwrap_or(Refusal::Internal)),
        };
        // The stage that refused stays in the journal: it says where the path ended.
        let mut journal = this.record.journal();
        if result.is_ok() {
            drop(journal);
            this.record.enter(Stage::Reply);
            journal = this.record.journal();
        }
        Poll::Ready(Ok(rendered(result, &mut journal)))
    }
}

fn rendered(result: Result<Answer, Refusal>, journal: &mut Journal) -> Response<AnswerBody> {
    let mut response = match result {
        Ok(answer) => {
            // What is passed on may have broken off already.
            journal
                .outcome
                .get_or_insert(Outcome::Answered(answer.status));
            of_answer(answer)
        }
        Err(refusal) => {
            if refusal == Refusal::Internal {
                tracing::error!(request_id = &*journal.request_id, stage = %journal.stage, "the gateway failed on a request");
            }
            let response = of_refusal(&refusal, journal);
            journal.findings.extend_from_slice(refusal.findings());
            journal.outcome = Some(Outcome::Refused(refusal));
            response
        }
    };
    let headers = response.headers_mut();
    for (name, value) in journal.answer_headers.drain(..) {
        headers.append(name, value);
    }
    let told = journal
        .findings
        .iter()
        .filter(|finding| finding.mode == Mode::Warn);
    for finding in told.take(MAX_WARNINGS) {
        if let Some(value) = warning(finding) {
            headers.append(WARNING, value);
        }
    }
    if journal.wants_receipt {
        headers.insert(PREFERENCE_APPLIED, RETURN_RECEIPT);
        let receipt = receipt(journal).in_a_header(MAX_RECEIPT);
        if let Ok(receipt) = HeaderValue::try_from(receipt) {
            headers.insert(RECEIPT, receipt);
        }
    }
    if let Ok(id) = HeaderValue::try_from(&*journal.request_id) {
        headers.insert(REQUEST_ID, id);
    }
    response
}

/// The receipt as the caller may see it: what was done, and the warnings.
fn receipt(journal: &Journal) -> Receipt<'_> {
    let warnings = journal.findings.iter();
    let warnings = warnings.filter(|finding| finding.mode == Mode::Warn);
    Receipt::of(&journal.changes, warnings, Detail::Short)
}

fn of_answer(answer: Answer) -> Response<AnswerBody> {
    let failed = answer.status.is_client_error() || answer.status.is_server_error();
    let mut response = Response::new(answer.body);
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    if failed && answer.source == AnswerSource::Upstream {
        response
            .headers_mut()
            .insert(ERROR_SOURCE, HeaderValue::from_static("upstream"));
    }
    response
}

/// A refusal's body: the members that the official SDKs read, and ours.
#[derive(Debug, Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    problem: Option<Problem<'a>>,
    error_code: &'static str,
    error_msg: &'a str,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[Finding]>::is_empty")]
    errors: &'a [Finding],
    #[serde(skip_serializing_if = "Option::is_none")]
    errors_omitted: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receipt: Option<Receipt<'a>>,
}

/// The members of RFC 9457, section 3.1.
#[derive(Debug, Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(rename = "violated-policies", skip_serializing_if = "Option::is_none")]
    violated_policies: Option<[&'a str; 1]>,
}

fn of_refusal(refusal: &Refusal, journal: &Journal) -> Response<AnswerBody> {
    let status = refusal.status();
    let message = refusal.message();
    let body = Body {
        problem: journal
            .accepts_problem
            .then(|| problem(refusal, status, &message)),
        error_code: refusal.code(),
        error_msg: &message,
        request_id: &journal.request_id,
        errors: refusal.findings(),
        errors_omitted: match refusal {
            Refusal::Violations { omitted, .. } | Refusal::MissingFields { omitted, .. }
                if *omitted > 0 =>
            {
                Some(*omitted)
            }
            _ => None,
        },
        receipt: journal
            .wants_receipt
            .then(|| receipt(journal).within(MAX_RECEIPT_IN_BODY)),
    };
    // Every member is a text, a number or a list of such: serialising cannot fail.
    let bytes = serde_json::to_vec(&body).unwrap_or_default();
    let mut response = Response::new(AnswerBody::from(bytes));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        if journal.accepts_problem {
            PROBLEM_JSON
        } else {
            JSON
        },
    );
    headers.insert(ERROR_SOURCE, HeaderValue::from_static("gateway"));
    if let Some(wait) = refusal.retry_after() {
        headers.insert(RETRY_AFTER, HeaderValue::from(whole_seconds(wait)));
    }
    particulars(refusal, headers);
    response
}

fn problem<'a>(refusal: &'a Refusal, status: StatusCode, detail: &'a str) -> Problem<'a> {
    let quota = match refusal {
        Refusal::RateLimited { policy, .. } => Some([&**policy]),
        _ => None,
    };
    Problem {
        r#type: if quota.is_some() {
            QUOTA_EXCEEDED
        } else {
            "about:blank"
        },
        title: status.canonical_reason().unwrap_or_default(),
        status: status.as_u16(),
        detail,
        violated_policies: quota,
    }
}

/// Headers that a status demands (RFC 9110, sections 11.6.1 and 15.5.6).
fn particulars(refusal: &Refusal, headers: &mut HeaderMap) {
    if refusal.status() == StatusCode::UNAUTHORIZED {
        // Clients that know RFC 6750 get themselves a new token on `invalid_token`; where there was none, nothing was wrong with it.
        let challenge = match refusal {
            Refusal::CredentialInvalid | Refusal::CredentialExpired => {
                "Bearer realm=\"meeting-gateway\", error=\"invalid_token\""
            }
            _ => "Bearer realm=\"meeting-gateway\"",
        };
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    if let Refusal::MethodNotAllowed { allow } = refusal {
        let methods: Vec<&str> = allow.iter().map(http::Method::as_str).collect();
        if let Ok(value) = HeaderValue::try_from(methods.join(", ")) {
            headers.insert(ALLOW, value);
        }
    }
}

/// `Retry-After` counts whole seconds; rounding down would invite a try that is refused again.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

/// A warning as Kubernetes gives it: `299 - "text"`. Characters that a header cannot carry are left out.
fn warning(finding: &Finding) -> Option<HeaderValue> {
    let text: String = finding
        .message
        .chars()
        .filter(|c| matches!(c, ' '..='~') && *c != '"' && *c != '\\')
        .take(256)
        .collect();
    HeaderValue::try_from(format!("299 - \"{text}\"")).ok()
}
