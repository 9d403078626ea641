//! Templates: what they give, what is refused and where, and the way back to the source.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior};
use proptest::prelude::*;

use super::*;

fn known() -> Names {
    names(&[("n", 3.into()), ("zero", 0.into()), ("half", Value::Real(0.5)), ("order", "rows".into())])
}

fn render(source: &str) -> Result<Rendered, LanguageError> {
    UserTemplate::parse(source, true)?.render(&known())
}

#[test]
fn tags_are_evaluated() {
    let cases: &[(&str, &str)] = &[
        ("no tags { } \n", "no tags { } \n"),
        ("{{ n }}u + {{ half }} + {{ n / 3 }}", "3u + 0.5 + 1.0"),
        ("{{ order }} {{ n > 2 }} {{ 'a' if zero else \"b\" }}", "rows true b"),
        ("{% set x = 2 * n %}{{ x }}", "6"),
        ("a\n  {% if n > 2 %}\n  b\n  {% elif zero %}\n  c\n  {% else %}\n  d\n  {% endif %}\ne\n", "a\n  b\ne\n"),
        ("{% for i in range(3) %}{{ i }},{% endfor %}", "0,1,2,"),
        ("{% for i in range(1, 8, n) %}{{ i }},{% endfor %}", "1,4,7,"),
        ("{% for i in range(3, 0, -2) %}{{ i }},{% endfor %}", "3,1,"),
        ("{% for i in range(-1) %}{{ i }}{% endfor %}", ""),
        ("{% for i in [n, 'x', 2.5] %}{{ i }},{% endfor %}", "3,x,2.5,"),
        ("a {# {{ nothing }} #}\nb", "a b"),
        ("a {#- x -#} \n b", "ab"),
        ("a  {{- n -}}  b", "a3b"),
        ("  {%+ if n +%}\nb{% endif %}", "  \nb"),
        ("{{ '{{' }}{{ '}}' }}", "{{}}"),
        ("{% set a = 1 %}{% for i in range(2) %}{% set a = a + 1 %}{% endfor %}{{ a }}", "1"),
    ];
    report(
        cases
            .iter()
            .filter_map(|(source, expected)| {
                let text = render(source).map(|rendered| rendered.text);
                (text.as_deref() != Ok(*expected)).then(|| format!("{source:?}\n  {text:?}\n  expected {expected:?}"))
            })
            .collect(),
    );
}

#[test]
fn braces_of_plain_sources_are_text() {
    let source = "fn f() {{ return; }} {% for %} {# \n";
    assert!(looks_like_template(source));
    assert!(!looks_like_template("fn f() { { } }"));
    let rendered = UserTemplate::parse(source, false).unwrap().render(&known()).unwrap();
    assert_eq!(rendered.text, source);
    assert_eq!(rendered.map.source(3..9), 3..9);
}

#[test]
fn reads_are_exact() {
    let cases: &[(&str, &str)] = &[
        ("{{ a }}{% set b = c %}{{ b }}", "a c"),
        ("{% for i in range(k) %}{{ i * j }}{% endfor %}", "j k"),
        ("{% for i in [a] %}{% endfor %}{{ i }}", "a i"),
        ("{% if a %}{% set b = 1 %}{% endif %}{{ b }}", "a b"),
        ("{% if a %}{% set b = 1 %}{% else %}{% set b = 2 %}{% endif %}{{ b }}", "a"),
        ("{% if a %}{% set b = 1 %}{% elif c %}{% else %}{% set b = 2 %}{% endif %}{{ b }}", "a b c"),
        ("{% if a %}{% set b = 1 %}{% elif c %}{% set b = 1 %}{% else %}{% set b = 2 %}{% endif %}{{ b }}", "a c"),
        ("{% set a = a + 1 %}{{ a }}", "a"),
        ("{% for i in [1] %}{% set b = 1 %}{% endfor %}{{ b }}", "b"),
        ("{# {{ a }} #}{{ 'b' }}", ""),
    ];
    report(
        cases
            .iter()
            .filter_map(|(source, expected)| {
                let reads =
                    UserTemplate::parse(source, true).unwrap().reads().into_iter().collect::<Vec<_>>().join(" ");
                (reads != *expected).then(|| format!("{source}: {reads}, expected {expected}"))
            })
            .collect(),
    );
}

