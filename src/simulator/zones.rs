//! `timeZoneID`: the offset from UTC of each of the 77 zones (facts part 6). No daylight saving time is documented.

use super::errors::{PARAMETER_VERIFIED_FAIL, Rejection};

/// Minutes east of UTC, by `timeZoneID` from 1 on.
#[rustfmt::skip]
const OFFSETS: [i64; 77] = [
    -720, -660, -600, -540, -480, -420, -420, -360, -360, -360, // 1 to 10
    -360, -300, -300, -300, -240, -240, -240, -210, -180, -180, // 11 to 20
    -180, -120,  -60,  -60,    0,    0,   60,   60,   60,   60, // 21 to 30
      60,  120,  120,  120,  120,  120,  120,  180,  180,  180, // 31 to 40
     180,  210,  240,  240,  270,  300,  300,  330,  345,  360, // 41 to 50
     360,  360,  390,  420,  420,  480,  480,  480,  480,  540, // 51 to 60
     540,  540,  570,  570,  600,  600,  600,  600,  600,  660, // 61 to 70
     720,  720,  720,  540,    0,  240,  720,                   // 71 to 77
];

/// Minutes east of UTC of the zone `id`, `"1"` to `"77"`.
pub(super) fn offset_minutes(id: &str) -> Result<i64, Rejection> {
    let number: usize = id.parse().map_err(|_| PARAMETER_VERIFIED_FAIL)?;
    number
        .checked_sub(1)
        .and_then(|index| OFFSETS.get(index))
        .copied()
        .ok_or(PARAMETER_VERIFIED_FAIL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones() {
        for (id, minutes) in [
            ("1", -720),
            ("18", -210),
            ("26", 0),
            ("42", 210),
            ("49", 345),
            ("53", 390),
            ("56", 480),
            ("63", 570),
            ("70", 660),
            ("77", 720),
        ] {
            assert_eq!(offset_minutes(id), Ok(minutes), "{id}");
        }
        for id in ["0", "78", "", "-1", "x"] {
            assert_eq!(offset_minutes(id), Err(PARAMETER_VERIFIED_FAIL), "{id}");
        }
    }
}
