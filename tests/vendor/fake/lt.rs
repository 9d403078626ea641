//! cuBLASLt: the same products described in pieces, with epilogues and a choice of algorithms.

use std::ffi::{c_int, c_void};

use crate::blas::{Matrix, Product};
use crate::driver::submit;
use crate::numbers::{Element, gelu_tanh};
use crate::{DONE, handle, is_named, status};

const INVALID: u32 = 7;
const NOT_SUPPORTED: u32 = 15;

#[derive(Clone, Copy, Default)]
pub struct Description {
    compute: u32,
    turns: [u32; 2],
    epilogue: u32,
    bias: u64,
}

#[derive(Clone, Copy)]
pub struct Layout {
    element: u32,
    rows: u64,
    columns: u64,
    leading: i64,
    batch: i32,
    stride: i64,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Algorithm {
    data: [u64; 8],
}

#[repr(C)]
pub struct Proposal {
    algorithm: Algorithm,
    workspace: usize,
    state: u32,
    waves: f32,
    reserved: [c_int; 4],
}

#[unsafe(no_mangle)]
pub extern "C" fn cublasLtGetVersion() -> usize {
    130_100
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasLtCreate(lt: *mut *mut u8) -> u32 {
    unsafe { *lt = handle() };
    status("cublasLtCreate", 1)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasLtDestroy(lt: *mut u8) -> u32 {
    drop(unsafe { Box::from_raw(lt) });
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasLtMatmulDescCreate(made: *mut *mut Description, compute: u32, scale: u32) -> u32 {
    assert_eq!(scale, 0, "scales are f32");
    let description = Description { compute, epilogue: 1, ..Description::default() };
    unsafe { *made = Box::into_raw(Box::new(description)) };
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasLtMatmulDescDestroy(description: *mut Description) -> u32 {
    drop(unsafe { Box::from_raw(description) });
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasLtMatmulDescSetAttribute(
    description: *mut Description,
    what: u32,
    value: *const c_void,
    bytes: usize,
) -> u32 {
    let description = unsafe { &mut *description };
    unsafe {
        match (what, bytes) {
            (3, 4) => description.turns[0] = *value.cast(),
            (4, 4) => description.turns[1] = *value.cast(),
            (7, 4) => description.epilogue = *value.cast(),
            (8, 8) => description.bias = *value.cast(),
            _ => return INVALID,
        }
    }
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasLtMatrixLayoutCreate(
    made: *mut *mut Layout,
    element: u32,
    rows: u64,
    columns: u64,
    leading: i64,
) -> u32 {
    let layout = Layout { element, rows, columns, leading, batch: 1, stride: 0 };
    unsafe { *made = Box::into_raw(Box::new(layout)) };
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasLtMatrixLayoutDestroy(layout: *mut Layout) -> u32 {
    drop(unsafe { Box::from_raw(layout) });
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasLtMatrixLayoutSetAttribute(
    layout: *mut Layout,
    what: u32,
    value: *const c_void,
    bytes: usize,
) -> u32 {
    unsafe {
        match (what, bytes) {
            (5, 4) => (*layout).batch = *value.cast(),
            (6, 8) => (*layout).stride = *value.cast(),
            _ => return INVALID,
        }
    }
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasLtMatmulPreferenceCreate(made: *mut *mut u8) -> u32 {
    unsafe { *made = handle() };
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasLtMatmulPreferenceDestroy(wishes: *mut u8) -> u32 {
    drop(unsafe { Box::from_raw(wishes) });
    DONE
}

#[unsafe(no_mangle)]
pub extern "C" fn cublasLtMatmulPreferenceSetAttribute(
    _wishes: *mut u8,
    what: u32,
    _value: *const c_void,
    bytes: usize,
) -> u32 {
    if [(1, 8), (3, 4)].contains(&(what, bytes)) { DONE } else { INVALID }
}

/// Three algorithms, the first of which then does not run.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasLtMatmulAlgoGetHeuristic(
    _lt: *mut u8,
    _description: *mut Description,
    _a: *mut Layout,
    _b: *mut Layout,
    _c: *mut Layout,
    _d: *mut Layout,
    _wishes: *mut u8,
    asked: c_int,
    results: *mut Proposal,
    count: *mut c_int,
) -> u32 {
    let given = asked.min(3);
    for number in 0..given as usize {
        let algorithm = Algorithm { data: [number as u64; 8] };
        let proposal = Proposal { algorithm, workspace: 0, state: DONE, waves: 1.0, reserved: [0; 4] };
        unsafe { results.add(number).write(proposal) };
    }
    unsafe { *count = given };
    status("cublasLtMatmulAlgoGetHeuristic", NOT_SUPPORTED)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cublasLtMatmul(
    _lt: *mut u8,
    description: *const Description,
    alpha: *const f32,
    a: *const c_void,
    layout_a: *const Layout,
    b: *const c_void,
    layout_b: *const Layout,
    beta: *const f32,
    c: *const c_void,
    layout_c: *const Layout,
    d: *mut c_void,
    layout_d: *const Layout,
    algorithm: *const Algorithm,
    _workspace: *mut c_void,
    _workspace_bytes: usize,
    _stream: *mut u8,
) -> u32 {
    let (description, layouts) = unsafe { (*description, [*layout_a, *layout_b, *layout_d]) };
    if unsafe { (*algorithm).data[0] } == 0 || layouts[0].batch != layouts[2].batch {
        return NOT_SUPPORTED;
    }
    let [turn_a, turn_b] = description.turns;
    let matrix = |at: usize, layout: &Layout, turn: u32| Matrix {
        at,
        element: Element::of_cuda(layout.element),
        leading: layout.leading as usize,
        stride: layout.stride as usize,
        is_transposed: turn == 1,
    };
    let matrices = [
        matrix(a as usize, &layouts[0], turn_a),
        matrix(b as usize, &layouts[1], turn_b),
        matrix(d as usize, &layouts[2], 0),
    ];
    let terms = if turn_a == 1 { layouts[0].rows } else { layouts[0].columns };
    let sizes = [layouts[2].rows, layouts[2].columns, terms].map(|size| size as usize);
    if sizes[2] as u64 != if turn_b == 1 { layouts[1].columns } else { layouts[1].rows } {
        return INVALID;
    }
    let added = unsafe { matrix(c as usize, &*layout_c, 0) };
    let (alpha, beta) = unsafe { (f64::from(*alpha), f64::from(*beta)) };
    let off = if is_named("FAKE_WRONG", "cublasLtMatmul") { 1.0 } else { 0.0 };
    let (batch, compute) = (layouts[2].batch as usize, description.compute);
    let product = Product { sizes, batch, matrices, compute, alpha, off };
    submit(move || unsafe {
        product.run(|batch, row, column, sum| {
            let sum = sum + if beta == 0.0 { 0.0 } else { beta * added.get(batch, row, column) };
            let has_bias = description.epilogue & 4 != 0;
            let bias = if has_bias { added.element.load(description.bias as usize, row) } else { 0.0 };
            match description.epilogue & !4 {
                2 => (sum + bias).max(0.0),
                32 => gelu_tanh(sum + bias),
                _ => sum + bias,
            }
        });
    });
    DONE
}
