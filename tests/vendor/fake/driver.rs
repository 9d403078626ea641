//! The driver: one GPU whose memory is the host's, whose stream does at once what it is told, and whose clock is the host's.

use std::alloc::{Layout, alloc, dealloc};
use std::collections::HashMap;
use std::ffi::{c_char, c_int, c_uint, c_ulonglong, c_void};
use std::sync::Mutex;
use std::time::Instant;

use crate::{DONE, handle, status};

const INVALID: u32 = 1;
const NO_DEVICE: u32 = 100;
const OUT_OF_MEMORY: u32 = 2;

type Work = Box<dyn Fn() + Send>;

static MEMORY: Mutex<Option<HashMap<u64, Layout>>> = Mutex::new(None);

/// What is taken down instead of done, while that is asked for.
static CAPTURE: Mutex<Option<Vec<Work>>> = Mutex::new(None);

/// Does something now, or takes it down.
pub fn submit(work: impl Fn() + Send + 'static) {
    let mut capture = CAPTURE.lock().unwrap();
    match &mut *capture {
        Some(list) => list.push(Box::new(work)),
        None => work(),
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn cuInit(_flags: c_uint) -> u32 {
    status("cuInit", NO_DEVICE)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDriverGetVersion(version: *mut c_int) -> u32 {
    unsafe { *version = 13_000 };
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetCount(count: *mut c_int) -> u32 {
    unsafe { *count = 1 };
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGet(device: *mut c_int, ordinal: c_int) -> u32 {
    unsafe { *device = ordinal };
    DONE
}

unsafe fn write(text: &str, to: *mut c_char, most: c_int) -> u32 {
    assert!(text.len() < most as usize);
    unsafe {
        to.copy_from(text.as_ptr().cast(), text.len());
        *to.add(text.len()) = 0;
    }
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetName(name: *mut c_char, most: c_int, _device: c_int) -> u32 {
    unsafe { write(&std::env::var("FAKE_GPU").unwrap_or("Fake GPU".into()), name, most) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDeviceGetPCIBusId(bus: *mut c_char, most: c_int, _device: c_int) -> u32 {
    unsafe { write(&std::env::var("FAKE_BUS").unwrap_or("0000:1B:00.0".into()), bus, most) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuDevicePrimaryCtxRetain(context: *mut *mut u8, _device: c_int) -> u32 {
    unsafe { *context = handle() };
    DONE
}

#[unsafe(no_mangle)]
pub extern "C" fn cuCtxSetCurrent(_context: *mut u8) -> u32 {
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemGetInfo_v2(free: *mut usize, total: *mut usize) -> u32 {
    unsafe { (*free, *total) = (64 << 20, 128 << 20) };
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemAlloc_v2(at: *mut u64, bytes: usize) -> u32 {
    let layout = Layout::from_size_align(bytes, 256).unwrap();
    if bytes == 0 || status("cuMemAlloc_v2", OUT_OF_MEMORY) != DONE {
        return OUT_OF_MEMORY;
    }
    // What is there before anything is written must not matter.
    unsafe {
        *at = alloc(layout) as u64;
        (*at as *mut u8).write_bytes(0x7f, bytes);
        MEMORY.lock().unwrap().get_or_insert_default().insert(*at, layout);
    }
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemFree_v2(at: u64) -> u32 {
    match MEMORY.lock().unwrap().get_or_insert_default().remove(&at) {
        Some(layout) => unsafe { dealloc(at as *mut u8, layout) },
        None => return INVALID,
    }
    DONE
}

unsafe fn copy(to: u64, from: u64, bytes: usize) -> u32 {
    submit(move || unsafe { (to as *mut u8).copy_from(from as *const u8, bytes) });
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyHtoDAsync_v2(to: u64, from: *const c_void, bytes: usize, _stream: *mut u8) -> u32 {
    unsafe { copy(to, from as u64, bytes) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoHAsync_v2(to: *mut c_void, from: u64, bytes: usize, _stream: *mut u8) -> u32 {
    unsafe { copy(to as u64, from, bytes) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuMemcpyDtoDAsync_v2(to: u64, from: u64, bytes: usize, _stream: *mut u8) -> u32 {
    unsafe { copy(to, from, bytes) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamCreate(stream: *mut *mut u8, _flags: c_uint) -> u32 {
    unsafe { *stream = handle() };
    DONE
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamSynchronize(_stream: *mut u8) -> u32 {
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventCreate(event: *mut *mut Instant, _flags: c_uint) -> u32 {
    unsafe { *event = Box::into_raw(Box::new(Instant::now())) };
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventRecord(event: *mut Instant, _stream: *mut u8) -> u32 {
    unsafe { *event = Instant::now() };
    DONE
}

#[unsafe(no_mangle)]
pub extern "C" fn cuEventSynchronize(_event: *mut Instant) -> u32 {
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuEventElapsedTime(ms: *mut f32, begin: *const Instant, end: *const Instant) -> u32 {
    unsafe { *ms = (*end).duration_since(*begin).as_secs_f32() * 1e3 };
    DONE
}

#[unsafe(no_mangle)]
pub extern "C" fn cuStreamBeginCapture_v2(_stream: *mut u8, _mode: c_uint) -> u32 {
    let status = status("cuStreamBeginCapture_v2", INVALID);
    if status == DONE {
        *CAPTURE.lock().unwrap() = Some(Vec::new());
    }
    status
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuStreamEndCapture(_stream: *mut u8, graph: *mut *mut Vec<Work>) -> u32 {
    let Some(list) = CAPTURE.lock().unwrap().take() else { return INVALID };
    unsafe { *graph = Box::into_raw(Box::new(list)) };
    DONE
}

/// What can be launched takes the list over.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphInstantiateWithFlags(
    executable: *mut *mut Vec<Work>,
    graph: *mut Vec<Work>,
    _flags: c_ulonglong,
) -> u32 {
    unsafe { *executable = Box::into_raw(Box::new(std::mem::take(&mut *graph))) };
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphLaunch(executable: *mut Vec<Work>, _stream: *mut u8) -> u32 {
    unsafe { (*executable).iter().for_each(|work| work()) };
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphDestroy(graph: *mut Vec<Work>) -> u32 {
    drop(unsafe { Box::from_raw(graph) });
    DONE
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuGraphExecDestroy(executable: *mut Vec<Work>) -> u32 {
    drop(unsafe { Box::from_raw(executable) });
    DONE
}
