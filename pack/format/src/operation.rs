//! What an entry computes: the meaning of a workload without the sizes that may vary.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::hash::short_id;
use crate::limits::{MOST_NAMES, MOST_OPERATION_TERMS};
use crate::workload::shortest;
use crate::{Dims, ElementType, Formula, Symbols, Workload};

/// A meaning with free sizes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Operation {
    /// The operator: `matmul`; `name@digest` for one of a user.
    pub operator: String,
    /// Element types as a workload's line has them: `f32`, `i8>i32>i8`.
    pub types: String,
    /// Dims that are part of the meaning: a workload must name them with these sizes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fixed: Dims,
    /// Dims that go without saying: a workload may leave them out, and means these sizes if it names them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub implied: Dims,
    /// What follows the dims in a workload's line, exactly: layout, expression and steps.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tail: String,
    /// Dims that may vary, each with its size where a workload leaves it out, or null where it must not.
    pub free: BTreeMap<String, Option<u64>>,
    /// Dims whose order in a workload's line is part of the meaning, in that order: the axes of a chain. Where none is
    /// named, the order of dims says nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<String>,
    /// Further symbols, each as a formula over dims.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sizes: BTreeMap<String, Formula>,
    /// What is read, in the order of `BufferRef::Input`.
    pub inputs: Vec<Tensor>,
    /// What is written, in the order of `BufferRef::Output`.
    pub outputs: Vec<Tensor>,
}

/// One input or output. Elements lie in row-major order, the last extent contiguous.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tensor {
    /// Its name for people.
    pub name: String,
    /// The type of its elements.
    pub element: ElementType,
    /// The extent of each axis over the operation's symbols; none for a single number.
    pub extents: Vec<Formula>,
}

/// How large a tensor is for certain sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorSize {
    /// Its name for people.
    pub name: String,
    /// The type of its elements.
    pub element: ElementType,
    /// The extent of each axis.
    pub extents: Vec<u64>,
    /// How many elements there are.
    pub elements: u64,
    /// Bytes of the elements alone.
    pub bytes: u64,
}

impl Operation {
    /// The first 16 hexadecimal digits of the SHA-256 of its JSON with sorted keys and without spaces.
    pub fn id(&self) -> String {
        short_id(self)
    }

    /// The sizes of the free dims if this is what the workload means, in whatever order its dims were written, unless
    /// their order is part of the meaning.
    pub fn dims_of(&self, workload: &Workload) -> Option<Dims> {
        let is_meant = self.operator == workload.operator
            && shortest(&self.types).as_deref() == Some(&workload.types)
            && self.tail == workload.tail
            && self.fixed.iter().all(|(name, size)| workload.dims.get(name) == Some(size))
            && self.implied.iter().all(|(name, size)| workload.dims.get(name).is_none_or(|said| said == size))
            && workload.dims.keys().all(|name| self.knows(name))
            && workload.names().filter(|name| self.order.contains(name)).eq(&self.order);
        if !is_meant {
            return None;
        }
        let sizes = self.free.iter().map(|(name, usual)| {
            let size = workload.dims.get(name).copied().or(*usual)?;
            Some((name.clone(), size))
        });
        sizes.collect()
    }

    /// The line of the workload that this is at these sizes of the free dims, without those that go without saying.
    pub fn line(&self, free: &Dims) -> String {
        let is_ordered = |name: &String| self.order.contains(name);
        let is_said = |(name, size): &(&String, &u64)| is_ordered(name) || self.free.get(*name) != Some(&Some(**size));
        let mut dims: Vec<_> = free.iter().filter(is_said).chain(&self.fixed).collect();
        dims.sort_by_key(|(name, _)| self.order.iter().position(|ordered| ordered == *name).unwrap_or(usize::MAX));
        let dims: String = dims.into_iter().map(|(name, size)| format!("{name}{size}")).collect();
        format!("{}:{}:{dims}{}", self.operator, self.types, self.tail)
    }

