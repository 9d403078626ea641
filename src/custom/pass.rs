//! The launches of a description: which text, which entry point, how many workgroups, bound to what.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use toml::{Spanned, Value};

use super::description::Pass;
use super::formula::{Formula, Place, Scope};
use super::problem::{Checked, Problem, Source};

/// A launch whose expressions are understood.
#[derive(Clone, Debug)]
pub struct PassSpec {
    /// Which of the texts it is from.
    pub text: usize,
    /// The entry point, where it was named.
    pub entry: Option<String>,
    /// Workgroups in each direction.
    pub grid: Vec<Formula>,
    /// Invocations of a workgroup in each direction, where the author says them too.
    pub workgroup: Vec<Formula>,
    /// Whether it is launched at all.
    pub when: Option<Formula>,
    /// How often.
    pub repeat: Option<Formula>,
    /// Which buffer a variable is bound to, where its name is another.
    pub bind: BTreeMap<String, String>,
    /// What changes places at each odd step.
    pub swap: Option<[String; 2]>,
    /// Values of uniform blocks, by block and member.
    pub uniforms: Uniforms,
    /// Where it is described.
    pub place: Place,
}

/// Values of uniform blocks, by block and member: one for each component.
pub type Uniforms = BTreeMap<String, BTreeMap<String, Vec<Formula>>>;

/// The name that counts repetitions.
pub const STEP: &str = "step";

impl PassSpec {
    /// Reads a pass of the text with this number; `names` are sizes and parameters.
    pub fn read(source: &Arc<Source>, pass: &Pass, text: usize, names: &BTreeSet<String>) -> Checked<Self> {
        let place = Self::place(source, pass)?;
        let mut inside = names.clone();
        if pass.repeat.is_some() {
            inside.insert(STEP.to_owned());
        }
        let scope = Scope { names: &inside, what: "a size or a parameter" };
        let outer = Scope { names, what: "a size or a parameter" };
        let formulas = |values: &[Spanned<Value>]| {
            values.iter().map(|value| Formula::read(source, value, &scope)).collect::<Checked<Vec<_>>>()
        };
        if pass.grid.len() > 3 || pass.workgroup.len() > 3 {
            return Err(place
                .problem("there are three directions, x, y and z")
                .help("write at most three expressions"));
        }
        Ok(Self {
            text,
            entry: pass.entry.as_ref().map(|entry| entry.get_ref().clone()),
            grid: formulas(&pass.grid)?,
            workgroup: formulas(&pass.workgroup)?,
            when: pass.when.as_ref().map(|when| Formula::text(source, when, &outer)).transpose()?,
            repeat: pass.repeat.as_ref().map(|repeat| Formula::read(source, repeat, &outer)).transpose()?,
            bind: pass.bind.iter().map(|(name, to)| (name.get_ref().clone(), to.get_ref().clone())).collect(),
            swap: pass.swap.as_ref().map(|swap| swap.get_ref().clone()),
            uniforms: uniforms(source, &pass.uniforms, &scope)?,
            place,
        })
    }

    /// Something of it that can be pointed at.
    fn place(source: &Arc<Source>, pass: &Pass) -> Checked<Place> {
        match (pass.grid.first(), &pass.entry) {
            (Some(_), Some(entry)) => Ok(Place::of(source, entry)),
            (Some(grid), None) => Ok(Place::of(source, grid)),
            (None, Some(entry)) => Err(no_grid(Place::of(source, entry).problem("this pass has no grid"))),
            (None, None) => Err(no_grid(Problem::new("a pass has no grid").at(source, 0..0, ""))),
        }
    }
}

fn no_grid(problem: Problem) -> Problem {
    problem.help("say how many workgroups are launched, such as grid = [\"ceil_div(n, 64)\"]")
}

/// Reads the values of uniform blocks.
pub fn uniforms(
    source: &Arc<Source>,
    blocks: &IndexMap<Spanned<String>, IndexMap<Spanned<String>, Spanned<Value>>>,
    scope: &Scope,
) -> Checked<Uniforms> {
    let mut uniforms = Uniforms::new();
    for (block, members) in blocks {
        let read = uniforms.entry(block.get_ref().clone()).or_default();
        for (member, value) in members {
            read.insert(member.get_ref().clone(), components(source, value, scope)?);
        }
    }
    Ok(uniforms)
}

/// One value, or one for each component of a vector.
fn components(source: &Arc<Source>, value: &Spanned<Value>, scope: &Scope) -> Checked<Vec<Formula>> {
    match value.get_ref() {
        Value::Array(list) => {
            let at = value.span();
            let one = |value: &Value| Formula::read(source, &Spanned::new(at.clone(), value.clone()), scope);
            list.iter().map(one).collect()
        }
        _ => Ok(vec![Formula::read(source, value, scope)?]),
    }
}
