//! `override` constants become constants; the rest of a text stays.

use super::*;

fn render(source: &str, values: &[(&str, Value)]) -> Result<Rendered, LanguageError> {
    UserTemplate::parse(source, false)?.render(&names(values))
}

#[test]
fn declarations_become_constants() {
    let x = |value: Value| [("X", value)];
    let cases: &[(&str, Option<Value>, &str)] = &[
        ("override X: u32 = 8;", Some(16.into()), "const X: u32 = 16u;"),
        ("override X: u32 = 8;", None, "const X: u32 = 8;"),
        ("override X: u32 = 8;", Some(Value::Real(16.0)), "const X: u32 = 16u;"),
        ("override X: i32;", Some((-5).into()), "const X: i32 = -5i;"),
        ("override X: i32;", Some(i64::from(i32::MIN).into()), "const X: i32 = i32(-2147483648);"),
        ("override X: f32 = 1.0;", Some(Value::Real(0.1)), "const X: f32 = 0.1f;"),
        ("override X: f32 = 1.0;", Some(3.into()), "const X: f32 = 3.0f;"),
        ("override X: f32 = 1.0;", Some(Value::Real(1e-7)), "const X: f32 = 1e-7f;"),
        ("override X: f16 = 1h;", Some(Value::Real(1.5)), "const X: f16 = 1.5h;"),
        ("override X: bool = false;", Some(1.into()), "const X: bool = true;"),
        ("override X: bool;", Some("false".into()), "const X: bool = false;"),
        ("override X = 8;", Some(16.into()), "const X: i32 = 16i;"),
        ("override X = 8;", None, "const X: i32 = 8;"),
        ("override X = 0x1Fu;", Some(16.into()), "const X: u32 = 16u;"),
        ("override X = 0x1f;", Some(16.into()), "const X: i32 = 16i;"),
        ("override X = 1.5;", Some(2.into()), "const X: f32 = 2.0f;"),
        ("override X = -1e+3;", Some(2.into()), "const X: f32 = 2.0f;"),
        ("override X = 2h;", Some(2.into()), "const X: f16 = 2.0h;"),
        ("override X = true;", Some(0.into()), "const X: bool = false;"),
        ("override X = Y * 2u;", None, "const X = Y * 2u;"),
        ("@id(7) override X: u32 = 8;", Some(16.into()), "const X: u32 = 16u;"),
        ("@id( (A + 1) * 2 )\n override X: u32;", Some(16.into()), "const X: u32 = 16u;"),
        ("override /* = 3; */ X : u32 = 8 /* ; */ ;", Some(16.into()), "const X : u32 = 16u /* ; */ ;"),
        ("// override X: u32 = 8;", Some(16.into()), "// override X: u32 = 8;"),
        ("/* /* */ override X = 8; */ a", Some(16.into()), "/* /* */ override X = 8; */ a"),
        ("let overrides = my_override;", Some(16.into()), "let overrides = my_override;"),
        ("override X", Some(16.into()), "override X"),
        ("override : u32;", Some(16.into()), "override : u32;"),
        ("override X: u32 = ;", Some(16.into()), "override X: u32 = ;"),
        (
            "a;\r\noverride X: u32 = 8;\n\t@compute {{ b }} ",
            Some(16.into()),
            "a;\r\nconst X: u32 = 16u;\n\t@compute {{ b }} ",
        ),
    ];
    report(
        cases
            .iter()
            .filter_map(|(source, value, expected)| {
                let values = value.clone().map(x);
                let text = render(source, values.as_ref().map_or(&[], |values| values.as_slice()))
                    .map(|rendered| rendered.text);
                (text.as_deref() != Ok(*expected)).then(|| format!("{source}\n  {text:?}\n  expected {expected:?}"))
            })
            .collect(),
    );
}

