//! Where the demo listens: the ports asked for, or others if those are in use.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::cli::arguments::DemoOptions;
use crate::cli::output;

/// The addresses of the demo's listeners.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    /// Plain HTTP.
    pub plain: SocketAddr,
    /// TLS.
    pub tls: SocketAddr,
    /// The admin listener.
    pub admin: SocketAddr,
}

impl Ports {
    /// Takes the ports asked for, or free ones, saying so on stderr.
    pub fn choose(options: &DemoOptions) -> Result<Self, String> {
        let mut taken = Vec::new();
        let mut choose = |wanted: u16, what: &str| {
            let held = free(wanted)
                .map_err(|fault| format!("no port for the {what} listener: {fault}"))?;
            let address = held.local_addr().map_err(|fault| fault.to_string())?;
            if wanted != 0 && address.port() != wanted {
                output::note(&format_args!(
                    "port {wanted} is in use; the {what} listener takes {}",
                    address.port()
                ));
            }
            // Held until all are chosen, so that no two get the same.
            taken.push(held);
            Ok::<_, String>(address)
        };
        Ok(Self {
            plain: choose(options.port, "plain")?,
            tls: choose(options.tls_port, "TLS")?,
            admin: choose(options.admin_port, "admin")?,
        })
    }
}

fn free(wanted: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, wanted))
        .or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
}
