//! The path of a request, as the gateway reads it.

/// The path without one slash too many at its very beginning.
///
/// The Terraform provider puts an endpoint that ends in a slash before a path that begins with one, and nobody who configures it
/// can help that; a gateway that serves it has `contract.extra_slash: accept`. Nothing else is forgiven: a second slash anywhere else, or a third here, stays.
///
/// ```
/// use meeting_gateway::model::request_path::without_extra_slash;
///
/// assert_eq!(without_extra_slash("//v1/usg/acs/token"), "/v1/usg/acs/token");
/// assert_eq!(without_extra_slash("///v1/usg/acs/token"), "///v1/usg/acs/token");
/// ```
pub fn without_extra_slash(path: &str) -> &str {
    let Some(rest) = path.strip_prefix('/') else {
        return path;
    };
    let one_too_many = rest.starts_with('/') && !rest.starts_with("//");
    if one_too_many { rest } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_slash_is_forgiven_and_nothing_else() {
        for (path, expected) in [
            ("//v1/x", "/v1/x"),
            ("/v1/x", "/v1/x"),
            ("///v1/x", "///v1/x"),
            ("/v1//x", "/v1//x"),
            ("//v1//x", "/v1//x"),
            ("//", "/"),
            ("/", "/"),
            ("", ""),
            ("v1", "v1"),
        ] {
            assert_eq!(without_extra_slash(path), expected, "{path}");
        }
    }
}
