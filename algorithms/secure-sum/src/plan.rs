//! Arguments that make sense, and what follows from them for the vector that is added.

use std::collections::BTreeSet;

use anchorhold_sdk::{Decimal, Error, Result};

use crate::arguments::{Arguments, Condition};

/// Arguments that make sense for this number of parties.
pub struct Plan<'a> {
    pub parties: usize,
    pub max_rows: u64,
    pub columns: Vec<PlannedColumn<'a>>,
    /// At least one.
    pub groups: Vec<PlannedGroup<'a>>,
    /// Bounds every count.
    pub rows: Decimal,
}

pub struct PlannedColumn<'a> {
    pub name: &'a str,
    pub decimal: Decimal,
    pub decimals: u32,
}

pub struct PlannedGroup<'a> {
    /// None where the arguments name no groups: all rows are one.
    pub name: Option<&'a str>,
    pub conditions: Vec<&'a Condition>,
}

impl<'a> Plan<'a> {
    /// Checks the arguments, so that no sum over all parties can overflow.
    pub fn new(arguments: &'a Arguments, parties: usize) -> Result<Self> {
        let parties_wide = u64::try_from(parties).map_err(Error::new)?;
        let rows = parties_wide
            .checked_mul(arguments.max_rows)
            .ok_or_else(|| Error::new("\"max_rows\" is too large for a sum over all parties"))?;
        unique("column", arguments.columns.iter().map(|column| &column.name))?;
        unique("group", arguments.groups.iter().map(|group| &group.name))?;
        for condition in arguments
            .conditions
            .iter()
            .chain(arguments.groups.iter().flat_map(|group| &group.conditions))
        {
            let is_range = condition.minimum.is_some() || condition.maximum.is_some();
            if condition.equals.is_some() == is_range {
                return Err(Error::new(format!(
                    "the condition on the column {:?} must have either \"equals\" or \"minimum\" \
                     and \"maximum\", of which one can be left out",
                    condition.column
                )));
            }
        }
        let columns = arguments.columns.iter().map(|column| {
            let decimals = column.decimals;
            let decimal = Decimal::new(decimals, column.minimum, column.maximum, rows)
                .map_err(|error| Error::new(format!("the column {:?}: {error}", column.name)))?;
            Ok(PlannedColumn { name: &column.name, decimal, decimals })
        });
        let group = |name: Option<&'a str>, conditions: &'a [Condition]| PlannedGroup {
            name,
            conditions: arguments.conditions.iter().chain(conditions).collect(),
        };
        let mut groups: Vec<_> = arguments
            .groups
            .iter()
            .map(|named| group(Some(&named.name), &named.conditions))
            .collect();
        if groups.is_empty() {
            groups.push(group(None, &[]));
        }
        Ok(Self {
            parties,
            max_rows: arguments.max_rows,
            columns: columns.collect::<Result<_>>()?,
            groups,
            rows: Decimal::new(0, 0, 1, rows)?,
        })
    }

    /// Returns the length of the vector that is added.
    pub fn length(&self) -> usize {
        self.groups.len() * (1 + 2 * self.columns.len())
    }
}

fn unique<'a>(what: &str, names: impl Iterator<Item = &'a String>) -> Result<()> {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(Error::new(format!("the {what} {name:?} is named twice")));
        }
    }
    Ok(())
}
