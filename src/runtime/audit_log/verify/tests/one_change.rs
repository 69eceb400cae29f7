//! One change of one file of a log: what is told, and how often.

use super::*;

fn replace(line: &mut Vec<u8>, from: &str, to: &str) {
    let text = String::from_utf8(line.clone()).unwrap();
    assert!(text.contains(from), "{text}");
    *line = text.replacen(from, to, 1).into_bytes();
}

/// What is done to the lines of the second file, and what is told of it: at which line what.
type Case = (
    &'static str,
    fn(&mut Vec<Vec<u8>>),
    &'static [(u64, FindingKind)],
);

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn each_change_is_told_once_and_where_it_is() {
    use FindingKind::{Changed, Missing, NewChain, NotSealed, OutOfOrder, Torn};
    // Of the second file: its lines 1 to 13 are 14 to 26 of the chain.
    let cases: &[Case] = &[
        (
            "a text",
            |l| replace(&mut l[2], "\"r1\"", "\"r9\""),
            &[(3, Changed)],
        ),
        (
            "a hash",
            |l| {
                let at = l[2].len() - 4;
                l[2][at] = if l[2][at] == b'0' { b'1' } else { b'0' };
            },
            &[(3, Changed)],
        ),
        (
            "a number",
            |l| replace(&mut l[2], "\"seq\":16", "\"seq\":160"),
            &[(3, Changed)],
        ),
        (
            "a lower number",
            |l| replace(&mut l[2], "\"seq\":16", "\"seq\":1"),
            &[(3, OutOfOrder), (4, Missing)],
        ),
        ("a line out", |l| drop(l.remove(2)), &[(3, Missing)]),
        ("three lines out", |l| drop(l.drain(2..5)), &[(3, Missing)]),
        ("two swapped", |l| l.swap(2, 3), &[(3, Missing)]),
        (
            "one again",
            |l| l.insert(3, l[2].clone()),
            &[(4, OutOfOrder)],
        ),
        (
            "one again later",
            |l| l.insert(6, l[2].clone()),
            &[(7, OutOfOrder)],
        ),
        (
            "a foreign line in",
            |l| l.insert(3, b"{\"a\":1}\n".to_vec()),
            &[(4, NotSealed)],
        ),
        (
            "an empty line in",
            |l| l.insert(3, b"\n".to_vec()),
            &[(4, NotSealed)],
        ),
        (
            "a line in its place",
            |l| l[3] = b"{\"a\":1}\n".to_vec(),
            &[(4, NotSealed)],
        ),
        (
            "a carriage return",
            |l| replace(&mut l[2], "\n", "\r\n"),
            &[(3, NotSealed)],
        ),
        (
            "a space",
            |l| replace(&mut l[2], "\"schema\":", "\"schema\": "),
            &[(3, Changed)],
        ),
        (
            "merged",
            |l| {
                l[2].pop();
            },
            &[(3, Changed), (4, Missing)],
        ),
        (
            "split",
            |l| l[2].insert(30, b'\n'),
            &[(3, NotSealed), (4, NotSealed)],
        ),
        ("torn", |l| l[12].truncate(20), &[(13, Torn)]),
        ("its head out", |l| drop(l.remove(0)), &[(1, Missing)]),
        (
            "its head changed",
            |l| replace(&mut l[0], "rotated", "started"),
            &[(1, Changed)],
        ),
        (
            "another beginning",
            |l| {
                l.clear();
                let mut chain = Chain::new(ChainSettings::default(), None);
                let mut line = Vec::new();
                chain.start(std::time::Duration::ZERO, &mut line);
                l.push(line);
            },
            &[(1, NewChain)],
        ),
    ];
    let whole = Log::new(None);
    for (name, change, expected) in cases {
        let mut log = whole.clone();
        let mut lines = log.lines(1);
        change(&mut lines);
        log.set(1, &lines);
        let found: Vec<_> = log
            .found(Options::default())
            .into_iter()
            .filter(|(file, ..)| file == "1")
            .map(|(_, line, kind)| (line, kind))
            .collect();
        assert_eq!(
            found,
            *expected,
            "{name}: {:#?}",
            log.verified(Options::default()).findings
        );
    }
}
