//! Hostile bytes at the door. Each attack is a test by name with the bytes it sends over a socket, what the client gets, what the
//! audit log says, and what the upstream saw: nothing, or exactly the one request that the gateway makes itself.
//!
//! `README.md` beside this file lists all of them; it is written from the same tables (see [`table`]).

/// Attacks, each a test of its name, and the list of them for the table.
macro_rules! attacks {
    ($($name:ident: $attack:expr;)*) => {
        pub(super) fn attacks() -> Vec<(&'static str, $crate::edge::attack::Attack)> {
            vec![$((stringify!($name), $attack)),*]
        }

        $(
            #[tokio::test]
            async fn $name() {
                $crate::edge::attack::run($attack).await;
            }
        )*
    };
}

mod attack;
mod door;
mod frames;
mod recorder;
mod table;

mod smuggling;
mod chunks;
mod lines;
mod targets;
mod authorities;
mod hop_by_hop;
mod credentials;
mod keys;
mod bodies;
mod sizes;
mod pipelines;
mod elsewhere;
mod http2_heads;
mod http2_floods;
mod slow;
