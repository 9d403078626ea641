//! The command line: one file per command. The only place that joins the parts, prints and exits.

mod bench;
mod campaign;
mod check;
mod cold;
mod convert;
mod default;
mod devices;
mod duration;
mod error;
mod experiment;
mod export;
mod import;
mod init;
mod list;
mod new;
mod pack;
mod probe;
mod progress;
mod recheck;
mod record;
mod repeat;
mod replay;
mod schema;
mod show;
mod subject;
mod templates;
mod trials;
mod tune;
mod vendor;
mod vta;
mod worker;

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::backend::cuda::Search;
use crate::backend::{Backend, DeviceChoice, open};
use crate::base::{DeviceFacts, DeviceKind};
use crate::space::Value;
use crate::store::Store;
use error::Failure;

/// Finds the fastest correct WGSL kernel for the GPU at hand.
#[derive(Parser)]
#[command(name = "wgtune", version, about, after_help = EXITS, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXITS: &str = "\
Exit codes: 0 done; 1 the work failed; 2 a workload, option or name is wrong; 3 no such device;
4 the store could not be used; 130 stopped by Ctrl-C, with the best so far printed.

Set RUST_LOG=warn (or info, debug) to see what wgpu has to say.";

#[derive(Subcommand)]
enum Command {
    /// List the devices of this machine
    Devices(devices::Options),
    /// Measure what a device can do at most: arithmetic, bandwidths, launches
    Probe(probe::Options),
    /// List operators, templates, strategies, steps and functions
    List(list::Options),
    /// Write a kernel file to begin with
    New(new::Options),
    /// Say all that can be said of a kernel file without a device
    Check(check::Options),
    /// Print the JSON Schema of kernel files, for editors
    Schema(schema::Options),
    /// Make a kernel file of a T1 description, or the other way round
    Convert(convert::Options),
    /// Tune workloads, or kernels of files, on a device
    Tune(tune::Options),
    /// Tune a list of workloads within a given time, into a folder of results
    Campaign(campaign::Options),
    /// Measure every config of a narrowed space, for replays of searches
    Record(record::Options),
    /// Show the best config known for a workload
    Show(show::Options),
    /// Time the default against the best, interleaved
    Bench(bench::Options),
    /// Time stored winners once more, and say which no longer hold
    Recheck(recheck::Options),
    /// Compute portable defaults from the trials of several devices
    Default(default::Options),
    /// Look into the store
    Trials(trials::Options),
    /// Compare strategies on recorded spaces, without a device
    Replay(replay::Options),
    /// Judge a method by comparisons on recorded spaces, without a device
    Experiment(experiment::Options),
    /// Write trials of the store to a file for other programs
    Export(export::Options),
    /// Put trials that others have recorded into the store
    Import(import::Options),
    /// Make packs of tuned kernels that other programs load, and look after them
    Pack(pack::Options),
    /// Look at instruction streams of VTA, and check the simulator against recorded runs
    Vta(vta::Options),
    /// Run candidates for another wgtune, which starts this process and survives it
    #[command(hide = true)]
    Worker,
}

/// Where trials are kept.
#[derive(Args)]
struct StoreArgs {
    /// The store's file [default: wgtune/trials.db in the user's data folder]
    #[arg(long, value_name = "FILE")]
    db: Option<PathBuf>,
}

/// Which device to use.
#[derive(Args)]
struct DeviceArgs {
    /// Number or part of the name as in `wgtune devices`; `cpu` for native routines on the processor; `software` for a
    /// Vulkan driver that runs on it; `vta` for a simulated accelerator, `vta:PROFILE` with another memory; or `auto`
    #[arg(long, default_value = "auto", value_name = "DEVICE")]
    device: String,
    /// The hardware of `--device vta`, a vta_config.json [default: 1x16_i8w8a32_15_15_18_17]
    #[arg(long, value_name = "FILE")]
    vta_config: Option<PathBuf>,
    /// Run candidates in this process, for debugging: one that hangs or crashes then takes wgtune with it
    #[arg(long)]
    in_process: bool,
}

/// Runs the program on the arguments of this process.
pub fn main() -> ExitCode {
    quieten_mesa();
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("off")).init();
    let done = match Cli::parse().command {
        Command::Devices(options) => devices::run(&options),
        Command::Probe(options) => probe::run(&options),
        Command::List(options) => list::run(&options),
        Command::New(options) => new::run(&options),
        Command::Check(options) => check::run(&options),
        Command::Schema(options) => schema::run(&options),
        Command::Convert(options) => convert::run(&options),
        Command::Tune(options) => tune::run(&options),
        Command::Campaign(options) => campaign::run(&options),
        Command::Record(options) => record::run(&options),
        Command::Show(options) => show::run(&options),
        Command::Bench(options) => bench::run(&options),
        Command::Recheck(options) => recheck::run(&options),
        Command::Default(options) => default::run(&options),
        Command::Trials(options) => trials::run(&options),
        Command::Replay(options) => replay::run(&options),
        Command::Experiment(options) => experiment::run(&options),
        Command::Export(options) => export::run(&options),
        Command::Import(options) => import::run(&options),
        Command::Pack(options) => pack::run(&options),
        Command::Vta(options) => vta::run(&options),
        Command::Worker => worker::run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

/// Mesa's drivers print an error for each device where this variable is unset, as on servers and in containers.
fn quieten_mesa() {
    if std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // SAFETY: the process has no other thread yet.
        unsafe { std::env::set_var("XDG_RUNTIME_DIR", std::env::temp_dir()) };
    }
}

