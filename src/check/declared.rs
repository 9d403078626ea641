//! Whether a text that was not written for wgtune declares what its kernel says, and nothing that can't be bound.

use std::collections::HashSet;

use naga::valid::GlobalUse;
use naga::{AddressSpace, GlobalVariable, Handle, Module, ResourceBinding};

use super::fault::Fault;
use super::interface::wrong_access;
use super::parse::Parsed;
use crate::code::{Binding, Block, Declared, Kernel, Slot};

/// Compares the text's declarations with what the kernel says its author declared. Variables that the entry point does
/// not use belong to other entry points.
pub(super) fn check(kernel: &Kernel, declared: &Declared, parsed: &Parsed) -> Result<(), Fault> {
    check_counts(kernel, declared)?;
    let mut bound = HashSet::new();
    for (binding, slot) in kernel.bindings.iter().zip(&declared.slots) {
        bound.insert(check_buffer(binding, slot, parsed)?);
    }
    for block in &declared.blocks {
        bound.insert(check_block(block, parsed)?);
    }
    let mut used = parsed.module.global_variables.iter().filter(|(handle, _)| !uses(parsed, *handle).is_empty());
    used.try_for_each(|(handle, global)| check_used(handle, global, bound.contains(&handle), parsed))
}

/// What the entry point, and all that it calls, does with a variable.
fn uses(parsed: &Parsed, global: Handle<GlobalVariable>) -> GlobalUse {
    parsed.entry_info()[global]
}

fn check_counts(kernel: &Kernel, declared: &Declared) -> Result<(), Fault> {
    let (bindings, slots) = (kernel.bindings.len(), declared.slots.len());
    if bindings != slots {
        return Err(nowhere(format!("the kernel has {bindings} buffers and {slots} places for them")));
    }
    if let Some(uniform) = kernel.uniforms.first() {
        return Err(nowhere(format!("uniform `{uniform}` is in none of the blocks that the kernel declares")));
    }
    let slots = declared.slots.iter().map(|slot| (slot.group, slot.binding));
    let blocks = declared.blocks.iter().map(|block| (block.group, block.binding));
    let mut seen = HashSet::new();
    match slots.chain(blocks).find(|at| !seen.insert(*at)) {
        Some((group, binding)) => Err(nowhere(format!("two variables are at {}", place(group, binding)))),
        None => Ok(()),
    }
}

fn nowhere(message: String) -> Fault {
    Fault { message, labels: Vec::new(), notes: Vec::new() }
}

fn place(group: u32, binding: u32) -> String {
    format!("group {group}, binding {binding}")
}

fn check_buffer(binding: &Binding, slot: &Slot, parsed: &Parsed) -> Result<Handle<GlobalVariable>, Fault> {
    let name = &binding.name;
    let handle = find("buffer", name, slot.group, slot.binding, &parsed.module)?;
    if let Some(written) = wrong_access(binding.access, &parsed.module.global_variables[handle]) {
        return Err(at(handle, parsed, format!("binding `{name}` must be declared `{written}`")));
    }
    if uses(parsed, handle).contains(GlobalUse::QUERY) && !slot.exact {
        let why = "counts the guard zone, which lies inside the bound range: bind the buffer to its elements alone";
        return Err(at(handle, parsed, format!("`arrayLength(&{name})` {why}")));
    }
    Ok(handle)
}

fn check_block(block: &Block, parsed: &Parsed) -> Result<Handle<GlobalVariable>, Fault> {
    let name = &block.name;
    let handle = find("uniform block", name, block.group, block.binding, &parsed.module)?;
    let global = &parsed.module.global_variables[handle];
    if global.space != AddressSpace::Uniform {
        return Err(at(handle, parsed, format!("uniform block `{name}` must be declared `var<uniform>`")));
    }
    let (given, needed) = (4 * block.words.len() as u64, parsed.bytes(global.ty).next_multiple_of(4));
    if given == needed {
        return Ok(handle);
    }
    let why = format!("uniform block `{name}` has {needed} bytes in the text, and {given} in the kernel");
    Err(at(handle, parsed, why))
}

fn at(global: Handle<GlobalVariable>, parsed: &Parsed, message: String) -> Fault {
    Fault::at(parsed.module.global_variables.get_span(global), message)
}

/// The variable of this name at this place.
fn find(what: &str, name: &str, group: u32, binding: u32, module: &Module) -> Result<Handle<GlobalVariable>, Fault> {
    let here = Some(ResourceBinding { group, binding });
    let is_here = |(_, global): &(Handle<GlobalVariable>, &GlobalVariable)| global.binding == here;
    let found: Vec<_> = module.global_variables.iter().filter(is_here).collect();
    if let Some((handle, _)) = found.iter().find(|(_, global)| global.name.as_deref() == Some(name)) {
        return Ok(*handle);
    }
    let place = place(group, binding);
    match found.first() {
        Some((handle, global)) => {
            let other = global.name.as_deref().unwrap_or_default();
            let why = format!("{place} is `{other}` in the text and `{name}` in the kernel");
            Err(Fault::at(module.global_variables.get_span(*handle), why))
        }
        None => Err(nowhere(format!("the text declares no {what} `{name}` at {place}"))),
    }
}

