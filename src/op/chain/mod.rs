//! Fused elementwise chains: one expression over inputs that vary along some of the named axes.

mod flat;
mod naive;
mod text;

use super::elementwise::{self, stored};
use super::shared::ours;
use super::sizes::{self, Resize};
use super::{Operator, OperatorError, Reference, Shared, Signature, Template, Work, meaningless, refuse_absurd};
use crate::base::{Approx, Distribution, ElementType, Tensor, TensorSpec};
use crate::code::Symbols;
use crate::record::Numerics;
use crate::workload::{Assignments, Binary, Dims, Expr, Types, Workload};

/// Elementwise expressions over inputs that are broadcast along named axes.
pub struct Chain;

impl Operator for Chain {
    fn name(&self) -> &str {
        "chain"
    }

    fn about(&self) -> &str {
        "a fused elementwise expression over inputs broadcast along named axes"
    }

    fn grammar(&self) -> &str {
        "dims are the axes, the last contiguous; expression such as gelu(x*w[c]+b[c]) or s=x+y;d=x-y; types f32, f16"
    }

    fn signature(&self, workload: &Workload) -> Result<Signature, OperatorError> {
        let shape = Shape::of(workload).map_err(|why| meaningless(workload, why))?;
        let outputs: Vec<TensorSpec> =
            shape.outputs.0.iter().map(|(name, _)| TensorSpec::new(name, shape.element, &shape.extents())).collect();
        let inputs: Vec<TensorSpec> = shape.inputs.iter().map(|input| shape.tensor(input)).collect();
        let all: Vec<TensorSpec> = inputs.iter().chain(&outputs).cloned().collect();
        refuse_absurd(workload, &all)?;
        let flops = outputs[0].elements() as f64 * shape.operations() as f64;
        let bytes = all.iter().map(|tensor| tensor.bytes() as f64).sum();
        let work = Work::new(flops, bytes);
        let symbols = shape.symbols();
        Ok(Signature { operator: Shared::Ours(&Chain), workload: workload.clone(), inputs, outputs, symbols, work })
    }

    fn reference(&self, signature: &Signature, inputs: Vec<Tensor>) -> Box<dyn Reference> {
        let shape = Shape::of(&signature.workload).expect("a signature's workload is understood");
        Box::new(ChainReference { shape, inputs })
    }

    fn resized(&self, dims: &Dims, how: Resize) -> Dims {
        let most = MOST_OF_EXCERPT.powf(1.0 / dims.0.len() as f64).floor() as u64;
        let last = dims.0.last().map(|(name, _)| name.clone());
        sizes::each(dims, |name, size| how.of(size, Some(name) == last.as_deref(), most))
    }

    fn templates(&self) -> Vec<Shared<dyn Template>> {
        ours(&[&flat::Flat, &naive::Naive])
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
        ]
    }

    fn workloads(&self) -> &'static [&'static str] {
        &[
            "chain:f32:n1048576:gelu(x*w+b)",
            "chain:f32:r4096c1024:gelu(x*w[c]+b[c])",
            "chain:f16:r4096c4096:silu(g)*u",
            "chain:f32:r4096c1024:x*s[r]+residual",
        ]
    }
}

/// Elements of an excerpt.
const MOST_OF_EXCERPT: f64 = 4096.5;

/// One named input and the axes it varies along, slowest first.
#[derive(Clone)]
struct Input {
    name: String,
    axes: Vec<String>,
}

/// The axes, inputs and outputs of one chain.
struct Shape {
    element: ElementType,
    axes: Vec<(String, u64)>,
    inputs: Vec<Input>,
    outputs: Assignments,
    positive: bool,
}

impl Shape {
    fn of(workload: &Workload) -> Result<Self, String> {
        let Some(outputs) = workload.expression.clone() else {
            return Err("a chain needs an expression after its dims, such as `gelu(x*w+b)`".to_owned());
        };
        if workload.layout.is_some() || !workload.steps.is_empty() {
            return Err("a chain has neither layout nor steps: write everything into the expression".to_owned());
        }
        let element = workload.types.input;
        if !element.is_float() || workload.types != Types::of(element) {
            return Err(format!("chains have no kernels for types `{}`; write f32 or f16", workload.types));
        }
        let axes = workload.dims.0.clone();
        let mut shape = Self { element, axes, inputs: Vec::new(), outputs, positive: false };
        shape.collect()?;
        Ok(shape)
    }

