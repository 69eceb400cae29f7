//! A deadline for the whole making of a connection: name, TCP and TLS. It ends in a connect error, so that a request of which
//! nothing was sent is known as such.

use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::Uri;
use tower::Service;

type Error = Box<dyn std::error::Error + Send + Sync>;

/// The connection was not made in time.
#[derive(Debug, thiserror::Error)]
#[error("no connection within {0:?}")]
pub struct NotInTime(Duration);

/// A connector with a deadline.
#[derive(Debug, Clone)]
pub struct ConnectDeadline<C> {
    connector: C,
    deadline: Duration,
}

impl<C> ConnectDeadline<C> {
    /// Gives `connector` this long for each connection.
    pub const fn new(connector: C, deadline: Duration) -> Self {
        Self {
            connector,
            deadline,
        }
    }
}

impl<C> Service<Uri> for ConnectDeadline<C>
where
    C: Service<Uri, Error: Into<Error>, Future: Send + 'static>,
{
    type Response = C::Response;
    type Error = Error;
    type Future = BoxFuture<'static, Result<C::Response, Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.connector.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connecting = self.connector.call(to);
        let deadline = self.deadline;
        Box::pin(async move {
            match tokio::time::timeout(deadline, connecting).await {
                Ok(made) => made.map_err(Into::into),
                Err(_) => Err(NotInTime(deadline).into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower::ServiceExt;

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_never_comes_about_is_given_up() {
        let silent = tower::service_fn(|_: Uri| std::future::pending::<Result<(), Error>>());
        let connector = ConnectDeadline::new(silent, Duration::from_secs(3));
        let error = connector
            .oneshot(Uri::from_static("https://x"))
            .await
            .unwrap_err();
        assert!(error.is::<NotInTime>());
        assert_eq!(error.to_string(), "no connection within 3s");
    }
}
