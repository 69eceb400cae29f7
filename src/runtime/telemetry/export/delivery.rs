//! One delivery: tries, pauses, and what a collector's answer means.
//!
//! Once telemetry is being ended there are no more repetitions: each batch has one try of [`LAST_TRY`], and after a failed one none.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Request, StatusCode, Uri};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceResponse;
use opentelemetry_sdk::error::{OTelSdkError, OTelSdkResult};
use prost::Message;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::health::Health;
use super::{Client, Destination};
use crate::model::record::shortened;
use crate::runtime::telemetry::TelemetryError;
use crate::runtime::telemetry::logs::correlation::delivery;

/// The first pause before a repetition; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause, also where the collector asks for a longer one.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// How long a try may take once telemetry is being ended.
const LAST_TRY: Duration = Duration::from_secs(1);
const PROTOBUF: HeaderValue = HeaderValue::from_static("application/x-protobuf");

/// What a collector answered.
#[derive(Debug)]
pub(in super::super) struct Answered {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    /// None, if it broke off or is too long.
    pub(super) body: Option<Bytes>,
}

/// What carries a delivery to the collector and its answer back.
pub(in super::super) trait Transport: Clone + Send + Sync + 'static {
    /// Sends it once; without a deadline.
    fn post(
        &self,
        request: Request<Bytes>,
    ) -> impl Future<Output = Result<Answered, String>> + Send;
}

/// What a try came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Accepted, all but so many, for a reason.
    Accepted { rejected: u64, why: String },
    /// Not accepted, and it never will be.
    Refused(String),
    /// Not accepted now; to be tried again, perhaps after the time that the collector asks for.
    Later(String, Option<Duration>),
}

/// Delivers the batches of one signal. Clones share everything.
#[derive(Debug, Clone)]
pub(in super::super) struct Delivery<T = Client>(Arc<Inner<T>>);

#[derive(Debug)]
struct Inner<T> {
    runtime: Handle,
    transport: T,
    url: Uri,
    headers: HeaderMap,
    timeout: Duration,
    retry: Duration,
    gzip: bool,
    health: Arc<Health>,
    ending: CancellationToken,
    /// A try has failed since the end began.
    hopeless: AtomicBool,
}

impl<T: Transport> Delivery<T> {
    /// Deliveries run on `runtime`. They are hurried once `ending` is cancelled.
    pub(super) fn new(
        runtime: Handle,
        transport: T,
        destination: &Destination,
        health: Arc<Health>,
        ending: CancellationToken,
    ) -> Result<Self, TelemetryError> {
        let endpoint = &destination.url;
        let url = url(endpoint).ok_or_else(|| TelemetryError::Endpoint {
            endpoint: endpoint.clone(),
        })?;
        let mut headers = HeaderMap::new();
        for (name, value) in &destination.headers {
            let field = HeaderName::try_from(name.as_str()).ok();
            let value = HeaderValue::try_from(value.expose()).ok();
            let (field, mut value) = field.zip(value).ok_or_else(|| {
                TelemetryError::Exporter(format!("`{name}` is no header field that can be sent"))
            })?;
            value.set_sensitive(true);
            headers.insert(field, value);
        }
        headers.insert(CONTENT_TYPE, PROTOBUF);
        if destination.gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        Ok(Self(Arc::new(Inner {
            runtime,
            transport,
            url,
            headers,
            timeout: destination.timeout,
            retry: destination.retry,
            gzip: destination.gzip,
            health,
            ending,
            hopeless: AtomicBool::new(false),
        })))
    }

    pub(super) fn health(&self) -> &Arc<Health> {
        &self.0.health
    }

    /// Delivers a message of so many items, or gives it up. Compresses on the thread that calls; whatever waits does so on the runtime.
    pub(super) async fn deliver(&self, items: usize, message: Vec<u8>) -> OTelSdkResult {
        let body = if self.0.gzip { gzip(&message) } else { message };
        let this = self.clone();
        let job = self.0.runtime.spawn(delivery(async move {
            let why = this.attempts(items, body.into()).await.err()?;
            this.0.health.given_up(items, &why);
            Some(why)
        }));
        match job.await {
            Ok(None) => Ok(()),
            Ok(Some(why)) => Err(OTelSdkError::InternalFailure(why)),
            // The runtime is gone, and with it every chance.
            Err(error) => Err(OTelSdkError::InternalFailure(error.to_string())),
        }
    }

