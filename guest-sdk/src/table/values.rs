//! Columns of values, any of which may be null.

use std::rc::Rc;

use arrow_array::iterator::ArrayIter;
use arrow_array::{Array, ArrayAccessor, BooleanArray, Float64Array, Int64Array, StringArray};

use super::{TableError, as_count};
use crate::{Column, ColumnType};

/// The arrays of the four column types.
pub trait ColumnArray: Array + Clone + private::Sealed + 'static {
    /// The type of such a column.
    const TYPE: ColumnType;
}

mod private {
    pub trait Sealed {}
}

macro_rules! column_array {
    ($array:ty, $column_type:ident) => {
        impl private::Sealed for $array {}
        impl ColumnArray for $array {
            const TYPE: ColumnType = ColumnType::$column_type;
        }
    };
}

column_array!(Int64Array, Int64);
column_array!(Float64Array, Float64);
column_array!(StringArray, Utf8);
column_array!(BooleanArray, Boolean);

/// A column's values in order, of a whole table or of one batch.
#[derive(Debug, Clone)]
pub struct Values<A> {
    dataset: Rc<str>,
    column: String,
    first_row: u64,
    chunks: Vec<A>,
}

impl<A: ColumnArray> Values<A> {
    /// Begins a column without values, if it has this type.
    pub(super) fn none(dataset: &Rc<str>, column: &Column) -> Result<Self, TableError> {
        if column.column_type != A::TYPE {
            return Err(TableError::WrongType {
                dataset: dataset.to_string(),
                column: column.name.clone(),
                expected: A::TYPE,
                actual: column.column_type,
            });
        }
        Ok(Self {
            dataset: Rc::clone(dataset),
            column: column.name.clone(),
            first_row: 0,
            chunks: Vec::new(),
        })
    }

    /// Sets the values, the first of which is that of `first_row`.
    pub(super) fn begin(&mut self, first_row: u64, chunk: A) {
        self.first_row = first_row;
        self.chunks = vec![chunk];
    }

    /// Adds the values of further rows.
    pub(super) fn append(&mut self, more: Self) {
        self.chunks.extend(more.chunks);
    }

    /// Returns the number of values, nulls among them.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len()).sum()
    }

    /// Says whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the number of nulls.
    pub fn null_count(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.null_count()).sum()
    }

    /// Returns the values as Arrow holds them, piece by piece.
    pub fn chunks(&self) -> &[A] {
        &self.chunks
    }

    /// Returns the values in order, none for a null.
    pub fn iter<'a>(&'a self) -> impl Iterator<Item = Option<<&'a A as ArrayAccessor>::Item>> + 'a
    where
        &'a A: ArrayAccessor,
    {
        self.chunks.iter().flat_map(ArrayIter::new)
    }

    /// Returns the values in order if none of them is null.
    ///
    /// # Errors
    /// [`TableError::Null`] with the first row that has one.
    pub fn without_nulls<'a>(
        &'a self,
    ) -> Result<impl Iterator<Item = <&'a A as ArrayAccessor>::Item> + 'a, TableError>
    where
        &'a A: ArrayAccessor,
    {
        let null = match self.null_count() {
            0 => None,
            _ => self.iter().position(|value| value.is_none()),
        };
        match null {
            None => Ok(self.iter().flatten()),
            Some(row) => Err(TableError::Null {
                dataset: self.dataset.to_string(),
                column: self.column.clone(),
                row: self.first_row + as_count(row),
            }),
        }
    }
}

/// A number of a column, of either type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number.
    Whole(i64),
    /// A floating-point number.
    Real(f64),
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::Whole(value)
    }
}

impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Self::Real(value)
    }
}

/// A column of numbers of either type.
#[derive(Debug, Clone)]
pub enum Numbers {
    /// Whole numbers.
    Whole(Values<Int64Array>),
    /// Floating-point numbers.
    Real(Values<Float64Array>),
}

impl Numbers {
    /// Returns the numbers in order, none for a null.
    pub fn iter(&self) -> Box<dyn Iterator<Item = Option<Number>> + '_> {
        match self {
            Self::Whole(values) => Box::new(values.iter().map(|value| value.map(Number::Whole))),
            Self::Real(values) => Box::new(values.iter().map(|value| value.map(Number::Real))),
        }
    }
}
