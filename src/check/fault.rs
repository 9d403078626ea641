//! What is wrong with a text, and where: naga's errors as data, to be shown in whatever the text was made from.

use std::ops::Range;

use naga::front::wgsl::ParseError;
use naga::valid::ValidationError;
use naga::{Module, Span, WithSpan};
use serde::{Deserialize, Serialize};

use super::{places, wording};

/// An error in a WGSL text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// What is wrong, in one sentence without its place.
    pub message: String,
    /// Byte ranges of the text, the culprit first, and what each is; that may be empty. They lie on boundaries of
    /// characters, and none is known for some errors.
    pub labels: Vec<(Range<usize>, String)>,
    /// What else helps.
    pub notes: Vec<String>,
}

/// Why naga refuses a text.
pub(super) enum Invalid {
    /// naga would not survive it.
    Unbearable(Fault),
    /// It can't be read.
    Unread(Box<ParseError>),
    /// It is read, and breaks a rule.
    Broken(Box<(Module, WithSpan<ValidationError>)>),
}

impl Fault {
    /// A fault of our own at a place that naga knows.
    pub(super) fn at(span: Span, message: impl Into<String>) -> Self {
        let labels = span.to_range().map(|range| (range, String::new())).into_iter().collect();
        Self { message: message.into(), labels, notes: Vec::new() }
    }

    /// Keeps the labels inside the text, each at most once.
    fn fit(mut self, text: &str) -> Self {
        let mut labels: Vec<(Range<usize>, String)> = Vec::new();
        for (range, what) in self.labels {
            let start = text.floor_char_boundary(range.start);
            let range = start..text.ceil_char_boundary(range.end.max(start));
            if labels.iter().all(|(known, _)| *known != range) {
                labels.push((range, what));
            }
        }
        self.labels = labels;
        self
    }
}

impl Invalid {
    /// As naga itself shows it, below the lines of the text.
    pub(super) fn shown(&self, text: &str) -> String {
        match self {
            Self::Unbearable(fault) => fault.message.clone(),
            Self::Unread(error) => error.emit_to_string(text),
            Self::Broken(broken) => broken.1.emit_to_string(text),
        }
    }

    /// As data.
    pub(super) fn fault(&self, text: &str) -> Fault {
        match self {
            Self::Unbearable(fault) => fault.clone(),
            Self::Unread(error) => unread(error),
            Self::Broken(both) => broken(&both.1, &both.0, text),
        }
        .fit(text)
    }
}

fn unread(error: &ParseError) -> Fault {
    let labels = error.labels().filter_map(|(span, what)| label(span, what));
    let notes = error.notes().map(str::to_owned).collect();
    Fault { message: error.message().to_owned(), labels: labels.collect(), notes }
}

fn broken(error: &WithSpan<ValidationError>, module: &Module, text: &str) -> Fault {
    // Of a whole function its name is enough, and only where nothing in it is labelled.
    let labels = error.spans().filter(|(_, what)| !what.starts_with("naga::ir::Function "));
    let labels = labels.filter_map(|(span, what)| label(*span, what));
    let beside = wording::beside(error.as_inner(), module).into_iter().filter_map(|span| label(span, ""));
    let mut labels: Vec<_> = labels.chain(beside).collect();
    if labels.is_empty() {
        let place = wording::function(error.as_inner()).and_then(|name| places::functions(text).remove(name));
        let place = place.or_else(|| wording::word(error).and_then(|word| places::word(text, word)));
        labels.extend(place.map(|range| (range, String::new())));
    }
    Fault { message: wording::message(error, module, text), labels, notes: Vec::new() }
}

/// Where naga has only the name of its type for something, the place says enough.
fn label(span: Span, what: &str) -> Option<(Range<usize>, String)> {
    let what = if what.starts_with("naga::") { "" } else { what };
    Some((span.to_range()?, what.to_owned()))
}

#[cfg(test)]
mod tests {
    use naga::valid::Capabilities;

    use super::super::parse;

    /// A buffer to write to, and the body of an entry point that does.
    fn body(body: &str) -> String {
        format!("@group(0) @binding(0) var<storage, read_write> o: array<f32>;\n{}", main(body))
    }

    fn main(body: &str) -> String {
        format!("@compute @workgroup_size(1) fn main(@builtin(local_invocation_index) i: u32) {{ {body} }}")
    }

