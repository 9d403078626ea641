//! Reads a workload's line of text.

use std::str::FromStr;

use super::{Assignments, Dims, Layout, Step, Types, Workload, WorkloadError};
use crate::base::ElementType;

impl FromStr for Workload {
    type Err = WorkloadError;

    fn from_str(text: &str) -> Result<Self, WorkloadError> {
        let shape = |expected| WorkloadError::Shape { text: text.to_owned(), expected };
        let mut parts = text.trim().splitn(4, ':');
        let operator = parts.next().unwrap_or_default();
        // Kernels of users are called by their name and a digest: `my-kernel@1a2b3c4d`.
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '@');
        if operator.is_empty() || !operator.chars().all(is_word) {
            return Err(shape("an operator's name in lower case first"));
        }
        let types = parts.next().ok_or_else(|| shape("`operator:types:dims`"))?.parse()?;
        let sized = parts.next().ok_or_else(|| shape("dims after the types"))?;
        let (dims, steps) = with_steps(sized);
        let mut workload = Workload {
            operator: operator.to_owned(),
            types,
            dims: dims.parse()?,
            layout: None,
            expression: None,
            steps: parse_steps(steps)?,
        };
        if let Some(tail) = parts.next() {
            if steps.is_some() {
                return Err(shape("the layout before the steps"));
            }
            parse_tail(&mut workload, tail)?;
        }
        Ok(workload)
    }
}

/// What follows the dims: a layout with its steps, an expression, or a layout and an expression.
fn parse_tail(workload: &mut Workload, tail: &str) -> Result<(), WorkloadError> {
    let (first, expression) = match tail.split_once(':') {
        Some((first, rest)) => (first, Some(rest)),
        None => (tail, None),
    };
    let (word, steps) = with_steps(first);
    let Some(layout) = Layout::ALL.into_iter().find(|l| l.name() == word.trim()) else {
        workload.expression = Some(Assignments::parse(tail)?);
        return Ok(());
    };
    workload.layout = Some(layout);
    workload.steps = parse_steps(steps)?;
    if let Some(expression) = expression {
        if steps.is_some() {
            return Err(WorkloadError::Shape { text: tail.to_owned(), expected: "steps or an expression, not both" });
        }
        workload.expression = Some(Assignments::parse(expression)?);
    }
    Ok(())
}

fn with_steps(text: &str) -> (&str, Option<&str>) {
    match text.split_once('+') {
        Some((head, steps)) => (head, Some(steps)),
        None => (text, None),
    }
}

fn parse_steps(text: Option<&str>) -> Result<Vec<Step>, WorkloadError> {
    text.map_or(Ok(Vec::new()), |steps| steps.split('+').map(str::parse).collect())
}

impl FromStr for Step {
    type Err = WorkloadError;

    fn from_str(text: &str) -> Result<Self, WorkloadError> {
        let text = text.trim();
        let bad = || WorkloadError::Step { text: text.to_owned() };
        let length = text.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(text.len());
        let (name, number) = text.split_at(length);
        if name.is_empty() {
            return Err(bad());
        }
        let argument = match number {
            "" => None,
            number if number.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
                Some(number.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or_else(bad)?)
            }
            _ => return Err(bad()),
        };
        Ok(Self { name: name.to_owned(), argument })
    }
}

impl FromStr for Types {
    type Err = WorkloadError;

    fn from_str(text: &str) -> Result<Self, WorkloadError> {
        let bad = |why: String| WorkloadError::Types { text: text.to_owned(), why };
        let element = |name: &str| name.trim().parse::<ElementType>().map_err(|e| bad(e.to_string()));
        match text.split('>').collect::<Vec<_>>().as_slice() {
            [one] => Ok(Types::of(element(one)?)),
            [input, accumulator, output] => {
                Ok(Types { input: element(input)?, accumulator: element(accumulator)?, output: element(output)? })
            }
            other => Err(bad(format!("{} types where one or three are expected", other.len()))),
        }
    }
}

impl FromStr for Dims {
    type Err = WorkloadError;

