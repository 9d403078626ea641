//! What each template emits, kept as text for review: a golden that is missing, changed or orphaned fails the test.
//!
//! `WGTUNE_BLESS=1 cargo test --test goldens` writes them anew. Each kernel is also checked for an invented GPU and
//! translated for Vulkan, Metal and DX12, so that none of them is broken unseen.

mod common;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use common::golden::Goldens;
use common::spirv;
use wgtune::base::{DeviceFacts, Language, seeded};
use wgtune::check::{check, translate};
use wgtune::code::routine::Call;
use wgtune::code::vta::{Hardware, disassemble};
use wgtune::code::{Access, BufferRef, Dispatch, Kernel, Program};
use wgtune::op::{OPERATORS, Operator, Signature, Template, resolve};
use wgtune::space::{Config, Space};

/// The workloads of each operator: a plain one, one with odd sizes and another layout, one in f16.
const WORKLOADS: &[(&str, [&str; 3])] = &[
    (
        "matmul",
        ["matmul:f32:m256n256k256", "matmul:f32:b3m17n36k20:nt+residual+silu", "matmul:f16:m64n48k32:tn+bias+relu"],
    ),
    (
        "conv2d",
        [
            "conv2d:f32:n1c64h28w28o64k3p1+bias+relu",
            "conv2d:f32:n2c6h17w20o12k3s2p2d2g3:nhwc+gelu",
            "conv2d:f16:n1c8h12w12o16kh1kw3ph0pw1+residual",
        ],
    ),
    (
        "chain",
        [
            "chain:f32:n1048576:gelu(x*w+b)",
            "chain:f32:b3r5c20:x[c,r]*y[b,c]-z[b]",
            "chain:f16:r32c64:p=x*w[c];q=p+tanh(y)",
        ],
    ),
    (
        "conv2d_transpose",
        [
            "conv2d_transpose:f32:n1c64h28w28o32k2s2+bias+relu",
            "conv2d_transpose:f32:n2c12h9w10o8k4s2p1g2:nhwc+residual+gelu",
            "conv2d_transpose:f16:n1c8h12w12o16k3s2p1op1+bias",
        ],
    ),
];

const ACCELERATED_MATMULS: [&str; 3] = [
    "matmul:i8>i32>i8:m6n32k48+bias+shift6+relu+clip",
    "matmul:i8>i32>i8:m5n17k20:nt+clip",
    "matmul:i8>i32>i8:m4n32k16:tn+shift4+relu6+clip",
];

const ACCELERATED_CONVOLUTIONS: [&str; 3] = [
    "conv2d:i8>i32>i8:n1c32h6w6o32k3p1+shift8+relu+clip",
    "conv2d:i8>i32>i8:n1c20h7w5o17kh3kw1sh2sw1ph1pw0+bias+shift5+clip",
    "conv2d:i8>i32>i8:n2c16h4w6o32k1:nhwc+clip",
];

