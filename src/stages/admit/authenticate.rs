//! Authenticates the caller and pins the snapshot that the request is held to.

use http::Request;
use http::header::{HeaderMap, HeaderValue};

use crate::model::header::ACCESS_TOKEN;
use crate::model::principal::Principal;
use crate::model::record::Record;
use crate::model::refusal::Refusal;
use crate::model::stage::Stage;
use crate::runtime::credentials::{authenticator, gateway_token};
use crate::runtime::snapshot::{Live, Snapshot};
use crate::stages::accept::Peer;
use crate::stages::admit::attempt::Attempt;
use crate::stages::admit::{Admitted, Arrival, only};
use crate::stages::step::{Step, Verdict};

/// Shortest upstream token; the documented samples have 36 to 40 characters.
const MIN_TOKEN: usize = 16;

/// [`Arrival`] → [`Admitted`], or 401; 429 where too many wrong credentials came from the client's address.
#[derive(Debug, Clone)]
pub struct Authenticate {
    live: Live,
}

impl Authenticate {
    /// Authenticates against whatever snapshot is current.
    pub const fn new(live: Live) -> Self {
        Self { live }
    }
}

impl<B> Step<Arrival<B>> for Authenticate {
    type Next = Admitted<B>;

    fn apply(&self, Arrival { request, record }: Arrival<B>) -> Verdict<Admitted<B>> {
        record.enter(Stage::Authenticate);
        let snapshot = self.live.current();
        let authenticated = authenticate(&snapshot, &request, &record);
        let mut journal = record.journal();
        snapshot.sign(&mut journal);
        let principal = authenticated?;
        journal.principal = Some(principal.clone());
        drop(journal);
        let own_token = if snapshot.upstream.pass_through {
            Some(own_token(request.headers())?)
        } else {
            None
        };
        Ok(Admitted {
            request,
            principal,
            own_token,
            snapshot,
            record,
        })
    }
}

fn authenticate<B>(
    snapshot: &Snapshot,
    request: &Request<B>,
    record: &Record,
) -> Result<Principal, Refusal> {
    let (headers, pass_through) = (request.headers(), snapshot.upstream.pass_through);
    let shown = authenticator::presented(headers, pass_through).ok();
    // A certificate cannot be guessed: whoever shows nothing else is not held to a number of attempts.
    let attempt = shown.map(|credential| Attempt::new(snapshot, record, Some(credential)));
    if let Some(attempt) = attempt {
        attempt.admit()?;
    }
    let peer = request.extensions().get::<Peer>();
    let authenticated = snapshot.authenticator.authenticate_over(
        peer.and_then(|peer| peer.certificate.as_deref()),
        record.clock().unix(),
        headers,
        pass_through,
    );
    if let Some(attempt) = attempt {
        attempt.settle(&authenticated);
    }
    authenticated
}

/// The upstream token that the caller brings: exactly one, and of a form that cannot be mistaken for anything else, since
/// answers that repeat it have it masked.
fn own_token(headers: &HeaderMap) -> Result<HeaderValue, Refusal> {
    let token = only(headers, &ACCESS_TOKEN)?.ok_or(Refusal::CredentialMissing)?;
    let text = token.as_bytes();
    let ours = text.starts_with(gateway_token::PREFIX.as_bytes());
    let plain = text
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || b"-._~+/=".contains(b));
    if ours || !plain || text.len() < MIN_TOKEN {
        return Err(Refusal::CredentialInvalid);
    }
    let mut token = token.clone();
    token.set_sensitive(true);
    Ok(token)
}