#[test]
fn what_is_no_template_is_explained() {
    let cases: &[(&str, &str, &str)] = &[
        ("a {{ n", "{{", "this tag does not end; close it with `}}`"),
        ("a {{ n %}", "}", "a tag closes as it opened"),
        ("a {{- n", "{{", "close it with `}}`"),
        ("a {% if n", "{%", "close it with `%}`"),
        ("a {# n", "{#", "close it with `#}`"),
        ("{{ }}", "", "expected a value"),
        ("{{ (n }}", "}", "a tag closes as it opened"),
        ("é{% if n %}x", "{% if n %}", "this `if` does not end; close it with `{% endif %}`"),
        ("{% for i in range(2) %}", "{% for i in range(2) %}", "close it with `{% endfor %}`"),
        ("{% endif %}", "{% endif %}", "`endif` closes no `if`"),
        ("{% if n %}{% endfor %}", "{% endfor %}", "`endfor` closes no `for`"),
        ("{% else %}", "{% else %}", "this belongs to no `if`"),
        ("{% if n %}{% else %}{% elif n %}{% endif %}", "{% elif n %}", "nothing follows the `else`"),
        ("{% for i in [1] %}{% else %}{% endfor %}", "{% else %}", "a `for` has no `else` here"),
        ("{% if n %}{% else if n %}{% endif %}", "if", "expected the end of the tag, found `if`"),
        ("{% if n == 1 if zero else n %}{% endif %}", "if", "put a choice into brackets"),
        ("{% for i in range(3) if i %}{% endfor %}", "if", "the condition of a loop into the loop"),
        ("{% for i in range(3) recursive %}{% endfor %}", "recursive", "expected an operator or the end"),
        ("{% for i in n %}{% endfor %}", "n", "expected `range(..)` or a list such as `[1, 2, 4]`"),
        ("{% for i, j in [1] %}{% endfor %}", ",", "expected `in`, found `,`, as in `{% for i in range(4) %}`"),
        ("{% for 3 in [1] %}{% endfor %}", "3", "expected a name, as in"),
        ("{% for i in range() %}{% endfor %}", "range", "`range` takes 1 to 3 arguments, not 0"),
        ("{% set loop = 1 %}", "loop", "`loop` has a meaning already"),
        ("{% set min = 1 %}", "min", "`min` has a meaning already"),
        ("{% set range = 1 %}", "range", "`range` has a meaning already"),
        ("{% set x %}a{% endset %}", "", "a text cannot be captured"),
        ("{% set x.y = 1 %}", ".", "there are no attributes"),
        ("{% set x = [1, 2] %}", "[", "a list can only follow `in`"),
        ("{% set x = 1, 2 %}", ",", "expected an operator or the end"),
        ("{{ loop.index }}", ".", "there are no attributes"),
        ("{{ n ~ n }}", "~", "texts cannot be joined"),
        ("{{ n | upper }}", "|", "there are no filters"),
        ("{% macro f(x) %}{% endmacro %}", "{% macro f(x) %}", "templates have no `macro`"),
        ("{% call f() %}{% endcall %}", "{% call f() %}", "templates have no `call`"),
        ("{% filter upper %}{% endfilter %}", "{% filter upper %}", "templates have no `filter`"),
        ("{% include 'x' %}", "{% include 'x' %}", "templates have no `include`: put all of the source into one text"),
        ("{% import 'x' as y %}", "{% import 'x' as y %}", "templates have no `import`"),
        ("{% extends 'x' %}", "{% extends 'x' %}", "templates have no `extends`"),
        ("{% block x %}{% endblock %}", "{% block x %}", "templates have no `block`"),
        ("{% raw %}{{ n }}{% endraw %}", "{% raw %}", "templates have no `raw`: write `{{ '{{' }}`"),
        ("{% with x = 1 %}{% endwith %}", "{% with x = 1 %}", "templates have no `with`"),
        ("{% unless n %}", "{% unless n %}", "there is no tag `unless`; known are set, if"),
        ("{% %}", "{% %}", "there is no tag ``"),
        ("{% set a = 'x' %}\n{{ a + 1 }}", "'x'", "this text is used as a number"),
        ("{% for i in ['x'] %}{% set j = i %}{{ j * 2 }}{% endfor %}", "'x'", "this text is used as a number"),
        ("a\u{E5A1}b", "\u{E5A1}", "is kept for wgtune; remove it"),
    ];
    report(
        cases
            .iter()
            .filter_map(|(source, place, why)| match UserTemplate::parse(source, true) {
                Ok(_) => Some(format!("{source} was read")),
                Err(error) => differs(source, &error, place, why),
            })
            .collect(),
    );
}

#[test]
fn what_cannot_be_rendered_is_explained() {
    let cases: &[(&str, &str, &str)] = &[
        ("é\n{{ n }}\n  {{ 1 + n // zero }}", "n // zero", "`3 // 0` divides by zero"),
        ("{{ 1 +\r\n n //\n zero }}", "n //\n zero", "divides by zero"),
        ("{% if n % zero %}{% endif %}", "n % zero", "divides by zero"),
        ("{% set x = ceil_div(n, zero) %}", "ceil_div(n, zero)", "divides by zero"),
        ("{% for i in range(1, 2, zero) %}{% endfor %}", "range(1, 2, zero)", "the step of a `range` is 0"),
        ("{% for i in range(1000000) %}{% endfor %}", "range(1000000)", "more than 65536 values"),
        ("{% for i in range(2.5) %}{% endfor %}", "range(2.5)", "`range` takes whole numbers, not 2.5"),
        ("{{ missing }}", "missing", "`missing` has no value"),
        ("{% set x = order %}{{ 1 }}{{ x * 2 }}", "order", "`order` is the text `rows` and is used as a number here"),
        ("{{ 1e300 * 1e300 }}", "1e300 * 1e300", "not a finite number"),
    ];
    report(
        cases
            .iter()
            .filter_map(|(source, place, why)| match render(source) {
                Ok(rendered) => Some(format!("{source} became {}", rendered.text)),
                Err(error) => differs(source, &error, place, why),
            })
            .collect(),
    );
    let marked = names(&[("n", "\u{E5A1}0;".into())]);
    let error = UserTemplate::parse("{{ n }}", true).unwrap().render(&marked).unwrap_err();
    assert!(error.why.contains("which is kept for wgtune"), "{error}");
}

