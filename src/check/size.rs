//! The size of a kernel's code as a driver's compiler sees it, with all calls inlined.

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
    statements.iter().map(|statement| size(statement, callees)).sum()
}

fn size(statement: &Statement, callees: &[u64]) -> u64 {
    match statement {
        Statement::Emit(range) => range.clone().count() as u64,
        Statement::Call { function, .. } => callees[function.index()],
        Statement::Block(inner) => block(inner, callees),
        Statement::If { accept, reject, .. } => 1 + block(accept, callees) + block(reject, callees),
        Statement::Switch { cases, .. } => 1 + cases.iter().map(|case| block(&case.body, callees)).sum::<u64>(),
        Statement::Loop { body, continuing, .. } => 1 + block(body, callees) + block(continuing, callees),
        _ => 1,
    }
}
