//! Command lines of curl.

use super::check;

const FORM: &str = "content-type: application/x-www-form-urlencoded";

#[test]
fn browsers_and_our_own_demo_are_understood() {
    check(&[
        (
            "curl 'https://gateway.example/v1/mmc?conferenceID=1' \\\n  -X 'PUT' \\\n  -H 'accept: */*' \\\n  \
             -H 'content-type: application/json' \\\n  -b 'a=1; b=2' \\\n  \
             --data-raw $'{\"subject\":\"it\\'s \\u4f1a\\u0021\"}' \\\n  --compressed --insecure",
            "PUT /v1/mmc?conferenceID=1 | accept: */* | content-type: application/json | cookie: a=1; b=2 | {\"subject\":\"it's 会!\"}",
        ),
        (
            "\n# succeeds, over TLS\ncurl -sS -i --cacert /tmp/ca.pem -X PUT 'https://127.0.0.1:8443/v1/mmc?conferenceID=914087436' \\\n  \
             -H 'Content-Type: application/json' -H 'X-Access-Token: key' \\\n  -d '{\"length\":45}'\n",
            "PUT /v1/mmc?conferenceID=914087436 | content-type: application/json | x-access-token: key | {\"length\":45}",
        ),
        ("$ /usr/bin/curl https://a/b", "GET /b | "),
        ("curl a.example", "GET / | "),
    ]);
}

#[test]
fn options_mean_what_they_mean_to_curl() {
    let form = |expected: &str| expected.replace("FORM", FORM);
    let cases = [
        ("curl -G http://a/b -d ''", "GET /b | "),
        ("curl http://a/b -d '^\n^\"'", "POST /b | FORM | ^\n^\""),
        (
            "curl -sSikLvf --http1.1 --no-keepalive --max-time 3 -o /dev/null -w '%{http_code}' http://a/b",
            "GET /b | ",
        ),
        ("curl -XPUT http://a/b", "PUT /b | "),
        ("curl -sXPUT http://a/b", "PUT /b | "),
        ("curl --request=PUT --url=http://a/b", "PUT /b | "),
        ("curl -ofile -m3 http://a/b", "GET /b | "),
        ("curl -I http://a/b", "HEAD /b | "),
        ("curl -- http://a/b", "GET /b | "),
        ("curl http://a/b -d x=1 -d y=2", "POST /b | FORM | x=1&y=2"),
        ("curl http://a/b -d ''", "POST /b | FORM | "),
        ("curl http://a/b --data-raw @x", "POST /b | FORM | @x"),
        (
            "curl http://a/b --data-binary $'x\\ny'",
            "POST /b | FORM | x\ny",
        ),
        (
            "curl http://a/b --data-urlencode 'x=a b&c' --data-urlencode '=é'",
            "POST /b | FORM | x=a+b%26c&%C3%A9",
        ),
        (
            "curl http://a/b --json '{' --json '}'",
            "POST /b | content-type: application/json | accept: application/json | {}",
        ),
        (
            "curl http://a/b --json 1 -H 'Accept: x' -H 'content-type: y'",
            "POST /b | accept: x | content-type: y | 1",
        ),
        ("curl -G http://a/b -d x=1 -d y=2", "GET /b?x=1&y=2 | "),
        ("curl -G 'http://a/b?w=0#c' -d x=1", "GET /b?w=0&x=1 | "),
        ("curl -G -X PUT http://a/b -d x", "PUT /b?x | "),
        ("curl http://a/b -d x -H 'Content-Type:'", "POST /b | x"),
        (
            "curl http://a/b -H 'X-Empty;' -H 'A:1' -H 'A: 2 '",
            "GET /b | x-empty:  | a: 1 | a: 2 | ",
        ),
        (
            "curl http://a/b -H 'Content-Length: 9' -H 'Transfer-Encoding: chunked'",
            "GET /b | ",
        ),
        (
            "curl http://a/b -u user:word",
            "GET /b | authorization: Basic dXNlcjp3b3Jk | ",
        ),
        (
            "curl http://a/b --oauth2-bearer t -H 'Authorization: x'",
            "GET /b | authorization: x | ",
        ),
        (
            "curl http://a/b -A one -A two -e 'http://c/;auto'",
            "GET /b | user-agent: two | referer: http://c/ | ",
        ),
        (
            "curl http://a/b -b x=1 -b y=2",
            "GET /b | cookie: x=1; y=2 | ",
        ),
        ("curl -g 'http://a/b?x={1}'", "GET /b?x={1} | "),
        ("curl --path-as-is http://a/../b", "GET /../b | "),
        ("curl http://[::1]:80/b", "GET /b | "),
    ];
    let expected: Vec<String> = cases.iter().map(|(_, expected)| form(expected)).collect();
    let cases: Vec<(&str, &str)> = cases
        .iter()
        .zip(&expected)
        .map(|((text, _), expected)| (*text, &**expected))
        .collect();
    check(&cases);
}

