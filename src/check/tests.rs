//! The room as its users see it: facts of hand-counted kernels, and every kind of rejection.

use proptest::prelude::*;

use super::fixture::{binding, kernel, portable, symbols, with_features, with_matrices};
use super::*;
use crate::base::DeviceFacts;
use crate::code::{Access, BufferRef, Temporary};

fn program(kernel: Kernel) -> Program {
    let reads = kernel.bindings.iter().filter(|binding| binding.access == Access::Read).count();
    let writes = kernel.bindings.len() - reads;
    Program::single(kernel, reads, writes)
}

fn check_one(kernel: Kernel) -> Result<KernelFacts, Rejection> {
    check(&program(kernel), &symbols(), &portable()).map(|mut facts| facts.remove(0))
}

fn traffic(count: u64, bytes: u64) -> Traffic {
    Traffic { count, bytes }
}

/// 32×32 outputs by 8×8 invocations, 4×4 each, in steps of 16 along k: all counts follow from these numbers.
const MATMUL: &str = "
    var acc = array<vec4<f32>, 4>();
    let row = group.x * 32u + lid.y * 4u;
    for (var t = 0u; t < (sizes.k + 15u) / 16u; t++) {
        for (var i = local; i < 128u; i += 64u) { left[i] = a[i]; right[i] = a[i + t]; }
        workgroupBarrier();
        for (var k = 0u; k < 16u; k++) {
            let r = right[k];
            for (var y = 0u; y < 4u; y++) { acc[y] = fma(vec4(left[k][y]), r, acc[y]); }
        }
        workgroupBarrier();
    }
    for (var y = 0u; y < 4u; y++) {
        if (row + y < sizes.m) { o[y] = tanh(acc[y].x); } else { o[0] = 1.0; o[1] = 2.0; }
    }";

#[test]
fn a_tiled_matmul_is_counted() {
    let globals = "var<workgroup> left: array<vec4<f32>, 128>; var<workgroup> right: array<vec4<f32>, 128>;";
    let facts = check_one(kernel(globals, MATMUL)).map_err(|r| r.why).unwrap();
    let tiles = 7;
    assert_eq!((facts.workgroup_bytes, facts.private_bytes), (4096, 64 + 5 * 4));
    assert_eq!((facts.invocations, facts.workgroups), (64, 6));
    let counts = facts.per_invocation;
    assert_eq!(counts.loop_iterations, 1 + tiles * (1 + 3 + 17 + 16 * 5) + 5);
    assert_eq!(counts.barriers, 2 * tiles);
    assert_eq!(counts.storage_loads, traffic(tiles * 4, tiles * 4 * 16));
    assert_eq!(counts.workgroup_stores, traffic(tiles * 4, tiles * 4 * 16));
    assert_eq!(counts.workgroup_loads, traffic(tiles * 16 * 5, tiles * 16 * (16 + 4 * 4)));
    assert_eq!(counts.flops, tiles * 16 * 4 * 8);
    assert_eq!(counts.math_calls, 4);
    assert_eq!(counts.storage_stores, traffic(8, 32), "the larger side of a branch");
}

