//! The canonical spellings of texts. Each is total and idempotent: a text that cannot be read is left as it is, for the
//! validation to refuse, and nothing that carries meaning is lost.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::civil_time;

/// How the texts of a member are brought to one spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NormalForm {
    /// Without white space at the ends.
    Trim,
    /// A comma list of media: trimmed, each once, in the order of [`MEDIA_TYPES`].
    MediaTypes,
    /// An e-mail address: trimmed, its domain in lower case (RFC 5321 section 2.4: the local part keeps its case).
    EmailDomain,
    /// A telephone number: E.164 where it says that it is international; SIP and local numbers are only trimmed.
    Phone,
    /// A time: `yyyy-MM-dd HH:mm` in UTC, also from RFC 3339 with an offset.
    UtcMinutes,
    /// An integer kept in a text: trimmed; a JSON integer becomes its text.
    DecimalText,
}

/// The known media, in their canonical order.
///
/// `Video` comes before `HDVideo`. One client holds that `Video` wins where both are named; nothing is dropped for that, since
/// a canonical spelling must not change what is asked for.
pub const MEDIA_TYPES: [&str; 5] = ["Voice", "Video", "HDVideo", "Telepresence", "Data"];

impl NormalForm {
    /// Its name in the schema files.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "trim" => Self::Trim,
            "media-types" => Self::MediaTypes,
            "email-domain" => Self::EmailDomain,
            "phone" => Self::Phone,
            "utc-minutes" => Self::UtcMinutes,
            "decimal-text" => Self::DecimalText,
            _ => return None,
        })
    }

    /// Why a text was changed, in a few words.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Trim | Self::DecimalText => "white space at the ends removed",
            Self::MediaTypes => "media types in their canonical order, each once",
            Self::EmailDomain => "domain of the address in lower case, no white space",
            Self::Phone => "number written as E.164",
            Self::UtcMinutes => "time written in UTC as yyyy-MM-dd HH:mm",
        }
    }

    /// Whether a text has the canonical spelling, or cannot be read.
    pub(super) fn is_of(self, text: &str) -> bool {
        self.apply(text).is_none()
    }

    /// The canonical spelling; `None` where the text has it already, or cannot be read.
    pub fn apply(self, text: &str) -> Option<String> {
        if self.is_plainly_that_of(text) {
            return None;
        }
        self.another(text)
    }

    /// The same of a text of which nothing is known.
    fn another(self, text: &str) -> Option<String> {
        let canonical = match self {
            Self::Trim | Self::DecimalText => Cow::Borrowed(text.trim()),
            Self::MediaTypes => media_types(text),
            Self::EmailDomain => email(text.trim()),
            Self::Phone => phone(text.trim()),
            Self::UtcMinutes => utc_minutes(text.trim()),
        };
        // A borrowed text that is as long as the whole is the whole.
        (canonical != text).then(|| canonical.into_owned())
    }

    /// Whether a text is canonical beyond doubt: what nearly all are, seen without making anything.
    fn is_plainly_that_of(self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let is_trimmed = bytes.first().is_none_or(u8::is_ascii_graphic)
            && bytes.last().is_none_or(u8::is_ascii_graphic);
        let is_plain = || match self {
            Self::Trim | Self::DecimalText => true,
            Self::MediaTypes => is_list_of_media(text),
            Self::EmailDomain => {
                let domain = bytes.iter().rev().take_while(|byte| **byte != b'@');
                let mut domain = domain.copied();
                domain.all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase())
            }
            Self::Phone => match bytes {
                [b'+', b'1'..=b'9', rest @ ..] => {
                    E164_DIGITS.contains(&(rest.len() + 1)) && rest.iter().all(u8::is_ascii_digit)
                }
                [b'+' | b'0', ..] => false,
                _ => true,
            },
            Self::UtcMinutes => civil_time::minute(text).is_some(),
        };
        is_trimmed && is_plain()
    }
}

/// Whether a text is a list of known media as it should be: in their order, each once, nothing between them but commas.
fn is_list_of_media(text: &str) -> bool {
    let mut rest = text;
    for media in MEDIA_TYPES {
        match rest.strip_prefix(media) {
            Some("") => return true,
            Some(behind) => match behind.strip_prefix(',') {
                Some(next) => rest = next,
                None => return false,
            },
            None => {}
        }
    }
    false
}

fn media_types(text: &str) -> Cow<'_, str> {
    let mut named = [false; MEDIA_TYPES.len()];
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        match MEDIA_TYPES.iter().position(|known| *known == part) {
            Some(at) => named[at] = true,
            // Unknown media are for the validation.
            None => return Cow::Borrowed(text),
        }
    }
    let mut known = MEDIA_TYPES.iter().zip(named).filter(|(_, named)| *named);
    let Some((first, _)) = known.next() else {
        return Cow::Borrowed(text);
    };
    let mut list = Cow::Borrowed(*first);
    for (media, _) in known {
        let list = list.to_mut();
        list.push(',');
        list.push_str(media);
    }
    list
}

fn email(text: &str) -> Cow<'_, str> {
    match text.rsplit_once('@') {
        Some((local, domain)) if domain.chars().any(char::is_uppercase) => {
            Cow::Owned(format!("{local}@{}", domain.to_lowercase()))
        }
        _ => Cow::Borrowed(text),
    }
}

/// Digits after the `+`: at most 15 (E.164, section 6), and at least 7, below which no national number with its country is.
const E164_DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

