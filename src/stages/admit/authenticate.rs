//! Authenticates the caller and pins the snapshot that the request is held to.

use crate::model::stage::Stage;
use crate::runtime::snapshot::Live;
use crate::stages::admit::{Admitted, Arrival};
use crate::stages::step::{Step, Verdict};

/// [`Arrival`] → [`Admitted`], or 401.
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
        let authenticated = snapshot
            .authenticator
            .authenticate(request.headers(), snapshot.upstream_takes_callers_token());
        let mut journal = record.journal();
        snapshot.sign(&mut journal);
        let principal = authenticated?;
        journal.principal = Some(principal.clone());
        drop(journal);
        Ok(Admitted {
            request,
            principal,
            snapshot,
            record,
        })
    }
}
