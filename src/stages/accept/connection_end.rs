//! How a connection ended, for the log and for metrics.

use std::error::Error;
use std::io;

/// What comes before the first request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// The PROXY protocol.
    ProxyProtocol,
    /// The TLS handshake.
    Tls,
}

impl Opening {
    /// Its name in the log.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ProxyProtocol => "PROXY protocol",
            Self::Tls => "TLS handshake",
        }
    }
}

/// How a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// In good order.
    Closed,
    /// The client broke it off, or broke the protocol.
    Broken(Box<dyn Error + Send + Sync>),
    /// It was quiet for too long.
    Overdue(&'static str),
    /// It may not come in.
    TurnedAway(&'static str),
    /// This part of its opening failed, or was not done in time.
    Unopened(Opening, Option<io::Error>),
    /// The drain ended first.
    CutOff,
}

impl End {
    /// One of [`CONNECTION_ENDS`](crate::runtime::connection_counts::CONNECTION_ENDS).
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Broken(_) => "broken",
            Self::Overdue(_) => "quiet",
            Self::TurnedAway(_) => "turned_away",
            Self::Unopened(Opening::ProxyProtocol, Some(_)) => "proxy_protocol_failed",
            Self::Unopened(Opening::ProxyProtocol, None) => "proxy_protocol_timeout",
            Self::Unopened(Opening::Tls, Some(_)) => "tls_failed",
            Self::Unopened(Opening::Tls, None) => "tls_timeout",
            Self::CutOff => "cut_off",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::connection_counts::CONNECTION_ENDS;

    #[test]
    fn every_end_is_one_of_those_that_are_counted() {
        let error = || io::Error::other("as scripted");
        let ends = [
            End::Closed,
            End::Broken(error().into()),
            End::TurnedAway("as scripted"),
            End::Unopened(Opening::ProxyProtocol, Some(error())),
            End::Unopened(Opening::ProxyProtocol, None),
            End::Unopened(Opening::Tls, Some(error())),
            End::Unopened(Opening::Tls, None),
            End::Overdue("as scripted"),
            End::CutOff,
        ];
        assert_eq!(ends.map(|end| end.name()), CONNECTION_ENDS);
    }
}
