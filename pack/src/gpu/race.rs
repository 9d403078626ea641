//! A race between programs on the device itself, of a few milliseconds: interleaved rounds on tensors of the sizes asked for.

use std::time::{Duration, Instant};

use wgpu::{
    Buffer, CommandEncoder, ComputePassDescriptor, ComputePassTimestampWrites, Device, Features, QUERY_SIZE, QuerySet,
    QuerySetDescriptor, QueryType, Queue,
};

use super::Error;
use super::contents::encode;
use super::launch::Bound;
use super::prepared::{Prepared, padded};
use super::readback::{read, staging, submit};
use super::scopes::guarded;
use super::self_test::{BLOCK_BYTES, refs, storage, tile, with_contents};
use crate::{Clock, Contender, Distribution, ElementType, Fill, Role};

/// How long a race takes, about. Where four runs of each contender take longer than that, so does the race.
pub const RACE_BUDGET: Duration = Duration::from_millis(80);

/// The outcome of a race.
#[derive(Clone, Debug, PartialEq)]
pub struct Race {
    /// The id of the winner's entry.
    pub winner: String,
    /// Each contender, in their order.
    pub laps: Vec<Lap>,
    /// What was timed by.
    pub clock: Clock,
    /// How many rounds were timed. Who could not win after the first lap was not in them, and has that lap's time, by the
    /// host's clock.
    pub rounds: usize,
    /// How long all of it took.
    pub took: Duration,
}

/// How one contender did.
#[derive(Clone, Debug, PartialEq)]
pub struct Lap {
    /// The id of its entry.
    pub entry: String,
    /// The median time of one run, in nanoseconds.
    pub median_ns: f64,
    /// How many times as fast as the default it was: the median over rounds. 1 for the default itself.
    pub ratio: f64,
    /// Whether it was measurably faster than the default.
    pub is_faster: bool,
}

/// Races contenders, each with its program as it was prepared: for the same sizes, and self-tested. The default among them
/// (the first, if none is) stays unless another is measurably faster.
///
/// Tensors of these sizes are allocated for it and freed again.
///
/// Errors where the device fails or has no memory for them.
pub fn race(queue: &Queue, contenders: &[(&Contender, &Prepared)], budget: Duration) -> Result<Race, Error> {
    let Some((_, first)) = contenders.first() else { return Err(Error::Program("nobody races".to_owned())) };
    let sizes = |prepared: &Prepared| (prepared.program.inputs().to_vec(), prepared.program.outputs().to_vec());
    let comparable: Vec<_> = contenders.iter().filter(|(_, other)| sizes(other) == sizes(first)).copied().collect();
    let started = Instant::now();
    guarded(&first.device, || Track::new(queue, &comparable)?.race(&comparable, started, budget))
}

/// How many rounds a race has at most: enough for a median.
const MOST_ROUNDS: usize = 15;

/// How many rounds it has at least, however long they take.
const LEAST_ROUNDS: usize = 2;

/// Runs of one contender within one sample, at most.
const MOST_REPEATS: f64 = 256.0;

/// The time that a sample should take, in seconds: above the steps of clocks, and the cost of submitting.
const LEAST_SAMPLE: f64 = 100e-6;

/// Who takes this many times as long as the fastest on the first lap does not go on: he cannot win.
const HOPELESS: f64 = 4.0;

/// What programs are run on.
struct Track<'a> {
    device: &'a Device,
    queue: &'a Queue,
    runners: Vec<Bound>,
    stamps: Option<Stamps>,
}

/// Timestamp queries around the pass of each contender.
struct Stamps {
    queries: QuerySet,
    resolved: Buffer,
    period_ns: f64,
}

