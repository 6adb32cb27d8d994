//! What a holder brings: its columns, with mean 0 and variance 1.

use anchorhold_sdk::{Error, Number, Result, Table, TableError, Task, linked_rows};

use crate::plan::Plan;
use crate::precision::{MAX_HALVINGS, UNIT_BITS, exponent, power_of_two};
use crate::{Column, DATASET, Kind, Rows};

/// What a party brings; of a party without data nothing.
#[derive(Debug, Default)]
pub struct Input {
    /// How many rows it has, if it is a holder.
    pub rows: Option<usize>,
    /// The task that linked them, where they were linked.
    pub linked_by: Option<String>,
    pub features: Vec<Standardized>,
    pub outcome: Option<Outcome>,
}

/// The outcome of each row, at its holder.
#[derive(Debug)]
pub enum Outcome {
    Number(Standardized),
    /// 0 or 1.
    Class(Vec<f64>),
}

/// A column without its place and scale.
#[derive(Debug)]
pub struct Standardized {
    /// The values divided by 2 to the power of [`halvings`], so that their squares add to 1 at most.
    pub values: Vec<f64>,
    /// Its mean's distance from the middle of its bounds, in widths.
    pub mean: f64,
    /// Its standard deviation, in widths.
    pub deviation: f64,
}

/// Returns how often a row's part in a sum is halved: 4 to this is at least the number of rows.
pub fn halvings(rows: usize) -> u32 {
    (0..MAX_HALVINGS).find(|halvings| rows <= 1 << (2 * halvings)).unwrap_or(MAX_HALVINGS)
}

impl Input {
    pub fn read(task: &Task, plan: &Plan) -> Result<Self> {
        let Some(place) = plan.holders.iter().position(|seat| *seat == task.seat()) else {
            return Ok(Self::default());
        };
        let table = task.table(DATASET)?;
        let rows = Selection::new(task, plan, &table)?;
        let standardized = |column: &Column| {
            let values = rows.values(column)?;
            standardized(column, values)
                .map_err(|error| table.wrong(&column.name, &error.sentence()))
        };
        let features = plan.arguments.features[place].iter().map(standardized);
        let features = features.collect::<Result<_>>()?;
        let column = &plan.outcome;
        let outcome = match plan.arguments.model {
            _ if task.seat() != plan.outcome_holder => None,
            Kind::Ridge => Some(Outcome::Number(standardized(column)?)),
            Kind::Logistic => Some(Outcome::Class(rows.classes(column)?)),
        };
        let linked_by = rows.linked.map(|linked| linked.by);
        Ok(Self { rows: Some(rows.count), linked_by, features, outcome })
    }
}

/// The rows of a table that take part.
struct Selection<'a> {
    table: &'a Table,
    /// These rows; without, it is all.
    linked: Option<Linked>,
    count: usize,
}

/// Rows that a task linked.
struct Linked {
    by: String,
    rows: Vec<usize>,
}

impl<'a> Selection<'a> {
    fn new(task: &Task, plan: &Plan, table: &'a Table) -> Result<Self> {
        let dataset = table.name();
        let all = usize::try_from(table.rows()).map_err(Error::new)?;
        table.check_rows(plan.arguments.max_rows)?;
        let linked = match plan.arguments.rows {
            Rows::All => None,
            Rows::Linked => Some(matched(task, table)?),
        };
        let count = linked.as_ref().map_or(all, |linked| linked.rows.len());
        if count == 0 {
            return Err(Error::new(match linked {
                None => format!("the dataset {dataset:?} has no rows"),
                Some(_) => format!("no rows of the dataset {dataset:?} are linked"),
            }));
        }
        let coefficients = plan.width + 1;
        if count < coefficients {
            return Err(Error::new(format!(
                "the dataset {dataset:?} has fewer rows than there are coefficients, {coefficients}"
            )));
        }
        let minimum = plan.arguments.minimum_rows;
        if u64::try_from(count).is_ok_and(|count| count < minimum) {
            return Err(Error::new(format!(
                "fewer rows of the dataset {dataset:?} take part than \"minimum_rows\" requires, {minimum}"
            )));
        }
        plan.has_room_for(count)?;
        Ok(Self { table, linked, count })
    }

