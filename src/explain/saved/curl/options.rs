//! curl's command line options, as far as they matter to a request. Data only; source: `curl --help all`, curl 8.
//!
//! Most of them are about the connection and the output. Those whose effect on the request is not on the command line are
//! refused, so that nobody is told about another request than the one that was sent.

/// What an option does to the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Nothing, and it has no argument.
    Flag,
    /// Nothing, and its argument says nothing about the request.
    Ignored,
    /// `-X`
    Method,
    /// `-H`
    Header,
    /// `-d`, `--data-binary`: text, or `@` and a file.
    Data,
    /// `--data-raw`: text.
    DataRaw,
    /// `--data-urlencode`
    DataEncoded,
    /// `--json`
    Json,
    /// `--url`
    Url,
    /// `-G`
    Get,
    /// `-I`
    Head,
    /// `-g`
    GlobOff,
    /// `--path-as-is`
    PathAsIs,
    /// `-u`
    User,
    /// `--oauth2-bearer`
    Bearer,
    /// `-A`
    UserAgent,
    /// `-e`
    Referer,
    /// `-b`
    Cookie,
    /// Cannot be told: why, and what to do.
    Refused(&'static str, &'static str),
}

/// The option of a long name, without the dashes. `no-` before a flag is one, too.
pub(super) fn long(name: &str) -> Option<Meaning> {
    let known = |name: &str| find(|long, _| long == name);
    known(name).or_else(|| {
        name.strip_prefix("no-")
            .and_then(known)
            .filter(|meaning| *meaning == Meaning::Flag)
    })
}

/// The option of a letter.
pub(super) fn short(letter: char) -> Option<Meaning> {
    find(|_, short| short == letter && short != ' ')
}

/// Every long name.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let acting = ACTING.iter().map(|(long, ..)| *long);
    acting
        .chain(IGNORED.iter().map(|(long, _)| *long))
        .chain(FLAGS.iter().map(|(long, _)| *long))
}

fn find(is: impl Fn(&str, char) -> bool) -> Option<Meaning> {
    let plain = |table: &[(&str, char)], meaning| {
        let found = table.iter().any(|(long, short)| is(long, *short));
        found.then_some(meaning)
    };
    ACTING
        .iter()
        .find(|(long, short, _)| is(long, *short))
        .map(|(.., meaning)| *meaning)
        .or_else(|| plain(FLAGS, Meaning::Flag))
        .or_else(|| plain(IGNORED, Meaning::Ignored))
}

const NOT_SENT_AS_JSON: Meaning = Meaning::Refused(
    "it sends a form with parts, which the gateway does not take",
    "send JSON with `--json` or `-d`",
);
const IN_A_FILE: Meaning = Meaning::Refused(
    "what it adds is in a file, and only the command line is read",
    "write the file's text on the command line",
);
const MADE_LATER: Meaning = Meaning::Refused(
    "it makes a header that is not on the command line",
    "add the header with `-H`",
);

/// Long name, letter, meaning.
#[rustfmt::skip]
const ACTING: &[(&str, char, Meaning)] = &[
    ("request", 'X', Meaning::Method),
    ("header", 'H', Meaning::Header),
    ("data", 'd', Meaning::Data),
    ("data-ascii", ' ', Meaning::Data),
    ("data-binary", ' ', Meaning::Data),
    ("data-raw", ' ', Meaning::DataRaw),
    ("data-urlencode", ' ', Meaning::DataEncoded),
    ("json", ' ', Meaning::Json),
    ("url", ' ', Meaning::Url),
    ("get", 'G', Meaning::Get),
    ("head", 'I', Meaning::Head),
    ("globoff", 'g', Meaning::GlobOff),
    ("path-as-is", ' ', Meaning::PathAsIs),
    ("user", 'u', Meaning::User),
    ("oauth2-bearer", ' ', Meaning::Bearer),
    ("user-agent", 'A', Meaning::UserAgent),
    ("referer", 'e', Meaning::Referer),
    ("cookie", 'b', Meaning::Cookie),
    ("form", 'F', NOT_SENT_AS_JSON),
    ("form-string", ' ', NOT_SENT_AS_JSON),
    ("upload-file", 'T', IN_A_FILE),
    ("config", 'K', IN_A_FILE),
    ("variable", ' ', IN_A_FILE),
    ("netrc", 'n', MADE_LATER),
    ("netrc-file", ' ', MADE_LATER),
    ("netrc-optional", ' ', MADE_LATER),
    ("anyauth", ' ', MADE_LATER),
    ("aws-sigv4", ' ', MADE_LATER),
    ("digest", ' ', MADE_LATER),
    ("negotiate", ' ', MADE_LATER),
    ("ntlm", ' ', MADE_LATER),
    ("ntlm-wb", ' ', MADE_LATER),
    ("next", ':', Meaning::Refused("it begins another request", "keep one request")),
    ("request-target", ' ', Meaning::Refused("another target than the URL's is not read", "write the target into the URL")),
    ("url-query", ' ', Meaning::Refused("parts of the query outside of the URL are not read", "write them into the URL")),
    ("help", 'h', Meaning::Refused("it sends no request", "leave it out")),
    ("manual", 'M', Meaning::Refused("it sends no request", "leave it out")),
    ("version", 'V', Meaning::Refused("it sends no request", "leave it out")),
];

