//! The path and query of a request as logs, traces and the audit log may show them, whatever was sent.
//!
//! A path parameter may be somebody's account, and a path that leads nowhere anything at all: a mistyped one with an account in it,
//! or a token that was taken for a path. So only what the API's own paths are made of is shown, and parameters that are not
//! [sensitive](crate::model::sensitive::of_parameter) and look like an id. Everything else is `***`. Of a query, names are shown that
//! some operation documents, and no value. What is shown is bounded.
//!
//! ```
//! use meeting_gateway::contract::shown_target::{path, query};
//!
//! assert_eq!(path("/v1/mmc/management/cycleconferences"), "/v1/mmc/management/cycleconferences");
//! assert_eq!(path("/v1/usg/dcs/corp/member/alice"), "/v1/usg/dcs/corp/member/***");
//! assert_eq!(path("/v1/wss/webinar/open/conferences/914087436"), "/v1/wss/webinar/open/conferences/914087436");
//! assert_eq!(path("/v1/usg/dcs/corp/members/alice"), "/v1/usg/dcs/corp/***/***");
//! assert_eq!(query("conferenceID=914087436&userUUID=a&secret=b&c"), "conferenceID=REDACTED&userUUID=REDACTED&REDACTED=REDACTED&REDACTED");
//! ```

use std::borrow::Cow;
use std::sync::LazyLock;

use foldhash::HashSet;
use matchit::Router;

use super::operations::registry;
use crate::model::sensitive::{MASK, Sensitivity, of_parameter};

/// What stands in place of a part of a query: the word of the OpenTelemetry conventions.
const REDACTED: &str = "REDACTED";
/// Segments of a path, and parameters of a query, that are shown; no operation has so many.
const MOST: usize = 32;
/// Bytes of a path parameter that may be an id.
const LONGEST: usize = 64;

/// What the API's targets are made of.
#[derive(Default)]
struct Known {
    /// Paths without parameters.
    paths: HashSet<&'static str>,
    /// Those with parameters.
    templates: Router<&'static str>,
    /// What stands between slashes, parameters apart.
    segments: HashSet<&'static str>,
    /// Parameters of queries.
    parameters: HashSet<&'static str>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut known = Known::default();
    let Ok(registry) = registry() else {
        // Then no gateway has started. Nothing is known, and nothing shown.
        return known;
    };
    for operation in registry.operations() {
        let segments = operation.template.split('/');
        known
            .segments
            .extend(segments.filter(|segment| !segment.starts_with('{')));
        known.parameters.extend(&operation.query);
        if operation.template.contains('{') {
            // Several methods have one path: it is there already.
            let _ = known
                .templates
                .insert(operation.template, operation.template);
        } else {
            known.paths.insert(operation.template);
        }
    }
    known
});

/// A path as it may be shown.
pub fn path(path: &str) -> Cow<'_, str> {
    let known = &*KNOWN;
    if known.paths.contains(path) {
        return Cow::Borrowed(path);
    }
    let template = known.templates.at(path).ok().map(|found| *found.value);
    let mut documented = template
        .into_iter()
        .flat_map(|template| template.split('/'));
    let mut shown = String::with_capacity(path.len().min(128));
    for (index, segment) in path.split('/').enumerate() {
        if index > MOST {
            shown.push_str("/…");
            break;
        }
        if index > 0 {
            shown.push('/');
        }
        let parameter = documented.next().and_then(|documented| {
            let name = documented.strip_prefix('{')?;
            name.strip_suffix('}')
        });
        let is_shown = match parameter {
            Some(name) => of_parameter(name) == Sensitivity::Public && is_an_id(segment),
            None => known.segments.contains(segment),
        };
        shown.push_str(if is_shown { segment } else { MASK });
    }
    Cow::Owned(shown)
}

/// A query as it may be shown: names that are known, and no value.
pub fn query(query: &str) -> String {
    let known = &*KNOWN;
    let mut shown = String::with_capacity(query.len().min(128));
    for (index, pair) in query.split('&').enumerate() {
        if index == MOST {
            shown.push_str("&…");
            break;
        }
        if index > 0 {
            shown.push('&');
        }
        let (name, value) = pair
            .split_once('=')
            .map_or((pair, None), |(name, value)| (name, Some(value)));
        // Without `=` it may be a name or a value.
        let is_shown = value.is_some() && known.parameters.contains(name);
        shown.push_str(if is_shown { name } else { REDACTED });
        if value.is_some() {
            shown.push('=');
            shown.push_str(REDACTED);
        }
    }
    shown
}