fn phone(text: &str) -> Cow<'_, str> {
    let is_separator = |c: char| matches!(c, ' ' | '\u{a0}' | '-' | '.' | '(' | ')' | '[' | ']');
    let international = text.strip_prefix('+').or_else(|| text.strip_prefix("00"));
    let Some(rest) = international else {
        return Cow::Borrowed(text);
    };
    // "+44 (0) 20": the digit in brackets is dialled at home only; which number is meant is for a person to say.
    let trunk_digit = || rest.contains("(0)");
    let mut digits = String::with_capacity(rest.len() + 1);
    digits.push('+');
    digits.extend(rest.chars().filter(|&c| !is_separator(c)));
    let number = &digits[1..];
    let readable = E164_DIGITS.contains(&number.len())
        && number.bytes().all(|b| b.is_ascii_digit())
        && !number.starts_with('0')
        && !trunk_digit();
    if readable {
        Cow::Owned(digits)
    } else {
        Cow::Borrowed(text)
    }
}

fn utc_minutes(text: &str) -> Cow<'_, str> {
    if text.is_empty() || civil_time::minute(text).is_some() || text.contains('[') {
        return Cow::Borrowed(text);
    }
    let Ok(instant) = text.parse::<Timestamp>() else {
        return Cow::Borrowed(text);
    };
    let utc = instant.to_zoned(TimeZone::UTC).datetime();
    // Seconds cannot be kept, so they are not dropped either.
    if utc.second() != 0 || utc.subsec_nanosecond() != 0 || utc.year() < 1 {
        return Cow::Borrowed(text);
    }
    Cow::Owned(utc.strftime("%Y-%m-%d %H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_take_their_canonical_spelling() {
        use NormalForm::{DecimalText, EmailDomain, MediaTypes, Phone, Trim, UtcMinutes};
        let cases = [
            (Trim, " \u{3000}a b\t", "a b"),
            (Trim, "a b", "a b"),
            (DecimalText, " 56", "56"),
            (MediaTypes, "Data,Voice,HDVideo", "Voice,HDVideo,Data"),
            (MediaTypes, "HDVideo , Video,HDVideo", "Video,HDVideo"),
            (MediaTypes, "Voice,", "Voice"),
            (MediaTypes, "Voice,Smell", "Voice,Smell"),
            (MediaTypes, "voice", "voice"),
            (MediaTypes, " , ", " , "),
            (
                EmailDomain,
                " Ann.Lee@CORP.Example ",
                "Ann.Lee@corp.example",
            ),
            (EmailDomain, "no address", "no address"),
            (Phone, "+86 (138) 1234-5678", "+8613812345678"),
            (Phone, "008613812345678", "+8613812345678"),
            (Phone, "+44 (0)20 7946 0000", "+44 (0)20 7946 0000"),
            (Phone, "+86 138 CALL", "+86 138 CALL"),
            (Phone, "+0123456789", "+0123456789"),
            (Phone, "+1234567890123456", "+1234567890123456"),
            (Phone, "0012", "0012"),
            (Phone, "13812345678", "13812345678"),
            (Phone, " sip:ann@corp.example ", "sip:ann@corp.example"),
            (UtcMinutes, " 2026-09-01 08:30 ", "2026-09-01 08:30"),
            (UtcMinutes, "2026-09-01T08:30:00Z", "2026-09-01 08:30"),
            (UtcMinutes, "2026-09-01T08:30:00+08:00", "2026-09-01 00:30"),
            (UtcMinutes, "2026-09-01T00:30+08:00", "2026-08-31 16:30"),
            (
                UtcMinutes,
                "2026-09-01T08:30:00.000-05:30",
                "2026-09-01 14:00",
            ),
            (UtcMinutes, "2026-09-01T08:30:15Z", "2026-09-01T08:30:15Z"),
            (UtcMinutes, "2026-09-01T08:30", "2026-09-01T08:30"),
            (UtcMinutes, "2026-02-30T08:30:00Z", "2026-02-30T08:30:00Z"),
            (UtcMinutes, "", ""),
        ];
        for (form, text, canonical) in cases {
            let once = form.apply(text).unwrap_or_else(|| text.to_owned());
            assert_eq!(once, canonical, "{form:?}");
            assert_eq!(form.apply(&once), None, "{form:?} of {once:?} again");
            assert_eq!(form.apply(text).is_some(), text != canonical);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_plainly_canonical_would_not_be_changed(
            text in "\\PC{0,24}|[ +0-9().-]{0,24}|(Voice|Video|HDVideo|Telepresence|Data|,){0,6}|[a-z@.A-Z\u{a0}é]{0,9}|[a-z]{1,3}@[a-zA-Z.é]{1,6}|\\+[0-9]{5,17}"
        ) {
            for name in ["trim", "media-types", "email-domain", "phone", "utc-minutes", "decimal-text"] {
                let form = NormalForm::named(name).unwrap();
                proptest::prop_assert_eq!(form.apply(&text), form.another(&text), "{} of {:?}", name, text);
            }
        }

        #[test]
        fn every_form_is_total_and_idempotent(text in "\\PC{0,24}|[ +0-9().-]{0,24}|[ ,VoiceHDData]{0,24}") {
            for name in ["trim", "media-types", "email-domain", "phone", "utc-minutes", "decimal-text"] {
                let form = NormalForm::named(name).unwrap();
                if let Some(once) = form.apply(&text) {
                    proptest::prop_assert_eq!(form.apply(&once), None, "{} of {:?}", name, text);
                }
            }
        }
    }
}
