//! Steps over a JSON text without reading it: where texts end. For a text that is known to be JSON; of any other it
//! says something or nothing, and never fails.

use memchr::memchr2;

/// Behind the closing quote of the text that begins with the quote at `from`.
pub(super) fn end_of_text(json: &[u8], from: usize) -> Option<usize> {
    let mut at = from + 1;
    loop {
        at += memchr2(b'"', b'\\', json.get(at..)?)?;
        match json.get(at)? {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// Behind white space, where there is some: programs write none.
#[inline]
pub(super) fn skip_space(json: &[u8], from: usize) -> usize {
    match json.get(from) {
        Some(0..=b' ') => behind_space(json, from),
        _ => from,
    }
}

#[cold]
fn behind_space(json: &[u8], from: usize) -> usize {
    let rest = json.get(from..).unwrap_or_default();
    let space = rest.iter().take_while(|byte| is_space(**byte));
    from + space.count()
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// What a text between its quotes says, as far as that is ASCII: anything else stands as bytes that no ASCII has.
pub(super) fn unescaped(text: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut rest = text;
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'\\' {
            out.push(*first);
            continue;
        }
        let Some((escape, behind)) = rest.split_first() else {
            return;
        };
        rest = behind;
        out.push(match escape {
            b'u' => {
                let (digits, behind) = rest.split_at(rest.len().min(4));
                rest = behind;
                let digits = std::str::from_utf8(digits).unwrap_or_default();
                let code = u16::from_str_radix(digits, 16).ok();
                code.and_then(|code| u8::try_from(code).ok())
                    .filter(u8::is_ascii)
                    .unwrap_or(0xFF)
            }
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            itself => *itself,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_end_where_they_end() {
        for (text, end) in [
            (r#""a\"b\\" x"#, Some(8)),
            (r#""open"#, None),
            (r#""open\"#, None),
            ("", None),
        ] {
            assert_eq!(end_of_text(text.as_bytes(), 0), end, "{text}");
        }
        assert_eq!(skip_space(b" \t\r\n:", 0), 4);
        assert_eq!(skip_space(b"", 7), 7);
    }

    #[test]
    fn escapes_are_undone_as_far_as_they_are_ascii() {
        for (text, expected) in [
            (r"\u0063nr\/1\\", &b"cnr/1\\"[..]),
            (r"a\n\ud800\u00e9b", b"a\n\xFF\xFFb"),
            (r"\u00", b"\0"),
            (r"\", b""),
        ] {
            let mut out = vec![1];
            unescaped(text.as_bytes(), &mut out);
            assert_eq!(out, expected, "{text}");
        }
    }
}
