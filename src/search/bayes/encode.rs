//! Configs as numbers and categories for a Gaussian process.

use crate::space::{Config, Space, Value};

/// Which numbers are made from a config, and how they are scaled to 0…1.
pub struct Encoder {
    columns: Vec<Column>,
    /// The parameters that can differ: each is a category too.
    categories: Vec<usize>,
    /// The smallest value of each column and one over its range.
    scales: Vec<(f64, f64)>,
}

/// One number made from a config.
enum Column {
    /// A parameter's value.
    Plain(usize, Vec<f64>),
    /// A sum over parameters: the logarithm of their values' product.
    Product(usize, usize, Vec<f64>, Vec<f64>),
    /// One of the space's own features.
    Feature(usize),
}

impl Encoder {
    /// Scaled so that these configs, all or a sample of the space's, fill the range.
    pub fn new(space: &Space, configs: &[Config]) -> Self {
        let differs = |param: &usize| configs.iter().any(|c| c.positions()[*param] != configs[0].positions()[*param]);
        let categories: Vec<usize> = (0..space.params().len()).filter(differs).collect();
        let mut encoder = Self { columns: columns(space, &categories), categories, scales: Vec::new() };
        encoder.scale_to(space, configs);
        encoder
    }

    /// How many of the columns are categories: the last ones.
    pub fn categories(&self) -> usize {
        self.categories.len()
    }

    /// For each number, whether a single parameter makes it.
    pub fn singles(&self) -> Vec<bool> {
        self.columns.iter().map(|column| matches!(column, Column::Plain(..))).collect()
    }

    /// A config's row: the numbers, then the categories.
    pub fn row(&self, space: &Space, config: &Config) -> Vec<f64> {
        let mut row = self.raw(space, config);
        row.iter_mut().zip(&self.scales).for_each(|(value, (least, stretch))| *value = (*value - least) * stretch);
        row.extend(self.categories.iter().map(|&param| f64::from(config.positions()[param])));
        row
    }

    /// Numbers whose absolute differences say how far two configs lie apart: those that a single parameter makes, and for
    /// each value of a category a quarter where the config has it, so that two that differ are half a step apart.
    pub fn place(&self, space: &Space, config: &Config) -> Vec<f64> {
        let row = self.row(space, config);
        let singles = row.iter().zip(self.singles()).filter(|(_, single)| *single).map(|(number, _)| *number);
        let values = self.categories.iter().flat_map(|&param| {
            let here = usize::from(config.positions()[param]);
            (0..space.params()[param].values.len()).map(move |value| if value == here { 0.25 } else { 0.0 })
        });
        singles.chain(values).collect()
    }

    fn raw(&self, space: &Space, config: &Config) -> Vec<f64> {
        let at = |param: usize, values: &[f64]| values[usize::from(config.positions()[param])];
        let features = space.feature_values(config);
        let value = |column: &Column| match column {
            Column::Plain(param, values) => at(*param, values),
            Column::Product(a, b, of_a, of_b) => at(*a, of_a) + at(*b, of_b),
            Column::Feature(index) => features[*index],
        };
        self.columns.iter().map(value).collect()
    }

    /// Drops columns that say nothing here, and scales the others.
    fn scale_to(&mut self, space: &Space, configs: &[Config]) {
        let rows: Vec<Vec<f64>> = configs.iter().map(|config| self.raw(space, config)).collect();
        let range = |column: usize| {
            let values = rows.iter().map(|row| row[column]).filter(|value| value.is_finite());
            values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)))
        };
        let ranges: Vec<(f64, f64)> = (0..self.columns.len()).map(range).collect();
        let finite: Vec<bool> = (0..self.columns.len())
            .map(|column| ranges[column].1 > ranges[column].0 && rows.iter().all(|row| row[column].is_finite()))
            .collect();
        let mut keep = finite.iter();
        self.columns.retain(|_| *keep.next().expect("one per column"));
        let kept = ranges.into_iter().zip(finite).filter(|(_, finite)| *finite);
        self.scales = kept.map(|((least, most), _)| (least, 1.0 / (most - least))).collect();
    }
}

/// Values that span at least this factor are compared by their logarithms.
const WIDE: f64 = 4.0;

fn columns(space: &Space, params: &[usize]) -> Vec<Column> {
    let mut columns = Vec::new();
    let mut logarithms: Vec<(usize, Vec<f64>)> = Vec::new();
    for &param in params {
        let values = &space.params()[param].values;
        // Of two values the category says it all.
        let Some(numbers) = numbers(values).filter(|numbers| numbers.len() > 2) else { continue };
        let (least, most) = numbers.iter().fold((f64::INFINITY, 0.0f64), |(l, m), &n| (l.min(n), m.max(n)));
        let logs: Vec<f64> = numbers.iter().map(|number| number.log2()).collect();
        columns.push(Column::Plain(param, if least > 0.0 && most >= WIDE * least { logs.clone() } else { numbers }));
        columns.extend(twos(values).map(|twos| Column::Plain(param, twos)));
        if least > 0.0 {
            logarithms.push((param, logs));
        }
    }
    for (i, (a, of_a)) in logarithms.iter().enumerate() {
        for (b, of_b) in &logarithms[..i] {
            columns.push(Column::Product(*a, *b, of_a.clone(), of_b.clone()));
        }
    }
    columns.extend((0..space.features().len()).map(Column::Feature));
    columns
}

fn numbers(values: &[Value]) -> Option<Vec<f64>> {
    values.iter().map(Value::as_real).collect()
}

/// How often two divides each value, if that is not just the value's logarithm.
fn twos(values: &[Value]) -> Option<Vec<f64>> {
    let whole: Vec<i64> = values.iter().map(Value::as_int).collect::<Option<_>>()?;
    let says_more = whole.iter().all(|&value| value > 0) && !whole.iter().all(|value| value.count_ones() == 1);
    let twos: Vec<u32> = whole.iter().map(|value| value.trailing_zeros()).collect();
    let varies = twos.iter().any(|&count| count != twos[0]);
    (says_more && varies).then(|| twos.into_iter().map(f64::from).collect())
}
