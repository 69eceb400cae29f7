//! The escapes inside bash's `$'...'`: `\n`, `\'`, `\x1b`, `\033`, `\u4f1a`, `\U0001f600`, `\cA`.

/// Reads what stands behind a backslash: the bytes it means, and how many bytes of the text it took. An escape that bash
/// does not know means itself, backslash and all.
pub(super) fn read(rest: &str) -> Result<(Vec<u8>, usize), &'static str> {
    let Some(c) = rest.chars().next() else {
        return Ok((b"\\".to_vec(), 0)); // the missing quote is the fault
    };
    let one = |byte: u8| Ok((vec![byte], 1));
    match c {
        'a' => one(0x07),
        'b' => one(0x08),
        'e' | 'E' => one(0x1b),
        'f' => one(0x0c),
        'n' => one(b'\n'),
        'r' => one(b'\r'),
        't' => one(b'\t'),
        'v' => one(0x0b),
        '\\' | '\'' | '"' | '?' => one(c as u8),
        '0'..='7' => {
            let (value, length) = digits(rest, 8, 3);
            byte(value, length)
        }
        'x' => match digits(behind(rest, 1), 16, 2) {
            (_, 0) => Ok((b"\\x".to_vec(), 1)),
            (value, length) => byte(value, length + 1),
        },
        'u' => character(rest, 4),
        'U' => character(rest, 8),
        'c' => match behind(rest, 1).bytes().next() {
            Some(control) if control.is_ascii() && control != b'\'' => {
                byte(u32::from(control & 0x1f), 2)
            }
            _ => Ok((b"\\c".to_vec(), 1)),
        },
        _ => {
            let mut bytes = vec![b'\\'];
            bytes.extend_from_slice(rest.get(..c.len_utf8()).unwrap_or_default().as_bytes());
            Ok((bytes, c.len_utf8()))
        }
    }
}

fn behind(text: &str, from: usize) -> &str {
    text.get(from..).unwrap_or_default()
}

/// Up to `most` digits, at most eight: their value and how many there are.
fn digits(text: &str, radix: u32, most: usize) -> (u32, usize) {
    text.chars()
        .take(most)
        .map_while(|c| c.to_digit(radix))
        .fold((0, 0), |(value, length), digit| {
            (value.wrapping_mul(radix) | digit, length + 1)
        })
}

fn byte(value: u32, length: usize) -> Result<(Vec<u8>, usize), &'static str> {
    // Of the largest octal escapes only the last eight bits count.
    match value.to_le_bytes() {
        [0, ..] => Err("a shell cannot pass on the character NUL"),
        [byte, ..] => Ok((vec![byte], length)),
    }
}

/// `\u` or `\U`, and the second half of a surrogate pair where this is a first.
fn character(rest: &str, most: usize) -> Result<(Vec<u8>, usize), &'static str> {
    let (first, length) = digits(behind(rest, 1), 16, most);
    let mut taken = length + 1;
    if length == 0 {
        let bytes = rest.get(..1).unwrap_or_default();
        return Ok((format!("\\{bytes}").into_bytes(), 1));
    }
    let mut value = first;
    if (0xd800..0xdc00).contains(&first) {
        let (second, length) = behind(rest, taken)
            .strip_prefix("\\u")
            .map_or((0, 0), |rest| digits(rest, 16, 4));
        if (0xdc00..0xe000).contains(&second) {
            value = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            taken += 2 + length;
        }
    }
    match char::from_u32(value) {
        Some('\0') => Err("a shell cannot pass on the character NUL"),
        Some(c) => Ok((c.to_string().into_bytes(), taken)),
        None => Err("this escape means no Unicode character"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_mean_what_they_mean_to_bash() {
        for (rest, expected) in [
            ("n'", Ok(("\n", 1))),
            ("'x", Ok(("'", 1))),
            ("\\", Ok(("\\", 1))),
            ("e[", Ok(("\u{1b}", 1))),
            ("0101", Ok(("\u{8}", 3))),
            ("101", Ok(("A", 3))),
            ("x41f", Ok(("A", 3))),
            ("x4", Ok(("\u{4}", 2))),
            ("xg", Ok(("\\x", 1))),
            ("u0021a", Ok(("!", 5))),
            ("u4f1a", Ok(("会", 5))),
            ("u21", Ok(("!", 3))),
            ("ug", Ok(("\\u", 1))),
            ("ud83d\\ude00", Ok(("😀", 11))),
            ("U0001f600", Ok(("😀", 9))),
            ("cA", Ok(("\u{1}", 2))),
            ("c'", Ok(("\\c", 1))),
            ("z", Ok(("\\z", 1))),
            ("é", Ok(("\\é", 2))),
            ("", Ok(("\\", 0))),
            ("0", Err("a shell cannot pass on the character NUL")),
            ("x00", Err("a shell cannot pass on the character NUL")),
            ("u0000", Err("a shell cannot pass on the character NUL")),
            ("ud83d", Err("this escape means no Unicode character")),
            ("ude00", Err("this escape means no Unicode character")),
            ("UFFFFFFFF", Err("this escape means no Unicode character")),
        ] {
            let expected = expected.map(|(text, length)| (text.as_bytes().to_vec(), length));
            assert_eq!(read(rest), expected, "{rest}");
        }
        assert_eq!(read("xff"), Ok((vec![0xff], 3)));
    }
}
