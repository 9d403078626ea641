//! Packs to test with: devices, an operation, and entries that are told apart by their template's name.
#![allow(dead_code, reason = "each test uses some of it")]

pub mod survive;

use std::collections::BTreeMap;

use wgtune_pack::{
    Access, Admits, Binding, BufferRef, Builder, Capability, Clock, Device, DeviceKind, Dispatch, Distribution, Entry,
    Evidence, Expected, Fill, Formula, Guard, Kernel, Manifest, Measured, Mode, Needs, Numerics, Operation, PartHash,
    Program, Range, Role, SelfTest, Temporary, Times,
};

/// What is measured at in most tests.
pub const SHAPE: [u64; 3] = [256, 256, 256];

/// A device of NVIDIA's.
pub fn gpu(adapter: &str, number: u32) -> Device {
    Device {
        adapter: adapter.to_owned(),
        vendor: 0x10de,
        device: number,
        driver: "NVIDIA".to_owned(),
        driver_info: "570.86.15".to_owned(),
        api: "vulkan".to_owned(),
        compiler: "naga 30.0.1, wgpu 30.0.1".to_owned(),
        kind: DeviceKind::DiscreteGpu,
        capability: Capability { f16: true, subgroup_size: Some([32, 32]), ..Capability::portable() },
        ..Device::unknown()
    }
}

pub fn h100() -> Device {
    gpu("NVIDIA H100 80GB HBM3", 0x2330)
}

pub fn h200() -> Device {
    gpu("NVIDIA H200", 0x2335)
}

pub fn a100() -> Device {
    gpu("NVIDIA A100-SXM4-40GB", 0x20b0)
}

/// The same class as the others, and nothing else in common.
pub fn stranger() -> Device {
    Device { vendor: 0x5143, device: 7, ..gpu("Stranger", 0) }
}

pub fn matmul() -> Operation {
    let json = r#"{
        "operator": "matmul", "types": "f32", "free": {"b": 1, "m": null, "n": null, "k": null},
        "sizes": {"tiles": "ceil(m/16)*ceil(n/16)"},
        "inputs": [{"name": "a", "element": "f32", "extents": ["b", "m", "k"]},
                   {"name": "b", "element": "f32", "extents": ["b", "k", "n"]}],
        "outputs": [{"name": "c", "element": "f32", "extents": ["b", "m", "n"]}]
    }"#;
    serde_json::from_str(json).unwrap()
}

/// A builder that makes entries of one operation.
pub struct Fixture {
    pub builder: Builder,
    operation: String,
}

/// An entry to be made; what is not said is usual.
#[derive(Clone)]
pub struct Recipe {
    pub template: &'static str,
    pub device: Option<Device>,
    pub role: Role,
    pub shape: [u64; 3],
    pub ratio: [f64; 3],
    pub modes: &'static [Mode],
    pub needs: Needs,
    pub admits: Range,
}

impl Recipe {
    pub fn new(template: &'static str, device: Option<Device>) -> Self {
        Self {
            template,
            device,
            role: Role::Tuned,
            shape: SHAPE,
            ratio: [1.9, 2.0, 2.1],
            modes: &[Mode::Checked, Mode::Unchecked],
            needs: Needs::default(),
            admits: Range { least: 16, most: 65_536, multiple_of: 4 },
        }
    }

    pub fn default_of(template: &'static str, device: Option<Device>) -> Self {
        Self { role: Role::Default, ratio: [1.0; 3], ..Self::new(template, device) }
    }
}

impl Fixture {
    pub fn new() -> Self {
        let manifest =
            Manifest { tool: "wgtune 0.1.0".to_owned(), licence: "MIT".to_owned(), ..Manifest::new("tests") };
        let mut builder = Builder::new(manifest);
        let operation = builder.operation(matmul());
        Self { builder, operation }
    }

    pub fn operation_id(&self) -> String {
        self.operation.clone()
    }

    /// Adds a sound entry; its id.
    pub fn add(&mut self, recipe: &Recipe) -> String {
        let text = self.builder.text(&wgsl(recipe.template));
        let program = self.builder.program(&program(text)).unwrap();
        self.add_with(recipe, program)
    }

    /// Adds an entry with a program of one's own; its id.
    pub fn add_with(&mut self, recipe: &Recipe, program: PartHash) -> String {
        let entry = self.entry(recipe, program);
        self.builder.entry(entry)
    }

