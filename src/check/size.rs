//! The size of a kernel's code as a driver's compiler sees it, with all calls inlined.

use std::iter::once;

use naga::{Block, Statement};

use super::parse::Parsed;

/// Expressions and statements of the entry point, each call counted as what it calls.
pub(super) fn operations(parsed: &Parsed) -> u64 {
    let mut callees: Vec<u64> = Vec::with_capacity(parsed.module.functions.len());
    // A function calls only earlier ones.
    for (_, function) in parsed.module.functions.iter() {
        callees.push(block(&function.body, &callees));
    }
    block(&parsed.entry().function.body, &callees)
}

fn block(statements: &Block, callees: &[u64]) -> u64 {
    total(statements.iter().map(|statement| size(statement, callees)))
}

fn size(statement: &Statement, callees: &[u64]) -> u64 {
    match statement {
        Statement::Emit(range) => range.clone().count() as u64,
        Statement::Call { function, .. } => callees[function.index()],
        Statement::Block(inner) => block(inner, callees),
        Statement::If { accept, reject, .. } => total([1, block(accept, callees), block(reject, callees)]),
        Statement::Switch { cases, .. } => total(once(1).chain(cases.iter().map(|case| block(&case.body, callees)))),
        Statement::Loop { body, continuing, .. } => total([1, block(body, callees), block(continuing, callees)]),
        _ => 1,
    }
}

/// Functions that each call the one before twice soon exceed any number.
fn total(sizes: impl IntoIterator<Item = u64>) -> u64 {
    sizes.into_iter().fold(0, u64::saturating_add)
}
