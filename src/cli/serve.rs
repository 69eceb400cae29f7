//! `serve`: the gateway, until it is told to stop.

use tokio::signal::unix::{SignalKind, signal};

use super::arguments::ConfigSource;
use super::check;
use super::exit::Exit;
use super::{output, report};
use crate::config::Config;
use crate::config::telemetry::LogFormat;
use crate::gateway::{Gateway, StartFault};
use crate::model::clock::SystemClock;
use crate::model::problem::Problem;
use crate::runtime::telemetry::logs;

/// Runs the gateway. Ends with 0 after SIGTERM or SIGINT, with 1 if it cannot start.
pub fn run(source: &ConfigSource) -> Exit {
    let config = match check::load(source) {
        Ok(config) => config,
        Err(problems) => return mistaken(&problems),
    };
    if let Err(fault) = start_logs(&config) {
        return failed(&fault);
    }
    // Telemetry is sent by tasks that wait for one another: a single worker would wait for itself.
    let workers = config.server.worker_threads.max(1);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(serve(config)),
        Err(fault) => failed(&format!("cannot start {workers} worker threads: {fault}")),
    }
}

async fn serve(config: Config) -> Exit {
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return failed("cannot listen for signals");
    };
    let gateway = match Gateway::start(config, SystemClock::shared(), None).await {
        Ok(gateway) => gateway,
        Err(StartFault::Problems(problems)) => return mistaken(&problems),
        Err(fault) => return failed(&fault.to_string()),
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: requests in flight are answered, new connections are not taken");
    let stopping = gateway.stop();
    tokio::select! {
        cut_off = stopping => {
            if cut_off > 0 {
                tracing::warn!(connections = cut_off, "cut off at the end of the drain deadline");
            }
            Exit::Success
        }
        // Whoever asks twice does not want to wait.
        _ = terminate.recv() => Exit::Failure,
        _ = interrupt.recv() => Exit::Failure,
    }
}

/// Starts the log as the configuration says.
pub fn start_logs(config: &Config) -> Result<(), String> {
    let format = match config.telemetry.log.format {
        LogFormat::Json => logs::Format::Json,
        LogFormat::Pretty => logs::Format::Pretty,
    };
    logs::start(format, &config.telemetry.log.level).map_err(|fault| fault.to_string())
}

fn mistaken(problems: &[Problem]) -> Exit {
    output::note(&report::text(problems));
    Exit::Failure
}

fn failed(message: &str) -> Exit {
    output::error(&message);
    Exit::Failure
}
