//! The routines that ask a processor for its numbers: on all of its threads, and on one.

use std::collections::BTreeMap;

use super::asking::{Asking, NUMBERS, input, output, sampled, value};
use crate::backend::BufferRule;
use crate::base::{Distribution, ElementType, Processor};
use crate::code::Program;
use crate::code::routine::{Call, NATIVE, ProbeCall, Routine};
use crate::record::Quantity;

/// What a processor is asked, in order: hard work first, which brings the clocks up. One of a single thread is not asked the
/// same twice.
pub(super) fn quantities(processor: &Processor) -> Vec<Quantity> {
    let levels = [processor.l1_bytes, processor.l2_bytes, processor.l3_bytes];
    let levels = (1..).zip(levels).filter(|(_, bytes)| *bytes > 0).map(|(level, _)| level);
    let pairs = [(Quantity::Arithmetic(ElementType::F32), Quantity::ThreadArithmetic(ElementType::F32))]
        .into_iter()
        .chain(levels.map(|level| (Quantity::Cache(level), Quantity::ThreadCache(level))))
        .chain([(Quantity::Read, Quantity::ThreadRead), (Quantity::Copy, Quantity::ThreadCopy)]);
    let several = processor.threads > 1;
    let asked = pairs.flat_map(|(all, one)| std::iter::once(all).chain(several.then_some(one)));
    asked.chain([Quantity::Dispatch, Quantity::ClockStep]).collect()
}

/// The routines for a quantity; the best of them counts. None where it takes no routine of its own.
///
/// # Errors
/// Why it cannot be asked of this processor.
pub(super) fn asking(quantity: Quantity, processor: &Processor) -> Result<Vec<Asking>, String> {
    let crew = |threads| Crew { processor, threads };
    let (all, one) = (crew(processor.threads), crew(1));
    Ok(match quantity {
        Quantity::Arithmetic(ElementType::F32) => all.arithmetic(),
        Quantity::ThreadArithmetic(ElementType::F32) => one.arithmetic(),
        Quantity::Cache(level) => vec![all.cache(level)?],
        Quantity::ThreadCache(level) => vec![one.cache(level)?],
        Quantity::Read => vec![all.memory()],
        Quantity::ThreadRead => vec![one.memory()],
        Quantity::Copy => all.copies(),
        Quantity::ThreadCopy => one.copies(),
        Quantity::Dispatch => vec![all.launch()],
        _ => Vec::new(),
    })
}

/// Numbers that chains begin at, multiply by and add; results repeat after so many.
const PERIOD: u64 = 64;

/// How many chains hide the latency of a multiply-add: with 16 registers, and with 32.
const CHAINS: [i64; 4] = [8, 12, 16, 24];

/// Steps of a chain, as on GPUs: all values on the way are whole numbers, and chains end near 0.
const STEPS: u64 = 1024;
const STARTS: Distribution = Distribution::Integers { low: -1032, high: -1017 };

/// Periods of results for each thread and lane: with narrow vectors and few chains about a millisecond.
const PERIODS: u64 = 8;

/// What is read goes through vectors of the widest kind, eight at once.
const READ_AT_ONCE: u64 = 8 * 16 * 4;

/// Bytes that each thread reads in one run, by going over its part again and again: a millisecond of the fastest cache.
const RUN_BYTES: u64 = 256 << 20;

/// Bytes of memory that a task reads.
const TASK_BYTES: u64 = 256 << 10;

/// Bytes of what counts as memory: four times the last caches, and within these.
const LEAST_BYTES: u64 = 64 << 20;
const MOST_BYTES: u64 = 256 << 20;

/// Elements that a thread copies where the launch is what counts.
const FEW: u64 = 32;

/// So many threads of a processor.
struct Crew<'a> {
    processor: &'a Processor,
    threads: u32,
}

