//! The one place that reads the process's environment.

use std::collections::BTreeMap;

/// The environment, without variables that are not UTF-8.
pub fn variables() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
