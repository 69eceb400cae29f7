//! How listeners are stopped, in three steps: clients are told to go, then nothing new is taken, then everything is cut off.
//!
//! ```
//! use meeting_gateway::stages::accept::Stop;
//!
//! let stop = Stop::default();
//! let of_a_listener = stop.clone();
//! stop.announce(); // answers on HTTP/1.1 say `Connection: close`; connections are still taken
//! assert!(of_a_listener.is_announced() && !of_a_listener.is_draining());
//! stop.drain(); // what is in flight is answered
//! assert!(of_a_listener.is_draining());
//! ```

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::header::{CONNECTION, HeaderValue};
use http::{Response, Version};
use pin_project_lite::pin_project;
use tokio_util::sync::CancellationToken;

/// How long a new connection may still begin to speak when everything stops: it was made before its client could know.
pub(super) const FIRST_WORDS: Duration = Duration::from_secs(1);

/// Stops listeners. Clones are handles on the same stop.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<Steps>);

#[derive(Debug, Default)]
struct Steps {
    /// Read for every answer.
    announced: AtomicBool,
    draining: CancellationToken,
    cut: CancellationToken,
}

impl From<CancellationToken> for Stop {
    /// Drains when the token is cancelled.
    fn from(draining: CancellationToken) -> Self {
        Self(Arc::new(Steps {
            draining,
            ..Steps::default()
        }))
    }
}

impl Stop {
    /// Tells clients of HTTP/1.1 with each answer to go elsewhere. Connections are still taken.
    pub fn announce(&self) {
        self.0.announced.store(true, Ordering::Relaxed);
    }

    /// Takes nothing new, answers what is in flight.
    pub fn drain(&self) {
        self.announce();
        self.0.draining.cancel();
    }

    /// Cuts off everything. Without [`Self::drain`] before, connections are still taken.
    pub fn cut(&self) {
        self.0.cut.cancel();
    }

    /// Whether clients are told to go.
    pub fn is_announced(&self) -> bool {
        self.0.announced.load(Ordering::Relaxed)
    }

    /// Whether nothing new is taken.
    pub fn is_draining(&self) -> bool {
        self.0.draining.is_cancelled()
    }

    /// Ends when nothing new is taken.
    pub async fn drained(&self) {
        self.0.draining.cancelled().await;
        self.announce();
    }

    /// Ends when everything is cut off.
    pub async fn all_cut(&self) {
        self.0.cut.cancelled().await;
    }

    /// Cut off with everything, or by itself.
    pub(super) fn cut_of_a_listener(&self) -> CancellationToken {
        self.0.cut.child_token()
    }

    /// Ends when whoever did not begin to speak yet has had its time.
    pub(super) async fn waited_for(&self) {
        self.drained().await;
        tokio::time::sleep(FIRST_WORDS).await;
    }
}

pin_project! {
    /// An answer in the making, which says good-bye if it is time for that.
    pub(super) struct Parting<F> {
        #[pin]
        pub(super) answer: F,
        pub(super) version: Version,
        pub(super) stop: Stop,
    }
}

impl<F, B> Future for Parting<F>
where
    F: Future<Output = Result<Response<B>, Infallible>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.answer.poll(cx))?;
        // HTTP/2 has a frame for that, and no such field.
        if *this.version < Version::HTTP_2 && this.stop.is_announced() {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, close);
        }
        Poll::Ready(Ok(response))
    }
}