    fn from_str(text: &str) -> Result<Self, WorkloadError> {
        let bad = |why: String| WorkloadError::Dims { text: text.to_owned(), why };
        let mut dims: Vec<(String, u64)> = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let letters = rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len());
            let digits = rest[letters..].find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len() - letters);
            let (name, size) = (&rest[..letters], &rest[letters..letters + digits]);
            if name.is_empty() || size.is_empty() {
                return Err(bad(format!("expected a name in lower case and its size at `{rest}`")));
            }
            let size = size.parse().map_err(|_| bad(format!("`{name}{size}` is too large a size")))?;
            if dims.iter().any(|(other, _)| other == name) {
                return Err(bad(format!("`{name}` occurs twice")));
            }
            dims.push((name.to_owned(), size));
            rest = &rest[letters + digits..];
        }
        if dims.is_empty() {
            return Err(bad("there are none".to_owned()));
        }
        Ok(Self(dims))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workloads_print_as_they_are_read() {
        let cases = [
            "matmul:f32:m512n512k256",
            "matmul:f32:m512n512k256+bias+relu",
            "matmul:f16:b8m127n33k17:nt+bias+residual+gelu_tanh",
            "matmul:i8>i32>i8:m64n64k64+shift8+clip",
            "matmul:f16>f32>f32:m64n64k64+scale0.125",
            "conv2d:f32:n1c64h28w28o64k3p1",
            "conv2d:f16:n1c64h28w28o64k3p1:nhwc+bias+relu",
            "chain:f32:r4096c1024:gelu(x*w[c]+b[c])",
            "chain:f16:r7c33:x+y",
            "chain:f32:r7c33:s=x+y;d=x-y",
            "chain:f32:n4:out=nn+relu",
            "chain:f32:n4:nnx+1",
            "my-kernel_2@1a2b3c4d:u32:w2048size_x16",
        ];
        for text in cases {
            let workload: Workload = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(workload.to_string(), text);
            assert_eq!(workload.to_string().parse::<Workload>().unwrap(), workload);
        }
        assert_eq!("matmul:f16>f32>f16:m1".parse::<Workload>().unwrap().to_string(), "matmul:f16:m1");
    }

    #[test]
    fn nonsense_is_told_what_was_expected() {
        let cases = [
            ("", "an operator's name"),
            ("matmul", "`operator:types:dims`"),
            ("matmul:f32", "dims after the types"),
            ("Matmul:f32:m1", "an operator's name"),
            ("matmul:f99:m1", "unknown element type `f99`"),
            ("matmul:f32>f32:m1", "2 types"),
            ("matmul:f32:", "there are none"),
            ("matmul:f32:512", "expected a name"),
            ("matmul:f32:m", "expected a name"),
            ("matmul:f32:m1m2", "`m` occurs twice"),
            ("Stencil@1a:f32:m1", "an operator's name"),
            ("matmul:f32:m99999999999999999999", "too large"),
            ("matmul:f32:m1+", "step ``"),
            ("matmul:f32:m1+Relu", "step `Relu`"),
            ("matmul:f32:m1+relu:nt", "the layout before the steps"),
            ("matmul:f32:m8n8k8:nt+relu:x", "steps or an expression, not both"),
            ("chain:f32:r1:x+", "character 3"),
        ];
        for (text, message) in cases {
            let error = text.parse::<Workload>().expect_err(text).to_string();
            assert!(error.contains(message), "{text}: {error}");
        }
    }

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,40}") {
            if let Ok(workload) = text.parse::<Workload>() {
                prop_assert_eq!(workload.to_string().parse::<Workload>().unwrap(), workload);
            }
        }

        #[test]
        fn near_misses_are_read_or_refused(text in "(matmul|chain|conv2d):(f32|f16|i8>i32>i8):[a-z0-9]{0,8}(:(nt|nhwc|[a-z+*()\\[\\],;=.0-9-]{0,20})){0,2}(\\+[a-z0-9.-]{0,8}){0,3}") {
            if let Ok(workload) = text.parse::<Workload>() {
                prop_assert_eq!(workload.to_string().parse::<Workload>().unwrap(), workload);
            }
        }
    }
}