#[test]
fn what_cannot_be_told_is_refused() {
    const FILE: &str =
        "it names a file, and only the command line is read (write the file's text in its place)";
    const LATER: &str =
        "it makes a header that is not on the command line (add the header with `-H`)";
    let cases = [
        ("curl", "curl command: it names no URL (copy the whole command)".to_owned()),
        ("curl -sS\n", "curl command: it names no URL (copy the whole command)".to_owned()),
        ("curl http://a -d @secret", format!("1:18: curl command: `-d`: {FILE}")),
        ("curl http://a --json @-", format!("1:22: curl command: `--json`: {FILE}")),
        ("curl http://a -H @secret", format!("1:18: curl command: `-H`: {FILE}")),
        ("curl http://a -b secret", format!("1:18: curl command: `-b`: {FILE}")),
        ("curl http://a --data-urlencode n@secret", format!("1:32: curl command: `--data-urlencode`: {FILE}")),
        ("curl http://a -T x", "1:15: curl command: `-T`: what it adds is in a file, and only the command line is read (write the file's text on the command line)".to_owned()),
        ("curl http://a -F x=y", "1:15: curl command: `-F`: it sends a form with parts, which the gateway does not take (send JSON with `--json` or `-d`)".to_owned()),
        ("curl http://a --digest -u a:secret", format!("1:15: curl command: `--digest`: {LATER}")),
        ("curl http://a --next http://b", "1:15: curl command: `--next`: it begins another request (keep one request)".to_owned()),
        ("curl http://a\\\n secret", "2:2: curl command: the URL: this is a second URL (keep one request; put an argument with spaces into quotes)".to_owned()),
        ("curl http://a --haeder 'A: secret'", "1:15: curl command: unknown option `--haeder` (did you mean `--header`?)".to_owned()),
        ("curl http://a --xyz=secret", "1:15: curl command: unknown option `--xyz` (leave it out if it does not change the request)".to_owned()),
        ("curl http://a -sW", "1:15: curl command: unknown option `-W`".to_owned()),
        ("curl http://a --silent=secret", "1:15: curl command: `--silent` takes no value".to_owned()),
        ("curl http://a -sH", "1:15: curl command: `-H` needs a value, and the command ends (copy the whole command)".to_owned()),
        ("curl http://a -H secret", "1:18: curl command: `-H`: this is no header (write `-H 'Name: value'`)".to_owned()),
        ("curl http://a -H 'a b: secret'", "1:18: curl command: `-H`: this is no header (write `-H 'Name: value'`)".to_owned()),
        ("curl http://a -H $'a: sec\\nret'", "1:18: curl command: `-H`: the value of `a` has a character that a header cannot hold".to_owned()),
        ("curl http://a -A $'sec\\nret'", "curl command: the value of `user-agent` has a character that a header cannot hold".to_owned()),
        ("curl http://a -X 'secret x'", "1:18: curl command: `-X`: this is no HTTP method".to_owned()),
        ("curl -I http://a -d secret", "curl command: `-I` sends no body, and there is one (leave one of them out)".to_owned()),
        ("curl ftp://a/secret", "1:6: curl command: the URL's scheme is neither `http` nor `https` (write the URL as the browser's address bar copies it)".to_owned()),
        ("curl http://u:secret@a", "1:6: curl command: the URL has a user name in it (leave it out, and pass it with `-u`)".to_owned()),
        ("curl 'http://a/b c'", "1:6: curl command: the URL has a character that must be percent-encoded, or is too long (write the URL as the browser's address bar copies it)".to_owned()),
        ("curl 'http://a/{b,c}'", "1:6: curl command: curl makes several URLs of `{}` and `[]` (percent-encode them, or add `-g` if they are meant)".to_owned()),
        ("curl http://a/../b", "1:6: curl command: curl takes `.` and `..` out of the path (write the path without them, or add `--path-as-is` if they are meant)".to_owned()),
        ("curl ^\"http://a^\" ^\n -H ^\"a: secret^\"", "1:6: curl command: it is written for the command prompt of Windows (copy it as cURL (bash))".to_owned()),
    ];
    for (text, expected) in cases {
        assert_eq!(super::told(text), format!("! {expected}"), "{text}");
    }
}
