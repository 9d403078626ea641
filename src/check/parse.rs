//! From text to a valid module with one chosen entry point.

use naga::front::wgsl;
use naga::proc::Layouter;
use naga::valid::{Capabilities, FunctionInfo, ModuleInfo, ValidationFlags, Validator};
use naga::{AddressSpace, EntryPoint, Handle, Module, ShaderStage, Span, Type, TypeInner};

use super::depth;
use super::fault::{Fault, Invalid};
use crate::base::DeviceFacts;
use crate::code::Kernel;
use crate::record::{Rejection, Stage};

/// A kernel that naga has validated.
pub(super) struct Parsed {
    pub(super) module: Module,
    pub(super) info: ModuleInfo,
    sizes: Sizes,
    entry: usize,
    /// The fewest invocations that share a cooperative matrix.
    pub(super) subgroup: u32,
}

/// Parses and validates a kernel with what the device offers.
pub(super) fn parse(kernel: &Kernel, device: &DeviceFacts) -> Result<Parsed, Rejection> {
    let text = &kernel.code;
    let invalid = |why: String| Rejection::new(Stage::Validate, why.trim_end());
    let (module, info) = validate(text, capabilities(device)).map_err(|e| invalid(e.shown(text)))?;
    choose(module, info, &kernel.entry, device).map_err(invalid)
}

/// Parses and validates a kernel as [`parse`] does, with what is wrong as data.
pub(super) fn parse_or_fault(kernel: &Kernel, device: &DeviceFacts) -> Result<Parsed, Fault> {
    let text = &kernel.code;
    let (module, info) = validate(text, capabilities(device)).map_err(|e| e.fault(text))?;
    choose(module, info, &kernel.entry, device).map_err(|why| Fault::at(Span::UNDEFINED, why))
}

/// Chooses an entry point of a valid module.
fn choose(module: Module, info: ModuleInfo, entry: &str, device: &DeviceFacts) -> Result<Parsed, String> {
    let sizes = Sizes::of(&module)?;
    let is_ours = |e: &EntryPoint| e.stage == ShaderStage::Compute && e.name == entry;
    let missing = || format!("the text has no compute entry point `{entry}`");
    let entry = module.entry_points.iter().position(is_ours).ok_or_else(missing)?;
    let subgroup = device.features.subgroup_size[0].max(1);
    Ok(Parsed { module, info, sizes, entry, subgroup })
}

/// Parses and validates a text, whatever its entry points are.
pub(super) fn validate(text: &str, capabilities: Capabilities) -> Result<(Module, ModuleInfo), Invalid> {
    depth::check(text).map_err(Invalid::Unbearable)?;
    let module = wgsl::parse_str(text).map_err(|e| Invalid::Unread(Box::new(e)))?;
    let mut validator = Validator::new(ValidationFlags::all(), capabilities);
    match validator.validate(&module) {
        Ok(info) => Ok((module, info)),
        Err(error) => Err(Invalid::Broken(Box::new((module, error)))),
    }
}

/// What of WGSL's options a device offers.
pub(super) fn capabilities(device: &DeviceFacts) -> Capabilities {
    // Reading f16 pairs out of `u32`s is part of WebGPU itself.
    let mut capabilities = Capabilities::SHADER_FLOAT16_IN_FLOAT32;
    capabilities.set(Capabilities::SHADER_FLOAT16, device.features.f16);
    capabilities.set(Capabilities::SUBGROUP, device.features.subgroups);
    capabilities.set(Capabilities::SHADER_FLOAT32_ATOMIC, device.features.float32_atomics);
    capabilities.set(Capabilities::COOPERATIVE_MATRIX, !device.features.cooperative.is_empty());
    capabilities
}

/// How much memory values take.
pub(super) struct Sizes(Layouter);

impl Sizes {
    /// The sizes of all types of a module; why there are none otherwise.
    pub(super) fn of(module: &Module) -> Result<Self, String> {
        let mut layouter = Layouter::default();
        layouter.update(module.to_ctx()).map_err(|e| e.to_string())?;
        Ok(Self(layouter))
    }

