//! Matrix multiplication: `C[b,m,n] = epilogue(Σₖ A[b,m,k]·B[b,k,n])`, A and B each plain or transposed.

mod blocked;
mod cooperative;
mod libraries;
mod naive;
mod native;
mod native_default;
mod native_skinny;
mod skinny;
mod split_atomic;
mod tiled;
mod vector;
mod vta;

use super::data::Products;
use super::epilogue::{Epilogue, Site};
use super::native::Naive;
use super::shared::ours;
use super::sizes::{self, Resize};
use super::{
    DataSet, Meaning, Operator, OperatorError, Reference, Shared, Signature, Template, Work, meaningless,
    refuse_absurd, summed,
};
use crate::base::{Approx, Distribution, Projection, Sum, Tensor, TensorSpec};
use crate::code::Symbols;
use crate::code::routine::{Call, MatmulCall};
use crate::op::elementwise::stored;
use crate::op::narrow::Narrowing;
use crate::op::projection::{certain, times};
use crate::record::Numerics;
use crate::workload::{Dims, Layout, Types, Workload};

/// The product of two matrices, batched.
pub struct Matmul;

impl Operator for Matmul {
    fn name(&self) -> &str {
        "matmul"
    }

    fn about(&self) -> &str {
        "matrix multiplication, batched, each side plain or transposed, with an epilogue"
    }

    fn grammar(&self) -> &str {
        "dims [b]mnk; layout nn (default), nt, tn, tt; types f32, f16 (f32 sums), i8>i32>i8"
    }

    fn signature(&self, workload: &Workload) -> Result<Signature, OperatorError> {
        let shape = Shape::of(workload).map_err(|why| meaningless(workload, why))?;
        let tensors = [
            TensorSpec::new("a", shape.types.input, &shape.a()),
            TensorSpec::new("b", shape.types.input, &shape.b()),
            TensorSpec::new("c", shape.types.output, &shape.c()),
        ];
        refuse_absurd(workload, &tensors)?;
        let [a, b, c] = tensors;
        let epilogue = shape.epilogue(workload, &c).map_err(|why| meaningless(workload, why))?;
        let inputs: Vec<TensorSpec> = [a, b].into_iter().chain(epilogue.inputs).collect();
        let outputs = c.elements() as f64;
        let flops = outputs * (2.0 * shape.k as f64 + epilogue.flops);
        let bytes = inputs.iter().chain([&c]).map(|tensor| tensor.bytes() as f64).sum();
        let work = Work::new(flops, bytes);
        Ok(Signature {
            operator: Shared::Ours(&Matmul),
            workload: shape.canonical(workload),
            inputs,
            outputs: vec![c],
            symbols: shape.symbols(),
            work,
        })
    }

    fn reference(&self, signature: &Signature, inputs: Vec<Tensor>) -> Box<dyn Reference> {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as above");
        Box::new(MatmulReference { shape, epilogue, inputs })
    }

    fn distributions(&self, signature: &Signature, data: DataSet) -> Option<Vec<Distribution>> {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        let stride = if shape.b_transposed { 1 } else { shape.n };
        Products { terms: shape.k, stride, extent: shape.k }.distributions(signature, data)
    }

    fn meaning(&self, _signature: &Signature) -> Meaning {
        Meaning::with_free([("b", Some(1)), ("m", None), ("n", None), ("k", None)])
    }

    fn resized(&self, dims: &Dims, how: Resize) -> Dims {
        sizes::each(dims, |name, size| match name {
            "b" => how.of_batch(size),
            "k" => how.stepped(size, true),
            _ => how.of(size, name == "n", MOST_OF_EXCERPT),
        })
    }

    fn call(&self, signature: &Signature) -> Option<Call> {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        let epilogue = shape.epilogue(&signature.workload, &signature.outputs[0]).expect("as above").posts()?;
        let Shape { types, batch, m, n, k, a_transposed, b_transposed } = shape;
        let element = types.input;
        Some(Call::Matmul(MatmulCall { batch, m, n, k, a_transposed, b_transposed, element, epilogue }))
    }

