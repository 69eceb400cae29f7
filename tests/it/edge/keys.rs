//! Documents that two readers of JSON take for two documents: the contract never sees one of them, the upstream none.

use super::attack::{Attack, body, refused, with};

const MALFORMED: (u16, &str) = (400, "MGW.4000002");
const LOOK_ALIKE: (u16, &str) = (400, "MGW.4000003");
const VIOLATION: (u16, &str) = (400, "MGW.4000004");

fn document(text: &[u8]) -> Vec<u8> {
    let head = with(&format!("content-length: {}\r\n", text.len()));
    [head.as_bytes(), text].concat()
}

/// The usual document with further members.
fn more(about: &'static str, members: &str, answer: (u16, &'static str)) -> Attack {
    let text = body();
    let (_, rest) = text.split_at(1);
    refused(
        about,
        document(format!("{{{members},{rest}").as_bytes()),
        answer,
    )
}

/// Another document.
fn other(about: &'static str, text: impl AsRef<[u8]>) -> Attack {
    refused(about, document(text.as_ref()), MALFORMED)
}

attacks! {
    twice: more("a member twice", r#""length":30,"length":3000"#, MALFORMED);
    twice_the_same: more("a member twice with the same value", r#""length":30,"length":30"#, MALFORMED);
    twice_escaped: more("a member, and its name in escapes", r#""length":30,"\u006cength":3000"#, MALFORMED);
    twice_inside: more("a member twice, deeper", r#""confConfigInfo":{"isAutoMute":0,"isAutoMute":1}"#, MALFORMED);
    another_case: more("a name in another case", r#""Length":3000"#, LOOK_ALIKE);
    another_case_beside: more("a name in both cases", r#""length":30,"LENGTH":3000"#, LOOK_ALIKE);
    space_behind: more("a name with a space behind", r#""length ":3000"#, LOOK_ALIKE);
    tab_before: more("a name with a tab before", r#""\tlength":3000"#, LOOK_ALIKE);
    nul_behind: more("a name with NUL behind", r#""length\u0000":3000"#, MALFORMED);
    invisible: more("a name with an invisible character", r#""len\u200bgth":3000"#, LOOK_ALIKE);
    long_s: more("a name with another letter for s", r#""\u017fubject":"x""#, LOOK_ALIKE);
    lone_surrogate: more("half a surrogate pair", r#""subject":"\ud800""#, MALFORMED);
    exponent: more("a number as an exponent is that number", r#""length":3e1"#, (200, ""));
    fraction: more("a number with a fraction", r#""length":30.5"#, VIOLATION);
    large_number: more("a number over 2^64", r#""length":18446744073709551646"#, MALFORMED);
    huge_exponent: more("a number over every double", r#""length":1e999"#, MALFORMED);
    leading_zero: more("a leading zero", r#""length":030"#, MALFORMED);
    hexadecimal: more("a hexadecimal number", r#""length":0x1e"#, MALFORMED);
    not_a_number: more("NaN", r#""length":NaN"#, MALFORMED);
    comment: more("a comment", r#"/* "length":30 */ "length":3000"#, MALFORMED);
    trailing_comma: other("a comma at the end", r#"{"length":30,}"#);
    single_quotes: other("single quotes", "{'length':30}");
    two_documents: other("two documents", format!("{0}{0}", body()));
    behind: other("something behind the document", format!("{}x", body()));
    nul_at_the_end: other("NUL behind the document", format!("{}\0", body()));
    byte_order_mark: other("a byte order mark", format!("\u{feff}{}", body()));
    utf_16: other("UTF-16", body().encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>());
    overlong: other("overlong UTF-8", b"{\"subject\":\"\xc0\xaf\"}");
    not_utf8: other("bytes that are not UTF-8", b"{\"subject\":\"\xff\"}");
    deep: other("ten thousand levels", "[".repeat(10_000) + &"]".repeat(10_000));
    empty: other("nothing", "");
    only_space: other("white space", " \r\n\t ");
}
