//! What a processor is probed with: multiply-adds that touch registers alone, and reading over and over.

use std::hint::black_box;

use pulp::{Simd, WithSimd};

use super::simd::Width;
use super::vector;

/// Numbers that each input of [`multiply_add`] has; results repeat after so many.
pub const PERIOD: usize = 64;

/// How many chains may run side by side: as many as hide the latency of a multiply-add with few registers or many.
pub const CHAINS: &[usize] = &[8, 12, 16, 24];

/// Chains of multiply-adds that do not wait for each other. Chain `c` of result `i` begins at `start[i] + c`, and each of its
/// steps multiplies by `factor[i]` and adds `addend[i]`; the result is the sum of all chains.
pub struct Chains<'a> {
    /// Where they begin.
    pub start: &'a [f32; PERIOD],
    /// What they multiply by.
    pub factor: &'a [f32; PERIOD],
    /// What they add.
    pub addend: &'a [f32; PERIOD],
    /// Steps of each chain.
    pub steps: usize,
    /// A period of results.
    pub results: &'a mut [f32; PERIOD],
}

/// Runs so many chains side by side, or none where [`CHAINS`] has no such number; whether it did.
pub fn multiply_add(width: Width, chains: usize, work: Chains) -> bool {
    match chains {
        8 => vector::run(width, SideBySide::<8>(work)),
        12 => vector::run(width, SideBySide::<12>(work)),
        16 => vector::run(width, SideBySide::<16>(work)),
        24 => vector::run(width, SideBySide::<24>(work)),
        _ => return false,
    }
    true
}

struct SideBySide<'a, const CHAINS: usize>(Chains<'a>);

impl<const CHAINS: usize> WithSimd for SideBySide<'_, CHAINS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Chains { start, factor, addend, steps, results } = self.0;
        let (starts, factors, addends) =
            (S::as_simd_f32s(start).0, S::as_simd_f32s(factor).0, S::as_simd_f32s(addend).0);
        for (at, result) in S::as_mut_simd_f32s(results).0.iter_mut().enumerate() {
            let mut chains = [starts[at]; CHAINS];
            for chain in 0..CHAINS {
                chains[chain] = simd.add_f32s(chains[chain], simd.splat_f32s(chain as f32));
            }
            for _ in 0..steps {
                for chain in 0..CHAINS {
                    chains[chain] = simd.mul_add_e_f32s(chains[chain], factors[at], addends[at]);
                }
            }
            let mut sum = chains[0];
            for chain in 1..CHAINS {
                sum = simd.add_f32s(sum, chains[chain]);
            }
            *result = sum;
        }
    }
}

/// Vectors that [`read`] adds up side by side.
const SIDE_BY_SIDE: usize = 8;

/// Elements that [`read`] takes at once with the widest vectors: it reads whole multiples of this.
pub const READ_AT_ONCE: usize = SIDE_BY_SIDE * 16;

/// Reads all values so many times over, and adds up their bits: every order gives the same sum. What is beyond the last
/// whole [`READ_AT_ONCE`] may be left out.
pub fn read(width: Width, values: &[f32], rounds: usize) -> u32 {
    vector::run(width, Reading { values, rounds })
}

struct Reading<'a> {
    values: &'a [f32],
    rounds: usize,
}

impl WithSimd for Reading<'_> {
    type Output = u32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> u32 {
        let mut sums = [simd.splat_u32s(0); SIDE_BY_SIDE];
        for _ in 0..self.rounds {
            // No compiler may know that each round reads the same.
            let values: &[u32] = bytemuck::cast_slice(black_box(self.values));
            let (turns, _) = S::as_simd_u32s(values).0.as_chunks::<SIDE_BY_SIDE>();
            for turn in turns {
                for at in 0..SIDE_BY_SIDE {
                    sums[at] = simd.add_u32s(sums[at], turn[at]);
                }
            }
        }
        let lanes: &[u32] = bytemuck::cast_slice(&sums);
        lanes.iter().fold(0, |sum, lane| sum.wrapping_add(*lane))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_end_where_they_must() {
        let [mut start, mut addend, mut results] = [[0.0; PERIOD]; 3];
        for at in 0..PERIOD {
            start[at] = at as f32 - 20.0;
            addend[at] = (at % 3) as f32;
        }
        for width in Width::available() {
            for (&chains, steps) in CHAINS.iter().flat_map(|chains| [(chains, 0), (chains, 1), (chains, 50)]) {
                let work =
                    Chains { start: &start, factor: &[1.0; PERIOD], addend: &addend, steps, results: &mut results };
                assert!(multiply_add(width, chains, work));
                for (at, result) in results.iter().enumerate() {
                    let want: f32 = (0..chains).map(|chain| start[at] + chain as f32 + steps as f32 * addend[at]).sum();
                    assert_eq!(*result, want, "{width:?}, {chains} chains of {steps}, result {at}");
                }
            }
            let none = Chains { start: &start, factor: &start, addend: &addend, steps: 1, results: &mut results };
            assert!(!multiply_add(width, 7, none), "there is no kernel for 7");
        }
    }

    #[test]
    fn every_value_is_read_in_every_round() {
        let values: Vec<f32> = (0..3 * READ_AT_ONCE).map(|at| (at * 37 % 1001) as f32).collect();
        let once = values.iter().fold(0_u32, |sum, value| sum.wrapping_add(value.to_bits()));
        for width in Width::available() {
            for rounds in [0, 1, 2, 5] {
                assert_eq!(
                    read(width, &values, rounds),
                    once.wrapping_mul(rounds as u32),
                    "{width:?}, {rounds} rounds"
                );
            }
            assert_eq!(read(width, &[], 3), 0, "{width:?}");
        }
    }
}
