//! `serve`: the gateway, until it is told to stop.

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::runtime::Builder;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::arguments::ConfigSource;
use super::check;
use super::exit::Exit;
use super::{output, report};
use crate::config::Config;
use crate::config::log::{LogFormat, LogOutput};
use crate::config::server::Scheduler;
use crate::gateway::{Gateway, Origin, StartFault, Trigger};
use crate::model::clock::SystemClock;
use crate::model::problem::Problem;
use crate::runtime::audit_log::AuditLog;
use crate::runtime::telemetry::logs;
use crate::runtime::workers::Workers;

/// How long a second signal lets the audit log be written, and any end the log.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Runs the gateway. Ends with 0 after SIGTERM or SIGINT, with 1 if it cannot start or is told a second time to stop. SIGHUP loads
/// the configuration anew, and opens the audit log anew if its file was moved.
pub fn run(source: &ConfigSource) -> Exit {
    if let Err(fault) = outlive_hang_ups() {
        return output::failed(&format!("cannot listen for signals: {fault}"));
    }
    let source = source.clone();
    let (origin, config) = match Origin::load(move || check::load(&source)) {
        Ok(loaded) => loaded,
        Err(problems) => return mistaken(&problems),
    };
    if let Err(fault) = start_logs(&config) {
        return output::failed(&fault);
    }
    tell_of_panics();
    let workers = config.server.worker_threads.max(1);
    let shared = config.server.scheduler == Scheduler::WorkStealing && workers > 1;
    let runtime = if shared {
        Builder::new_multi_thread()
            .worker_threads(workers)
            .enable_all()
            .build()
    } else {
        // The first of the workers; each has a runtime of its own.
        Builder::new_current_thread().enable_all().build()
    };
    match runtime {
        Ok(runtime) => {
            let exit = runtime.block_on(serve(config, origin));
            // Lines that nobody reads hold nothing up either.
            logs::finish(LAST_WORDS);
            // What still blocks a thread, such as a name that is being looked up, holds nothing up.
            runtime.shutdown_background();
            exit
        }
        Err(fault) => output::failed(&format!("cannot start {workers} worker threads: {fault}")),
    }
}

/// From here on a hang-up does not end the process, as it would without anybody who listens: one that comes while the configuration
/// is loaded for the first time asks for nothing else than that. What listens once does so to the end.
fn outlive_hang_ups() -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async { signal(SignalKind::hangup()).map(drop) })
}

async fn serve(config: Config, origin: Origin) -> Exit {
    let (Ok(mut terminate), Ok(mut interrupt), Ok(hangup)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
        signal(SignalKind::hangup()),
    ) else {
        return output::failed(&"cannot listen for signals");
    };
    let workers = match workers(&config) {
        Ok(workers) => workers,
        Err(fault) => return output::failed(&format!("cannot start worker threads: {fault}")),
    };
    let started = Gateway::start_among(workers, config, SystemClock::shared(), None);
    let mut gateway = match started.await {
        Ok(gateway) => gateway,
        Err(StartFault::Problems(problems)) => return mistaken(&problems),
        Err(fault) => return output::failed(&fault),
    };
    tell_service_manager(&[NotifyState::Ready]);
    let trigger = gateway.follow(origin);
    let reloading = tokio::spawn(reload(hangup, trigger, Arc::clone(gateway.audit())));
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    // From here on a hang-up is ignored.
    reloading.abort();
    tracing::info!("stopping: requests in flight are answered; a second signal ends at once");
    tell_service_manager(&[NotifyState::Stopping]);
    let stop = gateway.stopping();
    let mut stopped = pin!(gateway.stop());
    tokio::select! {
        cut_off = stopped.as_mut() => {
            if cut_off > 0 {
                tracing::warn!(connections = cut_off, "cut off at the end of the drain deadline");
            }
            return Exit::Success;
        }
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    // Whoever asks twice does not want to wait; what is cut off has its line in the audit log, if that can be written quickly.
    tracing::warn!("told a second time to stop: requests in flight are cut off");
    stop.cut();
    if tokio::time::timeout(LAST_WORDS, stopped).await.is_err() {
        tracing::error!("the end was not in order: audit lines may be missing");
    }
    Exit::Failure
}

/// Tells systemd how it stands (`Type=notify`), where that has started the process; else nobody.
fn tell_service_manager(state: &[NotifyState<'_>]) {
    if let Err(fault) = sd_notify::notify(state) {
        tracing::warn!(%fault, "systemd cannot be told");
    }
}

/// Who serves the connections.
fn workers(config: &Config) -> io::Result<Workers> {
    match config.server.scheduler {
        Scheduler::PerWorker => Workers::start(config.server.worker_threads.max(1)),
        Scheduler::WorkStealing => Ok(Workers::alone()),
    }
}

async fn reload(mut hangup: Signal, trigger: Trigger, audit: Arc<AuditLog>) {
    while hangup.recv().await.is_some() {
        tracing::info!(
            "SIGHUP: the configuration is loaded anew, and the audit log opened anew if it was moved"
        );
        audit.reopen();
        trigger.pull();
    }
}

/// A panic is told of by its place alone: its text may quote what a caller sent.
fn tell_of_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(place, "a defect: the gateway panicked");
    }));
}

/// Starts the log as the configuration says.
pub fn start_logs(config: &Config) -> Result<(), String> {
    let format = match config.telemetry.log.format {
        LogFormat::Json => logs::Format::Json,
        LogFormat::Pretty => logs::Format::Pretty,
    };
    let output = match config.telemetry.log.output {
        LogOutput::Stderr => logs::Output::Stderr,
        LogOutput::Stdout => logs::Output::Stdout,
    };
    logs::start(format, output, &config.telemetry.log.level).map_err(|fault| fault.to_string())
}

fn mistaken(problems: &[Problem]) -> Exit {
    output::note(&report::text(problems));
    Exit::Failure
}
