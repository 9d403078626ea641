//! Growing regression trees: exact greedy splits over columns that are sorted once.
//!
//! A tree is grown on the gradient and the hessian of a loss at each row, as in XGBoost (T. Chen, C. Guestrin, "XGBoost:
//! A Scalable Tree Boosting System", KDD 2016). For the loss w (y − f)² / 2 at f = 0 these are −w y and w: without
//! regularisation the same formulas are those of an ordinary regression tree, which reduces the variance the most.

use rand::seq::SliceRandom;

use super::tree::{Node, Tree};
use crate::base::Random;

/// A gain below this share of the scores that it is a difference of is rounding.
const ROUNDING: f64 = 1e-12;

/// The numbers of some rows by column, and the rows in ascending order of each. Made once, shared by many trees.
pub(super) struct Columns {
    rows: usize,
    numbers: Vec<Vec<f64>>,
    order: Vec<Vec<u32>>,
}

impl Columns {
    /// The columns of rows of one length.
    pub fn new(rows: &[Vec<f64>]) -> Self {
        let width = rows.first().map_or(0, Vec::len);
        let numbers: Vec<Vec<f64>> = (0..width).map(|i| rows.iter().map(|row| row[i]).collect()).collect();
        let order = numbers.iter().map(|column| ascending(column)).collect();
        Self { rows: rows.len(), numbers, order }
    }

    /// How many numbers a row has.
    pub fn width(&self) -> usize {
        self.numbers.len()
    }
}

fn ascending(column: &[f64]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..column.len() as u32).collect();
    order.sort_by(|&a, &b| column[a as usize].total_cmp(&column[b as usize]));
    order
}

/// What bounds a tree.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// The most questions on a way down.
    pub depth: u32,
    /// The fewest rows in a leaf.
    pub least_rows: usize,
    /// The smallest sum of hessians in a leaf.
    pub least_hessian: f64,
    /// λ of the formulas: pulls the values of leaves towards 0.
    pub l2: f64,
    /// γ of the formulas: what a split must gain.
    pub least_gain: f64,
    /// How many columns, drawn anew for each node, a split is looked for in; more if these have none.
    pub tried: usize,
}

/// Grows a tree on the gradient and the hessian of each row. Rows whose hessian is 0 have no part in it.
pub(super) fn grow(columns: &Columns, slopes: &[Slope], limits: &Limits, random: &mut Random) -> Tree {
    Grower::new(columns, slopes, limits, random).grow()
}

/// First and second derivative of the loss at a row, or their sums over several.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slope {
    /// The first.
    pub gradient: f64,
    /// The second, not negative.
    pub hessian: f64,
}

impl Slope {
    fn plus(self, other: Self) -> Self {
        Self { gradient: self.gradient + other.gradient, hessian: self.hessian + other.hessian }
    }

    fn minus(self, other: Self) -> Self {
        Self { gradient: self.gradient - other.gradient, hessian: self.hessian - other.hessian }
    }

    /// Twice what a leaf takes off the loss (eq. 6, for one leaf).
    fn score(self, l2: f64) -> f64 {
        self.gradient * self.gradient / (self.hessian + l2)
    }

    /// The best value of a leaf (eq. 5).
    fn value(self, l2: f64) -> f64 {
        -self.gradient / (self.hessian + l2)
    }
}

struct Grower<'a> {
    columns: &'a Columns,
    slopes: &'a [Slope],
    limits: &'a Limits,
    random: &'a mut Random,
    /// For each column the rows in its order, last the rows in their own. Every node has the same stretch of each.
    lists: Vec<Vec<u32>>,
    /// The columns, in the order in which they are tried.
    tried: Vec<usize>,
    goes_high: Vec<bool>,
    kept: Vec<u32>,
    nodes: Vec<Node>,
}

/// A node that may still be split.
struct Open {
    place: usize,
    from: usize,
    to: usize,
    depth: u32,
    sum: Slope,
}

struct Split {
    gain: f64,
    feature: usize,
    threshold: f64,
    /// How many rows go low.
    rows: usize,
    /// Their sum.
    sum: Slope,
}

impl<'a> Grower<'a> {
    fn new(columns: &'a Columns, slopes: &'a [Slope], limits: &'a Limits, random: &'a mut Random) -> Self {
        let all: Vec<u32> = (0..columns.rows as u32).collect();
        let counts = |row: &&u32| slopes[**row as usize].hessian > 0.0;
        let lists = columns.order.iter().chain([&all]).map(|list| list.iter().filter(counts).copied().collect());
        Self {
            columns,
            slopes,
            limits,
            random,
            lists: lists.collect(),
            tried: (0..columns.width()).collect(),
            goes_high: vec![false; columns.rows],
            kept: Vec::new(),
            nodes: Vec::new(),
        }
    }

