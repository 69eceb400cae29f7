//! `caller`: what its commands write and say, and that a gateway takes what they issue.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;

use meeting_gateway::config::callers::KeyHash;
use serde_json::Value;
use tempfile::TempDir;

use crate::program::{Simulator, program, run_in, told};

const CONFIGURATION: &str = "
server: {listeners: [{address: '127.0.0.1:0'}]}
admin: {address: '127.0.0.1:0'}
upstream:
  url: '${env.UPSTREAM}'
  credentials: {app_id: {app_id: fdb8e4699586458bbd10c834872dcc62, app_key: 0123456789abcdef0123456789abcdef}}
caller_files: [callers.yaml]
sign_in: {token_key: 0123456789abcdef0123456789abcdef}
policy: {packs: [], directory: .}
audit: {output: none}
";

/// A folder with the configuration above in it.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("gateway.yaml"), CONFIGURATION).unwrap();
    folder
}

/// Runs `caller` with what is written here, words apart; returns stdout and stderr of a run that ends well.
#[track_caller]
fn caller(folder: &TempDir, words: &str) -> (String, String) {
    let words: Vec<&str> = words.split_whitespace().collect();
    let output = run_in(folder.path(), &[&["caller"], &words[..]].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (code, out, err) = (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    );
    assert_eq!(code, Some(0), "{words:?}\n{out}{err}");
    (out, err)
}

/// What a run says that ends otherwise; nothing of it is data.
#[track_caller]
fn refused(folder: &TempDir, words: &str) -> String {
    let words: Vec<&str> = words.split_whitespace().collect();
    let output = run_in(folder.path(), &[&["caller"], &words[..]].concat());
    let (code, text) = told(&output);
    assert_eq!((code, output.stdout.len()), (1, 0), "{words:?}\n{text}");
    text
}

fn text(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("callers.yaml")).unwrap()
}

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// A gateway as a process, ended when dropped.
struct Serving {
    process: Child,
    address: String,
}

