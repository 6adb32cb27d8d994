//! What the arguments come to, and the rows of one party.

use anchorhold_sdk::newton::{Column, Limits, Precision, Symmetric, read_columns};
use anchorhold_sdk::{Error, Result, Table, Task};

use crate::hazards::largest_sum;
use crate::{Arguments, DATASET};

const MAX_FEATURES: usize = 32;
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
        let Arguments { time, event, features, max_rows, .. } = arguments;
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
        limits(arguments).check(task, features, &[&time_column, &event])?;
        let cells = time.maximum.div_ceil(time.interval) as usize + 1;
        let width = features.len();
        if cells * (1 + width + Symmetric::entries(width)) > MAX_SUMS {
            return Err(Error::new(format!(
                "a grid of {cells} times with {width} features takes more than {MAX_SUMS} sums: a longer \
                 interval or fewer features take fewer"
            )));
        }
        let precision = Precision::new(task.parties().len(), largest_sum(*max_rows))?;
        Ok(Self { arguments, precision, cells, time: time_column, event })
    }

    /// Reads the own rows.
    pub fn read(&self, task: &Task) -> Result<Vec<Row>> {
        let Arguments { features, nulls, .. } = self.arguments;
        let table = task.table(DATASET)?;
        let columns: Vec<_> = [&self.time, &self.event].into_iter().chain(features).collect();
        let rows = read_columns(task, &table, &columns, *nulls, &limits(self.arguments))?;
        rows.into_iter().map(|row| self.row(&table, &row)).collect()
    }

    fn row(&self, table: &Table, values: &[f64]) -> Result<Row> {
        let Arguments { time, features, .. } = self.arguments;
        if values[0].fract() != 0.0 {
            return Err(table.wrong(&self.time.name, &"a value is no whole number"));
        }
        if values[1] != 0.0 && values[1] != 1.0 {
            return Err(table.wrong(&self.event.name, &"a value is neither 0 nor 1"));
        }
        let scaled = features.iter().zip(&values[2..]).map(|(column, value)| column.scaled(*value));
        // A whole number from 0 to the maximum: the cast loses nothing.
        let cell = (values[0] as u32).div_ceil(time.interval) as usize;
        Ok(Row { cell, event: values[1] == 1.0, features: scaled.collect() })
    }
}

fn limits(arguments: &Arguments) -> Limits {
    let Arguments { max_rows, min_party_rows, max_steps, .. } = *arguments;
    Limits { features: MAX_FEATURES, max_rows, min_party_rows, max_steps }
}
