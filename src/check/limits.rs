//! What a device can't hold or run, known before anything is compiled.

use super::KernelFacts;
use crate::base::DeviceFacts;
use crate::code::routine::{AcceleratedCall, Call, Routine};
use crate::code::vta::{Hardware, HardwareError};
use crate::code::{Kernel, Program, Symbols};
use crate::record::{Rejection, Stage};

/// Compares what a kernel needs with what the device has. wgpu itself does not check workgroup memory.
pub(super) fn check(kernel: &Kernel, facts: &KernelFacts, device: &DeviceFacts) -> Result<(), Rejection> {
    let limits = &device.limits;
    let per_dimension = u64::from(limits.workgroups_per_dimension);
    // Workgroups are numbered by a u32, and a grid too large for x is folded into y. Declared ones are not numbered.
    let workgroups = match kernel.declared {
        Some(_) => u64::MAX,
        None => per_dimension.saturating_mul(per_dimension).min(u32::MAX.into()),
    };
    let [x, y, z] = kernel.workgroup_size;
    let [max_x, max_y, max_z] = limits.workgroup_size;
    let needs: [(&str, u64, u64); 7] = [
        ("bytes of workgroup memory", facts.workgroup_bytes, limits.workgroup_storage_bytes.into()),
        ("invocations per workgroup", facts.invocations.into(), limits.invocations_per_workgroup.into()),
        ("invocations in x", x.into(), max_x.into()),
        ("invocations in y", y.into(), max_y.into()),
        ("invocations in z", z.into(), max_z.into()),
        ("storage buffers", kernel.bindings.len() as u64, limits.storage_buffers_per_stage.into()),
        ("workgroups", facts.workgroups, workgroups),
    ];
    needs.into_iter().try_for_each(|(what, needed, limit)| within(what, needed, limit))
}

/// Whether a grid that its author declared, which is launched as it is, is within the limit of each direction.
pub(super) fn check_grid(kernel: &Kernel, grid: [u64; 3], device: &DeviceFacts) -> Result<(), Rejection> {
    let limit = device.limits.workgroups_per_dimension.into();
    let directions = grid.into_iter().zip(["x", "y", "z"]).filter(|_| kernel.declared.is_some());
    let mut needs = directions.map(|(workgroups, name)| (format!("workgroups in {name}"), workgroups));
    needs.try_for_each(|(what, workgroups)| within(&what, workgroups, limit))
}

/// Whether a driver that cuts loops short lets this kernel finish.
pub(super) fn check_loops(facts: &KernelFacts, device: &DeviceFacts) -> Result<(), Rejection> {
    let needed = facts.per_invocation.loop_iterations;
    match device.limits.loop_iterations {
        Some(limit) if needed > limit => Err(Rejection::new(
            Stage::Limits,
            format!(
                "up to {needed} loop iterations per invocation: the driver silently stops at {limit}, \
                 so a wrong result would be timed; shorten the sum, or unroll its loop"
            ),
        )),
        _ => Ok(()),
    }
}

/// Whether each temporary has a size, and can be bound.
pub(super) fn check_temporaries(program: &Program, symbols: &Symbols, device: &DeviceFacts) -> Result<(), Rejection> {
    let limit = device.limits.storage_binding_bytes.min(device.limits.buffer_bytes);
    program.temporaries.iter().try_for_each(|temporary| {
        let name = &temporary.name;
        let unknown = || Rejection::new(Stage::Validate, format!("temporary `{name}` has no size for these symbols"));
        let bytes = temporary.bytes.eval(symbols).ok_or_else(unknown)?;
        within(&format!("bytes for temporary `{name}`"), bytes, limit)
    })
}

/// Whether the tensors of a routine fit into buffers, and arithmetic is in a type that routines have.
pub(super) fn check_routine(routine: &Routine, device: &DeviceFacts) -> Result<(), Rejection> {
    let (element, extents) = (routine.call.element(), routine.call.extents());
    if !element.is_float() && !matches!(routine.call, Call::Accelerated(_)) {
        return Err(Rejection::new(Stage::Limits, format!("routines compute in f32 and not on {element}")));
    }
    if let (Call::Accelerated(call), Some(hardware)) = (&routine.call, &device.accelerator) {
        check_cut(call, hardware)?;
    }
    let mut tensors = extents.inputs.iter().chain(&extents.outputs);
    tensors.try_for_each(|elements| {
        within("bytes for one tensor", elements.saturating_mul(element.bytes()), device.limits.buffer_bytes)
    })
}

/// Whether the rules of a cut's mode let it be compiled.
fn check_cut(call: &AcceleratedCall, hardware: &str) -> Result<(), Rejection> {
    let refused = |why: String| Rejection::new(Stage::Compile, why);
    let hardware: Hardware = hardware.parse().map_err(|error: HardwareError| refused(error.to_string()))?;
    call.refusal(&hardware).map_or(Ok(()), |refusal| Err(refused(refusal.why().to_owned())))
}

fn within(what: &str, needed: u64, limit: u64) -> Result<(), Rejection> {
    if needed <= limit {
        return Ok(());
    }
    Err(Rejection::new(Stage::Limits, format!("needs {needed} {what}, and the device allows {limit}")))
}
