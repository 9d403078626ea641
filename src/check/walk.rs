//! Walks the statements of a kernel and adds up what one invocation does.

use std::collections::BTreeSet;

use naga::valid::FunctionInfo;
use naga::{Barrier, Block, Expression, Function, Handle, Span, Statement};

use super::costs::Costs;
use super::counts::Counts;
use super::parse::Parsed;
use super::trips;
use super::uniforms::Uniforms;
use super::values::Values;
use crate::record::{Rejection, Stage};

/// What one invocation does, and where that is not known.
pub(super) struct Tally {
    pub(super) counts: Counts,
    /// A sentence for each loop whose trip count can't be read, in the order of the text.
    pub(super) uncounted: Vec<String>,
}

/// What to do about a loop whose trip count can't be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Uncounted {
    /// The kernel is refused.
    Refused,
    /// It counts as one trip, and is told.
    Once,
}

/// Counts what one invocation of the entry point does, with these values in the uniform blocks.
pub(super) fn count(
    text: &str,
    parsed: &Parsed,
    uniforms: &Uniforms,
    uncounted: Uncounted,
) -> Result<Tally, Rejection> {
    let mut callees = Vec::with_capacity(parsed.module.functions.len());
    // A function calls only earlier ones. One that can't be counted matters only if it is called.
    for (handle, function) in parsed.module.functions.iter() {
        let walk = Walk::new(text, parsed, function, &parsed.info[handle], uniforms, &callees, uncounted);
        let callee = walk.callee(&function.body);
        callees.push(callee);
    }
    let entry = &parsed.entry().function;
    let entry = Walk::new(text, parsed, entry, parsed.entry_info(), uniforms, &callees, uncounted).callee(&entry.body);
    let loops = uncounted_loops(&entry, &callees);
    let sentence = |(line, why): (u32, &str)| format!("line {line}: a loop's trip count can't be read ({why})");
    Ok(Tally { counts: entry.counts?, uncounted: loops.into_iter().map(sentence).collect() })
}

/// What is known of a function once it has been walked through.
struct Callee {
    counts: Result<Counts, Rejection>,
    /// The functions that it calls.
    calls: BTreeSet<usize>,
    /// The lines of its loops that can't be counted, and why.
    uncounted: Vec<(u32, &'static str)>,
}

/// The loops of a function, and of all that it calls, that can't be counted.
fn uncounted_loops(entry: &Callee, callees: &[Callee]) -> BTreeSet<(u32, &'static str)> {
    let mut loops: BTreeSet<_> = entry.uncounted.iter().copied().collect();
    let mut called = entry.calls.clone();
    // Calls lead to earlier functions only, so the last one left has all its callers behind it.
    while let Some(last) = called.pop_last() {
        loops.extend(&callees[last].uncounted);
        called.extend(&callees[last].calls);
    }
    loops
}

struct Walk<'a> {
    text: &'a str,
    costs: Costs<'a>,
    values: Values<'a>,
    /// How often each of the function's variables is written to.
    stores: Vec<u32>,
    /// The functions before this one.
    callees: &'a [Callee],
    on_uncounted: Uncounted,
    calls: BTreeSet<usize>,
    uncounted: Vec<(u32, &'static str)>,
}

impl<'a> Walk<'a> {
    fn new(
        text: &'a str,
        parsed: &'a Parsed,
        function: &'a Function,
        info: &'a FunctionInfo,
        uniforms: &'a Uniforms,
        callees: &'a [Callee],
        on_uncounted: Uncounted,
    ) -> Self {
        let module = &parsed.module;
        let mut stores = vec![0; function.local_variables.len()];
        count_stores(function, &function.body, &mut stores);
        let values = Values::new(module, function, info, uniforms);
        let costs = Costs { module, function, info, subgroup: parsed.subgroup };
        let (calls, uncounted) = (BTreeSet::new(), Vec::new());
        Self { text, costs, values, stores, callees, on_uncounted, calls, uncounted }
    }

    /// Walks through the whole function.
    fn callee(mut self, body: &Block) -> Callee {
        let counts = self.block(body);
        Callee { counts, calls: self.calls, uncounted: self.uncounted }
    }

    fn block(&mut self, block: &Block) -> Result<Counts, Rejection> {
        let mut total = Counts::default();
        for (i, (statement, span)) in block.span_iter().enumerate() {
            let counts = match statement {
                Statement::Loop { body, continuing, break_if } => {
                    let reading = match break_if {
                        Some(_) => Err("it ends by `break if`"),
                        None => trips::read(&mut self.values, &self.stores, &block[..i], body, continuing),
                    };
                    match reading {
                        Ok(counted) => self.repeat(&counted, body, continuing)?,
                        Err(why) => self.once(*span, why, body, continuing)?,
                    }
                }
                other => self.statement(other)?,
            };
            total = total.plus(counts);
        }
        Ok(total)
    }

