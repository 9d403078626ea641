//! What is known of a function's whole numbers: constants, sizes from the uniform block, counters of loops.
//!
//! Everything else is unknown: what is read from memory, ids, arguments, results of calls. `min`, `%` and `&` with a
//! known number still bound an unknown one from above.

use naga::valid::FunctionInfo;
use naga::{
    BinaryOperator, Expression, Function, GlobalVariable, Handle, Literal, LocalVariable, MathFunction, Module,
};
use naga::{ScalarKind, Statement, TypeInner};

use super::range::Range;
use super::uniforms::{self, Uniforms};

/// The ranges of one function's expressions, filled in as the walk passes the statements that evaluate them.
pub(super) struct Values<'a> {
    module: &'a Module,
    function: &'a Function,
    info: &'a FunctionInfo,
    uniforms: &'a Uniforms,
    ranges: Vec<Option<Range>>,
    counters: Vec<Counter>,
}

/// A variable as the counter of a loop.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counter {
    /// Not counting at the moment.
    Idle,
    /// Counting, within these values if they are known; it stays as it is until the body ends.
    Counting(Option<Range>),
}

impl<'a> Values<'a> {
    pub(super) fn new(
        module: &'a Module,
        function: &'a Function,
        info: &'a FunctionInfo,
        uniforms: &'a Uniforms,
    ) -> Self {
        let constant = |(_, expression): (_, &Expression)| constant(module, expression);
        let ranges = function.expressions.iter().map(constant).collect();
        let counters = vec![Counter::Idle; function.local_variables.len()];
        Self { module, function, info, uniforms, ranges, counters }
    }

    /// The values that an expression can have, if known.
    pub(super) fn get(&self, expression: Handle<Expression>) -> Option<Range> {
        self.ranges[expression.index()]
    }