impl Serving {
    fn start(folder: &TempDir, upstream: &str) -> Self {
        let mut process = program()
            .current_dir(folder.path())
            .env("UPSTREAM", upstream)
            .args(["serve", "--config", "gateway.yaml"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let place = regex::Regex::new(r"127\.0\.0\.1:\d+").unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = loop {
            let line = log.next().expect("the gateway listens").unwrap();
            let told: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
            let told = told.to_string();
            if told.contains("listening") && told.contains("\"tls\":false") {
                break place.find(&told).unwrap().as_str().to_owned();
            }
        };
        // Whoever logs must not wait for a reader.
        thread::spawn(move || log.for_each(drop));
        Self { process, address }
    }

    /// The status of a request with this key.
    fn status(&self, key: &str) -> u16 {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET /v1/mmc/management/conferences?offset=0&limit=5 HTTP/1.1\r\nHost: gateway\r\n\
             X-Access-Token: {key}\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_gateway_takes_what_is_issued_and_not_what_is_revoked() {
    let (folder, simulator) = (folder(), Simulator::start());
    let statuses = |keys: &[&str]| -> Vec<u16> {
        let gateway = Serving::start(&folder, &simulator.url);
        keys.iter().map(|key| gateway.status(key)).collect()
    };
    let (key, said) = caller(
        &folder,
        "add --file callers.yaml --id events --group sales --upstream-user fixed:alice@ent01",
    );
    let old = key.trim_end();
    assert!(
        regex::Regex::new("^mgk_[0-9a-v]{59}\n$")
            .unwrap()
            .is_match(&key),
        "{key}"
    );
    assert!(
        !said.contains(old) && !text(&folder).contains(old),
        "it is shown on stdout alone"
    );
    assert!(
        said.contains("callers.yaml is new") && said.contains("SIGHUP"),
        "{said}"
    );
    assert_eq!(statuses(&[old, "mgk_nobody"]), [200, 401]);

    let (key, said) = caller(&folder, "rotate --file callers.yaml --id events");
    let new = key.trim_end();
    assert!(
        said.contains("caller revoke --file callers.yaml --id events --all-but-newest"),
        "{said}"
    );
    assert_eq!(
        statuses(&[old, new]),
        [200, 200],
        "both are good while the application changes over"
    );

    let (nothing, said) = caller(
        &folder,
        "revoke --file callers.yaml --id events --all-but-newest",
    );
    assert!(
        nothing.is_empty() && said.contains("Taken away: API key "),
        "{said}"
    );
    assert_eq!(statuses(&[old, new]), [401, 200]);

    let (key, _) = caller(&folder, "rotate --file callers.yaml --id events --drop-old");
    assert_eq!(statuses(&[new, key.trim_end()]), [401, 200]);
    caller(&folder, "remove --file callers.yaml --id events");
    assert_eq!(statuses(&[key.trim_end()]), [401]);
}

#[test]
fn an_app_id_has_its_key_in_a_file_of_its_own() {
    let folder = folder();
    let (told, _) = caller(&folder, "add --file callers.yaml --id sdk --app-id --json");
    let told: Value = serde_json::from_str(&told).unwrap();
    let key = told["app_key"].as_str().unwrap();
    assert_eq!(
        (&told["app_id"], told.get("api_key")),
        (&"sdk".into(), None)
    );
    let file = folder.path().join("secrets/sdk.key");
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("{key}\n"));
    let modes = [
        &file,
        &folder.path().join("secrets"),
        &folder.path().join("callers.yaml"),
    ]
    .map(mode);
    assert_eq!(modes, [0o600, 0o700, 0o600]);
    assert!(!text(&folder).contains(key));
    assert!(
        text(&folder).contains("app_key: '${file.secrets/sdk.key}'"),
        "{}",
        text(&folder)
    );

    let (_, said) = caller(
        &folder,
        "rotate --file callers.yaml --id sdk --app-id sdk-2",
    );
    assert!(
        said.contains("revoke --file callers.yaml --id sdk --app-id sdk"),
        "{said}"
    );
    let (_, said) = caller(&folder, "revoke --file callers.yaml --id sdk --app-id sdk");
    assert!(
        said.contains("Taken away: App ID sdk.") && said.contains("secrets/sdk.key"),
        "{said}"
    );
    let config = run_in(
        folder.path(),
        &[
            "check",
            "--config",
            "gateway.yaml",
            "--set",
            "upstream.url=http://127.0.0.1:9",
        ],
    );
    passes(&config);

    let said = refused(&folder, "add --file callers.yaml --id other --app-id sdk");
    assert!(said.contains("secrets/sdk.key is there already"), "{said}");
    let said = refused(&folder, "add --file callers.yaml --id other --app-id ../up");
    assert!(said.contains("an App ID has 1 to 64"), "{said}");
    let said = refused(&folder, "add --file callers.yaml --id Other --app-id fine");
    assert!(said.contains("`Other` is no name"), "{said}");
    assert!(
        !folder.path().join("secrets/fine.key").exists(),
        "nothing is left behind"
    );
    let said = refused(&folder, "rotate --file callers.yaml --id sdk");
    assert!(said.contains("--app-id NAME"), "{said}");
    let (both, _) = caller(
        &folder,
        "add --file callers.yaml --id both --app-id --api-key",
    );
    let beginnings: Vec<&str> = both.lines().map(|key| &key[..4]).collect();
    assert_eq!(beginnings, ["mgk_", "mga_"]);
}

/// A run of `check` that finds nothing.
#[track_caller]
fn passes(output: &std::process::Output) {
    let (code, text) = told(output);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn callers_are_listed_without_secrets() {
    let folder = folder();
    let own = "callers:\n  - {id: own, api_keys: ['sha256:${env.NOT_SET_HERE}'], groups: [a, b], certificates: [{dns: events.example}], jwt: [{issuer: corp, subject: app-1}]}\n";
    fs::write(
        folder.path().join("gateway.yaml"),
        format!("{CONFIGURATION}{own}"),
    )
    .unwrap();
    let (key, _) = caller(
        &folder,
        "add --file callers.yaml --id events --group sales --scope personal_data --upstream-user fixed:alice@ent01",
    );
    let (more, _) = caller(&folder, "rotate --file callers.yaml --id events");
    caller(&folder, "add --file callers.yaml --id sdk --app-id");
    let digits: Vec<String> = [key, more]
        .map(|key| KeyHash::of(key.trim_end()).to_string()[7..19].to_owned())
        .into();

    let (listed, said) = caller(&folder, "list --config gateway.yaml");
    assert_eq!(said, "");
    let expected = format!(
        "CALLER  GROUPS  SCOPES         ACTS AS            API KEYS                   APP IDS  CERTIFICATES        JWT         WRITTEN IN
own     a,b     -              signed_in          -                          -        dns events.example  corp app-1  gateway.yaml:12 (1 by references that lead nowhere here)
events  sales   personal_data  fixed:alice@ent01  {},{}  -        -                   -           callers.yaml:2
sdk     -       -              signed_in          -                          sdk      -                   -           callers.yaml:9
",
        digits[0], digits[1]
    );
    assert_eq!(listed, expected);

    let (listed, _) = caller(&folder, "list --file callers.yaml --json");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let expected = serde_json::json!({
        "id": "events", "file": "callers.yaml", "line": 2, "groups": ["sales"], "scopes": ["personal_data"],
        "upstream_user": "fixed:alice@ent01", "api_keys": digits, "app_ids": [], "certificates": [], "jwt": [], "unknown_here": 0,
    });
    assert_eq!(listed[0], expected);
    // What is listed names a key.
    let (_, said) = caller(
        &folder,
        &format!("revoke --file callers.yaml --id events --key {}", digits[1]),
    );
    assert!(
        said.contains(&format!("Taken away: API key {}….", digits[1])),
        "{said}"
    );
}

#[test]
fn a_file_keeps_its_text_its_mode_and_its_place() {
    let folder = folder();
    let own = "# Ours.\ncallers:\n  # The first.\n  - id: first   # x\n    api_keys: [\"sha256:6b8111459789699847b4fb8f873ce354fe08912088644bc6f94dbf986fde8236\"]\n# End.\n";
    fs::create_dir(folder.path().join("elsewhere")).unwrap();
    let target = folder.path().join("elsewhere/real.yaml");
    fs::write(&target, own).unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o604)).unwrap();
    symlink("elsewhere/real.yaml", folder.path().join("callers.yaml")).unwrap();

    let (key, said) = caller(
        &folder,
        "add --file callers.yaml --id second --quiet --upstream-user fixed:a",
    );
    assert!(key.starts_with("mgk_") && said.is_empty(), "{said}");
    assert!(text(&folder).starts_with(own));
    assert!(
        fs::symlink_metadata(folder.path().join("callers.yaml"))
            .unwrap()
            .is_symlink()
    );
    assert_eq!(mode(&target), 0o604);
    let left: Vec<_> = fs::read_dir(folder.path().join("elsewhere"))
        .unwrap()
        .collect();
    assert_eq!(left.len(), 1, "no temporary file is left");

    caller(&folder, "remove --file callers.yaml --id second");
    assert_eq!(text(&folder), own);
    symlink("nowhere.yaml", folder.path().join("dangling.yaml")).unwrap();
    assert!(
        refused(&folder, "add --file dangling.yaml --id a")
            .contains("a link to a file that is not there")
    );
    assert!(
        refused(&folder, "add --file no/such/callers.yaml --id a")
            .contains("cannot open the directory")
    );
    assert!(refused(&folder, "add --file elsewhere --id a").contains("it is no file"));
}

#[test]
fn what_is_wrong_is_told_and_nothing_is_touched() {
    let folder = folder();
    let broken = "callers:\n  - id: a\n    api_keys: [a-key-in-plain-text]\n    grups: []\n";
    fs::write(folder.path().join("callers.yaml"), broken).unwrap();
    let said = refused(&folder, "add --file callers.yaml --id b");
    assert!(
        said.contains("callers.yaml:4:5") && said.contains("did you mean `groups`?"),
        "{said}"
    );
    assert!(
        said.contains("is not touched") && !said.contains("plain-text"),
        "{said}"
    );
    assert_eq!(text(&folder), broken);
    let said = refused(&folder, "add --file gateway.yaml --id b");
    assert!(said.contains("looks like a configuration"), "{said}");

    fs::remove_file(folder.path().join("callers.yaml")).unwrap();
    caller(&folder, "add --file callers.yaml --id alpha");
    let before = text(&folder);
    let cases = [
        (
            "add --file callers.yaml --id alpha",
            "callers.yaml, line 2: there is a caller `alpha` already",
        ),
        (
            "add --file callers.yaml --id alpha",
            "caller rotate --file callers.yaml --id alpha",
        ),
        (
            "add --file callers.yaml --id beta --scope secret",
            "did you mean `secrets`?",
        ),
        (
            "rotate --file callers.yaml --id alpah",
            "did you mean `alpha`?",
        ),
        (
            "revoke --file callers.yaml --id alpha --key 000000",
            "has no API key whose hash begins with 000000",
        ),
        (
            "revoke --file callers.yaml --id alpha --key 0000",
            "at least 6",
        ),
        (
            "revoke --file callers.yaml --id alpha --app-id x",
            "no such credential",
        ),
        (
            "remove --file callers.yaml --id beta",
            "there is no caller `beta`",
        ),
        ("list --file nowhere.yaml", "there is no such file"),
    ];
    for (words, why) in cases {
        let said = refused(&folder, words);
        assert!(said.contains(why), "{words}: {said}");
    }
    let digits: String = before
        .split("sha256:")
        .nth(1)
        .unwrap()
        .chars()
        .take(12)
        .collect();
    let said = refused(
        &folder,
        &format!("revoke --file callers.yaml --id alpha --key {digits}"),
    );
    assert!(
        said.contains("the caller `alpha` has no credential") && said.contains("caller remove"),
        "{said}"
    );
    let (_, said) = caller(
        &folder,
        "revoke --file callers.yaml --id alpha --all-but-newest",
    );
    assert!(said.contains("nothing is changed"), "{said}");
    assert_eq!(text(&folder), before);
    for words in [
        &["caller", "add", "--file", "x"][..],
        &["caller", "revoke", "--file", "x", "--id", "a"],
        &[
            "caller",
            "add",
            "--file",
            "x",
            "--id",
            "a",
            "--upstream-user",
            "alice",
        ],
    ] {
        assert_eq!(
            run_in(folder.path(), words).status.code(),
            Some(2),
            "{words:?}"
        );
    }
}

#[test]
fn a_key_that_nobody_read_is_said_to_be_lost() {
    let folder = folder();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = program()
        .current_dir(folder.path())
        .args(["caller", "add", "--file", "callers.yaml", "--id", "a"])
        .stdout(writer)
        .output()
        .unwrap();
    let (code, said) = told(&output);
    assert!(
        code == 1 && said.contains("the key could not be shown"),
        "{said}"
    );
}

#[test]
fn runs_at_the_same_time_lose_nothing() {
    let folder = folder();
    thread::scope(|scope| {
        for index in 0..8 {
            let folder = &folder;
            scope.spawn(move || {
                caller(
                    folder,
                    &format!("add --file callers.yaml --id c{index} --quiet"),
                )
            });
        }
    });
    let (listed, _) = caller(&folder, "list --file callers.yaml --json");
    let listed: Vec<Value> = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.len(), 8);
}

#[test]
fn a_hash_is_made_of_what_comes_on_standard_input() {
    let hash = |text: &str| {
        let mut process = program()
            .args(["caller", "hash"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        process
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        told(&process.wait_with_output().unwrap())
    };
    let expected = "sha256:6b8111459789699847b4fb8f873ce354fe08912088644bc6f94dbf986fde8236\n";
    assert_eq!(hash("demo-key-not-a-secret\n"), (0, expected.to_owned()));
    let (code, said) = hash("sh0rt");
    assert!(
        code == 1 && said.contains("5 bytes long") && !said.contains("sh0rt"),
        "{said}"
    );
}
