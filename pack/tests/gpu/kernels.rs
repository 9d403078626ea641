//! Packs of small kernels for y = 2·x·w, right ones and such as have each a fault of their own.

use std::collections::BTreeMap;

use wgtune_pack::{
    Access, Admits, Binding, Block, BufferRef, Builder, Clock, Declared, Device, Dims, Dispatch, Distribution,
    ElementType, Entry, Expected, Feature, Fill, Guard, Kernel, Manifest, Mode, NeededLimits, Needs, Numerics,
    Operation, Program, Range, Role, SelfTest, Slot, Temporary, Times,
};

use crate::common::formula;

/// How the program is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// One kernel of 64 invocations.
    Plain,
    /// One invocation for a workgroup: large grids.
    OneByOne,
    /// The weights are doubled beforehand, into a temporary.
    Prepared,
    /// An interface of its own, which asks for the length of a buffer.
    Declared,
}

/// What its last kernel does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    Right,
    /// Another text with the same meaning.
    Right2,
    /// Right, after many turns of a loop.
    Slow,
    Slow2,
    /// Right, after more turns than a short race has time for.
    Endless,
    /// One element is wrong.
    Wrong,
    /// One element is wrong by so much: as many programs as one likes.
    WrongBy(u32),
    /// It writes nothing.
    Lazy,
    /// It writes what it should, and one element more; to the temporary where it has one.
    Overrun,
    /// No WGSL.
    Rejected,
    /// It uses a buffer that its program does not know.
    Unbound,
    /// It declares a group that no device has.
    FarGroup,
}

/// A pack in the making.
pub struct Makings {
    builder: Builder,
    operation: Operation,
    element: ElementType,
}

/// The size of self-tests: more than one workgroup, and no multiple of one.
const TESTED: u64 = 100;

impl Makings {
    pub fn new() -> Self {
        Self::of(ElementType::F32)
    }

    pub fn of(element: ElementType) -> Self {
        let name = element.name();
        let tensor = |tensor: &str| format!(r#"{{"name": "{tensor}", "element": "{name}", "extents": ["n"]}}"#);
        let [x, w, y] = ["x", "w", "y"].map(tensor);
        let json = format!(
            r#"{{"operator": "chain", "types": "{name}", "tail": ":2*x*w", "free": {{"n": null}},
                "inputs": [{x}, {w}], "outputs": [{y}]}}"#
        );
        let operation: Operation = serde_json::from_str(&json).unwrap();
        let mut builder = Builder::new(Manifest::new("kernels"));
        builder.operation(operation.clone());
        Self { builder, operation, element }
    }

    /// Adds an entry that was measured on a device.
    pub fn tuned(&mut self, plan: Plan, body: Body, device: Device) {
        let device = self.builder.device(device);
        self.add(plan, body, Some(device));
    }

    /// Adds the portable default.
    pub fn default(&mut self, plan: Plan, body: Body) {
        self.add(plan, body, None);
    }

    pub fn finish(self) -> Vec<u8> {
        self.builder.finish().unwrap()
    }

    fn add(&mut self, plan: Plan, body: Body, device: Option<String>) {
        let program = self.program(plan, body);
        let program = self.builder.program(&program).unwrap();
        let (role, template) = if device.is_some() { (Role::Tuned, "tuned") } else { (Role::Default, "default") };
        let times = Times {
            clock: Clock::Device,
            median_ns: 1000.0,
            low_ns: 900.0,
            high_ns: 1100.0,
            default_ns: 2000.0,
            ratio_to_default: [1.9, 2.0, 2.1],
        };
        let features = if self.element == ElementType::F16 { vec![Feature::F16] } else { Vec::new() };
        let range = Range { least: 1, most: 1 << 24, multiple_of: 1 };
        self.builder.entry(Entry {
            id: String::new(),
            operation: self.operation.id(),
            device,
            role,
            template: template.to_owned(),
            measured: sizes(1000),
            admits: Admits { dims: BTreeMap::from([("n".to_owned(), range)]), conditions: Vec::new() },
            program,
            evidence: None,
            needs: Needs { features, limits: NeededLimits::default() },
            times: [Mode::Checked, Mode::Unchecked].map(|mode| (mode, times)).into(),
        });
    }

    fn program(&mut self, plan: Plan, body: Body) -> Program {
        let run = |kernel, buffers: &[BufferRef]| Dispatch { kernel, buffers: buffers.to_vec() };
        let [x, w, y, doubled] =
            [BufferRef::Input(0), BufferRef::Input(1), BufferRef::Output(0), BufferRef::Temporary(0)];
        let usual = [("x", Access::Read), ("w", Access::Read), ("y", Access::ReadWrite)];
        let factor = "2.0 * ";
        let (kernels, temporaries, prepare, run) = match plan {
            Plan::Plain => (vec![self.kernel(&usual, 64, &lines(body, factor, "y"))], 0, vec![], run(0, &[x, w, y])),
            Plan::OneByOne => (vec![self.kernel(&usual, 1, &lines(body, factor, "y"))], 0, vec![], run(0, &[x, w, y])),
            Plan::Declared => (vec![self.declared(body)], 0, vec![], run(0, &[x, w, y])),
            Plan::Prepared => {
                let double = [("w", Access::Read), ("doubled", Access::ReadWrite)];
                let spill = if body == Body::Overrun { "if i == 0u { doubled[shape.n + 5u] = 1.0; }" } else { "" };
                let first = self.kernel(&double, 64, &format!("doubled[i] = 2.0 * w[i]; {spill}"));
                let second = self.kernel(&usual, 64, &lines(Body::Right, "", "y"));
                (vec![first, second], 1, vec![run(0, &[w, doubled])], run(1, &[x, doubled, y]))
            }
        };
        let bytes = formula("4*n");
        Program {
            kernels,
            temporaries: vec![Temporary { name: "doubled".to_owned(), bytes }; temporaries],
            prepare,
            run: vec![run],
            numerics: Numerics::Exact,
            self_test: Some(self_test()),
        }
    }

    /// A kernel with the interface of the tuner; `lines` are done for each `i`.
    fn kernel(&mut self, bindings: &[(&str, Access)], invocations: u32, lines: &str) -> Kernel {
        let name = self.element.name();
        let variable = |(at, (variable, access)): (usize, &(&str, Access))| {
            let access = if *access == Access::Read { "read" } else { "read_write" };
            format!("@group(0) @binding({}) var<storage, {access}> {variable}: array<{name}>;\n", at + 1)
        };
        let variables: String = bindings.iter().enumerate().map(variable).collect();
        let enable = if self.element == ElementType::F16 { "enable f16;\n" } else { "" };
        let lines = if self.element == ElementType::F16 { lines.replace("2.0", "2.0h") } else { lines.to_owned() };
        let text = format!(
            "{enable}struct Shape {{ first_workgroup: u32, workgroups: u32, n: u32 }}
@group(0) @binding(0) var<uniform> shape: Shape;
{variables}@compute @workgroup_size({invocations})
fn main(@builtin(workgroup_id) id: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>,
        @builtin(local_invocation_index) local: u32) {{
  let group = shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
  let i = group * {invocations}u + local;
  if group < shape.workgroups && i < shape.n {{
    {lines}
  }}
}}
"
        );
        Kernel {
            entry: "main".to_owned(),
            text: self.builder.text(&text),
            uniforms: vec!["n".to_owned()],
            bindings: bindings.iter().map(|(name, access)| binding(name, *access)).collect(),
            workgroup_size: [invocations, 1, 1],
            grid: [formula(&format!("ceil(n/{invocations})")), formula("1"), formula("1")],
            declared: None,
        }
    }

    /// A kernel as somebody else would write it. Its grid fits one direction at all sizes here.
    fn declared(&mut self, body: Body) -> Kernel {
        let text = "struct Factor { by: u32 }
@group(1) @binding(5) var<storage, read> x: array<f32>;
@group(1) @binding(3) var<storage, read> w: array<f32>;
@group(1) @binding(9) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<uniform> factor: Factor;
@compute @workgroup_size(16, 2)
fn scale(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>) {
  let i = id.y * count.x * 16u + id.x;
  if i < arrayLength(&y) { y[i] = f32(factor.by) * x[i] * w[i]; }
}
";
        let far = if body == Body::FarGroup { 4_000_000_000 } else { 1 };
        let slot = |group, binding| Slot { group, binding, exact: true, length: None };
        Kernel {
            entry: "scale".to_owned(),
            text: self.builder.text(text),
            uniforms: Vec::new(),
            bindings: ["x", "w"]
                .map(|name| binding(name, Access::Read))
                .into_iter()
                .chain([binding("y", Access::ReadWrite)])
                .collect(),
            workgroup_size: [16, 2, 1],
            grid: [formula("ceil(n/32)"), formula("1"), formula("1")],
            declared: Some(Declared {
                slots: vec![slot(far, 5), slot(1, 3), slot(1, 9)],
                blocks: vec![Block { name: "factor".to_owned(), group: 0, binding: 2, words: vec![2] }],
            }),
        }
    }
}

