//! What the operator's listener is told: asked anew each time, since a reload changes it.

use std::sync::Arc;

use super::reload::Reloader;
use crate::admin::{RefusedConfig, Version};
use crate::runtime::audit_log::AuditLog;
use crate::runtime::readiness::Reason;
use crate::runtime::snapshot::Live;
use crate::runtime::store::Store;

/// What is in force.
pub(super) fn version(
    live: Live,
    reloader: Reloader,
    audit: Arc<AuditLog>,
) -> impl Fn() -> Version + Send + Sync + 'static {
    move || {
        let (snapshot, status) = (live.current(), reloader.status());
        Version {
            config_digest: (&*snapshot.configuration_digest).into(),
            policy_digest: (&*snapshot.policy_digest).into(),
            snapshot: snapshot.number,
            circuit: snapshot.upstream.circuit_breaker.state(),
            audit_head: audit.head(),
            loaded_at: status.loaded_at,
            restart_required: status.restart_required.clone(),
            refused: status.refused.as_ref().map(|refused| RefusedConfig {
                at: refused.at,
                problems: refused.problems,
                listed: refused.listed.clone(),
            }),
        }
    }
}

/// What does not keep the gateway from being sent requests, but is not as it should be.
pub(super) fn degraded(store: Option<Store>) -> impl Fn() -> Vec<Reason> + Send + Sync + 'static {
    move || {
        let fault = store.as_ref().and_then(|store| store.health().fault());
        let reason = fault.map(|fault| Reason {
            condition: "store",
            reason: fault.to_string().into(),
        });
        reason.into_iter().collect()
    }
}

/// Whether the level of the log may be changed.
pub(super) fn level_is_open(reloader: Reloader) -> impl Fn() -> bool + Send + Sync + 'static {
    move || reloader.in_force().admin.log_level
}
