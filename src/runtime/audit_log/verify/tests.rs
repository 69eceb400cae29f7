//! The verifier before logs that were changed in every way that we can think of, and in a thousand drawn ways.

mod one_change;
mod tampering;

use super::*;
use crate::model::secret::Secret;
use crate::runtime::audit_log::chain::{Chain, ChainSettings};
use crate::runtime::audit_log::event::{Event, Reason};
use crate::runtime::audit_log::tail;

/// A log of three files, as a gateway writes them that turns twice, and ends in order.
#[derive(Debug, Clone)]
struct Log {
    files: Vec<Vec<u8>>,
    head: Head,
    key: Option<ChainKey>,
}

fn key(text: &str) -> ChainKey {
    ChainKey::new(&Secret::from(text))
}

fn request(number: u64) -> Vec<u8> {
    format!(r#"{{"schema":"meeting-gateway.audit/3","time":"2026-01-01T00:00:00.000Z","request_id":"r{number}","status":{}}}"#, 200 + number)
        .into_bytes()
}

impl Log {
    fn new(key: Option<ChainKey>) -> Self {
        let settings = ChainSettings {
            key: key.clone(),
            ..ChainSettings::default()
        };
        let mut chain = Chain::new(settings, None);
        let mut files = vec![Vec::new(); 3];
        for (index, file) in files.iter_mut().enumerate() {
            match index {
                0 => chain.start(std::time::Duration::ZERO, file),
                _ => chain.open(Reason::Rotated, file),
            }
            for number in 0..10 {
                if number == 4 {
                    chain.tell(Event::Dropped { count: 3 }, file);
                }
                chain.seal(&request(number), file);
            }
            chain.tell(
                if index < 2 {
                    Event::Rotated
                } else {
                    Event::Closed
                },
                file,
            );
        }
        Self {
            files,
            head: chain.head().unwrap(),
            key,
        }
    }

    fn lines(&self, file: usize) -> Vec<Vec<u8>> {
        self.files[file]
            .split_inclusive(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect()
    }

    fn set(&mut self, file: usize, lines: &[Vec<u8>]) {
        self.files[file] = lines.concat();
    }

    fn options(&self) -> Options {
        Options {
            keys: self.key.iter().cloned().collect(),
            heads: vec![self.head],
            closed: true,
            from_first: true,
            several_chains: false,
        }
    }

    fn verified(&self, options: Options) -> Report {
        let mut verifier = Verifier::new(options);
        for (index, file) in self.files.iter().enumerate() {
            verifier.read(&index.to_string(), &file[..]).unwrap();
        }
        verifier.finish()
    }

    /// What is found where, without the words.
    fn found(&self, options: Options) -> Vec<(String, u64, FindingKind)> {
        let report = self.verified(options);
        report
            .findings
            .iter()
            .map(|found| (found.file.to_string(), found.line, found.kind))
            .collect()
    }
}

#[test]
fn a_whole_log_is_whole() {
    for key in [None, Some(key("k"))] {
        let log = Log::new(key);
        let report = log.verified(log.options());
        assert_eq!(report.findings, [], "{report:?}");
        assert_eq!(
            (report.files, report.lines, report.requests, report.events),
            (3, 39, 30, 9)
        );
        assert_eq!((report.head, report.dropped), (Some(log.head), 9));
        assert_eq!((report.told.len(), report.told[0].line), (3, 6));
        assert_eq!(report.keyed, log.key.is_some());
        // The last two files alone: the older one may have been deleted.
        let mut later = log.clone();
        later.files.remove(0);
        let report = later.verified(Options {
            from_first: false,
            ..log.options()
        });
        assert_eq!((report.findings, report.begins_after), (vec![], Some(13)));
        // In the middle of being written.
        let mut open = log.clone();
        let lines = open.lines(2);
        open.set(2, &lines[..5]);
        let found = open.found(Options {
            keys: log.options().keys,
            ..Options::default()
        });
        assert_eq!(found, []);
    }
}

#[test]
fn files_out_of_order_left_out_or_twice_are_told() {
    use FindingKind::{Missing, NewChain, OutOfOrder};
    let whole = Log::new(None);
    for (order, expected) in [
        (&[0, 2][..], &[("1", 1, Missing)][..]),
        (&[0, 2, 1], &[("1", 1, Missing), ("2", 1, OutOfOrder)]),
        (&[1, 0, 2], &[("1", 1, NewChain), ("2", 1, Missing)]),
        (&[0, 1, 1, 2], &[("2", 1, OutOfOrder)]),
    ] {
        let mut log = whole.clone();
        log.files = order
            .iter()
            .map(|index| whole.files[*index].clone())
            .collect();
        let found = log.found(Options::default());
        let found: Vec<_> = found
            .iter()
            .map(|(file, line, kind)| (&**file, *line, *kind))
            .collect();
        assert_eq!(found, expected, "{order:?}");
    }
}

#[test]
fn what_the_chain_itself_cannot_show_is_shown_by_what_is_known_besides() {
    use FindingKind::{HeadMissing, Missing, NewChain, NotClosed, NotKeyed, OtherHead, UnknownKey};
    let plain = Log::new(None);
    let keyed = Log::new(Some(key("k")));
    let kinds = |log: &Log, options: &Options| -> Vec<_> {
        log.found(options.clone())
            .into_iter()
            .map(|(.., kind)| kind)
            .collect()
    };
    let none = Options::default;
    // Its end.
    let mut cut = plain.clone();
    let lines = cut.lines(2);
    cut.set(2, &lines[..8]);
    assert_eq!(kinds(&cut, &none()), []);
    assert_eq!(
        kinds(
            &cut,
            &Options {
                heads: vec![plain.head],
                ..none()
            }
        ),
        [HeadMissing]
    );
    assert_eq!(
        kinds(
            &cut,
            &Options {
                closed: true,
                ..none()
            }
        ),
        [NotClosed]
    );
    // Its beginning.
    let mut late = plain.clone();
    late.files.remove(0);
    assert_eq!(kinds(&late, &none()), []);
    assert_eq!(
        kinds(
            &late,
            &Options {
                from_first: true,
                ..none()
            }
        ),
        [Missing]
    );
    // All of it written anew; it has as many lines.
    let anew = Log::new(None);
    assert_eq!(kinds(&anew, &none()), []);
    assert_eq!(
        kinds(
            &anew,
            &Options {
                heads: vec![plain.head],
                ..none()
            }
        ),
        [OtherHead]
    );
    assert_eq!(
        kinds(&anew, &keyed.options()),
        [NotKeyed, NotKeyed, NotKeyed, OtherHead]
    );
    // Another key, and none.
    let other = Options {
        keys: vec![key("other")],
        ..none()
    };
    assert_eq!(kinds(&keyed, &other), [UnknownKey; 3]);
    assert_eq!(kinds(&keyed, &none()), [UnknownKey; 3]);
    assert_eq!(keyed.verified(none()).unchecked, 39);
    assert_eq!(
        kinds(
            &keyed,
            &Options {
                keys: vec![key("other"), key("k")],
                ..none()
            }
        ),
        []
    );
    // Two starts with standard output.
    let mut twice = plain.clone();
    twice.files.extend(Log::new(None).files);
    assert_eq!(kinds(&twice, &none()), [NewChain]);
    assert_eq!(
        kinds(
            &twice,
            &Options {
                several_chains: true,
                ..none()
            }
        ),
        []
    );
}

/// Whoever has no key can compute hashes, and forgets what a file says that it follows.
#[test]
fn a_file_that_says_it_follows_another_line_is_told() {
    let mut log = Log::new(None);
    let before = Sealed::read(log.lines(0)[12].strip_suffix(b"\n").unwrap()).map(|line| line.hash);
    let lines = log.lines(1);
    let members = Sealed::read(lines[0].strip_suffix(b"\n").unwrap())
        .unwrap()
        .members
        .to_vec();
    let after = format!("\"after\":{{\"seq\":13,\"hash\":\"{}\"}}", "0".repeat(64));
    let text = String::from_utf8(members).unwrap();
    let at = text.find("\"after\":").unwrap();
    let end = text[at..].find('}').unwrap() + at + 1;
    let text = format!("{{{}{after}{}}}", &text[..at], &text[end..]);
    let mut forged = Vec::new();
    crate::runtime::audit_log::sealed_line::seal(
        None,
        &before.unwrap(),
        14,
        text.as_bytes(),
        &mut forged,
    );
    log.set(1, &[forged]);
    log.files.truncate(2);
    assert_eq!(
        log.found(Options::default()),
        [("1".to_owned(), 1, FindingKind::Changed)]
    );
}

/// A key that is changed at a start: the chain goes on.
#[test]
fn a_chain_goes_on_over_a_start_and_another_key() {
    let mut log = Log::new(Some(key("one")));
    let last = log.files.last_mut().unwrap();
    let found = tail::read(&mut std::io::Cursor::new(&*last)).unwrap();
    let settings = ChainSettings {
        key: Some(key("two")),
        ..ChainSettings::default()
    };
    let mut chain = Chain::new(settings, found);
    chain.start(std::time::Duration::ZERO, last);
    chain.seal(&request(1), last);
    let options = |keys: Vec<ChainKey>| Options {
        keys,
        ..Options::default()
    };
    assert_eq!(log.found(options(vec![key("one"), key("two")])), []);
    let found = log.found(options(vec![key("one")]));
    assert_eq!(found, [("2".to_owned(), 14, FindingKind::UnknownKey)]);
}

#[test]
fn findings_are_bounded() {
    let mut verifier = Verifier::new(Options::default());
    verifier
        .read("x", "\n".repeat(MAX_FINDINGS + 7).as_bytes())
        .unwrap();
    let report = verifier.finish();
    assert_eq!(
        (report.findings.len(), report.findings_omitted),
        (MAX_FINDINGS, 7)
    );
}
