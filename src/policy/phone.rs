//! Where a telephone number belongs, by its first digits.
//!
//! Sources: ITU-T, "List of Recommendation ITU-T E.164 assigned country codes"; for the area codes that split +1, the North
//! American Numbering Plan Administration (nanpa.com) and the Canadian Numbering Administrator.
//!
//! - A number is E.164 text: `+`, then 7 to 15 digits, the first not 0. Nothing else: no space, no hyphen.
//! - The longest prefix in the table decides. No number is checked further: that a prefix is a country's does not mean that
//!   somebody answers there, and a mobile telephone may be anywhere.
//! - +1 is the United States unless the area code is another's: Canada, the Caribbean, the territories that have an ISO code
//!   of their own (`PR`, `GU`, ...). +7 is Russia, but 76 and 77 are Kazakhstan. +44 is the United Kingdom, but for the area and
//!   mobile codes of Guernsey, Jersey and Man. +39 06 698 and +379 are the Vatican.
//! - Where several countries share a code and the rest of the number is not looked at, it is the largest: +47 `NO` (also
//!   Svalbard), +61 `AU` (Christmas Island, Cocos), +212 `MA` (Western Sahara), +262 `RE` (Mayotte), +358 `FI` (Åland), +500
//!   `FK` (South Georgia), +590 `GP` (Saint-Barthélemy, Saint-Martin), +599 `CW` (Bonaire, Sint Eustatius, Saba), +672 `NF`
//!   (Antarctica).
//! - +247 is `SH`, of which Ascension is a part; +383 is `XK`, which ISO leaves to its users and everybody uses for Kosovo.
//! - Freephone, premium, personal and satellite numbers have no region: +800, +808, +870, +878, +881 to +883, +888, +979, and
//!   their like in +1. They have a calling code.

mod prefixes;

use prefixes::PREFIXES;

/// The shortest number that exists has seven digits, calling code included; E.164 ends at fifteen.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Digits of the longest prefix in the table.
const LONGEST_PREFIX: usize = 7;
/// Digits of the longest calling code.
const LONGEST_CODE: usize = 3;

/// The country of a number, as ISO 3166-1 alpha-2 code: `CN` for `+8613800138000`. None where it is no E.164 number, or where
/// the prefix is unassigned or no country's.
pub(super) fn region(number: &str) -> Option<&'static str> {
    let digits = digits(number)?;
    (1..=LONGEST_PREFIX)
        .rev()
        .find_map(|length| entry(digits.get(..length)?))
        .map(|(_, region)| region)
        .filter(|region| !region.is_empty())
}

/// The calling code of a number, without `+`: `86` for `+8613800138000`. None where it is no E.164 number, or where the code
/// is unassigned.
pub(super) fn calling_code(number: &str) -> Option<&'static str> {
    let digits = digits(number)?;
    (1..=LONGEST_CODE)
        .find_map(|length| entry(digits.get(..length)?))
        .map(|(code, _)| code)
}

/// The digits of an E.164 number.
fn digits(number: &str) -> Option<&str> {
    let digits = number.strip_prefix('+')?;
    let well_formed = DIGITS.contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    well_formed.then_some(digits)
}

/// The entry for exactly this prefix.
fn entry(prefix: &str) -> Option<(&'static str, &'static str)> {
    let at = PREFIXES
        .binary_search_by(|(known, _)| (*known).cmp(prefix))
        .ok()?;
    PREFIXES.get(at).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_of_the_sizes_that_the_search_takes() {
        assert!(PREFIXES.is_sorted_by(|a, b| a.0 < b.0));
        for (prefix, region) in PREFIXES {
            assert!(prefix.bytes().all(|byte| byte.is_ascii_digit()), "{prefix}");
            assert!(
                region.is_empty()
                    || region.len() == 2 && region.bytes().all(|b| b.is_ascii_uppercase()),
                "{prefix}"
            );
            assert!((1..=LONGEST_PREFIX).contains(&prefix.len()), "{prefix}");
            let number = format!("+{prefix:2<8}");
            assert_eq!(
                super::region(&number),
                Some(*region).filter(|r| !r.is_empty())
            );
            assert!(calling_code(&number).is_some_and(|code| prefix.starts_with(code)));
        }
    }

    #[test]
    fn calling_codes_are_the_assigned_ones() {
        let codes: std::collections::BTreeSet<&str> = (10..1000)
            .filter_map(|first| calling_code(&format!("+{first}000000")))
            .collect();
        assert_eq!(codes.len(), 218);
        for spare in [
            "210", "214", "259", "280", "384", "422", "671", "699", "830", "990",
        ] {
            let number = format!("+{spare}123456");
            assert_eq!(
                (calling_code(&number), region(&number)),
                (None, None),
                "{spare}"
            );
        }
    }

    #[test]
    fn numbers_belong_to_their_countries() {
        for (number, expected) in [
            ("+8613800138000", Some(("86", Some("CN")))),
            ("+85221234567", Some(("852", Some("HK")))),
            ("+85328123456", Some(("853", Some("MO")))),
            ("+886223456789", Some(("886", Some("TW")))),
            ("+12125550100", Some(("1", Some("US")))),
            ("+14165550100", Some(("1", Some("CA")))),
            ("+18765550100", Some(("1", Some("JM")))),
            ("+17875550100", Some(("1", Some("PR")))),
            ("+18005550100", Some(("1", None))),
            ("+19005550100", Some(("1", None))),
            ("+10125550100", Some(("1", None))),
            ("+19115550100", Some(("1", None))),
            ("+74951234567", Some(("7", Some("RU")))),
            ("+77012345678", Some(("7", Some("KZ")))),
            ("+442079460000", Some(("44", Some("GB")))),
            ("+441481960194", Some(("44", Some("GG")))),
            ("+441534960194", Some(("44", Some("JE")))),
            ("+447624300000", Some(("44", Some("IM")))),
            ("+390669812345", Some(("39", Some("VA")))),
            ("+390612345678", Some(("39", Some("IT")))),
            ("+4930123456", Some(("49", Some("DE")))),
            ("+420212345678", Some(("420", Some("CZ")))),
            ("+6834002", Some(("683", Some("NU")))),
            ("+5999123456", Some(("599", Some("CW")))),
            ("+80012345678", Some(("800", None))),
            ("+881612345678", Some(("881", None))),
            ("+97912345678", Some(("979", None))),
            ("+999123456789", None),
            ("+21012345678", None),
            ("+683400", None),
            ("+1234567890123456", None),
            ("+0123456789", None),
            ("8613800138000", None),
            ("008613800138000", None),
            ("+86 13800138000", None),
            ("+86-13800138000", None),
            ("+８613800138000", None),
            ("++8613800138000", None),
            ("+", None),
            ("", None),
        ] {
            let found = calling_code(number).map(|code| (code, region(number)));
            assert_eq!(found, expected, "{number}");
            assert!(found.is_some() || region(number).is_none(), "{number}");
        }
    }
}
