//! Kernel files that would do harm: each ends in one message, or its candidates are rejected; nothing hangs or is obeyed.

use serde_json::Value;

use crate::tool::{Place, Ran, SOFTWARE, has_software_device, report};

/// More of anything than a kernel has.
const MANY: usize = 5000;

fn place() -> Place {
    let place = Place::new();
    place.here(&["new", "smooth"]).good();
    place
}

/// What is wrong with the answer to a file that cannot be used: one short message, of signs that can be seen.
fn is_odd(name: &str, ran: &Ran, part: &str) -> Option<String> {
    let is_obeyed = ran.stderr.chars().any(|c| c.is_control() && c != '\n');
    let ends = ran.stderr.matches("error: ").count() == 1 && ran.stderr.len() < 4000;
    let shown: String = ran.stderr.chars().take(2000).collect();
    ran.is_failure(2, &[part])
        .map(|failure| failure.chars().take(2000).collect())
        .or_else(|| (is_obeyed || !ends).then(|| format!("{name} ({} bytes): {shown:?}", ran.stderr.len())))
}

/// A name, what stands in the starter, what is written in its place, and a part of the message.
type Case = (&'static str, &'static str, String, &'static str);

fn checked(file: &str, cases: &[Case]) {
    let failure = |(name, find, replace, part): &Case| {
        let place = place();
        place.edit(file, find, replace);
        is_odd(name, &place.here(&["check", "smooth.toml"]), part)
    };
    report(cases.iter().filter_map(failure).collect());
}

fn many(each: impl Fn(usize) -> String) -> String {
    (0..MANY).map(each).collect()
}

/// A name for a number, of letters alone.
fn letters(number: usize) -> String {
    number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
}

#[test]
fn hostile_kernel_files_are_refused() {
    const ABOUT: &str = "about = \"smooths a row of numbers\"";
    const CONSTRAINT: &str = "expr = \"WG * ITEMS <= 2048\"";
    const PASS: &str = "grid = [\"ceil_div(n, WG * ITEMS)\"]";
    const UNIFORMS: &str = "shape = { weight = 0.33333334 }";
    let size = |expression: String| format!("y = {{ type = \"f32\", size = \"{expression}\"");
    checked(
        "smooth.toml",
        &[
            ("too long", ABOUT, "#".repeat((1 << 20) + 1), "it has more than 1048576 bytes"),
            ("a raw NUL", ABOUT, "about = \"\0\u{1b}[2J\"".to_owned(), "smooth.toml:11:"),
            ("an escape", ABOUT, "about = \"\\u001b[31m\"".to_owned(), "control character U+001B"),
            ("a carriage return", ABOUT, "about = \"right\\rwrong\"".to_owned(), "control character U+000D"),
            ("a C1 control", ABOUT, "about = \"\\u009b31m\"".to_owned(), "control character U+009B"),
            ("an escape in a key", ABOUT, "\"\\u001b[2J\" = 1".to_owned(), "control character U+001B"),
            ("deep arrays", ABOUT, format!("about = {}", "[".repeat(100_000)), "cannot recurse further"),
            ("deep tables", ABOUT, format!("about = {}", "{a=".repeat(100_000)), "cannot recurse further"),
            ("dotted keys", ABOUT, format!("a{} = 1", ".a".repeat(100_000)), "recursion limit"),
            ("a long line", ABOUT, format!("abort = \"{}\"", "x".repeat(500_000)), "unknown field `abort`"),
            ("sizes", "n = 1000000", many(|i| format!("q{} = 1\n", letters(i))) + "n = 1", "at most 16 are possible"),
            (
                "parameters",
                "[params]\n",
                format!("[params]\n{}", many(|i| format!("P{i} = {{ range = [1, 9] }}\n"))),
                "at most 64 are possible",
            ),
            (
                "constraints",
                CONSTRAINT,
                many(|_| format!("{CONSTRAINT}\n[[constraints]]\n")) + CONSTRAINT,
                "at most 256",
            ),
            ("passes", PASS, many(|_| format!("{PASS}\n[[passes]]\n")) + PASS, "at most 64 are possible"),
            (
                "members",
                UNIFORMS,
                format!("{UNIFORMS}\n[uniforms.s]\n{}", many(|i| format!("a{i} = 1\n"))),
                "at most 256",
            ),
            ("values", "[1, 2, 4, 8, 16]", format!("[0{}]", many(|i| format!(", {}", i + 1))), "at most 4096"),
            ("a long expression", "WG * ITEMS <= 2048", "WG + ".repeat(10_000) + "1", "4096 are the most"),
            ("a deep expression", "WG * ITEMS <= 2048", "(".repeat(1000) + "1", "at most 512 words"),
            ("an overflow", "y = { type = \"f32\", size = \"n\"", size("n * n * n * n".to_owned()), "is too large"),
            ("a power", "y = { type = \"f32\", size = \"n\"", size("n ** (n ** n)".to_owned()), "is too large"),
            ("a pipe", "source = \"smooth.wgsl\"", "source = \"/dev/zero\"".to_owned(), "cannot be read"),
            ("itself", "source = \"smooth.wgsl\"", "source = \"smooth.toml\"".to_owned(), "smooth.toml:"),
        ],
    );
}

#[test]
fn hostile_shaders_are_refused() {
    const SUM: &str = "(left + x[at] + right)";
    let functions = many(|i| format!("fn f{}() -> u32 {{ return f{i}() + f{i}(); }}\n", i + 1));
    checked(
        "smooth.wgsl",
        &[
            ("an escape", SUM, format!("{SUM} /* \u{1b}[2J */"), "control character U+001B"),
            ("a NUL", SUM, format!("{SUM}\0"), "control character U+0000"),
            ("parentheses", SUM, format!("{}1.0{}", "(".repeat(50_000), ")".repeat(50_000)), "smooth.wgsl:"),
            ("a long sum", SUM, format!("(1.0{})", " + 1.0".repeat(50_000)), "smooth.wgsl:"),
            ("negations", SUM, format!("{}1.0", "-".repeat(50_000)), "smooth.wgsl:"),
            (
                "blocks",
                "override WG",
                format!("fn f() {}{}\noverride WG", "{".repeat(20_000), "}".repeat(20_000)),
                "smooth.wgsl:",
            ),
            (
                "types",
                "override WG",
                format!("alias T = {}f32{};\noverride WG", "array<".repeat(9999), ",1>".repeat(9999)),
                "smooth.wgsl:",
            ),
            (
                "functions",
                "override WG",
                format!("fn f0() -> u32 {{ return 1u; }}\n{functions}override WG"),
                "smooth.wgsl:",
            ),
            (
                "a large array",
                "override WG",
                "var<private> all: array<u32, 4294967295>;\noverride WG".to_owned(),
                "smooth.wgsl:",
            ),
        ],
    );
}

/// Constraints that take up to 10⁸ steps to decide would keep a user waiting; so do spaces beyond any number.
#[test]
fn wide_spaces_have_an_answer() {
    let place = place();
    let names: Vec<String> = (0..40).map(|i| format!("P{i}")).collect();
    let params: String = names.iter().map(|name| format!("{name} = {{ range = [1, 4096] }}\n")).collect();
    place.edit("smooth.toml", "[params]", &format!("[params]\n{params}"));
    place.edit(
        "smooth.wgsl",
        "override WG",
        &format!("// {{% if {} > 0 %}}{{% endif %}} reads them all\noverride WG", names.join(" + ")),
    );
    let told = place.here(&["check", "smooth.toml"]).good();
    assert!(told.contains("more than 3e38 combinations of values, about"), "{told}");
    let product = names[..12].iter().map(|name| format!("({name} % 7 + 1)")).collect::<Vec<_>>().join(" * ");
    place.edit(
        "smooth.toml",
        "[[constraints]]",
        &format!("[[constraints]]\nexpr = \"{product} == 11\"\n[[constraints]]"),
    );
    let impossible = place.here(&["check", "smooth.toml"]);
    assert_eq!(is_odd("a product", &impossible, "no config was found that obeys all constraints"), None);
}

#[test]
fn what_is_no_text_file_is_refused() {
    let place = place();
    std::fs::create_dir(place.file("folder.toml")).unwrap();
    place.write("bytes.toml", [b"name = \"a\"\n#".as_slice(), &[0xff, 0xfe]].concat());
    place.write(
        "self.toml",
        place.read("smooth.toml").replace("[reference]\n", "[reference]\nkernel = \"self.toml\"\n"),
    );
    let mut cases = vec![
        ("folder.toml", "the file `folder.toml` cannot be read: it is no regular file"),
        ("bytes.toml", "cannot be read: stream did not contain valid UTF-8"),
        ("none.toml", "the file `none.toml` cannot be read"),
        ("self.toml", "the reference must be one thing"),
    ];
    // A pipe that nobody writes to would keep a reader waiting.
    let made = cfg!(unix) && std::process::Command::new("mkfifo").arg(place.file("pipe.toml")).status().is_ok();
    if made {
        cases.push(("pipe.toml", "it is no regular file"));
    }
    report(cases.iter().filter_map(|(file, part)| is_odd(file, &place.here(&["check", file]), part)).collect());
}

#[test]
fn buffers_that_no_device_can_bind_are_refused_before_they_are_made() {
    let place = place();
    let checked = place.here(&["check", "smooth.toml:n1000000000"]).good();
    assert!(checked.contains("need more than WebGPU's default limits"), "{checked}");
    if has_software_device().is_err() {
        return;
    }
    let tuned = place.here_stored(&[&["tune", "smooth.toml:n1000000000", "--trials", "2"], &SOFTWARE[..]].concat());
    let failure = tuned.is_failure(2, &["needs 4000000", "choose smaller sizes or another device"]);
    assert_eq!(failure, None);
}

/// The stages at which trials of a value of `BAD` were rejected; none for those that were timed.
fn stages(place: &Place, bad: i64) -> Vec<Value> {
    let of_value = |trial: &Value| trial["values"]["BAD"] == bad && trial["phase"] == "search";
    let trials = place.trials().into_iter().filter(of_value);
    trials.map(|trial| trial["outcome"]["rejected"]["stage"].clone()).collect()
}

/// The starter with a parameter of which the value 1 is bad, tuned; what was printed.
fn tuned_with_a_bad_value(place: &Place, subject: &str, statement: &str) -> String {
    place.edit("smooth.toml", "[params]\n", "[params]\nBAD = { values = [0, 1] }\n");
    place.edit("smooth.wgsl", "override WG", "override BAD: u32 = 0u;\noverride WG");
    place.edit("smooth.wgsl", "            let left", &format!("            {statement}\n            let left"));
    let fixed = ["--fix", "WG=64", "--fix", "ITEMS=1", "--trials", "2"];
    place.here_stored(&[&["tune", subject], &fixed[..], &SOFTWARE[..]].concat()).good()
}

#[test]
fn a_shader_that_writes_out_of_bounds_is_rejected() {
    if has_software_device().is_err() {
        return;
    }
    let place = place();
    let told = tuned_with_a_bad_value(&place, "smooth.toml:n1000", "if (BAD == 1u && at == 0u) { y[shape.n] = 1.0; }");
    assert_eq!((stages(&place, 0), stages(&place, 1)), (vec![Value::Null], vec!["verify".into()]), "{told}");
    assert!(!told.contains("BAD=1") && told.contains("1 rejected"), "{told}");
}

/// lavapipe ends every loop after 65 535 iterations, so there are a million of such loops: minutes of work.
#[test]
fn a_shader_that_never_ends_is_rejected_by_its_deadline() {
    if has_software_device().is_err() {
        return;
    }
    let place = place();
    let endless =
        "if (BAD == 1u) { var a = x[at]; loop { a = sin(a) + cos(a * 1.5); if (a > 9.0) { break; } } y[at] = a; }";
    let told = tuned_with_a_bad_value(&place, "smooth.toml:n1000000", endless);
    assert_eq!((stages(&place, 0), stages(&place, 1)), (vec![Value::Null], vec!["timeout".into()]), "{told}");
    assert!(told.contains("1 at timeout, e.g. a run took longer than "), "{told}");
}
