//! The result: what the total vector says.

use std::collections::BTreeMap;

use anchorhold_sdk::{Error, Result, Z2_64};
use serde::Serialize;
use serde_json::Number;

use crate::plan::{Plan, PlannedColumn};

/// Sums of fewer digits than this are also given as JSON numbers: every reader of JSON keeps 15
/// significant digits of a number.
const EXACT_NUMBERS: i64 = 1_000_000_000_000_000;

/// What a task comes to.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// The first of two tasks ended: the masked total is stored.
    Masked {
        /// The number of parties.
        parties: usize,
    },
    /// The arguments named no groups.
    All {
        /// The number of parties.
        parties: usize,
        /// The counts and sums of all rows.
        #[serde(flatten)]
        totals: GroupTotals,
    },
    /// The arguments named groups.
    Groups {
        /// The number of parties.
        parties: usize,
        /// The counts and sums of each group by its name.
        groups: BTreeMap<String, GroupTotals>,
    },
}

/// Counts and sums over all parties.
#[derive(Debug, Clone, Serialize)]
pub struct GroupTotals {
    /// The number of rows.
    pub rows: u64,
    /// The columns by their names.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, ColumnTotals>,
}

/// Count and sum of a column over all parties.
#[derive(Debug, Clone, Serialize)]
pub struct ColumnTotals {
    /// The number of values that are not null.
    pub non_null: u64,
    /// Their exact sum, with the decimals declared.
    pub sum: String,
    /// The same as a number, where it has so few digits that no reader changes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Number>,
}

/// Reads the total vector.
///
/// # Errors
/// If the declared bounds exclude a number in it: a party did not follow the protocol.
pub fn read(plan: &Plan, total: &[Z2_64]) -> Result<Outcome> {
    let width = 1 + 2 * plan.columns.len();
    let groups: Option<Vec<_>> =
        total.chunks_exact(width).map(|totals| read_group(plan, totals)).collect();
    let groups = groups.ok_or_else(|| {
        Error::new(
            "the total is not possible within the declared bounds: a party did not follow the \
             protocol",
        )
    })?;
    let parties = plan.parties;
    let mut named = BTreeMap::new();
    for (group, totals) in plan.groups.iter().zip(groups) {
        match group.name {
            None => return Ok(Outcome::All { parties, totals }),
            Some(name) => named.insert(name.to_owned(), totals),
        };
    }
    Ok(Outcome::Groups { parties, groups: named })
}

fn read_group(plan: &Plan, totals: &[Z2_64]) -> Option<GroupTotals> {
    let (rows, columns) = totals.split_first()?;
    let parties = u64::try_from(plan.parties).ok()?;
    let rows = rows.to_signed();
    if !plan.rows.can_be_sum(rows, parties * plan.max_rows) {
        return None;
    }
    let rows = u64::try_from(rows).ok()?;
    let columns = plan.columns.iter().zip(columns.as_chunks().0);
    let columns = columns
        .map(|(column, totals)| Some((column.name.to_owned(), read_column(column, totals, rows)?)));
    Some(GroupTotals { rows, columns: columns.collect::<Option<_>>()? })
}

fn read_column(
    column: &PlannedColumn,
    [count, sum]: &[Z2_64; 2],
    rows: u64,
) -> Option<ColumnTotals> {
    let non_null = u64::try_from(count.to_signed()).ok()?;
    let sum = sum.to_signed();
    if non_null > rows || !column.decimal.can_be_sum(sum, non_null) {
        return None;
    }
    let text = column.decimal.text(sum);
    let number = match column.decimals {
        0 => Some(Number::from(sum)),
        _ => text.parse().ok().and_then(Number::from_f64),
    };
    Some(ColumnTotals { non_null, number: number.filter(|_| sum.abs() < EXACT_NUMBERS), sum: text })
}
