//! What must end in a message: never in a crash, in minutes, or in gigabytes.

use proptest::prelude::*;

use super::*;

fn known() -> Names {
    names(&[("n", 3.into()), ("x", 5.into()), ("t", "text".into()), ("half", Value::Real(0.5))])
}

fn evaluate(text: &str) -> Result<f64, LanguageError> {
    Expression::parse(text)?.real(&known())
}

fn render(source: &str) -> Result<String, LanguageError> {
    Ok(UserTemplate::parse(source, true)?.render(&known())?.text)
}

#[test]
fn expressions_that_would_grow_are_refused() {
    let cases: &[(String, &str)] = &[
        ("(".repeat(2000), "512 words"),
        (format!("{}1{}", "(".repeat(200), ")".repeat(200)), "nested more than 32 levels"),
        (format!("{}1", "not ".repeat(200)), "nested more than 32 levels"),
        (format!("{}1", "- ".repeat(200)), "nested more than 32 levels"),
        (format!("{}1", "1 if x else ".repeat(100)), "nested more than 32 levels"),
        (format!("{}1{}", "abs(".repeat(100), ")".repeat(100)), "nested more than 32 levels"),
        (vec!["1"; 1000].join("+"), "512 words"),
        (" ".repeat(5000), "4096 are the most"),
        ("'a' * 10 ** 9".to_owned(), "used as a number"),
        ("t * 10 ** 9".to_owned(), "`t` is the text"),
        ("t + t".to_owned(), "`t` is the text"),
        ("9 ** 9 ** 9".to_owned(), "write `a ** (b ** c)`"),
        ("9 ** (9 ** 9)".to_owned(), "too large"),
        ("1.5 ** 1e9".to_owned(), "not a finite number"),
    ];
    report(
        cases
            .iter()
            .filter_map(|(text, why)| match evaluate(text) {
                Err(error) if error.why.contains(why) => None,
                other => Some(format!("{:.40}: {other:?}, expected {why}", text)),
            })
            .collect(),
    );
}

/// As deep and as long as is allowed: these must not end the stack.
#[test]
fn the_largest_expressions_are_evaluated() {
    let cases = [
        format!("{}1{}", "(".repeat(32), ")".repeat(32)),
        format!("{}1{}", "abs(".repeat(32), ")".repeat(32)),
        format!("{}1", "1 if x else ".repeat(32)),
        format!("int({}1)", "not ".repeat(31)),
        format!("{}1", "- ".repeat(32)),
        vec!["x"; 256].join("+"),
        vec!["1"; 256].join("*"),
        format!("int({})", vec!["x"; 250].join("<")),
    ];
    report(cases.iter().filter_map(|text| evaluate(text).err().map(|error| format!("{text:.40}: {error}"))).collect());
}

#[test]
fn templates_that_would_grow_are_refused() {
    let nested_loops = |depth: usize, body: &str| {
        format!("{}{body}{}", "{% for i in range(1000) %}".repeat(depth), "{% endfor %}".repeat(depth))
    };
    let nested_ifs = |depth: usize| format!("{}{}", "{% if x %}".repeat(depth), "{% endif %}".repeat(depth));
    let long = "y".repeat(100_000);
    let cases: &[(String, &str)] = &[
        (format!("{{% set a = 'aa' %}}{}", "{% set a = a + a %}".repeat(40)), "used as a number"),
        (format!("{{% set a = t %}}{}", "{% set a = a + a %}".repeat(40)), "`t` is the text"),
        (format!("{{% set a = t %}}{}", "{% set b = a %}{% set a = b + b %}".repeat(40)), "`t` is the text"),
        ("{% set a = [1] %}".repeat(40), "a list can only follow `in`"),
        ("{% set a = 'a' * 10 ** 9 %}".to_owned(), "used as a number"),
        ("{% for i in ['a'] %}{{ i * 10 ** 9 }}{% endfor %}".to_owned(), "used as a number"),
        ("{% for i in [1] * 10 ** 9 %}{% endfor %}".to_owned(), "expected an operator or the end"),
        ("{% for i in [1] + [2] %}{% endfor %}".to_owned(), "expected an operator or the end"),
        (nested_loops(4, ""), "too many steps"),
        (nested_loops(64, "x"), "too many steps"),
        (nested_loops(65, "x"), "nested more than 64 levels"),
        (nested_loops(1, &long), "longer than 4194304 bytes"),
        (nested_loops(1, &format!("{{{{ '{long}' }}}}")), "longer than 4194304 bytes"),
        (nested_ifs(65), "nested more than 64 levels"),
        (nested_ifs(4_000), "nested more than 64 levels"),
        (format!("{{% if x %}}{}{{% endif %}}", "{% elif x %}".repeat(1000)), "counting each `elif`"),
        (format!("{{{{ {}1 }}}}", "not ".repeat(400)), "nested more than 32 levels"),
        (format!("{{{{ {} }}}}", vec!["1"; 1000].join("+")), "512 words"),
        ("{{ n }}".repeat(10_001), "at most 10000 tags"),
        (format!("{{{{ x{} }}}}", "+1".repeat(250)).repeat(1000), "at most 50000 words"),
        ("{#".repeat(100_000), "this comment does not end"),
        (" ".repeat((1 << 20) + 1), "1048576 are the most"),
    ];
    report(
        cases
            .iter()
            .filter_map(|(source, why)| match render(source) {
                Err(error) if error.why.contains(why) => None,
                other => Some(format!("{source:.60}: {:.60?}, expected {why}", other)),
            })
            .collect(),
    );
}

