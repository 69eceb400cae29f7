//! Who says where a host is: the system, or somebody in its place.
//!
//! It is asked for every new connection, and nothing is kept of its answer: a host that moves is found at its new address as soon
//! as a new connection is made. Connections that are open stay where they are until they break, or until they were unused for
//! `upstream.idle_timeout`.
//!
//! ```
//! use meeting_gateway::runtime::resolver::Resolver;
//! use tower::ServiceExt;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let resolver = Resolver::of(|host| match host {
//!     "api.example" => Ok(vec!["192.0.2.7:443".parse().unwrap()]),
//!     _ => Err(std::io::ErrorKind::NotFound.into()),
//! });
//! let mut found = resolver.clone().oneshot("api.example".parse().unwrap()).await.unwrap();
//! assert_eq!(found.next().unwrap().to_string(), "192.0.2.7:443");
//! assert!(resolver.oneshot("other.example".parse().unwrap()).await.is_err());
//! # }
//! ```

use std::future::ready;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::{fmt, io, vec};

use futures_util::future::{BoxFuture, FutureExt};
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use tower::Service;

/// Addresses of a host; a port other than 0 counts instead of the one asked for.
type Lookup = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// A resolver.
#[derive(Clone)]
pub struct Resolver(Kind);

#[derive(Clone)]
enum Kind {
    System(GaiResolver),
    Given(Arc<Lookup>),
}

impl Resolver {
    /// The system's: `/etc/hosts`, DNS, whatever is set up.
    pub fn system() -> Self {
        Self(Kind::System(GaiResolver::new()))
    }

    /// Asks this, each time.
    pub fn of(
        lookup: impl Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> Self {
        Self(Kind::Given(Arc::new(lookup)))
    }
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = BoxFuture<'static, Result<Self::Response, io::Error>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.0 {
            Kind::System(system) => system.poll_ready(cx),
            Kind::Given(_) => Poll::Ready(Ok(())),
        }
    }

    fn call(&mut self, host: Name) -> Self::Future {
        match &mut self.0 {
            Kind::System(system) => {
                let asking = system.call(host);
                async { Ok(asking.await?.collect::<Vec<_>>().into_iter()) }.boxed()
            }
            Kind::Given(lookup) => ready(lookup(host.as_str()).map(Vec::into_iter)).boxed(),
        }
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::System(_) => "Resolver(system)",
            Kind::Given(_) => "Resolver(given)",
        })
    }
}
