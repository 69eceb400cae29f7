//! How many requests are being answered, by method and scheme: `http.server.active_requests`.
//!
//! Two atomic steps for a request; no attribute is made until somebody looks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use http::Method;
use opentelemetry::KeyValue;
use opentelemetry_semantic_conventions::attribute as semconv;

use super::observed::Reading;
use super::semantics::{METHODS, method_position};

/// By position in [`SCHEMES`].
const SCHEMES: [&str; 2] = ["http", "https"];

/// The counts of all requests.
#[derive(Debug, Default)]
pub(super) struct ActiveRequests([[Count; SCHEMES.len()]; METHODS.len()]);

#[derive(Debug, Default)]
struct Count {
    begun: AtomicU64,
    over: AtomicU64,
}

/// A request that is being answered; over when it is dropped.
#[derive(Debug)]
pub struct ActiveRequest {
    all: Arc<ActiveRequests>,
    method: usize,
    scheme: usize,
}

impl ActiveRequests {
    pub(super) fn begin(self: &Arc<Self>, method: &Method, https: bool) -> ActiveRequest {
        let request = ActiveRequest {
            all: Arc::clone(self),
            method: method_position(method),
            scheme: usize::from(https),
        };
        request.count(|count| &count.begun);
        request
    }

    /// Those that are not over; nothing of methods that never came.
    pub(super) fn read(&self) -> Vec<Reading<u64>> {
        let mut readings = Vec::new();
        for (method, counts) in METHODS.iter().zip(&self.0) {
            for (scheme, count) in SCHEMES.iter().zip(counts) {
                let over = count.over.load(Ordering::Acquire);
                let begun = count.begun.load(Ordering::Acquire);
                if begun > 0 {
                    let attributes = vec![
                        KeyValue::new(semconv::HTTP_REQUEST_METHOD, *method),
                        KeyValue::new(semconv::URL_SCHEME, *scheme),
                    ];
                    readings.push((begun.saturating_sub(over), attributes));
                }
            }
        }
        readings
    }
}

impl ActiveRequest {
    fn count(&self, which: impl FnOnce(&Count) -> &AtomicU64) {
        let counts = self.all.0.get(self.method);
        if let Some(count) = counts.and_then(|counts| counts.get(self.scheme)) {
            which(count).fetch_add(1, Ordering::Release);
        }
    }
}

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.count(|count| &count.over);
    }
}
