//! Which entries can be used for a workload on a device at all, and how good they promise to be.

use std::collections::{BTreeMap, BTreeSet};

use super::{Miss, Rung, Wish};
use crate::decisions::{Refusals, shape};
use crate::limits::MOST_MISSES;
use crate::{Device, Dims, Entry, Manifest, Mode, Operation, Pack, PartHash, Role, Symbols, Verdict, Workload};

/// Entries that fit, and why others do not.
pub(super) struct Fitting<'a> {
    cases: Vec<Case<'a>>,
    candidates: Vec<Candidate<'a>>,
    /// The rungs that those who measured stand on, by id.
    rungs: BTreeMap<&'a str, Vec<Rung>>,
    /// Where entries stand in a portfolio of theirs, by id.
    places: BTreeMap<[&'a str; 2], usize>,
    missed: BTreeSet<String>,
    /// Of entries that compute the workload at its sizes, and cannot be used all the same.
    pub misses: Vec<Miss>,
}

/// An operation that the workload means.
struct Case<'a> {
    operation: &'a Operation,
    dims: Dims,
    symbols: Symbols,
    /// What it is called.
    shape: String,
}

/// An entry that fits.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    case: usize,
    pub entry: &'a Entry,
    /// From the shape that it was measured at.
    pub distance: f64,
    pub standing: Standing,
    /// How many times as fast as the default it was, where that was measured.
    pub ratio: Option<f64>,
}

/// What evidence says of an entry beside the default, the better ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Found by a search and measurably faster.
    Faster,
    /// The default itself.
    Default,
    /// Found by a search, but not measurably faster.
    NotFaster,
}

impl<'a> Fitting<'a> {
    /// Looks through the whole index, once: each list of it may be as long as there may be entries.
    pub fn find(pack: &'a Pack, device: &Device, workload: &Workload, wish: &Wish) -> Self {
        let manifest = pack.manifest();
        let measured = manifest.devices.iter();
        let mut fitting = Self {
            cases: Vec::new(),
            candidates: Vec::new(),
            rungs: measured.map(|(id, measured)| (id.as_str(), Rung::joining(device, measured))).collect(),
            places: places(manifest),
            missed: BTreeSet::new(),
            misses: Vec::new(),
        };
        let meant = fitting.meant(manifest, device, workload);
        let barred = Barred::find(manifest, device, wish);
        for entry in &manifest.entries {
            if let Some(case) = meant.get(entry.operation.as_str()) {
                fitting.consider(&barred, device, wish.mode, *case, entry);
            }
        }
        fitting
    }

    /// The operations that the workload means: the numbers of their cases, by id.
    fn meant(&mut self, manifest: &'a Manifest, device: &Device, workload: &Workload) -> BTreeMap<&'a str, usize> {
        let mut meant = BTreeMap::new();
        for (id, operation) in &manifest.operations {
            let Some(dims) = operation.dims_of(workload) else { continue };
            match Case::new(id, operation, dims, device) {
                Ok(case) => {
                    meant.insert(id.as_str(), self.cases.len());
                    self.cases.push(case);
                }
                Err(why) => self.note(format!("operation {id}"), why),
            }
        }
        meant
    }

    fn consider(&mut self, barred: &Barred, device: &Device, mode: Mode, case: usize, entry: &'a Entry) {
        let Case { dims, symbols, shape, .. } = &self.cases[case];
        if !entry.admits_at(dims, symbols) {
            return;
        }
        let Some(distance) = entry.distance(dims) else { return };
        match barred.obstacle(device, mode, entry, shape) {
            Some(why) => self.note(format!("entry {}", entry.id), why),
            None => {
                let (standing, ratio) = standing(entry, mode);
                self.candidates.push(Candidate { case, entry, distance, standing, ratio });
            }
        }
    }

    /// The candidates of a rung, the best first: nearest shape, then evidence; of a portfolio its own order.
    pub fn on(&self, rung: Rung) -> Vec<Candidate<'a>> {
        let mut found: Vec<(usize, Candidate)> = Vec::new();
        for candidate in &self.candidates {
            found.extend(self.place(rung, candidate.entry).map(|place| (place, *candidate)));
        }
        found.sort_by(|(place, one), (other_place, other)| {
            let speed = |candidate: &Candidate| candidate.ratio.unwrap_or(0.0);
            let nearer = one.distance.total_cmp(&other.distance).then(place.cmp(other_place));
            let better = one.standing.cmp(&other.standing).then(speed(other).total_cmp(&speed(one)));
            nearer.then(better).then(one.entry.id.cmp(&other.entry.id))
        });
        found.into_iter().map(|(_, candidate)| candidate).collect()
    }

