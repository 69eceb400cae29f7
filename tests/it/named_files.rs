//! `check` reads the files that a configuration names as a start reads them.

use std::fs;

use crate::cli::{CONFIGURATION, configured, folder};

#[test]
fn check_reads_what_a_start_reads() {
    let folder = folder();
    let pair = |name: &str| {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let path = |end: &str| folder.path().join(format!("{name}.{end}"));
        fs::write(path("pem"), made.cert.pem()).unwrap();
        fs::write(path("key"), made.signing_key.serialize_pem()).unwrap();
    };
    pair("good");
    pair("other");
    fs::write(folder.path().join("bad.pem"), "no certificate").unwrap();
    let usual = CONFIGURATION.replace("{packs: []}", "{directory: ., packs: []}");
    let listener = |tls: &str| {
        let listeners =
            format!("server: {{listeners: [{{address: '127.0.0.1:0', tls: {{{tls}}}}}]}}");
        let plain = "server: {listeners: [{address: '${env.LISTEN:-127.0.0.1:0}'}]}";
        usual.replace(plain, &listeners)
    };
    let issuer = |keys: &str| {
        let issuer =
            format!("{{name: i, issuer: 'https://i.example', audiences: [gw], keys: {{{keys}}}}}");
        format!("{usual}jwt: {{issuers: [{issuer}]}}\n")
    };
    let upstream = usual.replace("upstream:\n", "upstream:\n  ca_file: bad.pem\n");
    let in_order = listener("certificate: good.pem, key: good.key, client_ca: other.pem");
    let cases = [
        (in_order, ""),
        (
            listener("certificate: bad.pem, key: good.key"),
            "server.listeners.0.tls.certificate: bad.pem: no `-----BEGIN",
        ),
        (
            listener("certificate: good.pem, key: bad.pem"),
            "server.listeners.0.tls.key: bad.pem: no usable private key",
        ),
        (
            listener("certificate: good.pem, key: other.key"),
            "do not belong together",
        ),
        (
            listener("certificate: good.pem, key: gone.key"),
            "server.listeners.0.tls.key: cannot open `gone.key`",
        ),
        (
            listener("certificate: good.pem, key: good.key, client_ca: bad.pem"),
            "server.listeners.0.tls.client_ca: bad.pem: no",
        ),
        (
            listener(
                "certificate: good.pem, key: good.key, client_ca: other.pem, client_crl: [bad.pem]",
            ),
            "server.listeners.0.tls.client_crl.0: bad.pem: clients cannot be verified with it",
        ),
        (
            upstream,
            "upstream.ca_file: bad.pem: no certificate in this file",
        ),
        (
            issuer("file: gone.json"),
            "jwt.issuers.0.keys.file: cannot open `gone.json`",
        ),
        (
            issuer("url: 'https://i.example/keys', ca_file: bad.pem"),
            "jwt.issuers.0.keys.ca_file: cannot be used: bad.pem",
        ),
    ];
    for (configuration, expected) in cases {
        fs::write(folder.path().join("gateway.yaml"), &configuration).unwrap();
        let (code, text) = configured(&folder, &["check"], &[]);
        if expected.is_empty() {
            assert_eq!((code, &*text), (0, "gateway.yaml: no problems\n"));
            continue;
        }
        assert_eq!(code, 1, "{configuration}: {text}");
        assert!(text.contains(expected), "{expected}: {text}");
        assert!(
            text.ends_with("\n1 problem\n"),
            "each is told of once: {text}"
        );
    }
}
