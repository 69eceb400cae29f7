//! The port through which sign-ins reach the upstream, so that this floor knows no HTTP client.

use std::future::ready;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};

/// Sends one sign-in.
///
/// The request's target is a path only: the transport knows the upstream's address. It must not follow redirects, must bound
/// the answer, and must not log headers or bodies. It is called within tokio, at most once at a time for each user, and is
/// given up after `timeout` of [`super::settings::UpstreamTokenSettings`]. Its extensions say for whom it is sent, see
/// [`Wanted`](crate::runtime::telemetry::own_requests::Wanted).
pub trait SignInTransport: std::fmt::Debug + Send + Sync + 'static {
    /// Sends `request` and reads the whole answer, whatever its status.
    fn sign_in(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'static, Result<Response<Bytes>, TransportFault>>;
}

/// A transport that reaches nobody, where the token is fixed.
#[derive(Debug, Clone, Copy)]
pub(super) struct NobodyToAsk;

impl SignInTransport for NobodyToAsk {
    fn sign_in(
        &self,
        _: Request<Bytes>,
    ) -> BoxFuture<'static, Result<Response<Bytes>, TransportFault>> {
        Box::pin(ready(Err(TransportFault::Unreachable)))
    }
}

/// Why there is no answer at all. The transport logs the details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportFault {
    /// No connection, or it broke.
    #[error("the upstream cannot be reached")]
    Unreachable,
    /// No answer in time.
    #[error("the upstream did not answer in time")]
    Timeout,
    /// More bytes than the transport reads.
    #[error("the upstream's answer is too large")]
    AnswerTooLarge,
    /// Compressed, and not to be decompressed.
    #[error("the upstream's answer cannot be decompressed")]
    AnswerCoded,
}
