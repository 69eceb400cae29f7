//! The built program as a process, for the tests that treat it as its users do.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

/// The program, told nothing by the environment of whoever runs the tests.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meeting-gateway"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["MEETING_GATEWAY", "OTEL_", "HUAWEI_", "CLICOLOR"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            command.env_remove(&*name);
        }
    }
    command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1");
    command
}

/// Runs the program in the repository to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

/// Runs the program in another folder to its end.
pub(crate) fn run_in(folder: &Path, arguments: &[&str]) -> Output {
    program()
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

/// The exit code and everything that was written, stdout first.
pub(crate) fn told(output: &Output) -> (i32, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (
        output.status.code().unwrap(),
        String::from_utf8(text).unwrap(),
    )
}

/// Sends a signal to a process, by its name without `SIG`.
pub(crate) fn send_signal(process: &Child, name: &str) {
    let kill = format!("kill -{name} {}", process.id());
    let mut shell = Command::new("sh");
    assert!(shell.args(["-c", &kill]).status().unwrap().success());
}

/// A simulator in a process of its own, ended when dropped.
pub(crate) struct Simulator {
    process: Child,
    /// Where it listens.
    pub(crate) url: String,
}

impl Simulator {
    /// Starts one on a free port.
    pub(crate) fn start() -> Self {
        let mut process = program()
            .args(["simulate", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        Self {
            process,
            url: line.trim().to_owned(),
        }
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