    fn repeat(&mut self, counted: &trips::Counted, body: &Block, continuing: &Block) -> Result<Counts, Rejection> {
        let leaving = Counts { loop_iterations: 1, ..Counts::default() };
        if counted.trips == 0 {
            return Ok(leaving);
        }
        self.values.enter(counted.counter, counted.range);
        let trip = self.block(body)?.plus(self.block(continuing)?).plus(leaving);
        self.values.leave(counted.counter);
        Ok(trip.times(counted.trips).plus(leaving))
    }

    /// A loop whose trip count can't be read.
    fn once(&mut self, span: Span, why: &'static str, body: &Block, continuing: &Block) -> Result<Counts, Rejection> {
        let line = span.location(self.text).line_number;
        if self.on_uncounted == Uncounted::Refused {
            return Err(refused(line, why));
        }
        self.uncounted.push((line, why));
        let trip = self.block(body)?.plus(self.block(continuing)?);
        Ok(trip.plus(Counts { loop_iterations: 2, ..Counts::default() }))
    }

    fn statement(&mut self, statement: &Statement) -> Result<Counts, Rejection> {
        Ok(match statement {
            Statement::Emit(range) => range.clone().fold(Counts::default(), |sum, e| sum.plus(self.emit(e))),
            Statement::Block(block) => self.block(block)?,
            Statement::If { accept, reject, .. } => self.block(accept)?.max(self.block(reject)?),
            Statement::Switch { cases, .. } => {
                let mut most = Counts::default();
                for case in cases {
                    most = most.max(self.block(&case.body)?);
                }
                most
            }
            Statement::Call { function, .. } => {
                self.calls.insert(function.index());
                self.callees[function.index()].counts.clone()?
            }
            Statement::Store { pointer, value } => self.costs.store(*pointer, *value),
            Statement::CooperativeStore { target, data } => self.costs.store(data.pointer, *target),
            Statement::Atomic { pointer, value, .. } => {
                self.costs.load(*pointer, *value).plus(self.costs.store(*pointer, *value))
            }
            Statement::ControlBarrier(barrier) => barriers(u64::from(*barrier != Barrier::SUB_GROUP)),
            Statement::WorkGroupUniformLoad { pointer, result } => self.costs.load(*pointer, *result).plus(barriers(2)),
            Statement::SubgroupBallot { .. }
            | Statement::SubgroupGather { .. }
            | Statement::SubgroupCollectiveOperation { .. } => Counts { subgroup_operations: 1, ..Counts::default() },
            _ => Counts::default(),
        })
    }

    fn emit(&mut self, expression: Handle<Expression>) -> Counts {
        self.values.emit(expression);
        self.costs.expression(expression)
    }
}

fn refused(line: u32, why: &str) -> Rejection {
    let advice = "write it as `for (var k = 0u; k < bound; k += step)`";
    Rejection::new(Stage::Validate, format!("line {line}: a loop's trip count can't be read ({why}): {advice}"))
}

fn barriers(barriers: u64) -> Counts {
    Counts { barriers, ..Counts::default() }
}

/// Adds up how often each variable is written to; one whose address is handed to a function counts as written often.
fn count_stores(function: &Function, block: &Block, stores: &mut [u32]) {
    for statement in block {
        match statement {
            Statement::Store { pointer, .. } => add_store(function, *pointer, 1, stores),
            Statement::Call { arguments, .. } => {
                arguments.iter().for_each(|argument| add_store(function, *argument, 3, stores));
            }
            Statement::Block(block) => count_stores(function, block, stores),
            Statement::If { accept, reject, .. } => {
                count_stores(function, accept, stores);
                count_stores(function, reject, stores);
            }
            Statement::Switch { cases, .. } => {
                cases.iter().for_each(|case| count_stores(function, &case.body, stores));
            }
            Statement::Loop { body, continuing, .. } => {
                count_stores(function, body, stores);
                count_stores(function, continuing, stores);
            }
            _ => {}
        }
    }
}

fn add_store(function: &Function, pointer: Handle<Expression>, times: u32, stores: &mut [u32]) {
    // Only whole variables count: a part of one is never a loop's counter.
    if let Expression::LocalVariable(variable) = function.expressions[pointer] {
        stores[variable.index()] += times;
    }
}
