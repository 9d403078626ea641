//! Fused chains: expressions over inputs that vary along some of the named axes, with reductions over the last one.

mod call;
mod expression;
mod flat;
mod graph;
mod index;
mod naive;
mod naive_rows;
mod native;
mod reducer;
mod reference;
mod rows;
mod rows_text;
mod shape;
mod sign;
mod sweeps;
mod text;

use super::native::Naive;
use super::shared::ours;
use super::sizes::{self, Resize};
use super::{
    Meaning, Operator, OperatorError, Reference, Shared, Signature, Template, Work, meaningless, refuse_absurd,
};
use crate::base::{Tensor, TensorSpec};
use crate::code::routine::Call;
use crate::workload::{Dims, Workload};
use graph::Graph;
pub use reducer::{REDUCERS, Reducer};
use reference::ChainReference;
use shape::Shape;

/// Expressions over inputs that are broadcast along named axes and reduced along the last one.
pub struct Chain;

impl Operator for Chain {
    fn name(&self) -> &str {
        "chain"
    }

    fn about(&self) -> &str {
        "fused expressions over inputs broadcast along named axes, with reductions over the last one"
    }

    fn grammar(&self) -> &str {
        "dims are the axes, the last contiguous; expression such as gelu(x*w[c]+b[c]), s=x+y;d=x-y or x/sum(x); types f32, f16"
    }

    fn signature(&self, workload: &Workload) -> Result<Signature, OperatorError> {
        let shape = Shape::of(workload).map_err(|why| meaningless(workload, why))?;
        let outputs: Vec<TensorSpec> = (0..shape.outputs.0.len()).map(|output| shape.output_tensor(output)).collect();
        let inputs: Vec<TensorSpec> = shape.inputs.iter().map(|input| shape.input_tensor(input)).collect();
        let all: Vec<TensorSpec> = inputs.iter().chain(&outputs).cloned().collect();
        refuse_absurd(workload, &all)?;
        let bytes = all.iter().map(|tensor| tensor.bytes() as f64).sum();
        let work = Work::new(Graph::of(&shape).operations(&shape), bytes);
        let symbols = shape.symbols();
        Ok(Signature { operator: Shared::Ours(&Chain), workload: workload.clone(), inputs, outputs, symbols, work })
    }

    fn reference(&self, signature: &Signature, inputs: Vec<Tensor>) -> Box<dyn Reference> {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        Box::new(ChainReference::new(shape, inputs))
    }

    fn meaning(&self, signature: &Signature) -> Meaning {
        Shape::of(&signature.workload).expect("a signature's workload is understood").meaning()
    }

    fn resized(&self, dims: &Dims, how: Resize) -> Dims {
        let most = MOST_OF_EXCERPT.powf(1.0 / dims.0.len() as f64).floor() as u64;
        let last = dims.0.last().map(|(name, _)| name.clone());
        sizes::each(dims, |name, size| how.of(size, Some(name) == last.as_deref(), most))
    }

    /// What is reduced stays whole in an excerpt: there are fewer rows instead.
    fn resized_workload(&self, workload: &Workload, how: Resize) -> Workload {
        let reduces = Shape::of(workload).is_ok_and(|shape| shape.has_reductions());
        let dims = match workload.dims.0.split_last() {
            Some(((_, length), others)) if reduces && how == Resize::Excerpt => {
                let rows = (MOST_OF_EXCERPT / *length as f64).max(1.0);
                let most = rows.powf(1.0 / others.len().max(1) as f64).floor() as u64;
                let axis = |(name, size): &(String, u64)| (name.clone(), how.of(*size, false, most));
                Dims(others.iter().map(axis).chain(workload.dims.0.last().cloned()).collect())
            }
            _ => self.resized(&workload.dims, how),
        };
        Workload { dims, ..workload.clone() }
    }

    fn call(&self, signature: &Signature) -> Option<Call> {
        Some(call::of(&Shape::of(&signature.workload).expect("a signature's workload is understood")))
    }

