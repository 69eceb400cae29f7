//! A thousand ways to tamper with a log, drawn with a seed: each is found.

#![expect(
    clippy::semicolon_if_nothing_returned,
    reason = "a table of closures reads better with one expression each"
)]

use fastrand::Rng;

use super::{Log, key};
use crate::runtime::audit_log::sealed_line::{self, BEFORE_THE_FIRST, Sealed};

type Tamper = fn(&mut Log, &mut Rng);

/// What is done to a log, at places that are drawn.
const KINDS: &[(&str, Tamper)] = &[
    ("a bit", |log, rng| {
        let (file, at) = byte(log, rng);
        log.files[file][at] ^= 1 << rng.u8(0..8);
    }),
    ("a byte", |log, rng| {
        let (file, at) = byte(log, rng);
        log.files[file][at] = rng.u8(..);
    }),
    ("a digit: it stays JSON", |log, rng| {
        let digits = |log: &Log, file: usize| -> Vec<usize> {
            let bytes = log.files[file].iter().enumerate();
            bytes
                .filter(|(_, byte)| byte.is_ascii_digit())
                .map(|(at, _)| at)
                .collect()
        };
        let file = rng.usize(..3);
        let places = digits(log, file);
        log.files[file][places[rng.usize(..places.len())]] = b'0' + rng.u8(0..10);
    }),
    ("space between members", |log, rng| {
        edit(log, rng, |line, _| {
            let at = line.iter().position(|byte| *byte == b',').unwrap();
            line.insert(at + 1, b' ');
        })
    }),
    ("a member more", |log, rng| {
        edit(log, rng, |line, _| {
            let at = line.iter().position(|byte| *byte == b',').unwrap();
            line.splice(at..at, *b",\"x\":1");
        })
    }),
    ("a line out", |log, rng| {
        lines(log, rng, |lines, rng| {
            drop(lines.remove(rng.usize(..lines.len())))
        })
    }),
    ("some lines out", |log, rng| {
        lines(log, rng, |lines, rng| {
            let from = rng.usize(..lines.len());
            let to = rng.usize(from..lines.len());
            lines.drain(from..=to);
        })
    }),
    ("two swapped", |log, rng| {
        lines(log, rng, |lines, rng| {
            let (one, other) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
            lines.swap(one, other);
        })
    }),
    ("one again", |log, rng| {
        lines(log, rng, |lines, rng| {
            let line = lines[rng.usize(..lines.len())].clone();
            lines.insert(rng.usize(..=lines.len()), line);
        })
    }),
    ("one moved", |log, rng| {
        lines(log, rng, |lines, rng| {
            let line = lines.remove(rng.usize(..lines.len()));
            lines.insert(rng.usize(..=lines.len()), line);
        })
    }),
    ("one in another file", |log, rng| {
        let (from, to) = (rng.usize(..3), rng.usize(..3));
        let (mut source, at) = (log.lines(from), rng.usize(..13));
        let line = source.remove(at);
        log.set(from, &source);
        let mut target = log.lines(to);
        target.insert(rng.usize(..=target.len()), line);
        log.set(to, &target);
    }),
    (
        "a forged line in, sealed as whoever has no key can",
        |log, rng| {
            lines(log, rng, |lines, rng| {
                let at = rng.usize(..lines.len());
                let before = Sealed::read(lines[at].strip_suffix(b"\n").unwrap()).unwrap();
                let mut forged = Vec::new();
                sealed_line::seal(
                    None,
                    &before.hash,
                    before.seq + 1,
                    b"{\"forged\":1}",
                    &mut forged,
                );
                lines.insert(at + 1, forged);
            })
        },
    ),
    (
        "from one line on all written anew, without the key",
        |log, rng| {
            let from = rng.usize(..3);
            let mut previous = BEFORE_THE_FIRST;
            for file in 0..3 {
                let mut lines = log.lines(file);
                let first = if file == from { rng.usize(..13) } else { 0 };
                for (at, line) in lines.iter_mut().enumerate() {
                    let sealed = Sealed::read(line.strip_suffix(b"\n").unwrap()).unwrap();
                    if file < from || (file == from && at < first) {
                        previous = sealed.hash;
                        continue;
                    }
                    let mut members = [b"{", sealed.members, b"}"].concat();
                    if file == from && at == first {
                        members.splice(1..1, *b"\"x\":1,");
                    }
                    let mut anew = Vec::new();
                    previous = sealed_line::seal(None, &previous, sealed.seq, &members, &mut anew);
                    *line = anew;
                }
                log.set(file, &lines);
            }
        },
    ),
    ("a number", |log, rng| {
        edit(log, rng, |line, rng| {
            let end = line.iter().position(|byte| *byte == b',').unwrap();
            line.splice(7..end, rng.u64(1..60).to_string().into_bytes());
        })
    }),
    ("a hash", |log, rng| {
        edit(log, rng, |line, rng| {
            let at = line.len() - 3 - rng.usize(1..64);
            line[at] = b"0123456789abcdefABCDEF"[rng.usize(..22)];
        })
    }),
    ("the hash of another line", |log, rng| {
        lines(log, rng, |lines, rng| {
            let (one, other) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
            let hash = lines[other][lines[other].len() - 67..].to_vec();
            let from = lines[one].len() - 67;
            lines[one].splice(from.., hash);
        })
    }),
    ("a carriage return", |log, rng| {
        edit(log, rng, |line, _| line.insert(line.len() - 1, b'\r'))
    }),
    ("carriage returns throughout", |log, rng| {
        lines(log, rng, |lines, _| {
            for line in lines {
                line.insert(line.len() - 1, b'\r');
            }
        })
    }),
    ("two lines in one", |log, rng| {
        edit(log, rng, |line, _| {
            line.pop();
        })
    }),
    ("one line in two", |log, rng| {
        edit(log, rng, |line, rng| {
            line.insert(rng.usize(..line.len()), b'\n');
        })
    }),
    ("bytes cut off the end", |log, rng| {
        let file = rng.usize(..3);
        let length = rng.usize(..log.files[file].len());
        log.files[file].truncate(length);
    }),
    ("bytes cut off the beginning", |log, rng| {
        let file = rng.usize(..3);
        let length = rng.usize(1..log.files[file].len());
        log.files[file].drain(..length);
    }),
    ("lines cut off the end", |log, rng| {
        lines(log, rng, |lines, rng| {
            lines.truncate(rng.usize(..lines.len()))
        })
    }),
    ("something appended", |log, rng| {
        let more: &[u8] = [&b"\n"[..], b"x", b"{}\n", b"\0\0\0\0", b"{\"seq\":"][rng.usize(..5)];
        log.files[rng.usize(..3)].extend_from_slice(more);
    }),
    ("a file out", |log, rng| {
        drop(log.files.remove(rng.usize(..3)))
    }),
    ("a file emptied", |log, rng| {
        log.files[rng.usize(..3)].clear()
    }),
    ("files in another order", |log, rng| {
        rng.shuffle(&mut log.files)
    }),
    ("a file twice", |log, rng| {
        let file = log.files[rng.usize(..3)].clone();
        log.files.insert(rng.usize(..=3), file);
    }),
    ("a file of another log", |log, rng| {
        log.files[rng.usize(..3)] = Log::new(log.key.clone()).files.remove(rng.usize(..3));
    }),
];