    fn grow(mut self) -> Tree {
        let members = &self.lists[self.columns.width()];
        let sum = members.iter().fold(Slope::default(), |sum, &row| sum.plus(self.slopes[row as usize]));
        let root = Open { place: 0, from: 0, to: members.len(), depth: 0, sum };
        self.nodes.push(Node::leaf(0, self.leaf_value(sum)));
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if let Some(split) = self.best_split(&node) {
                open.extend(self.split(&node, &split));
            }
        }
        Tree::try_from(self.nodes).expect("children are pushed behind their parents")
    }

    /// 0 for a leaf without rows.
    fn leaf_value(&self, sum: Slope) -> f64 {
        if sum.hessian > 0.0 { sum.value(self.limits.l2) } else { 0.0 }
    }

    fn best_split(&mut self, node: &Open) -> Option<Split> {
        if node.depth >= self.limits.depth || node.to - node.from < 2 * self.limits.least_rows.max(1) {
            return None;
        }
        if self.limits.tried < self.tried.len() {
            self.tried.shuffle(self.random);
        }
        let mut best: Option<Split> = None;
        for (count, &feature) in self.tried.iter().enumerate() {
            if count >= self.limits.tried && best.is_some() {
                break;
            }
            let least = best.as_ref().map_or(0.0, |best| best.gain);
            best = self.scan(node, feature, least).or(best);
        }
        best
    }

    /// The best split of a column, if it gains more than `least`.
    fn scan(&self, node: &Open, feature: usize, mut least: f64) -> Option<Split> {
        let order = &self.lists[feature][node.from..node.to];
        let numbers = &self.columns.numbers[feature];
        let number = |row: u32| numbers[row as usize];
        if number(order[0]) == number(order[order.len() - 1]) {
            return None;
        }
        let mut low = Slope::default();
        let mut best = None;
        for (place, pair) in order.windows(2).enumerate() {
            low = low.plus(self.slopes[pair[0] as usize]);
            let (here, next) = (number(pair[0]), number(pair[1]));
            let rows = place + 1;
            if here == next || rows < self.limits.least_rows || order.len() - rows < self.limits.least_rows {
                continue;
            }
            if let Some(gain) = self.gain(node.sum, low).filter(|&gain| gain > least) {
                least = gain;
                best = Some(Split { gain, feature, threshold: between(here, next), rows, sum: low });
            }
        }
        best
    }

    /// What a split takes off the loss (eq. 7); `None` if that is nothing or a side would be too light.
    fn gain(&self, all: Slope, low: Slope) -> Option<f64> {
        let Limits { l2, least_gain, least_hessian, .. } = *self.limits;
        let high = all.minus(low);
        if low.hessian < least_hessian || high.hessian < least_hessian || high.hessian <= 0.0 {
            return None;
        }
        let parts = low.score(l2) + high.score(l2);
        let gain = (parts - all.score(l2)) / 2.0;
        (gain > least_gain && gain > parts * ROUNDING).then_some(gain - least_gain)
    }

    /// Makes the node a question and gives the children that may be split further.
    fn split(&mut self, node: &Open, split: &Split) -> Vec<Open> {
        let low = self.nodes.len();
        let high_sum = node.sum.minus(split.sum);
        let depth = node.depth + 1;
        self.nodes.push(Node::leaf(low, self.leaf_value(split.sum)));
        self.nodes.push(Node::leaf(low + 1, self.leaf_value(high_sum)));
        let question = &mut self.nodes[node.place];
        question.feature = split.feature as u32;
        question.threshold = split.threshold;
        (question.low, question.high) = (low as u32, low as u32 + 1);
        if depth >= self.limits.depth {
            return Vec::new();
        }
        self.part(node, split);
        let middle = node.from + split.rows;
        vec![
            Open { place: low, from: node.from, to: middle, depth, sum: split.sum },
            Open { place: low + 1, from: middle, to: node.to, depth, sum: high_sum },
        ]
    }

    /// Parts the node's stretch of each list in two, each in the order it had.
    fn part(&mut self, node: &Open, split: &Split) {
        for (place, &row) in self.lists[split.feature][node.from..node.to].iter().enumerate() {
            self.goes_high[row as usize] = place >= split.rows;
        }
        for list in &mut self.lists {
            let stretch = &mut list[node.from..node.to];
            self.kept.clear();
            let mut low = 0;
            for place in 0..stretch.len() {
                let row = stretch[place];
                if self.goes_high[row as usize] {
                    self.kept.push(row);
                } else {
                    stretch[low] = row;
                    low += 1;
                }
            }
            stretch[low..].copy_from_slice(&self.kept);
        }
    }
}

/// A threshold that parts two numbers, halfway if rounding allows.
fn between(here: f64, next: f64) -> f64 {
    let middle = here / 2.0 + next / 2.0;
    if here <= middle && middle < next { middle } else { here }
}
