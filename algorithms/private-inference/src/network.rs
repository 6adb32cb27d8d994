//! The layers on shares: one program for all parties, in either setting.

use anchorhold_sdk::Result;
use anchorhold_sdk::mpc::{Arithmetic, Number as _, Numbers, Shared, SharedMatrix, Z2_64};

use crate::input::Input;
use crate::plan::Plan;
use crate::{Output, Predictions};

/// A layer's weights.
struct Layer<A: Arithmetic> {
    weights: SharedMatrix<A::Scheme>,
    /// What is added to each output, at the scale of a product.
    added: Shared<A::Scheme>,
}

/// Returns the predictions at the records' owner.
pub fn predict<A: Numbers>(
    parties: &mut A,
    plan: &Plan,
    input: &Input,
    records: usize,
) -> Result<Option<Predictions>> {
    let layers = share_model(parties, plan, input)?;
    let mut opened: Option<Vec<A::Element>> = None;
    for first in (0..records).step_by(plan.batch) {
        let batch = first..records.min(first + plan.batch);
        let values = share_records(parties, plan, input, batch)?;
        let outputs = apply(parties, plan, &layers, values)?;
        let predicted = match plan.output {
            Output::Value => outputs.into_vector(),
            Output::Probability => {
                parties.sigmoid(outputs.elements(), plan.feature.fraction_bits())?
            }
            Output::Class => parties.argmax(&outputs)?,
        };
        if let Some(predicted) = parties.open_to(plan.records, &predicted)? {
            opened.get_or_insert_default().extend(predicted);
        }
    }
    Ok(opened.map(|opened| predictions(plan, &opened)))
}

fn share_model<A: Numbers>(parties: &mut A, plan: &Plan, input: &Input) -> Result<Vec<Layer<A>>> {
    let own = match input {
        Input::Weights(weights) => Some(elements::<A>(weights)),
        _ => None,
    };
    let all = parties.share(plan.model, own.as_deref(), plan.weights())?;
    let scale = A::Element::power_of_two(plan.weight.fraction_bits());
    let mut first = 0;
    let layers = plan.shapes().map(|(inputs, outputs)| {
        let added = first + inputs * outputs;
        let weights = all.range(first..added).into_matrix((inputs, outputs));
        first = added + outputs;
        Layer { weights, added: all.range(added..first).scaled(scale) }
    });
    Ok(layers.collect())
}

fn share_records<A: Numbers>(
    parties: &mut A,
    plan: &Plan,
    input: &Input,
    batch: std::ops::Range<usize>,
) -> Result<SharedMatrix<A::Scheme>> {
    let (rows, inputs) = (batch.len(), plan.layers[0]);
    let own = match input {
        Input::Records { features, .. } => {
            Some(elements::<A>(&features[batch.start * inputs..batch.end * inputs]))
        }
        _ => None,
    };
    let shared = parties.share(plan.records, own.as_deref(), rows * inputs)?;
    Ok(shared.into_matrix((rows, inputs)))
}

fn elements<A: Numbers>(numbers: &[Z2_64]) -> Vec<A::Element> {
    numbers.iter().map(|number| A::Element::from_integer(number.to_integer())).collect()
}

/// Applies all layers, with what is negative set to zero between them.
fn apply<A: Numbers>(
    parties: &mut A,
    plan: &Plan,
    layers: &[Layer<A>],
    mut values: SharedMatrix<A::Scheme>,
) -> Result<SharedMatrix<A::Scheme>> {
    for (index, layer) in layers.iter().enumerate() {
        let sums = parties.times(&values, &layer.weights)?;
        let (rows, outputs) = sums.shape();
        let sums = sums.into_vector().plus(&layer.added.repeated(rows));
        let mut results = parties.truncate(&sums, plan.weight.fraction_bits())?;
        if index + 1 < layers.len() {
            results = parties.relu(&results)?;
        }
        values = results.into_matrix((rows, outputs));
    }
    Ok(values)
}

fn predictions<E: anchorhold_sdk::mpc::Number>(plan: &Plan, opened: &[E]) -> Predictions {
    if plan.output == Output::Class {
        let class = |opened: &E| u64::try_from(opened.to_integer()).unwrap_or(u64::MAX);
        return Predictions::Classes(opened.iter().map(class).collect());
    }
    let outputs = plan.layers[plan.layers.len() - 1];
    Predictions::Numbers(opened.chunks(outputs).map(|row| plan.feature.decode(row)).collect())
}
