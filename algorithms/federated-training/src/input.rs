//! The rows of one organization: those that it trains with, and those that it keeps.

use anchorhold_sdk::newton::{Limits, read_columns, read_rows_that_fit};
use anchorhold_sdk::{Result, Task};

use crate::DATASET;
use crate::model::Row;
use crate::names::MAX_FEATURES;
use crate::plan::Plan;

/// Reads the rows in their order; the coordinator has none.
///
/// With privacy no row is refused, which would tell of it: one that has no value, or one out of its bounds, is
/// left out, and there may be none or more than declared.
///
/// # Errors
/// As [`read_columns`], and an error with the column if a class is no whole number.
pub fn read(task: &Task, plan: &Plan<'_>) -> Result<Option<Vec<Row>>> {
    if task.seat() == plan.coordinator {
        return Ok(None);
    }
    if plan.private.is_some() {
        return read_what_fits(task, plan).map(Some);
    }
    let arguments = plan.arguments;
    let table = task.table(DATASET)?;
    let columns: Vec<_> = [&plan.label].into_iter().chain(&plan.features).collect();
    let limits = Limits {
        features: MAX_FEATURES,
        max_rows: arguments.max_rows,
        // Of none, there is no update.
        min_party_rows: arguments.min_party_rows.max(1),
        max_steps: arguments.rounds,
    };
    let rows = read_columns(task, &table, &columns, arguments.nulls, &limits)?;
    let rows = rows.into_iter().map(|values| {
        row(plan, &values)
            .ok_or_else(|| table.wrong(&plan.label.name, &"a value is no whole number"))
    });
    rows.collect::<Result<_>>().map(Some)
}

fn read_what_fits(task: &Task, plan: &Plan<'_>) -> Result<Vec<Row>> {
    let table = task.table(DATASET)?;
    let columns: Vec<_> = [&plan.label].into_iter().chain(&plan.features).collect();
    let rows = read_rows_that_fit(task, &table, &columns)?;
    Ok(rows.iter().filter_map(|values| row(plan, values)).collect())
}

/// Makes a row of values within their bounds; none if its class is no whole number.
fn row(plan: &Plan<'_>, values: &[f64]) -> Option<Row> {
    let (class, values) = values.split_first()?;
    let features = plan.features.iter().zip(values);
    (class.fract() == 0.0).then(|| Row {
        features: features.map(|(column, value)| column.scaled(*value)).collect(),
        // Within its bounds it is a place among the classes.
        class: *class as usize,
    })
}
