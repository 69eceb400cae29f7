//! The commands as a shell sees them: exit codes, what goes to stdout and what to stderr.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::Path;

use clap::CommandFactory;
use meeting_gateway::cli::arguments::Arguments;
use tempfile::TempDir;

use crate::program::{Simulator, program, run, run_in, told};

const APP_KEY: &str = "0123456789abcdef0123456789abcdef";
/// A configuration that signs in to `$UPSTREAM` and listens where `$LISTEN` and `$ADMIN` say.
pub(crate) const CONFIGURATION: &str = "
server: {listeners: [{address: '${env.LISTEN:-127.0.0.1:0}'}]}
admin: {address: '${env.ADMIN:-127.0.0.1:0}'}
upstream:
  url: '${env.UPSTREAM:-http://127.0.0.1:9}'
  credentials: {app_id: {app_id: fdb8e4699586458bbd10c834872dcc62, app_key: '${env.APP_KEY}'}}
callers:
  - id: scheduling-app
    api_keys: ['sha256:6b8111459789699847b4fb8f873ce354fe08912088644bc6f94dbf986fde8236']
    upstream_user: {fixed: alice@ent01}
policy: {packs: []}
audit: {output: none}
";
const WRONG_CONFIGURATION: &str = "\
server:
  listeners:
    - adress: 127.0.0.1:8080
    - address: 0.0.0.0:8080
  body_bytes: 1 MB
  handshake_timeout: 10
admin: {address: 0.0.0.0:9090}
upstream:
  url: http//api.meeting.example
  credentials:
    app_id: {app_id: house, app_key: '${env.NO_SUCH_VARIABLE}'}
    pass_through: true
callers:
  - {id: Scheduling App, api_keys: [a-key-in-plain-text]}
  - {id: hr, app_ids: [{app_id: hr, app_key: short}]}
contract: {unknown_fields: ignore}
limits:
  quotas: [{name: caller, per: user, requests: -1, window: 60s}]
telemetry: {traces: {ratio: 2.0}}
polices: {}
";
const WRONG_PACK: &str = "\
pack: house
rules:
  - id: encryption
    force: {field: /encryptmode, value: 1}
  - id: room
    force: {field: /confConfigInfo/enableWaitingRoom, value: 'yes'}
  - id: length
    mode: strict
    max_duration: {minutes: 5}
  - id: two-verbs
    require: {field: /subject}
    forbid: {field: /subject}
  - id: no-verb
    match: {operations: [delete_*]}
";

/// A folder with the configuration above in it.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("gateway.yaml"), CONFIGURATION).unwrap();
    folder
}

/// Runs a command that reads the configuration above.
pub(crate) fn configured(
    folder: &TempDir,
    arguments: &[&str],
    environment: &[(&str, String)],
) -> (i32, String) {
    let mut command = program();
    command
        .current_dir(folder.path())
        .env("APP_KEY", APP_KEY)
        .args(arguments)
        .args(["--config", "gateway.yaml"]);
    for (name, value) in environment {
        command.env(name, value);
    }
    told(&command.output().unwrap())
}

/// The help of a command and of all below it.
fn helps(path: &mut Vec<String>, command: &clap::Command, out: &mut String) {
    let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
    arguments.push("--help");
    let output = run(&arguments);
    assert!(output.status.success() && output.stderr.is_empty());
    let _ = writeln!(out, "$ meeting-gateway {}", arguments.join(" "));
    let _ = writeln!(out, "{}", String::from_utf8(output.stdout).unwrap());
    for below in command.get_subcommands() {
        path.push(below.get_name().to_owned());
        helps(path, below, out);
        path.pop();
    }
}

#[test]
fn every_command_helps() {
    let mut out = String::new();
    helps(&mut Vec::new(), &Arguments::command(), &mut out);
    insta::assert_snapshot!("help_of_every_command", out);
}