    fn templates(&self) -> Vec<Shared<dyn Template>> {
        ours(&[
            &vector::Vector,
            &tiled::Tiled,
            &blocked::Blocked,
            &split_atomic::SplitAtomic,
            &cooperative::Cooperative,
            &naive::Naive,
            &native_skinny::NativeSkinny,
            &native::Native,
            &libraries::GEMM,
            &libraries::FAER,
            &libraries::MATRIXMULTIPLY,
            &Naive { name: "matmul/native_naive" },
            &vta::DIRECT,
            &vta::TVM,
            &vta::NAIVE,
        ])
    }

    fn contract(&self) -> &'static [&'static str] {
        &[
            "matmul:f32:m1n1k1",
            "matmul:f32:m7n17k33",
            "matmul:f32:m33n127k17:nt",
            "matmul:f32:m127n33k7:tn",
            "matmul:f32:m17n7k127:tt+relu",
            "matmul:f32:m64n64k64+bias+gelu",
            "matmul:f32:b3m17n32k20:nt+residual+silu",
            "matmul:f32:m1n128k64+scale0.125+gelu_tanh",
            "matmul:f32:m128n1k33+bias+residual+relu6",
            "matmul:f16:m33n17k7",
            "matmul:f16:m64n48k32+bias+relu",
            "matmul:f16:b2m16n64k24:nt+residual+tanh",
            "matmul:f16:m20n36k28:tn+sigmoid",
            "matmul:f32:m2n12k520:nt+bias",
            "matmul:f32:b2m4n20k48:tt+residual",
            "matmul:f32:m4n24k272:tn+bias+silu",
            "matmul:f32:m33n4k24+bias+residual",
            "matmul:f32:b37m4n5k8",
            "matmul:f16:m3n40k144:nt+bias",
            "matmul:f16:m1n64k300+relu",
            "matmul:f16:m48n2k40:tn+residual+gelu",
            "matmul:i8>i32>i8:m24n48k64+shift8+relu+clip",
            "matmul:i8>i32>i8:m13n17k33:nt+bias+shift7+clip",
            "matmul:i8>i32>i8:m1n64k128:tn+bias+shift8+relu+clip",
            "matmul:i8>i32>i8:m9n40k20:tt+clip",
        ]
    }

    fn workloads(&self) -> &'static [&'static str] {
        &[
            "matmul:f32:m256n256k256",
            "matmul:f32:m1024n1024k1024",
            "matmul:f32:m4096n4096k4096",
            "matmul:f16:m4096n4096k4096",
            "matmul:f32:m512n768k768:nt+bias+gelu",
            "matmul:f32:b12m512n512k64:nt+scale0.125",
            "matmul:f32:m1n4096k4096:nt",
            "matmul:f16:m8n11008k4096",
        ]
    }
}

/// Rows and columns of an excerpt.
const MOST_OF_EXCERPT: u64 = 32;

/// The sizes and choices of one matmul.
#[derive(Clone)]
struct Shape {
    types: Types,
    batch: u64,
    m: u64,
    n: u64,
    k: u64,
    /// A is stored [k, m].
    a_transposed: bool,
    /// B is stored [n, k].
    b_transposed: bool,
}

impl Shape {
    fn of(workload: &Workload) -> Result<Self, String> {
        if let Some((name, _)) = workload.dims.0.iter().find(|(name, _)| !["b", "m", "n", "k"].contains(&name.as_str()))
        {
            return Err(format!("matmul has no dim `{name}`; its dims are m, n, k and optionally b for the batch"));
        }
        let dim = |name: &str| workload.dims.get(name).ok_or_else(|| format!("dim `{name}` is missing"));
        if workload.expression.is_some() {
            return Err("matmul takes steps such as `+bias+relu`, not an expression".to_owned());
        }
        let (a_transposed, b_transposed) = match workload.layout.unwrap_or(Layout::Nn) {
            Layout::Nn => (false, false),
            Layout::Nt => (false, true),
            Layout::Tn => (true, false),
            Layout::Tt => (true, true),
            other => return Err(format!("matmul has no layout `{}`; write nn, nt, tn or tt", other.name())),
        };
        let types = workload.types;
        if !Types::FLOATS.contains(&types) && types != Types::INTEGERS {
            return Err(format!("matmul has no kernels for types `{types}`; write f32, f16 or i8>i32>i8"));
        }
        let (m, n, k) = (dim("m")?, dim("n")?, dim("k")?);
        Ok(Self { types, batch: workload.dims.get("b").unwrap_or(1), m, n, k, a_transposed, b_transposed })
    }

