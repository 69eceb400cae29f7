//! What a look at the files leads to, step by step: no clock runs here, each look is one call.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;
use crate::config;
use crate::gateway::Assembly;
use crate::model::clock::SystemClock;
use crate::runtime::snapshot::Live;

const CONFIGURATION: &str = "
upstream: {url: 'https://api.meeting.example', credentials: {fixed_token: '${file.token}'}}
policy: {directory: policies, packs: [house]}
audit: {output: none}
";

struct Stage {
    folder: TempDir,
    origin: Origin,
    reloader: Reloader,
    live: Live,
}

fn pack(minutes: u32) -> String {
    format!(
        "pack: house\nrules:\n  - {{id: short, max_duration: {{minutes: {minutes}, over: clamp}}}}\n"
    )
}

/// A complete set of files.
fn set(folder: &Path, minutes: u32) {
    fs::create_dir_all(folder.join("policies/house")).unwrap();
    fs::write(folder.join("gateway.yaml"), CONFIGURATION).unwrap();
    fs::write(folder.join("token"), "a-token").unwrap();
    fs::write(folder.join("policies/house/pack.yaml"), pack(minutes)).unwrap();
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        set(folder.path(), 60);
        let path = folder.path().join("gateway.yaml");
        Self::of(folder, path)
    }

    fn of(folder: TempDir, path: PathBuf) -> Self {
        let load = move || {
            config::load(config::Source {
                path: &path,
                environment: &BTreeMap::new(),
                overrides: &[],
            })
        };
        let (origin, config) = Origin::load(load).unwrap();
        let assembly = Assembly::new(&config, SystemClock::shared(), None).unwrap();
        Self {
            folder,
            origin,
            reloader: assembly.reloader,
            live: assembly.parts.live,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    /// One look, and the number of the snapshot that is in force behind it.
    fn look(&mut self) -> u64 {
        self.origin.look(&self.reloader);
        self.live.current().number
    }

    /// Two looks: enough for a change to count.
    fn looks(&mut self) -> u64 {
        self.look();
        self.look()
    }

    fn refused(&self) -> Vec<String> {
        let status = self.reloader.status();
        status
            .refused
            .as_ref()
            .map(|refused| refused.listed.clone())
            .unwrap_or_default()
    }

    fn counted(&self, result: &str) -> u64 {
        let text = self.reloader.prometheus_text();
        let start = format!("meeting_gateway_config_reloads_total{{result=\"{result}\"}} ");
        let mut values = text.lines().filter_map(|line| line.strip_prefix(&start));
        values.next().map_or(0, |value| value.parse().unwrap())
    }
}

#[test]
fn a_change_counts_once_two_looks_saw_the_same() {
    let mut stage = Stage::new();
    assert_eq!((stage.look(), stage.look()), (1, 1));
    let digest = stage.live.current().policy_digest.clone();
    stage.write("policies/house/pack.yaml", &pack(50));
    assert_eq!(stage.look(), 1, "it may still be written");
    stage.write("policies/house/pack.yaml", &pack(45));
    assert_eq!(stage.look(), 1, "it was");
    assert_eq!(stage.look(), 2);
    assert_ne!(stage.live.current().policy_digest, digest);
    assert_eq!((stage.look(), stage.look()), (2, 2));
    assert_eq!((stage.counted("applied"), stage.counted("refused")), (1, 0));

    // One that is taken back before it counts.
    stage.write("token", "b-token");
    assert_eq!(stage.look(), 2);
    stage.write("token", "a-token");
    assert_eq!((stage.look(), stage.look(), stage.look()), (2, 2, 2));
    assert_eq!(stage.counted("applied"), 1);
}

#[test]
fn every_file_that_a_configuration_is_made_of_is_looked_at() {
    let mut stage = Stage::new();
    let certificates = || {
        let pair = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (pair.cert.pem(), pair.signing_key.serialize_pem())
    };
    let (certificate, key) = certificates();
    stage.write("tls.crt", &certificate);
    stage.write("tls.key", &key);
    stage.write("ca.pem", &certificate);
    let listeners = "server: {listeners: [{address: '127.0.0.1:0', tls: {certificate: tls.crt, key: tls.key}}]}\n";
    let text = CONFIGURATION.replace("credentials", "ca_file: ca.pem, credentials") + listeners;
    stage.write("gateway.yaml", &text);
    assert_eq!(stage.looks(), 2, "{:?}", stage.refused());
    stage.write("token", "another-token");
    assert_eq!(stage.looks(), 3);
    stage.write("policies/house/pack.yaml", &pack(30));
    assert_eq!(stage.looks(), 4);
    let (certificate, key) = certificates();
    stage.write("ca.pem", &certificate);
    assert_eq!(stage.looks(), 5);
    stage.write("tls.crt", &certificate);
    assert_eq!(stage.looks(), 5, "the key is not the certificate's");
    let refused = stage.refused();
    assert!(
        refused[0].contains("gateway.yaml:5:") && refused[0].contains("do not belong together"),
        "{refused:?}"
    );
    stage.write("tls.key", &key);
    assert_eq!(stage.looks(), 6);
    assert_eq!(stage.refused(), [""; 0]);
}

#[test]
fn a_config_map_is_swapped_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let versions: Vec<_> = [60, 45, 30]
        .into_iter()
        .enumerate()
        .map(|(index, minutes)| {
            let version = at(&format!("..2026_{index}"));
            set(&version, minutes);
            version
        })
        .collect();
    symlink(&versions[0], at("..data")).unwrap();
    for name in ["gateway.yaml", "token", "policies"] {
        symlink(Path::new("..data").join(name), at(name)).unwrap();
    }
    let swap = |to: &Path| {
        symlink(to, at("..data_tmp")).unwrap();
        fs::rename(at("..data_tmp"), at("..data")).unwrap();
    };
    let (second, third) = (versions[1].clone(), versions[2].clone());
    let (data, new) = (at("..data"), at("..data_tmp"));
    let path = at("gateway.yaml");
    swap(&versions[0]);
    let mut stage = Stage::of(folder, path);
    let swap = |to: &Path| {
        symlink(to, &new).unwrap();
        fs::rename(&new, &data).unwrap();
    };
    swap(&second);
    fs::remove_dir_all(&versions[0]).unwrap();
    assert_eq!(stage.looks(), 2, "{:?}", stage.refused());
    swap(&third);
    fs::remove_dir_all(&second).unwrap();
    assert_eq!(stage.looks(), 3, "{:?}", stage.refused());
    // The same content in a new place: nothing to do.
    let fourth = third.with_file_name("..2026_4");
    fs::rename(&third, &fourth).unwrap();
    swap(&fourth);
    assert_eq!((stage.looks(), stage.looks()), (3, 3));
}