    fn templates(&self) -> Vec<Shared<dyn Template>> {
        ours(&[
            &flat::Flat,
            &rows::Rows,
            &naive_rows::NaiveRows,
            &naive::Naive,
            &native::Native,
            &Naive { name: "chain/native_naive" },
        ])
    }

    fn contract(&self) -> &'static [&'static str] {
        &[
            "chain:f32:n1:x+y",
            "chain:f32:n127:gelu(x*w+b)",
            "chain:f32:r33c17:gelu(x*w[c]+b[c])",
            "chain:f32:r7c64:x*s[r]+max(y,t[])",
            "chain:f32:b3r5c20:x[c,r]*y[b,c]-z[b]",
            "chain:f32:r16c36:s=x+y;d=s*silu(x)-0.5",
            "chain:f32:n4096:sqrt(x)*log(x)/y",
            "chain:f32:n1000:tanh(x)+sigmoid(x)*exp(-abs(x))",
            "chain:f32:n257:gelu_tanh(x)+relu(min(x,y))",
            "chain:f16:n1:x*2",
            "chain:f16:r7c17:relu(x*w[c]+b[c])",
            "chain:f16:r32c64:p=x*w[c];q=p+y",
            "chain:f16:n4096:exp(x*12)",
            "chain:f32:n4096:exp(x*100)*0.5",
            "chain:f16:r300c264:x*w[c]+y",
            "chain:f32:r5c1:exp(x-amax(x))/sum(exp(x-amax(x)))",
            "chain:f32:r33c7:exp(x-amax(x))/sum(exp(x-amax(x)))",
            "chain:f16:r3c35:exp(x-amax(x))/sum(exp(x-amax(x)))",
            "chain:f32:b3r5c20:s=x*0.125+m[r,c];out=exp(s-amax(s))/sum(exp(s-amax(s)))",
            "chain:f32:r6c129:x-amax(x)-log(sum(exp(x-amax(x))))",
            "chain:f32:r5c1000:h=x+y;out=(h-mean(h))/sqrt(mean((h-mean(h))*(h-mean(h)))+0.00001)*g[c]+b[c]",
            "chain:f16:r17c64:x*rsqrt(mean(x*x)+0.000001)*g[c]",
            "chain:f32:n1000:s=sum(x);m=amax(abs(x))",
            "chain:f32:r3c50257:sum(x)",
            "chain:f32:r3c1028:(amax(x)-amin(x)+mean(x*w[c])*x)*s[r]+t[c,r]",
            "chain:f16:r5c12:m=mean(x*x);d=x-m",
        ]
    }

    fn workloads(&self) -> &'static [&'static str] {
        &[
            "chain:f32:n1048576:gelu(x*w+b)",
            "chain:f32:r4096c1024:gelu(x*w[c]+b[c])",
            "chain:f16:r4096c4096:silu(g)*u",
            "chain:f32:r4096c1024:x*s[r]+residual",
            "chain:f32:b12q128k128:s=x*0.125+mask[k];out=exp(s-amax(s))/sum(exp(s-amax(s)))",
            "chain:f32:r512c768:h=x+y;out=(h-mean(h))/sqrt(mean((h-mean(h))*(h-mean(h)))+0.000000000001)*g[c]+b[c]",
            "chain:f32:r512c3072:gelu(x)",
            "chain:f32:r1024c768:(x-mean(x))/sqrt(mean((x-mean(x))*(x-mean(x)))+0.00001)*g[c]+b[c]",
            "chain:f32:h12q1024k1024:s=x*0.125+mask[q,k];out=exp(s-amax(s))/sum(exp(s-amax(s)))",
            "chain:f32:r1024c3072:gelu_tanh(x+b[c])",
            "chain:f16:r2048c4096:x*rsqrt(mean(x*x)+0.00001)*g[c]",
            "chain:f16:r2048c11008:silu(g)*u",
        ]
    }
}

/// Elements of an excerpt.
const MOST_OF_EXCERPT: f64 = 4096.5;

#[cfg(test)]
mod tests;
