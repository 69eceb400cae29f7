//! The pairs of a query as they are written: between the `&`, with nothing decoded.
//!
//! ```
//! use meeting_gateway::model::query_pairs::pairs;
//!
//! let read: Vec<_> = pairs("a=1&&b&c=%20=").collect();
//! assert_eq!(read, [("a", Some("1")), ("", None), ("b", None), ("c", Some("%20="))]);
//! ```

/// The name of each pair, and its value where it has a `=`.
pub fn pairs(query: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(query);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = memchr::memchr(b'&', text.as_bytes());
        let (pair, behind) = end.map_or((text, None), |end| split(text, end));
        rest = behind;
        // Names are short: no search is faster than looking.
        let equals = pair.bytes().position(|byte| byte == b'=');
        Some(equals.map_or((pair, None), |at| split(pair, at)))
    })
}

/// What stands before and behind a byte of ASCII.
fn split(text: &str, at: usize) -> (&str, Option<&str>) {
    (text.get(..at).unwrap_or(text), text.get(at + 1..))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn pairs_are_those_of_the_standard_library(query in "[a=&é%;]{0,40}") {
            let expected = query.split('&').map(|pair| {
                pair.split_once('=').map_or((pair, None), |(name, value)| (name, Some(value)))
            });
            prop_assert!(pairs(&query).eq(expected));
        }
    }
}
