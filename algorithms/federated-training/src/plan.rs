//! What the arguments come to: who is who, what is enforced, and how large a sum can be.

use std::time::Duration;

use anchorhold_sdk::mpc::aggregation::{self, Group, Levels, MIN_GIVERS, Modulus};
use anchorhold_sdk::newton::{Column, MAX_ROWS};
use anchorhold_sdk::{Error, Result, Seat, Task, check_range};

use crate::arguments::{Arguments, Kind};
use crate::model::Model;
use crate::private::Private;
use crate::training::Training;
use crate::vector::Places;
use crate::{COORDINATOR, ORGANIZATION, names};

/// The most parameters: of so many a model fits into a result, as text.
const MAX_PARAMETERS: usize = 1_000_000;
const MAX_HIDDEN: usize = 4_096;
const MAX_CLASSES: usize = 1_000;
const MAX_ROUNDS: u32 = 10_000;
const MAX_EPOCHS: u32 = 1_000;
const MAX_SECONDS: u32 = 86_400;
const MAX_RETRIES: u32 = 100;
/// With fewer bits an update is hardly one.
const MIN_BITS: u32 = 8;

/// What a party may send in all, less some for what is not counted here.
const MAX_MESSAGES: usize = 90_000;
const MAX_SENT_BYTES: usize = 1_000_000_000;

/// What the arguments come to.
pub struct Plan<'a> {
    pub arguments: &'a Arguments,
    pub coordinator: Seat,
    pub organizations: Vec<Seat>,
    pub features: Vec<Column>,
    pub label: Column,
    pub training: Training,
    pub places: Places,
    pub private: Option<Private>,
    threshold: usize,
    modulus: Modulus,
}

impl<'a> Plan<'a> {
    pub fn new(task: &Task, arguments: &'a Arguments) -> Result<Self> {
        let mut coordinators = task.seats_of(COORDINATOR);
        let (Some(coordinator), None) = (coordinators.next(), coordinators.next()) else {
            return Err(Error::new("there must be exactly one party in the role \"coordinator\""));
        };
        let organizations: Vec<Seat> = task.seats_of(ORGANIZATION).collect();
        let count = organizations.len();
        if count < MIN_GIVERS {
            return Err(Error::new(format!(
                "training takes at least {MIN_GIVERS} organizations, not {count}: of two, each could subtract \
                 its own update from the sum"
            )));
        }
        let features = names::expand(&arguments.features, &arguments.label)?;
        let model = model(arguments, features.len())?;
        let parameters = model.parameters().filter(|parameters| *parameters <= MAX_PARAMETERS);
        let parameters = parameters.ok_or_else(|| {
            Error::new(format!("the model has more than {MAX_PARAMETERS} parameters"))
        })?;
        check(arguments)?;
        within_limits(arguments, count, parameters)?;
        let levels = Levels::new(arguments.clip, arguments.bits)?;
        let Arguments { max_rows, threshold, corrupt, active, .. } = *arguments;
        let largest = u128::from(levels.largest()) * u128::from(max_rows) * count as u128;
        let modulus = Modulus::above(largest).ok_or_else(|| {
            Error::new(format!(
                "the sum of {count} organizations' updates of {} bits, each for up to {max_rows} rows, can be \
                 too large: declare fewer bits or rows",
                arguments.bits
            ))
        })?;
        let threshold = aggregation::threshold("organizations", count, threshold, corrupt, active)?;
        // What may collude where nothing is said is what the threshold takes it to be. All are told the models,
        // and so the sums: each organization can take its own noise off.
        let usual = if active { (count - 1) / 3 } else { 0 };
        let honest = threshold - corrupt.unwrap_or(usual).max(1);
        let private = arguments
            .privacy
            .as_ref()
            .map(|privacy| Private::new(privacy, arguments, parameters, (count, honest)));
        let private = private.transpose()?;
        if private.is_none() && arguments.expected_rows.is_some() {
            return Err(Error::new("\"expected_rows\" is for \"privacy\""));
        }
        let training = Training {
            model,
            epochs: arguments.epochs,
            batch: arguments.batch,
            learning_rate: arguments.learning_rate,
            row_clip: arguments.row_clip,
        };
        // A number of classes is small: the cast loses nothing.
        let maximum = (model.classes() - 1) as f64;
        let label = Column { name: arguments.label.clone(), minimum: 0.0, maximum };
        let places = Places { parameters, levels, max_rows };
        Ok(Self {
            arguments,
            coordinator,
            organizations,
            features,
            label,
            training,
            places,
            private,
            threshold,
            modulus,
        })
    }