/// As deep and as long as is allowed: these must not end the stack, or take long.
#[test]
fn the_largest_templates_are_rendered() {
    let elifs = format!("{{% if not x %}}{}{{% else %}}e{{% endif %}}", "{% elif not x %}".repeat(63));
    let deep = format!(
        "{}{{{{ {}1{} }}}}{}",
        "{% if x %}".repeat(64),
        "(".repeat(32),
        ")".repeat(32),
        "{% endif %}".repeat(64)
    );
    let sets = (0..9_999).rev().map(|i| format!("{{% set a{i} = a{} %}}", i + 1)).collect::<String>() + "{{ 1 + a0 }}";
    let text = UserTemplate::parse(&sets, true).unwrap().render(&names(&[("a9999", "text".into())])).unwrap_err();
    let cases = [
        elifs,
        deep,
        "{{ n }}\n".repeat(10_000),
        "{% for i in range(65536) %}{{ i }} {% endfor %}".to_owned(),
        "{ ".repeat(1 << 19),
        "/*".repeat(1 << 19),
    ];
    report(
        cases.iter().filter_map(|source| render(source).err().map(|error| format!("{source:.40}: {error}"))).collect(),
    );
    assert!(text.why.contains("`a9999` is the text `text`"), "{text}");
}

const WORDS: &[&str] = &[
    "1",
    "2.5",
    "n",
    "x",
    "t",
    "'a'",
    "\"b\"",
    "+",
    "-",
    "*",
    "/",
    "//",
    "%",
    "**",
    "==",
    "!=",
    "<",
    ">=",
    "and",
    "or",
    "not",
    "in",
    "if",
    "else",
    "(",
    ")",
    "[",
    "]",
    ",",
    "max",
    "abs(",
    "ceil_div(",
    "true",
    "range(",
    "is",
    "none",
    ".",
    "|",
    "=",
    "~",
    "{",
    "}",
];

const PARTS: &[&str] = &[
    "{{",
    "}}",
    "{%",
    "%}",
    "{#",
    "#}",
    "-",
    "+",
    " if ",
    " elif ",
    " else ",
    " endif ",
    " for ",
    " i in ",
    "range(2)",
    " endfor ",
    " set ",
    " s = ",
    "n",
    "t",
    "'a'",
    "\n",
    "\r",
    " ",
    "é",
    "[1, 2]",
    "override X: u32 = 8;",
    "@id(1)",
    "/*",
    "*/",
    "//",
    ";",
    "{% raw %}",
    "{% if n %}",
    "{% endif %}",
    "{% for i in [1, 't'] %}",
    "{% endfor %}",
    "{{ n }}",
    "{{ s }}",
];

/// Every message must be one of ours, at a place that exists.
fn check(text: &str, result: Result<(), LanguageError>) -> Result<(), TestCaseError> {
    if let Err(error) = result {
        prop_assert!(text.get(error.at.clone()).is_some(), "{text:?}: {error:?}");
        prop_assert!(!error.why.contains("write it more simply"), "{text:?}: {error:?}");
    }
    Ok(())
}

fn check_expression(text: &str) -> Result<(), TestCaseError> {
    check(text, Expression::parse(text).and_then(|expression| expression.holds(&known())).map(|_| ()))
}

fn check_template(source: &str, is_template: bool) -> Result<(), TestCaseError> {
    let rendered = UserTemplate::parse(source, is_template).and_then(|template| template.render(&known()));
    if let Ok(rendered) = &rendered {
        for at in 0..=rendered.text.len() {
            prop_assert!(
                source.get(rendered.map.source(at..at + 1)).is_some()
                    || !rendered.text.is_char_boundary(at)
                    || !rendered.text.is_char_boundary(at + 1)
            );
        }
    }
    check(source, rendered.map(|_| ()))
}

/// A text with a few characters changed.
fn mutated(valid: &'static str) -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), 0..3usize, prop::sample::select(PARTS));
    prop::collection::vec(change, 1..4).prop_map(move |changes| {
        let mut text: Vec<char> = valid.chars().collect();
        for (at, removed, inserted) in changes {
            let at = at.index(text.len() + 1);
            let end = (at + removed).min(text.len());
            text.splice(at..end, inserted.chars());
        }
        text.into_iter().collect()
    })
}

const VALID: &str = "{% set s = 2 * n %}\nenable f16; // {{ t }}\n@id(3) override X: u32 = 4;\n  {% for i in range(s) %}\n  let a{{ i }} = \
    {{ 1 if i % 2 == 0 and n > 1 else max(i, 2) }};\n  {% endfor %}\n{% if t in ['text', 'b'] %}y{% elif n %}z{% else %}w{% endif %}\n";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_text_is_no_danger(text in "\\PC*") {
        check_expression(&text)?;
        check_template(&text, true)?;
        check_template(&text, false)?;
        check_template(&format!("{{{{{text}}}}}"), true)?;
        check_template(&format!("{{%{text}%}}"), true)?;
    }

    #[test]
    fn any_words_are_no_danger(words in prop::collection::vec(prop::sample::select(WORDS), 0..12)) {
        check_expression(&words.join(" "))?;
        check_expression(&words.concat())?;
    }

    #[test]
    fn any_parts_are_no_danger(parts in prop::collection::vec(prop::sample::select(PARTS), 0..16)) {
        check_template(&parts.concat(), true)?;
        check_template(&parts.concat(), false)?;
    }

    #[test]
    fn any_change_is_no_danger(source in mutated(VALID)) {
        check_template(&source, true)?;
    }
}

#[test]
fn the_changed_source_is_valid() {
    assert!(render(VALID).is_ok_and(|text| text.contains("let a5 = 5;") && text.contains("const X: u32 = 4;")));
}
