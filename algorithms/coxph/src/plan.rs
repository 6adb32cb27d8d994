//! What the arguments come to, and the rows of one party.

use anchorhold_sdk::mpc::pairwise::MIN_PARTIES;
use anchorhold_sdk::newton::{Column, Precision, Symmetric, read_columns};
use anchorhold_sdk::{Error, Result, Task};

use crate::Arguments;
use crate::hazards::largest_sum;

const MAX_FEATURES: usize = 32;
const MAX_ROWS: u64 = 1_048_576;
const MAX_STEPS: u32 = 100;
const MAX_TIME: u32 = 65_535;
/// The most sums of a step over rows at risk: with as many over tied events they are a message of 32 MiB.
const MAX_SUMS: usize = 1 << 20;

/// What all parties compute.
pub struct Plan<'a> {
    pub arguments: &'a Arguments,
    pub precision: Precision,
    /// How many times the grid has.
    pub cells: usize,
    time: Column,
    event: Column,
}

/// A row: where on the grid it ends, whether by an event, and its features from -1 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub cell: usize,
    pub event: bool,
    pub features: Vec<f64>,
}

impl<'a> Plan<'a> {
    pub fn new(task: &Task, arguments: &'a Arguments) -> Result<Self> {
        let parties = task.parties().len();
        if parties < MIN_PARTIES {
            return Err(Error::new(format!(
                "a model takes at least {MIN_PARTIES} parties, not {parties}: a party that subtracts its own \
                 sums from those of two learns the other's"
            )));
        }
        let Arguments { time, event, features, max_rows, max_steps, .. } = arguments;
        if features.is_empty() || features.len() > MAX_FEATURES {
            let count = features.len();
            return Err(Error::new(format!(
                "there must be 1 to {MAX_FEATURES} features, not {count}"
            )));
        }
        if !(1..=MAX_TIME).contains(&time.maximum) || !(1..=time.maximum).contains(&time.interval) {
            return Err(Error::new(format!(
                "times must have a maximum from 1 to {MAX_TIME} and an interval from 1 to that, not {} and {}",
                time.maximum, time.interval
            )));
        }
        let column =
            |name: &str, maximum: f64| Column { name: name.to_owned(), minimum: 0.0, maximum };
        let (event, maximum) = (column(event, 1.0), time.maximum.into());
        let time_column = column(&time.name, maximum);
        let columns: Vec<_> = features.iter().chain([&time_column, &event]).collect();
        for (place, column) in columns.iter().enumerate() {
            column.check()?;
            if columns[..place].iter().any(|before| before.name == column.name) {
                return Err(Error::new(format!("the column {:?} is named twice", column.name)));
            }
        }
        if !(1..=MAX_ROWS).contains(max_rows) {
            return Err(Error::new(format!(
                "\"max_rows\" must be from 1 to {MAX_ROWS}, not {max_rows}"
            )));
        }
        if !(2..=MAX_STEPS).contains(max_steps) {
            return Err(Error::new(format!(
                "\"max_steps\" must be from 2 to {MAX_STEPS}, not {max_steps}"
            )));
        }
        let cells = time.maximum.div_ceil(time.interval) as usize + 1;
        let width = features.len();
        if cells * (1 + width + Symmetric::entries(width)) > MAX_SUMS {
            return Err(Error::new(format!(
                "a grid of {cells} times with {width} features takes more than {MAX_SUMS} sums: a longer \
                 interval or fewer features take fewer"
            )));
        }
        let precision = Precision::new(parties, largest_sum(*max_rows))?;
        Ok(Self { arguments, precision, cells, time: time_column, event })
    }

    /// Reads the own rows.
    pub fn read(&self, task: &Task) -> Result<Vec<Row>> {
        let Arguments { features, dataset, nulls, max_rows, min_party_rows, .. } = self.arguments;
        let table = task.table(dataset)?;
        let columns: Vec<_> = [&self.time, &self.event].into_iter().chain(features).collect();
        let rows = read_columns(&table, dataset, &columns, *nulls, *max_rows)?;
        if (rows.len() as u64) < *min_party_rows {
            return Err(Error::new(format!(
                "the dataset {dataset:?} has fewer rows to use than \"min_party_rows\" asks for, \
                 {min_party_rows}"
            )));
        }
        task.info(&format!("{} of {} rows are used", rows.len(), table.rows()));
        rows.into_iter().map(|row| self.row(&row)).collect()
    }

    fn row(&self, values: &[f64]) -> Result<Row> {
        let Arguments { time, features, dataset, .. } = self.arguments;
        let wrong = |column: &Column, what: &str| {
            let name = &column.name;
            Err(Error::new(format!(
                "the column {name:?} of the dataset {dataset:?}: a value is {what}"
            )))
        };
        if values[0].fract() != 0.0 {
            return wrong(&self.time, "no whole number");
        }
        if values[1] != 0.0 && values[1] != 1.0 {
            return wrong(&self.event, "neither 0 nor 1");
        }
        let scaled = features.iter().zip(&values[2..]).map(|(column, value)| column.scaled(*value));
        // A whole number from 0 to the maximum: the cast loses nothing.
        let cell = (values[0] as u32).div_ceil(time.interval) as usize;
        Ok(Row { cell, event: values[1] == 1.0, features: scaled.collect() })
    }
}
