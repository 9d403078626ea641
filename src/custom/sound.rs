//! Whether a description that could be read makes sense as a whole: its default config has a program, nothing in it is
//! idle, and something is left to choose from.

use std::collections::BTreeSet;

use super::description::Role;
use super::kernel::CustomKernel;
use super::plan::Plan;
use super::problem::{Checked, Problem};
use crate::base::DeviceFacts;
use crate::check::{Global, GlobalKind};
use crate::code::{Access, BufferRef, Program};
use crate::op::Template;
use crate::space::Space;

/// Refuses what could not be tuned anywhere.
pub(super) fn check(kernel: &CustomKernel) -> Checked<()> {
    let signature = kernel.signature()?;
    refuse_idle_params(kernel)?;
    let space = kernel.tuned().space(&signature, &DeviceFacts::boundless());
    if kernel.tuned().default(&signature, &space).is_none() {
        return Err(nothing_left(kernel, &space));
    }
    let program = kernel.default_program(&signature.symbols)?;
    refuse_idle_buffers(kernel, &program)?;
    refuse_strangers(kernel)?;
    kernel.0.truth.check(kernel, &signature)?;
    kernel.0.near.iter().try_for_each(|near| kernel.0.truth.check(kernel, &kernel.at(near)?))
}

/// A parameter that only constraints read changes nothing.
fn refuse_idle_params(kernel: &CustomKernel) -> Checked<()> {
    let mut reads = kernel.0.plan.reads();
    let temporaries = kernel.0.buffers.iter().filter(|buffer| buffer.role == Role::Temporary);
    reads.extend(temporaries.flat_map(|buffer| buffer.size.expression().reads().clone()));
    let members = || -> BTreeSet<String> {
        let globals = kernel.0.plan.globals(kernel).unwrap_or_default().into_iter();
        let members = globals.filter_map(|global| match global.kind {
            GlobalKind::Uniform { members, .. } => Some(members),
            _ => None,
        });
        members.flatten().map(|member| member.path).collect()
    };
    match kernel.0.params.iter().find(|param| !reads.contains(&param.name)) {
        None => Ok(()),
        // A member without a value takes that of its name.
        Some(idle) if members().contains(&idle.name) => Ok(()),
        Some(idle) => {
            let message = format!("the parameter `{}` changes nothing", idle.name);
            let help = "declare it in the WGSL as an `override`, use it in a template as {{ … }}, or leave it away";
            Err(idle.place.problem(message).help(help))
        }
    }
}

/// Refuses what is said of variables and buffers that there are not.
fn refuse_strangers(kernel: &CustomKernel) -> Checked<()> {
    let plan = &kernel.0.plan;
    let globals = plan.globals(kernel)?;
    let variables: BTreeSet<&str> = globals.iter().map(|global| global.name.as_str()).collect();
    let buffers: BTreeSet<&str> = kernel.0.buffers.iter().map(|buffer| buffer.name.as_str()).collect();
    let there_are =
        |known: &BTreeSet<&str>| format!("there are: {}", known.iter().copied().collect::<Vec<_>>().join(", "));
    for (block, members) in plan.passes.iter().map(|pass| &pass.uniforms).chain([&plan.uniforms]).flatten() {
        if let (false, Some(value)) = (variables.contains(block.as_str()), members.values().flatten().next()) {
            let problem = value.problem(format!("the WGSL has no uniform block `{block}`"));
            return Err(problem.help(there_are(&variables)));
        }
    }
    for pass in &plan.passes {
        let swapped = pass.swap.iter().flatten();
        let bound = pass.bind.keys().filter(|name| !variables.contains(name.as_str()));
        if let Some(name) = bound.into_iter().next() {
            let problem = pass.place.problem(format!("`bind` names `{name}`, which the WGSL does not declare"));
            return Err(problem.help(there_are(&variables)));
        }
        if let Some(name) = pass.bind.values().chain(swapped).find(|name| !buffers.contains(name.as_str())) {
            let problem = pass.place.problem(format!("`bind` or `swap` names `{name}`, which is no buffer"));
            return Err(problem.help(there_are(&buffers)));
        }
    }
    Ok(())
}

/// Points at a constraint that nothing obeys, if there is one.
fn nothing_left(kernel: &CustomKernel, space: &Space) -> Problem {
    let impossible = space.removals().into_iter().position(|removal| removal.raw == Some(space.raw_size()));
    match impossible.and_then(|at| kernel.0.constraints.get(at)) {
        Some(condition) => {
            condition.formula.problem("no config obeys this constraint").help("loosen it, or add values")
        }
        None => {
            // Where they are too entangled to be counted, looking for one has its end.
            let problem = Problem::new(match space.count() {
                Some(0) => "no config obeys all constraints together",
                Some(_) => "no config near the defaults obeys all constraints",
                None => "no config was found that obeys all constraints",
            });
            let problem = match kernel.0.constraints.first() {
                Some(condition) => condition.formula.in_problem(problem),
                None => problem,
            };
            problem.help("give defaults that obey them, loosen some, or add values")
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
        reads
    }

    /// What its texts declare, for the defaults as described.
    fn globals(&self, kernel: &CustomKernel) -> Checked<Vec<Global>> {
        let sizes = kernel.0.sizes.iter().map(|(name, size)| (name.clone(), (*size as i64).into()));
        let defaults = kernel.0.params.iter().map(|param| (param.name.clone(), param.default.clone()));
        let names = sizes.chain(defaults).collect();
        let mut globals = Vec::new();
        for text in &self.texts {
            globals.extend(text.instantiate(&names)?.interface.globals);
        }
        Ok(globals)
    }
}
