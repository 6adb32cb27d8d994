//! What the arguments come to: who computes, how each column becomes integers, and what is refused.

use anchorhold_sdk::mpc::{Fp127, Setting};
use anchorhold_sdk::{Decimal, Error, Result, Seat, TableError, Task, decimal_text};

use crate::{Arguments, Column, DATASET, HELPER, HOLDER, PROVIDER, Product};

/// Below this a dot product stays, so that the field has an element for it, and one for its negative.
const LARGEST: u128 = 1 << 126;

pub struct Plan<'a> {
    arguments: &'a Arguments,
    pub setting: Setting,
    /// In the order of seats, as the columns.
    pub holders: Vec<Seat>,
}

impl<'a> Plan<'a> {
    pub fn new(task: &Task, arguments: &'a Arguments) -> Result<Self> {
        let holders: Vec<_> = task.seats_of(HOLDER).collect();
        let (found, columns) = (holders.len(), arguments.columns.len());
        if found < 2 {
            return Err(Error::new(format!("a dot product takes at least 2 holders, not {found}")));
        }
        if columns != found {
            return Err(Error::new(format!(
                "\"columns\" must name a column of each of the {found} holders, not {columns}"
            )));
        }
        let setting = Setting::of(task, PROVIDER)?;
        let is_for_helper = found == 2 && matches!(setting, Setting::Servers(_));
        if task.seats_of(HELPER).next().is_some() && !is_for_helper {
            return Err(Error::new("a helper is only for two holders without a provider"));
        }
        let plan = Self { arguments, setting, holders };
        for column in &arguments.columns {
            column.decimal()?;
        }
        plan.pairs().try_for_each(|pair| plan.fits(pair))?;
        Ok(plan)
    }

    /// Reads the column of this party, if it is a holder.
    pub fn own_column(&self, task: &Task) -> Result<Option<Vec<Fp127>>> {
        let Some(place) = self.holders.iter().position(|seat| *seat == task.seat()) else {
            return Ok(None);
        };
        let Arguments { columns, max_rows } = self.arguments;
        let column = &columns[place];
        let table = task.table(DATASET)?;
        if table.rows() == 0 {
            return Err(Error::new(format!("the dataset {DATASET:?} has no rows")));
        }
        table.check_rows(*max_rows)?;
        let encoded = table.encoded(&column.name, &column.decimal()?)?;
        let values: Result<Vec<_>, _> = (0..)
            .zip(encoded)
            .map(|(row, value)| match value {
                Some(value) => Ok(Fp127::from_signed(value.into())),
                None => Err(TableError::Null {
                    dataset: DATASET.to_owned(),
                    column: column.name.clone(),
                    row,
                }),
            })
            .collect();
        Ok(Some(values?))
    }

    /// Returns the number of rows of all holders, of what each party says of itself.
    pub fn common_rows(&self, task: &Task, rows: &[usize]) -> Result<usize> {
        let of = |seat: &Seat| (&task.parties()[seat.index()].organization, rows[seat.index()]);
        let (first, common) = of(&self.holders[0]);
        for (other, rows) in self.holders.iter().map(of) {
            if rows != common {
                return Err(Error::new(format!(
                    "{other} has {rows} rows and {first} {common}: all columns must be of the same \
                     rows in the same order"
                )));
            }
        }
        Ok(common)
    }

    /// Says what the dot products are, in the order of the pairs.
    pub fn products(&self, task: &Task, rows: usize, dots: &[Fp127]) -> Result<Vec<Product>> {
        let rows = i128::try_from(rows).map_err(Error::new)?;
        let name = |place: usize| task.parties()[self.holders[place].index()].organization.clone();
        let product = |([i, j], dot): ([usize; 2], &Fp127)| {
            let [left, right] = [i, j].map(|place| &self.arguments.columns[place]);
            let dot = dot.to_signed();
            let [least, most] = left.products(right);
            if !(rows * least..=rows * most).contains(&dot) {
                return Err(Error::new(format!(
                    "the dot product of {} and {} is not possible within the declared bounds",
                    name(i),
                    name(j)
                )));
            }
            let dot = decimal_text(dot, left.decimals + right.decimals);
            Ok(Product { left: name(i), right: name(j), dot })
        };
        self.pairs().zip(dots).map(product).collect()
    }

    /// Returns the places of two holders each: the first with all others, the second with all after it.
    fn pairs(&self) -> impl Iterator<Item = [usize; 2]> + use<> {
        let holders = self.holders.len();
        (0..holders).flat_map(move |i| (i + 1..holders).map(move |j| [i, j]))
    }

    /// Checks that no dot product of these two columns can leave the field.
    fn fits(&self, [i, j]: [usize; 2]) -> Result<()> {
        let [left, right] = [i, j].map(|place| &self.arguments.columns[place]);
        let largest = left.largest().checked_mul(right.largest());
        let largest = largest.and_then(|one| one.checked_mul(self.arguments.max_rows.into()));
        if largest.is_some_and(|largest| largest < LARGEST) {
            return Ok(());
        }
        Err(Error::new(format!(
            "the dot product of {:?} and {:?} over {} rows can reach 2^126: declare narrower bounds, \
             fewer decimals or fewer rows",
            left.name, right.name, self.arguments.max_rows
        )))
    }
}

impl Column {
    /// Says how its values become integers.
    fn decimal(&self) -> Result<Decimal> {
        Decimal::new(self.decimals, self.minimum, self.maximum, 1)
            .map_err(|error| Error::new(format!("the column {:?}: {error}", self.name)))
    }

    /// Returns the smallest and the largest integer: below 2^63, as [`Column::decimal`] has checked.
    fn bounds(&self) -> [i128; 2] {
        [self.minimum, self.maximum].map(|bound| i128::from(bound) * 10_i128.pow(self.decimals))
    }

    fn largest(&self) -> u128 {
        let [minimum, maximum] = self.bounds().map(i128::unsigned_abs);
        minimum.max(maximum)
    }

    /// Returns the smallest and the largest product with a value of another column.
    fn products(&self, other: &Self) -> [i128; 2] {
        let ([a, b], [c, d]) = (self.bounds(), other.bounds());
        let mut corners = [a * c, a * d, b * c, b * d];
        corners.sort_unstable();
        [corners[0], corners[3]]
    }
}
