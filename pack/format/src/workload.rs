//! What an application wants computed: the line of text that the tuner prints, taken apart.
//!
//! ```text
//! workload = operator ":" types ":" dims tail
//! types    = type | type ">" type ">" type             storage; or input, accumulator, output
//! dims     = (name digits)+                            m512n512k256; a name has letters in lower case and `_`
//! tail     = "" | ":" … | "+" …                        layout, expression and steps, as they stand
//! ```

use std::collections::BTreeMap;
use std::fmt;

use crate::Error;
use crate::error::quoted;
use crate::limits::{MOST_NAMES, MOST_WORKLOAD_LENGTH};

/// Sizes by name, in whatever order they were written.
pub type Dims = BTreeMap<String, u64>;

/// What to compute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// The operator's name; that of a user's is `name@digest`.
    pub operator: String,
    /// Element types as they are written shortest: `f16` for `f16>f32>f16`.
    pub types: String,
    /// Sizes.
    pub dims: Dims,
    /// What follows the dims, from the `:` or `+` on: layout, expression and steps.
    pub tail: String,
    /// The dims' names as they were written.
    names: Vec<String>,
    text: String,
}

impl Workload {
    /// Takes a line apart. Whether there is such an operator, and what its tail means, only the pack can tell.
    ///
    /// ```
    /// let workload = wgtune_pack::Workload::parse("matmul:f32:m512n512k256:nt+bias")?;
    /// assert_eq!((workload.operator.as_str(), workload.dims["k"], workload.tail.as_str()), ("matmul", 256, ":nt+bias"));
    /// # Ok::<(), wgtune_pack::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let wrong = |expected| Error::Workload { text: quoted(text), expected };
        if text.len() > MOST_WORKLOAD_LENGTH {
            return Err(wrong("at most 4096 characters"));
        }
        let (operator, rest) = text.split_once(':').ok_or_else(|| wrong("`operator:types:dims`"))?;
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '@');
        if operator.is_empty() || !operator.chars().all(is_word) {
            return Err(wrong("an operator's name in lower case first"));
        }
        let (types, rest) = rest.split_once(':').ok_or_else(|| wrong("dims after the types"))?;
        let types = shortest(types).ok_or_else(|| wrong("one type or three, such as `f32` or `i8>i32>i8`"))?;
        let (dims, tail) = rest.split_at(rest.find([':', '+']).unwrap_or(rest.len()));
        let dims = read_dims(dims).map_err(wrong)?;
        let names = dims.iter().map(|(name, _)| name.clone()).collect();
        let (operator, tail, text) = (operator.to_owned(), tail.to_owned(), text.to_owned());
        Ok(Self { operator, types, dims: dims.into_iter().collect(), tail, names, text })
    }

    /// The names of its dims, in the order in which they were written.
    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.names.iter()
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// One name where three say no more: sums of `f16` are kept in `f32`, all others in their own type.
pub(crate) fn shortest(types: &str) -> Option<String> {
    let names: Vec<&str> = types.split('>').map(str::trim).collect();
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !names.iter().all(is_name) {
        return None;
    }
    match names.as_slice() {
        [one] => Some((*one).to_owned()),
        [input, sum, output] if input == output && *sum == if *input == "f16" { "f32" } else { *input } => {
            Some((*input).to_owned())
        }
        [input, sum, output] => Some(format!("{input}>{sum}>{output}")),
        _ => None,
    }
}

/// Names and sizes, in the order in which they are written.
fn read_dims(text: &str) -> Result<Vec<(String, u64)>, &'static str> {
    let mut dims: Vec<(String, u64)> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let letters = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
        let digits = rest[letters..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - letters);
        let (name, size) = (&rest[..letters], &rest[letters..letters + digits]);
        if name.is_empty() || size.is_empty() {
            return Err("dims with a name in lower case and a size each");
        }
        let size = size.parse().map_err(|_| "sizes below 2^64")?;
        if dims.iter().any(|(other, _)| other == name) {
            return Err("each dim once");
        }
        if dims.len() == MOST_NAMES {
            return Err("at most 64 dims");
        }
        dims.push((name.to_owned(), size));
        rest = &rest[letters + digits..];
    }
    if dims.is_empty() { Err("dims after the types") } else { Ok(dims) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_of_the_tuner_are_taken_apart() {
        let cases = [
            ("matmul:f32:m512n512k256", "matmul", "f32", "k256m512n512", ""),
            ("matmul:f16>f32>f16:m1n2k3", "matmul", "f16", "k3m1n2", ""),
            ("matmul:i8>i32>i8:m1n2k3", "matmul", "i8>i32>i8", "k3m1n2", ""),
            ("matmul:f32:b12m512n512k64:nt+scale0.125", "matmul", "f32", "b12k64m512n512", ":nt+scale0.125"),
            ("matmul:f32:m1n2k3+bias+relu", "matmul", "f32", "k3m1n2", "+bias+relu"),
            ("conv2d:f16:n1c256h14w14o256k3p1:nhwc+bias", "conv2d", "f16", "c256h14k3n1o256p1w14", ":nhwc+bias"),
            ("chain:f32:r16c36:s=x+y;d=s*silu(x)-0.5", "chain", "f32", "c36r16", ":s=x+y;d=s*silu(x)-0.5"),
            ("my-kernel@1a2b3c4d:u32:w2048size_x16", "my-kernel@1a2b3c4d", "u32", "size_x16w2048", ""),
        ];
        for (text, operator, types, dims, tail) in cases {
            let workload = Workload::parse(text).unwrap();
            let written: String = workload.dims.iter().map(|(name, size)| format!("{name}{size}")).collect();
            assert_eq!(
                (&*workload.operator, &*workload.types, &*written, &*workload.tail),
                (operator, types, dims, tail)
            );
            assert_eq!(workload.to_string(), text);
        }
    }

    #[test]
    fn nonsense_is_told_what_was_expected() {
        let long = "a".repeat(5000);
        let cases = [
            ("", "`operator:types:dims`"),
            ("Matmul:f32:m1", "an operator's name"),
            ("matmul:f32", "dims after the types"),
            ("matmul:f32>f32:m1", "one type or three"),
            ("matmul::m1", "one type or three"),
            ("matmul:f32:", "dims after the types"),
            ("matmul:f32:512", "a name in lower case and a size"),
            ("matmul:f32:m1m2", "each dim once"),
            ("matmul:f32:m99999999999999999999", "below 2^64"),
            (&long, "at most 4096"),
        ];
        for (text, message) in cases {
            let error = Workload::parse(text).expect_err(text).to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}|[a-z]{1,3}:[a-z0-9>]{1,8}:\\PC{0,20}") {
            let _ = Workload::parse(&text);
        }
    }
}
