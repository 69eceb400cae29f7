//! `demo`: simulator, gateway (plain and TLS) and admin listener in one process; sends the documented example through, tells
//! what happened to it, and stays up for experiments.
//!
//! With `OTEL_EXPORTER_OTLP_ENDPOINT` it sends its telemetry to a collector, and `--audit` keeps its audit log: see `deploy/`.
//!
//! What the upstream received is taken from the simulator, which shares no code with the gateway, and held against
//! [`expectation`], which knows what the packs demand: a rule that is missing from the packs makes `--once` fail.

pub mod audit_lines;
pub mod certificate;
pub mod example;
pub mod expectation;
pub mod ports;
pub mod story;
pub mod hints;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use tokio::net::TcpListener;

use super::arguments::DemoOptions;
use super::exit::Exit;
use super::{environment, output, report, serve};
use crate::config;
use crate::gateway::{Gateway, StartFault};
use crate::model::clock::SystemClock;
use crate::model::header::REQUEST_ID;
use crate::model::problem::Problem;
use crate::runtime::audit_log::AuditLog;
use crate::runtime::http_client::{self, HttpClient, Pooling};
use crate::runtime::telemetry::logs;
use crate::simulator::{Settings, Simulator};

use audit_lines::AuditLines;
use certificate::Certificate;
use example::Example;
use ports::Ports;

/// The configuration of the demo, the same file as in the repository.
const CONFIGURATION: &str = include_str!("../../../config/demo.yaml");
/// Its name in messages.
const CONFIGURATION_NAME: &str = "config/demo.yaml";

/// Runs the demo to its end: after the examples with `--once`, else when interrupted.
pub fn run(options: &DemoOptions) -> Exit {
    match tokio::runtime::Runtime::new() {
        Ok(runtime) => {
            let exit = runtime.block_on(demonstrate(options));
            logs::finish(Duration::from_secs(1));
            exit
        }
        Err(fault) => {
            output::error(&format_args!("cannot start: {fault}"));
            Exit::Failure
        }
    }
}

async fn demonstrate(options: &DemoOptions) -> Exit {
    let stage = match set_up(options).await {
        Ok(stage) => stage,
        Err(fault) => {
            fault.show();
            return Exit::Failure;
        }
    };
    output::data(&story::places(&stage));
    let mut as_demanded = true;
    for example in example::all(jiff::Timestamp::now()) {
        let told = match perform(&stage, &example).await {
            Ok(told) => told,
            Err(fault) => {
                fault.show();
                return Exit::Failure;
            }
        };
        as_demanded &= told.faults.is_empty();
        output::data(&story::tell(&example, &told));
    }
    if !options.once {
        output::data(&hints::curls(&stage.ports, &stage.certificate));
        let _ = tokio::signal::ctrl_c().await;
    }
    stage.gateway.stop().await;
    if as_demanded || !options.once {
        Exit::Success
    } else {
        Exit::Failure
    }
}

/// Everything that runs.
struct StageSet {
    simulator: Simulator,
    simulator_url: String,
    gateway: Gateway,
    lines: AuditLines,
    collector: Option<String>,
    client: HttpClient,
    ports: Ports,
    certificate: Certificate,
}

/// Why there is nothing to show, for a person.
enum Fault {
    /// Mistakes in the packs, each with its place.
    Problems(Vec<Problem>),
    /// Anything else.
    Other(String),
}

impl From<String> for Fault {
    fn from(what: String) -> Self {
        Self::Other(what)
    }
}

impl Fault {
    fn show(&self) {
        match self {
            Self::Problems(problems) => output::note(&report::text(problems)),
            Self::Other(what) => output::error(what),
        }
    }
}

