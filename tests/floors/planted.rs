//! Violations planted in invented sources, to see that the rules find each of them and nothing else.

use super::*;

/// Finds exactly these violations, each by its line and a part of its sentence.
fn check(path: &str, source: &str, want: &[(usize, &str)]) {
    let got = imports(path, source);
    let fits =
        |got: &String, (line, part): &(usize, &str)| got.starts_with(&format!("{path}:{line}: ")) && got.contains(part);
    let found = got.len() == want.len() && got.iter().zip(want).all(|(got, want)| fits(got, want));
    assert!(found, "in {path}:\n{source}\nwanted {want:?}, got {got:#?}");
}

#[test]
fn planted_imports_are_found() {
    let search = "src/search/random.rs";
    let up = "`search` (floor 3) imports `tune` (floor 6)";
    check(search, "use crate::{base::Fill, tune};", &[(1, up)]);
    check(
        search,
        "use crate::{\n    base::{Fill, seeded},\n    space::*,\n    tune::{self, Loop as L},\n};",
        &[(4, up), (4, up)],
    );
    check(search, "pub(crate) use crate::tune::Loop;", &[(1, up)]);
    check(
        search,
        "fn f() -> crate::tune::Loop {\n    ::std::mem::drop(crate :: tune\n:: go())\n}",
        &[(1, up), (3, up)],
    );
    check(search, "macro_rules! m { () => { $crate::tune::go() } }", &[(1, up)]);
    check(search, "use crate::op;", &[(1, "`op` (floor 3)")]);
    check(search, "use crate::nowhere::X;", &[(1, "`nowhere` is no module with a floor")]);
    check(search, "use crate as all;\nuse crate::*;", &[(1, "every module"), (2, "every module")]);
    check(search, "use super::super::tune;", &[(1, "leaves the room")]);
    check(
        search,
        "mod tests {\n    use super::super::Strategy;\n    use super::super::super::tune;\n}",
        &[(3, "leaves the room")],
    );
    check(search, "fn f() { { mod t {} } }\nuse super::{super::tune, X};", &[(2, "leaves the room")]);
    check("src/op/matmul/tiled.rs", "use super::super::Operator;", &[]);
    check("src/record.rs", "use super::base;", &[(1, "leaves the room")]);
    check("src/main.rs", "//! x\nmod tests { use super::*; }\nuse wgtune::{cli, tune};", &[]);
    check("src/extra/mod.rs", "", &[(1, "the module `extra` has no floor")]);
    check("src/lib.rs", "pub use crate::tune::Loop;", &[]);
}

#[test]
fn what_only_looks_like_an_import_is_left_alone() {
    let search = "src/search/mod.rs";
    let innocent = [
        "// use crate::tune;\n//! [`crate::tune`]\n/* use crate::tune; /* std::fs */ wgpu::X */",
        "const A: &str = \"use crate::tune; \\\" std::fs\"; const B: &[u8] = br#\"\" crate::tune\"#;",
        "const C: [char; 3] = ['\"', '\\'', '\\u{22}']; fn f<'a>(x: &'a str) -> char { 'x' }",
        "pub(crate) fn f(wgpu: u32) -> u32 { if clap != wgpu { naga.clap } else { r#type } }",
        "use crate::search::{self, random::Random};\nuse crate::{base, space::{Config, Space}};",
        "use self::wgpu::X;\nuse std::{collections::BTreeMap, fmt};\nlet v = Vec::<u8>::new();",
        "fn f() -> impl Iterator<Item = u8> + use<'static> { x.print(); println(1) }",
    ];
    for source in innocent {
        check(search, source, &[]);
    }
}

#[test]
fn planted_trespasses_are_found() {
    let (op, tune) = ("src/op/mod.rs", "src/tune/mod.rs");
    check(tune, "fn f(x: wgpu::Device) {}", &[(1, "`wgpu` is fenced")]);
    check("src/backend/cpu.rs", "use ::wgpu;", &[(1, "`wgpu` is fenced")]);
    check("src/backend/wgpu/queue.rs", "use wgpu::{Device, Queue};", &[]);
    check("src/backend/wgpu.rs", "use wgpu as gpu;", &[]);
    check("src/cli/run.rs", "use crate::backend::wgpu::open;\nuse clap::Parser;", &[]);
    check(op, "use {minijinja::Environment, std::{fmt, fs::File}};", &[(1, "`minijinja`"), (1, "`std::fs`")]);
    check(op, "use std::time::{Duration,\nInstant};", &[(1, "`std::time`"), (2, "`std::time`")]);
    check(op, "fn f() {\n    std::println!(\"x\");\n    eprint! (\"\");\n}", &[(2, "`println!`"), (3, "`eprint!`")]);
    check("src/store/mod.rs", "use std::time::Duration; fn f() { println!() }", &[]);
    check(tune, "let a = rand::rng();\nlet b = rand::rngs::X;\ndbg!(b);", &[(1, "`rand::rng`"), (3, "`dbg!`")]);
    check(tune, "let a = ChaCha8Rng::from_os_rng();", &[(1, "from_os_rng")]);
    check(tune, "use rand::{RngExt, thread_rng};", &[(1, "thread_rng")]);
}

#[test]
fn untidy_files_and_roots_are_found() {
    let long = format!("//! A sentence.\n{}", "\n".repeat(500));
    let cases = [("//! A sentence.\n", 0), ("", 1), ("/// Of an item.\n", 1), ("\n//! Late.\n", 1), (long.as_str(), 1)];
    for (source, want) in cases {
        assert_eq!(tidiness("x.rs", source).len(), want, "{:?}", source.get(..20));
    }
    let root = "//! Doc.\n#![warn(x)]\n\npub mod base;\npub mod extra;\npub use base::Fill; // why\nmod tune {}\n";
    let lines: Vec<String> = lib_declarations(root).iter().map(|wrong| wrong[..12].to_owned()).collect();
    assert_eq!(lines, ["src/lib.rs:5", "src/lib.rs:6", "src/lib.rs:7"]);
}

#[test]
fn members_that_are_only_declared_are_found() {
    let list = "mod anneal;\nmod forgotten;\npub mod random;\n// forgotten::X\npub const ALL: &[S] = &[anneal::S, self::random::S];";
    let members = ["anneal", "forgotten", "random"].map(str::to_owned);
    assert_eq!(unlisted("mod.rs", list, &members), ["mod.rs:1: `forgotten` is not in the list"]);
}

#[test]
fn only_sources_with_the_mark_are_members() {
    let cases = [
        ("pub struct Tiled;\n\nimpl Template for Tiled {}", true),
        ("pub struct Shape;\n\nimpl Shape {}", false),
        ("// as in `impl Template for Tiled`\nconst X: &str = \"impl Template for Y\";", false),
    ];
    let templates = Family { folder: "", list: "", mark: "impl Template for" };
    for (source, want) in cases {
        assert_eq!(templates.marks(source), want, "{source}");
    }
}
