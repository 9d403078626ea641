//! Tunes an elementwise expression written as text, and shows the final race as the store has it:
//! `cargo run --example 04_fused_chain`.

use std::error::Error;

use wgtune::backend::DeviceChoice;
use wgtune::backend::wgpu::WgpuBackend;
use wgtune::op::resolve;
use wgtune::record::{Mode, Outcome, Phase};
use wgtune::report::{self, Table};
use wgtune::store::Store;
use wgtune::tune::{Settings, Unwatched, raced_speedup, stored_config, tune};

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    // One kernel instead of three: scale and shift each column, then gelu. `x` has all axes, `w[c]` and `b[c]` one.
    let signature = resolve("chain:f32:r256c1024:gelu(x*w[c]+b[c])")?;
    for tensor in &signature.inputs {
        println!("input {} {:?}", tensor.name, tensor.shape);
    }

    let open = |choice| WgpuBackend::open(&choice);
    let mut device = open(DeviceChoice::Automatic).or_else(|_| open(DeviceChoice::Software))?;
    let mut store = Store::in_memory()?;
    let settings = Settings { trials: 12, ..Settings::default() };
    tune(&mut device, &mut store, &signature, &settings, &mut Unwatched)?;

    // From here on only the store is asked, as another program could do it on another day.
    let workload = signature.workload.to_string();
    let best = store.best(&workload, None, Mode::UNCHECKED)?.ok_or("the store knows no result")?;
    let race = store.race(best.run, &workload, Phase::Final)?;

    // Sample i of all entrants was taken in round i, so that they can be compared pair by pair.
    let mut table = Table::new(&["entrant", "mode", "time", "rate", "the best is faster by"]).left(2);
    for record in &race {
        let (_, config) = stored_config(&signature, record)?;
        let time = match &record.outcome {
            Outcome::Timed { .. } => record.outcome.median_ns().unwrap_or(f64::NAN),
            Outcome::Rejected(rejection) => {
                println!("{} {config} was rejected at {}: {}", record.template, rejection.stage, rejection.why);
                continue;
            }
        };
        table.row([
            format!("{} {config}", record.template),
            record.mode.name().to_owned(),
            report::time(time),
            report::rate(&signature.work, time),
            raced_speedup(record, &best).map(|ratio| report::ratio(&ratio)).unwrap_or_default(),
        ]);
    }
    println!("\n{table}");
    Ok(())
}