    /// Everything that formulas may name, for these sizes of the free dims; none when a size is missing or has no value.
    pub fn symbols(&self, free: &Dims) -> Option<Symbols> {
        let mut dims: Symbols = self.fixed.iter().chain(&self.implied).map(|(k, v)| (k.clone(), *v)).collect();
        for name in self.free.keys() {
            dims.insert(name.clone(), *free.get(name)?);
        }
        let sizes = self.sizes.iter().map(|(name, formula)| Some((name.clone(), formula.eval(&dims)?)));
        let sizes: Symbols = sizes.collect::<Option<_>>()?;
        Some(sizes.into_iter().chain(dims).collect())
    }

    /// How large the inputs are; none when an extent has no value or the product does not fit 64 bits.
    pub fn inputs(&self, symbols: &Symbols) -> Option<Vec<TensorSize>> {
        self.inputs.iter().map(|tensor| tensor.size(symbols)).collect()
    }

    /// How large the outputs are; none as for [`Operation::inputs`].
    pub fn outputs(&self, symbols: &Symbols) -> Option<Vec<TensorSize>> {
        self.outputs.iter().map(|tensor| tensor.size(symbols)).collect()
    }

    /// What is wrong with it in itself.
    pub(crate) fn check(&self) -> Result<(), String> {
        let names = self.fixed.keys().chain(self.implied.keys()).chain(self.free.keys()).chain(self.sizes.keys());
        let mut seen = std::collections::BTreeSet::new();
        if let Some(name) = names.clone().find(|name| !seen.insert(*name)) {
            return Err(format!("`{name}` is declared twice"));
        }
        if names.count() > MOST_NAMES || self.inputs.len() + self.outputs.len() > MOST_NAMES {
            return Err(format!("it has more than {MOST_NAMES} names or tensors"));
        }
        if self.terms() > MOST_OPERATION_TERMS {
            return Err(format!("its formulas have more than {MOST_OPERATION_TERMS} numbers, symbols and operators"));
        }
        let is_misplaced = |(at, name): &(usize, &String)| !self.knows(name) || self.order[..*at].contains(name);
        if let Some((_, name)) = self.order.iter().enumerate().find(is_misplaced) {
            return Err(format!("`{name}` has no place in the order of dims"));
        }
        if self.outputs.is_empty() {
            return Err("it has no output".to_owned());
        }
        shortest(&self.types).map(|_| ()).ok_or_else(|| format!("`{}` are no types", self.types))
    }

    /// How many numbers, symbols and operators its formulas have.
    pub(crate) fn terms(&self) -> usize {
        let extents = self.inputs.iter().chain(&self.outputs).flat_map(|tensor| &tensor.extents);
        self.sizes.values().chain(extents).map(Formula::terms).sum()
    }

    fn knows(&self, dim: &str) -> bool {
        [&self.fixed, &self.implied].iter().any(|dims| dims.contains_key(dim)) || self.free.contains_key(dim)
    }
}

