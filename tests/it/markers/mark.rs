//! Markers: texts that occur nowhere else, one for each place, and how they are found again in whatever left the process.
//!
//! A marker is found in any case and also where it was written in base64 (however it lies in its quads), in hexadecimal, with
//! percent-encoding or with the escapes of JSON.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use regex::Regex;
use regex::bytes::Regex as BytesRegex;

/// A marker of letters, and one for places that take digits only.
static MARKER: LazyLock<BytesRegex> =
    LazyLock::new(|| BytesRegex::new("(?i-u)zqm([0-9]{4})k|70917([0-9]{4})64").unwrap());
static BASE64_RUN: LazyLock<BytesRegex> =
    LazyLock::new(|| BytesRegex::new("(?-u)[A-Za-z0-9+/_-]{8,}").unwrap());
static HEX_RUN: LazyLock<BytesRegex> =
    LazyLock::new(|| BytesRegex::new("(?i-u)[0-9a-f]{16,}").unwrap());
static ESCAPE: LazyLock<BytesRegex> =
    LazyLock::new(|| BytesRegex::new(r"(?-u)%([0-9a-fA-F]{2})|\\u00([0-9a-fA-F]{2})").unwrap());

/// The places that hold a marker, and secrets that somebody else made.
#[derive(Debug, Default)]
pub(super) struct Markers {
    places: Mutex<Vec<String>>,
    made: Mutex<Vec<(String, String)>>,
}

impl Markers {
    /// A new marker for a place, of 8 letters and digits.
    pub(super) fn text(&self, place: &str) -> String {
        format!("zqm{:04}k", self.next(place))
    }

    /// A new marker for a place that takes digits only, of 11 of them.
    pub(super) fn digits(&self, place: &str) -> String {
        format!("70917{:04}64", self.next(place))
    }

    /// A secret that the gateway itself made. It is looked for as it is.
    pub(super) fn made(&self, place: &str, secret: &str) {
        let mut made = self.made.lock().unwrap();
        made.push((place.to_owned(), secret.to_owned()));
    }

    fn next(&self, place: &str) -> usize {
        let mut places = self.places.lock().unwrap();
        places.push(place.to_owned());
        places.len() - 1
    }

    /// Every place that has a marker.
    pub(super) fn places(&self) -> Vec<String> {
        self.places.lock().unwrap().clone()
    }

    /// The places whose markers, or secrets, are in these bytes, each with the surroundings of one occurrence.
    pub(super) fn found(&self, bytes: &[u8]) -> BTreeMap<String, String> {
        let places = self.places();
        let mut found = BTreeMap::new();
        for text in readings(bytes) {
            for captures in MARKER.captures_iter(&text) {
                let (whole, number) = (captures.get(0), captures.get(1).or(captures.get(2)));
                let number = std::str::from_utf8(number.unwrap().as_bytes()).unwrap();
                if let Some(place) = places.get(number.parse::<usize>().unwrap()) {
                    let around = || surroundings(&text, whole.unwrap().range());
                    found.entry(place.clone()).or_insert_with(around);
                }
            }
        }
        for (place, secret) in self.made.lock().unwrap().iter() {
            if let Some(at) = memchr::memmem::find(bytes, secret.as_bytes()) {
                let around = surroundings(bytes, at..at + secret.len());
                found.entry(place.clone()).or_insert(around);
            }
        }
        found
    }
}

/// The bytes as they are, and as they read where something in them was written in another way.
fn readings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all = vec![bytes.to_vec()];
    let unescaped = ESCAPE.replace_all(bytes, |captures: &regex::bytes::Captures<'_>| {
        let digits = captures.get(1).or(captures.get(2)).unwrap().as_bytes();
        HEXLOWER_PERMISSIVE.decode(digits).unwrap()
    });
    if unescaped != bytes {
        all.push(unescaped.into_owned());
    }
    for run in BASE64_RUN.find_iter(bytes) {
        let standard = run.as_bytes().iter().map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        });
        let standard: Vec<u8> = standard.collect();
        for skip in 0..4 {
            let run = &standard[skip..];
            let quads = &run[..run.len() - run.len() % 4];
            all.extend(BASE64.decode(quads));
        }
    }
    for run in HEX_RUN.find_iter(bytes) {
        for skip in 0..2 {
            let run = &run.as_bytes()[skip..];
            all.extend(HEXLOWER_PERMISSIVE.decode(&run[..run.len() - run.len() % 2]));
        }
    }
    all
}

fn surroundings(text: &[u8], at: std::ops::Range<usize>) -> String {
    static CONTROLS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\p{C}+").unwrap());
    let (from, to) = (at.start.saturating_sub(120), (at.end + 40).min(text.len()));
    let text = String::from_utf8_lossy(&text[from..to]);
    CONTROLS.replace_all(&text, " ").into_owned()
}

#[test]
fn a_marker_is_found_however_it_is_written() {
    let markers = Markers::default();
    let (text, digits) = (markers.text("text"), markers.digits("digits"));
    for marker in [&text, &digits] {
        let place = if *marker == text { "text" } else { "digits" };
        let padded = |before: &str| format!("{before}{marker}@corp.example");
        let percent: Vec<_> = marker.bytes().map(|b| format!("%{b:02X}")).collect();
        let json: Vec<_> = marker.bytes().map(|b| format!("\\u{b:04x}")).collect();
        let mut written = vec![
            marker.clone(),
            marker.to_uppercase(),
            percent.concat(),
            json.concat(),
        ];
        for before in ["", "x", "xy", "xyz"] {
            let padded = padded(before);
            written.push(BASE64.encode(padded.as_bytes()));
            written.push(data_encoding::BASE64URL_NOPAD.encode(padded.as_bytes()));
            written.push(HEXLOWER_PERMISSIVE.encode(padded.as_bytes()));
        }
        for written in written {
            let log = format!("{{\"a\":\"x{written}\"}}");
            let found = markers.found(log.as_bytes());
            assert!(found.contains_key(place), "{log}");
        }
    }
    assert!(markers.found(b"zqm0007k zqm000k 7091700076").is_empty());
}
