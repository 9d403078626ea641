//! What this machine's processor is: model, threads, caches and vectors, as the operating system and the processor tell.

use std::fs;

use wgtune_pack::host;

use crate::base::{DeviceFacts, DeviceFeatures, DeviceIdentity, DeviceKind, DeviceLimits, Processor};

/// The variable that holds vectors back, for tests and comparisons: `scalar`, `neon`, `avx2` or `avx512`.
pub const SIMD: &str = "WGTUNE_SIMD";

/// The variable that holds the number of threads back.
pub const THREADS: &str = "WGTUNE_THREADS";

/// A variable that says what cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is `{value}`; write {known}")]
pub struct Unreadable {
    variable: &'static str,
    value: String,
    known: &'static str,
}

/// The names of vector widths, by their lanes of f32.
const WIDTHS: &[(&str, u32)] = &[("scalar", 1), ("neon", 4), ("avx2", 8), ("avx512", 16)];

/// Caches where the system does not tell: what most cores have at least.
const USUAL_BYTES: [u64; 3] = [32 << 10, 512 << 10, 0];
const USUAL_LINE: u64 = 64;

/// Bytes of one buffer at most: more than any workload has.
const MOST_BYTES: u64 = 1 << 36;

/// The processor as a device.
///
/// # Errors
/// When a variable that holds it back makes no sense.
pub(super) fn facts(simd: Option<&str>, threads: Option<&str>) -> Result<DeviceFacts, Unreadable> {
    let threads = fewer(threads_here(), threads)?;
    let sharing = cache(3, "shared_cpu_list").and_then(|list| listed(&list));
    let l3_threads = sharing.unwrap_or(threads).clamp(1, threads);
    let processor = Processor { lanes: capped(lanes(), simd)?, threads, l3_threads, ..read() };
    Ok(DeviceFacts {
        identity: identity(&processor),
        limits: DeviceLimits { storage_binding_bytes: MOST_BYTES, buffer_bytes: MOST_BYTES, ..none() },
        features: DeviceFeatures { f16: true, ..DeviceFacts::portable().features },
        processor: Some(processor),
        accelerator: None,
    })
}

/// Limits of kernels in WGSL, which are none of a processor's.
fn none() -> DeviceLimits {
    DeviceFacts::portable().limits
}

/// What decides how fast a routine is has a part in it: a record of another processor, of other vectors or of another
/// number of threads is not taken for one of this.
fn identity(processor: &Processor) -> DeviceIdentity {
    let Processor { l1_bytes, l2_bytes, l3_bytes, .. } = processor;
    let widest = processor.widest();
    let simd = WIDTHS.iter().find(|(_, lanes)| *lanes == widest).map_or("scalar", |(name, _)| name);
    DeviceIdentity {
        adapter: processor.model.clone(),
        vendor: 0,
        device: 0,
        driver: simd.to_owned(),
        driver_info: format!("{} threads, caches of {l1_bytes}, {l2_bytes} and {l3_bytes} bytes", processor.threads),
        api: "cpu".to_owned(),
        kind: DeviceKind::Processor,
        compiler: std::env::consts::ARCH.to_owned(),
        host: Some(format!("{}, {} threads", processor.model, processor.threads)),
    }
}

/// Model and caches; threads and vectors are still to be said.
fn read() -> Processor {
    let [l1_bytes, l2_bytes, l3_bytes] = [1, 2, 3].map(|level| number(level, "size").unwrap_or(0));
    let known = l1_bytes > 0 && l2_bytes > 0;
    let [l1_bytes, l2_bytes, l3_bytes] = if known { [l1_bytes, l2_bytes, l3_bytes] } else { USUAL_BYTES };
    Processor {
        model: host::processor_name().to_owned(),
        threads: 1,
        lanes: vec![1],
        l1_bytes,
        l2_bytes,
        l3_bytes,
        l3_threads: 1,
        line_bytes: number(1, "coherency_line_size").unwrap_or(USUAL_LINE),
    }
}

fn threads_here() -> u32 {
    std::thread::available_parallelism().map_or(1, |threads| threads.get() as u32)
}

/// A number that Linux has of a cache, in bytes where it is a size.
fn number(level: u32, what: &str) -> Option<u64> {
    cache(level, what).and_then(|text| bytes(&text))
}

