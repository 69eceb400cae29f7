//! Binds the addresses that the configuration names.

use crate::config::Config;
use crate::runtime::snapshot::Live;
use crate::runtime::workers::Workers;
use crate::stages::accept::{BindError, Listener, Tls};

/// Listens on all of them, or on none. Their connections are shared out among `workers`; whose word counts behind the PROXY protocol is
/// what `live` says at the time.
pub(super) async fn bind(
    config: &Config,
    tls: Vec<Option<Tls>>,
    live: &Live,
    workers: &Workers,
) -> Result<Vec<(Listener, Option<Tls>)>, BindError> {
    let mut bound = Vec::new();
    for (listener, tls) in config.server.listeners.iter().zip(tls) {
        let place = Listener::bind(listener.address).await?;
        let mut place = place.shared_among(workers);
        if listener.proxy_protocol {
            let live = live.clone();
            place =
                place.behind_proxies(move |address| live.current().client_address.trusts(address));
        }
        bound.push((place, tls));
    }
    Ok(bound)
}
