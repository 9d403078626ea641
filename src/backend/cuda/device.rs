//! One GPU as CUDA's driver opens it: a context, a stream, a pair of events for the time.

use std::ffi::{CStr, c_char, c_int};
use std::ptr;

use cudarc::driver::sys;

use super::libraries::Library;
use super::status::{call, done};

/// An opened GPU. What is on it belongs to the process, and ends with it.
pub(super) struct Device {
    /// As the driver names it.
    pub name: String,
    /// Of CUDA, as the driver speaks it.
    pub version: String,
    context: sys::CUcontext,
    /// Everything happens in this order.
    pub stream: sys::CUstream,
    events: [sys::CUevent; 2],
    elapsed: Elapsed,
}

/// `cuEventElapsedTime`, which CUDA 13's headers know under a name that drivers before 12.8 do not have.
type Elapsed = unsafe extern "C" fn(*mut f32, sys::CUevent, sys::CUevent) -> sys::CUresult;

/// Longest name of a device, and of its place on the bus.
const MOST_LETTERS: usize = 256;

impl Device {
    /// Opens the GPU that is at a place on the bus, or where that is not told, the only one of a name.
    ///
    /// # Errors
    /// As a sentence, where there is no driver, or none of its GPUs is just that one.
    pub fn open(name: &str, bus: &str) -> Result<Self, String> {
        Library::Driver.load()?;
        call!(sys::cuInit(0))?;
        let all = all()?;
        let chosen = &all[same(&all, name, bus)?];
        let (mut context, mut stream, mut events) = (ptr::null_mut(), ptr::null_mut(), [ptr::null_mut(); 2]);
        call!(sys::cuDevicePrimaryCtxRetain(&mut context, chosen.number))?;
        call!(sys::cuCtxSetCurrent(context))?;
        call!(sys::cuStreamCreate(&mut stream, 0))?;
        for event in &mut events {
            call!(sys::cuEventCreate(event, 0))?;
        }
        // SAFETY: every driver has it with this signature; that it is there was found out when the driver was loaded.
        let elapsed = unsafe { sys::culib().get::<Elapsed>(b"cuEventElapsedTime").map(|symbol| *symbol) };
        let elapsed = elapsed.map_err(|error| error.to_string())?;
        Ok(Self { name: chosen.name.clone(), version: driver_version()?, context, stream, events, elapsed })
    }

    /// Makes it the one that this thread works on.
    pub fn enter(&self) -> Result<(), String> {
        call!(sys::cuCtxSetCurrent(self.context))
    }

    /// Waits until all is done.
    pub fn finish(&self) -> Result<(), String> {
        call!(sys::cuStreamSynchronize(self.stream))
    }

    /// Nanoseconds between two events before and after what is put into the stream; `None` where it is too short to be told.
    pub fn timed(&self, enqueue: impl FnOnce() -> Result<(), String>) -> Result<Option<f64>, String> {
        let [begin, end] = self.events;
        call!(sys::cuEventRecord(begin, self.stream))?;
        enqueue()?;
        call!(sys::cuEventRecord(end, self.stream))?;
        call!(sys::cuEventSynchronize(end))?;
        let mut milliseconds = 0f32;
        // SAFETY: both events have been recorded.
        done("cuEventElapsedTime", unsafe { (self.elapsed)(&mut milliseconds, begin, end) })?;
        Ok(Some(f64::from(milliseconds) * 1e6).filter(|ns| *ns > 0.0))
    }

    /// Bytes of its memory that nothing has.
    pub fn free_bytes(&self) -> Result<usize, String> {
        let (mut free, mut total) = (0, 0);
        call!(sys::cuMemGetInfo_v2(&mut free, &mut total))?;
        Ok(free)
    }
}

/// One of the GPUs that the driver knows.
struct Known {
    number: sys::CUdevice,
    name: String,
    /// Its place on the bus, `domain:bus:device.function`.
    bus: String,
}

fn all() -> Result<Vec<Known>, String> {
    let mut count = 0;
    call!(sys::cuDeviceGetCount(&mut count))?;
    (0..count).map(known).collect()
}

