//! The console: pages for people, on the operator's listener.
//!
//! | path | shows |
//! |---|---|
//! | `/console/` | what the gateway does now, and the last requests that were refused or warned of |
//! | `/console/rules` | every rule: its mode, what it had to say, who is exempt, whether its pack's cases pass |
//! | `/console/playground` | what would become of a request under a policy that may be edited beside it |
//! | `/console/explorer` | the API, with a form for each operation |
//! | `/console/assets/...` | the style sheet, the script, the icon |
//!
//! Pages are made here and need neither a network nor a script; the script only loads them again without a flicker. Who may look is in
//! [`access`]. At most [`AT_A_TIME`] pages are made at a time, on threads of their own; a further one waits, and gets 503 after ten seconds. Nothing that a page shows
//! costs a request anything: charts are of the metrics, single requests of the audit log, and both are read elsewhere.

pub mod access;
mod answer;
mod assets;
pub mod backend;
mod example;
mod explorer;
mod fields;
mod histogram;
mod live;
mod page;
mod parts;
mod playground;
mod rules;
mod scrape;
mod words;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body::Body;
use prometheus::Registry;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::openapi::OpenApi;
use crate::model::clock::SharedClock;
use crate::runtime::audit_log::Recent;
use crate::runtime::snapshot::Live;
use crate::stages::decode::body;
use access::Denied;
use answer::{Answer, busy, denied, not_allowed, see_the_first_page, text};
use backend::Backend;
use live::LivePage;
use page::Place;
use playground::Form;
use scrape::Scrape;

/// How many pages are made at a time; as many forms are tried, those that are still arriving included, and as many sent.
pub const AT_A_TIME: usize = 4;
/// What every path here begins with.
pub(super) const PREFIX: &str = "/console";
/// How long a page may wait for its turn, and how long a form may take to arrive.
const PATIENCE: Duration = Duration::from_secs(10);

/// The console. Clones share everything.
#[derive(Debug, Clone)]
pub struct Console(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    backend: Arc<dyn Backend>,
    snapshots: Live,
    clock: SharedClock,
    registry: Registry,
    live: LivePage,
    cases: rules::Kept,
    openapi: OpenApi,
    turns: Turns,
}

/// Who may have something done now. Forms that arrive slowly, and sends that an upstream does not answer, keep no page from being shown.
#[derive(Debug)]
struct Turns {
    pages: Arc<Semaphore>,
    tries: Arc<Semaphore>,
    sends: Arc<Semaphore>,
}

impl Turns {
    fn new() -> Self {
        let [pages, tries, sends] = [(); 3].map(|()| Arc::new(Semaphore::new(AT_A_TIME)));
        Self {
            pages,
            tries,
            sends,
        }
    }

    const fn of(&self, place: Place, is_form: bool) -> &Arc<Semaphore> {
        match (place, is_form) {
            (Place::Explorer, true) => &self.sends,
            (_, true) => &self.tries,
            (_, false) => &self.pages,
        }
    }
}

/// What a console is made of.
#[derive(Debug)]
pub struct Parts {
    /// The gateway.
    pub backend: Arc<dyn Backend>,
    /// The configuration in force.
    pub snapshots: Live,
    /// The gateway's metrics.
    pub registry: Registry,
    /// The last lines of the audit log; none where there is no log.
    pub recent: Option<Recent>,
    /// The clock of the gateway.
    pub clock: SharedClock,
}

impl Console {
    /// A console of these parts; `openapi` makes the document of the API explorer.
    pub(super) fn new(parts: Parts, openapi: OpenApi) -> Self {
        Self(Arc::new(Inner {
            live: LivePage::new(parts.recent),
            backend: parts.backend,
            snapshots: parts.snapshots,
            clock: parts.clock,
            registry: parts.registry,
            cases: rules::Kept::default(),
            openapi,
            turns: Turns::new(),
        }))
    }

    /// Reads the metrics every two seconds, for ever. To be spawned once, and aborted at the end.
    pub async fn watch(self) {
        loop {
            let this = self.clone();
            let reading = tokio::task::spawn_blocking(move || {
                let inner = &*this.0;
                let now = inner.clock.monotonic();
                inner.live.read(&Scrape::of(&inner.registry), now);
            });
            // One that failed is one that is missing.
            let _ = reading.await;
            tokio::time::sleep(live::INTERVAL).await;
        }
    }

    /// Answers one request.
    pub(super) async fn answer<B>(self, request: Request<B>) -> Answer
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
    {
        let (parts, body) = request.into_parts();
        let access = self.0.backend.access();
        if let Err(why) = access.admit(&parts.method, parts.uri.authority(), &parts.headers) {
            if why == Denied::WrongKey {
                tracing::warn!("a wrong key for the console");
            }
            return denied(why);
        }
        let path = parts.uri.path();
        if path == PREFIX {
            return see_the_first_page();
        }
        if let Some(name) = path.strip_prefix(assets::FOLDER) {
            let file = assets::file(name);
            return file.unwrap_or_else(|| text(StatusCode::NOT_FOUND, "no such file\n"));
        }
        let Some(place) = Place::of(path) else {
            return text(StatusCode::NOT_FOUND, "no such page; see /console/\n");
        };
        let form_bytes = match (&parts.method, place.form_bytes()) {
            (&Method::GET | &Method::HEAD, _) => None,
            (&Method::POST, Some(bytes)) => Some(bytes),
            (_, Some(_)) => return not_allowed("GET, HEAD, POST"),
            (_, None) => return not_allowed("GET, HEAD"),
        };
        // Held to the end of the work, also where the asker hangs up meanwhile.
        let turns = self.0.turns.of(place, form_bytes.is_some());
        let permit = Arc::clone(turns).acquire_owned();
        let Ok(Ok(permit)) = tokio::time::timeout(PATIENCE, permit).await else {
            return busy();
        };
        let form = match form_bytes {
            Some(most) => match body::read(body, most, PATIENCE).await {
                Ok(form) => Some(form),
                Err(refusal) => return text(refusal.status(), format!("{}\n", refusal.message())),
            },
            None => None,
        };
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let making = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            self.page(place, &query, form.as_ref())
        });
        match making.await {
            Ok(answer) => answer,
            Err(_) => text(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the page cannot be made; see the log\n",
            ),
        }
    }

    /// Makes a page. Blocks.
    fn page(&self, place: Place, query: &str, form: Option<&Bytes>) -> Answer {
        let inner = &*self.0;
        let (snapshot, backend) = (inner.snapshots.current(), &*inner.backend);
        let now = inner.clock.unix();
        let scrape = || Scrape::of(&inner.registry);
        let body = match place {
            Place::Live => inner.live.page(query, &snapshot, backend, (&scrape(), now)),
            Place::Rules => {
                let folder = backend.policy_directory();
                let cases = inner.cases.of(&snapshot, &folder, inner.clock.monotonic());
                rules::page(&snapshot, &scrape(), cases.as_deref(), now)
            }
            Place::Playground => {
                let sent = form.is_some();
                let text = form.map_or(query.as_bytes(), |form| form);
                playground::page(backend, &snapshot, Form::read(text, sent), now)
            }
            Place::Explorer => {
                let asked = explorer::Asked { query, form, now };
                let document = self.document();
                explorer::page(backend, &snapshot, document.as_ref(), asked)
            }
        };
        answer::page(StatusCode::OK, page::page(place, &body))
    }

    fn document(&self) -> Option<Value> {
        let document = self.0.openapi.document()?;
        serde_json::from_slice(&document).ok()
    }
}
