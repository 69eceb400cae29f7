//! The frame of every page: head, navigation, footer.

use maud::{DOCTYPE, Markup, html};

use super::{assets, explorer, playground};

/// A page of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// What happens.
    Live,
    /// What the policy says.
    Rules,
    /// What would become of a request.
    Playground,
    /// The API, to be tried.
    Explorer,
}

impl Place {
    const ALL: [Self; 4] = [Self::Live, Self::Rules, Self::Playground, Self::Explorer];

    /// The page of a path.
    pub(super) fn of(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.path() == path)
    }

    /// Bytes that its form may have; none where it has no form.
    pub(super) const fn form_bytes(self) -> Option<usize> {
        match self {
            Self::Playground => Some(playground::MAX_BYTES),
            Self::Explorer => Some(explorer::MAX_BYTES),
            Self::Live | Self::Rules => None,
        }
    }

    /// Its path.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Live => "/console/",
            Self::Rules => "/console/rules",
            Self::Playground => "/console/playground",
            Self::Explorer => "/console/explorer",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Live => "Live",
            Self::Rules => "Rules",
            Self::Playground => "Playground",
            Self::Explorer => "API explorer",
        }
    }
}

/// A whole page.
pub(super) fn page(place: Place, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (place.name()) " · meeting-gateway" }
                link rel="icon" href=(assets::address("icon.svg"));
                link rel="stylesheet" href=(assets::address("console.css"));
                script defer src=(assets::address("console.js")) {}
            }
            body {
                a.skip href="#main" { "Skip to content" }
                header {
                    p.brand { "meeting-gateway" }
                    nav aria-label="Console" {
                        @for other in Place::ALL {
                            a href=(other.path()) aria-current=[(other == place).then_some("page")] { (other.name()) }
                        }
                    }
                }
                main #main tabindex="-1" { h1 { (place.name()) } (body) }
                footer {
                    "meeting-gateway " (env!("CARGO_PKG_VERSION"))
                    " · nothing here leaves this listener but what the API explorer is told to send"
                }
            }
        }
    }
}
