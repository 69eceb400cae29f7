//! The body of an answer, up to the client: all of it at hand, as with every governed operation, or passed on as it comes.
//!
//! ```
//! use http_body::Body as _;
//! use meeting_gateway::stages::forward::AnswerBody;
//!
//! let body = AnswerBody::from("[]");
//! assert_eq!(body.whole().unwrap(), "[]");
//! assert_eq!(body.size_hint().exact(), Some(2));
//! ```

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::download::{CutOff, Download};

/// A body.
#[derive(Debug)]
pub enum AnswerBody {
    /// In one piece.
    Whole(Bytes),
    /// As it comes; of relayed operations only.
    Passing(Download),
}

impl AnswerBody {
    /// The body, if it is all there.
    pub const fn whole(&self) -> Option<&Bytes> {
        match self {
            Self::Whole(bytes) => Some(bytes),
            Self::Passing(_) => None,
        }
    }

    /// Keeps something until the body is over: one that is all there is over already.
    pub fn hold(&self, guard: impl Send + 'static) {
        if let Self::Passing(download) = self {
            download.hold(guard);
        }
    }
}

impl<B: Into<Bytes>> From<B> for AnswerBody {
    fn from(bytes: B) -> Self {
        Self::Whole(bytes.into())
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = CutOff;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutOff>>> {
        match self.get_mut() {
            Self::Whole(bytes) => {
                let bytes = std::mem::take(bytes);
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Self::Passing(download) => Pin::new(download).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Passing(download) => download.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Passing(download) => download.size_hint(),
        }
    }
}
