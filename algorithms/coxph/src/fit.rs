//! Which sums are opened, and what comes of them.

use anchorhold_sdk::newton::{self, Sums, Units, two_sided_normal};
use anchorhold_sdk::{Error, Result, Seat, Task};
use serde::{Deserialize, Serialize};

use crate::hazards::Hazards;
use crate::plan::{Plan, Row};
use crate::times::{Ending, EventTime};
use crate::{Coefficient, Outcome};

/// What seat 0 tells of all rows, before the first step.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Counted {
    Enough(Totals),
    TooFewEvents,
    TooFewLeaving,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Totals {
    rows: u64,
    events: u64,
    /// Of each column, from -1 to 1.
    means: Vec<f64>,
    times: Vec<EventTime>,
}

/// Fits the model to the rows of all.
pub fn fit(task: &mut Task, plan: &Plan<'_>, mut rows: Vec<Row>) -> Result<Outcome> {
    let mut sums = Sums::new(task, plan.precision)?;
    let (totals, events) = count(task, plan, &mut sums, &rows)?;
    for row in &mut rows {
        row.features.iter_mut().zip(&totals.means).for_each(|(x, mean)| *x -= mean);
    }
    let arguments = plan.arguments;
    let names: Vec<_> = arguments.features.iter().map(|column| column.name.as_str()).collect();
    let units = Units::of(&arguments.features, false, 1.0, 0.0);
    let model = Hazards { rows, width: names.len(), times: &totals.times, events };
    let start = vec![0.0; names.len()];
    let limit = arguments.max_steps;
    let fit = newton::fit(task, &mut sums, &model, &start, &units, &names, limit)?;
    let fitted = fit.coefficients.iter().zip(&fit.standard_errors);
    let coefficients = names.iter().zip(fitted).map(|(name, (coefficient, error))| Coefficient {
        name: (*name).to_owned(),
        coefficient: *coefficient,
        hazard_ratio: libm::exp(*coefficient),
        standard_error: *error,
        statistic: coefficient / error,
        p_value: two_sided_normal(coefficient / error),
    });
    Ok(Outcome {
        parties: task.parties().len(),
        rows: totals.rows,
        events: totals.events,
        steps: fit.steps,
        coefficients: coefficients.collect(),
        log_likelihood: -fit.loss,
        null_log_likelihood: -fit.first_loss,
    })
}

/// Counts the rows of all that end at each time. Seat 0 also learns how many events there are at each of
/// the times with events.
fn count(
    task: &Task,
    plan: &Plan<'_>,
    sums: &mut Sums,
    rows: &[Row],
) -> Result<(Totals, Vec<u64>)> {
    let (cells, width) = (plan.cells, plan.arguments.features.len());
    let mut own = vec![0.0; 2 * cells + width];
    for row in rows {
        own[if row.event { row.cell } else { cells + row.cell }] += 1.0;
        own[2 * cells..].iter_mut().zip(&row.features).for_each(|(sum, x)| *sum += x);
    }
    let mut events = Vec::new();
    let counted = match sums.add(task, &own)? {
        Some(opened) => {
            // Whole numbers, unless a party did not follow the protocol: the cast is then as good as another.
            let counts = |from: usize| opened[from..from + cells].iter().map(|rows| *rows as u64);
            let ending = Ending { by_event: counts(0).collect(), without: counts(cells).collect() };
            let counted = decide(plan, &ending, &opened[2 * cells..]);
            if let Counted::Enough(totals) = &counted {
                events =
                    totals.times.iter().map(|time| ending.by_event[time.cell as usize]).collect();
            }
            task.broadcast("counted", &counted)?;
            counted
        }
        None => task.receive(Seat::FIRST, "counted")?,
    };
    let arguments = plan.arguments;
    let most = arguments.max_rows.saturating_mul(task.parties().len() as u64);
    Err(Error::new(match counted {
        Counted::Enough(totals) if totals.are_possible(plan, most) => return Ok((totals, events)),
        Counted::Enough(_) => {
            "seat 0 told numbers of rows or times that are not possible".to_owned()
        }
        Counted::TooFewEvents => {
            format!("all parties together have fewer events than {}", least_events(plan, width))
        }
        Counted::TooFewLeaving => format!(
            "fewer than {} rows end at some time with events or since, or with or without tied events: a \
             longer interval lets more rows end together, and \"min_leaving\" says how many must",
            arguments.min_leaving
        ),
    }))
}

fn least_events(plan: &Plan<'_>, width: usize) -> u64 {
    plan.arguments.min_events.max(width as u64 + 1)
}

fn decide(plan: &Plan<'_>, ending: &Ending, sums: &[f64]) -> Counted {
    let total = |of: &[u64]| of.iter().fold(0_u64, |sum, rows| sum.saturating_add(*rows));
    let events = total(&ending.by_event);
    let rows = events.saturating_add(total(&ending.without));
    let times = ending.event_times(plan.arguments.ties);
    if events < least_events(plan, sums.len()) {
        Counted::TooFewEvents
    } else if ending.smallest_group(&times) < plan.arguments.min_leaving {
        Counted::TooFewLeaving
    } else {
        let means = sums.iter().map(|sum| sum / rows as f64).collect();
        Counted::Enough(Totals { rows, events, means, times })
    }
}

impl Totals {
    fn are_possible(&self, plan: &Plan<'_>, most: u64) -> bool {
        let Self { rows, events, means, times } = self;
        let in_order = times.windows(2).all(|pair| pair[0].cell < pair[1].cell);
        let on_grid = times.last().is_some_and(|last| (last.cell as usize) < plan.cells);
        (1..=most).contains(rows)
            && (1..=*rows).contains(events)
            && times.len() as u64 <= *events
            && means.len() == plan.arguments.features.len()
            && means.iter().all(|mean| mean.abs() <= 1.0)
            && in_order
            && on_grid
    }
}
