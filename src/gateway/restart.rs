//! What counts from the next start only: keys of which the running process cannot take another value.
//!
//! A configuration that changes one of them is taken all the same, so that it holds up no policy fix; these keys are named in the
//! log, on `/version` and counted in a gauge until the process is restarted or the change is taken back.

use crate::config::Config;

type Differs = fn(&Config, &Config) -> bool;

/// A key that is compared as it is: its name, and the field of that name.
macro_rules! key {
    ($section:ident $(.$key:ident)+) => {
        (
            concat!(stringify!($section), $(".", stringify!($key)),+),
            |one, other| one.$section $(.$key)+ != other.$section $(.$key)+,
        )
    };
}

/// Every such key, or section of nothing but such keys, and whether two configurations differ in it.
pub(super) const KEYS: &[(&str, Differs)] = &[
    ("server.listeners", |one, other| {
        // Certificates and keys are read anew; whether there is one is not.
        let places = |config: &Config| -> Vec<_> {
            let listeners = config.server.listeners.iter();
            listeners
                .map(|listener| {
                    (
                        listener.address,
                        listener.tls.is_some(),
                        listener.proxy_protocol,
                    )
                })
                .collect()
        };
        places(one) != places(other)
    }),
    key!(server.connections),
    key!(server.header_bytes),
    key!(server.handshake_timeout),
    key!(server.header_timeout),
    key!(server.idle_timeout),
    key!(server.drain_timeout),
    key!(server.worker_threads),
    key!(server.scheduler),
    key!(admin.address),
    key!(admin.console.enabled),
    key!(sign_in.nonces),
    ("store", |one, other| match (&one.store, &other.store) {
        (Some(one), Some(other)) => !one.is_same(other),
        (one, other) => one.is_some() != other.is_some(),
    }),
    key!(telemetry.service_name),
    key!(telemetry.log.output),
    key!(telemetry.log.format),
    ("telemetry.otlp", |one, other| {
        !one.telemetry.otlp.is_same(&other.telemetry.otlp)
    }),
    key!(audit.output),
    key!(audit.otlp),
    ("audit.chain_key", |one, other| {
        let exposed = |config: &Config| {
            config
                .audit
                .chain_key
                .as_ref()
                .map(|key| key.expose().to_owned())
        };
        exposed(one) != exposed(other)
    }),
    key!(audit.overflow),
    key!(audit.overflow_wait),
    key!(audit.buffer_bytes),
    key!(audit.flush_interval),
];

/// The keys in which the configuration in force differs from the one that the process was started with.
pub(super) fn required(started: &Config, in_force: &Config) -> Vec<&'static str> {
    KEYS.iter()
        .filter(|(_, differs)| differs(started, in_force))
        .map(|(key, _)| *key)
        .collect()
}

#[cfg(test)]
mod tests;
