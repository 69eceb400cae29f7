//! A panic in a stage is a defect of ours: it is answered with 500 and an audit line, not with a lost connection.

use std::panic::AssertUnwindSafe;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::{CatchUnwind, Map};
use tower::{Layer, Service};

use crate::model::refusal::Refusal;

/// Turns panics below into [`Refusal::Internal`].
#[derive(Debug, Clone, Copy, Default)]
pub struct CatchPanicLayer;

impl<S> Layer<S> for CatchPanicLayer {
    type Service = CatchPanic<S>;

    fn layer(&self, inner: S) -> CatchPanic<S> {
        CatchPanic { inner }
    }
}

/// See the module docs.
#[derive(Debug, Clone)]
pub struct CatchPanic<S> {
    inner: S,
}

type Caught<T> = std::thread::Result<Result<T, Refusal>>;

impl<S, R> Service<R> for CatchPanic<S>
where
    S: Service<R, Error = Refusal>,
{
    type Response = S::Response;
    type Error = Refusal;
    type Future = Map<
        CatchUnwind<AssertUnwindSafe<Running<S::Future>>>,
        fn(Caught<S::Response>) -> Result<S::Response, Refusal>,
    >;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> Self::Future {
        // Steps decide inside `call`, so it can panic as well as the future can.
        let started = std::panic::catch_unwind(AssertUnwindSafe(|| self.inner.call(request))).ok();
        AssertUnwindSafe(Running { inner: started })
            .catch_unwind()
            .map(flatten::<S::Response>)
    }
}

fn flatten<T>(caught: Caught<T>) -> Result<T, Refusal> {
    caught.unwrap_or_else(|_| {
        tracing::error!("a stage panicked; the request is answered with 500");
        Err(Refusal::Internal)
    })
}

pin_project_lite::pin_project! {
    /// The rest of the path, if it could be started.
    #[derive(Debug)]
    pub struct Running<F> {
        #[pin]
        inner: Option<F>,
    }
}

impl<F, T> Future for Running<F>
where
    F: Future<Output = Result<T, Refusal>>,
{
    type Output = Result<T, Refusal>;

    fn poll(self: std::pin::Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().inner.as_pin_mut() {
            Some(inner) => inner.poll(cx),
            None => Poll::Ready(Err(Refusal::Internal)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_panic_is_a_refusal_wherever_it_happens() {
        let in_future = tower::service_fn(|(): ()| async { panic!("in the future") });
        let service: CatchPanic<_> = CatchPanicLayer.layer(
            in_future
                .map_response(|(): ()| ())
                .map_err(|_: Refusal| Refusal::Internal),
        );
        assert_eq!(service.oneshot(()).await, Err(Refusal::Internal));
        let in_call = tower::service_fn(|()| -> std::future::Ready<Result<(), Refusal>> {
            panic!("in call")
        });
        assert_eq!(
            CatchPanicLayer.layer(in_call).oneshot(()).await,
            Err(Refusal::Internal)
        );
    }
}