impl<'a> Track<'a> {
    fn new(queue: &'a Queue, contenders: &[(&Contender, &'a Prepared)]) -> Result<Self, Error> {
        let first = contenders[0].1;
        let device = &first.device;
        let mut encoder = device.create_command_encoder(&Default::default());
        let inputs = first.program.inputs().iter().map(|tensor| {
            let buffer = storage(device, padded(tensor.bytes));
            tile(&mut encoder, &with_contents(device, queue, &block(tensor.element)), &buffer);
            buffer
        });
        let inputs: Vec<Buffer> = inputs.collect();
        let outputs = first.program.outputs().iter();
        let outputs: Vec<Buffer> = outputs.map(|tensor| storage(device, padded(tensor.bytes))).collect();
        submit(device, queue, encoder, "filling tensors for a race")?;
        let runners = contenders.iter().map(|(_, prepared)| prepared.bind(&refs(&inputs), &refs(&outputs)));
        let runners = runners.collect::<Result<_, _>>()?;
        Ok(Self { device, queue, runners, stamps: Stamps::new(device, queue, contenders.len()) })
    }

    fn race(
        mut self,
        contenders: &[(&Contender, &Prepared)],
        started: Instant,
        budget: Duration,
    ) -> Result<Race, Error> {
        let default = contenders.iter().position(|(contender, _)| contender.entry.role == Role::Default).unwrap_or(0);
        let first = self.first_laps(budget)?;
        let fastest = first.iter().copied().fold(f64::INFINITY, f64::min);
        let goes_on = |at: &usize| *at == default || first[*at] <= HOPELESS * fastest;
        let going: Vec<usize> = (0..first.len()).filter(goes_on).collect();
        // The first lap is all that is known of those who do not go on, or of one who is alone.
        let mut times: Vec<Vec<f64>> = first.iter().map(|seconds| vec![1e9 * seconds]).collect();
        if going.len() > 1 {
            let left = budget.saturating_sub(started.elapsed()).as_secs_f64();
            let sample = (left / (MOST_ROUNDS * going.len()) as f64).max(LEAST_SAMPLE);
            let repeats = |at: usize| (sample / first[at]).ceil().clamp(1.0, MOST_REPEATS) as u32;
            let starters: Vec<(usize, u32)> = going.iter().map(|at| (*at, repeats(*at))).collect();
            let rounds = self.rounds(&starters, started, budget)?;
            going.iter().zip(rounds).for_each(|(at, own)| times[*at] = own);
        }
        let ids = contenders.iter().map(|(contender, _)| &contender.entry.id);
        let lap = |(id, own): (&String, &Vec<f64>)| Lap::new(id, own, &times[default], 1e9 * first[default]);
        let laps: Vec<Lap> = ids.zip(&times).map(lap).collect();
        let winner = winner(&laps, default).to_owned();
        let clock = if self.stamps.is_some() { Clock::Device } else { Clock::Host };
        Ok(Race { winner, laps, clock, rounds: times[default].len(), took: started.elapsed() })
    }

    /// The time of one run of each in each round, in nanoseconds, until the time is over.
    fn rounds(
        &mut self,
        starters: &[(usize, u32)],
        started: Instant,
        budget: Duration,
    ) -> Result<Vec<Vec<f64>>, Error> {
        let mut times: Vec<Vec<f64>> = vec![Vec::new(); starters.len()];
        for round in 0..MOST_ROUNDS {
            if times[0].len() >= LEAST_ROUNDS && started.elapsed() >= budget {
                break;
            }
            match self.round(starters, round)? {
                Some(samples) => times.iter_mut().zip(samples).for_each(|(times, sample)| times.push(sample)),
                None => {
                    // A device whose stamps are no times is timed by the host, from the start.
                    self.stamps = None;
                    times.iter_mut().for_each(Vec::clear);
                }
            }
        }
        Ok(times)
    }

    /// Runs each twice, what is prepared included, and takes the shorter time by the host's clock, in seconds: the first may
    /// still compile. One that takes all the time that there is, is not asked again.
    fn first_laps(&self, budget: Duration) -> Result<Vec<f64>, Error> {
        let lap = |runner: &Bound| {
            let first = self.host_lap(runner, 1, true)?;
            if first >= budget.as_secs_f64() { Ok(first) } else { Ok(first.min(self.host_lap(runner, 1, false)?)) }
        };
        self.runners.iter().map(lap).collect()
    }

    /// How long so many runs take by the host's clock, in seconds.
    fn host_lap(&self, runner: &Bound, repeats: u32, prepares: bool) -> Result<f64, Error> {
        let started = Instant::now();
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        if prepares {
            runner.encode_prepare(&mut pass);
        }
        (0..repeats).for_each(|_| runner.encode(&mut pass));
        drop(pass);
        submit(self.device, self.queue, encoder, "a run of a race")?;
        Ok(started.elapsed().as_secs_f64())
    }

    /// The time of one run of each starter, in nanoseconds, in their order; they begin with another each round. None where
    /// the device's clock makes no sense.
    fn round(&self, starters: &[(usize, u32)], round: usize) -> Result<Option<Vec<f64>>, Error> {
        let mut order: Vec<usize> = (0..starters.len()).collect();
        order.rotate_left(round % starters.len());
        let Some(stamps) = &self.stamps else {
            let mut times = vec![0.0; starters.len()];
            for place in order {
                let (at, repeats) = starters[place];
                times[place] = 1e9 * self.host_lap(&self.runners[at], repeats, false)? / f64::from(repeats);
            }
            return Ok(Some(times));
        };
        let mut encoder = self.device.create_command_encoder(&Default::default());
        for place in order {
            let (at, repeats) = starters[place];
            let mut pass = encoder.begin_compute_pass(&stamps.around(place));
            (0..repeats).for_each(|_| self.runners[at].encode(&mut pass));
        }
        let ticks = stamps.read(self.device, self.queue, encoder, starters.len())?;
        let times = ticks.iter().zip(starters).map(|(ticks, (_, repeats))| {
            let [begin, end] = *ticks;
            (0 < begin && begin < end).then(|| (end - begin) as f64 * stamps.period_ns / f64::from(*repeats))
        });
        Ok(times.collect())
    }
}

