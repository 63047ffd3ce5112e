//! Probabilities of the labels of a fastText model that was taught with hierarchical softmax.
//!
//! The crate `fasttext` 0.8.0 answers for a compressed model as if its loss were plain softmax, and
//! lid.176.ftz has the hierarchical one: its labels are the leaves of a Huffman tree, and a row of
//! the output matrix decides at each inner node between left and right (Joulin et al., arXiv
//! 1607.01759, section 2.1). So that tree is built and walked here.

use fasttext::FastText;
use fasttext::args::LossName;

/// An inner node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    left: usize,
    right: usize,
}

/// The tree of a model; leaves are numbered like labels, inner nodes from there on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hierarchy {
    leaves: usize,
    inner: Vec<Node>,
}

impl Hierarchy {
    /// The tree of `model`; `None` if it has another loss, for which the crate answers right, or a
    /// compressed output matrix, which the crate does not show.
    pub(crate) fn of(model: &FastText) -> Option<Self> {
        let (_, counts) = model.get_labels();
        let fits =
            model.output_matrix().data().len() == counts.len() * model.get_dimension() as usize;
        let hierarchical = model.args().loss == LossName::HierarchicalSoftmax;
        (hierarchical && fits && !counts.is_empty()).then(|| Self::build(&counts))
    }

    /// Join the two rarest nodes until one is left. `counts` descend, as fastText orders labels; of
    /// equal counts an inner node is taken before a leaf, which decides what a row stands for.
    fn build(counts: &[i64]) -> Self {
        let leaves = counts.len();
        let (mut sums, mut inner): (Vec<i64>, Vec<Node>) = (Vec::new(), Vec::new());
        let (mut leaf, mut node) = (leaves, 0);
        while inner.len() + 1 < leaves {
            let mut rarest = || {
                if leaf > 0 && sums.get(node).is_none_or(|&sum| counts[leaf - 1] < sum) {
                    leaf -= 1;
                    (leaf, counts[leaf])
                } else {
                    node += 1;
                    (leaves + node - 1, sums[node - 1])
                }
            };
            let ((left, few), (right, more)) = (rarest(), rarest());
            inner.push(Node { left, right });
            sums.push(few + more);
        }
        Self { leaves, inner }
    }

    /// The probability of every label of `model` for a text of one line.
    pub(crate) fn answers(&self, model: &FastText, text: &str) -> Vec<f64> {
        let hidden = model.get_sentence_vector(text);
        let mut found = vec![1.0; self.leaves + self.inner.len()];
        // A node is made after those below it, so the last one is the root.
        for (row, node) in self.inner.iter().enumerate().rev() {
            let weights = model.output_matrix().row(row as i64);
            let product: f32 = weights.iter().zip(&hidden).map(|(a, b)| a * b).sum();
            let right = 1.0 / (1.0 + f64::from(-product).exp());
            let above = found[self.leaves + row];
            found[node.left] = above * (1.0 - right);
            found[node.right] = above * right;
        }
        found.truncate(self.leaves);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarest_are_joined_first() {
        let tree = Hierarchy::build(&[50, 20, 10, 5]);
        let nodes = [(3, 2), (4, 1), (5, 0)].map(|(left, right)| Node { left, right });
        assert_eq!(tree, Hierarchy { leaves: 4, inner: nodes.to_vec() });
        assert_eq!(Hierarchy::build(&[1]).inner, []);
    }

    #[test]
    fn of_equal_counts_a_joined_node_comes_first() {
        let tree = Hierarchy::build(&[2, 1, 1]);
        assert_eq!(tree.inner[1], Node { left: 3, right: 0 });
    }
}