fn byte(log: &Log, rng: &mut Rng) -> (usize, usize) {
    let file = rng.usize(..3);
    (file, rng.usize(..log.files[file].len()))
}

fn lines(log: &mut Log, rng: &mut Rng, change: impl FnOnce(&mut Vec<Vec<u8>>, &mut Rng)) {
    let file = rng.usize(..3);
    let mut lines = log.lines(file);
    change(&mut lines, rng);
    log.set(file, &lines);
}

fn edit(log: &mut Log, rng: &mut Rng, change: impl FnOnce(&mut Vec<u8>, &mut Rng)) {
    lines(log, rng, |lines, rng| {
        let at = rng.usize(..lines.len());
        change(&mut lines[at], rng);
    });
}

#[test]
fn each_of_a_thousand_tamperings_is_found() {
    const TAMPERINGS: usize = 1000;
    let mut rng = Rng::with_seed(20_261_129);
    let whole = [Log::new(None), Log::new(Some(key("k")))];
    let mut tried = 0;
    while tried < TAMPERINGS {
        let whole = &whole[tried % 2];
        let (name, tamper) = KINDS[(tried / 2) % KINDS.len()];
        let mut log = whole.clone();
        tamper(&mut log, &mut rng);
        if log.files.concat() == whole.files.concat() {
            // What was drawn changes nothing, such as a digit for itself.
            continue;
        }
        tried += 1;
        let report = log.verified(whole.options());
        assert!(
            !report.findings.is_empty(),
            "{name}, keyed: {}\n{}",
            whole.key.is_some(),
            String::from_utf8_lossy(&log.files.concat())
        );
    }
}

/// What is found is where it is: of a change of one line, at that line or the one behind it.
#[test]
fn a_changed_line_is_found_at_its_place() {
    let whole = Log::new(None);
    let mut rng = Rng::with_seed(7);
    for _ in 0..200 {
        let (file, at) = (rng.usize(..3), rng.usize(..13));
        let mut log = whole.clone();
        let mut lines = log.lines(file);
        let place = rng.usize(..lines[at].len() - 1);
        lines[at][place] = lines[at][place].wrapping_add(1);
        if lines[at][place] == b'\n' {
            continue;
        }
        log.set(file, &lines);
        let found = log.found(whole.options());
        let (found_file, found_line, _) = &found[0];
        assert_eq!(
            (&**found_file, *found_line),
            (&*file.to_string(), at as u64 + 1),
            "{found:?}"
        );
    }
}
