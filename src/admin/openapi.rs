//! `GET /openapi.json`: what the gateway serves under the configuration in force, as an OpenAPI document. It is made once for
//! each snapshot, when it is first asked for.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::openapi::{self, Listening};
use crate::runtime::snapshot::Live;

/// Describes what is served.
#[derive(Debug, Clone)]
pub(super) struct OpenApi {
    live: Live,
    listening: Arc<[Listening]>,
    /// The newest document, and the number of its snapshot.
    made: Arc<Mutex<Option<(u64, Bytes)>>>,
}

impl OpenApi {
    pub(super) fn new(live: Live, listening: &[Listening]) -> Self {
        Self {
            live,
            listening: listening.into(),
            made: Arc::default(),
        }
    }

    /// The document of the current snapshot. None, and a line in the log, where it cannot be made: a defect.
    pub(super) fn document(&self) -> Option<Bytes> {
        let snapshot = self.live.current();
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((number, document)) = &*made
            && *number == snapshot.number
        {
            return Some(document.clone());
        }
        match openapi::document(&snapshot, &self.listening) {
            Ok(document) => {
                let text = Bytes::from(format!("{document}\n"));
                *made = Some((snapshot.number, text.clone()));
                Some(text)
            }
            Err(error) => {
                tracing::error!(%error, "cannot make the OpenAPI document");
                None
            }
        }
    }
}
