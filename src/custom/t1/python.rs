//! Expressions from Python and back: the words and functions that both languages have under other names.

use std::collections::BTreeMap;

use crate::code::language::Expression;

/// What an expression of T1 may name beside parameters.
pub(super) struct Scope<'a> {
    /// Our names of the problem's sizes, by their number.
    pub sizes: &'a [String],
    /// The values of parameters that are whole numbers: `max(name)` is the largest of them.
    pub values: &'a BTreeMap<String, Vec<i64>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Name(String),
    Number(String),
    Text(String),
    Sign(String),
}

/// Words of Python that no expression of ours has.
const REFUSED: &[&str] = &[
    "lambda", "for", "is", "None", "len", "sum", "any", "all", "round", "pow", "sorted", "set", "tuple", "str", "math",
    "np",
];

/// Signs of Python that no expression of ours has.
const REFUSED_SIGNS: &[&str] = &["<<", ">>", ":=", "->", "&", "|", "^", "~", "{", "}", ":", ".", "@"];

/// A Python expression in our language.
pub(super) fn from_python(text: &str, scope: &Scope) -> Result<String, String> {
    let tokens = tokens(text)?;
    let mut words: Vec<String> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let (word, used) = translate(&tokens[at..], scope).map_err(|why| format!("the expression `{text}` {why}"))?;
        words.push(word);
        at += used;
    }
    let ours = spaced(&words);
    match Expression::parse(&ours) {
        Ok(_) => Ok(ours),
        Err(error) => Err(format!("the expression `{text}` is not understood: {}", error.why)),
    }
}

/// The first word in our language, and how many tokens it took.
fn translate(tokens: &[Token], scope: &Scope) -> Result<(String, usize), String> {
    use Token::{Name, Number, Sign};
    let sign = |token: Option<&Token>, sign: &str| matches!(token, Some(Sign(found)) if found == sign);
    match &tokens[0] {
        Name(name) if name == "ProblemSize" => match tokens.get(1..4) {
            Some([Sign(open), Number(at), Sign(close)]) if open == "[" && close == "]" => {
                let size = at.parse::<usize>().ok().and_then(|at| scope.sizes.get(at));
                size.map(|size| (size.clone(), 4))
                    .ok_or_else(|| format!("names `ProblemSize[{at}]`, which there is not"))
            }
            _ => Err("names `ProblemSize` without a number in brackets".to_owned()),
        },
        Name(name) if (name == "max" || name == "min") && sign(tokens.get(1), "(") && sign(tokens.get(3), ")") => {
            let Some(Name(of)) = tokens.get(2) else { return Ok((name.clone(), 1)) };
            let values =
                scope.values.get(of).ok_or_else(|| format!("asks for the `{name}` of `{of}`, which has no list"))?;
            let extreme = if name == "max" { values.iter().max() } else { values.iter().min() };
            Ok((extreme.copied().unwrap_or(0).to_string(), 4))
        }
        Name(name) if name == "True" => Ok(("1".to_owned(), 1)),
        Name(name) if name == "False" => Ok(("0".to_owned(), 1)),
        Name(name) if REFUSED.contains(&name.as_str()) => {
            Err(format!("uses Python's `{name}`, which is not understood"))
        }
        Sign(found) if REFUSED_SIGNS.contains(&found.as_str()) => {
            Err(format!("uses Python's `{found}`, which is not understood"))
        }
        Token::Text(text) => Ok((format!("\"{text}\""), 1)),
        Name(word) | Number(word) | Sign(word) => Ok((word.clone(), 1)),
    }
}

/// One of our expressions in Python; sizes become their numbers.
pub(super) fn to_python(text: &str, size: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let tokens = tokens(text)?;
    let words = python(&tokens, size).map_err(|why| format!("the expression `{text}` {why}"))?;
    Ok(spaced(&words))
}

fn python(tokens: &[Token], size: &dyn Fn(&str) -> Option<String>) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_call = matches!(tokens.get(at + 1), Some(Token::Sign(open)) if open == "(");
        match &tokens[at] {
            Token::Name(name) if is_call => {
                let (arguments, end) = arguments(tokens, at + 1)?;
                let arguments = arguments.iter().map(|one| Ok(spaced(&python(one, size)?)));
                words.push(call(name, &arguments.collect::<Result<Vec<_>, String>>()?)?);
                at = end;
                continue;
            }
            Token::Name(name) => words.push(size(name).unwrap_or_else(|| name.clone())),
            Token::Text(text) => words.push(format!("\"{text}\"")),
            Token::Number(word) | Token::Sign(word) => words.push(word.clone()),
        }
        at += 1;
    }
    Ok(words)
}

/// A function of ours as Python has it.
fn call(name: &str, arguments: &[String]) -> Result<String, String> {
    match (name, arguments) {
        ("ceil_div", [a, b]) => Ok(format!("(-(-({a}) // ({b})))")),
        ("round_up", [a, b]) => Ok(format!("(-(-({a}) // ({b})) * ({b}))")),
        ("log2", [a]) => Ok(format!("(({a}).bit_length() - 1)")),
        ("min" | "max" | "abs" | "int", _) => Ok(format!("{name}({})", arguments.join(", "))),
        _ => Err(format!("uses `{name}`, which has no counterpart in T1")),
    }
}

/// The arguments of a call whose parenthesis opens at `open`, and where the call ends.
fn arguments(tokens: &[Token], open: usize) -> Result<(Vec<&[Token]>, usize), String> {
    let (mut depth, mut start, mut found) = (0, open + 1, Vec::new());
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Sign(sign) if sign == "(" || sign == "[" => depth += 1,
            Token::Sign(sign) if sign == ")" || sign == "]" => {
                depth -= 1;
                if depth == 0 {
                    found.push(&tokens[start..at]);
                    return Ok((found, at + 1));
                }
            }
            Token::Sign(sign) if sign == "," && depth == 1 => {
                found.push(&tokens[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    Err("has a parenthesis that is not closed".to_owned())
}

fn spaced(words: &[String]) -> String {
    let mut text = String::new();
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| words[before].as_str());
        let is_tight = matches!(word.as_str(), ")" | "]" | ",") || matches!(before, None | Some("(" | "["));
        let calls = word == "(" && before.is_some_and(|name| ["min", "max", "abs", "int", "ceil_div"].contains(&name));
        if !is_tight && !calls {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = |is_in: &dyn Fn(char) -> bool| rest.find(|c| !is_in(c)).unwrap_or(rest.len());
        let (token, used) = if first.is_alphabetic() || first == '_' {
            let end = length(&|c| c.is_alphanumeric() || c == '_');
            (Token::Name(rest[..end].to_owned()), end)
        } else if first.is_ascii_digit() {
            let end = length(&|c| c.is_ascii_alphanumeric() || c == '.');
            (Token::Number(rest[..end].to_owned()), end)
        } else if first == '"' || first == '\'' {
            let end =
                rest[1..].find(first).ok_or_else(|| format!("the expression `{text}` has a text without an end"))?;
            (Token::Text(rest[1..=end].to_owned()), end + 2)
        } else {
            let two = ["**", "//", "<=", ">=", "==", "!=", "<<", ">>", ":=", "->"]
                .into_iter()
                .find(|two| rest.starts_with(two));
            let end = two.map_or(first.len_utf8(), str::len);
            (Token::Sign(rest[..end].to_owned()), end)
        };
        tokens.push(token);
        rest = rest[used..].trim_start();
    }
    Ok(tokens)
}
