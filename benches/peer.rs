//! wgtune as one of the programs that `benches/peers/race.py` races: stored winners, run and timed when asked to.
//!
//! It reads lines: `load WORKLOAD FOLDER` writes the inputs there that all peers read, `time RUNS` answers with seconds by
//! the host's clock, submission and waiting included, and `save FILE` writes the output. With `default` after the workload
//! the default is run instead of the winner.

use std::error::Error;
use std::fs;
use std::io::{BufRead, Write};
use std::path::Path;

use wgtune::backend::cpu::CpuBackend;
use wgtune::backend::wgpu::WgpuBackend;
use wgtune::backend::{Backend, BufferRule, Deadlines, DeviceChoice, Entrant, Job, Timing, Unwatched, read_kept};
use wgtune::code::Program;
use wgtune::op::{Signature, materialise, resolve, usual_inputs};
use wgtune::predict::template_default;
use wgtune::record::{Mode, Outcome};
use wgtune::store::Store;
use wgtune::tune::stored_config;

/// Passes of one run each: peers are timed run by run too.
const TIMING: Timing = Timing {
    least_samples: 1,
    most_samples: 1,
    precision: 0.0,
    budget_ns: 0.0,
    fewest_samples: 1,
    least_pass_ns: 0.0,
    hopeless_ns: None,
    elimination: None,
    cold_bytes: None,
};

type Answer = Result<String, Box<dyn Error>>;

struct Loaded {
    signature: Signature,
    program: Program,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let [device, store] = [(); 2].map(|()| arguments.next());
    let (Some(device), Some(store)) = (device, store) else {
        return Err("usage: peer DEVICE STORE, as benches/peers/race.py calls it".into());
    };
    let mut backend = open(&device)?;
    let store = Store::open(&store)?;
    let mut loaded = None;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match (words.as_slice(), &loaded) {
            (["load", workload, folder], _) => load(&mut loaded, &*backend, &store, (workload, folder, false))?,
            (["load", workload, "default", folder], _) => {
                load(&mut loaded, &*backend, &store, (workload, folder, true))?
            }
            (["time", runs], Some(loaded)) => time(&mut *backend, loaded, runs.parse()?)?,
            (["save", file], Some(loaded)) => save(&mut *backend, loaded, Path::new(file))?,
            _ => return Err(format!("`{line}` is not understood").into()),
        };
        println!("PEER {answer}");
        std::io::stdout().flush()?;
    }
    Ok(())
}

/// A device whose times are by the host's clock, as the peers' are.
fn open(device: &str) -> Result<Box<dyn Backend>, Box<dyn Error>> {
    match DeviceChoice::parse(device) {
        DeviceChoice::Processor => Ok(Box::new(CpuBackend::open()?)),
        choice => Ok(Box::new(WgpuBackend::open(&choice)?.by_host_clock())),
    }
}

fn load(
    loaded: &mut Option<Loaded>,
    backend: &dyn Backend,
    store: &Store,
    (workload, folder, is_default): (&str, &str, bool),
) -> Answer {
    let signature = resolve(workload)?;
    let program = if is_default { default(&signature, backend)? } else { winner(&signature, backend, store)? };
    let inputs = materialise(&signature, &usual_inputs(&signature, 0));
    for (number, input) in inputs.iter().enumerate() {
        let bytes: Vec<u8> = input.values.iter().flat_map(|value| value.to_le_bytes()).collect();
        fs::write(Path::new(folder).join(format!("{number}.bin")), bytes)?;
    }
    *loaded = Some(Loaded { signature, program });
    Ok("loaded".to_owned())
}

fn winner(signature: &Signature, backend: &dyn Backend, store: &Store) -> Result<Program, Box<dyn Error>> {
    let workload = signature.workload.to_string();
    let record = store.best(&workload, Some(&backend.facts().identity), Mode::UNCHECKED)?;
    let record = record.ok_or_else(|| format!("{workload} is not tuned in this store"))?;
    let (template, config) = stored_config(signature, &record)?;
    template.emit(signature, &config).map_err(|rejection| rejection.why.into())
}

fn default(signature: &Signature, backend: &dyn Backend) -> Result<Program, Box<dyn Error>> {
    let template = wgtune::op::tuned_templates(signature, backend.facts().language())
        .into_iter()
        .next()
        .ok_or("no template applies")?;
    let space = template.space(signature, backend.facts());
    let config = template_default(&*template, signature, backend.facts(), &space).ok_or("the space is empty")?;
    template.emit(signature, &config).map_err(|rejection| rejection.why.into())
}

fn job(loaded: &Loaded, timing: Option<Timing>) -> Job {
    let Loaded { signature, program } = loaded;
    let fills = usual_inputs(signature, 0);
    Job {
        entrants: vec![Entrant::whole(program.clone(), Mode::UNCHECKED)],
        symbols: signature.symbols.clone(),
        inputs: signature.inputs.iter().zip(fills).map(|(tensor, fill)| BufferRule::input(tensor, fill)).collect(),
        outputs: signature.outputs.iter().map(BufferRule::output).collect(),
        gates: Vec::new(),
        naive: Vec::new(),
        timing,
        sentinel: None,
        keep: None,
        deadlines: Deadlines::default(),
        seed: 0,
    }
}

fn time(backend: &mut dyn Backend, loaded: &Loaded, runs: usize) -> Answer {
    let timing = Timing { least_samples: runs, most_samples: runs, fewest_samples: runs, ..TIMING };
    let samples = outcome(backend, &job(loaded, Some(timing)))?;
    Ok(samples.iter().map(|ns| (ns / 1e9).to_string()).collect::<Vec<_>>().join(" "))
}

fn save(backend: &mut dyn Backend, loaded: &Loaded, file: &Path) -> Answer {
    let job = Job { keep: Some(file.to_owned()), ..job(loaded, None) };
    outcome(backend, &job)?;
    let kept = read_kept(file, &job.outputs)?;
    let values = kept.iter().flatten().map(|value| value.unwrap_or(f64::NAN) as f32);
    fs::write(file, values.flat_map(f32::to_le_bytes).collect::<Vec<u8>>())?;
    Ok("saved".to_owned())
}

/// The samples of a job's one entrant.
fn outcome(backend: &mut dyn Backend, job: &Job) -> Result<Vec<f64>, Box<dyn Error>> {
    let report = backend.execute(job, &mut Unwatched).entrants.into_iter().next().ok_or("no report")?;
    match report.outcome {
        Outcome::Timed { samples_ns, .. } => Ok(samples_ns),
        Outcome::Rejected(rejection) => Err(rejection.why.into()),
    }
}
