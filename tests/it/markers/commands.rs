//! What commands print that read what the gateway wrote, or what it would read.

use std::path::Path;

use super::configuration::Configured;
use super::mark::Markers;
use super::operator::{broken_configurations, saved};
use super::outlet::{Departed, Outlet};
use crate::program::program;

/// Somebody at a terminal in the folder of the configuration.
struct Terminal<'t> {
    departed: &'t Departed,
    configured: &'t Configured,
}

impl Terminal<'_> {
    /// Runs a command, which ends with one of these exit codes.
    #[track_caller]
    fn run(&self, line: &str, expected: &[i32]) {
        let mut command = program();
        command.current_dir(self.configured.folder.path());
        command.args(line.split(' '));
        for (name, value) in &self.configured.environment {
            command.env(name, value);
        }
        let output = command.output().unwrap();
        let told = [&output.stdout[..], b"\n", &output.stderr].concat();
        let code = output.status.code().unwrap();
        assert!(
            expected.contains(&code),
            "{line}: {code}: {}",
            String::from_utf8_lossy(&told)
        );
        self.departed.note(Outlet::Command, told);
    }
}

/// Runs them, with the audit log where it is in a file.
pub(super) fn run(
    markers: &Markers,
    departed: &Departed,
    configured: &Configured,
    audit: Option<&Path>,
) {
    let folder = configured.folder.path();
    let terminal = Terminal {
        departed,
        configured,
    };
    std::fs::write(folder.join("saved"), saved(markers, "command/saved")).unwrap();
    for format in ["text", "json"] {
        terminal.run(
            &format!("check --config gateway.yaml --format {format}"),
            &[0],
        );
        let explain = "policy explain saved --config gateway.yaml --caller narrow --mask --format";
        terminal.run(&format!("{explain} {format}"), &[0, 1]);
    }
    terminal.run("token check --config gateway.yaml", &[0]);
    terminal.run("caller list --config gateway.yaml", &[0]);
    for broken in broken_configurations(markers) {
        std::fs::write(folder.join("broken.yaml"), broken).unwrap();
        for command in [
            "check",
            "check --format json",
            "serve",
            "token check",
            "caller list",
        ] {
            terminal.run(&format!("{command} --config broken.yaml"), &[1, 2]);
        }
    }
    let Some(audit) = audit else { return };
    let policies = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
    let demo = "demo --once --port 0 --tls-port 0 --admin-port 0 --policies";
    terminal.run(&format!("{demo} {policies}"), &[0]);
    for format in ["text", "json"] {
        let replay =
            "policy replay audit.jsonl --config gateway.yaml --packs baseline --examples 100";
        terminal.run(&format!("{replay} --format {format}"), &[0, 1]);
    }
    let lines = std::fs::read_to_string(audit).unwrap();
    let kept = lines.lines().filter(|line| line.contains("\"request\":{"));
    for line in kept.take(5) {
        std::fs::write(folder.join("line"), line).unwrap();
        let explain = "policy explain line --config gateway.yaml --mask";
        terminal.run(explain, &[0, 1]);
    }
}
