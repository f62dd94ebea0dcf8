//! The machine: which core is whose, and what the table says of it.

use std::fs;
use std::thread;

/// The core of the server that is measured.
pub const SERVER_CORE: &str = "0";
/// The core of `wrk`.
pub const CLIENT_CORE: &str = "1";

/// Processor, cores, system and load, in a line for above the table.
pub fn description() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("a processor that does not tell its name", |name| {
            name.trim_start_matches([' ', '\t', ':'])
        });
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let release = read("/proc/sys/kernel/osrelease");
    format!("{model}, {cores} cores, Linux {}", release.trim())
}
