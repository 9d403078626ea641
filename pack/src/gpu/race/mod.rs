//! A race between programs on the device itself, of a few milliseconds: interleaved rounds on tensors of the sizes asked for.

mod aim;
mod decide;
mod field;
mod pace;
mod stamps;
#[cfg(test)]
mod work;

use std::time::{Duration, Instant};

use wgpu::{Buffer, Queue};

use super::Error;
use super::contents::encode;
use super::launch::Bound;
use super::prepared::{Prepared, padded};
use super::readback::submit;
use super::scopes::guarded;
use super::self_test::{BLOCK_BYTES, refs, storage, tile, with_contents};
use crate::{Clock, Contender, Distribution, ElementType, Fill, Role};

pub use decide::Lap;
use decide::{Times, winner};
use field::{Field, Laps};
use pace::Pace;
use stamps::Stamps;

/// How long a race takes, about. What takes long runs in part; where it cannot, the default and the first of the others run once,
/// however long that takes.
pub const RACE_BUDGET: Duration = Duration::from_millis(80);

/// The outcome of a race.
#[derive(Clone, Debug, PartialEq)]
pub struct Race {
    /// The id of the winner's entry.
    pub winner: String,
    /// Each contender, in their order, which is that of their first laps.
    pub laps: Vec<Lap>,
    /// What was timed by.
    pub clock: Clock,
    /// How many rounds were timed. Who could not win after the first lap was not in them, and has that lap's time, by the
    /// host's clock.
    pub rounds: usize,
    /// How long all of it took.
    pub took: Duration,
}

/// Races contenders, each with its program as it was prepared: for the same sizes, and self-tested. The default among them
/// (the first, if none is) stays unless another is measurably faster. Who is probably fastest should be first: the others need
/// run no longer than it takes to see that they are slower.
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

/// Runs of one contender within one sample, at most.
const MOST_REPEATS: f64 = 256.0;

/// The time that a sample should take, in seconds: above the steps of clocks, and the cost of submitting.
const LEAST_SAMPLE: f64 = 100e-6;

