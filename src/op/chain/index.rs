//! Where the elements of inputs lie, as WGSL.

use super::shape::{Input, Shape};

/// Writes indices for vectors of `width` elements; sizes are constants where `baked`, else uniforms.
pub(super) struct Indices<'a> {
    pub shape: &'a Shape,
    pub width: i64,
    pub baked: bool,
}

impl Indices<'_> {
    /// The extent of an axis in elements; a joint axis has the product of its parts.
    pub fn size(&self, axis: &str) -> String {
        match self.shape.extent(axis) {
            Some(extent) if self.baked => format!("{extent}u"),
            _ => {
                let parts: Vec<String> = axis.split('_').map(|part| format!("shape.size_{part}")).collect();
                if let [one] = parts.as_slice() { one.clone() } else { format!("({})", parts.join(" * ")) }
            }
        }
    }

    /// The extent of the last axis in vectors.
    pub fn vectors(&self) -> String {
        let (axis, extent) = (self.shape.innermost_axis(), self.shape.innermost());
        match (self.baked, self.width) {
            (true, width) => format!("{}u", extent / width as u64),
            (false, 1) => self.size(axis),
            (false, width) => format!("({} / {width}u)", self.size(axis)),
        }
    }

    /// Whether the elements of an input lie just as those of the outputs.
    pub fn is_plain(&self, input: &Input) -> bool {
        input.axes.iter().eq(self.shape.axes.iter().map(|(axis, _)| axis))
    }

    /// The type of as many elements as vectors have.
    fn vector_type(&self) -> &'static str {
        if self.width == 8 { "mat2x4<f32>" } else { "Value" }
    }

    /// Elements of one load: a whole vector where neighbours along the innermost axis lie side by side.
    pub fn load_width(&self, input: &Input) -> i64 {
        if self.is_contiguous(input) { self.width } else { 1 }
    }

    fn is_contiguous(&self, input: &Input) -> bool {
        input.axes.last().is_some_and(|axis| axis == self.shape.innermost_axis())
    }

    /// `at_AXIS` for each axis with `needed`, as WGSL statements: `whole` counts the elements, vectors or rows of the axes
    /// up to `axes[..count]`.
    pub fn coordinates(&self, whole: &str, count: usize, needed: impl Fn(&str) -> bool) -> Vec<String> {
        let mut statements = Vec::new();
        let mut rest = whole.to_owned();
        for (position, (axis, _)) in self.shape.axes[..count].iter().enumerate().rev() {
            let size = if axis == self.shape.innermost_axis() { self.vectors() } else { self.size(axis) };
            if needed(axis) {
                let wrapped = if position == 0 { rest.clone() } else { format!("{rest} % {size}") };
                statements.push(format!("let at_{axis} = {wrapped};"));
            }
            rest = format!("{rest} / {size}");
        }
        statements
    }

    /// The load of an input that is not plain, for the vector at `column` of the last axis.
    pub fn load(&self, input: &Input, column: &str) -> String {
        let name = &input.name;
        if self.is_contiguous(input) || !self.shape.varies_along_rows(input) {
            return format!("load_in_{name}({})", self.index(input, column));
        }
        let column = |lane| if self.width == 1 { column.to_owned() } else { self.element(column, lane) };
        let lanes: Vec<String> =
            (0..self.width).map(|lane| format!("load_in_{name}({})", self.index(input, &column(lane)))).collect();
        if let [one] = lanes.as_slice() {
            one.clone()
        } else {
            format!("{}(\n{},\n)", self.vector_type(), lanes.join(",\n"))
        }
    }

    /// The number of an element of the vector at `column`.
    fn element(&self, column: &str, lane: i64) -> String {
        let column = if column.contains(' ') { format!("({column})") } else { column.to_owned() };
        format!("{column} * {}u + {lane}u", self.width)
    }

    /// The index of an input's element, or of its vector where neighbours lie side by side.
    fn index(&self, input: &Input, column: &str) -> String {
        let mut index = String::new();
        for axis in &input.axes {
            let innermost = axis == self.shape.innermost_axis();
            let at = if innermost { column.to_owned() } else { format!("at_{axis}") };
            let size = if innermost && self.is_contiguous(input) { self.vectors() } else { self.size(axis) };
            index = match index.as_str() {
                "" => at,
                sum if sum.contains(' ') => format!("({sum}) * {size} + {at}"),
                one => format!("{one} * {size} + {at}"),
            };
        }
        if index.is_empty() { "0u".to_owned() } else { index }
    }
}
