//! What the host's processor is called, as the system or the processor itself tells it, on every system.

use std::sync::OnceLock;

/// Its name; the architecture's where nobody tells.
pub fn processor_name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let cores = cores();
        named(cores.iter().map(String::as_str)).unwrap_or_else(|| std::env::consts::ARCH.to_owned())
    })
}

/// What the processor calls itself, whichever core is asked.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn cores() -> Vec<String> {
    #[cfg(target_arch = "x86")]
    use std::arch::x86::__cpuid;
    #[cfg(target_arch = "x86_64")]
    use std::arch::x86_64::__cpuid;

    /// The leaves that hold the brand string, 16 characters each; the first tells which others there are.
    const EXTENDED: u32 = 0x8000_0000;
    const BRAND: std::ops::RangeInclusive<u32> = 0x8000_0002..=0x8000_0004;
    if __cpuid(EXTENDED).eax < *BRAND.end() {
        return Vec::new();
    }
    let leaves = BRAND.map(__cpuid).flat_map(|leaf| [leaf.eax, leaf.ebx, leaf.ecx, leaf.edx]);
    let bytes: Vec<u8> = leaves.flat_map(u32::to_le_bytes).collect();
    vec![String::from_utf8_lossy(&bytes).into_owned()]
}

/// What the system calls its cores.
#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
fn cores() -> Vec<String> {
    use sysinfo::{CpuRefreshKind, System};

    let mut system = System::new().ok();
    system.iter_mut().for_each(|system| system.refresh_cpu_list(CpuRefreshKind::nothing()));
    system.iter().flat_map(System::cpus).map(|core| core.brand().to_owned()).collect()
}

/// Model and threads, where the processor is what runs WGSL.
pub fn processor_and_threads() -> String {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {threads} threads", processor_name())
}

/// One name for cores of these names: those of different kinds are told in order.
fn named<'a>(cores: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut kinds: Vec<&str> = Vec::new();
    for core in cores {
        let core = core.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        if !core.is_empty() && !kinds.contains(&core) {
            kinds.push(core);
        }
    }
    (!kinds.is_empty()).then(|| kinds.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_of_one_kind_have_one_name() {
        let cases: [(&[&str], Option<&str>); 5] = [
            (&["AMD EPYC 7B12", "AMD EPYC 7B12"], Some("AMD EPYC 7B12")),
            (&["Cortex-A55", "Cortex-A55", "Cortex-A76"], Some("Cortex-A55 and Cortex-A76")),
            (&["Intel(R) Xeon(R) CPU @ 2.20GHz        \0"], Some("Intel(R) Xeon(R) CPU @ 2.20GHz")),
            (&["", " "], None),
            (&[], None),
        ];
        for (cores, want) in cases {
            assert_eq!(named(cores.iter().copied()).as_deref(), want, "{cores:?}");
        }
    }

    #[test]
    fn it_has_a_name_here() {
        assert!(!processor_name().trim().is_empty());
        assert!(processor_and_threads().starts_with(processor_name()));
    }
}