impl Stamps {
    fn new(device: &Device, queue: &Queue, contenders: usize) -> Option<Self> {
        let count = 2 * contenders as u32;
        let has_queries = device.features().contains(Features::TIMESTAMP_QUERY);
        has_queries.then(|| Self {
            queries: device.create_query_set(&QuerySetDescriptor { label: None, ty: QueryType::Timestamp, count }),
            resolved: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("stamps"),
                size: u64::from(count) * u64::from(QUERY_SIZE),
                usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            }),
            period_ns: f64::from(queue.get_timestamp_period()),
        })
    }

    fn around(&self, place: usize) -> ComputePassDescriptor<'_> {
        let first = 2 * place as u32;
        let writes = ComputePassTimestampWrites {
            query_set: &self.queries,
            beginning_of_pass_write_index: Some(first),
            end_of_pass_write_index: Some(first + 1),
        };
        ComputePassDescriptor { label: None, timestamp_writes: Some(writes) }
    }

    /// The stamps of so many passes, after what was encoded is done.
    fn read(
        &self,
        device: &Device,
        queue: &Queue,
        mut encoder: CommandEncoder,
        passes: usize,
    ) -> Result<Vec<[u64; 2]>, Error> {
        encoder.resolve_query_set(&self.queries, 0..2 * passes as u32, &self.resolved, 0);
        submit(device, queue, encoder, "a round of a race")?;
        // In a submission of its own: in one, some drivers copy before the stamps have landed.
        let mut encoder = device.create_command_encoder(&Default::default());
        let readback = staging(device, self.resolved.size());
        encoder.copy_buffer_to_buffer(&self.resolved, 0, &readback, 0, self.resolved.size());
        submit(device, queue, encoder, "a round of a race")?;
        let bytes = read(device, &readback)?;
        let ticks =
            bytes.chunks_exact(8).map(|tick| tick.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)));
        let ticks: Vec<u64> = ticks.collect();
        Ok(ticks.chunks_exact(2).take(passes).map(|pair| [pair[0], pair[1]]).collect())
    }
}

/// The contents of inputs, a block of them: numbers of both signs, such as any network has. Zeros would be cheaper to
/// multiply.
fn block(element: ElementType) -> Vec<u8> {
    let distribution = match element {
        ElementType::F32 | ElementType::F16 => Distribution::Uniform { low: -1.0, high: 1.0 },
        ElementType::I8 | ElementType::I32 => Distribution::Integers { low: -3, high: 3 },
        ElementType::U32 => Distribution::Integers { low: 1, high: 3 },
    };
    let fill = Fill { seed: 1, distribution };
    // A quarter of a block's numbers, four times: they are costly to make.
    let elements = BLOCK_BYTES as u64 / element.bytes() / 4;
    let mut bytes = Vec::with_capacity(BLOCK_BYTES);
    (0..elements).for_each(|index| encode(element, fill.value(index), &mut bytes));
    bytes.repeat(4)
}

