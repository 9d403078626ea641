//! Kernels with interfaces of their own, and jobs that check and time them.

use std::path::Path;

use wgtune::backend::{BufferRule, Deadlines, Entrant, Expected, ExpectedFile, Gate, Job, When};
use wgtune::base::{Approx, Distribution, ElementType, Fill};
use wgtune::code::{Access, Binding, Block, BufferRef, Declared, Dispatch, Kernel, Program, Slot, Temporary};
use wgtune::record::{Mode, Numerics, Stage};

use crate::common::programs::TIMING;

/// A program on its data, with what must come of it.
#[derive(Clone)]
pub struct Case {
    pub name: &'static str,
    pub program: Program,
    pub n: u64,
    pub inputs: Vec<BufferRule>,
    pub outputs: Vec<BufferRule>,
    pub expected: Vec<Vec<f64>>,
    /// Where it is rejected, with this in the reason; `None` where it is right.
    pub wrong: Option<(Stage, &'static str)>,
}

impl Case {
    /// The same, rejected.
    pub fn rejected(self, name: &'static str, stage: Stage, part: &'static str) -> Self {
        Self { name, wrong: Some((stage, part)), ..self }
    }

    /// The same with another text in the first kernel.
    pub fn replace(mut self, old: &str, new: &str) -> Self {
        let code = &mut self.program.kernels[0].code;
        assert!(code.contains(old), "`{old}` is not in:\n{code}");
        *code = code.replace(old, new);
        self
    }

    /// The same with something else about the first kernel.
    pub fn with(mut self, change: impl FnOnce(&mut Kernel)) -> Self {
        change(&mut self.program.kernels[0]);
        self
    }

    /// The interface that the first kernel's author declared.
    pub fn declared(mut self, change: impl FnOnce(&mut Declared)) -> Self {
        change(self.program.kernels[0].declared.as_mut().unwrap());
        self
    }

    /// A job that checks it before timing and afterwards.
    pub fn job(&self, mode: Mode, folder: &Path) -> Job {
        let expected = self.expected.iter().map(|values| values.iter().map(|value| Approx::exact(*value)).collect());
        let expected: Vec<Expected> = expected.map(Expected::all).collect();
        let expected = ExpectedFile::write(&folder.join(self.name), &expected).unwrap();
        let gate = |when| Gate {
            name: "all".to_owned(),
            inputs: self.inputs.clone(),
            numerics: Numerics::Exact,
            expected: expected.clone(),
            runs: 2,
            agreement: false,
            even_naive: true,
            when,
        };
        // What an author declares is not split.
        let entrant = Entrant { most_workgroups: Some(1), ..Entrant::whole(self.program.clone(), mode) };
        Job {
            entrants: vec![entrant],
            symbols: [("n".to_owned(), self.n)].into(),
            inputs: self.inputs.clone(),
            outputs: self.outputs.clone(),
            gates: vec![gate(When::Before), gate(When::After)],
            naive: Vec::new(),
            timing: Some(TIMING),
            sentinel: None,
            keep: None,
            deadlines: Deadlines::default(),
            seed: 1,
        }
    }
}

/// A buffer without contents.
pub fn buffer(name: &str, element: ElementType, elements: u64) -> BufferRule {
    BufferRule { name: name.to_owned(), element, elements, fill: None, file: None }
}

/// The same buffer with contents by rule.
pub fn filled(buffer: BufferRule, distribution: Distribution) -> BufferRule {
    BufferRule { fill: Some(Fill { seed: 5, distribution }), ..buffer }
}

/// The contents of a filled buffer.
pub fn values(buffer: &BufferRule) -> Vec<f64> {
    let fill = buffer.fill.unwrap();
    (0..buffer.elements).map(|i| buffer.element.quantise(fill.value(i))).collect()
}

/// A storage buffer of a text: its name, what is done with it, its group and binding.
pub fn bound(name: &str, access: Access, group: u32, binding: u32) -> (Binding, Slot) {
    (Binding { name: name.to_owned(), access }, Slot { group, binding, exact: false, length: None })
}

/// The same, bound to its elements alone.
pub fn exact(bound: (Binding, Slot)) -> (Binding, Slot) {
    (bound.0, Slot { exact: true, ..bound.1 })
}

/// A kernel as its author wrote it.
pub fn kernel(code: &str, buffers: Vec<(Binding, Slot)>, size: [u32; 3], grid: [&str; 3]) -> Kernel {
    let (bindings, slots) = buffers.into_iter().unzip();
    Kernel {
        entry: "main".to_owned(),
        code: code.to_owned(),
        uniforms: Vec::new(),
        bindings,
        workgroup_size: size,
        grid: grid.map(|text| text.parse().unwrap()),
        declared: Some(Declared { slots, blocks: Vec::new() }),
    }
}

/// The same with a uniform block.
pub fn with_block(mut kernel: Kernel, group: u32, binding: u32, words: &[u32]) -> Kernel {
    let block = Block { name: "params".to_owned(), group, binding, words: words.to_vec() };
    kernel.declared.as_mut().unwrap().blocks.push(block);
    kernel
}

/// Two kernels, from the input to a temporary and from there to the output.
pub fn through_a_temporary(first: Kernel, second: Kernel, bytes: &str) -> Program {
    let temporary = Temporary { name: "partial".to_owned(), bytes: bytes.parse().unwrap() };
    let dispatch = |kernel, from, to| Dispatch { kernel, buffers: vec![from, to] };
    let run = vec![
        dispatch(0, BufferRef::Input(0), BufferRef::Temporary(0)),
        dispatch(1, BufferRef::Temporary(0), BufferRef::Output(0)),
    ];
    Program { kernels: vec![first, second], temporaries: vec![temporary], run, ..Program::nothing() }
}