    /// Bytes of a value of a type; an array without a size counts as one element.
    pub(super) fn bytes(&self, ty: Handle<Type>) -> u64 {
        self.0[ty].size.into()
    }
}

impl Parsed {
    pub(super) fn entry(&self) -> &EntryPoint {
        &self.module.entry_points[self.entry]
    }

    pub(super) fn entry_info(&self) -> &FunctionInfo {
        self.info.get_entry_point(self.entry)
    }

    /// Bytes of the workgroup variables that the entry point or what it calls uses, each rounded up to 16.
    pub(super) fn workgroup_bytes(&self) -> u64 {
        let uses = self.entry_info();
        let globals = self.module.global_variables.iter();
        let used = globals.filter(|(handle, g)| g.space == AddressSpace::WorkGroup && !uses[*handle].is_empty());
        used.map(|(_, global)| self.bytes(global.ty).next_multiple_of(16)).sum()
    }

    /// Bytes of the entry point's own variables, and its share of those of a subgroup; those without a name are naga's.
    pub(super) fn private_bytes(&self) -> u64 {
        let variables = self.entry().function.local_variables.iter();
        variables.filter(|(_, v)| v.name.is_some()).map(|(_, v)| self.share(v.ty)).sum()
    }

    fn share(&self, ty: Handle<Type>) -> u64 {
        match self.module.types[ty].inner {
            TypeInner::CooperativeMatrix { .. } => self.bytes(ty).div_ceil(self.subgroup.into()),
            _ => self.bytes(ty),
        }
    }

    pub(super) fn has_cooperative_matrices(&self) -> bool {
        self.module.types.iter().any(|(_, ty)| matches!(ty.inner, TypeInner::CooperativeMatrix { .. }))
    }

    /// Bytes of a value of a type.
    pub(super) fn bytes(&self, ty: Handle<Type>) -> u64 {
        self.sizes.bytes(ty)
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::{kernel, portable, with_features};
    use super::*;

    #[test]
    fn bytes_include_padding_and_leave_out_what_is_not_used() {
        let cases = [
            ("var<workgroup> t: array<f32, 64>;", "t[0] = 1.0;", 256, 0),
            ("var<workgroup> t: array<vec3<f32>, 16>;", "t[0].x = 1.0;", 256, 0),
            ("var<workgroup> t: f32; var<workgroup> s: array<u32, 5>;", "t = 1.0; s[0] = 1u;", 48, 0),
            ("var<workgroup> t: f32; var<workgroup> s: array<u32, 5>;", "t = 1.0;", 16, 0),
            ("var<workgroup> t: f32; fn f() { t = 1.0; }", "f();", 16, 0),
            ("", "var a = array<vec4<f32>, 4>(); var ok = lid.x > 1u && lid.y > 1u;", 0, 65),
        ];
        for (globals, body, workgroup, private) in cases {
            let parsed = parse(&kernel(globals, body), &portable()).map_err(|r| r.why).unwrap();
            assert_eq!((parsed.workgroup_bytes(), parsed.private_bytes()), (workgroup, private), "{globals} {body}");
        }
    }

    #[test]
    fn features_open_what_needs_them() {
        let f16 = kernel("enable f16;", "let x = f16(lid.x);");
        let packed = kernel("", "let x = unpack2x16float(lid.x);");
        let subgroups = kernel("", "let x = subgroupAdd(lid.x);");
        // Kernel, and whether it passes with no feature, with f16, with subgroups.
        for (kernel, passes) in
            [(f16, [false, true, false]), (packed, [true, true, true]), (subgroups, [false, false, true])]
        {
            for (i, passes) in passes.into_iter().enumerate() {
                let result = parse(&kernel, &with_features(i == 1, i == 2));
                assert_eq!(result.is_ok(), passes, "features {i}: {}", kernel.code);
            }
        }
    }
}
