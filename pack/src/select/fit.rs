//! Which entries can be used for a workload on a device at all, and how good they promise to be.

use std::collections::{BTreeMap, BTreeSet};

use super::rung::portfolio_of;
use super::{Miss, Rung, Wish};
use crate::limits::MOST_MISSES;
use crate::{Device, Dims, Entry, Operation, Pack, Role, Symbols, Verdict, Workload};

/// Entries that fit, and why others do not.
pub(super) struct Fitting<'a> {
    cases: Vec<Case<'a>>,
    candidates: Vec<Candidate<'a>>,
    /// The rungs that those who measured stand on, by id.
    rungs: BTreeMap<&'a str, Vec<Rung>>,
    missed: BTreeSet<String>,
    /// Of entries that compute the workload at its sizes, and cannot be used all the same.
    pub misses: Vec<Miss>,
}

/// An operation that the workload means.
struct Case<'a> {
    id: &'a str,
    operation: &'a Operation,
    dims: Dims,
    symbols: Symbols,
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
    /// Looks through the whole index.
    pub fn find(pack: &'a Pack, device: &Device, workload: &Workload, wish: &Wish) -> Self {
        let measured = pack.manifest().devices.iter();
        let mut fitting = Self {
            cases: Vec::new(),
            candidates: Vec::new(),
            rungs: measured.map(|(id, measured)| (id.as_str(), Rung::joining(device, measured))).collect(),
            missed: BTreeSet::new(),
            misses: Vec::new(),
        };
        for (id, operation) in &pack.manifest().operations {
            let Some(dims) = operation.dims_of(workload) else { continue };
            match Case::new(id, operation, dims, device) {
                Ok(case) => fitting.cases.push(case),
                Err(why) => fitting.note(format!("operation {id}"), why),
            }
        }
        for entry in &pack.manifest().entries {
            let meant = fitting.cases.iter().position(|case| case.id == entry.operation);
            if let Some(case) = meant {
                fitting.consider(pack, device, wish, case, entry);
            }
        }
        fitting
    }

    fn consider(&mut self, pack: &Pack, device: &Device, wish: &Wish, case: usize, entry: &'a Entry) {
        let Case { operation, dims, .. } = &self.cases[case];
        if !entry.admits(operation, dims) {
            return;
        }
        let Some(distance) = entry.distance(dims) else { return };
        match obstacle(pack, device, wish, entry) {
            Some(why) => self.note(format!("entry {}", entry.id), why),
            None => {
                let (standing, ratio) = standing(entry, wish);
                self.candidates.push(Candidate { case, entry, distance, standing, ratio });
            }
        }
    }

    /// The candidates of a rung, the best first: nearest shape, then evidence; of a portfolio its own order.
    pub fn on(&self, pack: &Pack, rung: Rung) -> Vec<Candidate<'a>> {
        let mut found: Vec<(usize, Candidate)> = Vec::new();
        for candidate in &self.candidates {
            found.extend(self.place(pack, rung, candidate.entry).map(|place| (place, *candidate)));
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
    pub fn default_here(&self, pack: &Pack) -> Option<Candidate<'a>> {
        let is_default = |candidate: &Candidate| candidate.entry.role == Role::Default;
        let mut rungs = [Rung::Exact, Rung::Default].into_iter();
        rungs.find_map(|rung| self.on(pack, rung).into_iter().find(is_default))
    }

    /// Where an entry stands on a rung, before all evidence; none if it does not.
    fn place(&self, pack: &Pack, rung: Rung, entry: &Entry) -> Option<usize> {
        if rung == Rung::Portfolio {
            return portfolio_of(pack, entry)?.entries.iter().position(|id| *id == entry.id);
        }
        let stands = match &entry.device {
            None => rung == Rung::Default,
            Some(id) => self.rungs.get(id.as_str()).is_some_and(|rungs| rungs.contains(&rung)),
        };
        stands.then_some(0)
    }

    /// What a candidate computes, with all its symbols.
    pub fn meaning(&self, candidate: &Candidate) -> (&'a Operation, &Symbols) {
        let case = &self.cases[candidate.case];
        (case.operation, &case.symbols)
    }

    /// The sizes of the free dims of what a candidate computes.
    pub fn dims(&self, candidate: &Candidate) -> &Dims {
        &self.cases[candidate.case].dims
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

    fn note(&mut self, what: String, why: String) {
        if self.misses.len() < MOST_MISSES {
            self.misses.push(Miss { what, why });
        }
    }
}

impl<'a> Case<'a> {
    /// The case of these sizes, if its tensors fit the device.
    fn new(id: &'a str, operation: &'a Operation, dims: Dims, device: &Device) -> Result<Self, String> {
        let symbols = operation.symbols(&dims).ok_or("its sizes have no value at this shape")?;
        let tensors = (operation.inputs(&symbols), operation.outputs(&symbols));
        let (Some(inputs), Some(outputs)) = tensors else {
            return Err("a tensor has no size at this shape".to_owned());
        };
        let most = device.capability.storage_binding_bytes;
        match inputs.iter().chain(&outputs).find(|tensor| tensor.bytes > most) {
            Some(tensor) => Err(format!("`{}` has {} bytes, and the device binds {most}", tensor.name, tensor.bytes)),
            None => Ok(Self { id, operation, dims, symbols }),
        }
    }
}

/// Why an entry cannot be used here.
fn obstacle(pack: &Pack, device: &Device, wish: &Wish, entry: &Entry) -> Option<String> {
    let is_portable_default = entry.device.is_none() && entry.role == Role::Default;
    if !is_portable_default && !entry.times.contains_key(&wish.mode) {
        return Some(format!("it was not measured in the mode `{}`", wish.mode.name()));
    }
    let lists = &pack.manifest().quarantine;
    let quarantined = lists.iter().find(|one| one.program == entry.program && one.device.matches(device));
    if let Some(quarantine) = quarantined {
        return Some(format!("its program is in quarantine: {}", quarantine.why));
    }
    if let Some(Verdict::Failed(why)) = wish.decisions.and_then(|known| known.verdict(device, entry.program)) {
        return Some(format!("its self-test failed on this device: {why}"));
    }
    entry.needs.missing(&device.capability)
}

fn standing(entry: &Entry, wish: &Wish) -> (Standing, Option<f64>) {
    let ratio = entry.times.get(&wish.mode).map(|times| times.ratio_to_default);
    let standing = match (entry.role, ratio) {
        (Role::Default, _) => Standing::Default,
        (Role::Tuned, Some([low, ..])) if low > 1.0 => Standing::Faster,
        (Role::Tuned, _) => Standing::NotFaster,
    };
    (standing, ratio.map(|[_, value, _]| value))
}
