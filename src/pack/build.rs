//! The builder: from records to entries, portfolios and portable defaults.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use wgtune_pack as pack;
use wgtune_pack::{Builder, Entry, Manifest, Role};

use super::PackError;
use super::admits::Emitted;
use super::convert;
use super::gather::{Measured, Winner, default_of, gather};
use super::operation::{at, operation};
use super::portfolio::{Times, cover};
use super::self_test::self_test;
use crate::backend::wgpu::COMPILER;
use crate::base::DeviceFacts;
use crate::check::check;
use crate::code::Program;
use crate::op::{Shared, Signature, Template, config_of};
use crate::record::Record;
use crate::space::Value;
use crate::store::Store;

/// What a pack is made like.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What it is called.
    pub name: String,
    /// Under which licence its texts are.
    pub licence: String,
    /// How much slower than a device's own best a portfolio may be at worst: 0.05 for 5 %.
    pub regret: f64,
    /// How many programs a portfolio has at most.
    pub most: usize,
    /// The secret key to sign with.
    pub secret: Option<pack::SecretKey>,
}

/// A pack, and what is to be said of it.
pub struct Built {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many entries it has, portable defaults included.
    pub entries: usize,
    /// How each device does with it, by workload and mode.
    pub shares: Vec<DeviceShare>,
    /// What is not in it, and why.
    pub left: Vec<Left>,
}

/// How near to a device's own best the parts of a pack come, for one workload in one mode: the fastest of its newest final race
/// over theirs, `None` where theirs is not known.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeviceShare {
    /// The adapter's name.
    pub device: String,
    /// The workload's line of text.
    pub workload: String,
    /// `checked` or `unchecked`.
    pub mode: &'static str,
    /// Of the entry for this very device.
    pub exact: Option<f64>,
    /// Of the best program of the portfolio.
    pub portfolio: Option<f64>,
    /// Of the one program that is the best compromise over all devices.
    pub single: Option<f64>,
    /// Of the portable default.
    pub default: Option<f64>,
}

/// Something that is not in a pack.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Left {
    /// The workload's line of text.
    pub workload: String,
    /// Why.
    pub why: String,
}

/// Makes a pack of the winners that a store has for these workloads. The same records make the same bytes.
///
/// # Errors
/// When the store cannot be read, or has no winner of any of the workloads.
pub fn build(store: &Store, signatures: &[Signature], settings: &Settings) -> Result<Built, PackError> {
    let mut making = Making::new(settings);
    for signature in signatures {
        making.workload(store, signature)?;
    }
    if making.entries.is_empty() {
        let lines: Vec<String> = signatures.iter().map(|signature| format!("`{}`", signature.workload)).collect();
        return Err(PackError::Nothing(lines.join(", ")));
    }
    making.portfolios();
    making.finish()
}

/// A program in the pack with all that concerns it.
struct Placed {
    id: String,
    operation: String,
    hash: String,
    entry: Entry,
}

/// A device with a workload in a mode, and what each program took there.
struct Situation {
    operation: String,
    device: String,
    workload: String,
    mode: pack::Mode,
    dims: pack::Dims,
    /// The fastest of the newest race.
    best_ns: f64,
    /// By the program's hash.
    times: BTreeMap<String, f64>,
}

struct Making<'s> {
    settings: &'s Settings,
    builder: Builder,
    manifest: Manifest,
    entries: Vec<Placed>,
    operations: BTreeMap<String, pack::Operation>,
    situations: Vec<Situation>,
    /// By workload.
    portfolios: BTreeMap<String, Vec<String>>,
    /// The best compromise alone, by workload.
    singles: BTreeMap<String, Vec<String>>,
    left: Vec<Left>,
    /// Devices of which it was said already that the store does not know what they can do.
    unknown: BTreeSet<String>,
    dates: Vec<u64>,
}

impl<'s> Making<'s> {
    fn new(settings: &'s Settings) -> Self {
        let mut manifest = Manifest::new(&settings.name);
        manifest.tool = format!("wgtune {}", env!("CARGO_PKG_VERSION"));
        [manifest.naga, manifest.wgpu] = ["naga ", "wgpu "].map(version);
        manifest.licence = settings.licence.clone();
        Self {
            settings,
            builder: Builder::new(manifest.clone()),
            manifest,
            entries: Vec::new(),
            operations: BTreeMap::new(),
            situations: Vec::new(),
            portfolios: BTreeMap::new(),
            singles: BTreeMap::new(),
            left: Vec::new(),
            unknown: BTreeSet::new(),
            dates: Vec::new(),
        }
    }