    fn a(&self) -> [u64; 3] {
        if self.a_transposed { [self.batch, self.k, self.m] } else { [self.batch, self.m, self.k] }
    }

    fn b(&self) -> [u64; 3] {
        if self.b_transposed { [self.batch, self.n, self.k] } else { [self.batch, self.k, self.n] }
    }

    fn c(&self) -> [u64; 3] {
        [self.batch, self.m, self.n]
    }

    fn symbols(&self) -> Symbols {
        [("b", self.batch), ("m", self.m), ("n", self.n), ("k", self.k)].map(|(s, v)| (s.to_owned(), v)).into()
    }

    fn epilogue(&self, workload: &Workload, output: &TensorSpec) -> Result<Epilogue, String> {
        let site = Site { first_input: 2, channels: self.n, output, accumulator: self.types.accumulator };
        Epilogue::new(&workload.steps, &site)
    }

    /// The same workload with its dims in order and without what goes without saying.
    fn canonical(&self, workload: &Workload) -> Workload {
        let dims = [("b", self.batch), ("m", self.m), ("n", self.n), ("k", self.k)];
        let said = dims.into_iter().filter(|dim| *dim != ("b", 1)).map(|(name, size)| (name.to_owned(), size));
        Workload {
            dims: Dims(said.collect()),
            layout: workload.layout.filter(|layout| *layout != Layout::Nn),
            ..workload.clone()
        }
    }
}

struct MatmulReference {
    shape: Shape,
    epilogue: Epilogue,
    inputs: Vec<Tensor>,
}

impl Reference for MatmulReference {
    fn within(&self, _output: usize, index: u64, numerics: Numerics) -> Approx {
        let Shape { m, n, k, types, .. } = self.shape;
        let (batch, row, column) = (index / (m * n), index / n % m, index % n);
        let (a_start, a_step) =
            if self.shape.a_transposed { (batch * m * k + row, m) } else { (batch * m * k + row * k, 1) };
        let (b_start, b_step) =
            if self.shape.b_transposed { (batch * n * k + column * k, 1) } else { (batch * n * k + column, n) };
        let factors = |i: u64| [self.inputs[0].at(a_start + i * a_step), self.inputs[1].at(b_start + i * b_step)];
        let mut sum = Sum::EMPTY;
        for i in 0..k {
            let [a, b] = factors(i);
            sum.add(a * b);
        }
        let mut value = summed(&sum, k, types.accumulator.roundoff(), numerics);
        if let Some(mut narrowing) = Narrowing::of(numerics) {
            (0..k).map(factors).for_each(|[a, b]| narrowing.add(a, b));
            value = narrowing.widen(value);
        }
        stored(self.epilogue.apply(&self.inputs, column, index, types.accumulator, value), types.output)
    }

