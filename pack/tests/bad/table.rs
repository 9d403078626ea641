//! The bad packs, and what must come of each.

use serde_json::{Value, json};

use crate::Ends::{self, Emptied, Harmless, Missed, Passed, Refused, Skipped};
use crate::common::h100;
use crate::make::{
    CENTRAL, END, LOCAL, good, named, pack, part_of_tuned, patched, patched_first, places, unpack, with_entry,
    with_files, with_headers, with_kernel_text, with_manifest, with_marked, with_program, with_program_text, with_raw,
    with_text, with_two_texts,
};

type Case = (&'static str, Vec<u8>, Ends);

/// Every case: what it is, its bytes, and what must come of it.
pub fn cases() -> Vec<Case> {
    [archives(), headers(), indexes(), ids(), entries(), parts(), programs(), self_tests()]
        .into_iter()
        .flatten()
        .collect()
}

fn archives() -> Vec<Case> {
    let prefixed = [b"#!/bin/sh\n".to_vec(), good()].concat();
    let twice = patched(named("manifest.jsoX"), b"manifest.jsoX", b"manifest.json");
    vec![
        ("a good pack", good(), Harmless),
        ("a file more", named("notes/readme.txt"), Harmless),
        ("no bytes", Vec::new(), Refused("no pack")),
        ("a text", b"matmul:f32:m1n1k1".repeat(9), Refused("no pack")),
        ("an empty archive", pack(&Default::default()), Refused("no `manifest.json`")),
        ("bytes before it", prefixed, Refused("lie before the archive")),
        ("bytes behind it", [good(), vec![0; 9]].concat(), Refused("lie behind the archive")),
        ("a name twice", twice, Refused("the same name")),
        ("a step upward", named("../manifest.json"), Refused("leads out")),
        ("a step upward inside", named("texts/../../x"), Refused("leads out")),
        ("an absolute path", patched(named("Xetc/passwd"), b"Xetc/passwd", b"/etc/passwd"), Refused("leads out")),
        ("a drive", named("c:/x"), Refused("leads out")),
        ("a backslash", patched(named("texts!x"), b"texts!x", b"texts\\x"), Refused("leads out")),
        ("a folder", named("texts/"), Refused("is a folder")),
        ("encryption", with_headers(6, 8, 1), Refused("is encrypted")),
        ("another method", with_headers(8, 10, 12), Refused("another method")),
        ("a link", with_modes(0o120_777), Refused("no plain file")),
    ]
}

/// Headers and directories that lie.
fn headers() -> Vec<Case> {
    let central = |offset, value| with_marked(good(), CENTRAL, offset, value);
    let counted = |count| with_marked(with_marked(good(), END, 8, count), END, 10, count);
    // The writer of the tests says a file's sizes in front of it; that of packs says them behind it.
    let another = || pack(&unpack(&good()));
    vec![
        ("another writer", another(), Harmless),
        ("a device of Unix", with_modes(0o060_644), Refused("no plain file")),
        ("a mode of no sense", with_modes(0o110_644), Refused("no plain file")),
        ("a folder by its attributes", central(38, 0x10), Refused("no plain file")),
        ("a masked header", with_headers(6, 8, 0x2008), Refused("is encrypted")),
        ("strong encryption", with_headers(6, 8, 0x48), Refused("is encrypted")),
        ("encryption that the directory hides", with_marked(good(), LOCAL, 6, 9), Refused("disagree")),
        ("another method that the directory hides", with_marked(good(), LOCAL, 8, 12), Refused("disagree")),
        ("a file beyond the end", central(20, u16::MAX), Refused("reaches into")),
        ("a file that begins beyond the end", central(44, 1), Refused("lie before the archive")),
        ("files on top of each other", central(42, 0), Refused("reaches into")),
        ("a larger size", central(24, u16::MAX), Refused("sizes are not")),
        ("a smaller size", central(24, 7), Refused("sizes are not")),
        ("a huge size", central(26, u16::MAX), Refused("is larger than")),
        ("a larger packed size", packed_sizes(1), Refused("sizes are not")),
        ("a smaller packed size", packed_sizes(-1), Refused("cannot be inflated")),
        ("another size in front", with_marked(another(), LOCAL, 22, 7), Refused("disagree")),
        ("another packed size in front", with_marked(another(), LOCAL, 18, 7), Refused("disagree")),
        ("another checksum in front", with_marked(another(), LOCAL, 14, 7), Refused("disagree")),
        ("another checksum", central(16, 7), Refused("checksum is not")),
        ("another name in front", patched_first(good(), b"manifest.json", b"manifest.jsoX"), Refused("disagree")),
        ("a directory of fewer files", counted(2), Refused("not 2 as its end tells")),
        ("a directory of more files", counted(99), Refused("not 99 as its end tells")),
        ("a directory elsewhere", with_marked(good(), END, 16, 9), Refused("lie before the archive")),
        ("another disk", with_marked(good(), END, 4, 1), Harmless),
        ("many files", many(70_000), Harmless),
        ("too many files", many(98_307), Refused("more than 98306")),
    ]
}

/// The good pack with empty files until there are so many.
fn many(count: usize) -> Vec<u8> {
    with_files(|files| (files.len()..count).for_each(|number| drop(files.insert(format!("x/{number}"), Vec::new()))))
}

/// The good pack, whose files all have a packed size that is so much larger.
fn packed_sizes(more: i16) -> Vec<u8> {
    let mut bytes = good();
    for at in places(&bytes, CENTRAL) {
        let size = u16::from_le_bytes([bytes[at + 20], bytes[at + 21]]);
        bytes[at + 20..at + 22].copy_from_slice(&size.wrapping_add_signed(more).to_le_bytes());
    }
    bytes
}

/// The good pack, whose files all have another Unix mode.
fn with_modes(mode: u16) -> Vec<u8> {
    with_headers(10, 40, mode)
}

fn indexes() -> Vec<Case> {
    let manifest = |text: String| with_files(|files| drop(files.insert("manifest.json".to_owned(), text.into_bytes())));
    let deep = format!("{{\"format\": 1, \"name\": {}", "[".repeat(10_000));
    vec![
        ("no index", with_files(|files| drop(files.remove("manifest.json"))), Refused("no `manifest.json`")),
        ("an index of no JSON", manifest("{".to_owned()), Refused("manifest.json of this pack cannot be read")),
        ("a deep index", manifest(deep), Refused("cannot be read")),
        ("an index bomb", manifest(" ".repeat(40 << 20)), Refused("larger than")),
        ("no format", with_text("\"format\":1,", ""), Refused("missing field `format`")),
        ("another format", with_text("\"format\":1", "\"format\":2"), Refused("has format 2")),
        ("another outline", manifest("{\"format\": 3, \"entries\": 7}".to_owned()), Refused("has format 3")),
        ("a huge format", with_text("\"format\":1", "\"format\":1e99"), Refused("cannot be read")),
        (
            "a long list",
            with_manifest(|manifest| manifest["portfolios"] = vec![0; 40_000].into()),
            Refused("is longer"),
        ),
        ("a field of tomorrow", with_manifest(|manifest| manifest["tomorrow"] = json!({"a": [1]})), Harmless),
    ]
}

/// Ids become names of files, and are shown.
fn ids() -> Vec<Case> {
    let id = |id: &str| with_entry(|entry| entry["id"] = id.into());
    let portfolio = |id: &str| {
        let portfolio = json!({"operation": "", "entries": ["0123456789abcdef", id]});
        with_manifest(|manifest| manifest["portfolios"] = json!([portfolio]))
    };
    vec![
        ("an id that leads out", id("../../x"), Skipped("`../../x` is no id")),
        ("an id that leads out, as long as others", id("../../../../../x"), Skipped("is no id")),
        ("an id of long characters", id("€€€"), Skipped("is no id")),
        ("an id of control characters", id("\u{1b}[2J"), Skipped("u{1b}[2J` is no id")),
        ("an id of upper case", id("0123456789ABCDEF"), Skipped("is no id")),
        ("an id of nothing", id(""), Skipped("is no id")),
        ("a portfolio of sound ids", portfolio("fedcba9876543210"), Harmless),
        ("a portfolio of an id that leads out", portfolio("../../x"), Passed("`../../x` is no id")),
        ("a portfolio of an id of long characters", portfolio("€€€"), Passed("is no id")),
    ]
}

fn entries() -> Vec<Case> {
    let entry = |path: &str, value: Value| with_entry(|entry| *at(entry, path) = value);
    let operation = |path: &str, value: Value| {
        with_manifest(|manifest| {
            for operation in manifest["operations"].as_object_mut().unwrap().values_mut() {
                *at(operation, path) = value.clone();
            }
        })
    };
    let device =
        |path: &str, value: Value| with_manifest(|manifest| *at(&mut manifest["devices"][h100().id()], path) = value);
    let deep = format!("{}m{}", "(".repeat(100), ")".repeat(100));
    let condition = |left: &str| json!([{"left": left, "relation": "<=", "right": "m"}]);
    vec![
        ("a field of an entry", entry("/tomorrow", 1.into()), Harmless),
        (
            "an entry of no object",
            with_manifest(|manifest| list(manifest).push(7.into())),
            Passed("invalid type: integer `7`"),
        ),
        ("an unknown role", entry("/role", "sung".into()), Skipped("unknown variant `sung`")),
        (
            "an unknown feature",
            entry("/needs/features", json!(["ray_tracing"])),
            Skipped("unknown feature `ray_tracing`"),
        ),
        ("an unknown matrix", entry("/needs/features", json!(["cooperative:8x8:f8:f32"])), Skipped("unknown feature")),
        ("an unknown mode", entry("/times/half", json!({})), Skipped("half")),
        (
            "an unknown relation",
            entry("/admits/conditions", json!([{"left": "m", "relation": "~", "right": "m"}])),
            Skipped("unknown variant `~`"),
        ),
        ("an unknown clock", entry("/times/checked/clock", "sundial".into()), Skipped("sundial")),
        ("a hash that is none", entry("/program", "../../etc/passwd".into()), Skipped("is no SHA-256")),
        ("a predicate that lies", entry("/admits/dims/m/most", 255.into()), Skipped("does not admit the sizes")),
        ("a condition that lies", entry("/admits/conditions", condition("m+1")), Skipped("does not admit the sizes")),
        ("a condition without value", entry("/admits/conditions", condition("q")), Skipped("does not admit the sizes")),
        ("multiples of nothing", entry("/admits/dims/m/multiple_of", 0.into()), Skipped("is absurd")),
        ("a range upside down", entry("/admits/dims/m/least", 99_999.into()), Skipped("is absurd")),
        ("a range of nothing", entry("/admits/dims/q", json!({"least": 1, "most": 2})), Skipped("no free dim")),
        ("other sizes", entry("/measured/q", 1.into()), Skipped("not measured at sizes of the free dims")),
        ("a negative size", entry("/measured/m", (-1).into()), Skipped("invalid value")),
        ("a deep formula", entry("/admits/conditions", condition(&deep)), Skipped("no deeper parentheses")),
        ("a long formula", entry("/admits/conditions", condition(&"m+".repeat(5000))), Skipped("its end by here")),
        ("a time of nothing", entry("/times/checked/median_ns", 0.into()), Skipped("no positive numbers")),
        (
            "a ratio upside down",
            entry("/times/checked/ratio_to_default", json!([3, 2, 1])),
            Skipped("no positive numbers"),
        ),
        ("a huge number", with_raw("/times/checked/median_ns", "1e999"), Skipped("out of range")),
        ("a size of 65 bits", with_raw("/measured/m", "36893488147419103232"), Skipped("invalid type: floating point")),
        ("a deep entry", with_raw("/tomorrow", &format!("{}{}", "[".repeat(9999), "]".repeat(9999))), Harmless),
        (
            "a device that is not there",
            entry("/device", "0123456789abcdef".into()),
            Skipped("its device is not in the pack"),
        ),
        (
            "a device of no sense",
            device("/capability/workgroup_size", json!([1, 2])),
            Skipped("its device is not in the pack"),
        ),
        (
            "an unknown matrix of a device",
            device("/capability/cooperative", json!([{"m": 8, "n": 8, "k": 8, "factors": "f8", "sum": "f32"}])),
            Skipped("unknown variant `f8`"),
        ),
        ("a kind of tomorrow", device("/kind", "quantum".into()), Harmless),
        (
            "an id twice",
            with_manifest(|manifest| {
                let first = manifest["entries"][0].clone();
                list(manifest).push(first);
            }),
            Passed("the same id"),
        ),
        (
            "an operation of unknown elements",
            operation("/inputs/0/element", "f8".into()),
            Emptied("unknown variant `f8`"),
        ),
        ("an operation declared twice", operation("/fixed", json!({"m": 1})), Emptied("`m` is declared twice")),
        ("an operation without outputs", operation("/outputs", json!([])), Emptied("no output")),
    ]
}

fn parts() -> Vec<Case> {
    let program = part_of_tuned("programs");
    let text = part_of_tuned("texts");
    let renamed = patched_first(good(), text.as_bytes(), text.replace(".wgsl", ".WGSL").as_bytes());
    let without = |name: &str| with_files(|files| drop(files.remove(name)));
    let other = |name: &str, bytes: Vec<u8>| with_files(|files| drop(files.insert(name.to_owned(), bytes)));
    vec![
        ("a program that is not there", without(&program), Missed("the pack has no `programs/")),
        ("a text that is not there", without(&text), Missed("the pack has no `texts/")),
        ("another program", other(&program, b"{}".to_vec()), Missed("is not what its name says")),
        ("another text", other(&text, b"@compute fn main() {}".to_vec()), Missed("is not what its name says")),
        ("a text of another name in front", renamed, Missed("its header and the directory disagree")),
        ("a program bomb", other(&program, vec![b' '; 3 << 20]), Missed("is larger than")),
        ("a text bomb", other(&text, vec![b' '; 5 << 20]), Missed("is larger than")),
        ("two large texts", with_two_texts(2 << 20), Harmless),
        ("two texts too large together", with_two_texts(3 << 20), Missed("larger than 4194304 bytes together")),
        ("a text of no UTF-8", with_kernel_text(vec![0xff; 9]), Missed("is no UTF-8")),
        ("a deep program", with_program_text(|_| "[".repeat(10_000).into_bytes()), Missed("cannot be read")),
        ("evidence that is not there", with_entry(|entry| entry["evidence"] = "00".repeat(32).into()), Harmless),
    ]
}

fn programs() -> Vec<Case> {
    let set = |path: &str, value: Value| with_program(|program| *at(program, path) = value);
    let dispatch = |kernel: u64, input: u64| json!([{"kernel": kernel, "buffers": [{"input": input}, {"input": 1}, {"output": 0}]}]);
    let many = |path: &str, count: usize| {
        with_program(|program| {
            let first = program[path][0].clone();
            program[path] = vec![first; count].into();
        })
    };
    vec![
        ("a field of a program", set("/tomorrow", 1.into()), Harmless),
        ("a kernel that is not there", set("/run", dispatch(1, 0)), Missed("kernel 1 of 1")),
        ("an input that is not there", set("/run", dispatch(0, 2)), Missed("input 2 of 2")),
        ("a huge number of an input", set("/run", dispatch(0, u64::MAX)), Missed("input 18446744073709551615 of 2")),
        ("too few buffers", set("/run/0/buffers", json!([])), Missed("0 buffers for 3")),
        ("an input that is written", set("/run/0/buffers/2", json!({"input": 1})), Missed("would write input 1")),
        ("nothing to run", set("/run", json!([])), Missed("runs nothing")),
        ("an unknown access", set("/kernels/0/bindings/0/access", "guess".into()), Missed("unknown variant `guess`")),
        ("unknown numerics", set("/numerics", "lucky".into()), Missed("unknown variant `lucky`")),
        (
            "a grid without value",
            set("/kernels/0/grid/0", "m/(n-256)".into()),
            Missed("the grid of kernel `main` has no value"),
        ),
        ("a grid of nothing", set("/kernels/0/grid/0", "m-256".into()), Missed("would launch 0 workgroups")),
        ("a huge grid", set("/kernels/0/grid/0", "m*m*m*m".into()), Missed("workgroups")),
        ("a grid beyond numbers", set("/kernels/0/grid/0", "m*m*m*m*m*m*m*m".into()), Missed("has no value")),
        ("an unknown symbol", set("/kernels/0/uniforms", json!(["zebra"])), Missed("`zebra`, which has no value")),
        (
            "workgroups of nothing",
            set("/kernels/0/workgroup_size", json!([0, 1, 1])),
            Missed("has workgroups of [0, 1, 1]"),
        ),
        (
            "huge workgroups",
            set("/kernels/0/workgroup_size", json!([u32::MAX, u32::MAX, 9])),
            Missed("has workgroups of"),
        ),
        (
            "large workgroups",
            set("/kernels/0/workgroup_size", json!([1, 1, 128])),
            Missed("the device has no workgroups"),
        ),
        ("a temporary of nothing", set("/temporaries/0/bytes", "m-m".into()), Missed("would have 0 bytes")),
        ("a huge temporary", set("/temporaries/0/bytes", "m*m*m*m*m".into()), Missed("would have 1099511627776 bytes")),
        ("a temporary without size", set("/temporaries/0/bytes", "zebra".into()), Missed("`sums` has no value")),
        ("many kernels", many("kernels", 65), Missed("65 kernels, more than 64")),
        ("many dispatches", many("run", 257), Missed("257 dispatches, more than 256")),
        ("many temporaries", many("temporaries", 65), Missed("65 temporaries, more than 64")),
        (
            "another interface",
            set("/kernels/0/declared", json!({"slots": [], "blocks": []})),
            Missed("declares another interface"),
        ),
    ]
}

fn self_tests() -> Vec<Case> {
    let set = |path: &str, value: Value| with_program(|program| *at(program, &format!("/self_test{path}")) = value);
    let fill = |distribution: Value| json!([{"seed": 1, "distribution": distribution}, {"seed": 2, "distribution": {"constant": 1}}]);
    let expected = json!({"output": 0, "index": 0, "value": 1.0, "error": 0.0});
    vec![
        ("no self-test", with_program(|program| drop(program.as_object_mut().unwrap().remove("self_test"))), Harmless),
        ("a self-test of other sizes", set("/dims", json!({"m": 1})), Missed("its sizes have no value")),
        ("a huge self-test", set("/dims/m", 9_999_999.into()), Missed("more than 4194304 elements")),
        ("a self-test without inputs", set("/inputs", json!([])), Missed("fills 0 inputs of 2")),
        ("a self-test of nothing", set("/expected", json!([])), Missed("expects 0 elements")),
        ("a huge guard zone", set("/guard/bytes", 65_540.into()), Missed("guard zone has 65540 bytes")),
        ("a crooked guard zone", set("/guard/bytes", 6.into()), Missed("guard zone has 6 bytes")),
        ("a long self-test", set("/expected", vec![expected; 4097].into()), Missed("expects 4097 elements")),
        ("an output that is not there", set("/expected/0/output", 1.into()), Missed("elements that cannot be")),
        ("an element that is not there", set("/expected/0/index", 256.into()), Missed("elements that cannot be")),
        ("a negative error", set("/expected/0/error", (-1).into()), Missed("elements that cannot be")),
        (
            "a fill of no stride",
            set("/inputs", fill(json!({"cancelling": {"low": 1, "high": 2, "stride": 0, "extent": 1}}))),
            Missed("has no values"),
        ),
        (
            "a fill of no magnitude",
            set("/inputs", fill(json!({"signed_zeros": {"high": i32::MIN}}))),
            Missed("has no values"),
        ),
        ("a fill of tomorrow", set("/inputs", fill(json!({"chaos": {}}))), Missed("unknown variant `chaos`")),
    ]
}

fn list(manifest: &mut Value) -> &mut Vec<Value> {
    manifest["entries"].as_array_mut().unwrap()
}

/// The place that a path of keys and numbers leads to; a last key that is not there is made.
fn at<'a>(value: &'a mut Value, path: &str) -> &'a mut Value {
    path.split('/').skip(1).fold(value, |value, key| match key.parse::<usize>() {
        Ok(index) => &mut value[index],
        Err(_) => &mut value[key],
    })
}