#[test]
fn impossible_constants_are_explained() {
    let cases: &[(&str, Option<Value>, &str, &str)] = &[
        ("a; override X: u32;", None, "override X: u32", "`X` has no value; make it a parameter"),
        (
            "override X = Y + 1;",
            Some(3.into()),
            "override X = Y + 1",
            "`X` has no type; write one, as in `override X: u32`",
        ),
        ("override X: T = 1;", Some(3.into()), "override X: T = 1", "the type `T` of `X` is none of u32"),
        ("override X: u32 = 1;", Some((-1).into()), "override X: u32 = 1", "`X` is u32 and cannot be -1"),
        ("override X: u32 = 1;", Some(Value::Real(0.5)), "override X: u32 = 1", "cannot be 0.5"),
        ("override X: u32 = 1;", Some("fast".into()), "override X: u32 = 1", "cannot be fast"),
        (
            "override X: i32 = 1;",
            Some(2_147_483_648_i64.into()),
            "override X: i32 = 1",
            "whole numbers from -2147483648",
        ),
        ("override X: f32 = 1;", Some(16_777_217.into()), "override X: f32 = 1", "only if it has them exactly"),
        ("override X: f32 = 1;", Some(Value::Real(1e39)), "override X: f32 = 1", "up to 3.4e38"),
        ("override X: f32 = 1;", Some(Value::Real(f64::NAN)), "override X: f32 = 1", "cannot be NaN"),
        ("override X: f16 = 1;", Some(Value::Real(70000.0)), "override X: f16 = 1", "up to 65504"),
        ("@id(1) override X: bool = true;", Some(2.into()), "@id(1) override X: bool = true", "0, 1, true and false"),
    ];
    report(
        cases
            .iter()
            .filter_map(|(source, value, place, why)| {
                let values: Vec<_> = value.iter().map(|value| ("X", value.clone())).collect();
                match render(source, &values) {
                    Ok(rendered) => Some(format!("{source} became {}", rendered.text)),
                    Err(error) => differs(source, &error, place, why),
                }
            })
            .collect(),
    );
}

#[test]
fn declarations_are_listed() {
    let source = "@id(1) override A: u32 = 4u + 1;\noverride B = 1.5; override C: f16;override D = A;";
    let template = UserTemplate::parse(source, false).unwrap();
    let listed: Vec<_> = template
        .overrides()
        .iter()
        .map(|o| (o.name.as_str(), o.element, o.default.as_deref(), &source[o.at.clone()]))
        .collect();
    let expected = [
        ("A", Some(Scalar::U32), Some("4u + 1"), "@id(1) override A: u32 = 4u + 1"),
        ("B", Some(Scalar::F32), Some("1.5"), "override B = 1.5"),
        ("C", Some(Scalar::F16), None, "override C: f16"),
        ("D", None, Some("A"), "override D = A"),
    ];
    assert_eq!(listed, expected);
    assert!(template.reads().is_empty());
}

#[test]
fn places_lead_back_to_the_declaration_or_the_byte() {
    let source = "let é = 1;\n@id(1) override LONG_NAME: u32 = 8;\nlet after = 2;";
    let rendered = render(source, &[("LONG_NAME", 100_000.into())]).unwrap();
    let back = |part: &str| {
        let start = rendered.text.find(part).unwrap();
        &source[rendered.map.source(start..start + part.len())]
    };
    assert_eq!(back("é = 1"), "é = 1");
    assert_eq!(back("after"), "after");
    assert_eq!(back("LONG_NAME: u32"), "LONG_NAME: u32");
    assert_eq!(back("100000u"), "@id(1) override LONG_NAME: u32 = 8");
    assert_eq!(back("const"), "@id(1) override LONG_NAME: u32 = 8");
}

#[test]
fn templates_may_declare_overrides() {
    let source = "{% if big %}override X: u32 = {{ n }};{% endif %} override Y: u32 = 1;{% if 0 %}override Z{{ n }} = 1;{% endif %}";
    let template = UserTemplate::parse(source, true).unwrap();
    let listed: Vec<_> = template.overrides().iter().map(|o| (o.name.as_str(), o.default.as_deref())).collect();
    assert_eq!(listed, [("X", Some("{{ n }}")), ("Y", Some("1"))]);
    let values = [("big", 1.into()), ("n", 4.into()), ("X", 2.into())];
    let text = template.render(&names(&values)).unwrap().text;
    assert_eq!(text, "const X: u32 = 2u; const Y: u32 = 1;");
    let error = template.render(&names(&[("big", 1.into()), ("n", 4.into()), ("X", (-1).into())])).unwrap_err();
    assert_eq!(&source[error.at.clone()], "override X: u32 = {{ n }}");
}
