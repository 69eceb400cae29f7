//! Refuses what is no request, expects what nobody here does, or names two hosts. Before anything else looks at it, so that it
//! leaves a record and an audit line like any other refusal, and sign-ins are held to it, too.
//!
//! ```
//! use http::Request;
//! use meeting_gateway::model::refusal::Refusal;
//! use meeting_gateway::stages::accept::Unreadable;
//! use meeting_gateway::stages::admit::well_formed::judge;
//!
//! assert_eq!(judge(&Request::get("/").body(()).unwrap()), Ok(()));
//!
//! let unreadable = Unreadable::Malformed { what: "no Host" };
//! let refusal = judge(&Request::get("/").extension(unreadable).body(()).unwrap()).unwrap_err();
//! assert_eq!(refusal.code(), "MGW.4000009");
//! let refusal = judge(&Request::get("/").header("expect", "more").body(()).unwrap()).unwrap_err();
//! assert_eq!(refusal.code(), "MGW.4170001");
//! let refusal = judge(&Request::get("http://a.test/").header("host", "b.test").body(()).unwrap()).unwrap_err();
//! assert_eq!(refusal.code(), "MGW.4000001");
//! ```

use http::header::{EXPECT, HOST};
use http::{Request, Uri, Version};

use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::stages::accept::Unreadable;
use crate::stages::admit::Arrival;
use crate::stages::step::{Step, Verdict};

/// [`Arrival`] → [`Arrival`], or 400, 408, 417, 431.
#[derive(Debug, Clone, Copy, Default)]
pub struct WellFormed;

impl<B> Step<Arrival<B>> for WellFormed {
    type Next = Arrival<B>;

    fn apply(&self, arrival: Arrival<B>) -> Verdict<Arrival<B>> {
        if let Err(refusal) = judge(&arrival.request) {
            arrival.record.enter(Stage::Accept);
            return Err(refusal);
        }
        Ok(arrival)
    }
}

/// Passes a request that is one.
pub fn judge<B>(request: &Request<B>) -> Result<(), Refusal> {
    if let Some(unreadable) = request.extensions().get::<Unreadable>() {
        return Err(match *unreadable {
            Unreadable::Malformed { what } => Refusal::MalformedRequest { what },
            Unreadable::TooLarge { limit } => Refusal::HeadTooLarge {
                what: "bytes",
                limit,
            },
            Unreadable::TooManyFields { limit } => Refusal::HeadTooLarge {
                what: "header fields",
                limit,
            },
            Unreadable::Overdue => Refusal::HeadTimeout,
        });
    }
    // One walk over the fields is less than two searches among them.
    let (mut hosts, mut host, mut is_known) = (0, None, true);
    for (name, value) in request.headers() {
        if *name == HOST {
            hosts += 1;
            host = Some(value.as_bytes());
        } else if *name == EXPECT {
            is_known &= value.as_bytes().eq_ignore_ascii_case(b"100-continue");
        }
    }
    // RFC 9110, section 10.1.1: for HTTP/1.0 it means nothing.
    if request.version() > Version::HTTP_10 && !is_known {
        return Err(Refusal::UnknownExpectation);
    }
    if hosts > 1 {
        return two_ways("more than one Host header");
    }
    one_host(request.uri(), host)
}

/// Passes a request that names one host at most, and the same wherever it does (RFC 9112, section 3.2; RFC 9113, section 8.3.1):
/// with two, the next reader may pick the other.
fn one_host(uri: &Uri, host: Option<&[u8]>) -> Result<(), Refusal> {
    let Some(authority) = uri.authority() else {
        return Ok(());
    };
    let authority = authority.as_str().as_bytes();
    if memchr::memchr(b'@', authority).is_some() {
        return two_ways("user information in the request target");
    }
    if host.is_some_and(|host| !host.eq_ignore_ascii_case(authority)) {
        return two_ways("a Host header that is not the host of the request target");
    }
    Ok(())
}

fn two_ways(what: &'static str) -> Result<(), Refusal> {
    Err(Refusal::NonCanonicalTarget { what: what.into() })
}