    async fn attempts(&self, items: usize, body: Bytes) -> Result<(), String> {
        let begun = Instant::now();
        let ending = &self.0.ending;
        let mut pause = FIRST_PAUSE;
        if ending.is_cancelled() && self.0.hopeless.load(Ordering::Relaxed) {
            return Err("the last try failed".to_owned());
        }
        loop {
            let (why, asked) = match self.attempt(body.clone()).await {
                Outcome::Accepted { rejected, why } => {
                    self.0.health.delivered(items, rejected, &why);
                    return Ok(());
                }
                Outcome::Refused(why) => return Err(why),
                Outcome::Later(why, asked) => (why, asked),
            };
            if ending.is_cancelled() {
                self.0.hopeless.store(true, Ordering::Relaxed);
                return Err(why);
            }
            let rest = asked.unwrap_or_else(|| jittered(pause)).min(LONGEST_PAUSE);
            if begun.elapsed() + rest >= self.0.retry {
                return Err(why);
            }
            self.0.health.failing(&why);
            // The end cuts the pause short, for one last try.
            let _ = timeout(rest, ending.cancelled()).await;
            pause = pause.saturating_mul(2);
        }
    }

    async fn attempt(&self, body: Bytes) -> Outcome {
        let mut request = Request::new(body);
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.0.url.clone();
        request.headers_mut().clone_from(&self.0.headers);
        let hurried = async {
            self.0.ending.cancelled().await;
            sleep(LAST_TRY).await;
        };
        tokio::select! {
            answered = timeout(self.0.timeout, self.0.transport.post(request)) => match answered {
                Ok(Ok(answered)) => judge(&answered),
                Ok(Err(why)) => Outcome::Later(why, None),
                Err(_elapsed) => Outcome::Later("it did not answer in time".to_owned(), None),
            },
            () = hurried => Outcome::Later("it did not answer before the end".to_owned(), None),
        }
    }
}

/// What an answer means, by the OTLP specification.
fn judge(answered: &Answered) -> Outcome {
    let status = answered.status;
    let told = || format!("it answered {}", status.as_u16());
    match status.as_u16() {
        200..300 => accepted(answered),
        429 | 502 | 503 | 504 => {
            let seconds = answered.headers.get(RETRY_AFTER);
            let seconds = seconds.and_then(|value| value.to_str().ok()?.trim().parse().ok());
            Outcome::Later(told(), seconds.map(Duration::from_secs))
        }
        _ => Outcome::Refused(told()),
    }
}

/// All signals' answers look alike: how many items were rejected, and why.
fn accepted(answered: &Answered) -> Outcome {
    let none = Outcome::Accepted {
        rejected: 0,
        why: String::new(),
    };
    let kind = answered.headers.get(CONTENT_TYPE);
    let is_protobuf = kind.is_none_or(|kind| kind.as_bytes().starts_with(PROTOBUF.as_bytes()));
    let Some(body) = &answered.body else {
        return none;
    };
    if body.is_empty() || !is_protobuf && kind.is_some_and(is_json) {
        return none;
    }
    match ExportTraceServiceResponse::decode(body.clone()) {
        Ok(response) if is_protobuf => {
            let partial = response.partial_success.unwrap_or_default();
            Outcome::Accepted {
                rejected: u64::try_from(partial.rejected_spans).unwrap_or(0),
                why: shortened(&partial.error_message).to_owned(),
            }
        }
        // A web page, most likely: whoever answers is no collector, whatever the status says.
        _ => Outcome::Refused(format!(
            "it answered {} with something that is no OTLP answer",
            answered.status.as_u16()
        )),
    }
}

fn is_json(kind: &HeaderValue) -> bool {
    kind.as_bytes().starts_with(b"application/json")
}

/// Between half of it and all of it, so that replicas do not come back together.
fn jittered(pause: Duration) -> Duration {
    pause.mul_f64(0.5 + fastrand::f64() / 2.0)
}

fn gzip(message: &[u8]) -> Vec<u8> {
    let mut coder = GzEncoder::new(Vec::with_capacity(message.len() / 4), Compression::fast());
    // Writing into memory cannot fail.
    let _ = coder.write_all(message);
    coder.finish().unwrap_or_default()
}

/// The URL, if it is one that can be asked.
fn url(text: &str) -> Option<Uri> {
    let uri: Uri = text.parse().ok()?;
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    (is_http && uri.query().is_none()).then_some(uri)
}
