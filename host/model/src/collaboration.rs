//! Organizations that agreed to compute together.

use sha2::{Digest as _, Sha256};

use crate::layout::{Decoder, Encoder, Malformed};
use crate::{CollaborationId, Digest, limits};

const DOMAIN: &[u8] = b"anchorhold/1 collaboration\0";

/// What the members of a collaboration agreed on. Its id is a hash of all of it, so that whoever
/// agrees to the id agrees to the same; another member or algorithm makes another collaboration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collaboration {
    name: String,
    members: Vec<Member>,
    algorithms: Vec<Digest>,
}

/// A member of a collaboration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What the others call it: 1 to 64 of the characters of [`Collaboration::new`].
    pub name: String,
    /// Its fingerprint, pinned.
    pub organization: [u8; 32],
}

/// Why there is no such collaboration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CollaborationError {
    /// A name is none.
    #[error("a name has 1 to 64 of the characters a-z, A-Z, 0-9, - and _, not {0:?}")]
    Name(String),
    /// Two members have one name or one fingerprint.
    #[error("two members are called {0:?}, or are the same organization")]
    Repeated(String),
    /// There are too few or too many members.
    #[error("a collaboration has 2 to {max} members, not {0}", max = limits::PARTIES)]
    Members(usize),
    /// There are too many algorithms.
    #[error("a collaboration allows at most {max} algorithms, not {0}", max = limits::RUN_DIGESTS)]
    Algorithms(usize),
    /// The bytes are no collaboration.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

impl Collaboration {
    /// Puts a collaboration together, whatever the order of members and algorithms. Without any
    /// algorithm all are allowed that each node's own policy allows.
    ///
    /// # Errors
    ///
    /// Where a name has other characters than letters, digits, `-` and `_`, or two members have the
    /// same name or fingerprint, or there are too few or too many.
    pub fn new(
        name: String,
        mut members: Vec<Member>,
        mut algorithms: Vec<Digest>,
    ) -> Result<Self, CollaborationError> {
        if !(2..=limits::PARTIES).contains(&members.len()) {
            return Err(CollaborationError::Members(members.len()));
        }
        algorithms.sort_unstable();
        algorithms.dedup();
        if algorithms.len() > limits::RUN_DIGESTS {
            return Err(CollaborationError::Algorithms(algorithms.len()));
        }
        for name in members.iter().map(|member| &member.name).chain([&name]) {
            let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if name.is_empty() || name.len() > limits::NAME_BYTES || !name.chars().all(allowed) {
                return Err(CollaborationError::Name(name.chars().take(80).collect()));
            }
        }
        members.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        for (position, member) in members.iter().enumerate() {
            let same = |other: &Member| {
                other.name == member.name || other.organization == member.organization
            };
            if members.iter().skip(position + 1).any(same) {
                return Err(CollaborationError::Repeated(member.name.clone()));
            }
        }
        Ok(Self { name, members, algorithms })
    }

    /// Returns what it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns its members, in the order of their names.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// Returns the algorithms that it allows, sorted; where there is none, all.
    pub fn algorithms(&self) -> &[Digest] {
        &self.algorithms
    }

    /// Returns a member by its fingerprint.
    pub fn member(&self, organization: &[u8; 32]) -> Option<&Member> {
        self.members.iter().find(|member| member.organization == *organization)
    }

    /// Says whether it allows an algorithm.
    pub fn allows(&self, digest: &Digest) -> bool {
        self.algorithms.is_empty() || self.algorithms.contains(digest)
    }

    /// Returns its id.
    pub fn id(&self) -> CollaborationId {
        let hash = Sha256::new().chain_update(DOMAIN).chain_update(self.encode());
        CollaborationId::from_bytes(hash.finalize().into())
    }

    /// Returns its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::default();
        encoder.text(&self.name).list(&self.members, |encoder, member| {
            encoder.text(&member.name).raw(&member.organization);
        });
        encoder.list(&self.algorithms, |encoder, digest| {
            encoder.raw(digest.as_bytes());
        });
        encoder.finish()
    }

    /// Reads its bytes.
    ///
    /// # Errors
    ///
    /// Where they are not what [`Collaboration::encode`] returns.
    pub fn decode(bytes: &[u8]) -> Result<Self, CollaborationError> {
        let mut decoder = Decoder::new("collaboration", bytes);
        let name = decoder.text(limits::NAME_BYTES)?;
        let members = decoder.list(limits::PARTIES, |decoder| {
            let name = decoder.text(limits::NAME_BYTES)?;
            Ok(Member { name, organization: decoder.raw()? })
        })?;
        let algorithms =
            decoder.list(limits::RUN_DIGESTS, |decoder| decoder.raw().map(Digest::from_bytes))?;
        let order = decoder.malformed("its members or algorithms are not in order");
        decoder.finish()?;
        let collaboration = Self::new(name, members, algorithms)?;
        if collaboration.encode() == bytes { Ok(collaboration) } else { Err(order.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(name: &str, byte: u8) -> Member {
        Member { name: name.into(), organization: [byte; 32] }
    }

    fn collaboration(members: Vec<Member>) -> Result<Collaboration, CollaborationError> {
        let digests = vec![Digest::of(b"b"), Digest::of(b"a")];
        Collaboration::new("lung".into(), members, digests)
    }

    #[test]
    fn the_order_of_members_makes_no_difference_and_a_pin_does() {
        let one = collaboration(vec![member("north", 1), member("middle", 2)]).unwrap();
        let other = collaboration(vec![member("middle", 2), member("north", 1)]).unwrap();
        assert_eq!((one.id(), Collaboration::decode(&one.encode()).unwrap()), (other.id(), other));
        let changed = collaboration(vec![member("north", 1), member("middle", 3)]).unwrap();
        assert_ne!(one.id(), changed.id());
    }

    #[test]
    fn what_is_none_is_refused() {
        for (members, problem) in [
            (vec![member("north", 1)], "2 to 256 members, not 1"),
            (vec![member("north", 1), member("north", 2)], "called \"north\""),
            (vec![member("north", 1), member("south", 1)], "the same organization"),
            (vec![member("north", 1), member("so uth", 2)], "not \"so uth\""),
        ] {
            let error = collaboration(members).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
        let bytes = collaboration(vec![member("north", 1), member("middle", 2)]).unwrap().encode();
        for length in 0..bytes.len() {
            Collaboration::decode(&bytes[..length]).expect_err("it is cut");
        }
        let mut swapped = bytes.clone();
        let (a, b) = (bytes.len() - 64, bytes.len() - 32);
        swapped[a..b].copy_from_slice(&bytes[b..]);
        swapped[b..].copy_from_slice(&bytes[a..b]);
        let error = Collaboration::decode(&swapped).unwrap_err().to_string();
        assert!(error.contains("not in order"), "{error}");
    }
}
