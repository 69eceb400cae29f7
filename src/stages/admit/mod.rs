//! Who is it, and may they come in now: `Request<B>` → [`Arrival`] → [`Admitted`]. No byte of the body is read here, except
//! by [`sign_in`], which answers the sign-in operations itself.

pub mod trace;
mod prefer;
pub mod well_formed;
mod attempt;
pub mod audit_admission;
pub mod sign_in;
pub mod shed;
pub mod authenticate;
pub mod limit;
pub mod share;

use std::sync::Arc;

use http::Request;
use http::header::{HeaderMap, HeaderName, HeaderValue};

use crate::model::principal::Principal;
use crate::model::record::Record;
use crate::model::refusal::Refusal;
use crate::runtime::snapshot::Snapshot;

/// A request with its record opened.
#[derive(Debug)]
pub struct Arrival<B> {
    /// The request as it came.
    pub request: Request<B>,
    /// Its record.
    pub record: Record,
}

/// A request whose caller is known. It is held to the snapshot that was current when it came in, however long it takes.
#[derive(Debug)]
pub struct Admitted<B> {
    /// The request as it came.
    pub request: Request<B>,
    /// Who asks.
    pub principal: Principal,
    /// The caller's own upstream token, where the configuration passes it through.
    pub own_token: Option<HeaderValue>,
    /// The configuration it is held to.
    pub snapshot: Arc<Snapshot>,
    /// Its record.
    pub record: Record,
}

/// The only value of a header; two are one too many.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a HeaderValue>, Refusal> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (first, None) => Ok(first),
        _ => Err(Refusal::CredentialAmbiguous),
    }
}
