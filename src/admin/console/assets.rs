//! The files that pages need: a style sheet, a script and an icon, all in the program.

use std::sync::LazyLock;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use sha2::{Digest as _, Sha256};

use super::answer::{Answer, answer};

/// One file.
struct Asset {
    name: &'static str,
    media_type: HeaderValue,
    bytes: &'static [u8],
}

static ALL: [Asset; 3] = [
    Asset {
        name: "console.css",
        media_type: HeaderValue::from_static("text/css; charset=utf-8"),
        bytes: include_bytes!("assets/console.css"),
    },
    Asset {
        name: "console.js",
        media_type: HeaderValue::from_static("text/javascript; charset=utf-8"),
        bytes: include_bytes!("assets/console.js"),
    },
    Asset {
        name: "icon.svg",
        media_type: HeaderValue::from_static("image/svg+xml"),
        bytes: include_bytes!("assets/icon.svg"),
    },
];

/// Changes whenever a file does, so that browsers can keep them for ever.
static EDITION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for asset in &ALL {
        hash.update(asset.bytes);
    }
    let digest = hash.finalize();
    HEXLOWER.encode(digest.get(..6).unwrap_or_default())
});

/// Where they are.
pub(super) const FOLDER: &str = "/console/assets/";

/// The address of a file, for a page.
pub(super) fn address(name: &str) -> String {
    format!("{FOLDER}{name}?{}", *EDITION)
}

/// A file, if there is one of this name.
pub(super) fn file(name: &str) -> Option<Answer> {
    let asset = ALL.iter().find(|asset| asset.name == name)?;
    let bytes = Bytes::from_static(asset.bytes);
    let mut answer = answer(StatusCode::OK, asset.media_type.clone(), bytes);
    let for_ever = HeaderValue::from_static("private, max-age=31536000, immutable");
    answer.headers_mut().insert(CACHE_CONTROL, for_ever);
    Some(answer)
}
