//! Tunes a matrix multiplication and prints the fastest kernel: `cargo run --example 01_tune_matmul`.

use std::error::Error;

use wgtune::backend::wgpu::WgpuBackend;
use wgtune::backend::{Backend, DeviceChoice};
use wgtune::op::resolve;
use wgtune::record::Mode;
use wgtune::report;
use wgtune::store::Store;
use wgtune::tune::{Settings, Unwatched, raced_speedup, stored_config, tune};

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    // What to compute: `relu(a · b + bias)` with a of 64×32 and b of 32×48.
    let signature = resolve("matmul:f32:m64n48k32+bias+relu")?;

    // The best GPU of this machine, or else a device that runs on its CPU.
    let open = |choice| WgpuBackend::open(&choice);
    let mut device = open(DeviceChoice::Automatic).or_else(|_| open(DeviceChoice::Software))?;
    println!("{} on {}", signature.workload, device.facts().identity.adapter);

    // Every trial is stored as it ends; `Store::open("trials.db")` would keep them for the next run.
    let mut store = Store::in_memory()?;
    let settings = Settings { trials: 12, ..Settings::default() };
    let tuned = tune(&mut device, &mut store, &signature, &settings, &mut Unwatched)?;

    // At the end the best ones, the hand-made default and the naive kernel were raced, without run-time checks and with.
    let best = tuned.best(Mode::UNCHECKED).ok_or("no candidate was both right and timed")?;
    let default = tuned.default(Mode::UNCHECKED);
    if let Some(speedup) = default.and_then(|default| raced_speedup(default, best)) {
        println!(
            "after {} trials the best takes {} of the default's time",
            tuned.trials,
            report::percent(1.0 / speedup.value)
        );
    }

    // A record names its config; the template emits the same program for it again.
    let (template, config) = stored_config(&signature, best)?;
    println!("best: {} {config}\n", template.name());
    for kernel in template.emit(&signature, &config).map_err(|why| why.why)?.kernels {
        println!("{}", kernel.code);
    }
    Ok(())
}