/// The workloads of templates that do not apply to all of their operator's.
const OWN_WORKLOADS: &[(&str, [&str; 3])] = &[
    ("matmul/gemm", LIBRARY_MATMULS),
    ("matmul/faer", LIBRARY_MATMULS),
    ("matmul/matrixmultiply", LIBRARY_MATMULS),
    (
        "matmul/native_skinny",
        [
            "matmul:f32:m1n256k512:nt+bias+gelu",
            "matmul:f32:b3m36n4k20+residual+silu",
            "matmul:f16:m3n96k144:tn+bias+relu",
        ],
    ),
    ("matmul/vta_direct", ACCELERATED_MATMULS),
    ("matmul/vta_tvm", ACCELERATED_MATMULS),
    ("matmul/vta_naive", ACCELERATED_MATMULS),
    ("conv2d/vta_direct", ACCELERATED_CONVOLUTIONS),
    ("conv2d/vta_tvm", ACCELERATED_CONVOLUTIONS),
    ("conv2d/vta_naive", ACCELERATED_CONVOLUTIONS),
    (
        "conv2d/native_direct",
        [
            "conv2d:f32:n1c64h28w28o64k3p1+bias+relu",
            "conv2d:f32:n2c6h17w20o12k3s2p2d2g3+gelu",
            "conv2d:f16:n1c8h12w12o16kh1kw3ph0pw1+residual",
        ],
    ),
    ("conv2d/native_depthwise", DEPTHWISE),
    ("conv2d/gemm", LIBRARY_CONVOLUTIONS),
    ("conv2d/faer", LIBRARY_CONVOLUTIONS),
    ("conv2d/matrixmultiply", LIBRARY_CONVOLUTIONS),
    (
        "matmul/split_atomic",
        ["matmul:f32:m256n256k256", "matmul:f32:b3m17n36k20:nt+residual+silu", "matmul:f32:m33n17k40:tn+bias+scale2"],
    ),
    (
        "matmul/vector",
        [
            "matmul:f32:m1n256k512:nt+bias+gelu",
            "matmul:f32:b3m36n4k20+residual+silu",
            "matmul:f16:m3n96k144:tn+bias+relu",
        ],
    ),
    (
        "conv2d/pointwise",
        [
            "conv2d:f32:n1c64h28w28o128k1+bias+relu",
            "conv2d:f32:n2c20h7w5o12k1:nhwc+residual+silu",
            "conv2d:f16:n2c8h6w6o16k1+bias+residual",
        ],
    ),
    (
        "conv2d/depthwise",
        [
            "conv2d:f32:n1c16h28w28o16k3p1g16+bias+relu6",
            "conv2d:f32:n2c6h17w20o12k3s2p2d2g6:nhwc+gelu",
            "conv2d:f16:n1c8h12w12o8kh1kw3ph0pw1g8+residual",
        ],
    ),
    ("conv2d/winograd_2", WINOGRAD),
    ("conv2d/winograd_4", WINOGRAD),
    ("conv2d/winograd_2_fused", WINOGRAD),
    ("conv2d/winograd_4_fused", WINOGRAD),
    ("conv2d/native_winograd_2", NATIVE_WINOGRAD),
    ("conv2d/native_winograd_4", NATIVE_WINOGRAD),
    ("chain/rows", REDUCTIONS),
    ("chain/naive_rows", REDUCTIONS),
];

/// Libraries compute in f32 alone.
const LIBRARY_MATMULS: [&str; 3] =
    ["matmul:f32:m256n256k256", "matmul:f32:b3m17n36k20:nt+residual+silu", "matmul:f32:m64n48k32:tn+bias+relu"];

const LIBRARY_CONVOLUTIONS: [&str; 3] = [
    "conv2d:f32:n1c64h28w28o64k3p1+bias+relu",
    "conv2d:f32:n2c6h17w20o12k3s2p2d2g3:nhwc+gelu",
    "conv2d:f32:n1c8h12w12o16k1+residual",
];

/// Where channels come last, each has one output.
const DEPTHWISE: [&str; 3] = [
    "conv2d:f32:n1c16h28w28o16k3p1g16+bias+relu6",
    "conv2d:f32:n2c12h17w20o12k3s2p2d2g12:nhwc+gelu",
    "conv2d:f16:n1c8h12w12o8kh1kw3ph0pw1g8+residual",
];

const WINOGRAD: [&str; 3] = [
    "conv2d:f32:n1c64h28w28o64k3p1+bias+relu",
    "conv2d:f32:n2c6h17w20o10k3p2:nhwc+gelu",
    "conv2d:f16:n1c8h12w12o16k3+residual",
];

/// Channels come first.
const NATIVE_WINOGRAD: [&str; 3] = [
    "conv2d:f32:n1c64h28w28o64k3p1+bias+relu",
    "conv2d:f32:n2c6h17w20o10k3p2+gelu",
    "conv2d:f16:n1c8h12w12o16k3+residual",
];

const REDUCTIONS: [&str; 3] = [
    "chain:f32:r4096c1024:exp(x-amax(x))/sum(exp(x-amax(x)))",
    "chain:f32:b3r5c17:h=x+y[r,c];m=mean(h);out=(h-mean(h))/sqrt(mean((h-mean(h))*(h-mean(h)))+0.00001)*g[c]+t[c,b]",
    "chain:f16:r33c64:x/sqrt(mean(x*x)+0.000001)*g[c]*silu(s[r])",
];

/// What an older validator says of the words of a template that it does not know: SPIR-V-Tools has cooperative matrices
/// since 2023.4, and Debian 12 an older one.
const UNKNOWN_TO_OLD_VALIDATORS: &[(&str, &str)] = &[("matmul/cooperative", "Invalid capability operand: 6022")];