    fn leave(&mut self, signature: &Signature, why: String) {
        self.left.push(Left { workload: signature.workload.to_string(), why });
    }

    /// The winners of all devices and the portable default, of one workload.
    fn workload(&mut self, store: &Store, signature: &Signature) -> Result<(), PackError> {
        let (operation, dims) = match operation(signature) {
            Ok(found) => found,
            Err(error) => {
                self.leave(signature, error.to_string());
                return Ok(());
            }
        };
        let devices = gather(store, signature)?;
        if devices.is_empty() {
            self.leave(signature, "the store has no trials of it by WGSL".to_owned());
            return Ok(());
        }
        let place = Place { signature, operation: self.builder.operation(operation.clone()), dims: &dims };
        self.operations.insert(place.operation.clone(), operation);
        for measured in &devices {
            let device = self.builder.device(convert::device(&measured.facts));
            if !measured.is_known && self.unknown.insert(measured.facts.identity.adapter.clone()) {
                let adapter = &measured.facts.identity.adapter;
                let why = format!("what {adapter} can do is not in the store; tune anything on it with this version");
                self.leave(signature, why);
            }
            let (winners, missing) = measured.winners(store)?;
            if missing > 0 {
                let adapter = &measured.facts.identity.adapter;
                let why = format!("no race on {adapter} has its winner beside what is the default now; tune it again");
                self.leave(signature, why);
            }
            for winner in winners {
                self.winner(&place, &device, measured, winner);
            }
            self.note_times(&place, measured);
        }
        self.portable_default(&place);
        Ok(())
    }

    fn winner(&mut self, place: &Place, device: &str, measured: &Measured, winner: Winner) {
        let (template, program) = match emitted(place.signature, &winner.record) {
            Ok(found) => found,
            Err(why) => return self.leave(place.signature, why),
        };
        self.dates.extend([winner.evidence.first_ms, winner.evidence.last_ms]);
        let evidence = match self.builder.evidence(&winner.evidence) {
            Ok(hash) => hash,
            Err(error) => return self.leave(place.signature, error.to_string()),
        };
        let parts =
            Parts { template: &template, values: &winner.record.values, program: &program, facts: &measured.facts };
        let entry = self.entry(place, &parts);
        let entry = entry.map(|entry| Entry {
            device: Some(device.to_owned()),
            evidence: Some(evidence),
            times: winner.times,
            ..entry
        });
        self.put(place, program.hash(), entry);
    }

    /// What is right on every device: the default for WebGPU's guaranteed limits.
    fn portable_default(&mut self, place: &Place) {
        let facts = DeviceFacts::portable();
        let Some((template, config, program)) = default_of(place.signature, &facts) else {
            return self.leave(place.signature, "it has no kernel for WebGPU's guaranteed limits".to_owned());
        };
        // What evidence compares with, and the same for sizes that nobody has measured.
        let others = for_all_sizes(place.signature, &template, config.values(), &facts);
        for (values, program) in [(config.values(), program)].into_iter().chain(others) {
            self.put_default(place, &Parts { template: &template, values: &values, program: &program, facts: &facts });
        }
        if let Some((signature, dims)) = beyond(place, &template) {
            self.general_default(&Place { signature: &signature, operation: place.operation.clone(), dims: &dims });
        }
    }

    /// Beside a default that is made for a special case, that of sizes beyond it. As it stands for others, a loader takes it where
    /// the special one does not serve.
    fn general_default(&mut self, place: &Place) {
        let facts = DeviceFacts::portable();
        let Some((template, config, _)) = default_of(place.signature, &facts) else { return };
        if let Some((values, program)) = for_all_sizes(place.signature, &template, config.values(), &facts) {
            self.put_default(place, &Parts { template: &template, values: &values, program: &program, facts: &facts });
        }
    }

    fn put_default(&mut self, place: &Place, parts: &Parts) {
        let entry = self.entry(place, parts).map(|entry| Entry { role: Role::Default, ..entry });
        self.put(place, parts.program.hash(), entry);
    }

    fn put(&mut self, place: &Place, hash: String, entry: Result<Entry, String>) {
        match entry {
            Err(why) => self.leave(place.signature, why),
            Ok(entry) if self.entries.iter().any(|placed| placed.id == entry.identify()) => {}
            Ok(entry) => {
                let id = self.builder.entry(entry.clone());
                self.entries.push(Placed { id, operation: place.operation.clone(), hash, entry });
            }
        }
    }

