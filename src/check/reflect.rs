//! What a WGSL text declares, so that its author need not say it twice.

use std::collections::HashMap;
use std::ops::Range;

use naga::valid::{Capabilities, GlobalUse, ModuleInfo};
use naga::{AddressSpace, GlobalVariable, Handle, Module, ShaderStage, Span, StorageAccess, TypeInner};
use serde::{Deserialize, Serialize};

use super::declared::kind;
use super::fault::Fault;
use super::layout::{Content, contents, is_unsized};
use super::members::{Member, members};
use super::parse::{Sizes, capabilities, validate};
use super::places;
use crate::base::{DeviceFacts, ElementType};
use crate::code::Access;

/// What a text declares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interface {
    /// Its compute entry points, in the order of the text.
    pub entries: Vec<Entry>,
    /// The variables that must be bound, in the order of the text. Memory of a kernel's own is not among them.
    pub globals: Vec<Global>,
}

/// A compute entry point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Invocations of a workgroup in each direction.
    pub workgroup_size: [u32; 3],
    /// The variables that it uses, also in the functions that it calls: indices into [`Interface::globals`], ascending.
    pub buffers: Vec<usize>,
    /// The bytes of its name in the text.
    pub at: Range<usize>,
}

/// A variable that must be bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Global {
    /// Its name.
    pub name: String,
    /// The number in `@group`.
    pub group: u32,
    /// The number in `@binding`.
    pub binding: u32,
    /// What it is.
    pub kind: GlobalKind,
    /// The bytes of its declaration in the text, attributes apart.
    pub at: Range<usize>,
}

/// What a variable that must be bound is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GlobalKind {
    /// A storage buffer.
    Storage(Storage),
    /// A uniform block.
    Uniform {
        /// Its size, padding included.
        bytes: u64,
        /// Its members in the order of their offsets.
        members: Vec<Member>,
    },
    /// What no kernel can be given, in words with an article: a texture, a sampler, a block that is too large.
    Other(String),
}

/// The layout of a storage buffer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    /// What the text may do with it.
    pub access: Access,
    /// What it is made of; `None` where it mixes scalars.
    pub element: Option<ElementType>,
    /// Its size, where that does not follow from what is bound.
    pub fixed_bytes: Option<u64>,
    /// Bytes before the array that it ends in, 0 where it is an array.
    pub head_bytes: u64,
    /// Bytes from one element to the next of the array that it is, or that it ends in.
    pub stride_bytes: Option<u64>,
    /// Whether an entry point asks for its length.
    pub asks_length: bool,
    /// Whether there are atomics in it.
    pub atomic: bool,
    /// Whether some of its bytes belong to no value, as after each `vec3`.
    pub padded: bool,
}

/// The largest uniform block: what WebGPU guarantees.
const MOST_UNIFORM_BYTES: u64 = 64 << 10;

/// What a text declares, if it is valid on a device; without one, on a device that has all that kernels can ask for.
///
/// # Errors
/// naga's objection to the text, or that it has `override`s, whose values decide what it declares.
pub fn reflect(text: &str, device: Option<&DeviceFacts>) -> Result<Interface, Fault> {
    let widest = Capabilities::SHADER_FLOAT16_IN_FLOAT32 | Capabilities::SHADER_FLOAT16 | Capabilities::SUBGROUP;
    let (module, info) = validate(text, device.map_or(widest, capabilities)).map_err(|e| e.fault(text))?;
    if let Some((handle, _)) = module.overrides.iter().next() {
        let why = "an `override` has no value of its own here: give it one, or write a `const`";
        return Err(Fault::at(module.overrides.get_span(handle), why));
    }
    let sizes = Sizes::of(&module).map_err(|why| Fault::at(Span::UNDEFINED, why))?;
    Ok(Reflection { text, contents: contents(&module, &sizes), module: &module, info, sizes }.interface())
}

struct Reflection<'a> {
    text: &'a str,
    module: &'a Module,
    info: ModuleInfo,
    sizes: Sizes,
    contents: Vec<Content>,
}

