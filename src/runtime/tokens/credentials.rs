//! Where upstream tokens come from.

use std::sync::Arc;

use crate::model::secret::Secret;

/// The gateway's own credentials at the upstream.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// Sign in with an App ID, as any user of the enterprise.
    AppId {
        /// The App ID that the upstream issued.
        app_id: Arc<str>,
        /// Its key.
        app_key: Secret,
        /// The corp id, for service providers only; its presence changes the signature (facts 4.1).
        corp_id: Option<Arc<str>>,
    },
    /// One token that somebody else got, for every user. Never refreshed, never given up.
    Fixed(Secret),
    /// Callers bring the upstream's token in `X-Access-Token`.
    PassThrough,
}

impl Credentials {
    /// Whether both are the same; secrets are compared in constant time.
    pub fn same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::AppId {
                    app_id,
                    app_key,
                    corp_id,
                },
                Self::AppId {
                    app_id: other_id,
                    app_key: other_key,
                    corp_id: other_corp,
                },
            ) => app_id == other_id && corp_id == other_corp && app_key.matches(other_key.expose()),
            (Self::Fixed(token), Self::Fixed(other)) => token.matches(other.expose()),
            (Self::PassThrough, Self::PassThrough) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_difference_counts_and_nothing_is_printed() {
        let app = |id: &str, key: &str, corp: Option<&str>| Credentials::AppId {
            app_id: id.into(),
            app_key: key.into(),
            corp_id: corp.map(Into::into),
        };
        let all = [
            app("a", "hush", None),
            app("b", "hush", None),
            app("a", "hush2", None),
            app("a", "hush", Some("c")),
            Credentials::Fixed("hush".into()),
            Credentials::Fixed("hush2".into()),
            Credentials::PassThrough,
        ];
        for (i, one) in all.iter().enumerate() {
            for (j, other) in all.iter().enumerate() {
                assert_eq!(one.same_as(other), i == j, "{i} {j}");
            }
            assert!(!format!("{one:?}").contains("hush"), "{i}");
        }
    }
}
