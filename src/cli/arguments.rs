//! What the program can be asked to do.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use super::audit::AuditCommand;
use super::caller::CallerCommand;
use super::policy::PolicyCommand;
use super::report::Format;

/// The policy gateway in front of the Huawei Cloud Meeting REST API.
#[derive(Debug, Parser)]
#[command(name = "meeting-gateway", version, about, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 done, 1 done with findings or failed, 2 wrong usage.\nstdout is data, stderr is logs."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the gateway at work: simulator, gateway and admin listener in one process.
    Demo(DemoOptions),
    /// Run the gateway.
    Serve(ConfigSource),
    /// Check the configuration and the policy packs; shows every mistake at once.
    Check(CheckOptions),
    /// Test, explain and try policy packs.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Give applications their credentials, change them and take them away.
    #[command(subcommand)]
    Caller(CallerCommand),
    /// Verify audit logs.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Run the upstream simulator alone.
    Simulate(SimulateOptions),
    /// Look at upstream tokens.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Look at the configuration: its format, and what it serves.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

/// Where the configuration comes from.
#[derive(Debug, Clone, Args)]
pub struct ConfigSource {
    /// The configuration file.
    #[arg(
        short,
        long,
        value_name = "FILE",
        default_value = "config/gateway.yaml",
        env = "MEETING_GATEWAY_CONFIG"
    )]
    pub config: PathBuf,
    /// Override one key, such as `--set upstream.url=https://api.meeting.huaweicloud.com`; may be repeated.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = key_value)]
    pub overrides: Vec<(String, String)>,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// Where the configuration comes from.
    #[command(flatten)]
    pub source: ConfigSource,
    /// How to write the findings.
    #[arg(long, value_enum, default_value = "text")]
    pub format: Format,
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct DemoOptions {
    /// End after the examples: 0 if the upstream saw what the policy demands, 1 if not.
    #[arg(long)]
    pub once: bool,
    /// Port of the plain listener on 127.0.0.1; another one is taken, and said, if it is in use. 0 takes any.
    #[arg(long, default_value_t = 8080)]
    pub port: u16,
    /// Port of the TLS listener.
    #[arg(long, default_value_t = 8443)]
    pub tls_port: u16,
    /// Port of the admin listener.
    #[arg(long, default_value_t = 9090)]
    pub admin_port: u16,
    /// Folder of the policy packs.
    #[arg(long, value_name = "DIR", default_value = "policies")]
    pub policies: PathBuf,
    /// Keep the audit log, at the end of this file.
    #[arg(long, value_name = "FILE")]
    pub audit: Option<PathBuf>,
}

/// Options of `simulate`.
#[derive(Debug, Args)]
pub struct SimulateOptions {
    /// Where to listen; port 0 takes any. The address is printed on stdout.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,
    /// Let every caller make this many requests a minute, then answer 429.
    #[arg(long, value_name = "REQUESTS")]
    pub throttle: Option<u32>,
}

/// Commands about tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Sign in upstream once and say what came back; the token is not shown.
    Check(ConfigSource),
}

/// Commands about the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print the JSON Schema of the configuration file.
    Schema {
        /// Print that of a file of callers instead, which `caller_files` names.
        #[arg(long)]
        callers: bool,
    },
    /// Print the OpenAPI 3.1 document of what a gateway with this configuration serves.
    Openapi(ConfigSource),
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.to_owned()))
        }
        _ => Err(
            "write KEY=VALUE, such as upstream.url=https://api.meeting.huaweicloud.com".to_owned(),
        ),
    }
}
