//! Programs that are right, one for each thing that an author can declare.

use std::fs;
use std::path::Path;

use wgtune::backend::BufferRule;
use wgtune::base::Contents;
use wgtune::base::{Distribution, ElementType};
use wgtune::code::{Access, Program};

use crate::kernels::{Case, bound, buffer, exact, filled, kernel, through_a_temporary, values, with_block};

const SMALL: Distribution = Distribution::Integers { low: -9, high: 9 };

pub fn cases(folder: &Path) -> Vec<Case> {
    vec![
        two_groups(),
        histogram(),
        reversed(),
        grid_in_three_directions(),
        large_words(),
        two_passes(),
        from_a_file(folder),
        in_out_from_a_file(folder),
    ]
}

fn case(name: &'static str, program: Program, input: BufferRule, output: BufferRule, expected: Vec<f64>) -> Case {
    let (n, inputs, outputs) = (input.elements, vec![input], vec![output]);
    Case { name, program, n, inputs, outputs, expected: vec![expected], wrong: None }
}

/// Groups 0 and 2, bindings that do not begin at 0, and a block with padding in it.
pub fn two_groups() -> Case {
    let code = "struct Params { factor: f32, size: vec2<u32> }
@group(2) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(2) @binding(0) var<uniform> params: Params;

@compute @workgroup_size(8, 4)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (any(id.xy >= params.size)) { return; }
  let i = id.y * params.size.x + id.x;
  y[i] = params.factor * x[i];
}";
    let buffers = vec![bound("x", Access::Read, 0, 3), bound("y", Access::ReadWrite, 2, 5)];
    let kernel = kernel(code, buffers, [8, 4, 1], ["5", "ceil(27/4)", "1"]);
    let kernel = with_block(kernel, 2, 0, &[2.5f32.to_bits(), 0, 37, 27]);
    let x = filled(buffer("x", ElementType::F32, 37 * 27), SMALL);
    let expected = values(&x).iter().map(|x| 2.5 * x).collect();
    case("two groups", Program::single(kernel, 1, 1), x, buffer("y", ElementType::F32, 37 * 27), expected)
}

/// Counts on top of what is there already.
pub fn histogram() -> Case {
    let code = "@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> bins: array<atomic<u32>>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < arrayLength(&x)) { atomicAdd(&bins[x[id.x]], 1u); }
}";
    let buffers = vec![exact(bound("x", Access::Read, 0, 0)), bound("bins", Access::ReadWrite, 0, 1)];
    let kernel = kernel(code, buffers, [64, 1, 1], ["ceil(n/64)", "1", "1"]);
    let x = filled(buffer("x", ElementType::U32, 1001), Distribution::WholeNumbers { low: 0, high: 9 });
    let before = Distribution::Iota { start: 100.0, step: 1.0 };
    let bins = filled(buffer("bins", ElementType::U32, 10), before);
    let mut expected = values(&bins);
    values(&x).iter().for_each(|x| expected[*x as usize] += 1.0);
    case("a histogram", Program::single(kernel, 1, 1), x, bins, expected)
}

/// The text asks for the array's length.
pub fn reversed() -> Case {
    let code = "@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  let n = arrayLength(&x);
  if (id.x < arrayLength(&y)) { y[id.x] = x[n - 1u - id.x]; }
}";
    let buffers = vec![exact(bound("x", Access::Read, 0, 0)), exact(bound("y", Access::ReadWrite, 0, 1))];
    let kernel = kernel(code, buffers, [64, 1, 1], ["ceil(n/64)", "1", "1"]);
    let x = filled(buffer("x", ElementType::F32, 1001), Distribution::Normal { mean: 0.0, deviation: 1.0 });
    let expected = values(&x).into_iter().rev().collect();
    case("lengths of arrays", Program::single(kernel, 1, 1), x, buffer("y", ElementType::F32, 1001), expected)
}

