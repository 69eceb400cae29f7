//! What the operating system knows of this process, by the `process.*` names of the semantic conventions.
//!
//! It is read from `/proc` when somebody looks, some 100 microseconds; where there is no `/proc`, nothing is shown.

use std::fs;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry_semantic_conventions::attribute::CPU_MODE;
use tokio::runtime::Handle;

use super::instruments::Instruments;
use super::names;
use super::observed::Reading;
use crate::model::clock::SharedClock;

/// What `/proc` counts CPU time in: `USER_HZ`, which is 100 on every Linux.
const TICKS_PER_SECOND: u32 = 100;

impl Instruments {
    /// From now on shows what is known of the process, which has just started by this clock, and of the async runtime that this is
    /// called in, if it is.
    pub fn observe_process(&self, clock: &SharedClock) {
        let (clock, started) = (SharedClock::clone(clock), clock.monotonic());
        self.observe_time(&names::PROCESS_UPTIME, move || {
            Some(clock.monotonic().saturating_sub(started))
        });
        self.observe_times(&names::PROCESS_CPU_TIME, cpu_time);
        self.observe(&names::PROCESS_MEMORY_USAGE, || memory("VmRSS:"));
        self.observe(&names::PROCESS_MEMORY_VIRTUAL, || memory("VmSize:"));
        self.observe(&names::PROCESS_THREADS, || one(status("Threads:")));
        self.observe(&names::PROCESS_FILES, || one(open_files()));
        self.observe(&names::PROCESS_FILES_LIMIT, || one(files_limit()));
        if let Ok(handle) = Handle::try_current() {
            let runtime = handle.metrics();
            self.observe_one(&names::RUNTIME_WORKERS, move || {
                runtime.num_workers() as u64
            });
            let runtime = handle.metrics();
            self.observe_one(&names::RUNTIME_TASKS, move || {
                runtime.num_alive_tasks() as u64
            });
            let runtime = handle.metrics();
            self.observe_one(&names::RUNTIME_QUEUE, move || {
                runtime.global_queue_depth() as u64
            });
        }
    }
}

fn one(value: Option<u64>) -> Vec<Reading<u64>> {
    let reading = value.map(|value| (value, Vec::new()));
    reading.into_iter().collect()
}

fn memory(what: &str) -> Vec<Reading<u64>> {
    one(status(what).map(|kibibytes| kibibytes * 1024))
}

/// A number of `/proc/self/status`.
fn status(what: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let mut lines = text.lines();
    let rest = lines.find_map(|line| line.strip_prefix(what))?;
    rest.split_whitespace().next()?.parse().ok()
}

fn cpu_time() -> Vec<Reading<Duration>> {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let Some((user, system)) = cpu_ticks(&text) else {
        return Vec::new();
    };
    let time = |ticks: u64| {
        let ticks = u32::try_from(ticks).unwrap_or(u32::MAX);
        Duration::from_secs(1) * ticks / TICKS_PER_SECOND
    };
    let mode = |mode| vec![KeyValue::new(CPU_MODE, mode)];
    vec![(time(user), mode("user")), (time(system), mode("system"))]
}

/// The 14th and 15th field of `/proc/self/stat`. The second is the program's name, which may have anything in it.
fn cpu_ticks(stat: &str) -> Option<(u64, u64)> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace().skip(11);
    let user = fields.next()?.parse().ok()?;
    let system = fields.next()?.parse().ok()?;
    Some((user, system))
}

fn open_files() -> Option<u64> {
    let open = fs::read_dir("/proc/self/fd").ok()?.count() as u64;
    // Without the one that the list is read through.
    Some(open.saturating_sub(1))
}

fn files_limit() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/limits").ok()?;
    let mut lines = text.lines();
    let rest = lines.find_map(|line| line.strip_prefix("Max open files"))?;
    rest.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_an_odd_name_is_read_right() {
        let stat = "42 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 250 75 0 0 20 0 4";
        assert_eq!(cpu_ticks(stat), Some((250, 75)));
        for broken in [
            "",
            "42 (x",
            "42 (x) S 1 2",
            "42 (x) S 1 2 3 4 5 6 7 8 9 10 -1 0",
        ] {
            assert_eq!(cpu_ticks(broken), None, "{broken}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_memory_threads_and_files() {
        let mebibyte = 1024 * 1024;
        let read = |what| memory(what).first().map_or(0, |reading| reading.0);
        assert!(read("VmRSS:") > mebibyte && read("VmSize:") >= read("VmRSS:"));
        assert!(status("Threads:").is_some_and(|threads| threads >= 2));
        assert_eq!(status("Made up:"), None);
        let before = open_files().unwrap();
        let file = fs::File::open("/proc/self/stat").unwrap();
        assert!(open_files().unwrap() > 0 && before > 0);
        assert!(files_limit().is_none_or(|limit| limit >= before));
        drop(file);
        assert_eq!(cpu_time().len(), 2);
    }
}
