//! What any way of sharing computes: sums without a message, and products.

use super::{Domain, Scheme, Shared, SharedMatrix};
use crate::{Result, Seat, Task};

/// One party's side of a computation on shared values: the arithmetic black box of the literature
/// (Damgård and Nielsen, "Universally Composable Efficient Multiparty Computation from Threshold
/// Homomorphic Encryption", CRYPTO 2003).
///
/// All parties take the same steps, on vectors of the same lengths, in the same order, those too that
/// only give values or randomness: what they hold is zeros, and zeros are opened to who is told
/// nothing. So a protocol is written once, for each party and each way of sharing. Which step comes
/// next, and on how many elements, must not depend on what is opened: the crypto provider is told zeros.
/// Only which elements are taken, and to end early, may.
///
/// Rounds and bytes of a step are those of its implementation. The error of each is
/// [`PeerEnded`](crate::Error::PeerEnded), or [`Said`](crate::Error::Said) where a peer did not
/// follow the protocol and that was noticed.
pub trait Arithmetic {
    /// What is shared.
    type Element: Domain;
    /// How.
    type Scheme: Scheme<Element = Self::Element>;

    /// Returns the task.
    fn task(&self) -> &Task;

    /// Returns the parties that may give values, in the order of their seats: all of the task, where
    /// there is no crypto provider.
    fn dealers(&self) -> Vec<Seat> {
        self.task().parties().iter().map(|party| party.seat).collect()
    }

    /// Shares a vector of each of these parties, all of one length that all know, in one step; a
    /// dealer alone gives its values.
    ///
    /// # Panics
    /// If a dealer gives none or another length, another party gives values, or a dealer is none that
    /// may give values.
    fn share_from(
        &mut self,
        dealers: &[Seat],
        own: Option<&[Self::Element]>,
        length: usize,
    ) -> Result<Vec<Shared<Self::Scheme>>>;

    /// Shares a vector that all parties know, without a message.
    fn public(&self, values: &[Self::Element]) -> Shared<Self::Scheme>;

    /// Multiplies element by element.
    ///
    /// # Panics
    /// If the lengths differ.
    fn multiply(
        &mut self,
        x: &Shared<Self::Scheme>,
        y: &Shared<Self::Scheme>,
    ) -> Result<Shared<Self::Scheme>>;

    /// Multiplies two matrices, in one step.
    ///
    /// # Panics
    /// If the first has not as many columns as the second has rows.
    fn times(
        &mut self,
        x: &SharedMatrix<Self::Scheme>,
        y: &SharedMatrix<Self::Scheme>,
    ) -> Result<SharedMatrix<Self::Scheme>>;

    /// Opens a vector to all parties.
    fn open(&mut self, x: &Shared<Self::Scheme>) -> Result<Vec<Self::Element>>;

    /// Opens a vector to one party, which alone gets it. All parties take this step, in the same order.
    ///
    /// # Panics
    /// If the receiver is the crypto provider, or none of the parties.
    fn open_to(
        &mut self,
        receiver: Seat,
        x: &Shared<Self::Scheme>,
    ) -> Result<Option<Vec<Self::Element>>>;

    /// Shares a vector of one party. See [`Arithmetic::share_from`].
    fn share(
        &mut self,
        dealer: Seat,
        own: Option<&[Self::Element]>,
        length: usize,
    ) -> Result<Shared<Self::Scheme>> {
        let shared = self.share_from(&[dealer], own, length)?;
        Ok(Shared::concatenation(&shared))
    }

    /// Shares a vector of each party that may give values, in the order of their seats.
    ///
    /// # Panics
    /// If a party gives values that may not, or none though it may.
    fn share_all(
        &mut self,
        own: Option<&[Self::Element]>,
        length: usize,
    ) -> Result<Vec<Shared<Self::Scheme>>> {
        let dealers = self.dealers();
        self.share_from(&dealers, own, length)
    }

    /// Multiplies two vectors of the same length, and adds the products: one element.
    ///
    /// # Panics
    /// If the lengths differ.
    fn dot(
        &mut self,
        x: &Shared<Self::Scheme>,
        y: &Shared<Self::Scheme>,
    ) -> Result<Shared<Self::Scheme>> {
        let (row, column) = ((1, x.len()), (y.len(), 1));
        let product = self.times(&x.clone().into_matrix(row), &y.clone().into_matrix(column))?;
        Ok(product.into_vector())
    }
}
