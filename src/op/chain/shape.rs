//! What a chain is about: its axes, its inputs, its outputs, and along what each of them varies.

use super::reducer;
use super::sign;
use crate::base::{Distribution, ElementType, TensorSpec};
use crate::code::Symbols;
use crate::op::{Meaning, elementwise};
use crate::workload::{Assignments, Binary, Expr, Types, Workload};

/// One named input and the axes it varies along, slowest first.
#[derive(Clone)]
pub(super) struct Input {
    pub name: String,
    pub axes: Vec<String>,
}

impl Input {
    /// Whether it has both axes, one right after the other, or neither.
    fn treats_as_one(&self, outer: &str, inner: &str) -> bool {
        let position = |axis| self.axes.iter().position(|other| other == axis);
        match (position(outer), position(inner)) {
            (Some(outer), Some(inner)) => outer + 1 == inner,
            (None, None) => true,
            _ => false,
        }
    }

    /// Makes two neighbouring axes one, if it has them.
    fn join(&mut self, outer: &str, inner: &str) {
        if let Some(position) = self.axes.iter().position(|axis| axis == outer) {
            self.axes[position] = format!("{outer}_{inner}");
            self.axes.remove(position + 1);
        }
    }
}

/// What of the last axis is in the text of an output.
#[derive(Clone)]
struct AlongRows {
    /// Whether the value differs along it.
    varies: bool,
    /// Whether something is reduced along it.
    reduces: bool,
}

/// The axes, inputs and outputs of one chain.
#[derive(Clone)]
pub(super) struct Shape {
    pub element: ElementType,
    pub axes: Vec<(String, u64)>,
    pub inputs: Vec<Input>,
    pub outputs: Assignments,
    /// One for each output.
    along_rows: Vec<AlongRows>,
    /// Whether a result is defined for positive inputs only, as far as the text tells.
    positive: bool,
}

