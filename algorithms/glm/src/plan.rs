//! What the arguments come to, and the rows of one party.

use anchorhold_sdk::newton::{Limits, Precision, read_columns};
use anchorhold_sdk::{Error, Result, Table, Task};

use crate::family::Family;
use crate::{Arguments, DATASET, Kind};

/// With more features, the sums of a step are more than a party should open.
const MAX_FEATURES: usize = 64;

/// What all parties compute.
pub struct Plan<'a> {
    pub arguments: &'a Arguments,
    pub family: Family,
    pub precision: Precision,
}

/// A row: its outcome as the family has it, and its features from -1 to 1 behind a 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    pub outcome: f64,
    pub features: Vec<f64>,
}

impl<'a> Plan<'a> {
    pub fn new(task: &Task, arguments: &'a Arguments) -> Result<Self> {
        let Arguments { outcome, features, max_rows, .. } = arguments;
        limits(arguments).check(task, features, &[outcome])?;
        if arguments.model == Kind::Poisson && outcome.minimum < 0.0 {
            let name = &outcome.name;
            return Err(Error::new(format!(
                "the column {name:?} is to be counts: its minimum must not be below 0"
            )));
        }
        // Below 2^53: the cast loses nothing.
        let rows = *max_rows as f64;
        let parties = task.parties().len();
        let family = Family::new(arguments.model, outcome, rows * parties as f64);
        let precision = Precision::new(parties, rows * family.largest_part())?;
        Ok(Self { arguments, family, precision })
    }

    /// Reads the own rows.
    pub fn read(&self, task: &Task) -> Result<Vec<Row>> {
        let Arguments { outcome, features, nulls, .. } = self.arguments;
        let table = task.table(DATASET)?;
        let columns: Vec<_> = [outcome].into_iter().chain(features).collect();
        let rows = read_columns(task, &table, &columns, *nulls, &limits(self.arguments))?;
        rows.into_iter().map(|row| self.row(&table, &row)).collect()
    }

    fn row(&self, table: &Table, values: &[f64]) -> Result<Row> {
        let Arguments { outcome: column, features, model, .. } = self.arguments;
        let outcome = self.family.outcome(values[0]).ok_or_else(|| {
            let what = if *model == Kind::Logistic { "neither 0 nor 1" } else { "no whole number" };
            table.wrong(&column.name, &format!("a value is {what}"))
        })?;
        let scaled = features.iter().zip(&values[1..]).map(|(column, value)| column.scaled(*value));
        Ok(Row { outcome, features: [1.0].into_iter().chain(scaled).collect() })
    }
}

fn limits(arguments: &Arguments) -> Limits {
    let Arguments { max_rows, min_party_rows, max_steps, .. } = *arguments;
    Limits { features: MAX_FEATURES, max_rows, min_party_rows, max_steps }
}
