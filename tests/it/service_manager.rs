//! What systemd is told of a gateway that it starts (`Type=notify`).

use std::os::unix::net::UnixDatagram;
use std::process::Stdio;
use std::time::Duration;

use crate::program::{program, send_signal};

const CONFIG: &str = "
server: {listeners: [{address: '127.0.0.1:0'}]}
admin: {address: '127.0.0.1:0'}
upstream: {url: 'http://127.0.0.1:1', credentials: {fixed_token: example-token}}
policy: {packs: []}
audit: {output: none}
";

#[test]
fn systemd_is_told_when_the_gateway_listens_and_when_it_stops() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gateway.yaml");
    std::fs::write(&config, CONFIG).unwrap();
    let place = folder.path().join("notify");
    let socket = UnixDatagram::bind(&place).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_mins(1)))
        .unwrap();
    let told = || {
        let mut text = [0; 256];
        let length = socket.recv(&mut text).unwrap();
        String::from_utf8(text[..length].to_vec()).unwrap()
    };

    let mut gateway = program()
        .args(["serve", "--config", config.to_str().unwrap()])
        .env("NOTIFY_SOCKET", &place)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    assert_eq!(told().trim(), "READY=1");
    send_signal(&gateway, "TERM");
    assert_eq!(told().trim(), "STOPPING=1");
    assert!(gateway.wait().unwrap().success());
}
