//! From the passes of a description to a program: texts instantiated, variables bound to buffers, grids worked out.

use std::collections::BTreeMap;

use super::block;
use super::buffer::BufferSpec;
use super::description::Role;
use super::pass::{PassSpec, STEP, Uniforms};
use super::problem::Checked;
use super::wgsl::{Instance, Wgsl};
use crate::base::ElementType;
use crate::check::{Entry, Global, GlobalKind, Storage};
use crate::code::language::Names;
use crate::code::{Access, Binding, BufferRef, Declared, Dispatch, Formula, Kernel, Program, Slot, Temporary};

/// What is launched, in order.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The WGSL that passes are from.
    pub texts: Vec<Wgsl>,
    /// The launches.
    pub passes: Vec<PassSpec>,
    /// Values of uniform blocks for all passes.
    pub uniforms: Uniforms,
}

/// A buffer as a program can be bound to it.
#[derive(Clone, Debug)]
struct Bindable {
    to: BufferRef,
    element: ElementType,
    bytes: u64,
    role: Role,
}

/// Most kernels of one run, each with its text and its uniform values.
const MOST_KERNELS: usize = 64;

/// Most launches of one run.
const MOST_DISPATCHES: u64 = 1024;

impl Plan {
    /// The program over these buffers for these sizes and values of parameters.
    pub fn program(&self, names: &Names, buffers: &[BufferSpec]) -> Checked<Program> {
        let (temporaries, bindable) = shelve(names, buffers)?;
        let instances: Vec<Instance> = self.texts.iter().map(|text| text.instantiate(names)).collect::<Checked<_>>()?;
        let mut program = Program { temporaries, ..Program::nothing() };
        for pass in &self.passes {
            if pass.when.as_ref().map_or(Ok(true), |when| when.holds(names))? {
                let build = Build { pass, instance: &instances[pass.text], plan: self, bindable: &bindable };
                build.launches(names, &mut program)?;
            }
        }
        if program.run.is_empty() {
            let problem =
                self.passes[0].place.problem("nothing is launched: each pass is left out by its `when` or `repeat`");
            return Err(problem.help("let at least one pass run for these sizes and values"));
        }
        Ok(program)
    }
}

/// Temporaries, and what every buffer is for a program.
fn shelve(names: &Names, buffers: &[BufferSpec]) -> Checked<(Vec<Temporary>, BTreeMap<String, Bindable>)> {
    let (mut inputs, mut outputs, mut temporaries) = (0, 0, Vec::new());
    let mut bindable = BTreeMap::new();
    for buffer in buffers {
        let bytes = buffer.elements(names)? * buffer.element.bytes();
        let next = |count: &mut usize| std::mem::replace(count, *count + 1);
        let to = match buffer.role {
            Role::Input => BufferRef::Input(next(&mut inputs)),
            Role::Output | Role::InOut => BufferRef::Output(next(&mut outputs)),
            Role::Temporary => {
                temporaries.push(Temporary { name: buffer.name.clone(), bytes: Formula::from(bytes) });
                BufferRef::Temporary(temporaries.len() - 1)
            }
        };
        bindable.insert(buffer.name.clone(), Bindable { to, element: buffer.element, bytes, role: buffer.role });
    }
    Ok((temporaries, bindable))
}

/// One pass on its way into a program.
struct Build<'a> {
    pass: &'a PassSpec,
    instance: &'a Instance<'a>,
    plan: &'a Plan,
    bindable: &'a BTreeMap<String, Bindable>,
}

