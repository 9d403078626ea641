//! A kernel that is right, and mistakes that are made in it: as data, and applied to the emitted text.

use wgtune::code::Access;
use wgtune::measure::{Candidate, Measure};

/// A right kernel, and the mistakes to be made in it.
pub struct Family {
    /// What it computes; sizes that its tiles do not divide.
    pub workload: &'static str,
    /// `operator/name` of what emits it.
    pub template: &'static str,
    /// The config, in full, as configs are printed.
    pub config: &'static str,
    /// What goes wrong in it.
    pub mutants: &'static [Mutant],
}

/// A mistake.
pub struct Mutant {
    /// In words.
    pub mistake: &'static str,
    /// The changes of the text that make it, in order.
    pub edits: &'static [Edit],
    /// Splits the grid into dispatches of so many workgroups.
    pub split: Option<u64>,
    /// Why it is not rejected; `None` for what must be.
    pub excuse: Option<&'static str>,
}

/// A change of the text.
pub enum Edit {
    /// What stands in the text exactly once, and what stands there instead.
    Once(&'static str, &'static str),
    /// What stands there once or more often, and what stands there instead, everywhere.
    Every(&'static str, &'static str),
    /// A buffer that is read, by its name and type, becomes one to write to, so that the next edits can.
    Writable(&'static str, &'static str),
}

/// A mistake that these changes make.
pub const fn mutant(mistake: &'static str, edits: &'static [Edit]) -> Mutant {
    Mutant { mistake, edits, split: None, excuse: None }
}

impl Mutant {
    /// Seen only where the grid is split into dispatches of so many workgroups.
    pub const fn split(self, most_workgroups: u64) -> Self {
        Self { split: Some(most_workgroups), ..self }
    }

    /// Not rejected, and why.
    pub const fn excused(self, why: &'static str) -> Self {
        Self { excuse: Some(why), ..self }
    }

    /// The candidate with this mistake in it.
    pub fn made_in(&self, right: &Candidate) -> Result<Candidate, String> {
        let mut wrong = right.clone();
        for edit in self.edits {
            edit.apply(&mut wrong).map_err(|why| format!("{}: {why}", self.mistake))?;
        }
        wrong.hash = wrong.program.hash();
        Ok(wrong)
    }
}

impl Edit {
    fn apply(&self, candidate: &mut Candidate) -> Result<(), String> {
        match self {
            Self::Once(find, replace) => substitute(candidate, find, replace, |count| count == 1),
            Self::Every(find, replace) => substitute(candidate, find, replace, |count| count > 0),
            Self::Writable(name, element) => {
                let [read, write] =
                    ["read", "read_write"].map(|access| format!("<storage, {access}> {name}: {element}"));
                substitute(candidate, &read, &write, |count| count == 1)?;
                let kernel = candidate.program.kernels.iter_mut().find(|kernel| kernel.code.contains(&write));
                let bindings = kernel.into_iter().flat_map(|kernel| &mut kernel.bindings);
                bindings.filter(|binding| binding.name == *name).for_each(|binding| binding.access = Access::ReadWrite);
                Ok(())
            }
        }
    }
}

fn substitute(candidate: &mut Candidate, find: &str, replace: &str, is_meant: fn(usize) -> bool) -> Result<(), String> {
    let kernels = &mut candidate.program.kernels;
    let count = kernels.iter().map(|kernel| kernel.code.matches(find).count()).sum();
    for kernel in kernels {
        kernel.code = kernel.code.replace(find, replace);
    }
    if is_meant(count) { Ok(()) } else { Err(format!("the template says {count} times `{find}`")) }
}

impl Family {
    /// The kernel without a mistake.
    pub fn right(&self, measure: &mut Measure) -> Result<Candidate, String> {
        let templates = measure.signature().operator.templates();
        let template = templates
            .into_iter()
            .find(|template| template.name() == self.template)
            .ok_or_else(|| format!("no template is called {}", self.template))?;
        let space = std::sync::Arc::new(template.space(measure.signature(), measure.device()));
        let pairs = self.config.split(' ').filter_map(|pair| pair.split_once('='));
        let values = pairs.map(|(name, value)| (name.to_owned(), value.parse::<i64>().expect("a number").into()));
        let config =
            space.config(&values.collect()).map_err(|e| format!("{} [{}]: {e}", self.template, self.config))?;
        Ok(measure.candidate(&template, config))
    }
}
