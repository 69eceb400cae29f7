//! The walk against `serde_json`, which knows the same grammar, and what is shown on the way.

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::*;

/// Everything that is shown, as text.
#[derive(Default)]
struct Shown(Vec<String>);

impl Watch for Shown {
    fn member(&mut self, member: &Member<'_>) {
        let name = member.name();
        self.0
            .push(format!("{} {name:?} at {}", member.depth, member.value));
    }

    fn scalar(&mut self, value: Range<usize>, depth: usize) {
        self.0.push(format!("{depth} {value:?}"));
    }

    fn opens(&mut self, at: usize, depth: usize, bracket: u8) {
        self.0
            .push(format!("{depth} {} at {at}", char::from(bracket)));
    }

    fn closes(&mut self, end: usize, depth: usize) {
        self.0.push(format!("{depth} ends at {end}"));
    }
}

fn agrees(text: &str) -> (bool, bool) {
    let expected = serde_json::from_str::<IgnoredAny>(text).is_ok();
    (walk(text, &mut ()).is_some(), expected)
}

#[test]
fn everything_is_shown_in_order_with_its_depth() {
    let mut shown = Shown::default();
    walk(r#"{"a" : [1, {}],"b\u0063":"x" }"#, &mut shown).unwrap();
    assert_eq!(
        shown.0,
        [
            "0 { at 0",
            "1 Some(\"a\") at 7",
            "1 [ at 7",
            "2 8..9",
            "2 { at 11",
            "2 ends at 13",
            "1 ends at 14",
            "1 Some(\"bc\") at 25",
            "1 25..28",
            "0 ends at 30",
        ]
    );
    let mut one = Shown::default();
    let mut other = Shown::default();
    walk(r#"["\ud800",{"\ud800":-1e9}]"#, &mut (&mut one, &mut other)).unwrap();
    assert_eq!(one.0, other.0);
    assert!(one.0.contains(&"2 None at 20".to_owned()), "{:?}", one.0);
}

#[test]
fn what_is_json_is_what_serde_json_says_is() {
    let deep = |open: &str, close: &str, n: usize| open.repeat(n) + "1" + &close.repeat(n);
    let mut cases: Vec<String> = [
        "",
        " ",
        "1",
        " 1 ",
        "-",
        "-0",
        "-01",
        "00",
        "0.",
        "0.5",
        ".5",
        "1e",
        "1e+",
        "1E-7",
        "1.e1",
        "1x",
        "+1",
        "1 2",
        "1e1.5",
        "true",
        "tru",
        "truex",
        "null",
        "nul",
        "false",
        "falsey",
        "nan",
        "'a'",
        "\"",
        "\"a",
        "\"a\"b",
        "\"\\",
        "\"\\\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\uD800\"",
        "\"\\u00e9\\n\\/\"",
        "\"\u{1}\"",
        "\"a\nb\"",
        "\"\u{7f}é\"",
        "[",
        "]",
        "[]",
        "[ ]",
        "[,]",
        "[1,]",
        "[1 2]",
        "[1,,2]",
        "[1}",
        "[}",
        "{",
        "}",
        "{}",
        "{ }",
        "{,}",
        "{]",
        "{1:2}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{\"a\":1 \"b\":2}",
        "{\"a\" 1}",
        "{\"a\"::1}",
        "{\"a\":1]",
        "{\"a\":{}}",
        "{a:1}",
        "[{\"a\":[]},1]",
        "{\"a\":1}{",
        "[]]",
        "\u{feff}1",
        "\u{a0}1",
        "\t\r\n1\u{b}",
        "/**/1",
        "{\"\":\"\"}",
        "\"0123456\\\"8\"",
        "\"01234567\"",
        "\"012345678\u{1f}\"",
        "\"0123456789abcdé\\\\\"",
    ]
    .map(str::to_owned)
    .into();
    for n in [63, 64, 65, 127, 128, 129, 200, 10_000] {
        cases.push(deep("[", "]", n));
        cases.push(deep("{\"a\":", "}", n));
        cases.push(deep("[{\"a\":", "}]", n));
        cases.push(deep("[{\"a\":", "]}", n));
        cases.push(deep("[", "]", n) + "]");
        cases.push("[".repeat(n));
    }
    for case in cases {
        let (got, expected) = agrees(&case);
        assert_eq!(got, expected, "{:?}", case.get(..80).unwrap_or(&case));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_pieces_of_json_are_judged_alike(text in "(\\{|\\}|\\[|\\]|,|:|\"a\"|\"b\\\\n\"|\"| |1|-|0|\\.5|e7|true|null|\\\\|\\\\u00|é|\n|\"a\":){0,12}") {
        let (got, expected) = agrees(&text);
        prop_assert_eq!(got, expected);
    }

    #[test]
    fn any_text_is_judged_alike(text in "\"([ -~]|é|\\\\[\"u0-9a-f/]|[\u{0}-\u{20}]){0,24}\"?") {
        let (got, expected) = agrees(&text);
        prop_assert_eq!(got, expected);
    }

    /// One byte of a good text in another's place.
    #[test]
    fn what_is_nearly_json_is_judged_alike(at in 0_usize..120, byte in 0_u8..128) {
        let good = r#"[{"a":"x\u00e9\n","b":[1,-2.5e+3,{}],"c":{"d":null,"e":[true,false]}, "f" : "0123456789abcdefghij\"" },[[]],0]"#;
        let mut bytes = good.as_bytes().to_vec();
        let at = at % bytes.len();
        bytes[at] = byte;
        if let Ok(text) = std::str::from_utf8(&bytes) {
            let (got, expected) = agrees(text);
            prop_assert_eq!(got, expected, "{}", text);
        }
    }
}