async fn set_up(options: &DemoOptions) -> Result<StageSet, Fault> {
    let clock = SystemClock::shared();
    let simulator = Simulator::new(
        Settings {
            control: true,
            ..Settings::default()
        },
        Arc::clone(&clock),
    );
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .map_err(|fault| format!("the simulator cannot listen: {fault}"))?;
    let simulator_url = format!(
        "http://{}",
        listener.local_addr().map_err(|fault| fault.to_string())?
    );
    tokio::spawn(simulator.clone().serve(listener, std::future::pending()));

    let certificate =
        Certificate::make().map_err(|fault| format!("cannot make a certificate: {fault}"))?;
    let ports = Ports::choose(options)?;
    let config = configuration(options, &ports, &certificate, &simulator_url)?;
    serve::start_logs(&config)?;
    let collector = config.telemetry.otlp.endpoint.as_ref();
    let collector = collector.map(ToString::to_string);
    let (audit, lines) = if let Some(path) = &options.audit {
        (None, AuditLines::File(path.clone()))
    } else {
        let (audit, written) = AuditLog::in_memory();
        (Some(Arc::new(audit)), AuditLines::Memory(written))
    };
    let gateway = Gateway::start(config, clock, audit)
        .await
        .map_err(explained)?;
    let pooling = Pooling {
        connect_timeout: Duration::from_secs(3),
        idle_timeout: Duration::from_secs(10),
        idle_connections: 1,
        http2: false,
    };
    let client = http_client::client(pooling, Some(certificate.path()))
        .map_err(|fault| fault.to_string())?;
    Ok(StageSet {
        simulator,
        simulator_url,
        gateway,
        lines,
        collector,
        client,
        ports,
        certificate,
    })
}

/// The committed configuration, with the places that are known only now.
fn configuration(
    options: &DemoOptions,
    ports: &Ports,
    certificate: &Certificate,
    simulator: &str,
) -> Result<config::Config, Fault> {
    let mut variables = environment::variables();
    for (name, value) in [
        ("DEMO_PLAIN_ADDRESS", ports.plain.to_string()),
        ("DEMO_TLS_ADDRESS", ports.tls.to_string()),
        ("DEMO_ADMIN_ADDRESS", ports.admin.to_string()),
        ("DEMO_CERTIFICATE", certificate.path().display().to_string()),
        ("DEMO_KEY", certificate.key_path().display().to_string()),
        ("DEMO_UPSTREAM", simulator.to_owned()),
        ("DEMO_POLICIES", options.policies.display().to_string()),
    ] {
        variables.insert(name.to_owned(), value);
    }
    let here = std::env::current_dir().map_err(|fault| fault.to_string())?;
    let audit = options.audit.iter().map(|path| {
        let key = "audit.output.file".to_owned();
        (key, path.display().to_string())
    });
    let overrides: Vec<_> = audit.collect();
    config::parse(
        CONFIGURATION,
        CONFIGURATION_NAME,
        &here,
        &variables,
        &overrides,
    )
    .map_err(Fault::Problems)
}

fn explained(fault: StartFault) -> Fault {
    match fault {
        StartFault::Problems(problems) => Fault::Problems(problems),
        other => Fault::Other(other.to_string()),
    }
}

/// Sends one example through the TLS door and gathers what everybody saw.
async fn perform(stage: &StageSet, example: &Example) -> Result<story::Told, Fault> {
    stage.simulator.take_seen();
    let request = example
        .request(stage.ports.tls)
        .map_err(|fault| fault.to_string())?;
    let response = stage
        .client
        .request(request.map(http_client::whole))
        .await
        .map_err(|fault| format!("the gateway did not answer: {fault}"))?;
    let (head, body) = response.into_parts();
    let body: Bytes = body
        .collect()
        .await
        .map_err(|fault| fault.to_string())?
        .to_bytes();
    let seen = stage
        .simulator
        .take_seen()
        .into_iter()
        .find(|seen| seen.path.contains("cycleconferences"));
    let id = head.headers.get(REQUEST_ID);
    let id = id.and_then(|id| id.to_str().ok()).unwrap_or_default();
    let line = stage.lines.of(id).await;
    let faults = expectation::faults(seen.as_ref(), head.status);
    Ok(story::Told {
        status: head.status,
        headers: head.headers,
        body,
        seen,
        audit: line,
        faults,
    })
}
