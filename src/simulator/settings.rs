//! What a simulator is started with: its applications and limits.
//!
//! ```
//! use meeting_gateway::simulator::Settings;
//!
//! let settings = Settings::default();
//! assert_eq!(settings.apps[0].app_id, "fdb8e4699586458bbd10c834872dcc62");
//! assert!(settings.throttle.is_none());
//! ```

use std::time::Duration;

use crate::model::secret::Secret;

/// The application of the documentation's samples.
pub const DEMO_APP_ID: &str = "fdb8e4699586458bbd10c834872dcc62";

/// The key that goes with [`DEMO_APP_ID`]: invented, published in our own documentation, worth nothing anywhere.
pub const DEMO_APP_KEY: &str = "0123456789abcdef0123456789abcdef";

/// The meeting that exists from the start; the documentation's sample id.
pub const SEEDED_MEETING: &str = "914087436";

/// An application that may sign in.
#[derive(Debug, Clone)]
pub struct App {
    /// The App ID, as sent in `appId` and, in base64, in `access=`.
    pub app_id: String,
    /// The App Key that signs.
    pub app_key: Secret,
    /// The enterprise a service provider's application may name in `corpId`; `None` for a single enterprise,
    /// which must not send one (facts 4.1).
    pub corp_id: Option<String>,
}

/// What a simulator is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Who may sign in.
    pub apps: Vec<App>,
    /// How long an access token lives, whole seconds. The documentation's sample says 56 326 s (facts 4.1).
    pub token_lifetime: Duration,
    /// How long a refresh token lives, whole seconds. The documentation's sample says 30 days (facts 4.1).
    pub refresh_lifetime: Duration,
    /// How many requests each API takes in a minute before it answers 429; `None` for no limit.
    pub throttle: Option<u32>,
    /// The meetings that exist from the start, each a daily series from tomorrow on.
    pub seeded_meetings: Vec<String>,
    /// The enterprise's own `encryptMode`, which a meeting has that names none: 0 adaptive, 1 forced, 2 none.
    pub enterprise_encryption: u8,
    /// Whether a `ConferenceInfo` tells `encryptMode`. The documentation does not have it there: a lever for tests.
    pub tells_encryption: bool,
    /// How many people the enterprise has, at most 20 000; they are made up.
    pub people: usize,
    /// Whether `/_simulator/...` answers. It shows and changes everything, credentials included: keep it on loopback.
    pub control: bool,
    /// Makes tokens, identifiers and passwords the same in each run; `None` draws them at random.
    pub seed: Option<u64>,
}

impl Default for Settings {
    /// The demonstration: one application, one meeting, no limit, no control endpoint.
    fn default() -> Self {
        Self {
            apps: vec![App {
                app_id: DEMO_APP_ID.to_owned(),
                app_key: Secret::from(DEMO_APP_KEY),
                corp_id: None,
            }],
            token_lifetime: Duration::from_secs(56_326),
            refresh_lifetime: Duration::from_hours(30 * 24),
            throttle: None,
            seeded_meetings: vec![SEEDED_MEETING.to_owned()],
            enterprise_encryption: 0,
            tells_encryption: false,
            people: 1000,
            control: false,
            seed: None,
        }
    }
}