#[test]
fn wrong_usage_is_told_from_findings_by_its_exit_code() {
    for arguments in [
        &["frobnicate"][..],
        &[],
        &["serve", "--set", "no-equals-sign"],
        &["demo", "--port", "70000"],
        &["token"],
        &["caller"],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
}

#[test]
fn the_committed_configuration_passes_check() {
    let (code, text) = told(&run(&["check", "--config", "config/gateway.yaml"]));
    assert_eq!((code, &*text), (0, "config/gateway.yaml: no problems\n"));
    let output = run(&["check", "--format", "json"]);
    assert_eq!(told(&output), (0, "[]\n".to_owned()));
}

#[test]
fn check_shows_every_mistake_of_a_configuration_and_no_secret() {
    let folder = folder();
    fs::write(folder.path().join("wrong.yaml"), WRONG_CONFIGURATION).unwrap();
    let output = run_in(folder.path(), &["check", "--config", "wrong.yaml"]);
    assert!(output.stdout.is_empty());
    let (code, text) = told(&output);
    assert_eq!(code, 1);
    assert!(!text.contains("a-key-in-plain-text") && !text.contains("short"));
    insta::assert_snapshot!("check_of_a_wrong_configuration", text);

    let output = run_in(
        folder.path(),
        &["check", "--config", "wrong.yaml", "--format", "json"],
    );
    assert_eq!(output.status.code(), Some(1));
    let entries: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        text.lines().last(),
        Some(&*format!("{} problems", entries.len()))
    );
    assert_eq!(
        (&entries[0]["file"], &entries[0]["line"]),
        (&"wrong.yaml".into(), &3.into())
    );
}

#[test]
fn the_openapi_document_is_data_and_a_mistake_is_not() {
    let folder = folder();
    let arguments = ["config", "openapi", "--config", "gateway.yaml"];
    let app_key = || {
        let mut command = program();
        command.current_dir(folder.path()).env("APP_KEY", APP_KEY);
        command
    };
    let listening = ("LISTEN", "127.0.0.1:8080");
    let output = app_key()
        .env(listening.0, listening.1)
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success() && output.stderr.is_empty());
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(document["servers"][0]["url"], "http://127.0.0.1:8080");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));

    let wrong = ["--set", "policy.packs.0=no-such-pack"];
    let output = app_key().args(arguments).args(wrong).output().unwrap();
    assert!(output.stdout.is_empty());
    let (code, text) = told(&output);
    assert_eq!(code, 1);
    assert!(text.contains("no-such-pack"), "{text}");
}

#[test]
fn check_shows_every_mistake_of_the_packs() {
    let folder = folder();
    let pack = folder.path().join("policies/house");
    fs::create_dir_all(&pack).unwrap();
    fs::write(pack.join("pack.yaml"), WRONG_PACK).unwrap();
    // `house/length` is there, although it cannot be read: its mode is no mistake.
    let policy = "directory: policies, packs: [hose, house], modes: {house/length: warn}";
    let text = CONFIGURATION.replace("packs: []", policy);
    fs::write(folder.path().join("gateway.yaml"), text).unwrap();
    let (code, text) = configured(&folder, &["check"], &[]);
    assert_eq!(code, 1);
    insta::assert_snapshot!("check_of_a_wrong_pack", text);
    let (code, served) = configured(&folder, &["serve"], &[]);
    assert_eq!((code, served), (1, text), "serve says the same as check");
}

#[test]
fn a_configuration_that_is_not_there_is_said_so() {
    let (code, text) = told(&run(&["serve", "--config", "nowhere.yaml"]));
    assert_eq!(code, 1);
    assert!(
        text.contains("there is no such file") && text.contains("nowhere.yaml"),
        "{text}"
    );
}

