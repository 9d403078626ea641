//! Whether the text declares what its kernel promises: entry, workgroup size, uniform block, storage buffers.

use naga::{AddressSpace, Expression, Function, GlobalVariable, Module, ResourceBinding, Scalar, StorageAccess};
use naga::{StructMember, TypeInner};

use super::declared;
use super::parse::Parsed;
use crate::code::{Access, Binding, Kernel, RESERVED_UNIFORMS, Symbols};
use crate::record::{Rejection, Stage};

/// Compares the text's declarations with the kernel's.
pub(super) fn check(kernel: &Kernel, parsed: &Parsed) -> Result<(), Rejection> {
    check_size(kernel, parsed)?;
    if let Some(declared) = &kernel.declared {
        return declared::check(kernel, declared, parsed).map_err(|fault| invalid(fault.message));
    }
    check_globals(kernel, &parsed.module)?;
    check_lengths(&parsed.module)
}

/// The values of the uniform block's members, for one dispatch of the whole grid.
pub(super) fn uniforms(kernel: &Kernel, symbols: &Symbols, workgroups: u64) -> Result<Vec<u32>, Rejection> {
    let reserved = RESERVED_UNIFORMS.into_iter().zip([Some(0), Some(workgroups)]);
    let sizes = kernel.uniforms.iter().map(|name| (name.as_str(), symbols.get(name).copied()));
    let fit = |(name, value): (&str, Option<u64>)| {
        let value = value.ok_or_else(|| invalid(format!("uniform `{name}` has no value among the sizes")))?;
        u32::try_from(value).map_err(|_| invalid(format!("uniform `{name}` is {value}, more than a u32 holds")))
    };
    reserved.chain(sizes).map(fit).collect()
}

fn invalid(why: impl Into<String>) -> Rejection {
    Rejection::new(Stage::Validate, why)
}

/// The names of the uniform block's members, in order.
fn members(kernel: &Kernel) -> impl Iterator<Item = &str> {
    RESERVED_UNIFORMS.into_iter().chain(kernel.uniforms.iter().map(String::as_str))
}

fn check_size(kernel: &Kernel, parsed: &Parsed) -> Result<(), Rejection> {
    if !parsed.module.overrides.is_empty() {
        return Err(invalid("the text declares an `override`: write a `const`, since the facts depend on its value"));
    }
    let ([x, y, z], [a, b, c]) = (parsed.entry().workgroup_size, kernel.workgroup_size);
    if [x, y, z] == [a, b, c] {
        return Ok(());
    }
    Err(invalid(format!("the text's workgroup size is {x}x{y}x{z}, the kernel's is {a}x{b}x{c}")))
}

/// Whether every global is the uniform block, one of the buffers or memory of the kernel's own, and none is missing.
fn check_globals(kernel: &Kernel, module: &Module) -> Result<(), Rejection> {
    let mut declared = vec![false; 1 + kernel.bindings.len()];
    for (_, global) in module.global_variables.iter() {
        if matches!(global.space, AddressSpace::WorkGroup | AddressSpace::Private) {
            continue;
        }
        let slot = slot(global).filter(|&slot| slot < declared.len()).ok_or_else(|| unknown(global))?;
        match slot.checked_sub(1) {
            None => check_uniforms(kernel, global, module)?,
            Some(index) => check_binding(&kernel.bindings[index], slot, global)?,
        }
        declared[slot] = true;
    }
    match declared.iter().position(|declared| !declared) {
        None => Ok(()),
        Some(0) => Err(not_uniforms(kernel, "missing")),
        Some(slot) => {
            let name = &kernel.bindings[slot - 1].name;
            Err(invalid(format!("the text declares no buffer `{name}` at binding {slot}")))
        }
    }
}

/// The binding number in group 0.
fn slot(global: &GlobalVariable) -> Option<usize> {
    global.binding.filter(|at| at.group == 0).map(|at| at.binding as usize)
}

fn unknown(global: &GlobalVariable) -> Rejection {
    let name = global.name.as_deref().unwrap_or_default();
    let place = match global.binding {
        Some(ResourceBinding { group, binding }) => format!("at group {group}, binding {binding}"),
        None => "without a binding".to_owned(),
    };
    invalid(format!("the text declares `{name}` {place}, which the kernel does not bind"))
}

fn check_uniforms(kernel: &Kernel, global: &GlobalVariable, module: &Module) -> Result<(), Rejection> {
    let found = match &module.types[global.ty].inner {
        TypeInner::Struct { members, .. } if global.space == AddressSpace::Uniform => members,
        _ => return Err(not_uniforms(kernel, "something else")),
    };
    let is_ours = |(i, (found, name)): (usize, (&StructMember, &str))| {
        let is_u32 = module.types[found.ty].inner == TypeInner::Scalar(Scalar::U32);
        is_u32 && found.offset as usize == 4 * i && found.name.as_deref() == Some(name)
    };
    if found.len() == members(kernel).count() && found.iter().zip(members(kernel)).enumerate().all(is_ours) {
        return Ok(());
    }
    let names: Vec<_> = found.iter().map(|member| member.name.as_deref().unwrap_or_default()).collect();
    Err(not_uniforms(kernel, &format!("a struct of {}", names.join(", "))))
}

fn not_uniforms(kernel: &Kernel, found: &str) -> Rejection {
    let names: Vec<_> = members(kernel).collect();
    invalid(format!("the uniform block at binding 0 must be a struct of the u32s {}; it is {found}", names.join(", ")))
}

fn check_binding(binding: &Binding, slot: usize, global: &GlobalVariable) -> Result<(), Rejection> {
    let (name, found) = (&binding.name, global.name.as_deref().unwrap_or_default());
    if found != name {
        return Err(invalid(format!("binding {slot} is `{found}` in the text and `{name}` in the kernel")));
    }
    match wrong_access(binding.access, global) {
        Some(written) => Err(invalid(format!("binding `{name}` must be declared `{written}`"))),
        None => Ok(()),
    }
}

/// How a storage buffer must be declared for what the kernel does with it; nothing if it is.
pub(super) fn wrong_access(access: Access, global: &GlobalVariable) -> Option<&'static str> {
    let (access, written) = match access {
        Access::Read => (StorageAccess::LOAD, "var<storage, read>"),
        Access::ReadWrite => (StorageAccess::LOAD | StorageAccess::STORE, "var<storage, read_write>"),
    };
    (global.space != AddressSpace::Storage { access }).then_some(written)
}

/// A buffer's guard zone lies inside its bound range, so `arrayLength` would count it.
fn check_lengths(module: &Module) -> Result<(), Rejection> {
    let asks = |f: &Function| f.expressions.iter().any(|(_, e)| matches!(e, Expression::ArrayLength(_)));
    let entries = module.entry_points.iter().map(|entry| &entry.function);
    if !module.functions.iter().map(|(_, f)| f).chain(entries).any(asks) {
        return Ok(());
    }
    Err(invalid("`arrayLength` counts the guard zone, which lies inside the bound range: take sizes from the uniforms"))
}
