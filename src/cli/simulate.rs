//! `simulate`: the upstream simulator alone, with its control endpoint, until interrupted.

use std::io::Write;

use tokio::net::TcpListener;

use super::arguments::SimulateOptions;
use super::exit::Exit;
use super::output;
use crate::model::clock::SystemClock;
use crate::simulator::{Settings, Simulator};

/// Runs the simulator; its address is the first line on stdout.
pub fn run(options: &SimulateOptions) -> Exit {
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(simulate(options)),
        Err(fault) => output::failed(&format!("cannot start: {fault}")),
    }
}

async fn simulate(options: &SimulateOptions) -> Exit {
    let listener = match TcpListener::bind(options.listen).await {
        Ok(listener) => listener,
        Err(fault) => {
            return output::failed(&format!(
                "cannot listen on {}: {fault}; choose another with --listen",
                options.listen
            ));
        }
    };
    let Ok(address) = listener.local_addr() else {
        return output::failed(&"the listener has no address");
    };
    let settings = Settings {
        control: true,
        throttle: options.throttle,
        ..Settings::default()
    };
    // A script that waits for this line must get it at once.
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "http://{address}").and_then(|()| out.flush());
    drop(out);
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    Simulator::new(settings, SystemClock::shared())
        .serve(listener, interrupted)
        .await;
    Exit::Success
}
