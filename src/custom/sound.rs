//! Whether a description that could be read makes sense as a whole: its default config has a program, nothing in it is
//! idle, and something is left to choose from.

use std::collections::BTreeSet;

use super::description::Role;
use super::kernel::CustomKernel;
use super::plan::Plan;
use super::problem::{Checked, Problem};
use crate::base::DeviceFacts;
use crate::code::{Access, BufferRef, Program};
use crate::op::Template;
use crate::space::Space;

/// Refuses what could not be tuned anywhere.
pub(super) fn check(kernel: &CustomKernel) -> Checked<()> {
    let signature = kernel.signature()?;
    kernel.0.near.iter().try_for_each(|near| kernel.at(near).map(drop))?;
    refuse_idle_params(kernel)?;
    let space = kernel.tuned().space(&signature, &DeviceFacts::boundless());
    if kernel.tuned().default(&signature, &space).is_none() {
        return Err(nothing_left(kernel, &space));
    }
    let program = kernel.default_program(&signature.symbols)?;
    refuse_idle_buffers(kernel, &program)?;
    kernel.0.truth.program(kernel, &signature.symbols).map(drop)
}

/// A parameter that only constraints read changes nothing.
fn refuse_idle_params(kernel: &CustomKernel) -> Checked<()> {
    let mut reads = kernel.0.plan.reads();
    let temporaries = kernel.0.buffers.iter().filter(|buffer| buffer.role == Role::Temporary);
    reads.extend(temporaries.flat_map(|buffer| buffer.size.expression().reads().clone()));
    match kernel.0.params.iter().find(|param| !reads.contains(&param.name)) {
        None => Ok(()),
        Some(idle) => {
            let message = format!("the parameter `{}` changes nothing", idle.name);
            let help = "declare it in the WGSL as an `override`, use it in a template as {{ … }}, or leave it away";
            Err(idle.place.problem(message).help(help))
        }
    }
}

/// Points at a constraint that nothing obeys, if there is one.
fn nothing_left(kernel: &CustomKernel, space: &Space) -> Problem {
    let impossible = space.removals().into_iter().position(|removal| removal.raw == Some(space.raw_size()));
    match impossible.and_then(|at| kernel.0.constraints.get(at)) {
        Some(condition) => {
            condition.formula.problem("no config obeys this constraint").help("loosen it, or add values")
        }
        None => {
            let problem = Problem::new("no config obeys all constraints together");
            let problem = match kernel.0.constraints.first() {
                Some(condition) => condition.formula.in_problem(problem),
                None => problem,
            };
            problem.help("loosen some, or add values")
        }
    }
}

/// A buffer that no pass is bound to, or an output that none writes.
fn refuse_idle_buffers(kernel: &CustomKernel, program: &Program) -> Checked<()> {
    let mut bound = BTreeSet::new();
    let mut written = BTreeSet::new();
    for dispatch in &program.run {
        let bindings = &program.kernels[dispatch.kernel].bindings;
        for (buffer, binding) in dispatch.buffers.iter().zip(bindings) {
            bound.insert(key(*buffer));
            if binding.access == Access::ReadWrite {
                written.insert(key(*buffer));
            }
        }
    }
    let (mut inputs, mut outputs) = (0, 0);
    for buffer in &kernel.0.buffers {
        let next = |count: &mut usize| std::mem::replace(count, *count + 1);
        let (key, message) = match buffer.role {
            Role::Input => (key(BufferRef::Input(next(&mut inputs))), "is used by no pass"),
            Role::Output | Role::InOut => (key(BufferRef::Output(next(&mut outputs))), "is written by no pass"),
            // Which temporaries are used may depend on the config.
            Role::Temporary => continue,
        };
        let known = if buffer.role == Role::Input { &bound } else { &written };
        if !known.contains(&key) {
            let problem = buffer.size.problem(format!("the buffer `{}` {message}", buffer.name));
            return Err(problem.help("declare it in the WGSL under this name, bind it in a pass, or leave it away"));
        }
    }
    Ok(())
}

fn key(buffer: BufferRef) -> (u8, usize) {
    match buffer {
        BufferRef::Input(at) => (0, at),
        BufferRef::Output(at) => (1, at),
        BufferRef::Temporary(at) => (2, at),
    }
}

impl Plan {
    /// Every name that its texts and formulas read.
    fn reads(&self) -> BTreeSet<String> {
        let mut reads: BTreeSet<String> = self.texts.iter().flat_map(|text| text.reads()).collect();
        let values = |blocks: &super::pass::Uniforms| -> Vec<BTreeSet<String>> {
            let formulas = blocks.values().flat_map(|members| members.values().flatten());
            formulas.map(|formula| formula.expression().reads().clone()).collect()
        };
        for pass in &self.passes {
            let formulas = pass.grid.iter().chain(&pass.when).chain(&pass.repeat);
            reads.extend(formulas.flat_map(|formula| formula.expression().reads().clone()));
            reads.extend(values(&pass.uniforms).into_iter().flatten());
        }
        reads.extend(values(&self.uniforms).into_iter().flatten());
        // A member without a value takes that of its name: a uniform may read anything.
        reads
    }
}
