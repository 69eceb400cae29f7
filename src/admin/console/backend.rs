//! What the console asks the gateway for, which stands behind it (`src/gateway/console.rs`).

use std::fmt;
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};

use super::access::Access;
use crate::admin::Version;
use crate::model::problem::Problem;
use crate::policy::cases::Setup;
use crate::runtime::readiness::Reason;
use crate::runtime::snapshot::Snapshot;

/// A policy pack that is in force, as it is on the disk now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackText {
    /// Its name in the configuration.
    pub name: String,
    /// `pack.yaml`, or why it cannot be read.
    pub text: Result<String, String>,
}

/// Where the API explorer sends a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// As this caller through a second gateway of the same configuration, with a simulator in the upstream's place. None of this
    /// gateway's limits is charged, and no audit line is written.
    Simulator {
        /// The caller's id.
        caller: String,
    },
    /// Through this gateway, with whatever credential is in the request, to the real upstream.
    Gateway,
}

/// Why nothing goes to the real upstream.
pub const SWITCHED_OFF: &str = "sending to the real upstream is switched off: set `admin.console.send: true` in the configuration";

/// How ready the gateway is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Why it is not ready.
    pub unready: Vec<Reason>,
    /// What is amiss although it is ready.
    pub degraded: Vec<Reason>,
}

/// What the console asks for. What reads files or compiles packs blocks for as long as that takes, and is asked on threads of its own.
pub trait Backend: fmt::Debug + Send + Sync + 'static {
    /// Who may come in, by the configuration in force.
    fn access(&self) -> Access;

    /// Whether the API explorer may send to the real upstream.
    fn may_send(&self) -> bool;

    /// What is in force.
    fn version(&self) -> Version;

    /// How ready it is.
    fn standing(&self) -> Standing;

    /// The packs in force, in their order.
    fn packs(&self) -> Vec<PackText>;

    /// What the configuration says of them.
    fn setup(&self) -> Setup;

    /// The folder that they are in.
    fn policy_directory(&self) -> PathBuf;

    /// What would be in force if `pack.yaml` of this pack had this text.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the packs then.
    fn rehearse(&self, pack: &str, text: &str) -> Result<Snapshot, Vec<Problem>>;

    /// Sends a request, and answers with what came back or with why nothing did. Nothing goes to the real upstream unless
    /// [`Self::may_send`].
    fn send(
        &self,
        to: Destination,
        request: Request<Bytes>,
    ) -> BoxFuture<'static, Result<Response<Bytes>, String>>;
}