/// What programs are run on.
struct Track<'a> {
    device: &'a wgpu::Device,
    queue: &'a Queue,
    runners: Vec<Bound>,
    stamps: Option<Stamps>,
    /// When it was ready.
    began: Instant,
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
        // Else the first run of the first contender would wait for it.
        outputs.iter().for_each(|output| encoder.clear_buffer(output, 0, None));
        submit(device, queue, encoder, "filling tensors for a race")?;
        let runners = contenders.iter().map(|(_, prepared)| prepared.bind(&refs(&inputs), &refs(&outputs)));
        let runners: Vec<Bound> = runners.collect::<Result<_, _>>()?;
        // What the driver has put off until now is no time of theirs.
        let mut encoder = device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        runners.iter().for_each(|runner| runner.encode_touch(&mut pass));
        drop(pass);
        submit(device, queue, encoder, "a first launch of all contenders")?;
        let stamps = Stamps::new(device, queue, contenders.len());
        Ok(Self { device, queue, runners, stamps, began: Instant::now() })
    }

    fn race(
        mut self,
        contenders: &[(&Contender, &Prepared)],
        started: Instant,
        budget: Duration,
    ) -> Result<Race, Error> {
        let default = contenders.iter().position(|(contender, _)| contender.entry.role == Role::Default).unwrap_or(0);
        let field = Field::find(&self.runners, default, budget.as_secs_f64(), &self)?;
        let first_lap = |pace: &Pace| Times::of_first_lap(1e9 * pace.seconds, pace.doubt);
        let paces = field.paces.iter();
        let mut times: Vec<Times> = paces.map(|pace| pace.as_ref().map_or_else(Times::none, first_lap)).collect();
        let starters = Starter::all(field.going(), budget.saturating_sub(started.elapsed()));
        let cost: f64 = starters.iter().map(|starter| starter.pace.lap * f64::from(starter.repeats)).sum();
        if starters.len() > 1 {
            self.rounds(&starters, started, budget.saturating_sub(Duration::from_secs_f64(cost)), &mut times)?;
        }
        let ids = contenders.iter().map(|(contender, _)| &contender.entry.id);
        let laps: Vec<Lap> = ids.zip(&times).map(|(id, own)| Lap::new(id, own, &times[default])).collect();
        let winner = winner(&laps, default).to_owned();
        let has_stamps = self.stamps.is_some() && !times[default].rounds.is_empty();
        let clock = if has_stamps { Clock::Device } else { Clock::Host };
        Ok(Race { winner, laps, clock, rounds: times[default].rounds.len(), took: started.elapsed() })
    }

    /// Adds the time of one run of each starter in each round, while a round can be begun.
    fn rounds(
        &mut self,
        starters: &[Starter<'_>],
        started: Instant,
        last_start: Duration,
        times: &mut [Times],
    ) -> Result<(), Error> {
        for round in 0..MOST_ROUNDS {
            if started.elapsed() > last_start {
                break;
            }
            match self.round(starters, round)? {
                Some(samples) => starters.iter().zip(samples).for_each(|(one, ns)| times[one.at].rounds.push(ns)),
                None => {
                    // A device whose stamps are no times is timed by the host, from the start.
                    self.stamps = None;
                    times.iter_mut().for_each(|times| times.rounds.clear());
                }
            }
        }
        Ok(())
    }

    /// How long so many runs take by the host's clock, in seconds.
    fn host_lap(&self, runner: &Bound, repeats: u32) -> Result<f64, Error> {
        let started = Instant::now();
        let mut encoder = self.device.create_command_encoder(&Default::default());
        let mut pass = encoder.begin_compute_pass(&Default::default());
        (0..repeats).for_each(|_| runner.encode(&mut pass));
        drop(pass);
        submit(self.device, self.queue, encoder, "a run of a race")?;
        Ok(started.elapsed().as_secs_f64())
    }

    /// The time of one whole run of each starter, in nanoseconds, in their order; they begin with another each round. None
    /// where the device's clock makes no sense.
    fn round(&self, starters: &[Starter<'_>], round: usize) -> Result<Option<Vec<f64>>, Error> {
        let mut order: Vec<usize> = (0..starters.len()).collect();
        order.rotate_left(round % starters.len());
        let Some(stamps) = &self.stamps else {
            let mut times = vec![0.0; starters.len()];
            for place in order {
                let starter = &starters[place];
                let seconds = self.host_lap(&starter.pace.runner, starter.repeats)?;
                times[place] = 1e9 * seconds / starter.runs();
            }
            return Ok(Some(times));
        };
        let mut encoder = self.device.create_command_encoder(&Default::default());
        for place in order {
            let starter = &starters[place];
            let mut pass = encoder.begin_compute_pass(&stamps.around(place));
            (0..starter.repeats).for_each(|_| starter.pace.runner.encode(&mut pass));
        }
        let ticks = stamps.read(self.device, self.queue, encoder, starters.len())?;
        let times = ticks.iter().zip(starters).map(|(ticks, starter)| {
            let [begin, end] = *ticks;
            (0 < begin && begin < end).then(|| (end - begin) as f64 * stamps.period_ns / starter.runs())
        });
        Ok(times.collect())
    }
}

impl Laps<Bound> for Track<'_> {
    fn elapsed(&self) -> f64 {
        self.began.elapsed().as_secs_f64()
    }

    fn prepare(&self, runner: &Bound) -> Result<(), Error> {
        let mut encoder = self.device.create_command_encoder(&Default::default());
        runner.encode_prepare(&mut encoder.begin_compute_pass(&Default::default()));
        submit(self.device, self.queue, encoder, "what a contender prepares")
    }

    fn lap(&self, runner: &Bound) -> Result<f64, Error> {
        self.host_lap(runner, 1)
    }
}

/// Who is in the rounds.
struct Starter<'a> {
    /// Its place among the contenders.
    at: usize,
    pace: &'a Pace,
    /// Laps within one sample.
    repeats: u32,
}

impl<'a> Starter<'a> {
    /// All who go on, each with as many laps in a sample as there is time for in all rounds.
    fn all(going: Vec<(usize, &'a Pace)>, left: Duration) -> Vec<Self> {
        let sample = (left.as_secs_f64() / (MOST_ROUNDS * going.len()) as f64).max(LEAST_SAMPLE);
        let repeats = |pace: &Pace| (sample / pace.lap).ceil().clamp(1.0, MOST_REPEATS) as u32;
        going.into_iter().map(|(at, pace)| Self { at, pace, repeats: repeats(pace) }).collect()
    }

    /// Whole runs within one sample.
    fn runs(&self) -> f64 {
        f64::from(self.repeats) * self.pace.runs()
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