    /// Finds the inputs, in order of their first use, and checks every name.
    fn collect(&mut self) -> Result<(), String> {
        let outputs = self.outputs.clone();
        for (position, (output, expr)) in outputs.0.iter().enumerate() {
            if self.inputs.iter().any(|input| input.name == *output) {
                return Err(format!("`{output}` is an input already; give the output another name"));
            }
            let earlier: Vec<&str> = outputs.0[..position].iter().map(|(name, _)| name.as_str()).collect();
            let mut trouble = None;
            expr.walk(&mut |part| {
                let checked = self.collect_part(part, output, &earlier);
                trouble = trouble.take().or(checked.err());
            });
            trouble.map_or(Ok(()), Err)?;
        }
        if self.inputs.is_empty() {
            return Err("the expression has no input".to_owned());
        }
        Ok(())
    }

    fn collect_part(&mut self, part: &Expr, output: &str, earlier: &[&str]) -> Result<(), String> {
        match part {
            Expr::Call { function, arguments } => self.check_call(function, arguments.len()),
            Expr::Binary { operator: Binary::Divide, .. } => {
                self.positive = true;
                Ok(())
            }
            Expr::Input { name, axes } => {
                if earlier.contains(&name.as_str()) && axes.is_none() {
                    return Ok(());
                }
                if name == output || earlier.contains(&name.as_str()) {
                    return Err(format!("`{name}` is an output; use an output by its plain name after its assignment"));
                }
                self.add_input(name, axes.as_deref())
            }
            _ => Ok(()),
        }
    }

    fn check_call(&mut self, name: &str, arguments: usize) -> Result<(), String> {
        let Some(function) = elementwise::find(name) else {
            return Err(format!("unknown function `{name}`; known are {}", elementwise::names()));
        };
        if function.arity() != arguments {
            return Err(format!("`{name}` takes {} arguments, not {arguments}", function.arity()));
        }
        self.positive |= ["log", "sqrt"].contains(&name);
        Ok(())
    }

    fn add_input(&mut self, name: &str, axes: Option<&[String]>) -> Result<(), String> {
        let axes: Vec<String> = match axes {
            Some(axes) => axes.to_vec(),
            None => self.axes.iter().map(|(axis, _)| axis.clone()).collect(),
        };
        if let Some(axis) = axes.iter().find(|axis| self.extent(axis).is_none()) {
            let known: Vec<&str> = self.axes.iter().map(|(axis, _)| axis.as_str()).collect();
            return Err(format!("`{name}` names axis `{axis}`, but the axes are {}", known.join(", ")));
        }
        if (1..axes.len()).any(|i| axes[..i].contains(&axes[i])) {
            return Err(format!("`{name}` names an axis twice"));
        }
        match self.inputs.iter().find(|input| input.name == name) {
            Some(input) if input.axes == axes => Ok(()),
            Some(_) => Err(format!("`{name}` is used with different axes")),
            None => {
                self.inputs.push(Input { name: name.to_owned(), axes });
                Ok(())
            }
        }
    }

    fn extent(&self, axis: &str) -> Option<u64> {
        self.axes.iter().find(|(name, _)| name == axis).map(|(_, extent)| *extent)
    }

    fn extents(&self) -> Vec<u64> {
        self.axes.iter().map(|(_, extent)| *extent).collect()
    }

    /// The innermost extent, along which vectors lie.
    fn innermost(&self) -> u64 {
        self.axes.last().map_or(1, |(_, extent)| *extent)
    }

    fn tensor(&self, input: &Input) -> TensorSpec {
        let shape: Vec<u64> = input.axes.iter().filter_map(|axis| self.extent(axis)).collect();
        let tensor = TensorSpec::new(&input.name, self.element, &shape);
        // Where a logarithm, a root or a quotient is taken, values around zero would have no defined result.
        let distribution =
            if self.positive { Distribution::Uniform { low: 0.5, high: 1.5 } } else { tensor.distribution };
        TensorSpec { distribution, ..tensor }
    }

    fn symbols(&self) -> Symbols {
        let axes = self.axes.iter().map(|(axis, extent)| (format!("size_{axis}"), *extent));
        axes.chain([("elements".to_owned(), self.extents().iter().product())]).collect()
    }

    /// Operations per element; a function counts as one.
    fn operations(&self) -> usize {
        let mut count = 0;
        for (_, expr) in &self.outputs.0 {
            expr.walk(&mut |part| count += usize::from(!matches!(part, Expr::Number(_) | Expr::Input { .. })));
        }
        count
    }
}

struct ChainReference {
    shape: Shape,
    inputs: Vec<Tensor>,
}

impl ChainReference {
    /// The element of an input that belongs to a flat output index.
    fn input(&self, position: usize, index: u64) -> f64 {
        let input = &self.shape.inputs[position];
        let flat = input.axes.iter().fold(0, |flat, axis| {
            let (mut rest, mut coordinate, mut extent) = (index, 0, 1);
            for (name, size) in self.shape.axes.iter().rev() {
                if name == axis {
                    (coordinate, extent) = (rest % size, *size);
                }
                rest /= size;
            }
            flat * extent + coordinate
        });
        self.inputs[position].at(flat)
    }

