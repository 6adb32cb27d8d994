//! What the arguments come to, and that no number can overflow within them.

use anchorhold_sdk::mpc::{FixedPoint, Setting};
use anchorhold_sdk::{Error, Result, Seat, Task, check_range};

use crate::{Arguments, HELPER, MODEL, Output, PROVIDER, RECORDS};

/// The most weights: as many as fit a guest's memory in shares, several times.
const MAX_WEIGHTS: usize = 1_000_000;

/// The most values of a layer for a batch.
const MAX_VALUES: usize = 1 << 21;

/// What the arguments come to.
pub struct Plan {
    pub setting: Setting,
    /// Who has the model.
    pub model: Seat,
    /// Who has the records.
    pub records: Seat,
    pub layers: Vec<usize>,
    pub output: Output,
    pub features: Option<Vec<String>>,
    /// How features are represented.
    pub feature: FixedPoint,
    /// How weights are represented.
    pub weight: FixedPoint,
    pub batch: usize,
}

impl Plan {
    pub fn new(arguments: &Arguments, task: &Task) -> Result<Self> {
        let Arguments { layers, output, fraction_bits, feature_bound, weight_bound, .. } =
            arguments;
        let setting = Setting::of(task, PROVIDER)?;
        if matches!(setting, Setting::Provider(_)) && task.seats_of(HELPER).next().is_some() {
            return Err(Error::new(
                "there are both a provider and a helper: one of them is enough",
            ));
        }
        let seat = |role: &str| {
            let seat = task.seats_of(role).next();
            seat.ok_or_else(|| Error::new(format!("there is no party in the role {role:?}")))
        };
        if !(2..=8).contains(&layers.len()) || layers.contains(&0) {
            return Err(Error::new(format!(
                "\"layers\" must have the numbers of inputs and outputs and up to six between, none of \
                 them 0, not {layers:?}"
            )));
        }
        let weights = layers.windows(2).try_fold(0_usize, |sum, pair| {
            pair[0].checked_add(1)?.checked_mul(pair[1])?.checked_add(sum)
        });
        if weights.is_none_or(|weights| weights > MAX_WEIGHTS) {
            return Err(Error::new(format!("the model has more than {MAX_WEIGHTS} weights")));
        }
        if *output == Output::Class && layers.last() == Some(&1) {
            return Err(Error::new(
                "of one output there is no largest: \"output\" cannot be \"class\"",
            ));
        }
        check_range("fraction_bits", *fraction_bits, 1..=26)?;
        check_range("batch", arguments.batch, 1..=100_000)?;
        let widest = layers.iter().copied().max().unwrap_or_default();
        if arguments.batch.checked_mul(widest).is_none_or(|values| values > MAX_VALUES) {
            return Err(Error::new(format!(
                "a batch of {} records with up to {widest} values each is more than {MAX_VALUES}: \
                 declare a smaller \"batch\"",
                arguments.batch
            )));
        }
        does_not_overflow(layers, *feature_bound, *weight_bound, *fraction_bits)?;
        Ok(Self {
            setting,
            model: seat(MODEL)?,
            records: seat(RECORDS)?,
            layers: layers.clone(),
            output: *output,
            features: arguments.features.clone(),
            feature: FixedPoint::new(*fraction_bits, -feature_bound, *feature_bound)?,
            weight: FixedPoint::new(*fraction_bits, -weight_bound, *weight_bound)?,
            batch: arguments.batch,
        })
    }

    /// Returns of each layer how many inputs and outputs it has.
    pub fn shapes(&self) -> impl Iterator<Item = (usize, usize)> {
        self.layers.windows(2).map(|pair| (pair[0], pair[1]))
    }

    /// Returns how many weights a layer has, with one for each output that is added.
    pub fn weights(&self) -> usize {
        self.shapes().map(|(inputs, outputs)| (inputs + 1) * outputs).sum()
    }
}

/// Checks that no sum of products of a layer reaches 2^61, of which two can be compared.
fn does_not_overflow(layers: &[usize], feature: f64, weight: f64, bits: u32) -> Result<()> {
    let scale = 2_f64.powi(2 * bits.cast_signed());
    let mut bound = feature;
    for (layer, inputs) in layers[..layers.len() - 1].iter().enumerate() {
        // Each input and weight may be rounded up, and the one that is added.
        bound = (*inputs as f64 * (bound + 1.0) + 1.0) * (weight + 1.0);
        // Not so for what is no number.
        let fits = bound * scale < 2_f64.powi(61);
        if !fits {
            return Err(Error::new(format!(
                "the outputs of layer {} can reach {bound:.0}, which with {bits} fractional bits is too \
                 large: declare narrower bounds or fewer bits",
                layer + 1
            )));
        }
    }
    Ok(())
}