/// Options without an argument that leave the request alone; `' '` where there is no letter.
#[rustfmt::skip]
const FLAGS: &[(&str, char)] = &[
    ("alpn", ' '), ("append", 'a'), ("basic", ' '), ("buffer", 'N'), ("ca-native", ' '), ("cert-status", ' '),
    ("clobber", ' '), ("compressed", ' '), ("compressed-ssh", ' '), ("create-dirs", ' '), ("crlf", ' '), ("disable", 'q'),
    ("disable-eprt", ' '), ("disable-epsv", ' '), ("disallow-username-in-url", ' '), ("doh-cert-status", ' '),
    ("doh-insecure", ' '), ("fail", 'f'), ("fail-early", ' '), ("fail-with-body", ' '), ("false-start", ' '), ("follow", ' '),
    ("form-escape", ' '), ("ftp-create-dirs", ' '), ("ftp-pasv", ' '), ("ftp-pret", ' '), ("ftp-skip-pasv-ip", ' '),
    ("ftp-ssl-ccc", ' '), ("ftp-ssl-control", ' '), ("haproxy-protocol", ' '), ("http0.9", ' '), ("http1.0", '0'),
    ("http1.1", ' '), ("http2", ' '), ("http2-prior-knowledge", ' '), ("http3", ' '), ("http3-only", ' '),
    ("ignore-content-length", ' '), ("include", 'i'), ("insecure", 'k'), ("ipv4", '4'), ("ipv6", '6'),
    ("junk-session-cookies", 'j'), ("keepalive", ' '), ("list-only", 'l'), ("location", 'L'), ("location-trusted", ' '),
    ("mail-rcpt-allowfails", ' '), ("metalink", ' '), ("mptcp", ' '), ("npn", ' '), ("out-null", ' '), ("parallel", 'Z'),
    ("parallel-immediate", ' '), ("post301", ' '), ("post302", ' '), ("post303", ' '),
    ("progress-bar", '#'), ("progress-meter", ' '), ("proxy-anyauth", ' '), ("proxy-basic", ' '), ("proxy-ca-native", ' '),
    ("proxy-digest", ' '), ("proxy-http2", ' '), ("proxy-insecure", ' '), ("proxy-negotiate", ' '), ("proxy-ntlm", ' '),
    ("proxy-ssl-allow-beast", ' '), ("proxy-ssl-auto-client-cert", ' '), ("proxy-tlsv1", ' '), ("proxytunnel", 'p'),
    ("raw", ' '), ("remote-header-name", 'J'), ("remote-name", 'O'), ("remote-name-all", ' '), ("remote-time", 'R'),
    ("remove-on-error", ' '), ("retry-all-errors", ' '), ("retry-connrefused", ' '), ("sasl-ir", ' '), ("sessionid", ' '),
    ("show-error", 'S'), ("silent", 's'), ("skip-existing", ' '), ("socks5-basic", ' '), ("socks5-gssapi", ' '),
    ("socks5-gssapi-nec", ' '), ("ssl", ' '), ("ssl-allow-beast", ' '), ("ssl-auto-client-cert", ' '), ("ssl-no-revoke", ' '),
    ("ssl-reqd", ' '), ("ssl-revoke-best-effort", ' '), ("sslv2", '2'), ("sslv3", '3'), ("styled-output", ' '),
    ("suppress-connect-headers", ' '), ("tcp-fastopen", ' '), ("tcp-nodelay", ' '), ("tftp-no-options", ' '),
    ("tls-earlydata", ' '), ("tlsv1", '1'), ("tlsv1.0", ' '), ("tlsv1.1", ' '), ("tlsv1.2", ' '), ("tlsv1.3", ' '),
    ("tr-encoding", ' '), ("trace-ids", ' '), ("trace-time", ' '), ("use-ascii", 'B'), ("verbose", 'v'), ("xattr", ' '),
];

