//! A set of workers.

use crate::wrong::Wrong;

/// Some of a task's workers, by their places among all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster(Vec<bool>);

impl Roster {
    /// Names none of so many workers.
    pub fn none_of(workers: usize) -> Self {
        Self(vec![false; workers])
    }

    /// Names those workers of which something is there.
    pub fn of<T>(there: &[Option<T>]) -> Self {
        Self(there.iter().map(Option::is_some).collect())
    }

    pub fn insert(&mut self, worker: usize) {
        self.0[worker] = true;
    }

    pub fn remove(&mut self, worker: usize) {
        self.0[worker] = false;
    }

    pub fn has(&self, worker: usize) -> bool {
        self.0[worker]
    }

    /// Counts the workers named.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Returns the places of the workers named, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter(|(_, named)| **named).map(|(worker, _)| worker)
    }

    /// Says whether all who are named here are named there, too.
    pub fn is_within(&self, other: &Self) -> bool {
        self.iter().all(|worker| other.has(worker))
    }

    /// Writes a bit for each worker of the task, the lowest first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.0.len().div_ceil(8)];
        for worker in self.iter() {
            bytes[worker / 8] |= 1 << (worker % 8);
        }
        bytes
    }

    /// Reads what [`Roster::to_bytes`] writes of so many workers.
    pub fn from_bytes(bytes: &[u8], workers: usize) -> Result<Self, Wrong> {
        let expected = workers.div_ceil(8);
        if bytes.len() != expected {
            return Err(Wrong::Length { expected, came: bytes.len() });
        }
        let bit = |place: usize| bytes[place / 8] >> (place % 8) & 1 == 1;
        match (workers..8 * expected).any(bit) {
            true => Err(Wrong::Padding),
            false => Ok(Self((0..workers).map(bit).collect())),
        }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[test]
    fn a_roster_survives_its_bytes() {
        for workers in [1, 7, 8, 9, 100] {
            let mut roster = Roster::none_of(workers);
            (0..workers).step_by(3).for_each(|worker| roster.insert(worker));
            let bytes = roster.to_bytes();
            assert_eq!(Roster::from_bytes(&bytes, workers), Ok(roster));
        }
    }

    #[test]
    fn bytes_that_are_none_are_refused() {
        assert_eq!(Roster::from_bytes(&[0], 9), Err(Wrong::Length { expected: 2, came: 1 }));
        assert_eq!(Roster::from_bytes(&[], 1), Err(Wrong::Length { expected: 1, came: 0 }));
        assert_eq!(Roster::from_bytes(&[0b1000], 3), Err(Wrong::Padding));
    }
}