    #[test]
    fn mistakes_are_told_at_their_place() {
        // A text, what is labelled, and a piece of the message.
        let cases = [
            (body("o[0] = nope;"), "nope", "no definition in scope for identifier: `nope`"),
            (body("o[0] = i;"), "o[0]|i", "automatic conversions cannot convert elements of `u32` to `f32`"),
            (body("o[0] = 1f + i;"), "1f + i", "`main`: the operator does not take f32 and u32: write a conversion"),
            (body("let x = i\n o[0] = 1f;"), "o", "expected `;`, found \"o\""),
            (body("for (var k = 0; k < 3; k++ { }"), "{", "expected `)`, found \"{\""),
            (body("o[0] = sqrt(i);"), "sqrt|i", "wrong type passed as argument #1 to `sqrt`"),
            (body("o[0] = sqrt(vec2(1f));"), "o[0]|sqrt", "the type of `sqrt` doesn't match the type stored in `o[0]`"),
            (
                body("o[0] = f(i);") + "fn f(x: f32) -> f32 { return x; }",
                "f(i)|i",
                "argument 1 of the call must be of type f32",
            ),
            (body("if (i) { o[0] = 1f; }"), "i", "`main`: the condition is no bool"),
            (body("break;"), "break;", "`break` is used outside"),
            (body("let k = 1; k = 2;"), "k|k", "invalid left-hand side of assignment"),
            (body("atomicAdd(&o[0], 1f);"), "&o[0]", "non-atomic"),
            (body("return o[0];"), "o[0]", "`main`: it returns a value, and is declared without a type"),
            (
                body("").replace("read_write", "read") + &main("o[0] = 1f;").replace("main", "b"),
                "o[0]",
                "`b`: this can't be written to",
            ),
            (
                body("").replace("f32", "bool"),
                "var<storage, read_write> o: array<bool>;",
                "`o`: its type cannot be in this address space",
            ),
            (
                body("").replace("@group(0) @binding(0) ", ""),
                "var<storage, read_write> o: array<f32>;",
                "`o`: buffers need `@group` and `@binding`",
            ),
            (body("o[0] = 1.0h;"), "1.0h", "the `f16` enable extension is not enabled"),
            ("enable f16;\n".to_owned() + &body("o[0] = f32(f16(i));"), "f16(i)", "not every device has `f16`"),
            (body("o[0] = subgroupAdd(1f);"), "subgroupAdd", "subgroup operations are a feature"),
            (main("").replace("local_invocation_index", "thread"), "thread", "unknown builtin: `thread`"),
            (main("").replace("u32", "f32"), "main", "`main`: Built-in type for LocalInvocationIndex is invalid"),
            (main("").replace("workgroup_size", "workgroup"), "workgroup", "unknown attribute: `workgroup`"),
            (main("").replace("size(1)", "size(0)"), "main", "`main`: no direction of the workgroup size may be 0"),
            (
                main("let x = a[0] + b[0];")
                    + "@group(0) @binding(0) var<storage> a: array<f32>; @group(0) @binding(0) var<storage> b: array<f32>;",
                "var<storage> b: array<f32>;|var<storage> a: array<f32>;",
                "`main`: another variable that it uses has the same group and binding",
            ),
            (
                main("") + " fn f(x: f32) -> f32 { let é = x; }",
                "f",
                "`f`: it can end without returning a value, and must return f32",
            ),
            (
                main("") + " fn f(x: f32) -> f32 { return x + 1u; }",
                "x + 1u",
                "`f`: the operator does not take f32 and u32",
            ),
            (main("") + "\nstruct S { a: f32, b: }", "}", "expected identifier, found \"}\""),
            (main("").trim_end_matches('}').to_owned(), "", "expected statement"),
        ];
        let mut wrong = Vec::new();
        for (text, labelled, message) in cases {
            let Err(invalid) = parse::validate(&text, Capabilities::empty()) else { panic!("valid: {text}") };
            let fault = invalid.fault(&text);
            let pieces: Vec<_> = fault.labels.iter().map(|(range, _)| &text[range.clone()]).collect();
            if pieces.join("|") != labelled || !fault.message.to_lowercase().contains(&message.to_lowercase()) {
                wrong.push(format!("{text}\n  at {pieces:?}: {}", fault.message));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