    pub(super) fn expression(&self, expression: Handle<Expression>) -> &'a Expression {
        &self.function.expressions[expression]
    }

    /// Evaluates an expression whose operands have been evaluated.
    pub(super) fn emit(&mut self, expression: Handle<Expression>) {
        if let Some(outer) = self.type_range(expression) {
            self.ranges[expression.index()] = self.evaluate(expression, outer).and_then(|range| range.inside(outer));
        }
    }

    /// Evaluates ahead what these statements emit.
    pub(super) fn emit_all(&mut self, statements: &[Statement]) {
        for statement in statements {
            if let Statement::Emit(range) = statement {
                range.clone().for_each(|expression| self.emit(expression));
            }
        }
    }

    /// Begins the body of a loop over `counter`, which has these values there if they are known.
    pub(super) fn enter(&mut self, counter: Handle<LocalVariable>, range: Option<Range>) {
        self.counters[counter.index()] = Counter::Counting(range);
    }

    /// Ends the body of a loop over `counter`.
    pub(super) fn leave(&mut self, counter: Handle<LocalVariable>) {
        self.counters[counter.index()] = Counter::Idle;
    }

    /// Whether two expressions have the same value: one expression, or two reads of a counter between its steps.
    pub(super) fn same(&self, left: Handle<Expression>, right: Handle<Expression>) -> bool {
        let counter = |e| self.variable_read(e).filter(|v| self.counters[v.index()] != Counter::Idle);
        left == right || counter(left).is_some_and(|variable| counter(right) == Some(variable))
    }

    /// The variable that an expression reads as a whole.
    pub(super) fn variable_read(&self, expression: Handle<Expression>) -> Option<Handle<LocalVariable>> {
        match self.expression(expression) {
            Expression::Load { pointer } => self.variable(*pointer),
            _ => None,
        }
    }

    /// What a variable is declared with; `None` stands for zero.
    pub(super) fn initial(&self, variable: Handle<LocalVariable>) -> Option<Handle<Expression>> {
        self.function.local_variables[variable].init
    }

    /// The variable that a pointer points to as a whole.
    pub(super) fn variable(&self, pointer: Handle<Expression>) -> Option<Handle<LocalVariable>> {
        match self.expression(pointer) {
            Expression::LocalVariable(variable) => Some(*variable),
            _ => None,
        }
    }

    /// All values of an expression's type, if that is a 32-bit integer.
    pub(super) fn type_range(&self, expression: Handle<Expression>) -> Option<Range> {
        match self.info[expression].ty.inner_with(&self.module.types) {
            TypeInner::Scalar(scalar) if scalar.width == 4 => match scalar.kind {
                ScalarKind::Uint => Some(Range::U32),
                ScalarKind::Sint => Some(Range::I32),
                _ => None,
            },
            _ => None,
        }
    }

    fn evaluate(&self, expression: Handle<Expression>, outer: Range) -> Option<Range> {
        match *self.expression(expression) {
            Expression::Load { pointer } => self.load(pointer, outer),
            Expression::AccessIndex { .. } => self.uniform(expression, outer),
            Expression::ArrayLength(array) => {
                let (buffer, _) = self.place(array)?;
                self.uniforms.length(buffer).map(Range::exactly)
            }
            Expression::Binary { op, left, right } => match (self.get(left), self.get(right)) {
                (Some(left), Some(right)) => left.apply(op, right),
                (left, right) => bounded(op, left, right, outer),
            },
            Expression::Math { fun, arg, arg1, arg2, .. } => self.math(fun, [Some(arg), arg1, arg2], outer),
            Expression::As { expr, kind: ScalarKind::Uint | ScalarKind::Sint, .. } => self.get(expr),
            Expression::Select { accept, reject, .. } => Some(self.get(accept)?.union(self.get(reject)?)),
            _ => self.get(expression),
        }
    }

    fn load(&self, pointer: Handle<Expression>, outer: Range) -> Option<Range> {
        match *self.expression(pointer) {
            Expression::LocalVariable(variable) => match self.counters[variable.index()] {
                Counter::Counting(range) => range,
                Counter::Idle => None,
            },
            _ => self.uniform(pointer, outer),
        }
    }

    /// The value of a word of a uniform block, when that is what an expression of a type with these values is or points
    /// to.
    fn uniform(&self, expression: Handle<Expression>, outer: Range) -> Option<Range> {
        let (block, byte) = self.place(expression)?;
        let word = self.uniforms.word(block, byte)?;
        Some(if outer == Range::I32 { Range::exactly(word as i32) } else { Range::exactly(word) })
    }

    /// The uniform block and the byte in it that an expression was read from, or points to.
    fn place(&self, mut expression: Handle<Expression>) -> Option<(Handle<GlobalVariable>, u32)> {
        let mut byte = 0u32;
        loop {
            expression = match *self.expression(expression) {
                Expression::GlobalVariable(global) => return Some((global, byte)),
                Expression::Load { pointer } => pointer,
                Expression::AccessIndex { base, index } => {
                    let whole = self.info[base].ty.inner_with(&self.module.types);
                    byte = byte.checked_add(uniforms::offset(self.module, whole, index)?)?;
                    base
                }
                _ => return None,
            };
        }
    }

    fn math(&self, function: MathFunction, arguments: [Option<Handle<Expression>>; 3], outer: Range) -> Option<Range> {
        // An unknown argument can still be no more than its type allows.
        let [first, second, third] = arguments.map(|e| e.and_then(|e| self.get(e)));
        let any = |range: Option<Range>| range.unwrap_or(outer);
        match function {
            MathFunction::Min if first.or(second).is_some() => Some(any(first).min(any(second))),
            MathFunction::Max => Some(first?.max(second?)),
            MathFunction::Clamp => Some(any(first).max(second?).min(third?)),
            _ => None,
        }
    }
}

/// What is known of `left operator right` when one of them is unknown.
fn bounded(operator: BinaryOperator, left: Option<Range>, right: Option<Range>, outer: Range) -> Option<Range> {
    match (operator, left, right) {
        (BinaryOperator::Modulo, None, Some(right)) => outer.apply(operator, right),
        (BinaryOperator::And, Some(known), None) | (BinaryOperator::And, None, Some(known)) => {
            outer.apply(operator, known)
        }
        _ => None,
    }
}

/// The value of what no statement evaluates.
fn constant(module: &Module, expression: &Expression) -> Option<Range> {
    match *expression {
        Expression::Literal(Literal::U32(value)) => Some(Range::exactly(value)),
        Expression::Literal(Literal::I32(value)) => Some(Range::exactly(value)),
        Expression::ZeroValue(_) => Some(Range::exactly(0)),
        // A constant's own initialiser is a value, never another constant.
        Expression::Constant(named) => match &module.global_expressions[module.constants[named].init] {
            Expression::Constant(_) => None,
            value => constant(module, value),
        },
        _ => None,
    }
}
