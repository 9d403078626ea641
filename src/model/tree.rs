//! Regression trees as flat arrays: they are grown by `grow`, and answer many rows at once.

use serde::{Deserialize, Serialize};

/// Rows that go down a tree side by side, so that the waits for memory overlap.
const LANES: usize = 8;

/// A tree of yes-or-no questions about single numbers. Its nodes lie in one array, children behind their parents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Node>", into = "Vec<Node>")]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// How many questions the longest way down has.
    depth: u32,
}

/// A question, or a leaf: that is its own child on both sides, so that a way down may go on in it for ever.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Node {
    /// Which number of the row is asked about.
    pub feature: u32,
    /// Where to go on if the number is at most the threshold.
    pub low: u32,
    /// Where to go on if it is larger.
    pub high: u32,
    /// What the number is compared with.
    pub threshold: f64,
    /// What is predicted in the node, if it is a leaf.
    pub value: f64,
}

impl Node {
    /// The leaf at this place.
    pub fn leaf(place: usize, value: f64) -> Self {
        let place = place as u32;
        Self { feature: 0, low: place, high: place, threshold: 0.0, value }
    }

    fn next(&self, row: &[f64]) -> u32 {
        if row[self.feature as usize] > self.threshold { self.high } else { self.low }
    }
}

impl Tree {
    /// The place of the leaf that a row ends in.
    pub fn leaf(&self, row: &[f64]) -> usize {
        (0..self.depth).fold(0, |place, _| self.nodes[place].next(row) as usize)
    }

    /// Calls back with the number of each row and the place of its leaf, in the order of the rows.
    pub fn leaves(&self, rows: &[Vec<f64>], mut found: impl FnMut(usize, usize)) {
        let chunks = rows.chunks_exact(LANES);
        let rest = rows.len() - chunks.remainder().len();
        for (chunk, rows) in chunks.enumerate() {
            let mut places = [0u32; LANES];
            for _ in 0..self.depth {
                for (place, row) in places.iter_mut().zip(rows) {
                    *place = self.nodes[*place as usize].next(row);
                }
            }
            places.iter().enumerate().for_each(|(lane, &place)| found(chunk * LANES + lane, place as usize));
        }
        (rest..rows.len()).for_each(|index| found(index, self.leaf(&rows[index])));
    }

    /// What is predicted in a node.
    pub fn value_at(&self, place: usize) -> f64 {
        self.nodes[place].value
    }

    /// The number of nodes, leaves included.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }
}

impl TryFrom<Vec<Node>> for Tree {
    type Error = String;

    /// Refuses what is no tree, so that a damaged file cannot lead a row astray.
    fn try_from(nodes: Vec<Node>) -> Result<Self, String> {
        if nodes.is_empty() {
            return Err("a tree has no nodes; fit the model anew".to_owned());
        }
        let mut depths = vec![0; nodes.len()];
        for (place, node) in nodes.iter().enumerate() {
            let children = [node.low as usize, node.high as usize];
            if children == [place; 2] {
                continue;
            }
            for child in children {
                if child <= place || child >= nodes.len() {
                    return Err(format!("node {place} of a tree leads to {child}; fit the model anew"));
                }
                depths[child] = depths[place] + 1;
            }
        }
        let depth = depths.into_iter().max().unwrap_or(0);
        // A lone leaf asks nothing, not even of an empty row.
        Ok(Self { nodes, depth })
    }
}

impl From<Tree> for Vec<Node> {
    fn from(tree: Tree) -> Self {
        tree.nodes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One question about the second number.
    fn stump() -> Vec<Node> {
        let question = Node { feature: 1, low: 1, high: 2, threshold: 0.5, value: 0.0 };
        vec![question, Node::leaf(1, -1.0), Node::leaf(2, 1.0)]
    }

    #[test]
    fn rows_end_in_their_leaves_alone_and_together() {
        let tree = Tree::try_from(stump()).unwrap();
        let rows: Vec<Vec<f64>> = (0..19).map(|i| vec![9.0, f64::from(i % 3) / 2.0]).collect();
        let mut together = vec![0.0; rows.len()];
        tree.leaves(&rows, |index, place| together[index] = tree.value_at(place));
        let alone: Vec<f64> = rows.iter().map(|row| tree.value_at(tree.leaf(row))).collect();
        let expected: Vec<f64> = rows.iter().map(|row| if row[1] > 0.5 { 1.0 } else { -1.0 }).collect();
        assert_eq!((alone, together), (expected.clone(), expected));
    }

    #[test]
    fn what_is_no_tree_is_not_loaded() {
        let wrong = |change: fn(&mut Vec<Node>)| {
            let mut nodes = stump();
            change(&mut nodes);
            serde_json::from_value::<Tree>(serde_json::to_value(nodes).unwrap()).map_err(|error| error.to_string())
        };
        assert!(wrong(|_| {}).is_ok());
        for (change, says) in [
            ((|nodes| nodes.clear()) as fn(&mut Vec<Node>), "no nodes"),
            (|nodes| nodes[0].high = 3, "node 0 of a tree leads to 3"),
            (|nodes| nodes[2].low = 0, "node 2 of a tree leads to 0"),
        ] {
            let error = wrong(change).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