    /// The value of an expression at a flat index, given the outputs before it.
    fn eval(&self, expr: &Expr, index: u64, earlier: &[Approx]) -> Approx {
        let u = ElementType::F32.roundoff();
        match expr {
            Expr::Number(value) => Approx::exact(f64::from(*value as f32)),
            Expr::Input { name, .. } => match self.shape.inputs.iter().position(|input| input.name == *name) {
                Some(position) => Approx::exact(self.input(position, index)),
                None => earlier[self.output(name)],
            },
            Expr::Negate(inner) => {
                let inner = self.eval(inner, index, earlier);
                Approx { value: -inner.value, ..inner }
            }
            Expr::Binary { operator, left, right } => {
                let (left, right) = (self.eval(left, index, earlier), self.eval(right, index, earlier));
                match operator {
                    Binary::Add => left.plus(right, u),
                    Binary::Subtract => left.minus(right, u),
                    Binary::Multiply => left.times(right, u),
                    Binary::Divide => left.over(right, u),
                }
            }
            Expr::Call { function, arguments } => {
                let arguments: Vec<Approx> =
                    arguments.iter().map(|argument| self.eval(argument, index, earlier)).collect();
                elementwise::find(function).expect("checked by the signature").apply(&arguments)
            }
        }
    }

    /// The position of a named output.
    fn output(&self, name: &str) -> usize {
        let found = self.shape.outputs.0.iter().position(|(output, _)| output == name);
        found.expect("checked by the signature")
    }
}

impl Reference for ChainReference {
    /// Nothing is summed, so all numerics are one.
    fn within(&self, output: usize, index: u64, _: Numerics) -> Approx {
        // Each output once, however often later ones use it; they are stored only at the end.
        let mut values = Vec::with_capacity(output + 1);
        for (_, expr) in &self.shape.outputs.0[..=output] {
            values.push(self.eval(expr, index, &values));
        }
        stored(values[output], self.shape.element)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_broadcasts_along_named_axes() {
        let signature = crate::op::resolve("chain:f32:r2c3:x*w[c]+s[r]-t[c,r]").unwrap();
        let shapes: Vec<_> =
            signature.inputs.iter().map(|tensor| (tensor.name.as_str(), tensor.shape.clone())).collect();
        assert_eq!(shapes, [("x", vec![2, 3]), ("w", vec![3]), ("s", vec![2]), ("t", vec![3, 2])]);
        let tensor = |values: &[f32]| Tensor { shape: vec![], values: values.to_vec() };
        let inputs = vec![
            tensor(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]),
            tensor(&[10.0, 20.0, 30.0]),
            tensor(&[100.0, 200.0]),
            tensor(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]),
        ];
        let reference = Chain.reference(&signature, inputs);
        let got: Vec<f64> = (0..6).map(|i| reference.at(0, i).value).collect();
        assert_eq!(got, [110.0, 138.0, 186.0, 239.0, 297.0, 375.0]);
    }

    #[test]
    fn later_outputs_may_use_earlier_ones() {
        let signature = crate::op::resolve("chain:f32:n2:s=x+1;d=s*s").unwrap();
        let reference = Chain.reference(&signature, vec![Tensor { shape: vec![2], values: vec![2.0, 3.0] }]);
        assert_eq!((reference.at(0, 1).value, reference.at(1, 1).value), (4.0, 16.0));
        assert_eq!(signature.work, Work::new(4.0, 24.0));
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        let cases = [
            ("chain:f32:n4", "needs an expression"),
            ("chain:f32:n4:nn", "needs an expression"),
            ("chain:f32:n4:2*3", "no input"),
            ("chain:f32:n4:foo(x)", "unknown function `foo`"),
            ("chain:f32:n4:max(x)", "takes 2 arguments, not 1"),
            ("chain:f32:n4:x[q]", "axis `q`, but the axes are n"),
            ("chain:f32:r2c2:x[r]+x[c]", "different axes"),
            ("chain:f32:r2c2:x[r,r]", "an axis twice"),
            ("chain:f32:n4:y=y+x", "`y` is an output"),
            ("chain:f32:n4:z=y+1;y=z*2;w=y", "`y` is an input already"),
            ("chain:i32:n4:x", "no kernels for types"),
            ("chain:u32:n4:x", "no kernels for types `u32`"),
            ("chain:f32:n0:x", "at least 1"),
            ("chain:f32+relu:n4:x", "unknown element type"),
        ];
        for (text, message) in cases {
            let error = crate::op::resolve(text).expect_err(text).to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }
}
