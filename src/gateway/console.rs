//! What the operator and the console are told: the gateway behind [`Backend`], asked anew each time, since a reload changes it.

use std::fmt;
use std::future::ready;
use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response};

use super::inner_door::InnerDoor;
use super::reload::Reloader;
use super::simulated::Simulated;
use crate::admin::console::access::Access;
use crate::admin::console::backend::{Backend, Destination, PackText, SWITCHED_OFF, Standing};
use crate::admin::{RefusedConfig, Version};
use crate::model::problem::Problem;
use crate::policy::cases::Setup;
use crate::runtime::audit_log::AuditLog;
use crate::runtime::generation;
use crate::runtime::packs;
use crate::runtime::readiness::{Readiness, Reason};
use crate::runtime::snapshot::{Live, Snapshot};
use crate::runtime::store::Store;

/// The gateway, as the console sees it.
pub(super) struct GatewayBackend {
    pub(super) reloader: Reloader,
    pub(super) readiness: Readiness,
    pub(super) live: Live,
    pub(super) audit: Arc<AuditLog>,
    pub(super) store: Option<Store>,
    pub(super) simulated: Simulated,
    /// To this gateway's own stack.
    pub(super) door: InnerDoor,
    /// Whether other machines cannot reach the operator's listener, which stays where it was started.
    pub(super) is_loopback: bool,
}

impl Backend for GatewayBackend {
    fn access(&self) -> Access {
        let config = self.reloader.in_force();
        let console = &config.admin.console;
        Access {
            keys: console.keys.iter().map(|hash| *hash.bytes()).collect(),
            is_loopback: self.is_loopback,
        }
    }

    fn may_send(&self) -> bool {
        self.reloader.in_force().admin.console.send
    }

    fn version(&self) -> Version {
        let (snapshot, status) = (self.live.current(), self.reloader.status());
        Version {
            config_digest: (&*snapshot.configuration_digest).into(),
            policy_digest: (&*snapshot.policy_digest).into(),
            snapshot: snapshot.number,
            circuit: snapshot.upstream.circuit_breaker.state(),
            audit_head: self.audit.head(),
            loaded_at: status.loaded_at,
            restart_required: status.restart_required.clone(),
            refused: status.refused.as_ref().map(|refused| RefusedConfig {
                at: refused.at,
                problems: refused.problems,
                listed: refused.listed.clone(),
            }),
        }
    }

    fn standing(&self) -> Standing {
        let fault = self.store.as_ref().and_then(|store| store.health().fault());
        let degraded = fault.map(|fault| Reason {
            condition: "store",
            reason: fault.to_string().into(),
        });
        Standing {
            unready: self.readiness.reasons(),
            degraded: degraded.into_iter().collect(),
        }
    }

    fn packs(&self) -> Vec<PackText> {
        let config = self.reloader.in_force();
        let policy = &config.policy;
        let text = |name: &String| PackText {
            name: name.clone(),
            text: packs::text(&policy.directory, name).map_err(|fault| fault.to_string()),
        };
        policy.packs.iter().map(text).collect()
    }

    fn setup(&self) -> Setup {
        generation::setup(&self.reloader.in_force().policy)
    }

    fn policy_directory(&self) -> PathBuf {
        self.reloader.in_force().policy.directory.clone()
    }

    fn rehearse(&self, pack: &str, text: &str) -> Result<Snapshot, Vec<Problem>> {
        self.reloader.rehearse(pack, text)
    }

    fn send(
        &self,
        to: Destination,
        request: Request<Bytes>,
    ) -> BoxFuture<'static, Result<Response<Bytes>, String>> {
        match to {
            Destination::Simulator { caller } => {
                let (config, number) = (self.reloader.in_force(), self.live.current().number);
                let simulated = self.simulated.clone();
                Box::pin(simulated.send(config, number, caller, request))
            }
            Destination::Gateway if self.may_send() => Box::pin(self.door.clone().send(request)),
            Destination::Gateway => Box::pin(ready(Err(SWITCHED_OFF.to_owned()))),
        }
    }
}

impl fmt::Debug for GatewayBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GatewayBackend").finish_non_exhaustive()
    }
}
