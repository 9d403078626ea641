//! Which places of the filter meet which inputs, by the output's position modulo the stride.

use std::collections::BTreeMap;

use serde::Serialize;

use super::shape::Shape;

/// Output `stride`·j + `output` meets input j + `least` + `input` at this place of the filter, for every j.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Tap {
    pub output: u64,
    pub place: u64,
    pub input: u64,
}

/// The taps of one direction.
pub(super) struct Taps {
    /// From j to the first input that block j of outputs meets.
    pub least: i64,
    /// From that input to the last.
    pub span: u64,
    /// Ordered by place.
    pub all: Vec<Tap>,
}

/// The taps with one input.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Row {
    pub input: u64,
    pub taps: Vec<Tap>,
}

impl Taps {
    /// Those along an axis: 0 for rows, 1 for columns. As many as the filter has places.
    pub fn along(shape: &Shape, axis: usize) -> Self {
        let (stride, padding) = (shape.stride[axis] as i64, shape.padding[axis] as i64);
        let (filter, dilation) = (shape.filter[axis] as i64, shape.dilation[axis] as i64);
        let tap = |place: i64| {
            let output = (place * dilation - padding).rem_euclid(stride);
            (place, output, (output + padding - place * dilation) / stride)
        };
        let least = (0..filter).map(|place| tap(place).2).min().expect("a filter has places");
        let taps = (0..filter).map(tap);
        let all = taps.map(|(place, output, input)| (place as u64, output as u64, (input - least) as u64));
        let all: Vec<Tap> = all.map(|(place, output, input)| Tap { output, place, input }).collect();
        Self { least, span: all.iter().map(|tap| tap.input).max().expect("as above"), all }
    }

    /// By input, from the first.
    pub fn by_input(&self) -> Vec<Row> {
        let mut rows: BTreeMap<u64, Vec<Tap>> = BTreeMap::new();
        for tap in &self.all {
            rows.entry(tap.input).or_default().push(tap.clone());
        }
        rows.into_iter().map(|(input, taps)| Row { input, taps }).collect()
    }

    /// The inputs that `count` neighbouring blocks meet, counted from the first.
    pub fn inputs(&self, count: u64) -> Vec<u64> {
        let mut inputs: Vec<u64> = (0..count).flat_map(|p| self.all.iter().map(move |tap| p + tap.input)).collect();
        inputs.sort_unstable();
        inputs.dedup();
        inputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taps(dims: &str) -> Taps {
        let signature = crate::op::resolve(&format!("conv2d_transpose:f32:n1c1h8w8o1{dims}")).unwrap();
        Taps::along(&Shape::of(&signature.workload).unwrap(), 1)
    }

    /// (place, output, input) as the template's head tells them, and where each place of the filter is an output's own.
    #[test]
    fn places_meet_inputs() {
        let cases = [
            ("k4s2p1", -1, vec![(0, 1, 2), (1, 0, 1), (2, 1, 1), (3, 0, 0)]),
            ("k2s2", 0, vec![(0, 0, 0), (1, 1, 0)]),
            ("k3", -2, vec![(0, 0, 2), (1, 0, 1), (2, 0, 0)]),
            ("k2s2d2p3", 1, vec![(0, 1, 1), (1, 1, 0)]),
        ];
        for (dims, least, want) in cases {
            let taps = taps(dims);
            let got: Vec<(u64, u64, u64)> = taps.all.iter().map(|tap| (tap.place, tap.output, tap.input)).collect();
            assert_eq!((taps.least, got), (least, want), "{dims}");
        }
    }

    #[test]
    fn neighbours_share_inputs() {
        let taps = taps("k4s2p1");
        assert_eq!(taps.inputs(2), [0, 1, 2, 3]);
        let by_input: Vec<(u64, Vec<u64>)> =
            taps.by_input().iter().map(|row| (row.input, row.taps.iter().map(|tap| tap.place).collect())).collect();
        assert_eq!(by_input, [(0, vec![3]), (1, vec![1, 2]), (2, vec![0])]);
    }
}
