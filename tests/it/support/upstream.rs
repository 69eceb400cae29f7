//! The simulator in the upstream's place, without a socket in between.

use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use meeting_gateway::model::refusal::Refusal;
use meeting_gateway::model::stage::Stage;
use meeting_gateway::runtime::tokens::transport::{SignInTransport, TransportFault};
use meeting_gateway::simulator::Simulator;
use meeting_gateway::stages::forward::{Answer, Outbound};
use tower::Service;

/// Largest answer read, in bytes.
const MOST: usize = 1 << 20;

/// Calls the simulator.
#[derive(Debug, Clone)]
pub(crate) struct InProcess {
    simulator: Simulator,
}

impl InProcess {
    pub(crate) fn new(simulator: Simulator) -> Self {
        Self { simulator }
    }
}

impl Service<Outbound> for InProcess {
    type Response = Answer;
    type Error = Refusal;
    type Future = BoxFuture<'static, Result<Answer, Refusal>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, outbound: Outbound) -> Self::Future {
        let simulator = self.simulator.clone();
        Box::pin(async move {
            outbound.record.enter(Stage::Forward);
            outbound.record.journal().upstream.attempts += 1;
            let answered = simulator.answer(outbound.request()).await;
            let response = answered.map_err(|_| Refusal::UpstreamUnreachable)?;
            {
                let id = response.headers()["x-request-id"].to_str().unwrap().into();
                let mut journal = outbound.record.journal();
                journal.upstream.status = Some(response.status());
                journal.upstream.request_id = Some(id);
            }
            let mut answer = Answer::read(response, MOST).await?;
            if let Some(token) = outbound.token() {
                answer.without_token(token);
            }
            Ok(answer)
        })
    }
}

/// Signs in at the simulator.
#[derive(Debug)]
pub(crate) struct DirectSignIn {
    simulator: Simulator,
}

impl DirectSignIn {
    pub(crate) fn new(simulator: Simulator) -> Self {
        Self { simulator }
    }
}

impl SignInTransport for DirectSignIn {
    fn sign_in(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'static, Result<Response<Bytes>, TransportFault>> {
        let simulator = self.simulator.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let request = Request::from_parts(parts, Full::new(body));
            let answered = simulator.answer(request).await;
            let (parts, body) = answered
                .map_err(|_| TransportFault::Unreachable)?
                .into_parts();
            let body = body
                .collect()
                .await
                .map_err(|_| TransportFault::Unreachable)?;
            Ok(Response::from_parts(parts, body.to_bytes()))
        })
    }
}
