//! What the operator's listener tells.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::configuration::Configured;
use super::mark::Markers;
use super::outlet::{Departed, Outlet};
use super::process::{Process, exchange};
use super::talk::{status, wire};

/// A saved request: a curl command with a marker in each place.
pub(super) fn saved(markers: &Markers, at: &str) -> String {
    let mark = |what: &str| markers.text(&format!("{at}/{what}"));
    let body = json!({
        "startTime": "2031-03-04 09:00", "length": 45, "subject": mark("subject"), "encryptMode": 1,
        "attendees": [{"name": mark("name"), "email": mark("email") + "@corp.example"}],
        "confConfigInfo": {"guestPwd": markers.digits(&format!("{at}/guestPwd"))}, "guest_pwd": mark("unknown member"),
    });
    format!(
        "curl -X PUT 'https://gateway.test/v1/mmc/management/cycleconferences?conferenceID=1&userUUID={}&password={}' \
         -H 'X-Access-Token: {}' -H 'Authorization: Bearer {}' -H 'Cookie: session={}' -H 'X-Unknown: {}' \
         -H 'Content-Type: application/json' -u 'user:{}' --data '{body}'",
        mark("userUUID"),
        mark("unknown parameter"),
        mark("X-Access-Token"),
        mark("Authorization"),
        mark("Cookie"),
        mark("X-Unknown"),
        mark("user information"),
    )
}

/// Asks the operator's listener everything that there is to ask.
pub(super) async fn asked(markers: &Markers, departed: &Departed, process: &Process) {
    let ask = async |request: Vec<u8>| {
        let answer = exchange(process.admin, &request).await;
        let got = status(&answer);
        departed.note(Outlet::Admin, answer);
        got
    };
    for path in [
        "/livez",
        "/readyz",
        "/metrics",
        "/version",
        "/openapi.json",
        "/log-level",
        "/explain",
    ] {
        ask(wire("GET", path, &[], b"")).await;
    }
    let unknown = markers.text("operator/unknown path");
    assert_eq!(
        ask(wire("GET", &format!("/{unknown}?x={unknown}"), &[], b"")).await,
        404
    );
    let text = [("content-type", "text/plain")];
    let curl = saved(markers, "operator/saved");
    assert_eq!(
        ask(wire(
            "POST",
            "/explain?caller=narrow",
            &text,
            curl.as_bytes()
        ))
        .await,
        200
    );
    let account = markers.text("operator/account in a path");
    let member = format!(
        "curl https://gateway.test/v1/usg/dcs/corp/member/{account} -H 'X-Access-Token: x'"
    );
    assert_eq!(
        ask(wire(
            "POST",
            "/explain?caller=narrow",
            &text,
            member.as_bytes()
        ))
        .await,
        200
    );
    for broken in [
        format!("curl '{}", markers.text("operator/cut")),
        format!("{{\"log\": {}", markers.text("operator/no HAR")),
        format!("POST {} HTTP/9", markers.text("operator/no message")),
    ] {
        assert_eq!(
            ask(wire(
                "POST",
                "/explain?caller=narrow",
                &text,
                broken.as_bytes()
            ))
            .await,
            400
        );
    }
    let other = format!(
        "/explain?caller={}",
        markers.text("operator/unknown caller")
    );
    ask(wire("POST", &other, &text, curl.as_bytes())).await;
}

/// Looks at every page of the console, and sends its forms.
pub(super) async fn looked(markers: &Markers, departed: &Departed, process: &Process) {
    let show = async |request: Vec<u8>| {
        let page = exchange(process.admin, &request).await;
        assert_eq!(status(&page), 200, "{}", String::from_utf8_lossy(&page));
        departed.note(Outlet::Console, page);
    };
    let host = ("host", "localhost");
    for target in [
        "/console/",
        "/console/?verdict=refused",
        "/console/?verdict=warned",
        "/console/rules",
        "/console/playground?pack=baseline",
        "/console/explorer",
    ] {
        show(wire("GET", target, &[host], b"")).await;
    }
    let form = [host, ("content-type", "application/x-www-form-urlencoded")];
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let curl = encoded(&saved(markers, "operator/typed"));
    let body = format!("request={curl}&caller=narrow&pack=baseline");
    show(wire("POST", "/console/playground", &form, body.as_bytes())).await;
    let key = encoded(&markers.text("operator/typed key"));
    let body = format!("p.conferenceID=914087436&caller=narrow&to=simulator&credential={key}");
    let target = "/console/explorer?operation=show_meeting_detail";
    show(wire("POST", target, &form, body.as_bytes())).await;
}

/// Gives a running gateway a configuration that it cannot use, and asks what it thinks of that.
pub(super) async fn reloaded(
    markers: &Markers,
    departed: &Departed,
    process: &Process,
    configured: &Configured,
) {
    let file = configured.folder.path().join("gateway.yaml");
    let good = std::fs::read(&file).unwrap();
    let metrics = async || exchange(process.admin, &wire("GET", "/metrics", &[], b"")).await;
    for broken in broken_configurations(markers) {
        let before = refused_reloads(&metrics().await);
        std::fs::write(&file, broken).unwrap();
        process.signal("HUP");
        let told = async { while refused_reloads(&metrics().await) == before {} };
        let patience = std::time::Duration::from_mins(1);
        tokio::time::timeout(patience, told).await.unwrap();
        let version = exchange(process.admin, &wire("GET", "/version", &[], b"")).await;
        assert_eq!(status(&version), 200);
        departed.note(Outlet::Admin, version);
    }
    std::fs::write(&file, good).unwrap();
}

/// How many configurations were refused, by the metrics.
fn refused_reloads(metrics: &[u8]) -> u64 {
    let text = String::from_utf8_lossy(metrics);
    let start = "meeting_gateway_config_reloads_total{result=\"refused\"} ";
    let mut values = text.lines().filter_map(|line| line.strip_prefix(start));
    values.next().map_or(0, |value| value.parse().unwrap())
}

/// A configuration with secrets where none should be: a misspelt key, a URL, a text that is no YAML.
pub(super) fn broken_configurations(markers: &Markers) -> Vec<String> {
    let mark = |what: &str| markers.text(&format!("mistake/{what}"));
    vec![
        format!(
            "
upstream:
  url: https://user:{}@upstream.example
  credentials: {{app_id: {{app_id: house, app_kye: {}, app_key: [{}]}}}}
callers:
  - {{id: a, api_keys: [{}], app_ids: [{{app_id: b, app_key: {}}}]}}
sign_in:
  token_key: {}
telemetry: {{otlp: {{endpoint: 'http://{}@collector.example', headers: {{'not a name': {}, authorization: \"{}\\n\"}}}}}}
",
            mark("password in a URL"),
            mark("misspelt app_key"),
            mark("app_key in a list"),
            mark("API key in plain text"),
            mark("short"),
            mark("token_key"),
            mark("user in a URL"),
            mark("value of a wrong header"),
            mark("wrong value of a header"),
        ),
        format!("upstream:\n  credentials:\n\tapp_key: {}\n", mark("with a tab")),
        format!("sign_in:\n  token_key: \"{}\nupstream: {{}}\n", mark("quote that does not end")),
        format!("{}\n", mark("a word alone")),
    ]
}