impl Build<'_> {
    fn launches(&self, names: &Names, program: &mut Program) -> Checked<()> {
        let repeat =
            |formula: &super::formula::Formula| formula.whole(names, "the number of repetitions", 0, MOST_DISPATCHES);
        let count = self.pass.repeat.as_ref().map_or(Ok(1), repeat)?;
        let mut names = names.clone();
        for step in 0..count {
            if self.pass.repeat.is_some() {
                names.insert(STEP.to_owned(), (step as i64).into());
            }
            if program.run.len() as u64 == MOST_DISPATCHES {
                let message = format!("one run has more than {MOST_DISPATCHES} launches");
                return Err(self.pass.place.problem(message).help("launch less often"));
            }
            let (kernel, buffers) = self.launch(step, &names)?;
            let known = program.kernels.iter().position(|other| *other == kernel);
            if known.is_none() && program.kernels.len() == MOST_KERNELS {
                let message =
                    format!("one run has more than {MOST_KERNELS} kernels: each set of uniform values compiles anew");
                return Err(self
                    .pass
                    .place
                    .problem(message)
                    .help("repeat less often, or let no uniform depend on `step`"));
            }
            let kernel = known.unwrap_or_else(|| {
                program.kernels.push(kernel);
                program.kernels.len() - 1
            });
            program.run.push(Dispatch { kernel, buffers });
        }
        Ok(())
    }

    fn launch(&self, step: u64, names: &Names) -> Checked<(Kernel, Vec<BufferRef>)> {
        let entry = self.entry()?;
        self.check_workgroup(entry, names)?;
        let globals = entry.buffers.iter().map(|at| &self.instance.interface.globals[*at]);
        let (mut bindings, mut slots, mut buffers, mut blocks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for global in globals {
            match &global.kind {
                GlobalKind::Storage(storage) => {
                    let bound = self.bound(global, step)?;
                    bindings.push(Binding { name: global.name.clone(), access: storage.access });
                    let length = storage.stride_bytes.filter(|stride| storage.asks_length && *stride > 0);
                    let length = length.map(|stride| bound.bytes.saturating_sub(storage.head_bytes) / stride);
                    let length = length.and_then(|length| u32::try_from(length).ok());
                    let exact = storage.asks_length;
                    slots.push(Slot { group: global.group, binding: global.binding, exact, length });
                    buffers.push(bound.to);
                }
                GlobalKind::Uniform { .. } => {
                    let given = [&self.pass.uniforms, &self.plan.uniforms];
                    blocks.push(block::fill(self.instance, global, given, names)?);
                }
                GlobalKind::Other(what) => {
                    let message = format!("`{}` is {what}, which cannot be bound", global.name);
                    let problem = self.instance.problem(&global.at, message);
                    return Err(problem.help("use storage buffers and uniform blocks"));
                }
            }
        }
        self.refuse_aliases(&bindings, &buffers)?;
        let kernel = Kernel {
            entry: entry.name.clone(),
            code: self.instance.code().to_owned(),
            uniforms: Vec::new(),
            bindings,
            workgroup_size: entry.workgroup_size,
            grid: self.grid(names)?.map(Formula::from),
            declared: Some(Declared { slots, blocks }),
        };
        Ok((kernel, buffers))
    }

    /// The entry point that was named, or the only one.
    fn entry(&self) -> Checked<&Entry> {
        let entries = &self.instance.interface.entries;
        let known: Vec<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        match (&self.pass.entry, entries.as_slice()) {
            (Some(name), _) => entries.iter().find(|entry| entry.name == *name).ok_or_else(|| {
                let problem = self.pass.place.problem(format!("the WGSL has no compute entry point `{name}`"));
                problem.help(format!("there are: {}", known.join(", ")))
            }),
            (None, [only]) => Ok(only),
            (None, []) => {
                let problem = self.pass.place.problem("the WGSL has no compute entry point");
                Err(problem.help("write @compute @workgroup_size(…) before one of its functions"))
            }
            (None, _) => {
                let problem = self.pass.place.problem("the WGSL has several entry points, and this pass names none");
                Err(problem.help(format!("write entry = one of: {}", known.join(", "))))
            }
        }
    }

    fn check_workgroup(&self, entry: &Entry, names: &Names) -> Checked<()> {
        for (direction, formula) in self.pass.workgroup.iter().enumerate() {
            let size = formula.whole(names, "the workgroup's size", 1, u64::from(u32::MAX))?;
            let written = u64::from(entry.workgroup_size[direction]);
            if size != written {
                let axis = ["x", "y", "z"][direction];
                let message = format!("the workgroup's size in {axis} is {size} here and {written} in the WGSL");
                return Err(formula.problem(message).help("let both say the same, or leave `workgroup` away"));
            }
        }
        Ok(())
    }

    fn grid(&self, names: &Names) -> Checked<[u64; 3]> {
        let mut grid = [1; 3];
        for (extent, formula) in grid.iter_mut().zip(&self.pass.grid) {
            *extent = formula.whole(names, "the grid", 1, u64::from(u32::MAX))?;
        }
        Ok(grid)
    }

    /// The buffer that a variable is bound to at a step.
    fn bound(&self, global: &Global, step: u64) -> Checked<&Bindable> {
        let named = self.pass.bind.get(&global.name).unwrap_or(&global.name);
        let name = match &self.pass.swap {
            Some([one, other]) if step % 2 == 1 && named == one => other,
            Some([one, other]) if step % 2 == 1 && named == other => one,
            _ => named,
        };
        let Some(bindable) = self.bindable.get(name) else {
            let known: Vec<&str> = self.bindable.keys().map(String::as_str).collect();
            let message = format!("the WGSL declares `{}`, and there is no buffer `{name}`", global.name);
            let help = format!(
                "describe it under [buffers], or bind the variable to one of: {}, by bind = {{ {} = \"…\" }} in the pass",
                known.join(", "),
                global.name
            );
            return Err(self.instance.problem(&global.at, message).help(help));
        };
        self.check_bound(global, name, bindable)?;
        Ok(bindable)
    }

    /// Whether a variable and the buffer that it is bound to fit.
    fn check_bound(&self, global: &Global, name: &str, bindable: &Bindable) -> Checked<()> {
        let GlobalKind::Storage(storage) = &global.kind else { return Ok(()) };
        let Storage { access, element, fixed_bytes, head_bytes, stride_bytes, .. } = storage;
        let wrong = |message: String, help: &str| Err(self.instance.problem(&global.at, message).help(help));
        let Bindable { element: described, bytes, role, .. } = bindable;
        match element {
            Some(element) if element == described => {}
            Some(element) => {
                let message = format!("`{name}` is made of {element} here and of {described} under [buffers]");
                return wrong(message, "give both the same type");
            }
            None => {
                let message =
                    format!("`{name}` mixes types of numbers, so its contents can be neither made nor compared");
                return wrong(message, "give each type a buffer of its own, or use bitcast");
            }
        }
        if *role == Role::Output && *access == Access::Read {
            // Another pass may write it; that one must is checked by its poison.
            return Ok(());
        }
        if storage.asks_length && bytes % 4 != 0 {
            let message =
                format!("`{name}` has {bytes} bytes, and `arrayLength` of it would count what fills the last four");
            return wrong(message, "take its length from a uniform block instead");
        }
        match (fixed_bytes, stride_bytes) {
            (Some(fixed), _) if fixed > bytes => {
                let message = format!("`{name}` has {fixed} bytes here and {bytes} under [buffers]");
                wrong(message, "make the buffer as large as the array")
            }
            (None, Some(stride))
                if *stride > 0 && bytes.checked_sub(*head_bytes).is_none_or(|rest| rest % stride != 0) =>
            {
                let message = format!("`{name}` has {bytes} bytes, which is no multiple of an element's {stride}");
                wrong(
                    message,
                    "count scalars in its size: a vec4<f32> is four, and a vec3<f32> takes the place of four",
                )
            }
            _ => Ok(()),
        }
    }

    /// WebGPU lets nothing else use a buffer that is written in the same launch.
    fn refuse_aliases(&self, bindings: &[Binding], buffers: &[BufferRef]) -> Checked<()> {
        let writes = bindings.iter().zip(buffers).filter(|(binding, _)| binding.access == Access::ReadWrite);
        for (binding, buffer) in writes {
            if buffers.iter().filter(|other| *other == buffer).count() > 1 {
                let message =
                    format!("what `{}` writes is bound to another variable of the same pass too", binding.name);
                return Err(self.pass.place.problem(message).help("bind two variables to two buffers"));
            }
        }
        Ok(())
    }
}