/// Sampled configs of each case, beside the default.
const SAMPLES: usize = 2;

/// Most bytes of all goldens: they are read by people and carried by everyone who clones.
const MOST_BYTES: usize = 3_000_000;

#[test]
fn emitted_programs_are_as_reviewed() {
    let mut failures = Vec::new();
    let texts = all(&mut failures);
    failures.extend(goldens().blessed_or_differences(&texts));
    let bytes: usize = texts.values().map(String::len).sum();
    if bytes > MOST_BYTES {
        failures.push(format!("{bytes} bytes of goldens, more than {MOST_BYTES}: choose smaller cases"));
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// naga's own validation does not look at what its writer makes of a module.
#[test]
fn the_validator_of_spirv_tools_accepts_what_vulkan_gets() {
    if !spirv::has_validator() {
        return;
    }
    let device = common::invented_gpu();
    let mut failures = Vec::new();
    for_all(|what, Golden { template, .. }, program| {
        let is_unknown = |why: &String| {
            UNKNOWN_TO_OLD_VALIDATORS.iter().any(|(name, words)| *name == template.name() && why.contains(words))
        };
        for kernel in &program.kernels {
            let words = translate(kernel, &device).unwrap_or_else(|r| panic!("{what}: {}", r.why)).spirv;
            let refusal = spirv::refusal(&words).filter(|why| !is_unknown(why));
            failures.extend(refusal.map(|why| format!("{what}: {why}")));
        }
    });
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_template_has_its_goldens() {
    for operator in OPERATORS {
        for template in operator.templates() {
            let workloads = workloads(*operator, &*template);
            let applies = workloads.iter().filter(|text| template.applies(&resolve(text).unwrap())).count();
            assert_eq!(applies, workloads.len(), "{} applies to too few of {workloads:?}", template.name());
        }
    }
}

/// The workloads of a template's goldens: its own, or those of its operator.
fn workloads(operator: &dyn Operator, template: &dyn Template) -> &'static [&'static str; 3] {
    let own = OWN_WORKLOADS.iter().find(|(name, _)| *name == template.name());
    let case = own.or_else(|| WORKLOADS.iter().find(|(name, _)| *name == operator.name()));
    &case.unwrap_or_else(|| panic!("{} has no goldens", operator.name())).1
}

/// The text of every golden by its path; what does not pass the check is told.
fn all(failures: &mut Vec<String>) -> BTreeMap<PathBuf, String> {
    let mut texts = BTreeMap::new();
    for_all(|what, Golden { signature, template, path, config }, program| {
        let device = common::invented(template.language());
        failures.extend(refusals(program, signature, &device).into_iter().map(|why| format!("{what}: {why}")));
        let title = format!("{}\n{}\n{config}", signature.workload, template.name());
        let before = texts.insert(path.to_owned(), text(program, &title));
        assert!(before.is_none(), "two goldens of one name: {what}");
    });
    texts
}

/// What a golden is of, and where it lies.
struct Golden<'a> {
    signature: &'a Signature,
    template: &'a dyn Template,
    path: &'a Path,
    config: &'a Config,
}

/// Calls `visit` with each golden's name, what it is of, and its program.
fn for_all(mut visit: impl FnMut(&str, Golden, &Program)) {
    for (operator, template) in OPERATORS.iter().flat_map(|o| o.templates().into_iter().map(move |t| (*o, t))) {
        for workload in workloads(operator, &*template) {
            let signature = resolve(workload).unwrap_or_else(|e| panic!("{e}"));
            let device = common::invented(template.language());
            for (name, config) in configs(&*template, &signature, &device) {
                let program = template.emit(&signature, &config).unwrap();
                let path = Path::new(template.name()).join(format!("{}-{name}.{}", slug(workload), ending(&*template)));
                let golden = Golden { signature: &signature, template: &*template, path: &path, config: &config };
                visit(&format!("{workload} {} [{config}]", template.name()), golden, &program);
            }
        }
    }
}

/// The default and as many others as the space has, up to [`SAMPLES`], by the name of their golden.
fn configs(template: &dyn Template, signature: &Signature, device: &DeviceFacts) -> Vec<(String, Config)> {
    let space = template.space(signature, device);
    let default = template.default(signature, &space).expect("no space here is empty");
    let mut configs = vec![("default".to_owned(), default)];
    // In spaces of VTA most cuts cannot be compiled.
    let passes = |config: &Config| {
        template.language() != Language::Vta
            || check(&template.emit(signature, config).unwrap(), &signature.symbols, device).is_ok()
    };
    for config in distinct(&space, &format!("{} {}", template.name(), signature.workload)).into_iter().filter(passes) {
        if configs.len() <= SAMPLES && configs[0].1 != config {
            configs.push((format!("s{}", configs.len()), config));
        }
    }
    configs.extend(shared(space).map(|config| ("shared".to_owned(), config)));
    configs
}

/// One whose lanes load together, which samples seldom meet.
fn shared(space: Space) -> Option<Config> {
    let lanes = common::shared_lanes(&space)?;
    space.restricted(&[lanes]).ok()?.sample(&mut seeded(1, "shared"))
}

fn distinct(space: &Space, purpose: &str) -> Vec<Config> {
    let mut random = seeded(1, purpose);
    let mut configs: Vec<Config> = Vec::new();
    for config in (0..4 * SAMPLES).filter_map(|_| space.sample(&mut random)) {
        if !configs.contains(&config) {
            configs.push(config);
        }
    }
    configs
}

/// Why a device or one of naga's writers would not take the program.
fn refusals(program: &Program, signature: &Signature, device: &DeviceFacts) -> Vec<String> {
    let checked = check(program, &signature.symbols, device).err();
    let translated = program.kernels.iter().filter_map(|kernel| translate(kernel, device).err());
    checked.into_iter().chain(translated).map(|r| format!("{}: {}", r.stage, r.why)).collect()
}

/// How a golden's name ends.
fn ending(template: &dyn Template) -> &'static str {
    match template.language() {
        Language::Wgsl => "wgsl",
        Language::Native | Language::Vta => "txt",
    }
}