impl Shape {
    pub fn of(workload: &Workload) -> Result<Self, String> {
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
        let mut shape = Self { element, axes, inputs: Vec::new(), outputs, along_rows: Vec::new(), positive: false };
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
            self.check_reductions(expr)?;
            self.along_rows.push(AlongRows { varies: self.varies(expr), reduces: self.reduces(expr) });
        }
        if self.inputs.is_empty() {
            return Err("the expression has no input".to_owned());
        }
        Ok(())
    }

    fn collect_part(&mut self, part: &Expr, output: &str, earlier: &[&str]) -> Result<(), String> {
        match part {
            Expr::Call { function, arguments } => self.check_call(function, arguments),
            Expr::Binary { operator: Binary::Divide, right, .. } => {
                self.positive |= !sign::is_positive(right);
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

    fn check_call(&mut self, name: &str, arguments: &[Expr]) -> Result<(), String> {
        let arity = match (elementwise::find(name), reducer::find(name)) {
            (Some(function), _) => function.arity(),
            (None, Some(_)) => 1,
            (None, None) => {
                let known = format!("{}, {}", elementwise::names(), reducer::names());
                return Err(format!("unknown function `{name}`; known are {known}"));
            }
        };
        if arity != arguments.len() {
            return Err(format!("`{name}` takes {arity} arguments, not {}", arguments.len()));
        }
        self.positive |= match name {
            "log" | "rsqrt" => !sign::is_positive(&arguments[0]),
            "sqrt" => !sign::is_at_least_zero(&arguments[0]),
            _ => false,
        };
        Ok(())
    }

    /// Whatever is reduced must differ along the axis.
    fn check_reductions(&self, expr: &Expr) -> Result<(), String> {
        let mut trouble = Ok(());
        expr.walk(&mut |part| {
            if let Some(argument) = reduced(part)
                && !self.varies(argument)
            {
                let (axis, _) = self.axes.last().expect("a workload has dims");
                trouble = Err(format!("`{part}` reduces what is the same all along `{axis}`"));
            }
        });
        trouble
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

    /// The same with neighbouring axes as one, where every input has either both as neighbours or none: so a tensor that
    /// is nowhere broadcast is one long row. The joint axis of `r` and `c` is called `r_c`.
    pub fn collapsed(&self) -> Self {
        let mut shape = self.clone();
        let mut at = 0;
        while at + 1 < shape.axes.len() {
            let [outer, inner] = [at, at + 1].map(|axis| shape.axes[axis].0.clone());
            if shape.inputs.iter().all(|input| input.treats_as_one(&outer, &inner)) {
                shape.axes[at] = (format!("{outer}_{inner}"), shape.axes[at].1 * shape.axes[at + 1].1);
                shape.axes.remove(at + 1);
                shape.inputs.iter_mut().for_each(|input| input.join(&outer, &inner));
            } else {
                at += 1;
            }
        }
        shape
    }

    pub fn extent(&self, axis: &str) -> Option<u64> {
        self.axes.iter().find(|(name, _)| name == axis).map(|(_, extent)| *extent)
    }

    fn extents(&self) -> Vec<u64> {
        self.axes.iter().map(|(_, extent)| *extent).collect()
    }

    pub fn elements(&self) -> u64 {
        self.extents().iter().product()
    }

    /// The last axis, along which vectors lie and reductions go.
    pub fn innermost_axis(&self) -> &str {
        self.axes.last().map_or("", |(axis, _)| axis)
    }

    /// The extent of the last axis.
    pub fn innermost(&self) -> u64 {
        self.axes.last().map_or(1, |(_, extent)| *extent)
    }

    /// How many rows there are along the last axis.
    pub fn rows(&self) -> u64 {
        self.elements() / self.innermost()
    }

    /// Whether a value differs along the last axis.
    fn varies(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Number(_) => false,
            Expr::Input { name, .. } => match self.inputs.iter().find(|input| input.name == *name) {
                Some(input) => self.varies_along_rows(input),
                None => self.earlier(name).is_some_and(|output| output.varies),
            },
            Expr::Negate(inner) => self.varies(inner),
            Expr::Binary { left, right, .. } => self.varies(left) || self.varies(right),
            Expr::Call { .. } if reduced(expr).is_some() => false,
            Expr::Call { arguments, .. } => arguments.iter().any(|argument| self.varies(argument)),
        }
    }

    /// What is known of an output of that name, if its text has been looked at.
    fn earlier(&self, name: &str) -> Option<&AlongRows> {
        self.output(name).and_then(|output| self.along_rows.get(output))
    }

    /// Whether an input has the last axis.
    pub fn varies_along_rows(&self, input: &Input) -> bool {
        input.axes.iter().any(|axis| axis == self.innermost_axis())
    }

    /// Whether a reduction is part of a value.
    fn reduces(&self, expr: &Expr) -> bool {
        let mut found = false;
        expr.walk(&mut |part| {
            found |= reduced(part).is_some();
            if let Expr::Input { name, .. } = part {
                found |= self.earlier(name).is_some_and(|output| output.reduces);
            }
        });
        found
    }

    /// Whether anything is reduced.
    pub fn has_reductions(&self) -> bool {
        self.along_rows.iter().any(|output| output.reduces)
    }

    /// Whether an output has one value per row: the last axis is left only inside reductions.
    pub fn is_per_row(&self, output: usize) -> bool {
        self.along_rows[output].reduces && !self.along_rows[output].varies
    }

    /// The position of the output of that name.
    pub fn output(&self, name: &str) -> Option<usize> {
        self.outputs.0.iter().position(|(output, _)| output == name)
    }

    pub fn input_tensor(&self, input: &Input) -> TensorSpec {
        let shape: Vec<u64> = input.axes.iter().filter_map(|axis| self.extent(axis)).collect();
        let tensor = TensorSpec::new(&input.name, self.element, &shape);
        // Where a logarithm, a root or a quotient is taken, values around zero would have no defined result.
        let distribution =
            if self.positive { Distribution::Uniform { low: 0.5, high: 1.5 } } else { tensor.distribution };
        TensorSpec { distribution, ..tensor }
    }

    pub fn output_tensor(&self, output: usize) -> TensorSpec {
        let mut extents = self.extents();
        if self.is_per_row(output) {
            extents.pop();
        }
        TensorSpec::new(&self.outputs.0[output].0, self.element, &extents)
    }

    /// All axes may vary.
    pub fn meaning(&self) -> Meaning {
        let product = |axes: &[(String, u64)]| match axes {
            [] => "1".to_owned(),
            axes => axes.iter().map(|(axis, _)| axis.as_str()).collect::<Vec<_>>().join("*"),
        };
        let rows = &self.axes[..self.axes.len().saturating_sub(1)];
        let axes = self.axes.iter().map(|(axis, _)| (format!("size_{axis}"), axis.clone()));
        let all = [("elements".to_owned(), product(&self.axes)), ("rows".to_owned(), product(rows))];
        let formula = |(name, text): (String, String)| (name, text.parse().expect("it is a formula"));
        Meaning {
            free: self.axes.iter().map(|(axis, _)| (axis.clone(), None)).collect(),
            order: self.axes.iter().map(|(axis, _)| axis.clone()).collect(),
            sizes: axes.chain(all).map(formula).collect(),
            ..Meaning::default()
        }
    }

    pub fn symbols(&self) -> Symbols {
        let axes = self.axes.iter().map(|(axis, extent)| (format!("size_{axis}"), *extent));
        let all = [("elements".to_owned(), self.elements()), ("rows".to_owned(), self.rows())];
        axes.chain(all).collect()
    }
}

/// What a reduction reduces; `None` where it is none.
pub(super) fn reduced(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Call { function, arguments } if reducer::find(function).is_some() => arguments.first(),
        _ => None,
    }
}
