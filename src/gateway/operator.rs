//! What answers on the operator's listener.

use std::sync::Arc;

use super::Listening;
use super::console::GatewayBackend;
use crate::admin::Admin;
use crate::admin::console::Parts;
use crate::admin::console::backend::Backend as _;
use crate::model::clock::SharedClock;
use crate::openapi;
use crate::runtime::audit_log::Recent;
use crate::runtime::telemetry::{Telemetry, logs};

/// Answers the operator, with a console where the configuration wants one.
pub(super) fn admin(
    backend: GatewayBackend,
    listening: &[Listening],
    telemetry: &Telemetry,
    recent: Option<Recent>,
    clock: SharedClock,
) -> Admin {
    let backend = Arc::new(backend);
    let (live, reloader) = (backend.live.clone(), backend.reloader.clone());
    let places: Vec<openapi::Listening> = listening.iter().map(described).collect();
    let registry = telemetry.registry();
    let (told, noticing) = (Arc::clone(&backend), Arc::clone(&backend));
    let has_console = reloader.in_force().admin.console.enabled;
    let admin = Admin::new(backend.readiness.clone(), registry.clone(), move || {
        told.version()
    });
    let admin = admin
        .describing(live.clone(), &places)
        .explaining(live.clone(), Arc::clone(&clock))
        .setting_level(logs::levels(), move || reloader.in_force().admin.log_level)
        .noticing(move || noticing.standing().degraded);
    if !has_console {
        return admin;
    }
    admin.showing(Parts {
        backend,
        snapshots: live,
        registry: registry.clone(),
        recent,
        clock,
    })
}

fn described(place: &Listening) -> openapi::Listening {
    openapi::Listening {
        address: place.address,
        tls: place.tls,
    }
}
