//! How often a row is gone through, and what is computed in each sweep: the order of a chain with reductions.
//!
//! A reduction of what is known at first is done in the first sweep, one that needs it in the next, and so on; those that
//! can be done in one sweep are. What a later sweep needs of an earlier one is kept, or computed anew from the inputs.

use super::graph::{Graph, Id, Node};
use super::shape::Shape;

/// One pass over a row.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Sweep {
    /// Values along the row that an earlier sweep has kept.
    pub recalled: Vec<Id>,
    /// Values along the row, each after what it is made of.
    pub computed: Vec<Id>,
    /// Those of them that a later sweep needs.
    pub kept: Vec<Id>,
    /// The reductions that are done.
    pub folds: Vec<Id>,
    /// The outputs, as large as the elements, that are stored.
    pub stored: Vec<usize>,
}

/// The sweeps of a chain. Values are kept from one to the next where `keeps`.
pub(super) fn sweeps(shape: &Shape, graph: &Graph, keeps: bool) -> Vec<Sweep> {
    let mut sweeps = Vec::new();
    while let Some(sweep) = demands(shape, graph, sweeps.len()) {
        sweeps.push(sweep);
    }
    if keeps {
        keep(graph, &mut sweeps)
    } else {
        recompute(graph, &mut sweeps)
    }
    sweeps
}

/// What a sweep is for; `None` where everything has been done before it: no reduction can wait for a later sweep, since
/// whatever depends on so many is made of one that depends on one less.
fn demands(shape: &Shape, graph: &Graph, number: usize) -> Option<Sweep> {
    let is_due = |id: &Id| matches!(graph.nodes[*id], Node::Fold(_, inner) if graph.depth[inner] == number);
    let folds = (0..graph.nodes.len()).filter(is_due).collect();
    let large = |output: &usize| !shape.is_per_row(*output);
    let stored = (0..graph.outputs.len()).filter(large).filter(|o| graph.depth[graph.outputs[*o]] == number).collect();
    let sweep = Sweep { folds, stored, ..Sweep::default() };
    (!sweep.folds.is_empty() || !sweep.stored.is_empty()).then_some(sweep)
}

/// What a sweep is for, as values along the row.
fn roots(graph: &Graph, sweep: &Sweep) -> Vec<Id> {
    let folded = sweep.folds.iter().flat_map(|fold| graph.nodes[*fold].operands());
    folded.chain(sweep.stored.iter().map(|output| graph.outputs[*output])).filter(|id| graph.varies[*id]).collect()
}

fn recompute(graph: &Graph, sweeps: &mut [Sweep]) {
    for sweep in sweeps {
        sweep.computed = graph.varying_parts(&roots(graph, sweep));
    }
}

/// Each value is computed in the first sweep that needs it, and kept if a later one does.
fn keep(graph: &Graph, sweeps: &mut [Sweep]) {
    let mut uses = vec![Vec::new(); graph.nodes.len()];
    for (number, sweep) in sweeps.iter().enumerate() {
        roots(graph, sweep).into_iter().for_each(|root| uses[root].push(number));
    }
    for id in (0..graph.nodes.len()).rev().filter(|id| graph.varies[*id]) {
        let first = *uses[id].iter().min().expect("every value is part of an output");
        graph.nodes[id].operands().into_iter().for_each(|operand| uses[operand].push(first));
    }
    for id in (0..graph.nodes.len()).filter(|id| graph.varies[*id]) {
        let (first, last) = (*uses[id].iter().min().expect("as above"), *uses[id].iter().max().expect("as above"));
        sweeps[first].computed.push(id);
        if first < last {
            sweeps[first].kept.push(id);
        }
        let later = |number: &usize| *number > first && uses[id].contains(number);
        (0..sweeps.len()).filter(later).for_each(|number| sweeps[number].recalled.push(id));
    }
}

