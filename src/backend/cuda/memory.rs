//! Buffers of a job in a GPU's memory, as CUDA has it: made by the rules that kernels' buffers are made by.

use std::rc::Rc;

use cudarc::driver::sys;

use super::device::Device;
use super::status::call;
use crate::backend::{BufferRule, Job, filled, initial};
use crate::record::{Rejection, Stage};

/// Some bytes on the GPU.
#[derive(Debug)]
pub(super) struct Memory {
    /// Where they are.
    pub at: sys::CUdeviceptr,
    /// How many.
    pub bytes: usize,
}

impl Memory {
    /// Bytes that hold anything; one at least.
    pub fn new(bytes: usize) -> Result<Self, String> {
        let (mut at, bytes) = (0, bytes.max(1));
        call!(sys::cuMemAlloc_v2(&mut at, bytes)).map_err(|why| format!("{why} for {bytes} bytes"))?;
        Ok(Self { at, bytes })
    }

    /// These bytes.
    pub fn of(device: &Device, bytes: &[u8]) -> Result<Self, String> {
        let memory = Self::new(bytes.len())?;
        call!(sys::cuMemcpyHtoDAsync_v2(memory.at, bytes.as_ptr().cast(), bytes.len(), device.stream))?;
        device.finish()?;
        Ok(memory)
    }

    /// Copies all of another that is as long.
    pub fn copy(&self, device: &Device, other: &Self) -> Result<(), String> {
        call!(sys::cuMemcpyDtoDAsync_v2(self.at, other.at, self.bytes.min(other.bytes), device.stream))
    }

    /// What it holds once all is done that was asked for.
    pub fn read(&self, device: &Device) -> Result<Vec<u8>, String> {
        let mut bytes = vec![0; self.bytes];
        call!(sys::cuMemcpyDtoHAsync_v2(bytes.as_mut_ptr().cast(), self.at, bytes.len(), device.stream))?;
        device.finish()?;
        Ok(bytes)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Err(why) = call!(sys::cuMemFree_v2(self.at)) {
            log::warn!("{why}");
        }
    }
}

/// The inputs and outputs that are on the GPU now.
#[derive(Default)]
pub(super) struct Tensors {
    /// Set 0 is what is timed on, those from 1 on are what the gates check on.
    pub sets: Vec<Vec<Rc<Memory>>>,
    /// With what each is before a run.
    pub outputs: Vec<(Memory, Memory)>,
    inputs: Vec<(BufferRule, Rc<Memory>)>,
    output_rules: Vec<BufferRule>,
}

impl Tensors {
    /// Makes what the job needs, and keeps what is there already.
    pub fn provide(&mut self, device: &Device, job: &Job) -> Result<(), Rejection> {
        let (mut inputs, mut sets) = (Vec::new(), Vec::new());
        for rules in std::iter::once(&job.inputs).chain(job.gates.iter().map(|gate| &gate.inputs)) {
            let set = rules.iter().map(|rule| self.input(device, rule, &mut inputs));
            sets.push(set.collect::<Result<Vec<_>, Rejection>>()?);
        }
        if self.output_rules != job.outputs {
            self.outputs.clear();
            self.outputs = job.outputs.iter().map(|rule| output(device, rule)).collect::<Result<_, _>>()?;
            self.output_rules = job.outputs.clone();
        }
        (self.sets, self.inputs) = (sets, inputs);
        Ok(())
    }

    /// The memory of a rule: one that this job has already, or one that is there from the job before, or a new one.
    fn input(
        &self,
        device: &Device,
        rule: &BufferRule,
        taken: &mut Vec<(BufferRule, Rc<Memory>)>,
    ) -> Result<Rc<Memory>, Rejection> {
        let known = taken.iter().chain(&self.inputs).find(|(other, _)| other == rule);
        let memory = match known {
            Some((_, memory)) => memory.clone(),
            None => Rc::new(Memory::of(device, &filled(rule)?).map_err(at_run)?),
        };
        if taken.iter().all(|(other, _)| other != rule) {
            taken.push((rule.clone(), memory.clone()));
        }
        Ok(memory)
    }
}

fn output(device: &Device, rule: &BufferRule) -> Result<(Memory, Memory), Rejection> {
    let before = Memory::of(device, &initial(rule)?).map_err(at_run)?;
    let memory = Memory::new(before.bytes).map_err(at_run)?;
    Ok((memory, before))
}

/// It is not a candidate's fault.
fn at_run(why: String) -> Rejection {
    Rejection::new(Stage::Run, why)
}
