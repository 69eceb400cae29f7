//! `reload`: how a changed configuration gets into force without a restart.

use std::time::Duration;

use crate::config::kind::{Kind, duration, flag};
use crate::config::section::section;

section! {
    /// How a changed configuration gets into force without a restart.
    pub struct Reload {
        /// Whether the files that the configuration is made of are looked at for changes. SIGHUP reloads in any case.
        watch: bool = flag().or(true),
        /// How often they are looked at.
        interval: Duration =
            duration(Duration::from_millis(100), Duration::from_hours(1)).or("5s"),
    }
}
