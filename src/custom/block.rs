//! Uniform blocks: the values of their members, laid out as the WGSL says.

use super::formula::Formula;
use super::pass::Uniforms;
use super::problem::Checked;
use super::wgsl::Instance;
use crate::base::ElementType;
use crate::check::{Global, GlobalKind, Member};
use crate::code::Block;
use crate::code::language::Names;
use crate::space::Value;

/// The block of a global with its contents: each member as the first of these says, or as the size or parameter of
/// its name is.
pub fn fill(instance: &Instance, global: &Global, given: [&Uniforms; 2], names: &Names) -> Checked<Block> {
    let GlobalKind::Uniform { bytes, members } = &global.kind else {
        return Ok(block(global, Vec::new()));
    };
    let mut contents = vec![0; (*bytes as usize).next_multiple_of(4)];
    for member in members {
        let path = if member.path.is_empty() { "value" } else { member.path.as_str() };
        let found = given.iter().find_map(|blocks| blocks.get(&global.name)?.get(path));
        let values = match (found, names.get(path)) {
            (Some(formulas), _) => components(instance, global, member, formulas, names)?,
            (None, Some(value)) if member.components * member.rows == 1 => {
                vec![named(instance, global, member, value)?]
            }
            (None, _) => {
                let message = format!("nothing says what `{path}` of the uniform `{}` is", global.name);
                let help = format!("write {} = {{ {path} = … }} under [uniforms]", global.name);
                return Err(instance.problem(&global.at, message).help(help));
            }
        };
        for (at, value) in values.iter().enumerate() {
            let mut encoded = Vec::new();
            member.scalar.encode(*value, &mut encoded);
            let (row, column) = (at / member.components as usize, at % member.components as usize);
            let from = member.offset as usize + row * member.stride_bytes as usize + column * encoded.len();
            if let Some(place) = contents.get_mut(from..from + encoded.len()) {
                place.copy_from_slice(&encoded);
            }
        }
    }
    refuse_strangers(global, members, given, instance)?;
    let words = contents.chunks_exact(4).map(|bytes| u32::from_le_bytes(bytes.try_into().expect("four bytes")));
    Ok(block(global, words.collect()))
}

fn block(global: &Global, words: Vec<u32>) -> Block {
    Block { name: global.name.clone(), group: global.group, binding: global.binding, words }
}

fn components(
    instance: &Instance,
    global: &Global,
    member: &Member,
    formulas: &[Formula],
    names: &Names,
) -> Checked<Vec<f64>> {
    let wanted = member.components as usize * member.rows as usize;
    if formulas.len() != wanted {
        let (path, given) = (&member.path, formulas.len());
        let message = format!("`{path}` of `{}` has {wanted} components, and {given} values are given", global.name);
        let problem = match formulas.first() {
            Some(formula) => formula.problem(message),
            None => instance.problem(&global.at, message),
        };
        return Err(problem.help("write a list such as [\"w\", \"h\"] for a vector, and one value for a scalar"));
    }
    let value = |formula: &Formula| {
        let value = match member.scalar.is_float() {
            true => formula.real(names)?,
            false => formula.signed(names)? as f64,
        };
        let unfit = || {
            let problem =
                formula.problem(format!("{value} does not fit `{}`, which is {}", member.path, member.scalar));
            problem.help("give a value that the type can hold")
        };
        if fits(member.scalar, value) { Ok(value) } else { Err(unfit()) }
    };
    formulas.iter().map(value).collect()
}

/// The value of a size or parameter that has the member's name.
fn named(instance: &Instance, global: &Global, member: &Member, value: &Value) -> Checked<f64> {
    let number = match value {
        Value::Int(number) => Some(*number as f64),
        Value::Real(number) => Some(*number),
        Value::Text(_) => None,
    };
    number.filter(|number| fits(member.scalar, *number)).ok_or_else(|| {
        let message = format!("`{}` is {value}, which does not fit the member's type {}", member.path, member.scalar);
        instance.problem(&global.at, message).help("give the member a value under [uniforms]")
    })
}

fn fits(scalar: ElementType, value: f64) -> bool {
    match scalar {
        ElementType::U32 => value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&value),
        ElementType::I32 => value.fract() == 0.0 && value.abs() <= f64::from(i32::MAX),
        _ => value.is_finite() && value.abs() <= f64::from(f32::MAX),
    }
}

/// Values for members that there are not.
fn refuse_strangers(global: &Global, members: &[Member], given: [&Uniforms; 2], instance: &Instance) -> Checked<()> {
    let paths: Vec<&str> = members.iter().map(|member| member.path.as_str()).collect();
    let known = |path: &String| paths.contains(&path.as_str()) || (path == "value" && paths == [""]);
    let mut all = given.iter().filter_map(|blocks| blocks.get(&global.name)).flatten();
    let Some((stranger, formulas)) = all.find(|(path, _)| !known(path)) else { return Ok(()) };
    let message = format!("the uniform `{}` has no member `{stranger}`", global.name);
    let problem = match formulas.first() {
        Some(formula) => formula.problem(message),
        None => instance.problem(&global.at, message),
    };
    Err(problem.help(format!("there are: {}", paths.join(", "))))
}
