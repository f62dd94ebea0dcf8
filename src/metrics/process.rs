//! The process itself, under the names that Prometheus' own clients use.

use std::fmt;
use std::time::Duration;

use procfs::WithCurrentSystemInfo as _;
use procfs::process::Stat;

use super::encode::{Encoder, NONE};

/// What never changes of the process.
#[derive(Debug)]
pub(super) struct Process {
    /// When it began, since the epoch; `None` where the system does not say.
    began: Option<Duration>,
}

impl Default for Process {
    fn default() -> Self {
        let boot = procfs::boot_time_secs().map(Duration::from_secs).ok();
        let since_boot = stat().map(|stat| of_ticks(stat.starttime));
        Self {
            began: boot.zip(since_boot).map(|(boot, since)| boot + since),
        }
    }
}

impl Process {
    /// Writes what the system says now; what it does not say is left out.
    pub(super) fn encode(&self, encoder: &mut Encoder<'_, '_>) -> fmt::Result {
        encoder.info(
            "bearergate_build",
            "The program.",
            &[("version", env!("CARGO_PKG_VERSION"))],
        )?;
        let began = self.began.map(|began| (NONE, began.as_secs_f64()));
        encoder.gauge(
            "process_start_time_seconds",
            "When the process began, in Unix seconds.",
            began,
        )?;
        if let Some(stat) = stat() {
            encoder.seconds(
                "process_cpu_seconds",
                "CPU time that the process has used.",
                of_ticks(stat.utime + stat.stime).as_secs_f64(),
            )?;
            encoder.gauge(
                "process_resident_memory_bytes",
                "Memory that the process holds.",
                [(NONE, stat.rss_bytes().get())],
            )?;
        }
        let open = procfs::process::Process::myself().and_then(|process| process.fd_count());
        let open = open.ok().and_then(|count| u64::try_from(count).ok());
        encoder.gauge(
            "process_open_fds",
            "File descriptors that are open.",
            open.map(|count| (NONE, count)),
        )
    }
}

fn stat() -> Option<Stat> {
    procfs::process::Process::myself()
        .and_then(|process| process.stat())
        .ok()
}

fn of_ticks(ticks: u64) -> Duration {
    Duration::from_millis(ticks * 1000 / procfs::ticks_per_second())
}