fn is_an_id(segment: &str) -> bool {
    (1..=LONGEST).contains(&segment.len())
        && segment
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_path_shows_what_the_api_is_made_of_and_ids() {
        for (sent, expected) in [
            (
                "/v1/mmc/management/conferences/confDetail",
                "/v1/mmc/management/conferences/confDetail",
            ),
            // One slash too many is forgiven where the configuration says so, and shown.
            (
                "//v1/mmc/management/conferences",
                "//v1/mmc/management/conferences",
            ),
            (
                "/v1/usg/dcs/corp/member/alice%40corp",
                "/v1/usg/dcs/corp/member/***",
            ),
            (
                "/v1/usg/dcs/corp/vision/activecode/alice/reset",
                "/v1/usg/dcs/corp/vision/activecode/***/reset",
            ),
            (
                "/v1/usg/dcs/corp/device/03A7-1",
                "/v1/usg/dcs/corp/device/03A7-1",
            ),
            ("/v1/usg/dcs/corp/device/a@b", "/v1/usg/dcs/corp/device/***"),
            (
                "/v1/usg/sss/meeting-files/4711",
                "/v1/usg/sss/meeting-files/***",
            ),
            (
                "/v1/usg/dcs/sp/corp/ent01/resource",
                "/v1/usg/dcs/sp/corp/ent01/resource",
            ),
            // What leads nowhere.
            ("/", "/"),
            ("", ""),
            ("*", "***"),
            ("/.env", "/***"),
            (
                "/v1/usg/dcs/corp//member/alice",
                "/v1/usg/dcs/corp//member/***",
            ),
            (
                "/v1/usg/dcs/corp/member/alice/more",
                "/v1/usg/dcs/corp/member/***/***",
            ),
            ("/v1/usg/dcs/corp/Member/alice", "/v1/usg/dcs/corp/***/***"),
        ] {
            assert_eq!(path(sent), expected, "{sent}");
        }
        let long = format!("/v1/usg/dcs/corp/device/{}", "7".repeat(65));
        assert_eq!(path(&long), "/v1/usg/dcs/corp/device/***");
        let deep = "/v1".repeat(1000);
        assert_eq!(path(&deep), format!("{}/…", "/v1".repeat(MOST)));
    }

    #[test]
    fn a_query_shows_known_names_alone() {
        for (sent, expected) in [
            ("", "REDACTED"),
            ("conferenceID=1", "conferenceID=REDACTED"),
            ("conferenceID=", "conferenceID=REDACTED"),
            ("conferenceID", "REDACTED"),
            ("conference%49D=1", "REDACTED=REDACTED"),
            ("alice=1&limit=5", "REDACTED=REDACTED&limit=REDACTED"),
            ("a=b=c", "REDACTED=REDACTED"),
        ] {
            assert_eq!(query(sent), expected, "{sent}");
        }
        let many = vec!["limit=1"; 100].join("&");
        assert!(query(&many).ends_with("limit=REDACTED&…"));
    }

    #[test]
    fn the_path_of_every_operation_is_shown() {
        for operation in registry().unwrap().operations() {
            let shown = path(operation.template);
            let expected = operation.template.split('/');
            let expected = expected.map(|segment| {
                if segment.starts_with('{') {
                    MASK
                } else {
                    segment
                }
            });
            assert_eq!(shown, expected.collect::<Vec<_>>().join("/"));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// Whatever is sent: no segment is shown that is neither the API's nor an id, and not too much.
        #[test]
        fn nothing_else_is_ever_shown(sent in "(/(v1|usg|dcs|corp|member|[a-zA-Z@%.]{0,12})){0,40}") {
            let shown = path(&sent);
            prop_assert!(shown.len() <= 40 * 16);
            for segment in shown.split('/') {
                prop_assert!(
                    matches!(segment, MASK | "…") || KNOWN.segments.contains(segment) || is_an_id(segment), "{}", shown
                );
            }
        }
    }
}