#[test]
fn editors_replace_and_delete_and_put_back() {
    let mut stage = Stage::new();
    let pack_file = "policies/house/pack.yaml";
    stage.write("policies/house/.pack.yaml.swp", &pack(50));
    fs::rename(
        stage.path("policies/house/.pack.yaml.swp"),
        stage.path(pack_file),
    )
    .unwrap();
    assert_eq!(stage.looks(), 2);
    fs::rename(
        stage.path(pack_file),
        stage.path("policies/house/pack.yaml~"),
    )
    .unwrap();
    assert_eq!(stage.looks(), 2);
    assert!(
        stage.refused()[0].contains("there is no pack `house`"),
        "{:?}",
        stage.refused()
    );
    stage.write(pack_file, &pack(40));
    assert_eq!(stage.looks(), 3);
    assert_eq!(stage.refused(), [""; 0]);
    // Put back as it was in force: nothing new, and not refused any more.
    fs::remove_file(stage.path(pack_file)).unwrap();
    assert_eq!(stage.looks(), 3);
    assert_eq!(stage.refused().len(), 1);
    stage.write(pack_file, &pack(40));
    assert_eq!(stage.looks(), 3);
    assert_eq!(stage.refused(), [""; 0]);
    assert_eq!(
        (
            stage.counted("applied"),
            stage.counted("refused"),
            stage.counted("unchanged")
        ),
        (2, 2, 1)
    );
    // Of other packs in the folder nothing is read.
    fs::create_dir(stage.path("policies/other")).unwrap();
    stage.write("policies/other/pack.yaml", "nothing");
    assert_eq!(stage.looks(), 3);
    assert_eq!(stage.counted("refused"), 2);
}