    /// An entry without a device and without times.
    fn entry(&mut self, place: &Place, parts: &Parts) -> Result<Entry, String> {
        let Parts { template, values, program, facts } = *parts;
        let signature = place.signature;
        let counted = check(program, &signature.symbols, facts);
        let counted = counted.map_err(|rejection| format!("the check refuses its program: {}", rejection.why))?;
        let admits = Emitted { template, values, program, device: facts }.admits(signature, place.dims);
        let test = self_test(signature, &**template, place.dims, &admits);
        let packed = convert::program(&mut self.builder, program, template.numerics(), test);
        let hash = self.builder.program(&packed).map_err(|error| error.to_string())?;
        Ok(Entry {
            id: String::new(),
            operation: place.operation.clone(),
            device: None,
            role: Role::Tuned,
            template: template.name().to_owned(),
            measured: place.dims.clone(),
            admits,
            program: hash,
            evidence: None,
            needs: convert::needs(program, &counted, facts),
            times: BTreeMap::new(),
        })
    }

    fn note_times(&mut self, place: &Place, measured: &Measured) {
        for (name, mode) in convert::MODES {
            let times = measured.times(mode.checks);
            let times: BTreeMap<String, f64> = times.into_iter().map(|(hash, ns)| (hash.to_owned(), ns)).collect();
            if let Some(best_ns) = measured.best_ns(mode.checks) {
                self.situations.push(Situation {
                    operation: place.operation.clone(),
                    device: measured.facts.identity.adapter.clone(),
                    workload: place.signature.workload.to_string(),
                    mode: name,
                    dims: place.dims.clone(),
                    best_ns,
                    times,
                });
            }
        }
    }

    /// For each workload a few programs that together stay close to every device's own best. Another workload of the same
    /// operation has its own, for what is fast differs by size; what admits its sizes may serve it all the same.
    fn portfolios(&mut self) {
        let workloads: BTreeSet<String> = self.situations.iter().map(|situation| situation.workload.clone()).collect();
        for workload in workloads {
            let situations: Vec<&Situation> = self.situations.iter().filter(|s| s.workload == workload).collect();
            let operation = situations[0].operation.clone();
            let tuned: Vec<&Placed> =
                self.entries.iter().filter(|p| p.operation == operation && p.entry.role == Role::Tuned).collect();
            // Where none of them was measured, nothing can be chosen for.
            let rows = situations.iter().map(|situation| (*situation, self.row(situation, &tuned)));
            let known = rows.filter(|(_, times)| times.iter().any(Option::is_some));
            let (situations, times): (Vec<&Situation>, Times) = known.unzip();
            let ids = |chosen: &[usize]| chosen.iter().map(|&chosen| tuned[chosen].id.clone()).collect::<Vec<String>>();
            let single = ids(&cover(&times, 1, 0.0).chosen);
            let cover = cover(&times, self.settings.most, self.settings.regret);
            let entries = ids(&cover.chosen);
            let devices: BTreeSet<&str> = situations.iter().map(|situation| situation.device.as_str()).collect();
            let (worst, of_devices) = (cover.worst(), devices.len() as u32);
            self.portfolios.insert(workload.clone(), entries.clone());
            self.singles.insert(workload, single);
            if !entries.is_empty() {
                // Where none of them runs on some device, nobody knows how far from its best it is.
                let regret = if worst > 0.0 { 1.0 / worst - 1.0 } else { f64::MAX };
                self.builder.portfolio(pack::Portfolio { operation, entries, regret, of_devices });
            }
        }
    }

    /// What each entry took in a situation.
    fn row(&self, situation: &Situation, entries: &[&Placed]) -> Vec<Option<f64>> {
        let operation = &self.operations[&situation.operation];
        let time = |placed: &&Placed| {
            let fits = placed.entry.admits(operation, &situation.dims);
            situation.times.get(&placed.hash).copied().filter(|_| fits)
        };
        entries.iter().map(time).collect()
    }

    fn finish(mut self) -> Result<Built, PackError> {
        let shares = self.shares();
        let (first_ms, last_ms) = (self.dates.iter().min(), self.dates.iter().max());
        self.manifest.first_ms = first_ms.copied().unwrap_or(0);
        self.manifest.last_ms = last_ms.copied().unwrap_or(0);
        self.builder.dates(self.manifest.first_ms, self.manifest.last_ms);
        let entries = self.entries.len();
        let bytes = match &self.settings.secret {
            Some(secret) => self.builder.finish_signed(secret)?,
            None => self.builder.finish()?,
        };
        Ok(Built { bytes, entries, shares, left: self.left })
    }

