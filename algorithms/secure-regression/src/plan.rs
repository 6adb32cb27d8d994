//! What the arguments come to: who computes, which columns there are, and what is refused.

use anchorhold_sdk::mpc::Setting;
use anchorhold_sdk::{Error, Result, Seat, Task, check_range};

use crate::precision::{
    MAX_FEATURES, MAX_HALVINGS, MAX_ITERATIONS, MAX_PENALTY, MIN_PENALTY, power_of_two,
};
use crate::{Arguments, Coefficient, Column, HELPER, HOLDER, Kind, Model, PROVIDER};

/// The most values of all columns: as many as fit a guest's memory in shares, several times.
const MAX_VALUES: usize = 1 << 21;

/// Between what is left of a bound and its power of two there is room for all that is computed with it.
const LARGEST_BOUND: f64 = 1e100;

pub struct Plan<'a> {
    pub arguments: &'a Arguments,
    pub setting: Setting,
    /// In the order of seats, as the features.
    pub holders: Vec<Seat>,
    pub outcome_holder: Seat,
    pub outcome: Column,
    /// Who learns the coefficients.
    pub receiver: Seat,
    /// How many features there are.
    pub width: usize,
    pub max_rows: usize,
}

impl<'a> Plan<'a> {
    pub fn new(task: &Task, arguments: &'a Arguments) -> Result<Self> {
        let holders: Vec<_> = task.seats_of(HOLDER).collect();
        let found = holders.len();
        if found < 2 {
            return Err(Error::new(format!("a regression takes at least 2 holders, not {found}")));
        }
        if arguments.features.len() != found {
            return Err(Error::new(format!(
                "\"features\" must name the columns of each of the {found} holders, not of {}",
                arguments.features.len()
            )));
        }
        let setting = Setting::of(task, PROVIDER)?;
        let is_for_helper = found == 2 && matches!(setting, Setting::Servers(_));
        if task.seats_of(HELPER).next().is_some() && !is_for_helper {
            return Err(Error::new("a helper is only for two holders without a provider"));
        }
        let holder = |organization: &str, argument: &str| {
            let is_named = |seat: &Seat| task.parties()[seat.index()].organization == organization;
            holders.iter().copied().find(is_named).ok_or_else(|| {
                Error::new(format!("{argument} must name a holder, not {organization:?}"))
            })
        };
        let target = &arguments.outcome;
        let outcome_holder = holder(&target.holder, "the \"holder\" of \"outcome\"")?;
        let receiver = match &arguments.receiver {
            Some(receiver) => holder(receiver, "\"receiver\"")?,
            None => outcome_holder,
        };
        let outcome =
            Column { name: target.name.clone(), minimum: target.minimum, maximum: target.maximum };
        let width = arguments.features.iter().map(Vec::len).sum();
        let max_rows = arguments.checked(width)?;
        let plan = Self {
            arguments,
            setting,
            holders,
            outcome_holder,
            outcome,
            receiver,
            width,
            max_rows,
        };
        plan.columns_make_sense(task)?;
        Ok(plan)
    }

    /// Returns the features in their order, with the place of their holder.
    pub fn features(&self) -> impl Iterator<Item = (usize, &Column)> {
        let of_holder = |(place, columns): (usize, &'a Vec<Column>)| {
            columns.iter().map(move |column| (place, column))
        };
        self.arguments.features.iter().enumerate().flat_map(of_holder)
    }

    /// Checks that so many rows fit into the memory of an execution.
    pub fn has_room_for(&self, rows: usize) -> Result<()> {
        let values = rows.saturating_mul(self.width + 1);
        if values > MAX_VALUES {
            return Err(Error::new(format!(
                "{rows} rows of {} columns are more than {MAX_VALUES} values",
                self.width + 1
            )));
        }
        Ok(())
    }

