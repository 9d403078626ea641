//! Programs with one mistake each, and data that cannot be had.

use std::path::Path;

use wgtune::backend::BufferRule;
use wgtune::base::ElementType;
use wgtune::code::Access;
use wgtune::record::Stage;

use crate::kernels::{Case, buffer};
use crate::right::{from_a_file, grid_in_three_directions, histogram, reversed, two_groups, two_passes};

pub fn cases(folder: &Path) -> Vec<Case> {
    [results(), interfaces(), grids(), data(folder)].concat()
}

fn results() -> Vec<Case> {
    let verify = |case: Case, name, part| case.rejected(name, Stage::Verify, part);
    let counted = "atomicAdd(&bins[x[id.x]], 1u);";
    let early = "if (any(id.xy >= params.size) || id.y > 5) { return; }";
    vec![
        verify(
            two_groups().replace("if (any(id.xy >= params.size)) { return; }", early),
            "a part never written",
            "777 of 999 checked elements of `y` are wrong, first [222]: never written",
        ),
        verify(
            histogram().replace(counted, "atomicAdd(&bins[x[id.x]], 2u);"),
            "a wrong sum on top",
            "10 of 10 checked elements of `bins` are wrong",
        ),
        verify(
            histogram().replace(counted, "atomicAdd(&bins[x[id.x] + u32(id.x == 7) * 10], 1u);"),
            "a count beyond the end",
            "beyond the end of `bins`",
        ),
        verify(
            reversed().declared(|declared| declared.slots[0].exact = false),
            "a length that counts the guard",
            "as it lies beyond the ends of inputs",
        ),
        verify(
            reversed()
                .replace("var<storage, read> x", "var<storage, read_write> x")
                .replace("y[id.x] =", "x[3] = 7.0; y[id.x] =")
                .with(|kernel| kernel.bindings[0].access = Access::ReadWrite),
            "a changed input",
            "changes its input `x`",
        ),
        verify(
            two_passes().replace("y[id.x] = sum;", "y[id.x] = sum; y[id.x + 16] = sum;"),
            "a write beyond the temporary",
            "beyond the end of its temporary `partial`",
        ),
    ]
}

fn interfaces() -> Vec<Case> {
    let refused = |case: Case, name, part| case.rejected(name, Stage::Compile, part);
    vec![
        two_groups().declared(|declared| declared.slots.truncate(1)).rejected(
            "a buffer without a slot",
            Stage::Validate,
            "kernel `main` has 1 slots for 2 buffers",
        ),
        two_groups().declared(|declared| declared.slots[1].group = u32::MAX).rejected(
            "a group that no device has",
            Stage::Limits,
            "kernel `main` has @group(4294967295)",
        ),
        refused(two_groups().declared(|declared| declared.slots[0].binding = 4), "a binding elsewhere", "binding: 3 }"),
        refused(
            two_groups().declared(|declared| declared.slots[1].binding = 0),
            "two at one place",
            "Conflicting binding",
        ),
        refused(
            two_groups().declared(|declared| declared.blocks.clear()),
            "a block left out",
            "group: 2, binding: 0 }",
        ),
        refused(
            two_groups().replace("size: vec2<u32> }", "size: vec2<u32>, more: vec4<f32> }"),
            "a block too short",
            "is bound with size 16 where the shader expects 32",
        ),
        refused(two_groups().replace("= params.factor * x[i]", "= i"), "text of wrong types", "type"),
    ]
}

fn grids() -> Vec<Case> {
    let grid = |x: &str, name, part| {
        let formula = x.parse().unwrap();
        grid_in_three_directions().with(|kernel| kernel.grid[0] = formula).rejected(name, Stage::Limits, part)
    };
    vec![
        grid("n*70000", "a direction too long", "with 70000 workgroups in x, and this device allows 65535"),
        grid("m", "a size that has no value", "kernel `main` has a grid whose size is no number"),
        grid("n*4294967296*4294967296", "a size beyond all numbers", "no number below 2^64"),
    ]
}

fn data(folder: &Path) -> Vec<Case> {
    let input = |case: Case, change: fn(&mut BufferRule)| {
        let mut inputs = case.inputs.clone();
        change(&mut inputs[0]);
        Case { inputs, ..case }
    };
    let missing = input(from_a_file(folder), |rule| _ = rule.file.as_mut().unwrap().path.set_extension("no"));
    vec![
        missing.rejected("no such file", Stage::Run, "x.no`, the contents of `x`, cannot be read"),
        input(from_a_file(folder), |rule| rule.file.as_mut().unwrap().offset = 7).rejected(
            "a file too short",
            Stage::Run,
            "x.raw` has 4002 bytes, and `x` takes 3996 from byte 7 on (999 elements of f32)",
        ),
        input(two_groups(), |rule| rule.elements = 1 << 40).rejected(
            "an input too large",
            Stage::Limits,
            "`x` with 1099511627776 elements of f32 is too large",
        ),
        Case { outputs: vec![buffer("y", ElementType::F32, u64::MAX)], ..two_groups() }.rejected(
            "an output beyond all numbers",
            Stage::Limits,
            "`y` with 18446744073709551615 elements of f32 is too large",
        ),
    ]
}
