//! What the documentation calls deprecated on our operations: query parameters and headers that are taken out of every request.
//!
//! Names are compared in any case. Percent-decoding of query names is the caller's part: `user%55UID` must be decoded first.
//!
//! Since when they are deprecated, no page says. `since` is the date of the earliest page that we know it from (a sibling of
//! the page on series), so the real date is that or earlier.
//!
//! ```
//! use meeting_gateway::contract::deprecation;
//! use meeting_gateway::model::finding::Location;
//!
//! assert_eq!(deprecation::find(Location::Query, "USERUUID").unwrap().name, "userUUID");
//! assert!(deprecation::find(Location::Query, "conferenceID").is_none());
//! ```

use http::HeaderValue;

use crate::model::finding::Location;

/// One deprecated parameter.
#[derive(Debug, PartialEq, Eq)]
pub struct Deprecated {
    /// Query or header.
    pub location: Location,
    /// As documented; headers in lower case.
    pub name: &'static str,
    /// Unix seconds, for `Deprecation: @<since>` (RFC 9745).
    pub since: i64,
    /// The value of that header, made once.
    pub announcement: HeaderValue,
    /// The value of `Link` that names the page about it (RFC 8288).
    pub link: HeaderValue,
    /// What to do instead, a sentence.
    pub replacement: &'static str,
}

/// 2023-12-22, the date of the earliest page that calls them so.
const EARLIEST_PAGE: i64 = 1_703_203_200;
const SINCE_EARLIEST_PAGE: HeaderValue = HeaderValue::from_static("@1703203200");
/// The page on changing a series.
const PAGE: HeaderValue = HeaderValue::from_static(
    "<https://support.huaweicloud.com/intl/en-us/api-meeting/toctopics/en-us_topic_0000001151938200.html>; rel=\"deprecation\"",
);

/// Every deprecated parameter.
pub static DEPRECATED: [Deprecated; 3] = [
    Deprecated {
        location: Location::Query,
        name: "userUUID",
        since: EARLIEST_PAGE,
        announcement: SINCE_EARLIEST_PAGE,
        link: PAGE,
        replacement: "Leave it out: the request runs as the user that the caller signed in as.",
    },
    Deprecated {
        location: Location::Header,
        name: "x-authorization-type",
        since: EARLIEST_PAGE,
        announcement: SINCE_EARLIEST_PAGE,
        link: PAGE,
        replacement: "Leave it out: where a request comes from follows from the token.",
    },
    Deprecated {
        location: Location::Header,
        name: "x-site-id",
        since: EARLIEST_PAGE,
        announcement: SINCE_EARLIEST_PAGE,
        link: PAGE,
        replacement: "Leave it out: the site follows from the token.",
    },
];

/// The entry of a parameter or header, if it is deprecated. The name may be in any case.
pub fn find(location: Location, name: &str) -> Option<&'static Deprecated> {
    DEPRECATED
        .iter()
        .find(|entry| entry.location == location && entry.name.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::schema::Schemas;
    use crate::contract::test_support::contract;

    #[test]
    fn any_case_is_found_and_only_in_its_place() {
        for (location, name, found) in [
            (Location::Query, "userUUID", true),
            (Location::Query, "useruuid", true),
            (Location::Header, "userUUID", false),
            (Location::Body, "userUUID", false),
            (Location::Header, "X-Site-Id", true),
            (Location::Header, "X-Authorization-Type", true),
            (Location::Header, "x-access-token", false),
        ] {
            assert_eq!(find(location, name).is_some(), found, "{name}");
        }
    }

    #[test]
    fn headers_are_written_as_their_rfcs_have_them() {
        for entry in &DEPRECATED {
            assert_eq!(entry.announcement, format!("@{}", entry.since));
            let link = entry.link.to_str().unwrap();
            assert!(link.starts_with("<https://") && link.ends_with(">; rel=\"deprecation\""));
        }
    }

    #[test]
    fn no_deprecated_header_is_among_those_that_go_upstream() {
        let contract = contract();
        let mut headers = contract.operations().iter().flat_map(|one| &one.headers);
        assert!(headers.all(|name| find(Location::Header, name.as_str()).is_none()));
    }

    #[test]
    fn the_table_and_the_schema_name_the_same_parameters() {
        let schemas = Schemas::builtin().unwrap();
        let (definitions, _) = schemas.resolve("", "query.json#/$defs").unwrap();
        let documented = definitions.as_object().unwrap().iter();
        let documented = documented.filter(|(_, schema)| schema["deprecated"] == true);
        let known = DEPRECATED.iter();
        let known = known.filter(|entry| entry.location == Location::Query);
        assert!(
            documented
                .map(|(name, _)| name.as_str())
                .eq(known.map(|entry| entry.name))
        );
    }
}