#[test]
fn statements_are_counted() {
    let none = Counts::default();
    let load = Counts { storage_loads: traffic(1, 4), ..none };
    let store = Counts { storage_stores: traffic(1, 4), ..none };
    let cases = [
        ("", none),
        ("let x = b[0];", load),
        ("o[0] = 1.0;", store),
        ("let x = a[0];", Counts { storage_loads: traffic(1, 16), ..none }),
        ("let x = a[0].y;", load),
        ("o[0] = b[0];", load.plus(store)),
        ("o[0] += 2.0;", Counts { flops: 1, storage_loads: traffic(1, 4), ..store }),
        (
            "t[0] = 1u; let x = t[1];",
            Counts { workgroup_stores: traffic(1, 4), workgroup_loads: traffic(1, 4), ..none },
        ),
        ("atomicAdd(&n, 1u);", Counts { workgroup_stores: traffic(1, 4), workgroup_loads: traffic(1, 4), ..none }),
        ("storageBarrier(); workgroupBarrier();", Counts { barriers: 2, ..none }),
        ("let x = workgroupUniformLoad(&s);", Counts { barriers: 2, workgroup_loads: traffic(1, 4), ..none }),
        ("var p = 1u; p = p + 1u;", Counts { integer_operations: 1, ..none }),
        ("let x = f32(local) * 2.0;", Counts { flops: 1, ..none }),
        ("let x = vec4(f32(local)) * 2.0;", Counts { flops: 4, ..none }),
        ("let x = 2.0 * vec3(f32(local));", Counts { flops: 3, ..none }),
        ("let x = vec4(f32(local)) < vec4(2.0);", Counts { flops: 4, ..none }),
        ("let x = fma(vec2(f32(local)), vec2(2.0), vec2(1.0));", Counts { flops: 4, ..none }),
        ("let x = dot(vec4(f32(local)), vec4(1.0));", Counts { flops: 7, ..none }),
        ("let x = mat2x2<f32>(vec2(f32(local)), vec2(1.0)) * vec2(1.0);", Counts { flops: 6, ..none }),
        ("let x = vec2(1.0) * mat3x2<f32>(vec2(f32(local)), vec2(1.0), vec2(1.0));", Counts { flops: 9, ..none }),
        ("let x = -max(vec3(f32(local)), vec3(0.0));", Counts { flops: 6, ..none }),
        ("let x = min(local, 3u) << 2u;", Counts { integer_operations: 2, ..none }),
        ("let x = exp(vec3(f32(local)));", Counts { math_calls: 3, ..none }),
        ("let x = dot4I8Packed(local, local);", Counts { integer_operations: 7, ..none }),
        ("let x = unpack4xI8(local);", none),
        ("let x = subgroupAdd(local) ;", Counts { subgroup_operations: 1, ..none }),
        ("if (local < 3u) { o[0] = 1.0; }", Counts { integer_operations: 1, ..store }),
        ("switch local { case 0u, 1u: { o[0] = 1.0; } case 2u: { let x = b[0]; } default: {} }", load.plus(store)),
        ("o[0] = twice(b[0]);", Counts { flops: 1, ..load.plus(store) }),
        (
            "for (var k = 0; k < 5; k++) { o[0] = twice(2.0); }",
            Counts { loop_iterations: 6, flops: 5, integer_operations: 10, storage_stores: traffic(5, 20), ..none },
        ),
    ];
    let globals = "var<workgroup> t: array<u32, 4>; var<workgroup> n: atomic<u32>; var<workgroup> s: u32;
        fn twice(x: f32) -> f32 { return once(x) * 2.0; } fn once(x: f32) -> f32 { return x; }
        fn unused(n: u32) { for (var k = 0u; k < n; k++) {} }";
    for (body, want) in cases {
        let facts = check(&program(kernel(globals, body)), &symbols(), &with_features(false, true));
        assert_eq!(facts.map(|facts| facts[0].per_invocation), Ok(want), "{body}");
    }
}

#[test]
fn invocations_count_their_share_of_matrices() {
    let globals = "enable wgpu_cooperative_matrix;";
    let body = "var c = coop_mat8x8<f32, C>();
        for (var k = 0u; k < 3u; k += 1u) {
            let x = coopLoadT<coop_mat8x8<f32, A>>(&b[0], 8u);
            let y = coopLoad<coop_mat8x8<f32, B>>(&b[64], 8u);
            c = coopMultiplyAdd(x, y, c);
        }
        coopStoreT(c, &o[0], 8u);";
    let facts = check(&program(kernel(globals, body)), &symbols(), &with_matrices()).unwrap();
    // Of 8 × 8 elements each of 32 invocations has two, and of 2 · 8³ operations 32.
    let want = Counts {
        loop_iterations: 4,
        storage_loads: traffic(6, 6 * 8),
        storage_stores: traffic(1, 8),
        flops: 3 * 32,
        integer_operations: 6,
        ..Counts::default()
    };
    assert_eq!((facts[0].per_invocation, facts[0].private_bytes), (want, 8 + 4));
}

/// What a case of the rejections may change.
struct Case {
    program: Program,
    symbols: Symbols,
    device: DeviceFacts,
}