impl Crew<'_> {
    /// Chains in registers, as many at once as the registers may hold.
    fn arithmetic(&self) -> Vec<Asking> {
        CHAINS.into_iter().map(|chains| self.chains(chains)).collect()
    }

    fn chains(&self, chains: i64) -> Asking {
        let lanes = u64::from(self.processor.widest());
        let start = input("start", ElementType::F32, PERIOD, STARTS);
        let factor = input("factor", ElementType::F32, PERIOD, Distribution::Constant(1.0));
        let addend = input("addend", ElementType::F32, PERIOD, Distribution::Constant(1.0));
        let output = output("result", ElementType::F32, self.count() * lanes * PERIODS * PERIOD);
        let result = |i: u64| -> f64 {
            let step = |value: f64, _: u64| value * value_at(&factor, i) + value_at(&addend, i);
            (0..chains).map(|chain| (0..STEPS).fold(value_at(&start, i) + chain as f64, step)).sum()
        };
        let period: Vec<f64> = (0..PERIOD).map(result).collect();
        let expected = sampled(output.elements, |i| period[(i % PERIOD) as usize]);
        let amount = (2 * chains as u64 * STEPS * output.elements) as f64;
        let inputs = vec![start, factor, addend];
        Asking {
            how: format!("{chains} chains of multiply-adds of {}, {}", lanes_name(lanes), self.name()),
            program: self.program("probe_arithmetic", &inputs, &output, &[("chains", chains), ("steps", STEPS as i64)]),
            inputs,
            output,
            expected,
            amount,
        }
    }

    /// Each thread reads a part of its own, which lies in this cache and in no smaller one.
    fn cache(&self, level: u8) -> Result<Asking, String> {
        let Processor { l1_bytes, l2_bytes, l3_bytes, l3_threads, .. } = *self.processor;
        // Two threads of one core may share its caches.
        let of_core = |bytes: u64| bytes / 8 * 3;
        let sharing = u64::from(l3_threads.min(self.threads).max(1));
        let (bytes, smaller) = match level {
            1 => (of_core(l1_bytes), 0),
            2 => (of_core(l2_bytes), l1_bytes),
            _ => (l3_bytes / 2 / sharing, l2_bytes),
        };
        let bytes = bytes / READ_AT_ONCE * READ_AT_ONCE;
        if bytes < 2 * smaller || bytes == 0 {
            return Err(format!("a thread's share of {} would lie in the cache before it", size(bytes)));
        }
        // Odd, so that no bit of a sum is shifted out of it.
        let rounds = (RUN_BYTES / bytes) | 1;
        let how = format!("{} for each thread again and again, {}", size(bytes), self.name());
        Ok(self.reading(how, bytes, self.count(), rounds))
    }

    /// All threads read what is larger than the caches, a task after the other.
    fn memory(&self) -> Asking {
        let bytes = memory_bytes(self.processor);
        self.reading(format!("{}, {}", size(bytes), self.name()), TASK_BYTES, bytes / TASK_BYTES, 1)
    }

    fn reading(&self, how: String, bytes: u64, parts: u64, rounds: u64) -> Asking {
        let each = bytes / 4;
        let source = input("source", ElementType::F32, parts * each, NUMBERS);
        let output = output("sums", ElementType::F32, parts);
        let sum = |part: u64| {
            let bits = (part * each..(part + 1) * each).map(|i| (value(&source, i) as f32).to_bits());
            let once = bits.fold(0_u32, u32::wrapping_add);
            f64::from(once.wrapping_mul(rounds as u32) >> 8)
        };
        let expected = sampled(parts, sum);
        let inputs = vec![source];
        Asking {
            how,
            program: self.program("probe_read", &inputs, &output, &[("rounds", rounds as i64)]),
            inputs,
            output,
            expected,
            amount: (parts * bytes * rounds) as f64,
        }
    }

    /// Copies in small parts and in large ones, which some systems write past the caches.
    fn copies(&self) -> Vec<Asking> {
        let bytes = memory_bytes(self.processor);
        let all = bytes / u64::from(self.threads.next_power_of_two());
        let copy =
            |part| self.copy(format!("{} in parts of {}, {}", size(bytes), size(part), self.name()), bytes, part);
        [TASK_BYTES, all].map(copy).into()
    }

    /// Next to nothing on each thread: what is left is the launch.
    fn launch(&self) -> Asking {
        let how = format!("{FEW} elements on each, {}, each launch after the one before", self.name());
        let launch = self.copy(how, 4 * FEW * self.count(), 4 * FEW);
        Asking { amount: 1.0, ..launch }
    }

    /// Bytes that are copied, so many by each task; those read and those written count.
    fn copy(&self, how: String, bytes: u64, part: u64) -> Asking {
        let source = input("source", ElementType::F32, bytes / 4, NUMBERS);
        let output = output("copied", ElementType::F32, bytes / 4);
        let expected = sampled(output.elements, |i| value(&source, i));
        let inputs = vec![source];
        Asking {
            how,
            program: self.program("probe_copy", &inputs, &output, &[("part", part as i64 / 4)]),
            inputs,
            output,
            expected,
            amount: 2.0 * bytes as f64,
        }
    }

    fn program(&self, name: &str, inputs: &[BufferRule], output: &BufferRule, options: &[(&str, i64)]) -> Program {
        let inputs = inputs.iter().map(|rule| rule.elements).collect();
        let always = [("lanes", i64::from(self.processor.widest())), ("threads", i64::from(self.threads))];
        let options = options.iter().chain(&always).map(|(name, value)| ((*name).to_owned(), *value));
        Program::routine(Routine {
            library: NATIVE.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            name: name.to_owned(),
            call: Call::Probe(ProbeCall { inputs, output: output.elements }),
            options: options.collect::<BTreeMap<_, _>>(),
        })
    }

    fn count(&self) -> u64 {
        u64::from(self.threads)
    }

    fn name(&self) -> String {
        if self.threads == 1 { "one thread".to_owned() } else { format!("{} threads", self.threads) }
    }
}

