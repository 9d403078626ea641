//! How much memory a worker holds and may hold; and the end of a process from within.

use std::time::{Duration, Instant};

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, System};

/// How often a worker's memory is looked at.
pub(super) const LOOK: Duration = Duration::from_millis(100);

/// Looks at the resident memory of processes now and then.
pub(super) struct Memory {
    /// None on systems that tell nothing: there nothing is watched.
    system: Option<System>,
    looked: Instant,
}

impl Memory {
    pub fn new() -> Self {
        Self { system: System::new().ok(), looked: Instant::now() }
    }

    /// Bytes of a process's resident memory, if it is time to look again.
    pub fn resident_bytes(&mut self, id: u32) -> Option<u64> {
        let system = self.system.as_mut().filter(|_| self.looked.elapsed() >= LOOK)?;
        self.looked = Instant::now();
        let id = Pid::from_u32(id);
        let what = ProcessRefreshKind::nothing().with_memory().without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[id]), true, what);
        system.process(id).map(|process| process.memory())
    }
}

/// Bytes of memory of this machine, or of the container that this process runs in.
pub(super) fn machine_bytes() -> u64 {
    let Ok(mut system) = System::new() else { return u64::MAX };
    system.refresh_memory();
    let container = system.cgroup_limits().map_or(u64::MAX, |limits| limits.total_memory);
    container.min(system.total_memory())
}

/// Ends this process as if from outside: nothing is waited for, be it a driver or what runs at an ordinary end.
pub(super) fn end_this_process() -> ! {
    let id = Pid::from_u32(std::process::id());
    if let Ok(mut system) = System::new() {
        let what = ProcessRefreshKind::nothing().without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[id]), true, what);
        system.process(id).map(|process| process.kill());
    }
    // Where that cannot be done: a process that ends itself may leave a core file.
    std::process::abort()
}
