//! A set of givers.

use super::wrong::Wrong;

/// Some of a group's givers, by their places among all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster(Vec<bool>);

impl Roster {
    /// Names none of so many givers.
    pub fn none_of(givers: usize) -> Self {
        Self(vec![false; givers])
    }

    /// Names all of so many givers.
    pub fn all_of(givers: usize) -> Self {
        Self(vec![true; givers])
    }

    /// Names those givers of which something is there.
    pub fn of<T>(there: &[Option<T>]) -> Self {
        Self(there.iter().map(Option::is_some).collect())
    }

    /// Names a giver from now on.
    pub fn insert(&mut self, giver: usize) {
        self.0[giver] = true;
    }

    /// Does not name a giver any longer.
    pub fn remove(&mut self, giver: usize) {
        self.0[giver] = false;
    }

    /// Says whether a giver is named.
    pub fn has(&self, giver: usize) -> bool {
        self.0[giver]
    }

    /// Counts the givers named.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Says whether nobody is named.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the places of the givers named, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter(|(_, named)| **named).map(|(giver, _)| giver)
    }

    /// Says whether all who are named here are named there, too.
    pub fn is_within(&self, other: &Self) -> bool {
        self.iter().all(|giver| other.has(giver))
    }

    /// Writes a bit for each giver of the group, the lowest first.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.0.len().div_ceil(8)];
        for giver in self.iter() {
            bytes[giver / 8] |= 1 << (giver % 8);
        }
        bytes
    }

    /// Reads what [`Roster::to_bytes`] writes of so many givers.
    ///
    /// # Errors
    /// [`Wrong`] if it is no roster of as many.
    pub fn from_bytes(bytes: &[u8], givers: usize) -> Result<Self, Wrong> {
        let expected = givers.div_ceil(8);
        if bytes.len() != expected {
            return Err(Wrong::Length { expected, came: bytes.len() });
        }
        let bit = |place: usize| bytes[place / 8] >> (place % 8) & 1 == 1;
        match (givers..8 * expected).any(bit) {
            true => Err(Wrong::Padding),
            false => Ok(Self((0..givers).map(bit).collect())),
        }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use super::*;

    #[test]
    fn a_roster_survives_its_bytes() {
        for givers in [1, 7, 8, 9, 100] {
            let mut roster = Roster::none_of(givers);
            (0..givers).step_by(3).for_each(|giver| roster.insert(giver));
            let bytes = roster.to_bytes();
            assert_eq!(Roster::from_bytes(&bytes, givers), Ok(roster));
        }
    }

    #[test]
    fn bytes_that_are_none_are_refused() {
        assert_eq!(Roster::from_bytes(&[0], 9), Err(Wrong::Length { expected: 2, came: 1 }));
        assert_eq!(Roster::from_bytes(&[], 1), Err(Wrong::Length { expected: 1, came: 0 }));
        assert_eq!(Roster::from_bytes(&[0b1000], 3), Err(Wrong::Padding));
    }
}