/// What Linux has of the first core's data cache of a level.
fn cache(level: u32, what: &str) -> Option<String> {
    let folder = "/sys/devices/system/cpu/cpu0/cache";
    let of = |index: u32, what: &str| {
        let text = fs::read_to_string(format!("{folder}/index{index}/{what}")).ok()?;
        Some(text.trim().to_owned())
    };
    let holds_data = |index: &u32| {
        of(*index, "level") == Some(level.to_string()) && of(*index, "type").is_some_and(|kind| kind != "Instruction")
    };
    of((0..8).find(holds_data)?, what)
}

/// How many there are in a list such as `0-3,64-67`.
fn listed(list: &str) -> Option<u32> {
    let count = |range: &str| -> Option<u32> {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        last.parse::<u32>().ok()?.checked_sub(first.parse().ok()?)?.checked_add(1)
    };
    list.split(',').try_fold(0_u32, |sum, range| sum.checked_add(count(range)?))
}

/// `32K`, `16M` or a plain number.
fn bytes(text: &str) -> Option<u64> {
    let (digits, shift) = match text.strip_suffix('K') {
        Some(digits) => (digits, 10),
        None => text.strip_suffix('M').map_or((text, 0), |digits| (digits, 20)),
    };
    digits.parse::<u64>().ok()?.checked_shl(shift)
}

/// The vector widths that it can use, ascending.
fn lanes() -> Vec<u32> {
    let mut lanes = vec![1];
    #[cfg(target_arch = "x86_64")]
    {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        // What kernels for wide vectors are compiled with.
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512cd")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        lanes.extend(avx2.then_some(8));
        lanes.extend((avx2 && avx512).then_some(16));
    }
    #[cfg(target_arch = "aarch64")]
    lanes.push(4);
    lanes
}

fn capped(mut lanes: Vec<u32>, cap: Option<&str>) -> Result<Vec<u32>, Unreadable> {
    let Some(name) = cap.filter(|name| !name.is_empty()) else { return Ok(lanes) };
    let known = WIDTHS.iter().find(|(width, _)| *width == name);
    let (_, most) =
        known.ok_or(Unreadable { variable: SIMD, value: name.to_owned(), known: "scalar, neon, avx2 or avx512" })?;
    lanes.retain(|lanes| lanes <= most);
    Ok(lanes)
}

fn fewer(threads: u32, cap: Option<&str>) -> Result<u32, Unreadable> {
    let Some(text) = cap.filter(|text| !text.is_empty()) else { return Ok(threads) };
    match text.parse() {
        Ok(cap) if cap > 0 => Ok(threads.min(cap)),
        _ => Err(Unreadable { variable: THREADS, value: text.to_owned(), known: "a whole number from 1 on" }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_linux_writes_them() {
        let cases = [("32K", Some(32 << 10)), ("16384K", Some(16 << 20)), ("16M", Some(16 << 20)), ("64", Some(64))];
        for (text, want) in cases.into_iter().chain([("", None), ("K", None), ("many", None)]) {
            assert_eq!(bytes(text), want, "{text}");
        }
    }

    #[test]
    fn lists_are_counted() {
        let cases = [("0", Some(1)), ("0-1", Some(2)), ("0-3,64-67", Some(8)), ("3-1", None), ("", None), ("0-", None)];
        for (list, want) in cases {
            assert_eq!(listed(list), want, "{list}");
        }
    }

    #[test]
    fn it_can_be_held_back_and_says_so() {
        let cap = |text: &str| capped(vec![1, 8, 16], Some(text));
        assert_eq!(cap("scalar").unwrap(), [1]);
        assert_eq!(cap("avx2").unwrap(), [1, 8]);
        assert_eq!(cap("").unwrap(), [1, 8, 16]);
        assert_eq!(capped(vec![1, 8], Some("avx512")).unwrap(), [1, 8], "it does not grow");
        let error = cap("sse9").unwrap_err().to_string();
        assert_eq!(error, "WGTUNE_SIMD is `sse9`; write scalar, neon, avx2 or avx512");
        assert_eq!(fewer(8, Some("3")), Ok(3));
        assert_eq!(fewer(2, Some("3")), Ok(2));
        assert!(fewer(2, Some("0")).is_err());
    }

    #[test]
    fn the_identity_tells_what_was_held_back() {
        let wide = Processor { threads: 8, lanes: vec![1, 8], ..Processor::boundless() };
        let narrow = Processor { lanes: vec![1], ..wide.clone() };
        let alone = Processor { threads: 1, ..wide.clone() };
        let [wide, narrow, alone] = [wide, narrow, alone].map(|processor| identity(&processor));
        assert!(wide != narrow && wide != alone);
        assert_eq!((wide.driver.as_str(), narrow.driver.as_str()), ("avx2", "scalar"));
    }
}
