//! The store that gateways share, on a real Redis: buckets, nonces, tokens, and what becomes of them when it fails.
//!
//! Several handles in one process stand for several gateways here; `tests/replicas` has processes, a balancer and load.

mod server;
mod buckets;
mod failures;
mod permissions;
mod sign_ins;