#[test]
fn what_cannot_be_used_is_told_once_and_tried_until_it_can() {
    let mut stage = Stage::new();
    stage.write(
        "gateway.yaml",
        &CONFIGURATION.replace("${file.token}", "${file.next}"),
    );
    for _ in 0..10 {
        assert_eq!(stage.look(), 1);
    }
    assert_eq!(stage.counted("refused"), 1);
    assert!(
        stage.refused()[0].contains("gateway.yaml:2:") && stage.refused()[0].contains("`next`"),
        "{:?}",
        stage.refused()
    );
    // Nobody knew of this file by name: the configuration could not be read.
    stage.write("next", "the-next-token");
    assert_eq!(stage.looks(), 2);
    stage.write(
        "policies/house/pack.yaml",
        "pack: house\nrules: [{id: a}, {id: b}]\n",
    );
    for _ in 0..5 {
        assert_eq!(stage.look(), 2);
    }
    assert_eq!(stage.counted("refused"), 2);
    assert_eq!(
        stage.refused().len(),
        2,
        "every problem: {:?}",
        stage.refused()
    );
    stage.write(
        "policies/house/pack.yaml",
        "pack: house\nrules: [{id: a}]\n",
    );
    stage.looks();
    assert_eq!((stage.counted("refused"), stage.refused().len()), (3, 1));
}

#[test]
fn whoever_asks_is_told_in_any_case() {
    let mut stage = Stage::new();
    let ask = |stage: &mut Stage| {
        stage.origin.reload(&stage.reloader);
        stage.live.current().number
    };
    assert_eq!(ask(&mut stage), 1);
    assert_eq!(stage.counted("unchanged"), 1);
    stage.write("token", "another-token");
    assert_eq!(ask(&mut stage), 2, "without a second look");
    stage.write("token", "");
    assert_eq!((ask(&mut stage), ask(&mut stage)), (2, 2));
    assert_eq!(stage.counted("refused"), 2);
    assert_eq!(stage.counted("applied"), 1);
}

#[test]
fn files_that_change_while_they_are_read_are_read_again() {
    let stage = Stage::new();
    let config = (stage.origin.load)().unwrap();
    // Compiled, but not looked at any more as it was compiled: nothing happens.
    assert!(
        stage
            .reloader
            .reload_unless_told(&config, || false, &[])
            .is_none()
    );
    assert_eq!(stage.live.current().number, 1);
    // A file that is another one at each reading.
    let (token, path) = (stage.path("token"), stage.path("gateway.yaml"));
    let times = std::sync::atomic::AtomicU64::new(0);
    let restless = Origin::load(move || {
        let time = times.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        fs::write(&token, format!("token-{time}")).unwrap();
        config::load(config::Source {
            path: &path,
            environment: &BTreeMap::new(),
            overrides: &[],
        })
    });
    let problems = restless.unwrap_err();
    assert!(
        problems[0].what.contains("change while they are read"),
        "{problems:?}"
    );
}

#[test]
fn a_pipe_is_read_once_and_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    set(folder.path(), 60);
    let text = fs::read_to_string(folder.path().join("gateway.yaml")).unwrap();
    let base = folder.path().to_owned();
    let times = std::sync::atomic::AtomicU64::new(0);
    let (mut origin, config) = Origin::load(move || {
        assert_eq!(
            times.fetch_add(1, std::sync::atomic::Ordering::Relaxed),
            0,
            "read twice"
        );
        let mut config = config::parse(&text, "/dev/fd/63", &base, &BTreeMap::new(), &[])?;
        config.files.insert(0, "/dev/null".into());
        Ok(config)
    })
    .unwrap();
    let assembly = Assembly::new(&config, SystemClock::shared(), None).unwrap();
    fs::write(folder.path().join("token"), "another").unwrap();
    origin.look(&assembly.reloader);
    origin.look(&assembly.reloader);
    assert!(assembly.reloader.status().refused.is_none());
    origin.reload(&assembly.reloader);
    let status = assembly.reloader.status();
    let refused = status.refused.as_ref().unwrap();
    assert!(
        refused.listed[0].contains("cannot be read a second time"),
        "{refused:?}"
    );
    assert_eq!(assembly.parts.live.current().number, 1);
}

/// A pipe that nobody writes into would be waited for, and no change be loaded any more.
#[test]
fn a_pipe_or_device_in_the_place_of_a_file_is_refused_unread() {
    let mut stage = Stage::new();
    for name in ["gateway.yaml", "token", "policies/house/pack.yaml"] {
        let text = fs::read_to_string(stage.path(name)).unwrap();
        fs::remove_file(stage.path(name)).unwrap();
        symlink("/dev/zero", stage.path(name)).unwrap();
        stage.looks();
        let refused = stage.refused();
        assert!(
            refused.len() == 1 && refused[0].contains(name) && refused[0].contains("is no file"),
            "{refused:?}"
        );
        stage.origin.reload(&stage.reloader);
        assert_eq!(stage.refused(), refused);
        fs::remove_file(stage.path(name)).unwrap();
        stage.write(name, &text);
        assert_eq!(stage.looks(), 1);
        assert!(stage.refused().is_empty());
    }
}
