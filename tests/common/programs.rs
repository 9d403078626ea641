//! Hand-written kernels from one input to one output, and jobs that check and time them.

use std::path::Path;

use wgtune::backend::{BufferRule, Deadlines, Entrant, Expected, ExpectedFile, Gate, Job, Timing, When};
use wgtune::base::{Approx, Distribution, ElementType, Fill};
use wgtune::code::{Access, Binding, Kernel, Program};
use wgtune::record::{Mode, Numerics};

/// The body of a right kernel.
pub const RIGHT: &str = "y[i] = 2.0 * x[i] + 1.0;";

/// A few samples.
pub const TIMING: Timing = Timing {
    least_samples: 3,
    most_samples: 5,
    precision: 0.0,
    budget_ns: 1e9,
    fewest_samples: 3,
    least_pass_ns: 0.0,
    hopeless_ns: None,
    elimination: None,
    // Five copies of most inputs.
    cold_bytes: Some(20_000),
};

/// A kernel from `x` to `y`, one element for each of `size` invocations of a workgroup.
pub fn kernel(body: &str, size: u32) -> Kernel {
    kernel_over(body, size, "var<storage, read> x: array<f32>", Access::Read)
}

/// The same with another declaration of `x`.
pub fn kernel_over(body: &str, size: u32, x: &str, access: Access) -> Kernel {
    let code = format!(
        "struct Shape {{ first_workgroup: u32, workgroups: u32, n: u32 }}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) {x};
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size({size})
fn main(
  @builtin(workgroup_id) id: vec3<u32>,
  @builtin(num_workgroups) count: vec3<u32>,
  @builtin(local_invocation_id) local: vec3<u32>,
) {{
  let group = shape.first_workgroup + (id.z * count.y + id.y) * count.x + id.x;
  let i = group * {size}u + local.x;
  if (group >= shape.workgroups || i >= shape.n) {{
    return;
  }}
  {body}
}}
"
    );
    let binding = |name: &str, access| Binding { name: name.to_owned(), access };
    Kernel {
        entry: "main".to_owned(),
        code,
        uniforms: vec!["n".to_owned()],
        bindings: vec![binding("x", access), binding("y", Access::ReadWrite)],
        workgroup_size: [size, 1, 1],
        grid: [format!("ceil(n/{size})"), "1".to_owned(), "1".to_owned()].map(|text| text.parse().unwrap()),
        declared: None,
    }
}

/// A program of one kernel.
pub fn single(body: &str) -> Program {
    Program::single(kernel(body, 64), 1, 1)
}

/// A job whose entrants are all to compute y = 2x + 1, with the true results in a file of the folder.
pub fn job(programs: &[Program], elements: u64, mode: Mode, folder: &Path) -> Job {
    let fill = Fill { seed: 3, distribution: Distribution::Integers { low: -9, high: 9 } };
    let rule =
        |name: &str, fill| BufferRule { name: name.to_owned(), element: ElementType::F32, elements, fill, file: None };
    let values = (0..elements).map(|i| Approx::exact(2.0 * fill.value(i) + 1.0)).collect();
    let path = folder.join(format!("{elements} elements"));
    let expected = ExpectedFile::write(&path, &[Expected::all(values)]).unwrap();
    let inputs = vec![rule("x", Some(fill))];
    let gate = Gate {
        name: "integers".to_owned(),
        inputs: inputs.clone(),
        numerics: Numerics::Exact,
        expected,
        runs: 2,
        agreement: false,
        even_naive: true,
        when: When::Before,
    };
    Job {
        entrants: programs.iter().map(|program| Entrant::whole(program.clone(), mode)).collect(),
        symbols: [("n".to_owned(), elements)].into(),
        inputs,
        outputs: vec![rule("y", None)],
        gates: vec![gate],
        naive: Vec::new(),
        timing: Some(TIMING),
        sentinel: None,
        keep: None,
        deadlines: Deadlines::default(),
        seed: 1,
    }
}