/// The same element of a period for all results that are so many apart.
fn value_at(rule: &BufferRule, index: u64) -> f64 {
    value(rule, index % PERIOD)
}

/// Bytes of what no cache holds, a power of two.
fn memory_bytes(processor: &Processor) -> u64 {
    let sharing = u64::from(processor.l3_threads.max(1));
    let last = match processor.l3_bytes {
        0 => processor.l2_bytes * u64::from(processor.threads),
        bytes => bytes * u64::from(processor.threads).div_ceil(sharing),
    };
    last.saturating_mul(4).clamp(LEAST_BYTES, MOST_BYTES).next_power_of_two()
}

fn lanes_name(lanes: u64) -> String {
    if lanes == 1 { "single f32".to_owned() } else { format!("{lanes} f32 each") }
}

/// Bytes as people read them.
fn size(bytes: u64) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{} KiB", bytes >> 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn processor(threads: u32, l3_bytes: u64, l3_threads: u32) -> Processor {
        let caches = Processor { l1_bytes: 32 << 10, l2_bytes: 512 << 10, l3_bytes, ..Processor::boundless() };
        Processor { threads, l3_threads, ..caches }
    }

    #[test]
    fn a_processor_is_asked_for_what_it_has() {
        let both = quantities(&processor(2, 16 << 20, 2));
        let single = quantities(&processor(1, 16 << 20, 1));
        let flat = quantities(&processor(1, 0, 1));
        assert_eq!([both.len(), single.len(), flat.len()], [14, 8, 7], "{both:?}");
        assert!(both.contains(&Quantity::ThreadCache(3)) && !single.contains(&Quantity::ThreadCache(3)));
        assert!(!flat.contains(&Quantity::Cache(3)));
    }

    /// Bytes that each thread goes over, by threads, last cache and how many share it.
    #[test]
    fn what_is_read_lies_in_the_cache_that_is_asked_for() {
        const MIB: u64 = 1 << 20;
        let cases = [
            (1, processor(2, 16 * MIB, 2), Some(12 << 10)),
            (2, processor(2, 16 * MIB, 2), Some(192 << 10)),
            (3, processor(2, 16 * MIB, 2), Some(4 * MIB)),
            (3, processor(16, 16 * MIB, 8), Some(MIB)),
            (3, processor(16, 8 * MIB, 16), None),
            (3, processor(1, 16 * MIB, 8), Some(8 * MIB)),
        ];
        for (level, processor, want) in cases {
            let asked = asking(Quantity::Cache(level), &processor);
            let bytes = asked.map(|asked| 4 * asked[0].inputs[0].elements / u64::from(processor.threads)).ok();
            assert_eq!(bytes, want, "L{level} of {processor:?}");
        }
    }

    #[test]
    fn memory_is_larger_than_all_caches_together() {
        let cases = [(2, 16, 2, 64), (16, 16, 4, 256), (4, 24, 4, 128), (1, 0, 1, 64), (128, 0, 1, 256)];
        for (threads, mib, sharing, want) in cases {
            assert_eq!(
                memory_bytes(&processor(threads, mib << 20, sharing)),
                want << 20,
                "{threads} threads, {mib} MiB"
            );
        }
    }

    #[test]
    fn all_is_in_whole_parts() {
        for threads in [1, 2, 3, 6, 48] {
            let processor = processor(threads, 0, 1);
            for quantity in quantities(&processor) {
                for asking in asking(quantity, &processor).unwrap() {
                    let routine = asking.program.routine.as_ref().unwrap();
                    let part = routine.option("part").unwrap_or(1) as u64;
                    let each = asking.inputs[0].elements / asking.output.elements.max(1);
                    let is_whole = asking.output.elements.is_multiple_of(part)
                        && (routine.name != "probe_read" || (4 * each).is_multiple_of(READ_AT_ONCE));
                    assert!(is_whole && asking.amount > 0.0, "{quantity} on {threads} threads by {}", asking.how);
                }
            }
        }
    }
}
