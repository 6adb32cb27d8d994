//! What the arguments come to, and the rows of one party.

use anchorhold_sdk::mpc::pairwise::MIN_PARTIES;
use anchorhold_sdk::newton::{Column, Precision, read_columns};
use anchorhold_sdk::{Error, Result, Task};

use crate::family::Family;
use crate::{Arguments, Kind};

/// With more features, the sums of a step are more than a party should open.
const MAX_FEATURES: usize = 64;
const MAX_ROWS: u64 = 1_048_576;
const MAX_STEPS: u32 = 100;

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
        let parties = task.parties().len();
        if parties < MIN_PARTIES {
            return Err(Error::new(format!(
                "a model takes at least {MIN_PARTIES} parties, not {parties}: a party that subtracts its own \
                 sums from those of two learns the other's"
            )));
        }
        let Arguments { outcome, features, max_rows, max_steps, .. } = arguments;
        if features.is_empty() || features.len() > MAX_FEATURES {
            let count = features.len();
            return Err(Error::new(format!(
                "there must be 1 to {MAX_FEATURES} features, not {count}"
            )));
        }
        let columns: Vec<_> = features.iter().chain([outcome]).collect();
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
        if arguments.model == Kind::Poisson && outcome.minimum < 0.0 {
            let name = &outcome.name;
            return Err(Error::new(format!(
                "the column {name:?} is to be counts: its minimum must not be below 0"
            )));
        }
        // Below 2^53: the cast loses nothing.
        let rows = *max_rows as f64;
        let family = Family::new(arguments.model, outcome, rows * parties as f64);
        let precision = Precision::new(parties, rows * family.largest_part())?;
        Ok(Self { arguments, family, precision })
    }

    /// Reads the own rows.
    pub fn read(&self, task: &Task) -> Result<Vec<Row>> {
        let Arguments { outcome, features, dataset, nulls, max_rows, min_party_rows, .. } =
            self.arguments;
        let table = task.table(dataset)?;
        let columns: Vec<_> = [outcome].into_iter().chain(features).collect();
        let rows = read_columns(&table, dataset, &columns, *nulls, *max_rows)?;
        if (rows.len() as u64) < *min_party_rows {
            return Err(Error::new(format!(
                "the dataset {dataset:?} has fewer rows to use than \"min_party_rows\" asks for, \
                 {min_party_rows}"
            )));
        }
        task.info(&format!("{} of {} rows are used", rows.len(), table.rows()));
        rows.into_iter().map(|row| self.row(&row, features)).collect()
    }

    fn row(&self, values: &[f64], features: &[Column]) -> Result<Row> {
        let outcome = self.family.outcome(values[0]).ok_or_else(|| {
            let Arguments { outcome, dataset, model, .. } = self.arguments;
            let what = if *model == Kind::Logistic { "neither 0 nor 1" } else { "no whole number" };
            let name = &outcome.name;
            Error::new(format!("the column {name:?} of the dataset {dataset:?}: a value is {what}"))
        })?;
        let scaled = features.iter().zip(&values[1..]).map(|(column, value)| column.scaled(*value));
        Ok(Row { outcome, features: [1.0].into_iter().chain(scaled).collect() })
    }
}
