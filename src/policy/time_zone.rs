//! The upstream's time zones: the ids `"1"` to `"77"` of `timeZoneID`, and one IANA zone for each.
//!
//! Source: the table of time zones in the appendix of the API reference. It has a label with an offset, such as "(GMT+08:00)
//! Beijing, Chongqing, Hong Kong, Urumqi, Taipei", and knows nothing of daylight saving time. The offset is only a label: here
//! the *place* decides, with the rules that hold there today.
//!
//! - Of several places it is one whose standard time still is the offset printed, under the name that the IANA database has
//!   for it today (`Asia/Kolkata` for "Calcutta").
//! - Some have moved since the table was drawn, and the place is preferred to the label: 1 (Kwajalein, -12, is +12 since 1993),
//!   21 (Greenland, -3, is -2), 50 (Almaty, +6, is +5; Novosibirsk is +7), 52 (Sri Lanka, +6, is +5:30), 74 (Irkutsk, +9, is
//!   +8 again), 75 (Casablanca, 0, is +1 but for Ramadan).
//! - Because a place beside them moved: 25 is Monrovia (Casablanca has 75), 32 Athens (Istanbul is +3), 51 Dhaka (Astana is +5).
//! - 57 and 74 are one place, as are 44 and 76: the table gives 74 another offset, the rules of today give it the same.
//! - 22, "Mid-Atlantic", names no place. South Georgia is the land there that keeps -2 all year.

/// The IANA name for an id, written as the upstream writes it: no sign, no leading zero, no space.
pub(super) fn iana(id: &str) -> Option<&'static str> {
    Some(match id {
        "1" => "Pacific/Kwajalein",
        "2" => "Pacific/Pago_Pago",
        "3" => "Pacific/Honolulu",
        "4" => "America/Anchorage",
        "5" => "America/Los_Angeles",
        "6" => "America/Phoenix",
        "7" => "America/Denver",
        "8" => "America/Guatemala",
        "9" => "America/Chicago",
        "10" => "America/Mexico_City",
        "11" => "America/Regina",
        "12" => "America/Bogota",
        "13" => "America/New_York",
        "14" => "America/Indiana/Indianapolis",
        "15" => "America/Halifax",
        "16" => "America/Caracas",
        "17" => "America/Santiago",
        "18" => "America/St_Johns",
        "19" => "America/Sao_Paulo",
        "20" => "America/Argentina/Buenos_Aires",
        "21" => "America/Nuuk",
        "22" => "Atlantic/South_Georgia",
        "23" => "Atlantic/Azores",
        "24" => "Atlantic/Cape_Verde",
        "25" => "Africa/Monrovia",
        "26" => "Europe/London",
        "27" => "Europe/Berlin",
        "28" => "Europe/Belgrade",
        "29" => "Europe/Paris",
        "30" => "Europe/Warsaw",
        "31" => "Africa/Lagos",
        "32" => "Europe/Athens",
        "33" => "Europe/Bucharest",
        "34" => "Africa/Cairo",
        "35" => "Africa/Johannesburg",
        "36" => "Europe/Helsinki",
        "37" => "Asia/Jerusalem",
        "38" => "Asia/Baghdad",
        "39" => "Asia/Riyadh",
        "40" => "Europe/Moscow",
        "41" => "Africa/Nairobi",
        "42" => "Asia/Tehran",
        "43" => "Asia/Dubai",
        "44" | "76" => "Asia/Baku",
        "45" => "Asia/Kabul",
        "46" => "Asia/Yekaterinburg",
        "47" => "Asia/Karachi",
        "48" => "Asia/Kolkata",
        "49" => "Asia/Kathmandu",
        "50" => "Asia/Almaty",
        "51" => "Asia/Dhaka",
        "52" => "Asia/Colombo",
        "53" => "Asia/Yangon",
        "54" => "Asia/Bangkok",
        "55" => "Asia/Krasnoyarsk",
        "56" => "Asia/Shanghai",
        "57" | "74" => "Asia/Irkutsk",
        "58" => "Asia/Singapore",
        "59" => "Australia/Perth",
        "60" => "Asia/Tokyo",
        "61" => "Asia/Seoul",
        "62" => "Asia/Yakutsk",
        "63" => "Australia/Adelaide",
        "64" => "Australia/Darwin",
        "65" => "Australia/Brisbane",
        "66" => "Australia/Sydney",
        "67" => "Pacific/Port_Moresby",
        "68" => "Australia/Hobart",
        "69" => "Asia/Vladivostok",
        "70" => "Asia/Magadan",
        "71" => "Pacific/Auckland",
        "72" => "Pacific/Fiji",
        "73" => "Pacific/Tongatapu",
        "75" => "Africa/Casablanca",
        "77" => "Asia/Kamchatka",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;

    #[test]
    fn every_id_is_a_zone_that_the_database_knows() {
        let ids = 1..=77;
        for id in ids.clone() {
            let name = iana(&id.to_string()).unwrap_or_else(|| panic!("{id} is missing"));
            let zone = TimeZone::get(name).unwrap_or_else(|error| panic!("{id}: {error}"));
            assert_eq!(zone.iana_name(), Some(name), "{id}");
        }
        let found = (0..1000).filter(|id| iana(&id.to_string()).is_some());
        assert_eq!(found.count(), ids.count());
    }

    #[test]
    fn places_keep_the_printed_offset_but_for_those_named_above() {
        // Minutes, in the order of the ids.
        #[rustfmt::skip]
        let printed = [
            -720, -660, -600, -540, -480, -420, -420, -360, -360, -360, -360, -300, -300, -300, -240, -240, -240, -210, -180,
            -180, -180, -120, -60, -60, 0, 0, 60, 60, 60, 60, 60, 120, 120, 120, 120, 120, 120, 180, 180, 180, 180, 210, 240,
            240, 270, 300, 300, 330, 345, 360, 360, 360, 390, 420, 420, 480, 480, 480, 480, 540, 540, 540, 570, 570, 600, 600,
            600, 600, 600, 660, 720, 720, 780, 540, 0, 240, 720,
        ];
        assert_eq!(printed.len(), 77);
        let offset = |zone: &TimeZone, at: &str| {
            zone.to_offset(at.parse::<Timestamp>().unwrap()).seconds() / 60
        };
        let moved: Vec<usize> = (1..=77)
            .filter(|id| {
                let zone = TimeZone::get(iana(&id.to_string()).unwrap()).unwrap();
                let winter = offset(&zone, "2026-01-10T00:00:00Z");
                let summer = offset(&zone, "2026-07-10T00:00:00Z");
                winter.min(summer) != printed[id - 1]
            })
            .collect();
        assert_eq!(moved, [1, 21, 50, 52, 74, 75]);
    }

    #[test]
    fn nothing_else_is_an_id() {
        for id in [
            "0", "78", "01", "", "x", "+1", "-1", " 1", "1 ", "1.0", "\u{661}",
        ] {
            assert_eq!(iana(id), None, "{id:?}");
        }
    }
}