    /// Returns the number of rows of all holders, of what each party says of itself: how many it has, and
    /// which task linked them.
    pub fn common_rows(
        &self,
        task: &Task,
        said: &[(Option<usize>, Option<String>)],
    ) -> Result<usize> {
        let of = |seat: &Seat| {
            let organization = &task.parties()[seat.index()].organization;
            let (rows, linked_by) = &said[seat.index()];
            rows.map(|rows| (organization, rows, linked_by))
                .ok_or_else(|| Error::new(format!("{organization} has no rows")))
        };
        let (first, common, link) = of(&self.holders[0])?;
        for holder in &self.holders {
            let (other, rows, linked_by) = of(holder)?;
            if linked_by != link {
                return Err(Error::new(format!(
                    "the rows of {other} were linked by another task than those of {first}: both must \
                     have linked them with one another, and with nobody else since"
                )));
            }
            if rows != common {
                return Err(Error::new(format!(
                    "{other} has {rows} rows and {first} {common}: all columns must be of the same \
                     rows in the same order"
                )));
            }
        }
        // Nobody is believed to have more than it may.
        self.has_room_for(common)?;
        match (self.width + 1..=self.max_rows).contains(&common) {
            true => Ok(common),
            false => Err(Error::new(format!("{common} rows are fewer or more than allowed"))),
        }
    }

    /// Says what the coefficients are, of what was opened: those of the features, relative to the widths
    /// of their bounds and of the outcome's, and the intercept between the middles of all.
    pub fn model(&self, task: &Task, opened: &[f64]) -> Model {
        let (base, scale) = match self.arguments.model {
            Kind::Ridge => (self.outcome.middle(), self.outcome.width()),
            Kind::Logistic => (0.0, 0),
        };
        let (intercept, opened) = opened.split_last().expect("there is an intercept");
        let mut intercept = base + intercept * power_of_two(scale);
        let coefficient = |((place, column), opened): ((usize, &Column), &f64)| {
            let coefficient = opened * power_of_two(scale - column.width());
            intercept -= coefficient * column.middle();
            let holder = task.parties()[self.holders[place].index()].organization.clone();
            Coefficient { holder, column: column.name.clone(), coefficient }
        };
        let coefficients = self.features().zip(opened).map(coefficient).collect();
        Model { intercept, coefficients }
    }

    fn columns_make_sense(&self, task: &Task) -> Result<()> {
        for (holder, columns) in self.holders.iter().zip(&self.arguments.features) {
            if columns.is_empty() && *holder != self.outcome_holder {
                return Err(Error::new(format!(
                    "{} has neither a feature nor the outcome",
                    task.parties()[holder.index()].organization
                )));
            }
        }
        for (place, column) in self.features() {
            column.checked()?;
            if self.holders[place] == self.outcome_holder && column.name == self.outcome.name {
                return Err(Error::new(format!(
                    "the outcome {:?} is among the features",
                    column.name
                )));
            }
        }
        self.outcome.checked()
    }
}

impl Arguments {
    /// Checks what needs no other party, and returns the most rows.
    fn checked(&self, width: usize) -> Result<usize> {
        if !(1..=MAX_FEATURES).contains(&width) {
            return Err(Error::new(format!(
                "there must be 1 to {MAX_FEATURES} features, not {width}"
            )));
        }
        check_range("penalty", self.penalty, MIN_PENALTY..=MAX_PENALTY)?;
        check_range("iterations", self.iterations, 1..=MAX_ITERATIONS)?;
        check_range("max_rows", self.max_rows, 1..=1 << (2 * MAX_HALVINGS))?;
        usize::try_from(self.max_rows).map_err(Error::new)
    }
}

impl Column {
    fn checked(&self) -> Result<()> {
        let Self { name, minimum, maximum } = self;
        let is_small = |bound: &f64| bound.abs() <= LARGEST_BOUND;
        let is_fine = is_small(minimum) && is_small(maximum);
        // Not so for what is no number.
        if is_fine && maximum - minimum >= 1.0 / LARGEST_BOUND {
            return Ok(());
        }
        Err(Error::new(format!(
            "the column {name:?} must have bounds of which the maximum is above the minimum, not \
             {minimum} and {maximum}"
        )))
    }
}
