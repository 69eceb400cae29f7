//! The texts of whole numbers in a range, as a pattern: JSON Schema can bound a number, but not the number that a text spells.

/// A pattern, without anchors, of the numbers from `least` to `most` in their one canonical spelling: digits, no zero in front.
/// Nothing matches where `least` is larger.
pub(super) fn between(least: u64, most: u64) -> String {
    let mut alternatives = Vec::new();
    let mut from = least;
    while from <= most {
        // All that have as many digits.
        let last = 10_u64
            .checked_pow(from.checked_ilog10().unwrap_or(0) + 1)
            .map_or(u64::MAX, |next| next - 1);
        let to = last.min(most);
        same_length(
            &digits(from),
            &digits(to),
            &mut String::new(),
            &mut alternatives,
        );
        match to.checked_add(1) {
            Some(next) => from = next,
            None => break,
        }
    }
    format!("(?:{})", alternatives.join("|"))
}

fn digits(number: u64) -> Vec<u8> {
    let text = number.to_string();
    text.bytes().map(|byte| byte - b'0').collect()
}

/// Adds the alternatives of the numbers between two of the same length, all behind `prefix`.
fn same_length(from: &[u8], to: &[u8], prefix: &mut String, found: &mut Vec<String>) {
    let (Some((first, from_rest)), Some((last, to_rest))) = (from.split_first(), to.split_first())
    else {
        found.push(prefix.clone());
        return;
    };
    let kept = prefix.len();
    if first == last {
        push(prefix, *first);
        same_length(from_rest, to_rest, prefix, found);
        prefix.truncate(kept);
        return;
    }
    let whole_below = from_rest.iter().all(|digit| *digit == 0);
    let whole_above = to_rest.iter().all(|digit| *digit == 9);
    if !whole_below {
        push(prefix, *first);
        same_length(from_rest, &vec![9; from_rest.len()], prefix, found);
        prefix.truncate(kept);
    }
    let low = if whole_below { *first } else { first + 1 };
    let high = if whole_above {
        *last
    } else {
        last.saturating_sub(1)
    };
    if low <= high {
        let head = if low == high {
            low.to_string()
        } else {
            format!("[{low}-{high}]")
        };
        let tail = match from_rest.len() {
            0 => String::new(),
            1 => "[0-9]".to_owned(),
            many => format!("[0-9]{{{many}}}"),
        };
        found.push(format!("{prefix}{head}{tail}"));
    }
    if !whole_above {
        push(prefix, *last);
        same_length(&vec![0; to_rest.len()], to_rest, prefix, found);
        prefix.truncate(kept);
    }
}

fn push(prefix: &mut String, digit: u8) {
    prefix.push(char::from(b'0' + digit));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_the_numbers_of_a_range_match() {
        for (least, most) in [
            (15, 1440),
            (0, 60),
            (1, 15),
            (0, 0),
            (7, 7),
            (0, 31),
            (1, 77),
            (99, 101),
            (0, 1999),
            (5, 4),
        ] {
            let pattern = regex::Regex::new(&format!("^{}$", between(least, most))).unwrap();
            for number in 0..=2000 {
                let inside = (least..=most).contains(&number);
                assert_eq!(
                    pattern.is_match(&number.to_string()),
                    inside,
                    "{number} in {least}..={most}: {pattern}"
                );
                assert!(!pattern.is_match(&format!("0{number}")), "{pattern}");
            }
        }
        assert_eq!(
            between(15, 1440),
            "(?:1[5-9]|[2-9][0-9]|[1-9][0-9]{2}|1[0-3][0-9]{2}|14[0-3][0-9]|1440)"
        );
        let widest = regex::Regex::new(&format!("^{}$", between(0, u64::MAX))).unwrap();
        assert!(widest.is_match(&u64::MAX.to_string()));
    }
}
