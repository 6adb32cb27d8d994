//! The rows of one organization: those that it trains with, and those that it keeps.

use anchorhold_sdk::newton::{Limits, read_columns};
use anchorhold_sdk::{Result, Task};

use crate::model::Row;
use crate::names::MAX_FEATURES;
use crate::plan::Plan;

/// Reads the rows in their order; the coordinator has none.
///
/// # Errors
/// As [`read_columns`], and an error with the column if a class is no whole number.
pub fn read(task: &Task, plan: &Plan<'_>) -> Result<Option<Vec<Row>>> {
    if task.seat() == plan.coordinator {
        return Ok(None);
    }
    let arguments = plan.arguments;
    let table = task.table(&arguments.dataset)?;
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
        let (class, values) = values.split_first().expect("a row has its class");
        if class.fract() != 0.0 {
            return Err(table.wrong(&plan.label.name, &"a value is no whole number"));
        }
        let features = plan.features.iter().zip(values);
        Ok(Row {
            features: features.map(|(column, value)| column.scaled(*value)).collect(),
            // Within its bounds it is a place among the classes.
            class: *class as usize,
        })
    });
    rows.collect::<Result<_>>().map(Some)
}
