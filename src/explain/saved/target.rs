//! The path and query of a saved request. Scheme, host and port are not kept: the gateway is the host.

use http::uri::PathAndQuery;

/// Why a text is no target; it may hold a token, so it is never shown.
pub(super) type TargetFault = &'static str;

const BAD_CHARACTER: TargetFault =
    "the URL has a character that must be percent-encoded, or is too long";

/// The target of an absolute URL: what stands behind the host, without the fragment.
pub(super) fn of_url(url: &str) -> Result<PathAndQuery, TargetFault> {
    let rest = match url.split_once("://") {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") =>
        {
            rest
        }
        Some((scheme, _)) if !scheme.contains(['/', '?', '#']) => {
            return Err("the URL's scheme is neither `http` nor `https`");
        }
        _ => return Err("the URL does not begin with `http://` or `https://`"),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, target) = rest.split_at(end);
    if authority.contains('@') {
        return Err("the URL has a user name in it");
    }
    if authority.is_empty() {
        return Err("the URL has no host");
    }
    let target = target.split('#').next().unwrap_or_default();
    if target.starts_with('/') {
        parsed(target)
    } else {
        parsed(&format!("/{target}"))
    }
}

/// The target of a request line: a path with a query, or an absolute URL.
pub(super) fn of_request_line(target: &str) -> Result<PathAndQuery, TargetFault> {
    if target.starts_with('/') {
        if target.contains('#') {
            return Err("the request target has a `#`, which is never sent");
        }
        return parsed(target);
    }
    of_url(target)
}

fn parsed(target: &str) -> Result<PathAndQuery, TargetFault> {
    target.parse().map_err(|_| BAD_CHARACTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_give_their_path_and_query() {
        for (url, expected) in [
            ("http://a/b?c=d", Ok("/b?c=d")),
            ("HTTPS://a:8443/b#top", Ok("/b")),
            ("http://a", Ok("/")),
            ("http://a?c", Ok("/?c")),
            ("http://[::1]:80/b%20c", Ok("/b%20c")),
            ("http://a/b?u=http://c/", Ok("/b?u=http://c/")),
            (
                "ftp://a/b",
                Err("the URL's scheme is neither `http` nor `https`"),
            ),
            (
                "/b",
                Err("the URL does not begin with `http://` or `https://`"),
            ),
            ("http:///b", Err("the URL has no host")),
            ("http://user:word@a/b", Err("the URL has a user name in it")),
            ("http://a/b c", Err(BAD_CHARACTER)),
            ("http://a/b\n", Err(BAD_CHARACTER)),
        ] {
            let found = of_url(url);
            let found = found.as_ref().map(PathAndQuery::as_str).map_err(|it| *it);
            assert_eq!(found, expected, "{url}");
        }
        assert_eq!(of_request_line("/b?c").unwrap(), "/b?c");
        assert!(of_request_line("/b#c").is_err());
        assert!(of_request_line("*").is_err());
        let long = format!("/{}", "a".repeat(1 << 16));
        assert_eq!(of_request_line(&long), Err(BAD_CHARACTER));
    }
}