    /// C·r = A·(B·r): each row of the result in one sum.
    fn projection(&self, _output: usize, seed: u32) -> Option<Projection> {
        let Shape { batch, m, n, k, .. } = self.shape;
        let linear = certain(&self.inputs, k, &self.epilogue, self.shape.types.output)?;
        let mut projection = Projection::new([batch * m, n, 1], seed);
        let signs = projection.signs();
        let [a, b] = [0, 1].map(|input| self.inputs[input].values.as_slice());
        let batches = a.chunks_exact((m * k) as usize).zip(b.chunks_exact((k * n) as usize));
        let sums = batches.flat_map(|(a, b)| {
            let product = times(b, n, k, self.shape.b_transposed, &signs);
            times(a, k, m, self.shape.a_transposed, &product)
        });
        projection.expected = sums.collect();
        linear.finish(&mut projection, &self.inputs);
        Some(projection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small enough to be computed by hand: [[1,2],[3,4]]·[[5,6],[7,8]].
    #[test]
    fn the_reference_multiplies_in_every_layout() {
        let plain = |values: [f32; 4]| Tensor { shape: vec![1, 2, 2], values: values.to_vec() };
        let (a, at) = (plain([1.0, 2.0, 3.0, 4.0]), plain([1.0, 3.0, 2.0, 4.0]));
        let (b, bt) = (plain([5.0, 6.0, 7.0, 8.0]), plain([5.0, 7.0, 6.0, 8.0]));
        for (layout, a, b) in [("nn", &a, &b), ("nt", &a, &bt), ("tn", &at, &b), ("tt", &at, &bt)] {
            let signature = signature(&format!("matmul:f32:m2n2k2:{layout}"));
            let reference = Matmul.reference(&signature, vec![a.clone(), b.clone()]);
            let got: Vec<f64> = (0..4).map(|i| reference.at(0, i).value).collect();
            assert_eq!(got, [19.0, 22.0, 43.0, 50.0], "{layout}");
        }
    }

    #[test]
    fn integers_are_exact_shifted_and_clipped() {
        let signature = signature("matmul:i8>i32>i8:m1n2k2+bias+shift3+clip");
        let tensor = |shape: &[u64], values: &[f32]| Tensor { shape: shape.to_vec(), values: values.to_vec() };
        let inputs = vec![
            tensor(&[1, 1, 2], &[127.0, -127.0]),
            tensor(&[1, 2, 2], &[127.0, 1.0, -127.0, 2.0]),
            tensor(&[2], &[5.0, 4.0]),
        ];
        let reference = Matmul.reference(&signature, inputs);
        assert_eq!(reference.at(0, 0), Approx::exact(127.0));
        // 127 − 254 + 4 = −123; shifted right by 3 it is −15.375, rounded down.
        assert_eq!(reference.at(0, 1), Approx::exact(-16.0));
    }

    #[test]
    fn canonical_forms_and_costs() {
        let cases = [
            ("matmul:f32:k4n3m2:nn", "matmul:f32:m2n3k4", 48.0, 4.0 * 26.0),
            ("matmul:f32:b1m2n3k4+relu", "matmul:f32:m2n3k4+relu", 54.0, 4.0 * 26.0),
            ("matmul:f16:b2m2n3k4:nt+bias", "matmul:f16:b2m2n3k4:nt+bias", 108.0, 2.0 * 55.0),
        ];
        for (text, canonical, flops, bytes) in cases {
            let signature = signature(text);
            assert_eq!(signature.workload.to_string(), canonical);
            assert_eq!(signature.work, Work::new(flops, bytes), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        let cases = [
            ("matmul:f32:m2n2", "dim `k` is missing"),
            ("matmul:f32:m2n2k2q3", "no dim `q`"),
            ("matmul:f32:m2n2k2:nhwc", "no layout `nhwc`"),
            ("matmul:i32:m2n2k2", "no kernels for types"),
            ("matmul:u32:m2n2k2", "no kernels for types `u32`"),
            ("matmul:i8>u32>i8:m2n2k2+clip", "no kernels for types"),
            ("matmul:f32:m0n2k2", "at least 1"),
            ("matmul:f32:m99999999n99999999k1", "at most 2^31"),
            ("matmul:f32:m2n2k2+foo", "step `foo` means nothing here"),
            ("matmul:f32:m2n2k2+bias+bias", "occurs twice"),
            ("matmul:f32:m2n2k2+shift3", "means nothing here"),
            ("matmul:i8>i32>i8:m2n2k2", "must end in `+clip`"),
            ("matmul:f32:m2n2k2:x*y", "not an expression"),
        ];
        for (text, message) in cases {
            let error = crate::op::resolve(text).expect_err(text).to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    fn signature(text: &str) -> Signature {
        crate::op::resolve(text).unwrap_or_else(|e| panic!("{e}"))
    }
}