    /// Says who adds what.
    pub fn group(&self) -> Group {
        Group {
            adder: self.coordinator,
            givers: self.organizations.clone(),
            threshold: self.threshold,
            length: self.private.map_or(self.places.length(), |_| self.places.parameters),
            modulus: self.private.map_or(self.modulus, |private| private.modulus()),
            compares: self.arguments.active,
            patience: self
                .arguments
                .round_seconds
                .map(|seconds| Duration::from_secs(seconds.into())),
        }
    }
}

fn model(arguments: &Arguments, features: usize) -> Result<Model> {
    match (arguments.model, arguments.hidden, arguments.classes) {
        (Kind::Logistic, None, None) => Ok(Model::Logistic { features }),
        (Kind::Logistic, _, _) => Err(Error::new("\"hidden\" and \"classes\" are for perceptrons")),
        (Kind::Perceptron, Some(hidden @ 1..=MAX_HIDDEN), Some(classes @ 2..=MAX_CLASSES)) => {
            Ok(Model::Perceptron { features, hidden, classes })
        }
        (Kind::Perceptron, _, _) => Err(Error::new(format!(
            "a perceptron needs \"hidden\" from 1 to {MAX_HIDDEN}, and \"classes\" from 2 to {MAX_CLASSES}"
        ))),
    }
}

fn check(arguments: &Arguments) -> Result<()> {
    check_range("max_rows", arguments.max_rows, 1..=MAX_ROWS)?;
    check_range("rounds", arguments.rounds, 1..=MAX_ROUNDS)?;
    check_range("epochs", arguments.epochs, 1..=MAX_EPOCHS)?;
    check_range("retries", arguments.retries, 0..=MAX_RETRIES)?;
    check_range("round_seconds", arguments.round_seconds.unwrap_or(1), 1..=MAX_SECONDS)?;
    check_range("batch", arguments.batch.map_or(1, |rows| rows as u64), 1..=MAX_ROWS)?;
    check_range("patience", arguments.patience.unwrap_or(1), 1..=MAX_ROUNDS)?;
    check_range("bits", arguments.bits, MIN_BITS..=32)?;
    let positive =
        [("learning_rate", Some(arguments.learning_rate)), ("row_clip", arguments.row_clip)];
    for (name, number) in positive {
        if number.is_some_and(|number| !(number > 0.0 && number.is_finite())) {
            return Err(Error::new(format!("{name:?} must be positive")));
        }
    }
    // Not so for what is no number.
    if !(0.0..=0.5).contains(&arguments.validation) {
        return Err(Error::new("\"validation\" must be from 0 to 0.5"));
    }
    if arguments.patience.is_some() && arguments.validation == 0.0 {
        return Err(Error::new("\"patience\" needs rows for \"validation\""));
    }
    Ok(())
}

/// Checks that no party sends more than an execution may, if no round is tried again.
fn within_limits(arguments: &Arguments, organizations: usize, parameters: usize) -> Result<()> {
    // The last one is for validation alone.
    let rounds = arguments.rounds as usize + 1;
    // An organization sends each other one keys, shares and what it was told; the coordinator less.
    let messages = rounds.saturating_mul(4 * organizations + 4);
    let bytes = rounds.saturating_mul(organizations).saturating_mul(8 * parameters);
    if messages > MAX_MESSAGES || bytes > MAX_SENT_BYTES {
        return Err(Error::new(format!(
            "{} rounds of {organizations} organizations with {parameters} parameters are more messages or \
             bytes than a party may send: declare fewer rounds",
            arguments.rounds
        )));
    }
    Ok(())
}
