//! Why the store did not do what it was asked, in one bounded word; holds nothing that the store was asked.

use std::error::Error;
use std::sync::Arc;

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// What an operation of the store can come to: `done`, or one of the ways to fail.
pub const STORE_OUTCOMES: &[&str] = &[
    DONE,
    "timeout",
    "unreachable",
    "tls",
    "out_of_memory",
    "read_only",
    "refused",
    "busy",
    "error",
];
/// What an operation came to that did not fail.
pub(super) const DONE: &str = "done";

/// Why an operation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StoreFault {
    /// No answer in time.
    #[error("the store did not answer in time")]
    Timeout,
    /// No connection, or it broke.
    #[error("the store cannot be reached")]
    Unreachable,
    /// TLS came to nothing.
    #[error(
        "TLS with the store came to nothing: its certificate is not trusted (`ca_file`) or for another name, or it speaks no TLS there"
    )]
    Tls,
    /// It has no room for what was to be written.
    #[error("the store is out of memory (`maxmemory`), and may not forget anything")]
    OutOfMemory,
    /// It takes no writes: a replica, or a master whose disk or replicas fail.
    #[error("the store takes no writes: it is a replica, or its disk or its replicas fail")]
    ReadOnly,
    /// It does not let us in, or not do this.
    #[error("the store refuses: user, password or permissions (ACL) are not right")]
    Refused,
    /// It is not ready: loading, electing, or running somebody's long script.
    #[error("the store is not ready: it loads its data, has no master, or runs a long script")]
    Busy,
    /// Something else, such as an answer of another form.
    #[error("the store answered with an error, or in a form that it should not")]
    Error,
}

impl StoreFault {
    /// One word for it: one of [`STORE_OUTCOMES`].
    pub const fn word(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::OutOfMemory => "out_of_memory",
            Self::ReadOnly => "read_only",
            Self::Refused => "refused",
            Self::Busy => "busy",
            Self::Error => "error",
        }
    }

    /// Whether the next operation would fail in the same way, so that nobody need try it. One answer that is late is none.
    pub(super) const fn lasts(self) -> bool {
        !matches!(self, Self::Timeout | Self::Error)
    }
}

impl From<&RedisError> for StoreFault {
    fn from(error: &RedisError) -> Self {
        if error.is_timeout() {
            return Self::Timeout;
        }
        match (error.kind(), error.code()) {
            (ErrorKind::AuthenticationFailed | ErrorKind::Server(ServerErrorKind::NoPerm), _)
            | (_, Some("NOAUTH" | "WRONGPASS" | "NOPERM")) => Self::Refused,
            (ErrorKind::Server(ServerErrorKind::ReadOnly), _)
            | (_, Some("READONLY" | "MISCONF" | "NOREPLICAS")) => Self::ReadOnly,
            (_, Some("OOM")) => Self::OutOfMemory,
            (
                ErrorKind::Server(
                    ServerErrorKind::BusyLoading
                    | ServerErrorKind::MasterDown
                    | ServerErrorKind::ClusterDown
                    | ServerErrorKind::TryAgain
                    | ServerErrorKind::Moved
                    | ServerErrorKind::Ask,
                )
                | ErrorKind::MasterNameNotFoundBySentinel
                | ErrorKind::NoValidReplicasFoundBySentinel,
                _,
            )
            | (_, Some("BUSY")) => Self::Busy,
            (ErrorKind::Io, _) if is_of_tls(error) => Self::Tls,
            (ErrorKind::Io | ErrorKind::ClusterConnectionNotFound, _) => Self::Unreachable,
            _ => Self::Error,
        }
    }
}

impl From<RedisError> for StoreFault {
    fn from(error: RedisError) -> Self {
        Self::from(&error)
    }
}

/// Whether what went wrong with the connection is its TLS.
fn is_of_tls(error: &RedisError) -> bool {
    let shared = error.source();
    let inner = shared.and_then(|source| source.downcast_ref::<Arc<dyn Error + Send + Sync>>());
    let io = inner.and_then(|inner| inner.downcast_ref::<std::io::Error>());
    let cause = io.and_then(std::io::Error::get_ref);
    cause.is_some_and(<dyn Error + Send + Sync>::is::<rustls::Error>)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_trouble_has_its_word() {
        let server = |code: &'static str| {
            let parsed = redis::parse_redis_value(format!("-{code} hush\r\n").as_bytes());
            StoreFault::from(parsed.unwrap().extract_error().unwrap_err())
        };
        let cases = [
            ("OOM", StoreFault::OutOfMemory),
            ("READONLY", StoreFault::ReadOnly),
            ("MISCONF", StoreFault::ReadOnly),
            ("NOREPLICAS", StoreFault::ReadOnly),
            ("NOAUTH", StoreFault::Refused),
            ("WRONGPASS", StoreFault::Refused),
            ("NOPERM", StoreFault::Refused),
            ("LOADING", StoreFault::Busy),
            ("CLUSTERDOWN", StoreFault::Busy),
            ("MASTERDOWN", StoreFault::Busy),
            ("BUSY", StoreFault::Busy),
            ("ERR", StoreFault::Error),
        ];
        for (code, expected) in cases {
            let fault = server(code);
            assert_eq!(fault, expected, "{code}");
            assert!(STORE_OUTCOMES.contains(&fault.word()), "{code}");
            assert!(!fault.to_string().contains("hush"), "{code}");
        }
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        assert_eq!(
            StoreFault::from(RedisError::from(refused)),
            StoreFault::Unreachable
        );
        let distrusted = std::io::Error::other(rustls::Error::HandshakeNotComplete);
        assert_eq!(
            StoreFault::from(RedisError::from(distrusted)),
            StoreFault::Tls
        );
    }
}
