//! What counts from the next start only: keys of which the running process cannot take another value.
//!
//! A configuration that changes one of them is taken all the same, so that it holds up no policy fix; these keys are named in the
//! log, on `/version` and counted in a gauge until the process is restarted or the change is taken back.

use crate::config::Config;

type Differs = fn(&Config, &Config) -> bool;

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
    ("server.connections", |one, other| {
        one.server.connections != other.server.connections
    }),
    ("server.header_bytes", |one, other| {
        one.server.header_bytes != other.server.header_bytes
    }),
    ("server.handshake_timeout", |one, other| {
        one.server.handshake_timeout != other.server.handshake_timeout
    }),
    ("server.header_timeout", |one, other| {
        one.server.header_timeout != other.server.header_timeout
    }),
    ("server.idle_timeout", |one, other| {
        one.server.idle_timeout != other.server.idle_timeout
    }),
    ("server.drain_timeout", |one, other| {
        one.server.drain_timeout != other.server.drain_timeout
    }),
    ("server.worker_threads", |one, other| {
        one.server.worker_threads != other.server.worker_threads
    }),
    ("admin.address", |one, other| {
        one.admin.address != other.admin.address
    }),
    ("sign_in.nonces", |one, other| {
        one.sign_in.nonces != other.sign_in.nonces
    }),
    ("telemetry.service_name", |one, other| {
        one.telemetry.service_name != other.telemetry.service_name
    }),
    ("telemetry.log.format", |one, other| {
        one.telemetry.log.format != other.telemetry.log.format
    }),
    ("telemetry.otlp", |one, other| {
        let (one, other) = (&one.telemetry.otlp, &other.telemetry.otlp);
        let same_headers = one.headers.len() == other.headers.len()
            && one.headers.iter().all(|(name, value)| {
                let other = other.headers.get(name);
                other.is_some_and(|other| other.matches(value.expose()))
            });
        one.endpoint != other.endpoint
            || one.timeout != other.timeout
            || one.interval != other.interval
            || !same_headers
    }),
    ("telemetry.traces.ratio", |one, other| {
        one.telemetry.traces.ratio.to_bits() != other.telemetry.traces.ratio.to_bits()
    }),
    ("audit.output", |one, other| {
        one.audit.output != other.audit.output
    }),
    ("audit.buffer_bytes", |one, other| {
        one.audit.buffer_bytes != other.audit.buffer_bytes
    }),
    ("audit.flush_interval", |one, other| {
        one.audit.flush_interval != other.audit.flush_interval
    }),
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