/// The golden of a program: what it is, and each kernel with its interface, or what a routine is asked for.
fn text(program: &Program, title: &str) -> String {
    let mut text: String = title.lines().map(|line| format!("// {line}\n")).collect();
    if let Some(routine) = &program.routine {
        let call = serde_json::to_string(&routine.call).unwrap();
        writeln!(text, "// {routine}\n\n{call}").unwrap();
        if let Call::Accelerated(call) = &routine.call {
            let lowered = call.lower(&Hardware::default()).unwrap();
            write!(text, "\n{}", disassemble(&lowered.instructions)).unwrap();
        }
    }
    for (part, dispatches) in [("prepare", &program.prepare), ("run", &program.run)] {
        for dispatch in dispatches {
            writeln!(text, "// {part}: {}", launch(program, dispatch)).unwrap();
        }
    }
    for (i, kernel) in program.kernels.iter().enumerate() {
        writeln!(text, "\n{}{}", interface(i, kernel), kernel.code.trim_end()).unwrap();
    }
    text
}

fn launch(program: &Program, dispatch: &Dispatch) -> String {
    let buffers = dispatch.buffers.iter().map(|buffer| match buffer {
        BufferRef::Input(i) => format!("input {i}"),
        BufferRef::Output(i) => format!("output {i}"),
        BufferRef::Temporary(i) => {
            let temporary = &program.temporaries[*i];
            format!("temporary `{}` of {} bytes", temporary.name, temporary.bytes)
        }
    });
    format!("kernel {} on {}", dispatch.kernel, buffers.collect::<Vec<_>>().join(", "))
}

fn interface(index: usize, kernel: &Kernel) -> String {
    let bindings = kernel.bindings.iter().map(|binding| match binding.access {
        Access::Read => binding.name.clone(),
        Access::ReadWrite => format!("{} (written)", binding.name),
    });
    let [x, y, z] = &kernel.grid;
    format!(
        "// kernel {index}: grid {x}, {y}, {z}; uniforms {}; bindings {}\n",
        kernel.uniforms.join(", "),
        bindings.collect::<Vec<_>>().join(", "),
    )
}

/// The text of a workload without its operator, fit for a file name.
fn slug(workload: &str) -> String {
    let (_, rest) = workload.split_once(':').expect("a workload begins with its operator");
    let words = rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

fn goldens() -> Goldens {
    Goldens { folder: "tests/golden", others: &["help", "kernel_files", "output", "replay", "trials"], test: "goldens" }
}