fn lines(body: Body, factor: &str, y: &str) -> String {
    let right = format!("{y}[i] = {factor}x[i] * w[i];");
    let turns = |least: u32| {
        format!(
            "var sum = 0.0;
             for (var turn = 0u; turn < {least}u; turn++) {{ sum = 0.5 * sum + x[(i + turn) % shape.n]; }}
             {y}[i] = {factor}x[i] * w[i] + select(0.0, 1.0, sum > 1e30);"
        )
    };
    match body {
        Body::Right | Body::FarGroup => right,
        Body::Right2 => format!("{y}[i] = {factor}w[i] * x[i];"),
        Body::Slow => turns(100),
        Body::Slow2 => turns(101),
        Body::Endless => turns(400_000),
        Body::Wrong => format!("{right} if i == 70u {{ {y}[i] += 1.0; }}"),
        Body::WrongBy(error) => format!("{right} if i == 70u {{ {y}[i] += {error}.0; }}"),
        Body::Lazy => "let unused = x[i];".to_owned(),
        Body::Overrun => format!("{right} if i == 0u {{ {y}[shape.n + 3u] = 0.0; }}"),
        Body::Rejected => format!("{y}[i] = nonsense(x[i]);"),
        // What follows the function ends with the braces that would have ended it.
        Body::Unbound => format!(
            "{right} {y}[i] += more[0]; }} }}
             @group(0) @binding(7) var<storage, read> more: array<f32>;
             fn other() {{ if true {{"
        ),
    }
}

/// Expects elements at both ends, and where workgroups meet.
fn self_test() -> SelfTest {
    let whole = Distribution::Integers { low: -3, high: 3 };
    let inputs = [1, 2].map(|seed| Fill { seed, distribution: whole });
    let expected = [0, 1, 63, 64, 70, TESTED - 1].map(|index| Expected {
        output: 0,
        index,
        value: 2.0 * inputs[0].value(index) * inputs[1].value(index),
        error: 0.0,
    });
    SelfTest { dims: sizes(TESTED), inputs: inputs.to_vec(), expected: expected.to_vec(), guard: Guard::default() }
}

fn sizes(n: u64) -> Dims {
    Dims::from([("n".to_owned(), n)])
}

fn binding(name: &str, access: Access) -> Binding {
    Binding { name: name.to_owned(), access }
}
