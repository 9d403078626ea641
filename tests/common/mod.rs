//! What several tests share: a software device, or a reasoned skip where there is none, and an invented GPU.
#![allow(dead_code, reason = "each test takes a part")]

pub mod clockwork;
pub mod golden;
pub mod invented;
pub mod programs;
pub mod recordings;
pub mod records;
pub mod spirv;

use std::io::Write;

use wgtune::backend::DeviceChoice;
use wgtune::backend::vta::PROFILES;
use wgtune::backend::wgpu::WgpuBackend;
use wgtune::backend::worker::{Limits, Supervisor, WorkerCommand};
use wgtune::base::{CooperativeMatrix, DeviceFacts, DeviceFeatures, DeviceKind, ElementType, Language, Processor};
use wgtune::code::vta::Hardware;
use wgtune::space::{Space, Value};

/// A test that cannot run here; the reason has been printed.
pub struct Skip;

/// Set by continuous integration, which installs a software device: then a missing one is a failure, not a skip.
const REQUIRE: &str = "WGTUNE_REQUIRE_DEVICE";

/// The software Vulkan device.
pub fn software_device() -> Result<WgpuBackend, Skip> {
    match WgpuBackend::open(&DeviceChoice::Software) {
        Ok(backend) => Ok(backend),
        Err(error) if std::env::var_os(REQUIRE).is_some() => panic!("{REQUIRE} is set, but {error}"),
        Err(error) => {
            note_skip(&error.to_string());
            Err(Skip)
        }
    }
}

/// The parameter that says how many lanes load together, where a template has one, with all its values but none.
pub fn shared_lanes(space: &Space) -> Option<(String, Vec<Value>)> {
    let param = space.params().iter().find(|param| ["share_a", "share_x"].contains(&param.name.as_str()))?;
    let lanes: Vec<Value> = param.values.iter().filter(|lanes| lanes.as_int() != Some(0)).cloned().collect();
    (!lanes.is_empty()).then(|| (param.name.clone(), lanes))
}

/// The same in a worker process of the program itself.
pub fn software_worker() -> Result<Supervisor, Skip> {
    software_device()?;
    let program = env!("CARGO_BIN_EXE_wgtune").into();
    let command = WorkerCommand { program, args: vec!["worker".into()], envs: Vec::new() };
    Ok(Supervisor::start(command, &DeviceChoice::Software, Limits::default()).unwrap())
}

/// Says why a test does not run, also in the file that `scripts/test.sh` shows at the end: runners hide what tests
/// that passed have printed.
pub fn note_skip(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    eprintln!("SKIPPED: {test}: {why}");
    if let Some(path) = std::env::var_os("WGTUNE_SKIPS") {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(path);
        file.and_then(|mut file| writeln!(file, "SKIPPED: {test}: {why}")).expect("the file for skips");
    }
}

/// A processor as there are many, for the same reason.
pub fn invented_processor() -> DeviceFacts {
    let mut facts = DeviceFacts::portable();
    facts.identity.adapter = "an invented processor".to_owned();
    facts.identity.kind = DeviceKind::Processor;
    facts.limits.buffer_bytes = 1 << 36;
    facts.processor = Some(Processor {
        model: facts.identity.adapter.clone(),
        threads: 4,
        lanes: vec![1, 8],
        l1_bytes: 32 << 10,
        l2_bytes: 512 << 10,
        l3_bytes: 16 << 20,
        l3_threads: 4,
        line_bytes: 64,
    });
    facts
}

/// What is invented for a language.
pub fn invented(language: Language) -> DeviceFacts {
    match language {
        Language::Wgsl => invented_gpu(),
        Language::Native => invented_processor(),
        Language::Vta => wgtune::backend::vta::facts(&Hardware::default(), &PROFILES[0]),
    }
}

/// A discrete GPU as there are many, so that what is emitted for it does not depend on the machine of the test.
pub fn invented_gpu() -> DeviceFacts {
    let mut facts = DeviceFacts::portable();
    facts.identity.adapter = "an invented GPU".to_owned();
    facts.identity.kind = DeviceKind::DiscreteGpu;
    facts.limits.invocations_per_workgroup = 1024;
    facts.limits.workgroup_size = [1024, 1024, 64];
    facts.limits.workgroup_storage_bytes = 48 << 10;
    facts.features = DeviceFeatures {
        f16: true,
        subgroups: true,
        subgroup_size: [32, 32],
        timestamps: true,
        float32_atomics: true,
        cooperative: vec![
            CooperativeMatrix { m: 16, n: 16, k: 16, factors: ElementType::F16, sum: ElementType::F32 },
            CooperativeMatrix { m: 8, n: 8, k: 8, factors: ElementType::F32, sum: ElementType::F32 },
        ],
    };
    facts
}
