//! What the system says of this process.

use rustix::process::{Resource, getrlimit};

/// Numbers of this process, as far as the system tells them.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Process {
    /// Time on processors.
    pub(crate) cpu_seconds: Option<f64>,
    /// Virtual memory.
    pub(crate) virtual_bytes: Option<u64>,
    /// Resident memory.
    pub(crate) resident_bytes: Option<u64>,
    /// Open file descriptors.
    pub(crate) open_fds: Option<u64>,
    /// File descriptors allowed.
    pub(crate) max_fds: Option<u64>,
}

impl Process {
    /// Looks now; four small reads.
    pub(crate) fn look() -> Process {
        let stat = std::fs::read_to_string("/proc/self/stat").ok();
        // The name of the process is in parentheses and may hold anything.
        let fields: Vec<u64> = stat
            .as_deref()
            .and_then(|stat| stat.rsplit_once(')'))
            .map(|(_, rest)| rest.split_whitespace().map(|field| field.parse().unwrap_or(0)).collect())
            .unwrap_or_default();
        // Counted from the third field of proc(5), the state: utime is the 14th, stime the 15th, vsize the 23rd.
        let field = |number: usize| fields.get(number - 3).copied();
        let ticks = rustix::param::clock_ticks_per_second().max(1);
        let spent = field(14).zip(field(15));
        Process {
            cpu_seconds: spent.map(|(user, system)| (user + system) as f64 / ticks as f64),
            virtual_bytes: field(23),
            resident_bytes: resident_memory(),
            open_fds: std::fs::read_dir("/proc/self/fd").ok().map(|open| open.count() as u64),
            max_fds: getrlimit(Resource::Nofile).current,
        }
    }
}

/// The resident memory of this process in bytes, where the system tells.
pub(crate) fn resident_memory() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_memory_time_and_files() {
        let process = Process::look();
        assert!(process.resident_bytes.expect("this system has /proc") > 100_000);
        assert!(process.virtual_bytes > process.resident_bytes);
        assert!(process.open_fds.expect("it has files") >= 3);
        assert!(process.max_fds >= process.open_fds);
        assert!(process.cpu_seconds.expect("it has worked") < 3600.0);
    }
}
