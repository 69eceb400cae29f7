//! A request in flight: until its answer is there, and then while the client waits for more of the answer's body. While it is
//! we who wait for the client to take what is there, the connection counts as quiet.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::deadline::InFlight;

pin_project! {
    /// An answer in the making.
    pub(super) struct Answering<F> {
        // None where nobody but the connection answers.
        #[pin]
        answer: Option<F>,
        status: StatusCode,
        in_flight: Option<InFlight>,
    }
}

impl<F> Answering<F> {
    /// The service's.
    pub(super) const fn of(answer: F, in_flight: InFlight) -> Self {
        Self {
            answer: Some(answer),
            status: StatusCode::OK,
            in_flight: Some(in_flight),
        }
    }

    /// A status and nothing else.
    pub(super) const fn bare(status: StatusCode, in_flight: InFlight) -> Self {
        Self {
            answer: None,
            status,
            in_flight: Some(in_flight),
        }
    }
}

impl<F, B> Future for Answering<F>
where
    F: Future<Output = Result<Response<B>, Infallible>>,
{
    type Output = Result<Response<Flowing<B>>, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = if let Some(answer) = this.answer.as_pin_mut() {
            ready!(answer.poll(cx))?.map(Some)
        } else {
            let mut response = Response::new(None);
            *response.status_mut() = *this.status;
            response
        };
        let mut in_flight = this.in_flight.take();
        in_flight.iter_mut().for_each(InFlight::pause);
        Poll::Ready(Ok(response.map(|body| Flowing { body, in_flight })))
    }
}

pin_project! {
    /// The body of an answer.
    pub(super) struct Flowing<B> {
        #[pin]
        body: Option<B>,
        in_flight: Option<InFlight>,
    }
}

impl<B: Body> Body for Flowing<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let polled = match this.body.as_pin_mut() {
            Some(body) => body.poll_frame(cx),
            None => Poll::Ready(None),
        };
        if let Some(in_flight) = this.in_flight {
            match polled {
                Poll::Pending => in_flight.resume(),
                Poll::Ready(_) => in_flight.pause(),
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.as_ref();
        body.map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}
