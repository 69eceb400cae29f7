//! Steps over a JSON text without reading it: where texts and values end. For a text that is known to be JSON; of any other it
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

/// Behind the value that begins at `from`. However deep it is, nothing recurses.
pub(super) fn end_of_value(json: &[u8], from: usize) -> Option<usize> {
    match json.get(from)? {
        b'"' => end_of_text(json, from),
        b'[' | b'{' => end_of_container(json, from),
        _ => {
            let rest = json.get(from..)?;
            let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}') || is_space(*byte);
            Some(from + rest.iter().position(ends).unwrap_or(rest.len()))
        }
    }
}

fn end_of_container(json: &[u8], from: usize) -> Option<usize> {
    let (mut at, mut depth) = (from, 0_usize);
    loop {
        match json.get(at)? {
            b'"' => {
                at = end_of_text(json, at)?;
                continue;
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// Behind white space, where there is some.
pub(super) fn skip_space(json: &[u8], from: usize) -> usize {
    let rest = json.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| is_space(**byte)).count()
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
    fn values_end_where_they_end() {
        for (text, end) in [
            (r#""a\"b\\" x"#, Some(8)),
            (r#"{"a":["]}"]},1"#, Some(12)),
            ("[[],{}]]", Some(7)),
            ("-1.5e3]", Some(6)),
            ("1e999", Some(5)),
            ("null\n", Some(4)),
            (r#""open"#, None),
            (r#""open\"#, None),
            ("[[]", None),
            ("", None),
        ] {
            assert_eq!(end_of_value(text.as_bytes(), 0), end, "{text}");
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
