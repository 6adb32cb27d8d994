//! The fingerprint of an organization, in a form that two people can compare on the telephone.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

const DOMAIN: &[u8] = b"anchorhold/1 fingerprint\0";
/// How many groups of five digits a fingerprint is written in: each stands for two bytes.
const GROUPS: usize = 16;

/// Names an organization for good: SHA-256 over its root public key.
///
/// It is written as 16 groups of five decimal digits, each for two bytes, big-endian: digits are
/// told apart on any telephone line and in any language.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Fingerprint([u8; 32]);

/// A text that is no fingerprint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is {GROUPS} groups of five digits, each at most 65535: {problem}")]
pub struct InvalidFingerprint {
    problem: String,
}

impl Fingerprint {
    /// Computes the fingerprint of a root public key.
    pub fn of(root: &[u8; 32]) -> Self {
        Self(Sha256::new().chain_update(DOMAIN).chain_update(root).finalize().into())
    }

    /// Wraps the bytes of the hash.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, pair) in self.0.as_chunks::<2>().0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "-" };
            write!(f, "{separator}{:05}", u16::from_be_bytes(*pair))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    /// Reads the groups, whatever spaces, lines and hyphens are between them.
    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        let problem = |problem: String| InvalidFingerprint { problem };
        let between = |c: char| c == '-' || c.is_whitespace();
        let groups: Vec<&str> = text.split(between).filter(|group| !group.is_empty()).collect();
        if groups.len() != GROUPS {
            return Err(problem(format!("there are {}", groups.len())));
        }
        let mut bytes = [0; 32];
        for ((number, group), pair) in (1..).zip(groups).zip(bytes.as_chunks_mut().0) {
            let digits = group.len() == 5 && group.bytes().all(|byte| byte.is_ascii_digit());
            let value = group.parse::<u16>().ok().filter(|_| digits);
            *pair = value.ok_or_else(|| problem(format!("group {number} is not")))?.to_be_bytes();
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = InvalidFingerprint;

    fn try_from(text: String) -> Result<Self, InvalidFingerprint> {
        text.parse()
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_survives_its_text_however_it_is_laid_out() {
        let fingerprint = Fingerprint::of(&[7; 32]);
        let text = fingerprint.to_string();
        assert_eq!((text.len(), text.matches('-').count()), (16 * 5 + 15, 15));
        assert_eq!(text.parse(), Ok(fingerprint));
        assert_eq!(text.replace('-', " ").replacen(' ', "\n  ", 4).parse(), Ok(fingerprint));
        assert_ne!(fingerprint, Fingerprint::of(&[8; 32]));
    }

    #[test]
    fn other_texts_are_refused_with_the_reason() {
        let text = Fingerprint::of(&[7; 32]).to_string();
        let refusal = |text: &str| text.parse::<Fingerprint>().unwrap_err().to_string();
        assert!(refusal("").ends_with("there are 0"));
        assert!(refusal(&text[6..]).ends_with("there are 15"));
        assert!(refusal(&text.replacen(&text[..5], "65536", 1)).ends_with("group 1 is not"));
        assert!(refusal(&text.replacen(&text[..5], "+1234", 1)).ends_with("group 1 is not"));
        assert!(refusal(&text.replacen(&text[..5], "1234", 1)).ends_with("group 1 is not"));
    }
}