    /// The default at these sizes: that of this device, else the portable one; the nearest of several.
    pub fn default_here(&self) -> Option<Candidate<'a>> {
        let is_default = |candidate: &Candidate| candidate.entry.role == Role::Default;
        let mut rungs = [Rung::Exact, Rung::Default].into_iter();
        rungs.find_map(|rung| self.on(rung).into_iter().find(is_default))
    }

    /// Where an entry stands on a rung, before all evidence; none if it does not.
    fn place(&self, rung: Rung, entry: &Entry) -> Option<usize> {
        if rung == Rung::Portfolio {
            return self.places.get(&[entry.operation.as_str(), entry.id.as_str()]).copied();
        }
        let stands = match &entry.device {
            None => rung == Rung::Default,
            Some(id) => self.rungs.get(id.as_str()).is_some_and(|rungs| rungs.contains(&rung)),
        };
        stands.then_some(0)
    }

    /// What a candidate's operation at these sizes is called.
    pub fn shape(&self, candidate: &Candidate) -> &str {
        &self.cases[candidate.case].shape
    }

    /// What a candidate computes, with all its symbols.
    pub fn meaning(&self, candidate: &Candidate) -> (&'a Operation, &Symbols) {
        let case = &self.cases[candidate.case];
        (case.operation, &case.symbols)
    }

    /// Whether an entry was found unusable.
    pub fn is_missed(&self, id: &str) -> bool {
        self.missed.contains(id)
    }

    /// Keeps why an entry that was chosen turned out to be unusable, before all that was never chosen.
    pub fn miss(&mut self, entry: &Entry, why: String) {
        self.missed.insert(entry.id.clone());
        self.misses.insert(0, Miss { what: format!("entry {}", entry.id), why });
        self.misses.truncate(MOST_MISSES);
    }

    pub fn note(&mut self, what: String, why: String) {
        if self.misses.len() < MOST_MISSES {
            self.misses.push(Miss { what, why });
        }
    }
}

impl<'a> Case<'a> {
    /// The case of these sizes, if its tensors fit the device.
    fn new(id: &str, operation: &'a Operation, dims: Dims, device: &Device) -> Result<Self, String> {
        let symbols = operation.symbols(&dims).ok_or("its sizes have no value at this shape")?;
        let tensors = (operation.inputs(&symbols), operation.outputs(&symbols));
        let (Some(inputs), Some(outputs)) = tensors else {
            return Err("a tensor has no size at this shape".to_owned());
        };
        let most = device.capability.storage_binding_bytes;
        match inputs.iter().chain(&outputs).find(|tensor| tensor.bytes > most) {
            Some(tensor) => Err(format!("`{}` has {} bytes, and the device binds {most}", tensor.name, tensor.bytes)),
            None => Ok(Self { operation, shape: shape(id, &dims), dims, symbols }),
        }
    }
}

/// Programs that must not be used here, with the reasons.
struct Barred<'a> {
    /// Whatever the sizes.
    programs: BTreeMap<PartHash, String>,
    /// At certain sizes.
    refusals: Option<&'a Refusals>,
}

impl<'a> Barred<'a> {
    fn find(manifest: &Manifest, device: &Device, wish: &Wish<'a>) -> Self {
        let quarantine = manifest.quarantine.iter().filter(|quarantine| quarantine.device.matches(device));
        let quarantine =
            quarantine.map(|found| (found.program, format!("its program is in quarantine: {}", found.why)));
        let verdicts = wish.decisions.and_then(|decisions| decisions.verdicts_on(device, wish.mode));
        let failed = verdicts.into_iter().flatten().filter_map(|(program, verdict)| match verdict {
            Verdict::Failed(why) => Some((*program, format!("its self-test failed on this device: {why}"))),
            Verdict::Passed => None,
        });
        let refusals = wish.decisions.and_then(|decisions| decisions.refusals_on(device, wish.mode));
        Self { programs: quarantine.chain(failed).collect(), refusals }
    }

    /// Why an entry cannot be used here for an operation at certain sizes.
    fn obstacle(&self, device: &Device, mode: Mode, entry: &Entry, shape: &str) -> Option<String> {
        let is_portable_default = entry.device.is_none() && entry.role == Role::Default;
        if !is_portable_default && !entry.times.contains_key(&mode) {
            return Some(format!("it was not measured in the mode `{}`", mode.name()));
        }
        if let Some(why) = self.programs.get(&entry.program) {
            return Some(why.clone());
        }
        let refusal = self.refusals.and_then(|refusals| refusals.get(&(entry.program, shape.to_owned())));
        let refusal = refusal.map(|why| format!("this device refuses it at these sizes: {why}"));
        refusal.or_else(|| entry.needs.missing(&device.capability))
    }
}

/// Where each entry of a portfolio stands in the first of its operation that has it.
fn places(manifest: &Manifest) -> BTreeMap<[&str; 2], usize> {
    let mut places = BTreeMap::new();
    for portfolio in &manifest.portfolios {
        for (place, id) in portfolio.entries.iter().enumerate() {
            places.entry([portfolio.operation.as_str(), id.as_str()]).or_insert(place);
        }
    }
    places
}

fn standing(entry: &Entry, mode: Mode) -> (Standing, Option<f64>) {
    let ratio = entry.times.get(&mode).map(|times| times.ratio_to_default);
    let standing = match (entry.role, ratio) {
        (Role::Default, _) => Standing::Default,
        (Role::Tuned, Some([low, ..])) if low > 1.0 => Standing::Faster,
        (Role::Tuned, _) => Standing::NotFaster,
    };
    (standing, ratio.map(|[_, value, _]| value))
}