impl StoreArgs {
    /// Opens the store, and makes it where there is none yet.
    fn open(&self) -> Result<Store, Failure> {
        Ok(Store::open(self.path()?)?)
    }

    /// Opens a store that must be there: reading makes none.
    fn open_existing(&self) -> Result<Store, Failure> {
        let path = self.path()?;
        if !path.exists() {
            let advice = "tune something first, or name another by --db";
            return Err(Failure::store(format!("there is no store at `{}` yet; {advice}", path.display())));
        }
        Ok(Store::open(path)?)
    }

    fn path(&self) -> Result<PathBuf, Failure> {
        let path = self.db.clone().or_else(Store::default_path);
        path.ok_or_else(|| Failure::store("no data folder is known for this user; name a file with --db"))
    }

    /// What to type to tune a workload into this store.
    fn tuning(&self, workload: &str, device: Option<&str>) -> String {
        let device = device.map(|device| format!(" --device \"{device}\"")).unwrap_or_default();
        let db = self.db.as_ref().map(|file| format!(" --db \"{}\"", file.display())).unwrap_or_default();
        format!("wgtune tune \"{workload}\"{device}{db}")
    }
}

impl DeviceArgs {
    /// Opens the device, and says so loudly where it is not what a user would expect to measure on.
    fn open(&self) -> Result<Box<dyn Backend>, Failure> {
        self.open_with(None)
    }

    /// The same, with a search that tells where its vendor's libraries are.
    fn open_with(&self, libraries: Option<&Search>) -> Result<Box<dyn Backend>, Failure> {
        let choice = self.choice()?;
        let backend: Box<dyn Backend> =
            if self.in_process { open(&choice)? } else { Box::new(worker::start(&choice, libraries)?) };
        let facts = backend.facts();
        if facts.identity.kind == DeviceKind::Accelerator {
            return Ok(backend);
        }
        if facts.identity.kind == DeviceKind::Processor {
            if choice == DeviceChoice::Automatic {
                note(&format!("there is no hardware GPU here, so this runs on the processor: {}", described(facts)));
            }
            return Ok(backend);
        }
        if facts.is_software() {
            warn(&format!(
                "{} is a software device: it runs on the CPU ({}), and what is fastest on it need not be on a GPU.",
                facts.identity.adapter,
                facts.identity.host.as_deref().unwrap_or("unknown"),
            ));
        }
        if !facts.features.timestamps {
            warn("this device has no timestamp queries: times are taken by the host's clock, overhead included.");
        }
        Ok(backend)
    }

    /// Which device is meant; the hardware of a simulated one may be described in a file.
    fn choice(&self) -> Result<DeviceChoice, Failure> {
        let choice = DeviceChoice::parse(&self.device);
        match (&self.vta_config, choice) {
            (None, choice) => Ok(choice),
            (Some(file), DeviceChoice::Vta(profile)) if !profile.contains(':') => {
                Ok(DeviceChoice::Vta(format!("{profile}:{}", vta::hardware(file)?)))
            }
            (Some(_), DeviceChoice::Vta(name)) => {
                Err(Failure::input(format!("`vta:{name}` names its hardware; leave out that or --vta-config")))
            }
            (Some(_), _) => Err(Failure::input("--vta-config describes the hardware of --device vta")),
        }
    }

    /// The device that was asked for, if any was.
    fn named(&self) -> Option<&str> {
        Some(self.device.as_str()).filter(|device| *device != "auto")
    }
}

/// A processor in a few words.
fn described(facts: &DeviceFacts) -> String {
    let identity = &facts.identity;
    format!("{}, {}, {}", identity.adapter, identity.driver_info, identity.driver)
}

/// Reads an option's whole number.
fn whole(least: u64, most: u64) -> impl Fn(&str) -> Result<u64, String> + Clone {
    move |text| {
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| match most {
            u64::MAX => format!("write a whole number from {least} on"),
            _ => format!("write a whole number from {least} to {most}"),
        })
    }
}

/// Reads `name=value,value`.
fn fix(text: &str) -> Result<(String, Vec<Value>), String> {
    let (name, values) = text.split_once('=').ok_or("write a parameter and its values, such as wx=8,16")?;
    Ok((name.to_owned(), values.split(',').map(value).collect()))
}

fn value(text: &str) -> Value {
    let int = text.parse().ok().map(Value::Int);
    int.or_else(|| text.parse().ok().map(Value::Real)).unwrap_or_else(|| Value::Text(text.to_owned()))
}

/// Prints to standard output. A reader that has gone away, as `head` does, is no failure.
fn print(text: &str) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::output(&error)),
        _ => Ok(()),
    }
}

/// Prints one JSON value on a line of its own.
fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    print(&serde_json::to_string(value).expect("plain data serialises"))
}

/// Says to standard error what is going on.
fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "wgtune: {text}");
}

/// Prints a warning to standard error.
fn warn(text: &str) {
    let _ = writeln!(std::io::stderr(), "WARNING: {text}");
}