/// Options with an argument that leave the request alone.
#[rustfmt::skip]
const IGNORED: &[(&str, char)] = &[
    ("abstract-unix-socket", ' '), ("alt-svc", ' '), ("cacert", ' '), ("capath", ' '), ("cert", 'E'), ("cert-type", ' '),
    ("ciphers", ' '), ("connect-timeout", ' '), ("connect-to", ' '), ("continue-at", 'C'), ("cookie-jar", 'c'),
    ("create-file-mode", ' '), ("crlfile", ' '), ("curves", ' '), ("delegation", ' '), ("dns-interface", ' '),
    ("dns-ipv4-addr", ' '), ("dns-ipv6-addr", ' '), ("dns-servers", ' '), ("doh-url", ' '), ("dump-header", 'D'),
    ("ech", ' '), ("egd-file", ' '), ("engine", ' '), ("etag-compare", ' '), ("etag-save", ' '), ("expect100-timeout", ' '),
    ("ftp-account", ' '), ("ftp-alternative-to-user", ' '), ("ftp-method", ' '), ("ftp-port", 'P'), ("ftp-ssl-ccc-mode", ' '),
    ("happy-eyeballs-timeout-ms", ' '), ("haproxy-clientip", ' '), ("hostpubmd5", ' '), ("hostpubsha256", ' '), ("hsts", ' '),
    ("interface", ' '), ("ip-tos", ' '), ("ipfs-gateway", ' '), ("keepalive-cnt", ' '), ("keepalive-time", ' '), ("key", ' '),
    ("key-type", ' '), ("krb", ' '), ("libcurl", ' '), ("limit-rate", ' '), ("local-port", ' '), ("login-options", ' '),
    ("mail-auth", ' '), ("mail-rcpt", ' '), ("max-filesize", ' '), ("max-redirs", ' '), ("max-time", 'm'), ("noproxy", ' '),
    ("output", 'o'), ("output-dir", ' '), ("parallel-max", ' '), ("pass", ' '), ("pinnedpubkey", ' '), ("preproxy", ' '),
    ("proto", ' '), ("proto-default", ' '), ("proto-redir", ' '), ("proxy", 'x'), ("proxy-cacert", ' '),
    ("proxy-capath", ' '), ("proxy-cert", ' '), ("proxy-cert-type", ' '), ("proxy-ciphers", ' '), ("proxy-crlfile", ' '),
    ("proxy-header", ' '), ("proxy-key", ' '), ("proxy-key-type", ' '), ("proxy-pass", ' '), ("proxy-pinnedpubkey", ' '),
    ("proxy-service-name", ' '), ("proxy-tls13-ciphers", ' '), ("proxy-tlsauthtype", ' '), ("proxy-tlspassword", ' '),
    ("proxy-tlsuser", ' '), ("proxy-user", 'U'), ("proxy1.0", ' '), ("pubkey", ' '), ("quote", 'Q'), ("random-file", ' '),
    ("range", 'r'), ("rate", ' '), ("resolve", ' '), ("retry", ' '), ("retry-delay", ' '), ("retry-max-time", ' '),
    ("sasl-authzid", ' '), ("service-name", ' '), ("sigalgs", ' '), ("socks4", ' '), ("socks4a", ' '), ("socks5", ' '),
    ("socks5-gssapi-service", ' '), ("socks5-hostname", ' '), ("speed-limit", 'Y'), ("speed-time", 'y'), ("stderr", ' '),
    ("telnet-option", 't'), ("tftp-blksize", ' '), ("time-cond", 'z'), ("tls-max", ' '), ("tls13-ciphers", ' '),
    ("tlsauthtype", ' '), ("tlspassword", ' '), ("tlsuser", ' '), ("trace", ' '), ("trace-ascii", ' '), ("trace-config", ' '),
    ("unix-socket", ' '), ("upload-flags", ' '), ("vlan-priority", ' '), ("write-out", 'w'),
];