/// Whether what the entry point uses is bound, or memory of its own.
fn check_used(
    handle: Handle<GlobalVariable>,
    global: &GlobalVariable,
    is_bound: bool,
    parsed: &Parsed,
) -> Result<(), Fault> {
    let name = global.name.as_deref().unwrap_or_default();
    let why = match global.space {
        AddressSpace::WorkGroup | AddressSpace::Private => return Ok(()),
        _ if is_bound => return Ok(()),
        AddressSpace::Storage { .. } | AddressSpace::Uniform => {
            let place = global.binding.map(|at| place(at.group, at.binding)).unwrap_or_default();
            format!("the text uses `{name}` at {place}, which the kernel does not bind")
        }
        _ => format!(
            "`{name}` is {}; kernels have storage buffers and uniform blocks only",
            kind(global, &parsed.module)
        ),
    };
    Err(at(handle, parsed, why))
}

/// What a variable is that can't be bound, in words.
pub(super) fn kind(global: &GlobalVariable, module: &Module) -> &'static str {
    use naga::TypeInner as T;
    match (&module.types[global.ty].inner, global.space) {
        (T::Image { .. }, _) => "a texture",
        (T::Sampler { .. }, _) => "a sampler",
        (T::BindingArray { .. }, _) => "an array of bindings",
        (T::AccelerationStructure { .. }, _) => "an acceleration structure",
        (_, AddressSpace::Immediate) => "immediate data (push constants)",
        _ => "in an address space that compute kernels do not have",
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{binding, portable};
    use super::super::{KernelFacts, check, fault};
    use super::*;
    use crate::base::DeviceFacts;
    use crate::code::{Access, Formula, Program, Symbols};
    use crate::record::{Rejection, Stage};

    const TEXT: &str = "
struct Step { shift: vec3<i32>, count: u32 }
struct Sizes { n: u32, f: f32, at: Step, dims: vec2<u32>, rows: array<vec4<u32>, 2> }
@group(1) @binding(7) var<uniform> sizes: Sizes;
@group(2) @binding(0) var<uniform> alone: i32;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(1) @binding(0) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read_write> other: array<u32>;
@group(0) @binding(4) var picture: texture_2d<f32>;
var<workgroup> tile: array<f32, 8>;
fn helper(n: u32) -> u32 { var k = n; loop { if (k == 1u) { break; } k /= 2u; } return k; }
@compute @workgroup_size(8)
fn main(@builtin(global_invocation_id) id: vec3<u32>) { BODY }
@compute @workgroup_size(8)
fn second() { other[0] = textureDimensions(picture).x + helper(3u); }
";

    /// The words of `sizes`: shift −1, 4, 0 and count 6 at byte 16, dims 9×7, rows of 1 2 3 4 and 5 6 7 8.
    const SIZES: [u32; 20] = [5, 0, 0, 0, u32::MAX, 4, 0, 6, 9, 7, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];

    /// A kernel of 100 workgroups of 8, with buffers `x` to read and `y` to write.
    fn kernel(body: &str) -> Kernel {
        let block = |name: &str, group, binding, words: &[u32]| Block {
            name: name.into(),
            group,
            binding,
            words: words.into(),
        };
        Kernel {
            entry: "main".into(),
            code: TEXT.replace("BODY", body),
            uniforms: Vec::new(),
            bindings: vec![binding("x", Access::Read), binding("y", Access::ReadWrite)],
            workgroup_size: [8, 1, 1],
            grid: [100, 1, 1].map(Formula::from),
            declared: Some(Declared {
                slots: vec![
                    Slot { group: 0, binding: 3, exact: false, length: None },
                    Slot { group: 1, binding: 0, exact: true, length: None },
                ],
                blocks: vec![block("sizes", 1, 7, &SIZES), block("alone", 2, 0, &[3])],
            }),
        }
    }

    fn check_one(kernel: &Kernel, device: &DeviceFacts) -> Result<KernelFacts, Rejection> {
        let program = Program::single(kernel.clone(), 1, kernel.bindings.len().saturating_sub(1));
        check(&program, &Symbols::new(), device).map(|mut facts| facts.remove(0))
    }

    fn declared(kernel: &mut Kernel) -> &mut Declared {
        kernel.declared.as_mut().unwrap()
    }

    fn replace(kernel: &mut Kernel, from: &str, to: &str) {
        assert!(kernel.code.contains(from), "{from}");
        kernel.code = kernel.code.replace(from, to);
    }

    #[test]
    fn declared_kernels_pass_as_they_are() {
        let changes: [fn(&mut Kernel); 6] = [
            |_| {},
            |k| *k = kernel("y[id.x] = x[id.x] + tile[0] + f32(sizes.n + u32(alone));"),
            |k| *k = kernel("if (id.x < arrayLength(&y)) { y[id.x] = 1.0; }"),
            // What the entry point does not use need not be bound.
            |k| {
                *k = kernel("y[0] = 1.0;");
                k.bindings.remove(0);
                declared(k).slots.remove(0);
                declared(k).blocks.clear();
            },
            |k| k.grid = [65_535, 65_535, 65_535].map(Formula::from),
            |k| declared(k).slots[0].exact = true,
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut kernel = kernel("");
            change(&mut kernel);
            let checked = check_one(&kernel, &portable());
            assert!(checked.is_ok() && fault(&kernel, &portable()).is_none(), "{number}: {checked:?}");
        }
    }

    /// A change to a kernel that passes; the stage and a piece of the reason that it is rejected by; what is labelled.
    type Rejected = (fn(&mut Kernel), Stage, &'static str, &'static str);

    #[rustfmt::skip]
    const REJECTED: &[Rejected] = &[
        (|k| *k = kernel("let n = arrayLength(&x);"), Stage::Validate, "`arrayLength(&x)` counts the guard zone", "read> x"),
        (|k| k.workgroup_size = [4, 1, 1], Stage::Validate, "size is 8x1x1, the kernel's is 4x1x1", ""),
        (|k| k.entry = "third".into(), Stage::Validate, "no compute entry point `third`", ""),
        (|k| k.entry = "second".into(), Stage::Validate, "`other` at group 0, binding 3, which the kernel does not bind", "other"),
        (|k| { k.entry = "second".into(); replace(k, "other[0] = ", "let x = ") }, Stage::Validate, "`picture` is a texture", "picture"),
        (|k| k.bindings[1].name = "z".into(), Stage::Validate, "group 1, binding 0 is `y` in the text and `z` in the kernel", "y:"),
        (|k| k.bindings[0].access = Access::ReadWrite, Stage::Validate, "`x` must be declared `var<storage, read_write>`", "x:"),
        (|k| k.bindings[1].access = Access::Read, Stage::Validate, "`y` must be declared `var<storage, read>`", "y:"),
        (|k| declared(k).slots[1].binding = 9, Stage::Validate, "no buffer `y` at group 1, binding 9", ""),
        (|k| declared(k).slots[1] = Slot { group: 0, binding: 3, exact: true, length: None }, Stage::Validate, "two variables are at group 0, binding 3", ""),
        (|k| { declared(k).slots.pop(); }, Stage::Validate, "2 buffers and 1 places", ""),
        (|k| k.uniforms.push("n".into()), Stage::Validate, "uniform `n` is in none of the blocks", ""),
        (|k| { declared(k).blocks[0].words.pop(); }, Stage::Validate, "`sizes` has 80 bytes in the text, and 76 in the kernel", "sizes:"),
        (|k| declared(k).blocks[1].group = 3, Stage::Validate, "no uniform block `alone` at group 3, binding 0", ""),
        (|k| { declared(k).blocks.remove(0); k.code = kernel("y[0] = sizes.f;").code }, Stage::Validate,
            "the text uses `sizes` at group 1, binding 7, which the kernel does not bind", "sizes:"),
        (|k| replace(k, "var<uniform> alone", "var<storage> alone"), Stage::Validate, "`alone` must be declared `var<uniform>`", "alone"),
        (|k| replace(k, "var<workgroup>", "override w = 1u; var<workgroup>"), Stage::Validate, "`override`", ""),
        (|k| *k = kernel("y[0] = 1u;"), Stage::Validate, "cannot convert", "y[0]"),
        (|k| k.grid = [1, 65_536, 1].map(Formula::from), Stage::Limits, "65536 workgroups in y, and the device allows 65535", ""),
        (|k| k.grid[2] = "1/0".parse().unwrap(), Stage::Validate, "has no value", ""),
        (|k| *k = kernel("for (var k = 0u; k < 70000u; k++) { y[k] = 1.0; }"), Stage::Limits, "70001 loop iterations", ""),
    ];

    #[test]
    fn what_differs_from_the_declaration_is_rejected_at_its_place() {
        let mut device = portable();
        device.limits.loop_iterations = Some(65_535);
        let mut wrong = Vec::new();
        for (number, (change, stage, piece, labelled)) in REJECTED.iter().enumerate() {
            let mut kernel = kernel("y[id.x] = 1.0;");
            change(&mut kernel);
            let checked = check_one(&kernel, &device);
            let rejected = matches!(&checked, Err(why) if why.stage == *stage && why.why.contains(piece));
            let labels = fault(&kernel, &device).map(|fault| fault.labels).unwrap_or_default();
            let label = labels.first().map(|(range, _)| &kernel.code[range.clone()]);
            if !rejected || label.is_some() == labelled.is_empty() || !label.unwrap_or_default().contains(labelled) {
                wrong.push(format!("case {number}: not {stage}, {piece} at {labelled}, but {checked:?} at {label:?}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn bounds_are_read_from_any_uniform_block() {
        // The bound of a loop, and how often its condition is evaluated.
        let cases = [
            ("sizes.n", 6),
            ("u32(alone)", 4),
            ("sizes.at.count", 7),
            ("u32(sizes.at.shift.y)", 5),
            ("u32(sizes.at.shift.x + 3)", 3),
            ("sizes.dims.x", 10),
            ("sizes.dims[1]", 8),
            ("sizes.rows[1].z", 8),
            ("min(sizes.dims.y, id.x)", 8),
        ];
        let loops = |before: &str, bound: &str| {
            let facts = check_one(&kernel(&format!("{before} for (var k = 0u; k < {bound}; k++) {{}}")), &portable());
            facts.map(|facts| (facts.per_invocation.loop_iterations, facts.uncounted.len())).map_err(|r| r.why)
        };
        for (bound, want) in cases {
            assert_eq!(loops("", bound), Ok((want, 0)), "{bound}");
        }
        for (before, bound, want) in [
            ("let s = sizes;", "s.at.count", 7),
            ("let a = sizes.at;", "u32(a.shift.y)", 5),
            ("let d = sizes.dims;", "d.y", 8),
            ("let p = &sizes.rows[0];", "(*p).w", 5),
        ] {
            assert_eq!(loops(before, bound), Ok((want, 0)), "{before} {bound}");
        }
    }

    #[test]
    fn loops_need_not_be_counted() {
        // A body; its uncounted loops; iterations and stores of what is counted.
        let cases: [(&str, &[&str], u64, u64); 6] = [
            ("for (var k = 0u; k < 3u; k++) { y[k] = 1.0; }", &[], 4, 3),
            ("for (var k = 0u; k < id.x; k++) { y[k] = 1.0; }", &["line 13"], 2, 1),
            ("loop { y[0] = 1.0; if (x[0] > y[0]) { break; } }", &["line 13"], 2, 1),
            (
                "for (var k = 0u; k < sizes.n; k++) {\n var j = 0u; while (j < k) { y[j] = 1.0; j++; } }",
                &["line 14"],
                6 + 5 * 2,
                5,
            ),
            ("var k = 0u; loop { y[0] = 1.0; continuing { k++; break if k > 3u; } }", &["line 13"], 2, 1),
            ("y[0] = f32(helper(9u));\nfor (var k = i32(id.x); k < 9; k++) {}", &["line 11", "line 14"], 4, 1),
        ];
        for (body, lines, iterations, stores) in cases {
            let facts = check_one(&kernel(body), &portable()).unwrap();
            let told: Vec<_> = facts.uncounted.iter().map(|why| why.split(':').next().unwrap()).collect();
            let counts = facts.per_invocation;
            assert_eq!(
                (told, counts.loop_iterations, counts.storage_stores.count),
                (lines.to_vec(), iterations, stores),
                "{body}"
            );
        }
    }

    #[test]
    fn calls_that_double_and_double_are_answered() {
        let twice = |i: usize| format!("fn g{i}() {{ g{0}(); g{0}(); loop {{ break; }} }}\n", i - 1);
        let mut kernel = kernel("g70();");
        kernel.code = format!("fn g0() {{ y[0] = 1.0; }}\n{}{}", (1..=70).map(twice).collect::<String>(), kernel.code);
        let facts = check_one(&kernel, &portable()).unwrap();
        assert_eq!((facts.operations, facts.per_invocation.storage_stores.count), (u64::MAX, u64::MAX));
        assert_eq!(facts.uncounted.len(), 70);
    }

    #[test]
    fn uncounted_loops_survive_being_written_down_and_older_facts_are_read() {
        let facts = check_one(&kernel("loop { if (id.x > 3u) { break; } }"), &portable()).unwrap();
        let text = serde_json::to_string(&facts).unwrap();
        assert_eq!(serde_json::from_str::<KernelFacts>(&text).unwrap(), facts);
        let counted = check_one(&kernel(""), &portable()).unwrap();
        assert!(!serde_json::to_string(&counted).unwrap().contains("uncounted"));
    }
}