    /// How near each device comes to its own best with each part of the pack.
    fn shares(&self) -> Vec<DeviceShare> {
        self.situations.iter().map(|situation| self.share(situation)).collect()
    }

    fn share(&self, situation: &Situation) -> DeviceShare {
        let of_operation = self.entries.iter().filter(|placed| placed.operation == situation.operation);
        let all: Vec<&Placed> = of_operation.collect();
        let times = self.row(situation, &all);
        let least = |is_of: &dyn Fn(&Placed) -> bool| {
            let of = all.iter().zip(&times).filter(|(placed, _)| is_of(placed)).filter_map(|(_, time)| *time);
            let least = of.fold(f64::INFINITY, f64::min);
            // What lost a knockout may look faster by its search.
            least.is_finite().then(|| (situation.best_ns / least).min(1.0))
        };
        let of = |chosen: &BTreeMap<String, Vec<String>>| chosen.get(&situation.workload).cloned().unwrap_or_default();
        let (portfolio, single) = (of(&self.portfolios), of(&self.singles));
        let devices = &self.devices_of(situation);
        DeviceShare {
            device: situation.device.clone(),
            workload: situation.workload.clone(),
            mode: situation.mode.name(),
            exact: least(&|placed| {
                let is_here = placed.entry.device.as_ref().is_some_and(|device| devices.contains(device));
                is_here && placed.entry.measured == situation.dims && placed.entry.times.contains_key(&situation.mode)
            }),
            portfolio: least(&|placed| portfolio.contains(&placed.id)),
            single: least(&|placed| single.contains(&placed.id)),
            default: least(&|placed| placed.entry.role == Role::Default),
        }
    }

    /// The ids of devices of a situation's name.
    fn devices_of(&self, situation: &Situation) -> BTreeSet<String> {
        let is_its = |(_, device): &(&String, &pack::Device)| device.adapter == situation.device;
        self.builder.manifest().devices.iter().filter(is_its).map(|(id, _)| id.clone()).collect()
    }
}

/// The version of a part of what compiles here.
fn version(name: &str) -> String {
    let mut parts = COMPILER.split(", ");
    parts.find_map(|part| part.strip_prefix(name)).unwrap_or_default().to_owned()
}

/// A workload in the pack.
struct Place<'a> {
    signature: &'a Signature,
    /// The operation's id.
    operation: String,
    dims: &'a pack::Dims,
}

/// A program with where it comes from.
struct Parts<'a> {
    template: &'a Shared<dyn Template>,
    values: &'a BTreeMap<String, Value>,
    program: &'a Program,
    facts: &'a DeviceFacts,
}

/// The parameter that says whether sizes are part of the text.
const BAKED: &str = "baked";

/// How many times as large as measured a dim is beyond special cases: these are for few rows or columns.
const ENLARGED: u64 = 32;

/// The workload with one dim enlarged so that a template that is for a special case does not apply any more; `None` where it is for
/// all sizes.
fn beyond(place: &Place, template: &Shared<dyn Template>) -> Option<(Signature, pack::Dims)> {
    place.dims.iter().find_map(|(name, size)| {
        let mut dims = place.dims.clone();
        dims.insert(name.clone(), size.saturating_mul(ENLARGED));
        let signature = at(place.signature, &dims)?;
        (!template.applies(&signature)).then_some((signature, dims))
    })
}

/// The same config with sizes that are read at run time, so that its program is for other sizes too; `None` where the template has
/// no such choice, or the check refuses it.
fn for_all_sizes(
    signature: &Signature,
    template: &Shared<dyn Template>,
    mut values: BTreeMap<String, Value>,
    device: &DeviceFacts,
) -> Option<(BTreeMap<String, Value>, Program)> {
    *values.get_mut(BAKED)? = Value::Int(0);
    let config = template.space(signature, device).config(&values).ok()?;
    let program = template.emit(signature, &config).ok()?;
    check(&program, &signature.symbols, device).ok()?;
    Some((values, program))
}

/// The program of a record, if this version still emits it.
fn emitted(signature: &Signature, record: &Record) -> Result<(Shared<dyn Template>, Program), String> {
    let (template, config) = config_of(signature, &record.template, &record.values)
        .map_err(|why| format!("`{}` of its winner is not known any more: {why}", record.template))?;
    let program = template.emit(signature, &config).map_err(|rejection| rejection.why)?;
    if program.hash() != record.code_hash {
        let template = &record.template;
        return Err(format!("this version emits another program for its winner of `{template}`; tune it again"));
    }
    Ok((template, program))
}
