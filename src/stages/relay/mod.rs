//! Operations that nothing governs and `operations.allow` names: [`Routed`](super::decode::Routed) → [`Relay`], passed on with the
//! body unread.
//!
//! No contract and no policy looks at such a request. All else is as for every operation: the caller is known and held to its
//! quotas, path and query are in their one spelling, headers go by allow-lists, the caller's credential stays here and the
//! upstream's token is put in, JSON answers are redacted, and the record is kept. Bodies are bounded and pass as they come.

pub mod fork;
mod media_type;
pub mod open;

use std::borrow::Cow;
use std::sync::Arc;

use http::header::{HeaderName, HeaderValue};

use crate::contract::deprecation::Deprecated;
use crate::model::operation::OperationRef;
use crate::model::principal::Principal;
use crate::model::record::Record;
use crate::runtime::snapshot::Snapshot;
use crate::runtime::upload::Upload;
use crate::stages::decode::Query;

/// A request that is passed on, and of which only the body is the caller's own.
#[derive(Debug)]
pub struct Relay {
    /// What is asked.
    pub operation: OperationRef,
    /// The path, its parameters in their one spelling.
    pub path: Cow<'static, str>,
    /// The query parameters that will go upstream.
    pub query: Query,
    /// What is deprecated and came with the request. Nothing of it goes upstream.
    pub deprecated: Vec<&'static Deprecated>,
    /// The headers that go upstream as they came: `Accept-Language`, and the documented ones of the operation.
    pub passed: Vec<(HeaderName, HeaderValue)>,
    /// The media type of the body, where there is one.
    pub media_type: Option<HeaderValue>,
    /// The body, where there is one.
    pub upload: Option<Upload>,
    /// The caller's own upstream token, where the configuration passes it through.
    pub own_token: Option<HeaderValue>,
    /// Who asks.
    pub principal: Principal,
    /// The configuration it is held to.
    pub snapshot: Arc<Snapshot>,
    /// Its record.
    pub record: Record,
}
