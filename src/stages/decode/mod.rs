//! What are they asking: [`Admitted`](super::admit::Admitted) → [`Routed`] → [`Call`].

pub mod target;
pub mod route;
pub mod body;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use http::header::{HeaderName, HeaderValue};

use crate::contract::deprecation::Deprecated;
use crate::contract::told_meeting::ToldMeeting;
use crate::model::document::Document;
use crate::model::header::VisibleHeaders;
use crate::model::operation::OperationRef;
use crate::model::principal::Principal;
use crate::model::record::Record;
use crate::runtime::snapshot::Snapshot;

/// The query as documented parameters: decoded, each at most once, in the order sent.
pub type Query = Vec<(Box<str>, Box<str>)>;

/// A request whose operation is known.
#[derive(Debug)]
pub struct Routed<B> {
    /// The request as it came.
    pub request: Request<B>,
    /// What is asked.
    pub operation: OperationRef,
    /// Its path in the one spelling that goes upstream.
    pub path: Cow<'static, str>,
    /// Its query, decoded.
    pub query: Query,
    /// The caller's own upstream token, where the configuration passes it through.
    pub own_token: Option<HeaderValue>,
    /// Who asks.
    pub principal: Principal,
    /// The configuration it is held to.
    pub snapshot: Arc<Snapshot>,
    /// Its record.
    pub record: Record,
}

/// What was read to fill in a body, and must be so still when it is sent.
#[derive(Debug)]
pub struct Merged {
    /// The meeting as it was read; none where nothing that it tells was left out.
    pub told: Option<ToldMeeting>,
    /// Whether its attendees were read, because none were sent.
    pub participants: bool,
}

/// A decoded request: nothing of the caller's bytes is left but what is in here. The rest of the path works on this alone,
/// and what it holds at the end is what goes upstream.
#[derive(Debug)]
pub struct Call {
    /// What is asked.
    pub operation: OperationRef,
    /// The query parameters that will go upstream.
    pub query: Query,
    /// What is deprecated and came with the request: headers, to which the strip stage adds query parameters. Nothing of it goes
    /// upstream.
    pub deprecated: Vec<&'static Deprecated>,
    /// The headers that the policy may see.
    pub headers: VisibleHeaders,
    /// The headers that go upstream as they came: `Accept-Language`, and the documented ones of the operation.
    pub passed: Vec<(HeaderName, HeaderValue)>,
    /// The caller's own upstream token, where the configuration passes it through.
    pub own_token: Option<HeaderValue>,
    /// The body.
    pub document: Document,
    /// Whether the body was seen to be [in order](crate::contract::BodyContract::is_in_order), so that the steps of the contract have
    /// nothing to do with it. Whoever changes it before they are through takes this back.
    pub in_order: bool,
    /// What was filled in of what the body leaves out, where the policy wants that.
    pub merged: Option<Box<Merged>>,
    /// When the upstream must have answered, on the record's clock, where it has been asked before for this request.
    pub deadline: Option<Duration>,
    /// Who asks.
    pub principal: Principal,
    /// The configuration it is held to.
    pub snapshot: Arc<Snapshot>,
    /// Its record.
    pub record: Record,
}
