//! What naga's validator says, in words for the author of a text: without handles, and with types as WGSL writes them.

use std::error::Error;
use std::iter::successors;

use naga::common::wgsl::TypeContext;
use naga::proc::TypeResolution;
use naga::valid::{CallError, EntryPointError, ExpressionError, FunctionError, GlobalVariableError, ValidationError};
use naga::{Handle, Module, Span, Type, TypeInner, WithSpan};

/// Types that are nested more deeply are not written out: naga does it by recursion.
const DEEPEST_TYPE: usize = 16;

/// The longest piece of a text that stands in a sentence.
const LONGEST_PIECE: usize = 40;

/// What is wrong, in one sentence.
pub(super) fn message(error: &WithSpan<ValidationError>, module: &Module, text: &str) -> String {
    let inner = error.as_inner();
    let what = known(inner, module).unwrap_or_else(|| deepest(error, text));
    match inner {
        ValidationError::Function { name, .. }
        | ValidationError::EntryPoint { name, .. }
        | ValidationError::GlobalVariable { name, .. }
        | ValidationError::Constant { name, .. }
        | ValidationError::Type { name, .. }
            if !name.is_empty() =>
        {
            format!("`{name}`: {what}")
        }
        _ => what,
    }
}

/// The name of the function that an error is in.
pub(super) fn function(error: &ValidationError) -> Option<&str> {
    match error {
        ValidationError::Function { name, .. } | ValidationError::EntryPoint { name, .. } => Some(name),
        _ => None,
    }
}

/// Other places that an error is about.
pub(super) fn beside(error: &ValidationError, module: &Module) -> Vec<Span> {
    let globals = &module.global_variables;
    match *error {
        ValidationError::EntryPoint { source: EntryPointError::BindingCollision(one), .. } => {
            let at = globals[one].binding;
            let others = globals.iter().filter(|(other, global)| *other != one && global.binding == at);
            others.map(|(other, _)| globals.get_span(other)).collect()
        }
        _ => Vec::new(),
    }
}

/// Words of our own for common mistakes.
fn known(error: &ValidationError, module: &Module) -> Option<String> {
    let words = match error {
        ValidationError::Function { source, .. } => return in_function(source, module),
        ValidationError::EntryPoint { source, .. } => match source {
            EntryPointError::Function(source) => return in_function(source, module),
            EntryPointError::BindingCollision(_) => "another variable that it uses has the same group and binding",
            EntryPointError::OutOfRangeWorkgroupSize => "no direction of the workgroup size may be 0 or above 65535",
            _ => return None,
        },
        ValidationError::GlobalVariable { source, .. } => match source {
            GlobalVariableError::MissingTypeFlags { .. } => {
                "its type cannot be in this address space; buffers hold numbers, vectors, matrices, arrays and structs of them"
            }
            GlobalVariableError::InvalidBinding => {
                "buffers need `@group` and `@binding`, and other variables must not have them"
            }
            _ => return None,
        },
        _ => return None,
    };
    Some(words.to_owned())
}

fn in_function(error: &FunctionError, module: &Module) -> Option<String> {
    let ty = |handle: Handle<Type>| in_wgsl(&module.types[handle].inner, module, &TypeResolution::Handle(handle));
    Some(match error {
        FunctionError::InvalidReturnType { expression: None, expected_ty: Some(expected) } => {
            format!("it can end without returning a value, and must return {}", ty(*expected))
        }
        FunctionError::InvalidReturnType { expected_ty: None, .. } => {
            "it returns a value, and is declared without a type to return".to_owned()
        }
        FunctionError::InvalidReturnType { expected_ty: Some(expected), .. } => {
            format!("what it returns is not of the declared type {}", ty(*expected))
        }
        FunctionError::InvalidStorePointer(_) => {
            "this can't be written to: a buffer must be `var<storage, read_write>` for that".to_owned()
        }
        FunctionError::InvalidIfType(_) => "the condition is no bool".to_owned(),
        FunctionError::InvalidCall { error: CallError::ArgumentType { index, required, .. }, .. } => {
            format!("argument {} of the call must be of type {}", index + 1, ty(*required))
        }
        FunctionError::Expression { source, .. } => return in_expression(source, module),
        _ => return None,
    })
}

fn in_expression(error: &ExpressionError, module: &Module) -> Option<String> {
    match error {
        ExpressionError::InvalidBinaryOperandTypes { lhs_type, rhs_type, .. } => {
            let [left, right] = [lhs_type, rhs_type].map(|ty| in_wgsl(ty, module, &TypeResolution::Value(ty.clone())));
            Some(format!("the operator does not take {left} and {right}: write a conversion, such as `f32(x)`"))
        }
        ExpressionError::InvalidCastArgument => {
            Some("this conversion is not possible on the device: not every device has `f16`".to_owned())
        }
        _ => None,
    }
}

/// A type as WGSL writes it.
fn in_wgsl(inner: &TypeInner, module: &Module, ty: &TypeResolution) -> String {
    let base = |inner: &&TypeInner| match **inner {
        TypeInner::Array { base, .. } | TypeInner::Pointer { base, .. } => Some(&module.types[base].inner),
        _ => None,
    };
    if successors(Some(inner), base).nth(DEEPEST_TYPE).is_some() {
        return "a deeply nested array".to_owned();
    }
    module.to_ctx().type_resolution_to_string(ty)
}

/// The word of the text that an error is about, where naga knows no place.
pub(super) fn word(error: &WithSpan<ValidationError>) -> Option<&'static str> {
    last(error).contains("FLOAT16").then_some("f16")
}

/// The last of the chain of causes.
fn last(error: &WithSpan<ValidationError>) -> String {
    let first: &dyn Error = error.as_inner();
    let chain = successors(Some(first), |error: &&dyn Error| (*error).source());
    chain.last().unwrap_or(first).to_string()
}

/// The last cause, with pieces of the text for naga's handles.
fn deepest(error: &WithSpan<ValidationError>, text: &str) -> String {
    let last = last(error);
    if last.contains("FLOAT16") {
        return "`f16` is a feature that the device does not offer".to_owned();
    }
    if last.contains("SUBGROUP") {
        return "subgroup operations are a feature that the device does not offer".to_owned();
    }
    without_handles(&last, error, text)
}

/// A message in which each handle, such as `[3]`, is replaced by the piece of the text that it stands for, or left out.
fn without_handles(message: &str, error: &WithSpan<ValidationError>, text: &str) -> String {
    let mut parts = message.split('[');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                match piece(&format!("[{number}]"), error, text) {
                    Some(piece) => plain.push_str(&format!("`{piece}`")),
                    None => plain.truncate(plain.trim_end().len()),
                }
                plain.push_str(rest);
            }
            _ => plain.extend(["[", part]),
        }
    }
    plain
}

/// The piece of the text that is labelled with a handle, if it is short.
fn piece<'a>(handle: &str, error: &WithSpan<ValidationError>, text: &'a str) -> Option<&'a str> {
    let (span, _) = error.spans().find(|(_, what)| what.ends_with(handle))?;
    let piece = text.get(span.to_range()?)?;
    (piece.len() <= LONGEST_PIECE && !piece.contains('\n')).then_some(piece)
}
