//! Spaces of native templates offer no tile that has no kernel, whatever vectors a processor has.

use wgtune::backend::cpu::kernels::{MENU, UNROLLS, Width, has_tile_of_channels, has_tile_of_pixels};
use wgtune::base::{DeviceFacts, Processor, sums_fit};
use wgtune::op::{find_template, resolve};
use wgtune::space::{Space, Value};

/// Whether there is a kernel for vectors of that width, of so many rows or pixels and so many vectors.
type Has = fn(Width, usize, usize) -> bool;

/// Templates with a workload that is large enough for all tiles, the parameters of a tile, and what knows its kernels.
const OFFERED: [(&str, &str, [&str; 2], Has); 6] = [
    ("matmul/native", MATMUL, ["tile_rows", "tile_vectors"], has_product),
    ("conv2d/native_direct", CONVOLUTION, ["tile_outputs", "tile_vectors"], has_shared),
    ("conv2d/native_winograd_2", CONVOLUTION, ["tile_outputs", "tile_vectors"], has_shared),
    ("conv2d/native_winograd_4", CONVOLUTION, ["tile_outputs", "tile_vectors"], has_shared),
    ("conv2d/native_channels", CONVOLUTION, ["tile_pixels", "tile_vectors"], has_tile_of_channels),
    ("conv2d/native_channels", CHANNELS_LAST, ["tile_pixels", "tile_vectors"], has_tile_of_channels),
];

const MATMUL: &str = "matmul:f32:m512n512k512";
const CONVOLUTION: &str = "conv2d:f32:n1c64h56w56o256k3p1";
const CHANNELS_LAST: &str = "conv2d:f32:n1c64h56w56o256k3p1:nhwc";

fn has_product(width: Width, rows: usize, vectors: usize) -> bool {
    MENU.contains(&(rows, vectors)) && sums_fit(rows, vectors, width.registers())
}

/// Tiles share the vectors of a run evenly, so that some have fewer.
fn has_shared(width: Width, rows: usize, vectors: usize) -> bool {
    (1..=vectors).all(|vectors| has_tile_of_pixels(width, rows, vectors))
}

#[test]
fn every_tile_that_is_offered_has_a_kernel() {
    let mut wrong = Vec::new();
    for (template, workload, names, has) in OFFERED {
        for width in Width::ALL {
            let space = || space(template, workload, width);
            let mut offered = 0;
            for (rows, vectors) in pairs(&space(), names) {
                let only = |name: &str, value: usize| (name.to_owned(), vec![Value::Int(value as i64)]);
                let tiles = space().restricted(&[only(names[0], rows), only(names[1], vectors)]).unwrap();
                if tiles.is_empty() {
                    continue;
                }
                offered += 1;
                if !has(width, rows, vectors) {
                    wrong.push(format!("{template}: {rows} × {vectors} of {width:?}"));
                }
            }
            assert!(offered >= 8, "{template} offers {offered} tiles of {width:?}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_unrolling_that_is_offered_has_a_kernel() {
    let unrolls = values(&space("matmul/native", MATMUL, Width::Scalar), "unroll");
    assert_eq!(unrolls, UNROLLS);
}

/// The space on a processor that has these vectors alone, and caches for everything.
fn space(template: &str, workload: &str, width: Width) -> Space {
    let mut device = DeviceFacts::portable();
    let lanes = vec![width.lanes() as u32];
    device.processor = Some(Processor { threads: 2, lanes, ..Processor::boundless() });
    find_template(template).unwrap().space(&resolve(workload).unwrap(), &device)
}

fn pairs(space: &Space, [rows, vectors]: [&str; 2]) -> Vec<(usize, usize)> {
    let vectors = values(space, vectors);
    values(space, rows).into_iter().flat_map(|rows| vectors.iter().map(move |vectors| (rows, *vectors))).collect()
}

fn values(space: &Space, name: &str) -> Vec<usize> {
    let param = space.params().iter().find(|param| param.name == name).unwrap();
    param.values.iter().map(|value| value.as_int().unwrap() as usize).collect()
}