impl Reflection<'_> {
    fn interface(&self) -> Interface {
        let bound = self.module.global_variables.iter().filter_map(|(handle, global)| {
            let at = global.binding?;
            let span = self.module.global_variables.get_span(handle);
            let global = Global {
                name: global.name.clone().unwrap_or_default(),
                group: at.group,
                binding: at.binding,
                kind: self.kind(handle, global),
                at: span.to_range().unwrap_or_default(),
            };
            Some((handle, global))
        });
        let (handles, globals): (Vec<_>, Vec<_>) = bound.unzip();
        Interface { entries: self.entries(&handles), globals }
    }

    fn entries(&self, globals: &[Handle<GlobalVariable>]) -> Vec<Entry> {
        let places = places::functions(self.text);
        let compute = self.compute().map(|index| self.entry(index, globals, &places));
        let mut entries: Vec<Entry> = compute.collect();
        entries.sort_by_key(|entry| entry.at.start);
        entries
    }

    /// The indices of the compute entry points.
    fn compute(&self) -> impl Iterator<Item = usize> {
        let all = self.module.entry_points.iter().enumerate();
        all.filter(|(_, entry)| entry.stage == ShaderStage::Compute).map(|(index, _)| index)
    }

    fn entry(&self, index: usize, globals: &[Handle<GlobalVariable>], places: &HashMap<&str, Range<usize>>) -> Entry {
        let entry = &self.module.entry_points[index];
        let uses = self.info.get_entry_point(index);
        Entry {
            name: entry.name.clone(),
            workgroup_size: entry.workgroup_size,
            buffers: (0..globals.len()).filter(|&number| !uses[globals[number]].is_empty()).collect(),
            at: places.get(entry.name.as_str()).cloned().unwrap_or_default(),
        }
    }

    fn kind(&self, handle: Handle<GlobalVariable>, global: &GlobalVariable) -> GlobalKind {
        match global.space {
            AddressSpace::Storage { access } => GlobalKind::Storage(self.storage(handle, global, access)),
            AddressSpace::Uniform => self.uniform(global),
            _ => GlobalKind::Other(kind(global, self.module).to_owned()),
        }
    }

    fn uniform(&self, global: &GlobalVariable) -> GlobalKind {
        let bytes = self.sizes.bytes(global.ty);
        if bytes > MOST_UNIFORM_BYTES {
            let why = format!("a uniform block of {bytes} bytes, more than {MOST_UNIFORM_BYTES}");
            return GlobalKind::Other(why);
        }
        match members(self.module, global.ty) {
            Ok(members) => GlobalKind::Uniform { bytes, members },
            Err(why) => GlobalKind::Other(format!("a uniform block {why}")),
        }
    }

    fn storage(&self, handle: Handle<GlobalVariable>, global: &GlobalVariable, access: StorageAccess) -> Storage {
        let content = self.contents[global.ty.index()];
        let (head_bytes, stride_bytes) = self.array(global);
        let asks = |index| self.info.get_entry_point(index)[handle].contains(GlobalUse::QUERY);
        Storage {
            access: if access == StorageAccess::LOAD { Access::Read } else { Access::ReadWrite },
            element: content.scalar,
            fixed_bytes: (!is_unsized(self.module, global.ty)).then(|| self.sizes.bytes(global.ty)),
            head_bytes,
            stride_bytes,
            asks_length: self.compute().any(asks),
            atomic: content.atomic,
            padded: content.holes,
        }
    }

    /// The array that a buffer is, or without a size ends in: the bytes before it, and its stride.
    fn array(&self, global: &GlobalVariable) -> (u64, Option<u64>) {
        let types = &self.module.types;
        match &types[global.ty].inner {
            TypeInner::Array { stride, .. } => (0, Some((*stride).into())),
            TypeInner::Struct { members, .. } if is_unsized(self.module, global.ty) => {
                let last = members.last().expect("it ends in an array");
                match types[last.ty].inner {
                    TypeInner::Array { stride, .. } => (last.offset.into(), Some(stride.into())),
                    _ => (0, None),
                }
            }
            _ => (0, None),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::fixture::portable;
    use super::*;

    /// What a text declares that has one storage buffer `x` of this type.
    fn storage(types: &str, ty: &str) -> Storage {
        let text = format!("{types} @group(0) @binding(1) var<storage, read_write> x: {ty};");
        match reflect(&text, None).unwrap().globals.remove(0).kind {
            GlobalKind::Storage(storage) => storage,
            other => panic!("{ty}: {other:?}"),
        }
    }

    #[test]
    fn storage_buffers_are_laid_out_as_wgsl_says() {
        let (f32, f16, i32, u32) =
            (Some(ElementType::F32), Some(ElementType::F16), Some(ElementType::I32), Some(ElementType::U32));
        // Types and the buffer's; its scalars, fixed size, bytes before the array, stride, and whether it is padded.
        let cases = [
            ("", "array<f32>", f32, None, 0, Some(4), false),
            ("", "array<vec4<u32>>", u32, None, 0, Some(16), false),
            ("", "array<vec3<f32>>", f32, None, 0, Some(16), true),
            ("", "array<i32, 10>", i32, Some(40), 0, Some(4), false),
            ("", "array<array<u32, 3>>", u32, None, 0, Some(12), false),
            ("", "vec3<f32>", f32, Some(12), 0, None, false),
            ("", "array<mat2x2<f32>>", f32, None, 0, Some(16), false),
            ("", "mat4x3<f32>", f32, Some(64), 0, None, true),
            ("", "u32", u32, Some(4), 0, None, false),
            ("enable f16;", "array<vec2<f16>>", f16, None, 0, Some(4), false),
            ("struct S { n: u32, x: array<u32> }", "S", u32, None, 4, Some(4), false),
            ("struct S { n: u32, x: array<f32> }", "S", None, None, 4, Some(4), false),
            ("struct S { n: u32, x: array<vec2<u32>> }", "S", u32, None, 8, Some(8), true),
            ("struct S { a: vec3<f32>, b: f32 }", "array<S>", f32, None, 0, Some(16), false),
            ("struct S { a: vec3<f32>, b: vec3<f32> }", "S", f32, Some(32), 0, None, true),
            ("struct S { @size(16) a: f32, b: f32 }", "S", f32, Some(20), 0, None, true),
            ("struct S { a: f32 } struct T { s: S, t: array<S, 2> }", "T", f32, Some(12), 0, None, false),
        ];
        for (types, ty, element, fixed_bytes, head_bytes, stride_bytes, padded) in cases {
            let access = Access::ReadWrite;
            let (asks_length, atomic) = (false, false);
            let want = Storage { access, element, fixed_bytes, head_bytes, stride_bytes, asks_length, atomic, padded };
            assert_eq!(storage(types, ty), want, "{types} {ty}");
        }
        assert!(storage("", "array<atomic<u32>>").atomic);
        assert_eq!(storage("struct S { n: atomic<i32>, x: array<i32> }", "S").element, i32);
    }

    /// The members of a uniform block of this type, as `path@offset: rows × components scalar`.
    fn block(types: &str, ty: &str) -> String {
        let text = format!("{types} @group(0) @binding(1) var<uniform> x: {ty};");
        match reflect(&text, None).map_err(|fault| fault.message).unwrap().globals.remove(0).kind {
            GlobalKind::Uniform { bytes, members } => {
                let line = |m: Member| {
                    format!("{}@{}: {}x{}{} by {}", m.path, m.offset, m.rows, m.components, m.scalar, m.stride_bytes)
                };
                format!("{bytes}; {}", members.into_iter().map(line).collect::<Vec<_>>().join("; "))
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn members_of_uniform_blocks_have_paths_and_offsets() {
        let nested = "struct A { v: vec3<i32>, n: u32 } struct B { m: f32, a: A, w: vec2<u32> }";
        let deep: String = (1..12).map(|i| format!("struct S{i} {{ s: S{} }} ", i - 1)).collect();
        let deep = format!("struct S0 {{ x: vec4<f32> }} {deep}");
        let cases = [
            ("", "u32", "4; @0: 1x1u32 by 0"),
            ("", "vec3<f32>", "12; @0: 1x3f32 by 0"),
            (nested, "B", "48; m@0: 1x1f32 by 0; a.v@16: 1x3i32 by 0; a.n@28: 1x1u32 by 0; w@32: 1x2u32 by 0"),
            ("", "array<vec4<u32>, 4>", "64; @0: 4x4u32 by 16"),
            ("", "mat3x2<f32>", "24; @0: 3x2f32 by 8"),
            ("", "mat2x3<f32>", "32; @0: 2x3f32 by 16"),
            ("struct A { n: vec4<u32> }", "array<A, 2>", "Other(\"a uniform block with arrays of arrays"),
            ("", "array<vec4<f32>, 5000>", "Other(\"a uniform block of 80000 bytes, more than 65536\")"),
            (&deep, "S8", "Other(\"a uniform block with structs nested too deeply\")"),
            (&deep, "S7", "16; s.s.s.s.s.s.s.x@0: 1x4f32 by 0"),
        ];
        for (types, ty, want) in cases {
            let got = block(types, ty);
            assert!(got.starts_with(want), "{types} {ty}: {got}");
        }
    }

    const TEXT: &str = "
// fn second() is below
struct Sizes { n: u32 }
@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(2) var<storage> a: array<f32>;
@group(1) @binding(0) var<storage, read_write> sums: array<f32>;
@group(1) @binding(1) var picture: texture_2d<f32>;
@group(1) @binding(2) var pick: sampler;
var<workgroup> tile: array<f32, 64>;
const WIDTH = 64;
fn length() -> u32 { return min(arrayLength(&a), sizes.n); }
@compute @workgroup_size(WIDTH)
fn first(@builtin(global_invocation_id) id: vec3<u32>) { if (id.x < length()) { sums[id.x] = a[id.x]; } }
@compute @workgroup_size(8, 4, 2) fn second() { sums[0] = tile[0]; }
@fragment fn colour() -> @location(0) vec4<f32> { return textureSample(picture, pick, vec2(0f)); }
";

    #[test]
    fn entries_know_what_they_use_and_all_has_its_place() {
        let found = reflect(TEXT, Some(&portable())).unwrap();
        let entries = found.entries.iter().map(|e| (e.name.as_str(), e.workgroup_size, e.buffers.as_slice()));
        assert_eq!(entries.collect::<Vec<_>>(), [("first", [64, 1, 1], &[0, 1, 2][..]), ("second", [8, 4, 2], &[2])]);
        for entry in &found.entries {
            assert_eq!(TEXT[entry.at.clone()], entry.name);
            assert_eq!(TEXT[..entry.at.start].matches("struct").count(), 1, "{} is found in a comment", entry.name);
        }
        let globals = found.globals.iter().map(|g| (g.name.as_str(), g.group, g.binding, &TEXT[g.at.clone()]));
        let want = [
            ("sizes", 0, 0, "var<uniform> sizes: Sizes;"),
            ("a", 0, 2, "var<storage> a: array<f32>;"),
            ("sums", 1, 0, "var<storage, read_write> sums: array<f32>;"),
            ("picture", 1, 1, "var picture: texture_2d<f32>;"),
            ("pick", 1, 2, "var pick: sampler;"),
        ];
        assert_eq!(globals.collect::<Vec<_>>(), want);
        let kinds: Vec<_> = found.globals.into_iter().map(|global| global.kind).collect();
        let asks = |kind: &GlobalKind| match kind {
            GlobalKind::Storage(storage) => Some((storage.access, storage.asks_length)),
            _ => None,
        };
        assert_eq!((asks(&kinds[1]), asks(&kinds[2])), (Some((Access::Read, true)), Some((Access::ReadWrite, false))));
        assert_eq!(kinds[3..], ["a texture", "a sampler"].map(|what| GlobalKind::Other(what.to_owned())));
    }

    #[test]
    fn what_is_reflected_is_plain_data() {
        let found = reflect(TEXT, None).unwrap();
        let text = serde_json::to_string(&found).unwrap();
        assert_eq!(serde_json::from_str::<Interface>(&text).unwrap(), found);
    }

    #[test]
    fn other_texts_are_faults_at_their_place() {
        let cases = [
            ("override WIDTH: u32 = 8; @compute @workgroup_size(WIDTH) fn f() {}", "override", "override WIDTH"),
            ("@compute @workgroup_size(1) fn f() { let x = y; }", "no definition", "y"),
            ("enable f16; var<workgroup> h: f16;", "`f16` is a feature", "f16"),
        ];
        for (text, message, labelled) in cases {
            let fault = reflect(text, Some(&portable())).unwrap_err();
            let label = fault.labels.first().map(|(range, _)| &text[range.clone()]).unwrap_or_default();
            assert!(fault.message.contains(message) && label.contains(labelled), "{fault:?} at {label}");
        }
        assert!(reflect("enable f16; var<workgroup> h: f16;", None).is_ok());
        assert_eq!(reflect("", None).unwrap(), Interface { entries: Vec::new(), globals: Vec::new() });
    }

    #[test]
    fn types_that_would_be_endless_if_written_out_are_answered() {
        let doubled: String = (1..24).map(|i| format!("struct S{i} {{ a: S{0}, b: S{0} }}\n", i - 1)).collect();
        let types = format!("struct S0 {{ x: u32 }}\n{doubled}");
        assert_eq!(storage(&types, "S23").fixed_bytes, Some(4 << 23));
        assert!(block("struct S0 { x: vec4<u32> } struct S1 { a: S0, b: S0 }", "S1").starts_with("32; a.x@0"));
        assert!(block(&types.replace("x: u32", "x: vec4<u32>"), "S23").contains("134217728 bytes, more than"));
    }

    proptest! {
        #[test]
        fn labels_of_any_text_can_be_shown(at in 0usize..1000, length in 0usize..20, put in "\\PC{0,8}") {
            let mut text = TEXT.to_owned();
            let start = at.min(text.len());
            text.replace_range(start..(start + length).min(text.len()), &put);
            for (range, _) in reflect(&text, None).err().into_iter().flat_map(|fault| fault.labels) {
                prop_assert!(text.get(range.clone()).is_some(), "{range:?} of {}", text.len());
            }
        }
    }
}
