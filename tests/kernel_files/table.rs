//! Mistakes: each is one change to a kernel file that has none.

/// One mistake.
pub struct Mistake {
    /// What its golden is called.
    pub name: &'static str,
    /// The file that is changed.
    pub file: &'static str,
    /// What stands there once.
    pub find: &'static str,
    /// What is written instead.
    pub replace: &'static str,
}

const fn toml(name: &'static str, find: &'static str, replace: &'static str) -> Mistake {
    Mistake { name, file: "good.toml", find, replace }
}

const fn wgsl(name: &'static str, find: &'static str, replace: &'static str) -> Mistake {
    Mistake { name, file: "good.wgsl", find, replace }
}

/// Every mistake.
pub const MISTAKES: &[Mistake] = &[
    // TOML and its keys.
    toml("toml-syntax", "about = \"scales numbers\"", "about = \"scales numbers"),
    toml("toml-key", "source = \"good.wgsl\"", "sauce = \"good.wgsl\""),
    toml("toml-type", "n = 1000\n\n[params]", "n = \"1000\"\n\n[params]"),
    toml("toml-twice", "[sizes]\nn = 1000", "[sizes]\nn = 1000\nn = 2000"),
    toml("name", "name = \"good\"", "name = \"Good kernel\""),
    toml("source-missing", "source = \"good.wgsl\"", "source = \"bad.wgsl\""),
    toml("no-passes", "[[passes]]\nentry = \"main\"\nworkgroup = [\"WG\"]\ngrid = [\"ceil_div(n, WG * ITEMS)\"]", ""),
    // Sizes.
    toml("size-zero", "n = 1000\n\n[params]", "n = 0\n\n[params]"),
    toml("size-huge", "n = 1000\n\n[params]", "n = 1000000000000\n\n[params]"),
    toml("size-name", "[sizes]\nn = 1000", "[sizes]\nn = 1000\nN2 = 5"),
    // Parameters.
    toml("values-none", "{ values = [1, 2, 4] }", "{ values = [] }"),
    toml("values-unsaid", "{ values = [1, 2, 4] }", "{ default = 1 }"),
    toml("values-said-twice", "{ values = [1, 2, 4] }", "{ values = [1, 2, 4], range = [1, 4] }"),
    toml("values-mixed", "{ values = [1, 2, 4] }", "{ values = [1, 2.0, 4] }"),
    toml("values-repeated", "{ values = [1, 2, 4] }", "{ values = [1, 2, 4, 2] }"),
    toml("values-range", "{ values = [1, 2, 4] }", "{ range = [4, 1] }"),
    toml("values-powers", "[16, 256]", "[16, 200]"),
    toml("default-no-value", "default = 64", "default = 48"),
    toml("param-is-size", "ITEMS = {", "n = {"),
    toml("param-idle", "ITEMS = {", "DEPTH = { values = [1, 2] }\nITEMS = {"),
    // Constraints.
    toml("constraint-unknown", "expr = \"WG * ITEMS <= 512\"", "expr = \"WG * DEPTH <= 512\""),
    toml("constraint-syntax", "expr = \"WG * ITEMS <= 512\"", "expr = \"WG * (ITEMS <= 512\""),
    toml("constraint-text", "expr = \"WG * ITEMS <= 512\"", "expr = \"WG * ITEMS + 'a' <= 512\""),
    toml("constraint-assigns", "expr = \"WG * ITEMS <= 512\"", "expr = \"WG = 64\""),
    toml("constraint-impossible", "expr = \"WG * ITEMS <= 512\"", "expr = \"WG * ITEMS <= 8\""),
    toml(
        "constraints-together",
        "[[constraints]]\nexpr",
        "[[constraints]]\nexpr = \"WG >= 128\"\n\n[[constraints]]\nexpr = \"WG <= 64\"\n\n[[constraints]]\nexpr",
    ),
    // Buffers.
    toml("buffer-type", "x = { type = \"f32\"", "x = { type = \"f64\""),
    toml("buffer-other-type", "y = { type = \"f32\"", "y = { type = \"u32\""),
    toml("buffer-role", "role = \"output\"", "role = \"result\""),
    toml("buffer-no-output", "role = \"output\"", "role = \"temporary\""),
    toml("buffer-size-unknown", "y = { type = \"f32\", size = \"n\"", "y = { type = \"f32\", size = \"m\""),
    toml("buffer-size-of-params", "y = { type = \"f32\", size = \"n\"", "y = { type = \"f32\", size = \"n * ITEMS\""),
    toml("buffer-size-huge", "y = { type = \"f32\", size = \"n\"", "y = { type = \"f32\", size = \"n * n * n * n\""),
    toml("buffer-size-overflow", "y = { type = \"f32\", size = \"n\"", "y = { type = \"f32\", size = \"n ** 1000\""),
    toml("buffer-size-fraction", "y = { type = \"f32\", size = \"n\"", "y = { type = \"f32\", size = \"n / 3\""),
    toml("buffer-undeclared", "x = { type", "xs = { type"),
    toml("buffer-idle", "[uniforms]", "z = { type = \"f32\", size = \"n\", role = \"input\" }\n\n[uniforms]"),
    toml("fill-of-output", "role = \"output\" }", "role = \"output\", fill = { constant = 0 } }"),
    toml("fill-twice", "{ uniform = [-1, 1] }", "{ uniform = [-1, 1], constant = 0 }"),
    toml("fill-reversed", "{ uniform = [-1, 1] }", "{ uniform = [1, -1] }"),
    toml("fill-no-file", "{ uniform = [-1, 1] }", "{ npy = \"x.npy\" }"),
    toml("tolerance", "role = \"output\" }", "role = \"output\", tolerance = { relative = -1 } }"),
    // Uniforms.
    toml("uniform-unsaid", "shape = { factor = 2.5 }", "shape = {}"),
    toml("uniform-stranger", "{ factor = 2.5 }", "{ factor = 2.5, offset = 1 }"),
    toml("uniform-vector", "{ factor = 2.5 }", "{ factor = [2.5, 1] }"),
    // Passes.
    toml("entry-unknown", "entry = \"main\"", "entry = \"start\""),
    toml("grid-unknown", "grid = [\"ceil_div(n, WG * ITEMS)\"]", "grid = [\"ceil_div(n, BLOCK)\"]"),
    toml("grid-zero", "grid = [\"ceil_div(n, WG * ITEMS)\"]", "grid = [\"n // 5000\"]"),
    toml("grid-divided-by-zero", "grid = [\"ceil_div(n, WG * ITEMS)\"]", "grid = [\"n // (WG - WG)\"]"),
    toml("grid-four", "grid = [\"ceil_div(n, WG * ITEMS)\"]", "grid = [1, 1, 1, \"n\"]"),
    toml("workgroup", "workgroup = [\"WG\"]", "workgroup = [\"2 * WG\"]"),
    toml("bind-unknown", "entry = \"main\"", "entry = \"main\"\nbind = { x = \"image\" }"),
    toml("bind-twice", "entry = \"main\"", "entry = \"main\"\nbind = { x = \"y\" }"),
    toml("repeat-much", "entry = \"main\"", "entry = \"main\"\nrepeat = 1000000000"),
    toml("never-launched", "entry = \"main\"", "entry = \"main\"\nwhen = \"n < 10\""),
    // The truth.
    toml("reference-twice", "[reference]\n", "[reference]\nkernel = \"other.toml\"\n"),
    toml("reference-wgsl", "y[id.x] = 2.5 * x[id.x];", "y[id.x] = 2.5 * x[id.x]"),
    toml("check-size", "sizes = [{ n = 17 }]", "sizes = [{ m = 17 }]"),
    // WGSL and its templates.
    wgsl("wgsl-syntax", "    return shape.factor * value;", "    return shape.factor * ;"),
    wgsl("wgsl-type", "scaled(x[at_{{ item }}])", "scaled(at_{{ item }})"),
    wgsl("wgsl-name", "return shape.factor", "return shape.scale"),
    wgsl("wgsl-read-only", "var<storage, read_write> y", "var<storage, read> y"),
    wgsl("wgsl-workgroup-memory", "fn scaled", "var<workgroup> tile: array<f32, 0>;\n\nfn scaled"),
    wgsl(
        "wgsl-texture",
        "fn scaled(value: f32) -> f32 {",
        "@group(0) @binding(3) var image: texture_2d<f32>;\n\nfn scaled(value: f32) -> f32 {\n    let size = textureDimensions(image);",
    ),
    wgsl("override-untyped", "override WG: u32 = 64u;", "override WG = f();"),
    wgsl("override-type", "override WG: u32 = 64u;", "override WG: bool = true;"),
    wgsl("template-unclosed", "    {% endfor %}\n", ""),
    wgsl("template-unknown", "range(ITEMS)", "range(COUNT)"),
    wgsl("template-macro", "fn scaled", "{% macro m(x) %}{{ x }}{% endmacro %}\nfn scaled"),
    wgsl("template-endless", "range(ITEMS)", "range(1000000000)"),
    wgsl("template-bomb", "fn scaled", "{% set x = \"xxxxxxxx\" %}{% set x = x + x %}\nfn scaled"),
];