#[test]
fn places_lead_back_to_the_tag_or_the_byte() {
    let source = "start\n{% for i in range(3) %}\nlet é{{ i }} = {{ i * 100 }};\n{% endfor %}\nend";
    let rendered = render(source).unwrap();
    let back = |start: usize, length: usize| &source[rendered.map.source(start..start + length)];
    let find = |part: &str| rendered.text.find(part).unwrap();
    assert_eq!(back(find("art"), 3), "art");
    assert_eq!(back(find("let é2"), 3), "let", "copies of a loop have one source");
    assert_eq!(back(find("200"), 1), "{{ i * 100 }}");
    assert_eq!(back(find("é1 ="), 5), "é{{ i }} =");
    assert_eq!(back(find("end"), 3), "end");
    assert_eq!(rendered.map.source(1000..2000), source.len()..source.len());
    assert_eq!(rendered.map.source(2..2), 2..2);
}

/// Expressions with a value for the names known.
fn expression() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["n", "order", "half * n", "'é'", "n // 2", "(1 if n > 2 else 2)", "ceil_div(n, 2)"])
        .prop_map(str::to_owned)
}

fn space() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "", "", "-", "+"]).prop_map(str::to_owned)
}

fn literal() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", " ", "  ", "\n", "\r\n", "\r", "\t", "x { y }", "é", "\n\n  ", "; // z\n"])
        .prop_map(str::to_owned)
}

fn comment() -> impl Strategy<Value = String> {
    (space(), prop::sample::select(vec![" c ", "", "x\ny", "{{ x }}"]), space())
        .prop_map(|(a, text, b)| format!("{{#{a}{text}{b}#}}"))
}

fn value() -> impl Strategy<Value = String> {
    (space(), expression(), space()).prop_map(|(a, value, b)| format!("{{{{{a} {value} {b}}}}}"))
}

fn template() -> impl Strategy<Value = String> {
    let set = (space(), expression(), space()).prop_map(|(a, value, b)| format!("{{%{a} set s = {value} {b}%}}"));
    let leaf = prop_oneof![4 => literal(), 3 => value(), 1 => comment(), 1 => set];
    leaf.prop_recursive(3, 24, 5, |inner| {
        let body = || prop::collection::vec(inner.clone(), 0..5).prop_map(|parts| parts.concat());
        prop_oneof![
            2 => body(),
            1 => (body(), body(), space(), space()).prop_map(|(yes, no, a, b)| format!("{{%{a} if n > 2 {b}%}}{yes}{{% elif half %}}{no}{{%{b} else {a}%}}{no}{{% endif %}}")),
            1 => (body(), space(), space()).prop_map(|(each, a, b)| format!("{{%{a} for i in range(2) {b}%}}{each}{{{{ i }}}}{{%{b} endfor {a}%}}")),
        ]
    })
}

/// The same by minijinja alone.
fn plain(source: &str) -> String {
    let mut environment = Environment::empty();
    let syntax =
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build().unwrap();
    environment.set_syntax(syntax);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_function("range", |count: i64| (0..count).collect::<Vec<i64>>());
    environment.add_function("ceil_div", |a: i64, b: i64| (a + b - 1) / b);
    environment.render_str(source, minijinja::context! { n => 3, half => 0.5, order => "rows" }).unwrap()
}

proptest! {
    #[test]
    fn texts_without_tags_are_kept(source in "([^{\u{E5A1}]|\\{[^{%#\u{E5A1}])*") {
        let rendered = render(&source).unwrap();
        prop_assert_eq!(&rendered.text, &source);
        for at in 0..source.len() {
            prop_assert_eq!(rendered.map.source(at..source.len()), at..source.len());
        }
    }

    #[test]
    fn templates_render_as_minijinja_renders_them(source in template()) {
        let rendered = render(&source).unwrap();
        prop_assert_eq!(&rendered.text, &plain(&source));
        for at in 0..rendered.text.len() {
            let back = rendered.map.source(at..at + 1);
            prop_assert!(back.end <= source.len() && back.start < back.end);
            let is_tag = source.as_bytes()[back.clone()].starts_with(b"{{");
            prop_assert!(is_tag || source.as_bytes()[back] == rendered.text.as_bytes()[at..=at]);
        }
    }
}