impl Lap {
    /// From the times of rounds, beside those of the default. A single one is that of the first lap, and so is `first` of the
    /// default.
    fn new(entry: &str, own: &[f64], default: &[f64], first: f64) -> Self {
        let default = if own.len() == 1 { &[first] } else { default };
        let ratios: Vec<f64> = default.iter().zip(own).map(|(default, own)| default / own).collect();
        Self { entry: entry.to_owned(), median_ns: median(own), ratio: median(&ratios), is_faster: is_faster(&ratios) }
    }
}

/// Rounds from which on a sign test can tell something: five of five happen by chance once in 32.
const TELLING_ROUNDS: usize = 5;

/// How many times as fast a contender must be in every round of a race with fewer: more than noise makes of the same.
const CLEARLY: f64 = 1.5;

/// Whether ratios to the default show that a contender is faster: by a sign test at 5 %, one-sided.
fn is_faster(ratios: &[f64]) -> bool {
    let (rounds, wins) = (ratios.len(), ratios.iter().filter(|ratio| **ratio > 1.0).count());
    if rounds < TELLING_ROUNDS {
        return rounds >= LEAST_ROUNDS && ratios.iter().all(|ratio| *ratio > CLEARLY);
    }
    // How probable so many wins or more are between equals.
    let by_chance: f64 = (wins..=rounds).map(|wins| combinations(rounds, wins)).sum::<f64>() / 2f64.powi(rounds as i32);
    by_chance <= 0.05
}

fn combinations(of: usize, choose: usize) -> f64 {
    (0..choose).map(|i| (of - i) as f64 / (i + 1) as f64).product()
}

/// The id of the fastest of those that are measurably faster than the default, else of the default.
fn winner(laps: &[Lap], default: usize) -> &str {
    let faster = laps.iter().filter(|lap| lap.is_faster);
    let best = faster.max_by(|one, other| one.ratio.total_cmp(&other.ratio));
    &best.unwrap_or(&laps[default]).entry
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.as_slice() {
        [] => f64::NAN,
        sorted if sorted.len() % 2 == 1 => sorted[sorted.len() / 2],
        sorted => (sorted[sorted.len() / 2 - 1] + sorted[sorted.len() / 2]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Times of the default and of one other over rounds, and whether the other wins.
    #[test]
    fn the_default_stays_unless_another_is_measurably_faster() {
        let cases: [(&str, &[f64], &[f64], bool); 9] = [
            ("the same", &[1.0; 9], &[1.0; 9], false),
            ("always a little faster", &[1.0; 9], &[0.99; 9], true),
            ("slower", &[1.0; 9], &[1.1; 9], false),
            ("as often slower", &[1.0, 1.0, 1.0, 1.0, 1.0], &[0.9, 1.1, 0.9, 1.1, 0.9], false),
            ("eight of nine", &[1.0; 9], &[0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 2.0], true),
            ("few rounds", &[1.0, 1.0], &[0.8, 0.8], false),
            ("few rounds, and no doubt", &[1.0, 1.0], &[0.5, 0.6], true),
            ("no round", &[], &[], false),
            ("the first lap alone", &[1.0; 9], &[5.0], false),
        ];
        for (what, default, other, wins) in cases {
            let laps = [("default", default), ("other", other)].map(|(name, own)| Lap::new(name, own, default, 1.0));
            assert_eq!(winner(&laps, 0), if wins { "other" } else { "default" }, "{what}");
        }
        let laps = ["default", "slow", "fast"].into_iter().zip([1.0, 0.8, 0.5]);
        let laps: Vec<Lap> = laps.map(|(name, time)| Lap::new(name, &[time; 7], &[1.0; 7], 1.0)).collect();
        assert_eq!((winner(&laps, 0), laps[2].ratio), ("fast", 2.0));
    }
}