#[test]
fn the_committed_schema_is_what_config_schema_prints() {
    for (name, options) in [("gateway", &[][..]), ("callers", &["--callers"])] {
        let name = format!("config/{name}.schema.json");
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join(&name);
        let arguments = [&["config", "schema"], options].concat();
        let printed = String::from_utf8(run(&arguments).stdout).unwrap();
        assert!(
            printed == fs::read_to_string(committed).unwrap(),
            "write it anew: meeting-gateway {} > {name}",
            arguments.join(" ")
        );
    }
}

#[test]
fn completions_are_printed_and_survive_a_reader_that_goes_away() {
    let output = run(&["completions", "bash"]);
    assert!(output.status.success());
    let script = String::from_utf8(output.stdout).unwrap();
    assert!(script.contains("complete -F ") && script.contains("simulate"));

    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = program()
        .args(["completions", "bash"])
        .stdout(writer)
        .output()
        .unwrap();
    assert_eq!(told(&output), (0, String::new()));
}

#[test]
fn a_port_in_use_is_said_with_the_address() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = folder();
    let simulate = told(&run(&["simulate", "--listen", &address]));
    let serve = configured(&folder, &["serve"], &[("LISTEN", address.clone())]);
    let admin = configured(&folder, &["serve"], &[("ADMIN", address.clone())]);
    for (code, text) in [simulate, serve, admin] {
        assert_eq!(code, 1, "{text}");
        assert!(
            text.starts_with(&format!("error: cannot listen on {address}: ")),
            "{text}"
        );
        assert!(text.contains("choose another"), "{text}");
    }
}

#[test]
fn token_check_signs_in_and_keeps_secrets() {
    let folder = folder();
    let simulator = Simulator::start();
    let upstream = |url: &str| [("UPSTREAM", url.to_owned())];
    let (code, text) = configured(&folder, &["token", "check"], &upstream(&simulator.url));
    // The whole output is known, so there is no secret in it.
    let expected = format!(
        "{}/: signed in as alice@ent01, 938 minutes left\n",
        simulator.url
    );
    assert_eq!((code, text), (0, expected));

    let mut wrong_key = upstream(&simulator.url).to_vec();
    wrong_key.push(("APP_KEY", "f".repeat(32)));
    let (code, text) = configured(&folder, &["token", "check"], &wrong_key);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("no token for alice@ent01") && !text.contains(&"f".repeat(32)),
        "{text}"
    );

    let url = simulator.url.clone();
    drop(simulator);
    let (code, text) = configured(&folder, &["token", "check"], &upstream(&url));
    let expected =
        format!("error: {url}/: no token for alice@ent01: the upstream cannot be reached\n");
    assert_eq!((code, text), (1, expected));
}

#[test]
fn the_demo_passes_and_fails_without_the_rule_it_shows() {
    let ports = ["--port", "0", "--tls-port", "0", "--admin-port", "0"];
    let demo = |more: &[&str]| told(&run(&[&["demo", "--once"], &ports[..], more].concat()));
    let (code, text) = demo(&[]);
    assert_eq!(code, 0, "{text}");
    assert_eq!(
        text.matches("✓ the upstream saw what the policy demands")
            .count(),
        2
    );

    let folder = tempfile::tempdir().unwrap();
    let policies = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies");
    for pack in ["baseline", "example-enterprise"] {
        let text = fs::read_to_string(policies.join(pack).join("pack.yaml")).unwrap();
        let weakened = text.replace(
            "force: {field: /encryptMode, value: 1}",
            "forbid: {field: /encryptMode, values: [2]}",
        );
        fs::create_dir(folder.path().join(pack)).unwrap();
        fs::write(folder.path().join(pack).join("pack.yaml"), weakened).unwrap();
    }
    let (code, text) = demo(&["--policies", folder.path().to_str().unwrap()]);
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("✗ not as demanded: encryptMode is forced to 1"),
        "{text}"
    );

    let (code, text) = demo(&["--policies", "no-such-folder"]);
    assert_eq!(code, 1);
    assert!(
        text.starts_with("error: policy.packs: there is no pack `baseline`"),
        "{text}"
    );
}
