//! The simulator as a tower service, for hyper or for a caller in the same process.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::Body;

use super::Simulator;
use super::body::SimulatedBody;
use super::hangup::Hangup;

/// The answer to come.
pub type Answering =
    Pin<Box<dyn Future<Output = Result<Response<SimulatedBody>, Hangup>> + Send + 'static>>;

impl<B> tower::Service<Request<B>> for Simulator
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Response = Response<SimulatedBody>;
    type Error = Hangup;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Hangup>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Answering {
        let simulator = self.clone();
        Box::pin(async move { simulator.answer(request).await })
    }
}
