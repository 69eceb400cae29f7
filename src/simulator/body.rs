//! The body of an answer: whole, or broken in one of the ways a bad upstream breaks it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::hangup::Hangup;

/// The body of a simulated answer.
#[derive(Debug)]
pub struct SimulatedBody {
    rest: Bytes,
    /// How often `rest` is sent before the end comes.
    rounds: usize,
    end: End,
}

/// What comes after the last byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The end of the body.
    Proper,
    /// The connection breaks, after the server had a chance to send what it has: it sends while it waits.
    CutSoon,
    /// The connection breaks.
    Cut,
    /// Nothing, for ever.
    Never,
}

impl SimulatedBody {
    /// These bytes, complete.
    pub(super) fn whole(bytes: impl Into<Bytes>) -> Self {
        Self::new(bytes.into(), 1, End::Proper)
    }

    /// These bytes, and then the connection breaks.
    pub(super) fn cut(bytes: impl Into<Bytes>) -> Self {
        Self::new(bytes.into(), 1, End::CutSoon)
    }

    /// These bytes, and then nothing for ever.
    pub(super) fn stuck(bytes: impl Into<Bytes>) -> Self {
        Self::new(bytes.into(), 1, End::Never)
    }

    /// A chunk sent `rounds` times, so that a huge body costs no memory.
    pub(super) fn repeated(chunk: Bytes, rounds: usize) -> Self {
        Self::new(chunk, rounds, End::Proper)
    }

    fn new(rest: Bytes, rounds: usize, end: End) -> Self {
        let rounds = if rest.is_empty() { 0 } else { rounds };
        Self { rest, rounds, end }
    }

    /// The bytes of a whole body.
    pub(super) fn bytes(&self) -> &Bytes {
        &self.rest
    }
}

impl Body for SimulatedBody {
    type Data = Bytes;
    type Error = Hangup;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Hangup>>> {
        if let Some(rounds) = self.rounds.checked_sub(1) {
            self.rounds = rounds;
            return Poll::Ready(Some(Ok(Frame::data(self.rest.clone()))));
        }
        match self.end {
            End::Proper => Poll::Ready(None),
            End::CutSoon => {
                self.end = End::Cut;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            End::Cut => Poll::Ready(Some(Err(Hangup))),
            // No waker is kept: whoever waits here waits until it gives up.
            End::Never => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rounds == 0 && self.end == End::Proper
    }

    /// Only a whole body knows its length; a broken one lets the header lie.
    fn size_hint(&self) -> SizeHint {
        if self.end == End::Proper && self.rounds <= 1 {
            SizeHint::with_exact((self.rest.len() * self.rounds) as u64)
        } else {
            SizeHint::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;
    use http_body_util::BodyExt as _;

    use super::*;

    #[test]
    fn ends() {
        let whole = SimulatedBody::whole("ab");
        assert_eq!(whole.size_hint().exact(), Some(2));
        let read = whole.collect().now_or_never();
        assert_eq!(read.unwrap().unwrap().to_bytes(), "ab");

        let mut cut = SimulatedBody::cut("ab");
        assert_eq!(cut.size_hint().exact(), None);
        let mut next = || cut.frame().now_or_never().map(Option::transpose);
        assert!(matches!(next(), Some(Ok(Some(_)))));
        assert!(next().is_none(), "time to send the bytes");
        assert!(matches!(next(), Some(Err(Hangup))));

        assert!(
            SimulatedBody::stuck("ab")
                .collect()
                .now_or_never()
                .is_none()
        );

        let long = SimulatedBody::repeated(Bytes::from_static(b"xyz"), 3);
        let read = long.collect().now_or_never();
        assert_eq!(read.unwrap().unwrap().to_bytes(), "xyzxyzxyz");
        assert!(SimulatedBody::whole("").is_end_stream());
    }
}
