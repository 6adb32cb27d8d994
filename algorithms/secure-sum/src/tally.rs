//! One party's own counts and sums.

use anchorhold_sdk::{Batch, Domain as _, Error, Result, Task, Z2_64};

use crate::DATASET;
use crate::filter::Filter;
use crate::plan::Plan;

/// Counts and adds a party's own rows: for each group the number of rows and, for each column, the
/// number of values and their sum.
pub fn tally(task: &Task, plan: &Plan) -> Result<Vec<Z2_64>> {
    let table = task.table(DATASET)?;
    table.check_rows(plan.max_rows)?;
    let groups = plan.groups.iter().map(|group| {
        let conditions = group.conditions.iter();
        conditions.map(|condition| Filter::new(condition, &table)).collect()
    });
    let groups: Vec<Vec<Filter>> = groups.collect::<Result<_>>()?;
    for column in &plan.columns {
        table.column(column.name)?; // also where there are no rows
    }
    let mut sums = vec![Z2_64::ZERO; plan.length()];
    for batch in table.batches() {
        add_batch(&batch?, plan, &groups, &mut sums)?;
    }
    Ok(sums)
}

fn add_batch(batch: &Batch, plan: &Plan, groups: &[Vec<Filter>], sums: &mut [Z2_64]) -> Result<()> {
    let mut rows_of = Vec::new();
    for filters in groups {
        let mut marked = vec![true; batch.rows()];
        for filter in filters {
            filter.apply(batch, &mut marked)?;
        }
        rows_of.push(marked);
    }
    let width = 1 + 2 * plan.columns.len();
    for (sums, marked) in sums.chunks_exact_mut(width).zip(&rows_of) {
        for _ in marked.iter().filter(|marked| **marked) {
            sums[0] += Z2_64(1);
        }
    }
    for (index, column) in plan.columns.iter().enumerate() {
        for (row, number) in batch.numbers(column.name)?.iter().enumerate() {
            let Some(number) = number.filter(|_| rows_of.iter().any(|marked| marked[row])) else {
                continue;
            };
            let value = column.decimal.encode(number).map_err(|error| {
                Error::new(format!(
                    "the column {:?} of the dataset {DATASET:?}: {error}",
                    column.name
                ))
            })?;
            for (sums, marked) in sums.chunks_exact_mut(width).zip(&rows_of) {
                if marked[row] {
                    sums[1 + 2 * index] += Z2_64(1);
                    sums[2 + 2 * index] += Z2_64::from_signed(value);
                }
            }
        }
    }
    Ok(())
}
