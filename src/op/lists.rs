//! Workloads of real models and benchmarks, by name: a text each in `workloads/`.

/// The workloads of one model or benchmark.
pub struct List {
    /// Its name on the command line.
    pub name: &'static str,
    text: &'static str,
}

macro_rules! lists {
    ($($name:literal),* $(,)?) => {
        &[$(List { name: $name, text: include_str!(concat!("../../workloads/", $name, ".txt")) }),*]
    };
}

/// Every list. The command line's choices and its tests follow it.
pub const LISTS: &[List] = lists![
    "resnet18",
    "resnet50",
    "mobilenet_v2",
    "vgg16",
    "unet",
    "bert_base",
    "gpt2",
    "llama",
    "deepbench_conv",
    "deepbench_gemm",
    "square",
    "kernels",
    "processor",
    "vta",
];

/// The list of that name.
pub fn find_list(name: &str) -> Option<&'static List> {
    LISTS.iter().find(|list| list.name == name)
}

impl List {
    /// One line that says where its sizes come from.
    pub fn about(&self) -> &'static str {
        self.text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or_default()
    }

    /// Its workloads' lines, each once.
    pub fn workloads(&self) -> Vec<&'static str> {
        read_list(self.text).into_iter().map(|(_, workload)| workload).collect()
    }
}

/// The workloads in a text with one a line, where `#` begins a remark, with their line numbers.
pub fn read_list(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.split('#').next().unwrap_or_default().trim()));
    lines.filter(|(_, line)| !line.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::op::resolve;

    /// Lists are read by people: they have what would be printed, in canonical form, and no line twice.
    #[test]
    fn every_line_means_something_and_stands_once() {
        let mut wrong = Vec::new();
        for list in LISTS {
            assert!(!list.about().is_empty(), "{}: no first line says where it is from", list.name);
            let mut seen = BTreeSet::new();
            for line in list.workloads() {
                match resolve(line) {
                    Ok(signature) if signature.workload.to_string() != line => {
                        wrong.push(format!("{}: {line} is printed as {}", list.name, signature.workload));
                    }
                    Ok(_) if !seen.insert(line) => wrong.push(format!("{}: {line} stands twice", list.name)),
                    Ok(_) => {}
                    Err(error) => wrong.push(format!("{}: {error}", list.name)),
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn remarks_and_empty_lines_are_no_workloads() {
        let cases: [(&str, &[(usize, &str)]); 4] = [
            ("", &[]),
            ("# nothing\n\n  \n", &[]),
            ("a\r\n\n b # why\n", &[(1, "a"), (3, "b")]),
            ("chain:f32:n4:x+y", &[(1, "chain:f32:n4:x+y")]),
        ];
        for (text, want) in cases {
            assert_eq!(read_list(text), want, "{text:?}");
        }
    }
}
