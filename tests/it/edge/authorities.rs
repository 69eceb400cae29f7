//! Whom a request is for, in which version of HTTP and with which method.

use super::attack::{good, good_at, good_with, hidden, malformed, passes, refused};
use crate::support::request::{KEY, TARGET};

const TWO_WAYS: (u16, &str) = (400, "MGW.4000001");
const UNKNOWN: (u16, &str) = (404, "MGW.4040001");

fn host(line: &str) -> String {
    good().replacen("host: gateway.test\r\n", line, 1)
}

/// A request without a body.
fn asked(line: &str) -> String {
    format!("{line}\r\nhost: gateway.test\r\nx-access-token: {KEY}\r\n\r\n")
}

fn version(version: &str) -> String {
    good().replacen("HTTP/1.1", version, 1)
}

attacks! {
    no_host: malformed("no Host", host(""));
    two_hosts: malformed("two Hosts", host("host: gateway.test\r\nhost: elsewhere.example\r\n"));
    two_hosts_the_same: malformed("the same Host twice", host("host: gateway.test\r\nHost: gateway.test\r\n"));
    empty_host: malformed("an empty Host", host("host:\r\n"));
    list_of_hosts: malformed("two hosts in one", host("host: gateway.test, elsewhere.example\r\n"));
    host_with_space: malformed("a Host with a space", host("host: gateway.test elsewhere\r\n"));
    host_with_path: malformed("a Host with a path", host("host: gateway.test/v1\r\n"));
    host_with_user: malformed("a Host with user information", host("host: alice@gateway.test\r\n"));
    host_with_space_before_colon: malformed("a space before the colon of Host", host("host : gateway.test\r\n"));
    host_folded: malformed("a folded Host", host("host: gateway.test\r\n .example\r\n"));
    another_host: passes("another Host: it decides nothing here, and goes nowhere", host("host: elsewhere.example\r\n"))
        .hiding(&["elsewhere.example"]);
    absolute: passes("the absolute form", good_at(&format!("http://gateway.test{TARGET}")));
    absolute_https: passes("the absolute form of https", good_at(&format!("https://GATEWAY.test{TARGET}")));
    absolute_elsewhere: refused(
        "the absolute form of another host",
        good_at(&format!("http://elsewhere.example{TARGET}")),
        TWO_WAYS,
    );
    absolute_other_port: refused(
        "the absolute form of another port",
        good_at(&format!("http://gateway.test:8080{TARGET}")),
        TWO_WAYS,
    );
    absolute_with_user: refused(
        "the absolute form with user information",
        good_at(&format!("http://alice:secret-of-alice@gateway.test{TARGET}")),
        TWO_WAYS,
    ).hiding(&["secret-of-alice"]);
    absolute_other_scheme: malformed("the absolute form of another scheme", good_at(&format!("file://gateway.test{TARGET}")));
    absolute_no_host: malformed("the absolute form without a host", good_at(&format!("http://{TARGET}")));
    authority_form: malformed("the authority form without CONNECT", good_at("gateway.test:443"));
    asterisk_form: malformed("the asterisk form without OPTIONS", good_at("*"));

    connect: refused("CONNECT", "CONNECT elsewhere.example:443 HTTP/1.1\r\nhost: elsewhere.example:443\r\nx-access-token: ".to_owned() + KEY + "\r\n\r\n", UNKNOWN);
    connect_to_a_path: malformed("CONNECT with a path", asked(&format!("CONNECT {TARGET} HTTP/1.1")) + &hidden());
    options_asterisk: refused("OPTIONS *", asked("OPTIONS * HTTP/1.1"), UNKNOWN);
    options: refused("OPTIONS of an operation", asked(&format!("OPTIONS {TARGET} HTTP/1.1")), (405, "MGW.4050001"));
    trace: refused("TRACE: nothing is echoed", asked(&format!("TRACE {TARGET} HTTP/1.1")), (405, "MGW.4050001")).hiding(&[KEY]);
    method_in_lower_case: refused("a method in lower case is another method", good().replacen("PUT", "put", 1), (405, "MGW.4050001"));
    method_unknown: refused("an unknown method", asked(&format!("BREW {TARGET} HTTP/1.1")), (405, "MGW.4050001"));
    method_long: refused("a method of 4 KiB", asked(&format!("{} {TARGET} HTTP/1.1", "A".repeat(4096))), (405, "MGW.4050001"));
    method_with_delimiter: malformed("a method with a delimiter", asked(&format!("PUT/ {TARGET} HTTP/1.1")));
    no_method: malformed("no method", asked(&format!("{TARGET} HTTP/1.1")));

    http_09: malformed("HTTP/0.9", format!("GET {TARGET}\r\n"));
    http_12: malformed("HTTP/1.2", version("HTTP/1.2"));
    http_20: malformed("HTTP/2.0 in HTTP/1", version("HTTP/2.0"));
    http_3: malformed("HTTP/3", version("HTTP/3"));
    http_111: malformed("HTTP/1.11", version("HTTP/1.11"));
    http_lower_case: malformed("the version in lower case", version("http/1.1"));
    version_with_space: malformed("a space behind the version", version("HTTP/1.1 "));
    version_with_tab: malformed("a tab before the version", good().replacen(" HTTP/1.1", "\tHTTP/1.1", 1));
    two_spaces: malformed("two spaces in the request line", version(" HTTP/1.1"));
    version_twice: malformed("a second version behind the first", version("HTTP/1.1 HTTP/1.1"));
    http_10: passes("HTTP/1.0", version("HTTP/1.0")).then_closed();
    http_10_no_host: passes("HTTP/1.0 without a Host", version("HTTP/1.0").replacen("host: gateway.test\r\n", "", 1)).then_closed();
    http_10_kept: passes("HTTP/1.0 that wants to be kept", good_with("connection: keep-alive\r\n").replacen("HTTP/1.1", "HTTP/1.0", 1));
    tls: malformed("TLS to a listener without it", [22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3, b'\n']);
    not_http: malformed("another protocol", "SSH-2.0-OpenSSH_9.6\r\n");
    http2_without_preface: malformed("an HTTP/2 preface with another version", "PRI * HTTP/2.1\r\n\r\nSM\r\n\r\n");
}
