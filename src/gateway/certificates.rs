//! The TLS of the listeners: certificates, keys, and whom clients' certificates must be of, read from the files that the configuration names.

use crate::config::{Config, server};
use crate::model::problem::Problem;
use crate::stages::accept::{ClientCertificates, Tls, TlsError};

/// Reads the pair of each listener, in the order of the configuration; none for one that speaks plain HTTP.
///
/// # Errors
///
/// Everything that is wrong with any of them.
pub(super) fn read(config: &Config) -> Result<Vec<Option<Tls>>, Vec<Problem>> {
    let mut pairs = Vec::new();
    let mut problems = Vec::new();
    for (index, listener) in config.server.listeners.iter().enumerate() {
        let pair = listener.tls.as_ref().map(tls);
        match pair.transpose() {
            Ok(pair) => pairs.push(pair),
            Err(fault) => problems.push(problem(config, index, &fault)),
        }
    }
    if problems.is_empty() {
        Ok(pairs)
    } else {
        Err(problems)
    }
}

/// Puts what `config` has for the listeners that were `started` with into force, for connections from now on.
pub(super) fn exchange(
    started: &Config,
    in_use: &[Option<Tls>],
    config: &Config,
    read: &[Option<Tls>],
) {
    let listeners = &config.server.listeners;
    for (index, (listener, in_use)) in started.server.listeners.iter().zip(in_use).enumerate() {
        let same = |at: usize| {
            listeners
                .get(at)
                .is_some_and(|other| other.address == listener.address)
        };
        // Several may listen on port 0, so the place in the list counts first.
        let at = if same(index) {
            Some(index)
        } else {
            (0..listeners.len()).find(|at| same(*at))
        };
        let new = at.and_then(|at| read.get(at)?.as_ref());
        if let (Some(in_use), Some(new)) = (in_use, new) {
            in_use.become_like(new);
        }
    }
}

/// The TLS of a listener.
fn tls(written: &server::Tls) -> Result<Tls, TlsError> {
    let clients = written.client_ca.as_ref().map(|ca| ClientCertificates {
        ca: ca.clone(),
        crl: written.client_crl.clone(),
        required: written.client_certificates != Some(server::ClientCertificates::Request),
    });
    Tls::from_files_asking(&written.certificate, &written.key, clients)
}

fn problem(config: &Config, index: usize, fault: &TlsError) -> Problem {
    let what = fault.to_string();
    let at = format!("server.listeners.{index}.tls");
    let named = config.paths.iter().find(|named| {
        let problem = named.problem("");
        problem.at.starts_with(&format!("{at}.")) && what.contains(&*named.path.to_string_lossy())
    });
    named.map_or_else(
        || Problem::of_key(at, what.clone()),
        |named| named.problem(what.clone()),
    )
}
