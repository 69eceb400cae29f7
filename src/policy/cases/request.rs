//! The request of a case.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use crate::model::json::{Object, Value};
use crate::model::principal::{Caller, UpstreamUser};
use crate::model::scopes::Scopes;

/// 2026-09-01T00:00:00Z, in seconds since 1970.
const FIRST_OF_SEPTEMBER: u64 = 1_788_220_800;

/// A request, as a case describes it.
#[derive(Debug, Clone)]
pub struct Request {
    /// When it comes, since 1970-01-01T00:00:00Z.
    pub now: Duration,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// From where, if the case says so.
    pub address: Option<IpAddr>,
    /// The name of the operation.
    pub operation: String,
    /// The query, not encoded.
    pub query: Vec<(String, String)>,
    /// The headers; a content type is for the runner to add.
    pub headers: HeaderMap,
    /// The body.
    pub body: Value,
    /// The meeting as it is, an answer of `show_meeting_detail`, if the case says.
    pub meeting: Option<Arc<Value>>,
}

impl Default for Request {
    /// What a case gets that says nothing: the caller `app` asks of the meeting of the documentation's example, with an empty object,
    /// at the beginning of 2026-09-01 UTC. The operation is left empty.
    fn default() -> Self {
        Self {
            now: Duration::from_secs(FIRST_OF_SEPTEMBER),
            caller: Arc::new(caller("app")),
            address: None,
            operation: String::new(),
            query: vec![("conferenceID".to_owned(), "914087436".to_owned())],
            headers: HeaderMap::new(),
            body: Value::Object(Object::new()),
            meeting: None,
        }
    }
}

/// A caller of whom nothing is known but the id.
pub(super) fn caller(id: &str) -> Caller {
    Caller {
        id: id.into(),
        index: 0,
        groups: Box::default(),
        scopes: Scopes::default(),
        claims: Object::new(),
        upstream_user: UpstreamUser::SignedIn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_that_does_not_say_when_is_on_the_first_of_september() {
        let day: jiff::Timestamp = "2026-09-01T00:00:00Z".parse().unwrap();
        assert_eq!(
            u64::try_from(day.as_second()).unwrap(),
            Request::default().now.as_secs()
        );
    }
}
