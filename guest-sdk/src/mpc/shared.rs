//! What one party holds of shared vectors, and the steps on it that need no message.

use std::fmt;

use super::domain::{Domain, zip};
use super::{add_vectors, scale_vector, subtract_vectors};

/// A linear way to share a vector: each party holds so many vectors of a domain's elements, and adds
/// two shared vectors by adding each of these.
pub trait Scheme: 'static {
    /// What a value is, and what a party holds of it.
    type Element: Domain;

    /// How many elements a party holds for each value.
    const PARTS: usize;
}

/// One party's part of a shared vector.
pub struct Shared<S: Scheme> {
    parts: Vec<Vec<S::Element>>,
}

impl<S: Scheme> Shared<S> {
    /// Makes a vector of what this party holds of it.
    pub(super) fn of<const PARTS: usize>(parts: [Vec<S::Element>; PARTS]) -> Self {
        const { assert!(PARTS == S::PARTS, "as many as the scheme has") };
        Self { parts: parts.into() }
    }

    /// Makes a vector of zeros as a party that does not compute holds it.
    pub(super) fn zeros(length: usize) -> Self {
        Self { parts: vec![vec![S::Element::ZERO; length]; S::PARTS] }
    }

    pub(super) fn part(&self, index: usize) -> &[S::Element] {
        &self.parts[index]
    }

    /// Returns how many elements the vector has.
    pub fn len(&self) -> usize {
        self.parts[0].len()
    }

    /// Says whether the vector has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds element by element.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn plus(&self, other: &Self) -> Self {
        self.with(other, add_vectors)
    }

    /// Subtracts element by element.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn minus(&self, other: &Self) -> Self {
        self.with(other, subtract_vectors)
    }

    /// Multiplies each element by a factor that all know.
    pub fn scaled(&self, factor: S::Element) -> Self {
        self.map(|part| scale_vector(part, factor))
    }

    /// Multiplies element by element by factors that all know.
    ///
    /// # Panics
    /// If the lengths differ.
    pub fn weighted(&self, factors: &[S::Element]) -> Self {
        self.map(|part| zip(part, factors, |element, factor| element * factor))
    }

    /// Adds all elements: a vector of one.
    pub fn sum(&self) -> Self {
        self.map(|part| vec![total(part)])
    }

    /// Adds each so many neighbours: one element for each group of them.
    ///
    /// # Panics
    /// If a group has none, or the elements are not a number of groups.
    pub fn sums(&self, group: usize) -> Self {
        assert_eq!(self.len() % group, 0, "{} elements are no groups of {group}", self.len());
        self.map(|part| part.chunks_exact(group).map(total).collect())
    }

    /// Returns the vector so many times, one behind the other.
    pub fn repeated(&self, times: usize) -> Self {
        self.map(|part| part.repeat(times))
    }

    /// Returns each element so many times, one behind the other.
    pub fn each_repeated(&self, times: usize) -> Self {
        self.map(|part| part.iter().flat_map(|&one| std::iter::repeat_n(one, times)).collect())
    }

    /// Returns the elements at these places.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn range(&self, places: std::ops::Range<usize>) -> Self {
        self.map(|part| part[places.clone()].to_vec())
    }

    /// Returns the elements at these places, one after the other.
    ///
    /// # Panics
    /// If there is no element at one of them.
    pub fn at(&self, places: &[usize]) -> Self {
        self.map(|part| places.iter().map(|place| part[*place]).collect())
    }

    /// Takes groups of so many elements, and returns every second one, from the group `first` on.
    pub(super) fn every_second(&self, first: usize, group: usize) -> Self {
        self.map(|part| part.chunks(group).skip(first).step_by(2).flatten().copied().collect())
    }

    /// Returns this vector with another behind it.
    pub fn concatenated(&self, other: &Self) -> Self {
        self.with(other, |left, right| [left, right].concat())
    }

    /// Puts another vector behind this one.
    pub(super) fn append(&mut self, other: Self) {
        for (part, other) in self.parts.iter_mut().zip(other.parts) {
            part.extend(other);
        }
    }

    /// Returns the vectors one behind the other.
    pub fn concatenation<'a>(vectors: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut all = Self::zeros(0);
        for vector in vectors {
            all.append(vector.clone());
        }
        all
    }

    pub(super) fn map(&self, step: impl Fn(&[S::Element]) -> Vec<S::Element>) -> Self {
        Self { parts: self.parts.iter().map(|part| step(part)).collect() }
    }

    fn with(
        &self,
        other: &Self,
        step: impl Fn(&[S::Element], &[S::Element]) -> Vec<S::Element>,
    ) -> Self {
        let both = self.parts.iter().zip(&other.parts);
        Self { parts: both.map(|(left, right)| step(left, right)).collect() }
    }
}

/// Adds elements.
pub(super) fn total<D: Domain>(elements: &[D]) -> D {
    elements.iter().fold(D::ZERO, |sum, &element| sum + element)
}

// As derived, without asking the same of the scheme.
impl<S: Scheme> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self { parts: self.parts.clone() }
    }
}

// Shares do not belong into a log.
impl<S: Scheme> fmt::Debug for Shared<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shared({} elements)", self.len())
    }
}