/// A change to a program that passes, and the stage and a piece of the reason that it is rejected by.
type Rejected = (fn(&mut Case), Stage, &'static str);

fn replace(case: &mut Case, from: &str, to: &str) {
    let code = &mut case.program.kernels[0].code;
    assert!(code.contains(from), "{from}");
    *code = code.replace(from, to);
}

fn body(case: &mut Case, globals: &str, body: &str) {
    case.program.kernels[0].code = kernel(globals, body).code;
}

#[rustfmt::skip]
const REJECTED: &[Rejected] = &[
    (|c| body(c, "", "let x = ;"), Stage::Validate, "wgsl:11:9"),
    (|c| body(c, "", "let x = 1u + 1.0f;"), Stage::Validate, "wgsl:11:9"),
    (|c| body(c, "", "o[0] = local;"), Stage::Validate, "of type f32 is required here"),
    (|c| body(c, "enable f16;", "let x = f16(1.0);"), Stage::Validate, "FLOAT16"),
    (|c| body(c, "", "let x = subgroupAdd(local);"), Stage::Validate, "subgroup"),
    (|c| c.program.kernels[0].code.clear(), Stage::Validate, "no compute entry point `main`"),
    (|c| c.program.kernels[0].entry = "other".into(), Stage::Validate, "kernel `other`: the text has no compute entry"),
    (|c| c.program.kernels[0].workgroup_size = [8, 4, 2], Stage::Validate, "is 8x8x1, the kernel's is 8x4x2"),
    (|c| body(c, "override x = 1u;", ""), Stage::Validate, "`override`"),
    (|c| body(c, "@group(0) @binding(4) var<storage, read> z: array<u32>;", ""), Stage::Validate,
        "`z` at group 0, binding 4, which the kernel does not bind"),
    (|c| body(c, "@group(1) @binding(1) var<storage, read> z: array<u32>;", ""), Stage::Validate, "`z` at group 1"),
    (|c| body(c, "@group(0) @binding(4) var z: texture_2d<f32>;", ""), Stage::Validate, "`z` at group 0, binding 4"),
    (|c| replace(c, "> b: array<f32>", "> c: array<f32>"), Stage::Validate, "binding 2 is `c` in the text and `b`"),
    (|c| c.program.kernels[0].bindings.swap(0, 1), Stage::Validate, "binding 1 is `a` in the text and `b`"),
    (|c| replace(c, "read> b", "read_write> b"), Stage::Validate, "`b` must be declared `var<storage, read>`"),
    (|c| c.program.kernels[0].bindings[1].access = Access::ReadWrite, Stage::Validate, "`var<storage, read_write>`"),
    (|c| replace(c, "@group(0) @binding(2) var<storage, read> b: array<f32>;", ""), Stage::Validate,
        "no buffer `b` at binding 2"),
    (|c| replace(c, "@group(0) @binding(0) var<uniform> sizes: Sizes;", ""), Stage::Validate, "it is missing"),
    (|c| replace(c, "sizes: Sizes", "sizes: vec4<u32>"), Stage::Validate, "it is something else"),
    (|c| replace(c, "workgroups: u32", "tiles: u32"), Stage::Validate, "struct of first_workgroup, tiles, m, n, k"),
    (|c| replace(c, "m: u32, n: u32", "n: u32, m: u32"), Stage::Validate, "struct of first_workgroup, workgroups, n, m"),
    (|c| replace(c, "k: u32", "k: i32"), Stage::Validate, "must be a struct of the u32s first_workgroup, workgroups"),
    (|c| replace(c, "k: u32", "@size(8) k: u32, l: u32"), Stage::Validate, "u32s"),
    (|c| replace(c, ", k: u32", ""), Stage::Validate, "u32s"),
    (|c| c.program.kernels[0].uniforms.clear(), Stage::Validate, "u32s first_workgroup, workgroups;"),
    (|c| body(c, "", "let x = arrayLength(&b);"), Stage::Validate, "guard zone"),
    (|c| body(c, "fn f() -> u32 { return arrayLength(&b); }", ""), Stage::Validate, "guard zone"),
    (|c| c.symbols.retain(|name, _| name != "k"), Stage::Validate, "uniform `k` has no value"),
    (|c| c.symbols.extend([("k".into(), 1 << 32)]), Stage::Validate, "uniform `k` is 4294967296"),
    (|c| c.symbols.retain(|name, _| name != "m"), Stage::Validate, "the grid `ceil(m/32)`, `ceil(n/32)`, `1` has no value"),
    (|c| body(c, "", "loop { if (local > 3u) { break; } }"), Stage::Validate, "line 11: a loop's trip count can't be read"),
    (|c| body(c, "fn f(n: u32) { for (var k = 0u; k < n; k++) {} }", "f(3u);"), Stage::Validate,
        "line 7: a loop's trip count"),
    (|c| body(c, "var<workgroup> t: array<vec3<f32>, 1025>;", "t[local].x = 1.0;"), Stage::Limits,
        "needs 16400 bytes of workgroup memory, and the device allows 16384"),
    (|c| { replace(c, "8, 8", "32, 16"); c.program.kernels[0].workgroup_size = [32, 16, 1] }, Stage::Limits,
        "512 invocations per workgroup, and the device allows 256"),
    (|c| { replace(c, "8, 8", "1, 1, 128"); c.program.kernels[0].workgroup_size = [1, 1, 128] }, Stage::Limits,
        "128 invocations in z"),
    (|c| c.device.limits.storage_buffers_per_stage = 2, Stage::Limits, "3 storage buffers, and the device allows 2"),
    (|c| c.symbols.extend([("m".into(), 1 << 30), ("n".into(), 1 << 20)]), Stage::Limits,
        "1099511627776 workgroups, and the device allows 4294836225"),
    (|c| { c.device.limits.loop_iterations = Some(65_535);
           body(c, "", "for (var y = 0; y < 255; y++) { for (var x = 0; x < 256; x++) { o[0] = 1.0; } }") },
        Stage::Limits, "65791 loop iterations per invocation: the driver silently stops at 65535"),
    (|c| c.program.run[0].kernel = 1, Stage::Validate, "kernel 1 of 1"),
    (|c| c.program.run[0].buffers.truncate(2), Stage::Validate, "2 buffers for 3"),
    (|c| c.program.run[0].buffers[0] = BufferRef::Temporary(0), Stage::Validate, "temporary 0 of 0"),
    (|c| temporary(c, "k*1000000000"), Stage::Limits, "100000000000 bytes for temporary `part`"),
    (|c| temporary(c, "q"), Stage::Validate, "temporary `part` has no size"),
];

fn temporary(case: &mut Case, bytes: &str) {
    case.program.temporaries.push(Temporary { name: "part".into(), bytes: bytes.parse().unwrap() });
}

#[test]
fn what_cannot_run_is_rejected_with_its_reason() {
    let mut wrong = Vec::new();
    for (number, (change, stage, piece)) in REJECTED.iter().enumerate() {
        let mut case = Case { program: program(kernel("", "")), symbols: symbols(), device: portable() };
        check(&case.program, &case.symbols, &case.device).expect("the unchanged case passes");
        change(&mut case);
        match check(&case.program, &case.symbols, &case.device) {
            Err(rejection) if rejection.stage == *stage && rejection.why.contains(piece) => {}
            other => wrong.push(format!("case {number}: not {stage}, {piece}, but {other:?}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn loops_within_the_drivers_limit_pass() {
    let mut device = portable();
    device.limits.loop_iterations = Some(65_535);
    let nest = kernel("", "for (var y = 0; y < 255; y++) { for (var x = 0; x < 254; x++) { o[0] = 1.0; } }");
    let facts = check(&program(nest), &symbols(), &device).unwrap();
    assert_eq!(facts[0].per_invocation.loop_iterations, 255 * 256 + 1);
}

#[test]
fn a_kernel_without_uniforms_of_its_own_or_buffers_in_use_passes() {
    let mut bare = kernel("", "");
    bare.code = "struct S { first_workgroup: u32, workgroups: u32 } @group(0) @binding(0) var<uniform> s: S;
        @group(0) @binding(1) var<storage, read> x: array<f32>; @compute @workgroup_size(1) fn main() {}"
        .into();
    bare.uniforms.clear();
    bare.bindings = vec![binding("x", Access::Read)];
    bare.workgroup_size = [1, 1, 1];
    assert_eq!(check_one(bare).map(|facts| facts.per_invocation), Ok(Counts::default()));
}

#[test]
fn facts_survive_being_written_down() {
    let facts = check_one(kernel("", "o[0] = b[1];")).unwrap();
    let text = serde_json::to_string(&facts).unwrap();
    assert_eq!(serde_json::from_str::<KernelFacts>(&text).unwrap(), facts);
}

#[test]
fn nonsense_is_rejected_without_a_panic() {
    let deep = ["(".repeat(5_000), "{".repeat(5_000), format!("let x = {}1u;", "-".repeat(5_000))];
    for text in deep.iter().map(String::as_str).chain(["\0", "é", "}", "/*", "@", "let x = 1 / 0;", "let x = a[-1];"])
    {
        assert!(check_one(kernel("", text)).is_err(), "{:.20}", text);
    }
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,80}") {
        let _ = check_one(kernel("", &text));
        let mut whole = kernel("", "");
        whole.code = text;
        let _ = check_one(whole);
    }

    #[test]
    fn any_damage_to_a_kernel_is_answered(at in 0usize..2000, length in 0usize..40) {
        let mut damaged = kernel("var<workgroup> left: array<f32, 4>; var<workgroup> right: array<f32, 4>;", MATMUL);
        let start = at.min(damaged.code.len());
        let end = (start + length).min(damaged.code.len());
        damaged.code.replace_range(start..end, "");
        let _ = check_one(damaged);
    }
}
