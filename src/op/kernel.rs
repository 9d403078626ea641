//! What all WGSL templates hand to their text: buffers with element type, width and packing, and the kernel around it.

use serde::Serialize;

use crate::base::{DeviceFacts, ElementType, TensorSpec};
use crate::code::{Access, Binding, Formula, Kernel};
use crate::space::{Config, Space};

/// Most accumulators per invocation: above, every known GPU spills registers.
pub const MOST_ACCUMULATORS: i64 = 64;

/// Most multiply-add statements in the unrolled body: compile time grows with them, and instruction caches are small.
pub const MOST_STATEMENTS: i64 = 256;

/// Most accumulators where a device is software: they lie on the host's stack whatever their number, loads from buffers
/// go lane by lane, and few of them per multiply-add are worth more than registers.
pub const MOST_ACCUMULATORS_IN_SOFTWARE: i64 = 512;

/// Most statements of the unrolled body there, where storing each vector of sums counts as one more: with hundreds of them
/// it takes a software compiler longer than the sums, and some kernels took it half a minute. A direct convolution's tile of
/// 4 × 8 pixels and 8 channels is what just fits.
pub const MOST_STATEMENTS_IN_SOFTWARE: i64 = 640;

/// Fewest and most lanes that share what they load: fewer than these spare little, and no device has subgroups larger than that.
const LEAST_LANES: i64 = 4;
const MOST_LANES: i64 = 128;

/// How far an invocation's tile may be unrolled.
pub struct MostUnrolled {
    /// Most accumulators.
    pub accumulators: i64,
    /// Most statements of the unrolled body.
    pub statements: i64,
    /// What each vector of sums counts beside its multiply-adds.
    pub stores: i64,
}

/// How far an invocation's tile may be unrolled on a device.
pub fn most_unrolled(device: &DeviceFacts) -> MostUnrolled {
    let (accumulators, statements, stores) = match device.is_software() {
        true => (MOST_ACCUMULATORS_IN_SOFTWARE, MOST_STATEMENTS_IN_SOFTWARE, 1),
        false => (MOST_ACCUMULATORS, MOST_STATEMENTS, 0),
    };
    MostUnrolled { accumulators, statements, stores }
}

/// Powers of two from 1 up to this.
pub fn up_to(most: i64) -> Vec<i64> {
    std::iter::successors(Some(1), |value| Some(2 * value)).take_while(|value| *value <= most).collect()
}

/// Fewest invocations of a workgroup: below, every GPU idles; software needs no more than fill its vectors.
pub fn least_invocations(device: &DeviceFacts) -> i64 {
    if device.is_software() { i64::from(device.features.subgroup_size[0]).min(16) } else { 16 }
}

/// How many lanes may share what they load, by shuffles: none (0), or so many as every subgroup has, or fewer. Any number where
/// subgroups are as one likes.
pub fn sharing(device: &DeviceFacts) -> Vec<i64> {
    let least = match device.features.subgroup_size {
        _ if !device.features.subgroups => 0,
        [1, 1] => MOST_LANES,
        [least, _] => i64::from(least),
    };
    let lanes = up_to(least.min(MOST_LANES)).into_iter().filter(|lanes| *lanes >= LEAST_LANES);
    [0].into_iter().chain(lanes).collect()
}

/// A storage buffer as `shaders/storage.wgsl` knows it.
#[derive(Clone, Serialize)]
pub struct Buffer {
    pub name: String,
    pub binding: usize,
    pub element: String,
    /// Elements of one load or store: 1, 2 or 4; 8 for f16.
    pub width: i64,
    /// f16 as halves of u32 words, for devices without f16.
    pub packed: bool,
    #[serde(skip)]
    pub access: Access,
}

/// Buffers in the order of their bindings, numbered from 1.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub struct Buffers(pub Vec<Buffer>);

impl Buffers {
    /// Adds an input under its own name.
    pub fn read(self, tensor: &TensorSpec, width: i64, packed: bool) -> Self {
        self.read_as(&tensor.name, tensor, width, packed)
    }

    /// Adds an output under its own name.
    pub fn write(self, tensor: &TensorSpec, width: i64, packed: bool) -> Self {
        self.write_as(&tensor.name, tensor, width, packed)
    }

    /// Adds an input under another name, where a user chose the tensor's.
    pub fn read_as(self, name: &str, tensor: &TensorSpec, width: i64, packed: bool) -> Self {
        self.add(name, tensor.element, width, packed, Access::Read)
    }

    /// Adds an output under another name.
    pub fn write_as(self, name: &str, tensor: &TensorSpec, width: i64, packed: bool) -> Self {
        self.add(name, tensor.element, width, packed, Access::ReadWrite)
    }

    fn add(mut self, name: &str, element: ElementType, width: i64, packed: bool, access: Access) -> Self {
        let packed = packed && element == ElementType::F16;
        let (name, element) = (name.to_owned(), element.name().to_owned());
        self.0.push(Buffer { name, binding: self.0.len() + 1, element, width, packed, access });
        self
    }

    pub fn bindings(&self) -> Vec<Binding> {
        self.0.iter().map(|b| Binding { name: b.name.clone(), access: b.access }).collect()
    }
}

/// A kernel with entry `main`.
pub fn kernel(
    code: String,
    uniforms: &[&str],
    buffers: &Buffers,
    workgroup_size: [i64; 3],
    grid: [String; 3],
) -> Kernel {
    Kernel {
        entry: "main".to_owned(),
        code,
        uniforms: uniforms.iter().map(|name| (*name).to_owned()).collect(),
        bindings: buffers.bindings(),
        workgroup_size: workgroup_size.map(|size| size as u32),
        grid: grid.map(|text| text.parse::<Formula>().expect("a template's grid is a formula")),
        declared: None,
    }
}

/// The choices of how f16 lies in memory: natively where the device can, packed by two everywhere.
pub fn packings(elements: &[ElementType], device: &DeviceFacts) -> Vec<i64> {
    match (elements.contains(&ElementType::F16), device.features.f16) {
        (false, _) => vec![0],
        (true, false) => vec![1],
        (true, true) => vec![0, 1],
    }
}

/// The binary logarithm of a count: on machines that are built in powers of two, doubling is a step.
pub fn log2(count: i64) -> f64 {
    (count as f64).log2()
}

/// How many tiles cover an extent.
pub fn tiles(extent: i64, tile: i64) -> i64 {
    (extent + tile - 1) / tile
}

/// The binary logarithm of what the tiles cover over what there is: 0 where they fit.
pub fn waste(extent: i64, tile: i64) -> f64 {
    log2(tiles(extent, tile) * tile) - log2(extent)
}

/// The legal config nearest to a hand-made choice; parameters that the wish does not name take their first value.
pub fn closest(space: &Space, wish: &[(&str, i64)]) -> Option<Config> {
    let position = |param: &crate::space::Param| {
        let wanted = wish.iter().find(|(name, _)| *name == param.name).map(|(_, value)| *value);
        let distance = |value: Option<i64>| value.zip(wanted).map_or(0, |(value, wanted)| value.abs_diff(wanted));
        let nearest = (0..param.values.len()).min_by_key(|&at| distance(param.values[at].as_int()));
        nearest.unwrap_or(0) as u16
    };
    let positions: Vec<u16> = space.params().iter().map(position).collect();
    space.repair(&positions)
}
