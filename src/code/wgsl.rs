//! WGSL text from templates: minijinja, strict about undefined names, with the shared snippets of `shaders/`.

use std::sync::OnceLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};
use serde::Serialize;

use super::tidy::tidy;

/// The snippets that templates import, by the name they are imported by.
const SNIPPETS: &[(&str, &str)] = &[
    ("grid.wgsl", include_str!("../../shaders/grid.wgsl")),
    ("lanes.wgsl", include_str!("../../shaders/lanes.wgsl")),
    ("storage.wgsl", include_str!("../../shaders/storage.wgsl")),
    ("elementwise.wgsl", include_str!("../../shaders/elementwise.wgsl")),
    ("order.wgsl", include_str!("../../shaders/order.wgsl")),
    ("raw.wgsl", include_str!("../../shaders/raw.wgsl")),
    ("block.wgsl", include_str!("../../shaders/block.wgsl")),
    ("reduction.wgsl", include_str!("../../shaders/reduction.wgsl")),
    ("winograd.wgsl", include_str!("../../shaders/winograd.wgsl")),
    ("product.wgsl", include_str!("../../shaders/product.wgsl")),
];

/// One template file, parsed at its first use.
pub struct WgslTemplate {
    name: &'static str,
    source: &'static str,
    parsed: OnceLock<Environment<'static>>,
}

impl WgslTemplate {
    /// A template of the given name (used in messages) and text.
    pub const fn new(name: &'static str, source: &'static str) -> Self {
        Self { name, source, parsed: OnceLock::new() }
    }

    /// The text for one set of values.
    ///
    /// # Panics
    /// When the template and its values do not fit. Both are ours: configs are legal by construction, so the goldens
    /// and the operator contract meet such a mistake, never a user.
    pub fn render(&self, values: impl Serialize) -> String {
        let environment = self.parsed.get_or_init(|| self.parse());
        let template = environment.get_template(self.name).expect("added below");
        let text =
            template.render(Value::from(Serde(values))).unwrap_or_else(|e| panic!("template {}: {e:#}", self.name));
        tidy(&text)
    }

    fn parse(&self) -> Environment<'static> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).line_comment_prefix("//#").build();
        environment.set_syntax(syntax.expect("these settings go together"));
        for (name, source) in SNIPPETS.iter().copied().chain([(self.name, self.source)]) {
            environment.add_template(name, source).unwrap_or_else(|e| panic!("template {name}: {e:#}"));
        }
        environment
    }
}
