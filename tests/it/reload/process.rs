//! The program as operators reload it: by SIGHUP, and by changing its files.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::clients::{self, Counts};
use super::running::Running;
use super::{Stage, change};
use crate::support::until;

const APPLIED: &str = "a changed configuration is in force";
const REFUSED: &str = "the changed configuration is refused; the one in force stays";
const UNCHANGED: &str = "the configuration is the one that is in force";

/// Lays the versions out as a `ConfigMap` is mounted: files are links through `..data`, which is a link to a version.
fn mounted(stage: &Stage) -> std::path::PathBuf {
    let mount = stage.folder.path().join("mount");
    fs::create_dir(&mount).unwrap();
    for name in ["gateway.yaml", "token", "tls.crt", "tls.key", "policies"] {
        symlink(Path::new("..data").join(name), mount.join(name)).unwrap();
    }
    swap(&mount, &stage.version(0));
    mount
}

/// As the kubelet does it.
fn swap(mount: &Path, version: &Path) {
    symlink(version, mount.join("..data_tmp")).unwrap();
    fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_config_map_is_swapped_under_load() {
    const SWAPS: usize = 8;
    let stage = Stage::new().await;
    let mount = mounted(&stage);
    let mut gateway = Running::start(&mount.join("gateway.yaml")).await;
    let counts = Arc::new(Counts::default());
    let both = stage.versions.each_ref().map(|version| &version.authority);
    let secured = gateway.secured();
    let mut clients = clients::lasting(gateway.plain, secured, &both, &counts).await;
    for count in 1..=SWAPS {
        swap(&mount, &stage.version(count % 2));
        gateway.until_said(APPLIED, count).await;
        let goal = counts.answered.load(Ordering::Relaxed) + 10;
        until(|| {
            let answered = counts.answered.load(Ordering::Relaxed);
            answered >= goal || clients.try_join_next().is_some()
        })
        .await;
    }
    counts.enough.store(true, Ordering::Relaxed);
    let ids = clients.join_all().await.concat();
    assert_eq!(gateway.reloads("refused"), 0);
    gateway.signal("TERM");
    assert_eq!(gateway.ended().await.code(), Some(0));
    let lines = stage.lines();
    assert_eq!(lines.len(), ids.len());
    for line in lines {
        let index = usize::try_from(line["snapshot"].as_u64().unwrap() - 1).unwrap() % 2;
        let version = &stage.versions[index];
        let sent = &version.upstream.seen()[line["request_id"].as_str().unwrap()];
        assert_eq!(
            (sent.length, &sent.token),
            (i64::from(version.minutes), &version.upstream.token)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_configurations_every_second_wrong_the_last_good_one_stays() {
    const HANG_UPS: usize = 50;
    let stage = Stage::new().await;
    let file = stage.folder.path().join("gateway.yaml");
    let text = [0, 1]
        .map(|index| {
            let text = fs::read_to_string(stage.file(index)).unwrap();
            // One folder for all of them: the file alone changes.
            text.replace("tls.", &format!("version-{index}/tls."))
                .replace("file.token", &format!("file.version-{index}/token"))
                .replace(
                    "directory: policies",
                    &format!("directory: version-{index}/policies"),
                )
                + "reload: {watch: false}\n"
        })
        .map(|text| text.replace("reload: {interval: 100ms}\n", ""));
    fs::write(&file, &text[0]).unwrap();
    let gateway = Running::start(&file).await;
    let mut client = clients::http1(gateway.plain).await;
    let (mut applied, mut refused) = (0, 0);
    for count in 1..=HANG_UPS {
        let good = count % 2 == 0;
        let index = (count / 2) % 2;
        let wrong = text[index].replace("url: '", "ulr: '");
        let wrong = format!("{wrong}nonsense: {count}\n");
        fs::write(&file, if good { &text[index] } else { &wrong }).unwrap();
        gateway.signal("HUP");
        if good {
            applied += 1;
            gateway.until_said(APPLIED, applied).await;
        } else {
            refused += 1;
            gateway.until_said(REFUSED, refused).await;
            assert_eq!(gateway.reloads("refused"), refused as u64);
        }
        let version = gateway.version();
        assert_eq!(version["snapshot"], applied as u64 + 1);
        assert_eq!(gateway.asked("/readyz").0, 200);
        let told = &version["refused"];
        if good {
            assert_eq!(told, &serde_json::Value::Null);
        } else {
            // All that is wrong with it, each with its place.
            assert_eq!(told["problems"], 3, "{told}");
            let listed = told["listed"].to_string();
            for place in [
                "gateway.yaml:7:",
                "is required",
                "upstream.ulr",
                "nonsense: is no known key",
            ] {
                assert!(listed.contains(place), "{place} is not in {listed}");
            }
        }
        let id = format!("request-{count}");
        assert_eq!(
            client.send_request(change(&id)).await.unwrap().status(),
            200
        );
        // Wrong ones leave that of the round before.
        let in_force = if good { index } else { ((count - 1) / 2) % 2 };
        let version = &stage.versions[in_force];
        assert_eq!(
            version.upstream.seen()[&id].length,
            i64::from(version.minutes),
            "{count}"
        );
    }
    assert_eq!((gateway.said(APPLIED), gateway.said(REFUSED)), (25, 25));
    assert_eq!(gateway.said("the changed configuration cannot be used"), 75);

    // Nobody looks at the files by themselves here; and what is in force already is no change.
    gateway.signal("HUP");
    gateway.until_said(UNCHANGED, 1).await;
    assert_eq!(gateway.version()["snapshot"], applied as u64 + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_s_level_can_be_changed() {
    let stage = Stage::new().await;
    let text = fs::read_to_string(stage.file(0)).unwrap();
    let gateway = Running::start(&stage.file(0)).await;
    fs::write(
        stage.file(0),
        format!("{text}telemetry: {{log: {{level: error}}}}\n"),
    )
    .unwrap();
    until(|| gateway.version()["snapshot"] == 2).await;
    fs::write(
        stage.file(0),
        format!("{text}telemetry: {{log: {{level: info}}}}\n"),
    )
    .unwrap();
    gateway.until_said(APPLIED, 1).await;
    assert_eq!(gateway.version()["snapshot"], 3);
}
