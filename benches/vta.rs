//! What simulating a layer of ResNet-18 (C2, with the cut of TopHub) costs: lowering, cycles alone, and on data.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use wgtune::backend::vta::{Checks, Dram, Engine, Profile, run, time};
use wgtune::code::vta::{Convolution, Epilogue, Hardware, Mode, Tiling, lower};

fn layer(criterion: &mut Criterion) {
    let hardware = Hardware::default();
    let convolution = Convolution {
        images: 1,
        image: [56; 2],
        inputs: 64,
        outputs: 64,
        filter: [3; 2],
        stride: [1; 2],
        padding: [1; 2],
    };
    let epilogue = Epilogue { bias: false, shift: 8, clip: [0, 127] };
    let cut = Tiling { pixels: [8, 56], inputs: 1, outputs: 2, output_threads: 2, row_threads: 1 };
    let lowered = lower(&hardware, &convolution, &epilogue, &cut, Mode::Tvm).expect("the published cut is valid");
    let memory = Profile::memory(16, 2);
    let image = lowered.image(&hardware, &convolution, &[], &[], &[]);

    criterion.bench_function("vta/lower", |bencher| {
        bencher.iter(|| lower(&hardware, black_box(&convolution), &epilogue, &cut, Mode::Tvm));
    });
    criterion.bench_function("vta/time", |bencher| {
        bencher.iter(|| time(&hardware, black_box(&lowered.instructions), &memory));
    });
    for (name, checks) in [("vta/run", Checks::default()), ("vta/run with all checks", Checks::ALL)] {
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                let mut dram = Dram { base: lowered.base(), bytes: image.clone() };
                run(&hardware, black_box(&lowered.instructions), &mut dram, checks, Engine::ALL)
            });
        });
    }
}

criterion_group!(benches, layer);
criterion_main!(benches);