impl Tensor {
    /// How large it is; none when an extent has no value or the product does not fit 64 bits.
    pub fn size(&self, symbols: &Symbols) -> Option<TensorSize> {
        let extents: Vec<u64> = self.extents.iter().map(|extent| extent.eval(symbols)).collect::<Option<_>>()?;
        let elements = extents.iter().try_fold(1u64, |product, extent| product.checked_mul(*extent))?;
        let bytes = elements.checked_mul(self.element.bytes())?;
        Some(TensorSize { name: self.name.clone(), element: self.element, extents, elements, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convolution() -> Operation {
        let json = r#"{
            "operator": "conv2d", "types": "f16", "tail": "+relu",
            "fixed": {"k": 3, "p": 1}, "implied": {"s": 1},
            "free": {"n": 1, "c": null, "h": null, "w": null, "o": null},
            "sizes": {"oh": "(h+2*p-k)/s+1", "ow": "(w+2*p-k)/s+1"},
            "inputs": [{"name": "x", "element": "f16", "extents": ["n", "c", "h", "w"]}],
            "outputs": [{"name": "y", "element": "f16", "extents": ["n", "o", "oh", "ow"]}]
        }"#;
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn workloads_mean_an_operation_whatever_the_order_of_their_dims() {
        let cases = [
            ("conv2d:f16:n2c3h4w5o6k3p1+relu", Some([3, 4, 2, 6, 5])),
            ("conv2d:f16>f32>f16:k3p1o6w5h4c3n2+relu", Some([3, 4, 2, 6, 5])),
            ("conv2d:f16:c3h4w5o6k3p1s1+relu", Some([3, 4, 1, 6, 5])),
            ("conv2d:f16:c3h4w5o6k3p1s2+relu", None),
            ("conv2d:f16:c3h4w5o6k3p0+relu", None),
            ("conv2d:f16:c3h4w5o6k3+relu", None),
            ("conv2d:f16:c3h4w5k3p1+relu", None),
            ("conv2d:f16:c3h4w5o6k3p1g1+relu", None),
            ("conv2d:f16:c3h4w5o6k3p1", None),
            ("conv2d:f32:c3h4w5o6k3p1+relu", None),
            ("matmul:f16:c3h4w5o6k3p1+relu", None),
        ];
        for (text, want) in cases {
            let dims = convolution().dims_of(&Workload::parse(text).unwrap());
            assert_eq!(dims.map(|dims| dims.into_values().collect::<Vec<_>>()), want.map(Vec::from), "{text}");
        }
    }

    /// A chain over two axes, the slower one first.
    fn chain() -> Operation {
        let json = r#"{
            "operator": "chain", "types": "f32", "tail": ":x*s[r]", "order": ["r", "c"],
            "free": {"c": null, "r": 1}, "inputs": [],
            "outputs": [{"name": "out", "element": "f32", "extents": ["r", "c"]}]
        }"#;
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn lines_mean_what_they_were_made_of() {
        let cases = [
            ("conv2d:f16:c3h4o6w5k3p1+relu", convolution()),
            ("conv2d:f16:c3h4n2o6w5k3p1+relu", convolution()),
            ("chain:f32:r3c4:x*s[r]", chain()),
            ("chain:f32:r1c4:x*s[r]", chain()),
        ];
        for (text, operation) in cases {
            let dims = operation.dims_of(&Workload::parse(text).unwrap()).unwrap();
            assert_eq!(operation.line(&dims), text);
        }
    }

    /// With the axes of a chain the other way round its tensors lie otherwise: a program for one is wrong for the other.
    #[test]
    fn the_order_of_axes_is_meant() {
        let cases = [("chain:f32:r3c4:x*s[r]", true), ("chain:f32:c4r3:x*s[r]", false), ("chain:f32:c4:x*s[r]", false)];
        for (text, is_meant) in cases {
            let dims = chain().dims_of(&Workload::parse(text).unwrap());
            assert_eq!(dims.is_some(), is_meant, "{text}");
        }
        for order in [&["r", "r"][..], &["q"]] {
            let order = order.iter().map(|name| (*name).to_owned()).collect();
            assert!(Operation { order, ..chain() }.check().is_err());
        }
    }

    #[test]
    fn sizes_of_buffers_follow_from_dims() {
        let convolution = convolution();
        let dims = convolution.dims_of(&Workload::parse("conv2d:f16:n2c3h4w5o6k3p1+relu").unwrap()).unwrap();
        let symbols = convolution.symbols(&dims).unwrap();
        assert_eq!((symbols["oh"], symbols["ow"], symbols["s"]), (4, 5, 1));
        assert_eq!(convolution.outputs(&symbols).unwrap()[0].bytes, 2 * 2 * 6 * 4 * 5);
        let all = |size: u64| -> Dims { dims.keys().map(|name| (name.clone(), size)).collect() };
        assert_eq!(convolution.symbols(&all(u64::MAX)), None);
        let symbols = convolution.symbols(&all(u64::MAX / 2)).unwrap();
        assert_eq!((convolution.inputs(&symbols), convolution.outputs(&symbols)), (None, None));
    }
}
