//! What can be wrong with what a peer sent.

/// What is wrong with a message of the right length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Some bytes encode no element.
    #[error("it has bytes that are no element")]
    Element,
    /// An element is the neutral one.
    #[error("it has the identity element")]
    Identity,
    /// The proof does not hold.
    #[error("its proof does not hold: not all of it was computed with the key that was told")]
    Proof,
    /// A signature is not one of what was asked for.
    #[error("it has a signature that is none of what was asked for")]
    Signature,
    /// The same was asked for twice.
    #[error("it asks twice for the same element")]
    Repeated,
    /// A set is not in order, or has a token twice.
    #[error("its tokens are not in ascending order")]
    Order,
    /// Two different elements were answered alike.
    #[error("two different elements were answered alike")]
    Alike,
    /// An element is named that is not there.
    #[error("it names an element that no row has")]
    NoRow,
    /// A modulus is not of the size that it must have, or even.
    #[error("its modulus is not an odd number of 2048 bits")]
    Modulus,
    /// A number has a factor in common with the modulus.
    #[error("its modulus is not a product of two large primes")]
    Factor,
    /// A sum is not possible within the declared bounds.
    #[error("the sum that it gives is not possible within the declared bounds")]
    Sum,
}