/// Each invocation writes where it is: the grid is launched as it is.
pub fn grid_in_three_directions() -> Case {
    let code = "@group(0) @binding(0) var<storage, read> x: array<u32>;
@group(0) @binding(1) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(4, 2, 1)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) count: vec3<u32>) {
  let extent = count * vec3(4, 2, 1);
  y[(id.z * extent.y + id.y) * extent.x + id.x] = x[0] * (10000 * id.z + 100 * id.y + id.x);
}";
    let buffers = vec![bound("x", Access::Read, 0, 0), bound("y", Access::ReadWrite, 0, 1)];
    let kernel = kernel(code, buffers, [4, 2, 1], ["2", "3", "4*n"]);
    let x = filled(buffer("x", ElementType::U32, 1), Distribution::Constant(3.0));
    let place = |i: u32| f64::from(3 * (10_000 * (i / 48) + 100 * (i / 8 % 6) + i % 8));
    let y = buffer("y", ElementType::U32, 192);
    case("a grid in three directions", Program::single(kernel, 1, 1), x, y, (0..192).map(place).collect())
}

/// Words that no i32 and no f32 holds.
fn large_words() -> Case {
    let code = "@group(1) @binding(0) var<storage, read> x: array<u32>;
@group(1) @binding(1) var<storage, read_write> y: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < 999) { y[id.x] = ~x[id.x]; }
}";
    let buffers = vec![bound("x", Access::Read, 1, 0), bound("y", Access::ReadWrite, 1, 1)];
    let kernel = kernel(code, buffers, [64, 1, 1], ["ceil(n/64)", "1", "1"]);
    let all = Distribution::WholeNumbers { low: 0, high: i64::from(u32::MAX) };
    let x = filled(buffer("x", ElementType::U32, 999), all);
    let expected = values(&x).iter().map(|x| f64::from(u32::MAX) - x).collect();
    case("large words", Program::single(kernel, 1, 1), x, buffer("y", ElementType::U32, 999), expected)
}

/// A sum of each workgroup's part, and the sum of these: as many as the temporary has elements.
pub fn two_passes() -> Case {
    let add = |body: &str| {
        format!(
            "@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(1)
fn main(@builtin(workgroup_id) id: vec3<u32>) {{
  {body}
  var sum = 0.0;
  for (var i = first; i < end; i++) {{ sum += x[i]; }}
  y[id.x] = sum;
}}"
        )
    };
    let buffers = || vec![exact(bound("x", Access::Read, 0, 0)), bound("y", Access::ReadWrite, 0, 1)];
    let part = "let first = 64 * id.x; let end = min(first + 64, arrayLength(&x));";
    let first = kernel(&add(part), buffers(), [1, 1, 1], ["ceil(n/64)", "1", "1"]);
    let all = "let first = 0u; let end = arrayLength(&x);";
    let second = kernel(&add(all), buffers(), [1, 1, 1], ["1", "1", "1"]);
    let x = filled(buffer("x", ElementType::F32, 1001), SMALL);
    let expected = vec![values(&x).iter().sum()];
    let program = through_a_temporary(first, second, "ceil(n/64)*4");
    case("two passes", program, x, buffer("y", ElementType::F32, 1), expected)
}

/// Half precision would do too: the bytes are taken as they are.
pub fn from_a_file(folder: &Path) -> Case {
    let case = two_groups();
    let numbers: Vec<f32> = (0..37 * 27).map(|i| i as f32 / 4.0).collect();
    let x = BufferRule { fill: None, file: Some(written(folder, "x.raw", &numbers)), ..case.inputs[0].clone() };
    let expected = vec![numbers.iter().map(|x| f64::from(2.5 * x)).collect()];
    Case { name: "contents of a file", inputs: vec![x], expected, ..case }
}

/// Each run starts from the file's contents.
fn in_out_from_a_file(folder: &Path) -> Case {
    let case = two_groups().replace("y[i] = ", "y[i] += ");
    let before: Vec<f32> = (0..37 * 27).map(|i| i as f32).collect();
    let y = BufferRule { file: Some(written(folder, "y.raw", &before)), ..case.outputs[0].clone() };
    let expected = case.expected[0].iter().zip(&before).map(|(sum, before)| sum + f64::from(*before)).collect();
    Case { name: "an in-out buffer from a file", outputs: vec![y], expected: vec![expected], ..case }
}

/// A file with something before the numbers and after them.
fn written(folder: &Path, name: &str, numbers: &[f32]) -> Contents {
    let path = folder.join(name);
    fs::write(&path, [b"ab", bytemuck::cast_slice(numbers), b"cdef"].concat()).unwrap();
    Contents { path, offset: 2 }
}
