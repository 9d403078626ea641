//! What evaluating one expression costs.

use naga::valid::FunctionInfo;
use naga::{AddressSpace, BinaryOperator, Expression, Function, Handle, MathFunction, Module, ScalarKind, TypeInner};

use super::counts::{Counts, Traffic};

/// The costs of one function's expressions.
#[derive(Clone, Copy)]
pub(super) struct Costs<'a> {
    pub(super) module: &'a Module,
    pub(super) function: &'a Function,
    pub(super) info: &'a FunctionInfo,
    /// The invocations that share a cooperative matrix: each counts its share of what they do together.
    pub(super) subgroup: u32,
}

/// Functions that devices do in one instruction or so, as they do operators.
const CHEAP: [MathFunction; 20] = [
    MathFunction::Abs,
    MathFunction::Min,
    MathFunction::Max,
    MathFunction::Clamp,
    MathFunction::Saturate,
    MathFunction::Sign,
    MathFunction::Step,
    MathFunction::Ceil,
    MathFunction::Floor,
    MathFunction::Round,
    MathFunction::Fract,
    MathFunction::Trunc,
    MathFunction::CountTrailingZeros,
    MathFunction::CountLeadingZeros,
    MathFunction::CountOneBits,
    MathFunction::ReverseBits,
    MathFunction::ExtractBits,
    MathFunction::InsertBits,
    MathFunction::FirstTrailingBit,
    MathFunction::FirstLeadingBit,
];

/// Functions that are free, as `f32(x)` is.
const CONVERSIONS: [MathFunction; 18] = [
    MathFunction::QuantizeToF16,
    MathFunction::Transpose,
    MathFunction::Pack4x8snorm,
    MathFunction::Pack4x8unorm,
    MathFunction::Pack2x16snorm,
    MathFunction::Pack2x16unorm,
    MathFunction::Pack2x16float,
    MathFunction::Pack4xI8,
    MathFunction::Pack4xU8,
    MathFunction::Pack4xI8Clamp,
    MathFunction::Pack4xU8Clamp,
    MathFunction::Unpack4x8snorm,
    MathFunction::Unpack4x8unorm,
    MathFunction::Unpack2x16snorm,
    MathFunction::Unpack2x16unorm,
    MathFunction::Unpack2x16float,
    MathFunction::Unpack4xI8,
    MathFunction::Unpack4xU8,
];

impl<'a> Costs<'a> {
    /// The cost of evaluating an expression, its operands apart.
    pub(super) fn expression(&self, expression: Handle<Expression>) -> Counts {
        match self.function.expressions[expression] {
            Expression::Load { pointer } => self.load(pointer, expression),
            Expression::Binary { op, left, right } => self.binary(op, left, right, expression),
            Expression::Unary { expr, .. } => self.operations(expr, 1),
            Expression::Math { fun, arg, .. } => self.math(fun, arg, expression),
            Expression::CooperativeLoad { ref data, .. } => self.load(data.pointer, expression),
            Expression::CooperativeMultiplyAdd { a, b, .. } => self.cooperative_product(a, b),
            _ => Counts::default(),
        }
    }

    /// A read of memory that yields `value`.
    pub(super) fn load(&self, pointer: Handle<Expression>, value: Handle<Expression>) -> Counts {
        let traffic = Traffic::once(self.bytes(value));
        match self.space(pointer) {
            Some(AddressSpace::Storage { .. }) => Counts { storage_loads: traffic, ..Counts::default() },
            Some(AddressSpace::WorkGroup) => Counts { workgroup_loads: traffic, ..Counts::default() },
            _ => Counts::default(),
        }
    }

    /// A write of `value` to memory.
    pub(super) fn store(&self, pointer: Handle<Expression>, value: Handle<Expression>) -> Counts {
        let traffic = Traffic::once(self.bytes(value));
        match self.space(pointer) {
            Some(AddressSpace::Storage { .. }) => Counts { storage_stores: traffic, ..Counts::default() },
            Some(AddressSpace::WorkGroup) => Counts { workgroup_stores: traffic, ..Counts::default() },
            _ => Counts::default(),
        }
    }

    fn ty(&self, expression: Handle<Expression>) -> &'a TypeInner {
        self.info[expression].ty.inner_with(&self.module.types)
    }

    fn bytes(&self, expression: Handle<Expression>) -> u32 {
        let bytes = self.ty(expression).try_size(self.module.to_ctx()).unwrap_or(u32::MAX);
        match self.ty(expression) {
            TypeInner::CooperativeMatrix { .. } => bytes.div_ceil(self.subgroup),
            _ => bytes,
        }
    }

    fn space(&self, pointer: Handle<Expression>) -> Option<AddressSpace> {
        self.ty(pointer).pointer_space()
    }

    fn binary(
        &self,
        operator: BinaryOperator,
        left: Handle<Expression>,
        right: Handle<Expression>,
        result: Handle<Expression>,
    ) -> Counts {
        match (operator, self.ty(left), self.ty(right)) {
            // Each component of a product of matrices is a dot product.
            (BinaryOperator::Multiply, TypeInner::Matrix { columns, .. }, right) if !is_scalar(right) => {
                self.operations(result, 2 * *columns as u64 - 1)
            }
            (BinaryOperator::Multiply, TypeInner::Vector { size, .. }, TypeInner::Matrix { .. }) => {
                self.operations(result, 2 * *size as u64 - 1)
            }
            // A comparison's result says nothing of what is compared; a scalar operand is spread over the other.
            (_, left_type, right_type) => {
                let wider = if components(left_type) < components(right_type) { right } else { left };
                self.operations(wider, 1)
            }
        }
    }

    fn math(&self, function: MathFunction, argument: Handle<Expression>, result: Handle<Expression>) -> Counts {
        use MathFunction as M;
        match function {
            M::Fma => self.operations(result, 2),
            M::Dot => self.operations(result, 2 * components(self.ty(argument)) - 1),
            M::Dot4I8Packed | M::Dot4U8Packed => self.operations(result, 7),
            _ if CHEAP.contains(&function) => self.operations(result, 1),
            _ if CONVERSIONS.contains(&function) => Counts::default(),
            _ => Counts { math_calls: components(self.ty(argument)), ..Counts::default() },
        }
    }

    /// An invocation's share of the multiply-adds of A·B + C.
    fn cooperative_product(&self, a: Handle<Expression>, b: Handle<Expression>) -> Counts {
        match (self.ty(a), self.ty(b)) {
            (
                TypeInner::CooperativeMatrix { rows: m, columns: k, .. },
                TypeInner::CooperativeMatrix { columns: n, .. },
            ) => {
                let flops = 2 * *m as u64 * *k as u64 * *n as u64;
                Counts { flops: flops.div_ceil(self.subgroup.into()), ..Counts::default() }
            }
            _ => Counts::default(),
        }
    }

    /// So many operations on each component of `of`, which is what decides their kind.
    fn operations(&self, of: Handle<Expression>, per_component: u64) -> Counts {
        let ty = self.ty(of);
        let count = per_component * components(ty);
        match ty.scalar_kind() {
            Some(ScalarKind::Float | ScalarKind::AbstractFloat) => Counts { flops: count, ..Counts::default() },
            _ => Counts { integer_operations: count, ..Counts::default() },
        }
    }
}

fn is_scalar(ty: &TypeInner) -> bool {
    matches!(ty, TypeInner::Scalar(_))
}

fn components(ty: &TypeInner) -> u64 {
    match *ty {
        TypeInner::Vector { size, .. } => size as u64,
        TypeInner::Matrix { columns, rows, .. } => columns as u64 * rows as u64,
        _ => 1,
    }
}
