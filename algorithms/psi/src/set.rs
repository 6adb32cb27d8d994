//! A party's set: the distinct keys of its rows, as digests, and which rows have each.

use anchorhold_sdk::rand_core::Rng as _;
use anchorhold_sdk::{ChaCha20Rng, Error, Result, Task, exchanges};

use crate::DATASET;
use crate::keys::Keys;
use crate::plan::Plan;

/// What stands for a key from the moment it is read, so that no key is kept.
pub type Digest = [u8; 32];

/// The most rows that have a key: so that they fit into the memory of an execution, with room to work.
const MAX_ROWS: u64 = 4_000_000;

/// A party's set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    /// The distinct elements, those that only fill the set up among them.
    pub elements: Vec<Digest>,
    /// The element and the number of each row that has a key, in ascending order.
    rows: Vec<(u32, u32)>,
}

impl Set {
    /// Reads the own dataset.
    ///
    /// # Errors
    /// If a column is not there or no key, or the set is larger than it may be.
    pub fn read(task: &mut Task, plan: &Plan) -> Result<Self> {
        let table = task.table(DATASET)?;
        let keys = Keys::new(&table, plan.own_keys(), plan.is_exact(), task.task_id())?;
        if table.rows() > MAX_ROWS {
            return Err(Error::new(format!(
                "the dataset {DATASET:?} has more than {MAX_ROWS} rows"
            )));
        }
        let mut rows = Vec::new();
        let mut row = 0;
        for batch in table.batches() {
            for digest in keys.digests(&batch?)? {
                rows.extend(digest.map(|digest| (digest, Some(row))));
                row += 1;
            }
        }
        let (bound, name) = plan.own_bound();
        let set = Self::new(rows, bound, plan.is_padded().then(|| task.rng()));
        let mut set = set.ok_or_else(|| {
            Error::new(format!("the set has more elements than {name:?} allows, {bound}"))
        })?;
        set.shuffle(task.rng());
        Ok(set)
    }

    /// Puts the elements into an order of which all are equally likely: in that of their digests the place of
    /// one would tell about others.
    fn shuffle(&mut self, rng: &mut ChaCha20Rng) {
        let places = u32::try_from(self.elements.len()).expect("there are at most 4,000,000");
        let mut before: Vec<u32> = (0..places).collect();
        for (lower, upper) in exchanges(before.len(), rng) {
            self.elements.swap(lower, upper);
            before.swap(lower, upper);
        }
        let mut after = vec![0; before.len()];
        for (place, before) in (0..).zip(before) {
            after[before as usize] = place;
        }
        self.rows.iter_mut().for_each(|(element, _)| *element = after[*element as usize]);
        self.rows.sort_unstable();
    }

    /// Makes a set of the rows that have a key, in ascending order, filled up with random elements to a bound where a
    /// generator is given; none if it has more than that.
    pub fn new(
        mut rows: Vec<(Digest, Option<u32>)>,
        bound: usize,
        padding: Option<&mut ChaCha20Rng>,
    ) -> Option<Self> {
        rows.sort_unstable();
        let distinct = rows.chunk_by(|left, right| left.0 == right.0).count();
        let missing = bound.checked_sub(distinct)?;
        if let Some(rng) = padding {
            rows.extend((0..missing).map(|_| {
                let mut digest = [0; 32];
                rng.fill_bytes(&mut digest);
                (digest, None)
            }));
            rows.sort_unstable();
        }
        let mut elements: Vec<Digest> = Vec::with_capacity(distinct);
        let mut of_rows = Vec::with_capacity(rows.len());
        for (digest, row) in rows {
            if elements.last() != Some(&digest) {
                elements.push(digest);
            }
            let element = u32::try_from(elements.len() - 1).expect("there are at most 4,000,000");
            of_rows.extend(row.map(|row| (element, row)));
        }
        Some(Self { elements, rows: of_rows })
    }

    /// Returns the rows that have an element, in ascending order.
    pub fn rows_of(&self, element: usize) -> impl Iterator<Item = u64> + '_ {
        let element = u32::try_from(element).expect("there are at most 4,000,000");
        let first = self.rows.partition_point(|(other, _)| *other < element);
        let rows = self.rows[first..].iter().take_while(move |(other, _)| *other == element);
        rows.map(|(_, row)| (*row).into())
    }

    /// Returns the element and the number of each row that has a key, in the order of the rows.
    pub fn elements_by_row(&self) -> Vec<(u32, u32)> {
        let mut by_row = self.rows.clone();
        by_row.sort_unstable_by_key(|(_, row)| *row);
        by_row
    }

    /// Returns the first two rows that have the same key.
    pub fn repeated(&self) -> Option<[u32; 2]> {
        let pairs = self.rows.windows(2).filter(|pair| pair[0].0 == pair[1].0);
        pairs.map(|pair| [pair[0].1, pair[1].1]).min()
    }
}

#[cfg(test)]
mod tests;