fn known(ordinal: c_int) -> Result<Known, String> {
    let (mut number, most) = (0, MOST_LETTERS as c_int);
    call!(sys::cuDeviceGet(&mut number, ordinal))?;
    let name = text(|letters| call!(sys::cuDeviceGetName(letters, most, number)))?;
    let bus = text(|letters| call!(sys::cuDeviceGetPCIBusId(letters, most, number)))?;
    Ok(Known { number, name, bus })
}

/// What a function writes into so many letters.
fn text(write: impl FnOnce(*mut c_char) -> Result<(), String>) -> Result<String, String> {
    let mut letters = [0u8; MOST_LETTERS];
    write(letters.as_mut_ptr().cast())?;
    let text = CStr::from_bytes_until_nul(&letters).map_err(|error| error.to_string())?;
    Ok(text.to_string_lossy().into_owned())
}

fn driver_version() -> Result<String, String> {
    let mut number = 0;
    call!(sys::cuDriverGetVersion(&mut number))?;
    // The driver counts 1000 for each major version and 10 for each minor one.
    let [major, minor] = [number / 1000, number % 1000 / 10];
    Ok(format!("{major}.{minor}"))
}

/// Which of the GPUs is the one at this place, or where no place is told, of this name.
fn same(all: &[Known], name: &str, bus: &str) -> Result<usize, String> {
    let there = || all.iter().map(|known| format!("{} at {}", known.name, known.bus)).collect::<Vec<_>>().join(", ");
    if all.is_empty() {
        return Err("CUDA's driver knows no GPU".to_owned());
    }
    if let Some(place) = place(bus) {
        let found = all.iter().position(|known| self::place(&known.bus) == Some(place));
        return found.ok_or_else(|| format!("CUDA has no GPU at {bus}, where {name} is; it has {}", there()));
    }
    let named: Vec<usize> = (0..all.len()).filter(|at| all[*at].name == name).collect();
    match named.as_slice() {
        [only] => Ok(*only),
        [] => Err(format!("CUDA has no GPU named {name}; it has {}", there())),
        _ => Err(format!("CUDA has several GPUs named {name}, and which of them is meant is not told")),
    }
}

/// Domain, bus and device of a place on the bus, which are written with more digits or fewer.
fn place(text: &str) -> Option<[u32; 3]> {
    let (text, _function) = text.trim().rsplit_once('.')?;
    let mut numbers = text.split(':').map(|part| u32::from_str_radix(part, 16).ok());
    let mut next = || numbers.next().flatten();
    Some([next()?, next()?, next()?])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gpu(name: &str, bus: &str) -> Known {
        Known { number: 0, name: name.to_owned(), bus: bus.to_owned() }
    }

    #[test]
    fn the_gpu_is_the_one_at_the_same_place() {
        let (one, two) =
            ([gpu("H100", "0000:1B:00.0")], [gpu("H100", "0000:1B:00.0"), gpu("H100", "00000001:00:00.0")]);
        type Case<'a> = (&'a [Known], &'a str, &'a str, Result<usize, &'a str>);
        let cases: [Case; 9] = [
            (&one, "H100", "0000:1b:00.0", Ok(0)),
            (&one, "another name", "0000:1b:00.0", Ok(0)),
            (&two, "H100", "0001:00:00.0", Ok(1)),
            (&one, "H100", "0000:1c:00.0", Err("no GPU at 0000:1c:00.0, where H100 is; it has H100 at 0000:1B:00.0")),
            (&one, "H100", "", Ok(0)),
            (&two, "H100", "", Err("several GPUs named H100")),
            (&one, "llvmpipe", "", Err("no GPU named llvmpipe; it has H100")),
            (&[], "H100", "", Err("knows no GPU")),
            (&one, "H100", "nonsense", Ok(0)),
        ];
        for (all, name, bus, want) in cases {
            match (same(all, name, bus), want) {
                (Ok(got), Ok(want)) if got == want => {}
                (Err(why), Err(part)) if why.contains(part) => {}
                (got, _) => panic!("{name} at {bus}: {got:?} where {want:?} is right"),
            }
        }
    }
}