    pub fn entry(&mut self, recipe: &Recipe, program: PartHash) -> Entry {
        let [m, n, k] = recipe.shape;
        let measured = [("b", 1), ("m", m), ("n", n), ("k", k)].map(|(name, size)| (name.to_owned(), size));
        let range = recipe.admits;
        let ranges = ["m", "n", "k"].map(|name| (name.to_owned(), range));
        let times = Times {
            clock: Clock::Device,
            median_ns: 1000.0,
            low_ns: 990.0,
            high_ns: 1010.0,
            default_ns: 1000.0 * recipe.ratio[1],
            ratio_to_default: recipe.ratio,
        };
        Entry {
            id: String::new(),
            operation: self.operation.clone(),
            device: recipe.device.clone().map(|device| self.builder.device(device)),
            role: recipe.role,
            template: recipe.template.to_owned(),
            measured: BTreeMap::from(measured),
            admits: Admits { dims: BTreeMap::from(ranges), conditions: Vec::new() },
            program,
            evidence: Some(self.builder.evidence(&evidence(recipe.template)).unwrap()),
            needs: recipe.needs.clone(),
            times: recipe.modes.iter().map(|mode| (*mode, times)).collect(),
        }
    }

    pub fn finish(self) -> Vec<u8> {
        self.builder.finish().unwrap()
    }
}

/// A text that is another one for each name.
pub fn wgsl(name: &str) -> String {
    format!(
        "// {name}\n\
         struct Shape {{ first_workgroup: u32, workgroups: u32, m: u32, n: u32, k: u32 }}\n\
         @group(0) @binding(0) var<uniform> shape: Shape;\n\
         @group(0) @binding(1) var<storage, read> a: array<f32>;\n\
         @group(0) @binding(2) var<storage, read> b: array<f32>;\n\
         @group(0) @binding(3) var<storage, read_write> c: array<f32>;\n\
         @compute @workgroup_size(16, 16, 1) fn main() {{ }}\n"
    )
}

/// One kernel that reads two inputs and writes the output, with a temporary beside it.
pub fn program(text: PartHash) -> Program {
    let binding = |name: &str, access| Binding { name: name.to_owned(), access };
    let kernel = Kernel {
        entry: "main".to_owned(),
        text,
        uniforms: ["m", "n", "k"].map(str::to_owned).to_vec(),
        bindings: vec![binding("a", Access::Read), binding("b", Access::Read), binding("c", Access::ReadWrite)],
        workgroup_size: [16, 16, 1],
        grid: [formula("ceil(n/16)"), formula("ceil(m/16)"), formula("b")],
        declared: None,
    };
    let run = Dispatch { kernel: 0, buffers: vec![BufferRef::Input(0), BufferRef::Input(1), BufferRef::Output(0)] };
    let temporary = Temporary { name: "sums".to_owned(), bytes: formula("4*tiles") };
    Program {
        kernels: vec![kernel],
        temporaries: vec![temporary],
        prepare: Vec::new(),
        run: vec![run],
        numerics: Numerics::Exact,
        self_test: Some(self_test()),
    }
}

pub fn self_test() -> SelfTest {
    let whole = Distribution::Integers { low: -3, high: 3 };
    SelfTest {
        dims: [("b", 1), ("m", 16), ("n", 16), ("k", 4)].map(|(name, size)| (name.to_owned(), size)).into(),
        inputs: [1, 2].map(|seed| Fill { seed, distribution: whole }).to_vec(),
        expected: vec![Expected { output: 0, index: 255, value: 7.0, error: 0.0 }],
        guard: Guard::default(),
    }
}

pub fn formula(text: &str) -> Formula {
    text.parse().unwrap()
}

pub fn evidence(template: &str) -> Evidence {
    let measured = Measured {
        clock: Clock::Device,
        samples_ns: vec![1000.0, 1010.5, 990.25],
        default_samples_ns: vec![2000.0, 2010.0, 1990.0],
        interval_ns: [990.25, 1010.5],
        runners_up: Vec::new(),
    };
    Evidence {
        workload: "matmul:f32:m256n256k256".to_owned(),
        values: BTreeMap::from([("tile".to_owned(), 16.into()), ("template".to_owned(), template.into())]),
        modes: [(Mode::Checked, measured)].into(),
        candidates: 120,
        failures: BTreeMap::new(),
        worst_error: Some(0.25),
        strategy: "default".to_owned(),
        seed: 1,
        command: "wgtune tune matmul:f32:m256n256k256".to_owned(),
        run_ms: 1_700_000_000_000,
        first_ms: 1_700_000_000_000,
        last_ms: 1_700_000_100_000,
    }
}