    /// Reads the values of a column, all of which are within its bounds.
    fn values(&self, column: &Column) -> Result<Vec<f64>> {
        // Also where there are no rows.
        self.table.column(&column.name)?;
        let mut values = Vec::new();
        for batch in self.table.batches() {
            for number in batch?.numbers(&column.name)?.iter() {
                values.push(number.map(|number| match number {
                    Number::Whole(number) => number as f64,
                    Number::Real(number) => number,
                }));
            }
        }
        let all = || 0..values.len();
        let rows: Box<dyn Iterator<Item = usize>> = match &self.linked {
            Some(linked) => Box::new(linked.rows.iter().copied()),
            None => Box::new(all()),
        };
        let value = |row: usize| {
            let value = values[row].ok_or_else(|| match self.linked {
                // Which row it is would tell of the match.
                Some(_) => self.table.wrong(&column.name, &"a linked row has a null"),
                None => Error::from(TableError::Null {
                    dataset: self.table.name().to_owned(),
                    column: column.name.clone(),
                    row: row as u64,
                }),
            })?;
            let Column { name, minimum, maximum } = column;
            // Nor is it for what is no number.
            if !(*minimum..=*maximum).contains(&value) {
                let problem =
                    format!("a value is outside the declared bounds {minimum} to {maximum}");
                return Err(self.table.wrong(name, &problem));
            }
            Ok(value)
        };
        rows.map(value).collect()
    }

    fn classes(&self, column: &Column) -> Result<Vec<f64>> {
        let values = self.values(column)?;
        if values.iter().any(|value| *value != 0.0 && *value != 1.0) {
            return Err(self.table.wrong(&column.name, &"a value is neither 0 nor 1"));
        }
        match values.iter().all(|value| *value == values[0]) {
            true => Err(self.table.wrong(&column.name, &"all values are the same")),
            false => Ok(values),
        }
    }
}

/// Reads which rows a private set intersection found, in the order that all holders have them in.
fn matched(task: &Task, table: &Table) -> Result<Linked> {
    let linked = linked_rows::read(task, table)?.ok_or_else(|| {
        Error::new(
            "no rows were linked in this run before: that is what a private set intersection does",
        )
    })?;
    let row = |row: &u64| usize::try_from(*row).ok().filter(|_| *row < table.rows());
    let rows: Option<Vec<_>> = linked.rows.iter().map(row).collect();
    let rows = rows.ok_or_else(|| {
        let (rows, dataset) = (table.rows(), table.name());
        Error::new(format!("a linked row is not among the {rows} rows of the dataset {dataset:?}"))
    })?;
    Ok(Linked { by: linked.task_id, rows })
}

fn standardized(column: &Column, values: Vec<f64>) -> Result<Standardized> {
    if values.iter().all(|value| *value == values[0]) {
        return Err(Error::new("all values are the same"));
    }
    let (middle, width) = (column.middle(), power_of_two(column.width()));
    let count = values.len() as f64;
    let mut relative: Vec<_> = values.iter().map(|value| (value - middle) / width).collect();
    let mean = relative.iter().sum::<f64>() / count;
    relative.iter_mut().for_each(|value| *value -= mean);
    let deviation = (relative.iter().map(|value| value * value).sum::<f64>() / count).sqrt();
    if deviation < power_of_two(-UNIT_BITS.cast_signed()) {
        return Err(Error::new(format!(
            "its standard deviation is less than a {}th of its bounds: declare narrower bounds",
            1 << UNIT_BITS
        )));
    }
    let halved = power_of_two(-halvings(values.len()).cast_signed()) / deviation;
    relative.iter_mut().for_each(|value| *value *= halved);
    Ok(Standardized { values: relative, mean, deviation })
}

impl Column {
    /// Returns the middle of the bounds.
    pub(crate) fn middle(&self) -> f64 {
        self.minimum / 2.0 + self.maximum / 2.0
    }

    /// Returns the exponent of the power of two that the bounds are apart, or a little more.
    pub(crate) fn width(&self) -> i32 {
        exponent(self.maximum - self.minimum)
    }
}