/// A place for each kept value, such that two values needed at once have different ones; with how many there are.
pub(super) fn places(sweeps: &[Sweep]) -> (Vec<(Id, usize)>, usize) {
    let last_use = |id: Id| sweeps.iter().rposition(|sweep| sweep.recalled.contains(&id)).unwrap_or(0);
    let mut taken_until: Vec<usize> = Vec::new();
    let mut places = Vec::new();
    for (number, sweep) in sweeps.iter().enumerate() {
        for id in &sweep.kept {
            // A value recalled for the last time makes room in the sweep that recalls it: it is read before others are kept.
            let free = taken_until.iter().position(|until| *until <= number);
            let place = free.unwrap_or(taken_until.len());
            if free.is_none() {
                taken_until.push(0);
            }
            taken_until[place] = last_use(*id);
            places.push((*id, place));
        }
    }
    (places, taken_until.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swept(text: &str, keeps: bool) -> (Graph, Vec<Sweep>) {
        let shape = Shape::of(&text.parse().unwrap()).unwrap();
        let graph = Graph::of(&shape);
        let sweeps = sweeps(&shape, &graph, keeps);
        (graph, sweeps)
    }

    /// Reductions of each sweep, values kept at once, and inputs read in each sweep without keeping.
    #[test]
    fn sweeps_are_as_few_as_they_can_be() {
        let cases: [(&str, &[usize], usize, &[usize]); 8] = [
            ("chain:f32:r4c8:exp(x-amax(x))/sum(exp(x-amax(x)))", &[1, 1, 0], 1, &[1, 1, 1]),
            ("chain:f32:r4c8:(x-mean(x))/sqrt(mean((x-mean(x))*(x-mean(x)))+0.1)*g[c]+b[c]", &[1, 1, 0], 1, &[1, 1, 3]),
            ("chain:f32:r4c8:x/sqrt(mean(x*x)+0.1)*g[c]", &[1, 0], 1, &[1, 2]),
            ("chain:f32:r4c8:mean(x*x)-mean(x)*mean(x)", &[2], 0, &[1]),
            ("chain:f32:r4c8:h=x+y;out=h-mean(h)", &[1, 0], 1, &[2, 2]),
            ("chain:f32:r4c8:h=x+y;m=amax(h)", &[1], 0, &[2]),
            ("chain:f32:r4c8:a=x-mean(x);b=y-amax(y)", &[2, 0], 2, &[2, 2]),
            ("chain:f32:r4c8:sum(x*w[c])*x+amax(y*y)", &[2, 0], 1, &[3, 1]),
        ];
        for (text, folds, kept, inputs) in cases {
            let (_, kept_sweeps) = swept(text, true);
            assert_eq!(kept_sweeps.iter().map(|s| s.folds.len()).collect::<Vec<_>>(), folds, "{text}");
            assert_eq!(places(&kept_sweeps).1, kept, "{text}: {kept_sweeps:?}");
            let (graph, sweeps) = swept(text, false);
            let reads =
                |sweep: &Sweep| sweep.computed.iter().filter(|id| matches!(graph.nodes[**id], Node::Input(_))).count();
            assert_eq!(sweeps.iter().map(reads).collect::<Vec<_>>(), inputs, "{text}");
        }
    }

    /// Every value along the row is computed exactly once, after what it is made of.
    #[test]
    fn kept_values_are_computed_once() {
        let text = "chain:f32:r4c8:h=x*2+y;d=h-mean(h);out=d/sqrt(mean(d*d)+0.1)+amin(exp(d))";
        let (graph, sweeps) = swept(text, true);
        let mut known = Vec::new();
        for sweep in &sweeps {
            for id in &sweep.computed {
                let along = graph.nodes[*id].operands().into_iter().filter(|id| graph.varies[*id]);
                assert!(along.into_iter().all(|part| known.contains(&part)), "{id} in {sweeps:?}");
                assert!(!known.contains(id));
                known.push(*id);
            }
        }
        assert_eq!(known.len(), graph.varies.iter().filter(|varies| **varies).count());
    }
}
