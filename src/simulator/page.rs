//! Pages of long answers: `offset`, `limit`, `count`, `data` (facts part 3).
//!
//! `limit` is 20 unless told. One beyond the documented most is taken as the most, and a number that cannot be read as
//! absent: what the service says to them is not documented.

use serde_json::{Value, json};

use super::witness::Seen;

/// The most entries of a page of meetings or participants.
pub(super) const MOST_ENTRIES: usize = 500;

/// Which part of a long answer is wanted, and what it must match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    offset: usize,
    limit: usize,
    /// Lower case; empty for everything.
    search: String,
}

impl Page {
    /// Reads `offset`, `limit` (at most `most`) and `searchKey`, or `search_key`, of a query.
    pub(super) fn read(seen: &Seen, most: usize) -> Self {
        let number = |key: &str| seen.query_value(key).and_then(|text| text.parse().ok());
        let limit: usize = number("limit").unwrap_or(20);
        let search = seen.query_value("searchKey");
        let search = search.or_else(|| seen.query_value("search_key"));
        Self {
            offset: number("offset").unwrap_or(0),
            limit: limit.clamp(1, most),
            search: search.unwrap_or_default().to_lowercase(),
        }
    }

    /// Whether one of these texts holds what is searched for.
    pub(super) fn matches<'a>(&self, texts: impl IntoIterator<Item = Option<&'a str>>) -> bool {
        let holds = |text: &str| text.to_lowercase().contains(&self.search);
        self.search.is_empty() || texts.into_iter().flatten().any(holds)
    }

    /// The page of `all`, each entry told by `tell`; `count` counts all of them.
    pub(super) fn show<T>(
        &self,
        all: impl IntoIterator<Item = T>,
        tell: impl Fn(T) -> Value,
    ) -> Value {
        let (mut count, mut data) = (0, Vec::new());
        for item in all {
            if count >= self.offset && data.len() < self.limit {
                data.push(tell(item));
            }
            count += 1;
        }
        json!({"offset": self.offset, "limit": self.limit, "count": count, "data": data})
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, Method};

    use super::*;

    fn page(query: &str) -> Page {
        let seen = Seen {
            method: Method::GET,
            path: String::new(),
            query: query.to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
        };
        Page::read(&seen, MOST_ENTRIES)
    }

    #[test]
    fn pages_are_bounded_and_count_everything() {
        for (query, offset, limit, first, length) in [
            ("", 0, 20, json!(0), 20),
            ("limit=501", 0, 500, json!(0), 500),
            ("limit=0", 0, 1, json!(0), 1),
            ("limit=-1&offset=x", 0, 20, json!(0), 20),
            ("limit=7&offset=600", 600, 7, json!(600), 5),
            ("offset=605", 605, 20, Value::Null, 0),
        ] {
            let shown = page(query).show(0..605, Value::from);
            assert_eq!(shown["offset"], offset, "{query}");
            assert_eq!(shown["limit"], limit, "{query}");
            assert_eq!(shown["count"], 605, "{query}");
            assert_eq!(shown["data"][0], first, "{query}");
            assert_eq!(shown["data"].as_array().unwrap().len(), length, "{query}");
        }
    }

    #[test]
    fn searching_ignores_case() {
        for (query, text, found) in [
            ("", None, true),
            ("searchKey=BO", Some("Robo"), true),
            ("search_key=bo", Some("Anna"), false),
            ("searchKey=bo", None, false),
        ] {
            assert_eq!(page(query).matches([text]), found, "{query} {text:?}");
        }
    }
}
