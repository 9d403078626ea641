//! Tunes a kernel of your own, held to a function of your own: `cargo run --example 02_your_operator`.

use std::error::Error;

use wgtune::backend::DeviceChoice;
use wgtune::backend::wgpu::WgpuBackend;
use wgtune::base::ElementType;
use wgtune::custom::{Arrays, Builder};
use wgtune::record::Mode;
use wgtune::report;
use wgtune::store::Store;
use wgtune::tune::{Settings, Unwatched, raced_speedup, tune};

/// How far each of n points is from the nearest of k others.
const WGSL: &str = "
    override WG: u32 = 64u;
    struct Shape { n: u32, k: u32 }
    @group(0) @binding(0) var<uniform> shape: Shape;
    @group(0) @binding(1) var<storage, read> points: array<f32>;
    @group(0) @binding(2) var<storage, read> others: array<f32>;
    @group(0) @binding(3) var<storage, read_write> nearest: array<f32>;
    @compute @workgroup_size(WG)
    fn main(@builtin(global_invocation_id) id: vec3<u32>) {
        if (id.x >= shape.n) { return; }
        var best = 1e9;
        for (var k = 0u; k < shape.k; k += {{ UNROLL }}u) {
            {% for i in range(UNROLL) %}
            best = min(best, abs(points[id.x] - others[min(k + {{ i }}u, shape.k - 1u)]));
            {% endfor %}
        }
        nearest[id.x] = best;
    }";

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let kernel = Builder::new("nearest").wgsl(WGSL).size("n", 50_000).size("k", 100);
    let kernel = kernel.param("WG", [64, 16, 32, 128, 256]).param("UNROLL", [1, 2, 4, 8]);
    let kernel = kernel.input("points", ElementType::F32, "n").input("others", ElementType::F32, "k");
    let kernel = kernel.output("nearest", ElementType::F32, "n").pass(&["ceil_div(n, WG)"]).build()?;
    let kernel = kernel.with_reference(|data| {
        let nearest = |point: &f64| data.get("others").iter().map(|other| (point - other).abs()).fold(1e9, f64::min);
        Arrays::of([("nearest", data.get("points").iter().map(nearest).collect())])
    });
    let open = |choice| WgpuBackend::open(&choice);
    let mut device = open(DeviceChoice::Automatic).or_else(|_| open(DeviceChoice::Software))?;
    let settings = Settings { trials: 12, ..Settings::default() };
    let tuned = tune(&mut device, &mut Store::in_memory()?, &kernel.signature()?, &settings, &mut Unwatched)?;
    let best = tuned.best(Mode::UNCHECKED).ok_or("no config was both right and timed")?;
    println!("best of {} trials: {:?}", tuned.trials, best.values);
    if let Some(speedup) = tuned.default(Mode::UNCHECKED).and_then(|default| raced_speedup(default, best)) {
        println!("against the first config: {}", report::ratio(&speedup));
    }
    Ok(())
}
