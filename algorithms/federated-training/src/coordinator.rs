//! The coordinator's part: it tells the model, adds the updates, and ends.

use anchorhold_sdk::mpc::aggregation::{MaskedSums, Roster, Stopped};
use anchorhold_sdk::{Error, Result, Task};

use crate::arguments::{self, Trained};
use crate::model::Judged;
use crate::plan::Plan;
use crate::round::{Round, Told};
use crate::vector::Given;

/// Trains until all rounds are done, no round makes the model better, or one fails.
///
/// # Errors
/// [`Error::Said`] if not even one round is done. Later, what failed is said beside the model.
pub fn lead(task: &mut Task, plan: &Plan<'_>) -> Result<Trained> {
    let parameters = plan.training.model.initial(task.rng());
    let mut course = Course::new(parameters);
    let mut sums = MaskedSums::new(plan.group());
    let (rounds, mut attempt) = (plan.arguments.rounds, 0);
    let stopped = loop {
        let is_last = course.done == rounds;
        if is_last && plan.arguments.validation == 0.0 {
            break "all rounds are done".to_owned();
        }
        match round(task, plan, &mut sums, &course, &mut attempt) {
            Ok((given, roster)) => {
                course.judge(given.judged);
                let progress = course.progress();
                task.progress(course.done.into(), rounds.into(), &progress);
                if is_last {
                    break "all rounds are done".to_owned();
                }
                if plan.arguments.patience.is_some_and(|patience| course.since_best() >= patience) {
                    let patience = course.since_best();
                    break format!("no smaller validation loss in {patience} rounds");
                }
                if !course.go_on(&given, names(task, plan, &roster, true)) {
                    break format!(
                        "the model after round {} is no number: \"learning_rate\" is too large",
                        course.done + 1
                    );
                }
            }
            Err(error) if course.done == 0 => return Err(error),
            Err(error) => {
                let sentence =
                    format!("after {} of {rounds} rounds: {}", course.done, error.sentence());
                task.warn(&sentence);
                break sentence;
            }
        }
    };
    Told::Ended.tell(task)?;
    Ok(course.end(plan, stopped))
}

/// Adds what the organizations give, in as many attempts as it may take.
fn round(
    task: &mut Task,
    plan: &Plan<'_>,
    sums: &mut MaskedSums,
    course: &Course,
    attempt: &mut u32,
) -> Result<(Given, Roster)> {
    let tries = plan.arguments.retries + 1;
    let mut there = Roster::none_of(plan.organizations.len());
    for _ in 0..tries {
        if plan.private.is_some_and(|private| *attempt >= private.sums()) {
            return Err(Error::new(format!(
                "the privacy is spent: it is for {attempt} sums, those that were tried again among them"
            )));
        }
        *attempt += 1;
        let told =
            Round { attempt: *attempt, done: course.done, parameters: course.parameters.clone() };
        let bytes = told.to_bytes();
        Told::Round(told).tell(task)?;
        let collected = sums.meet(task, *attempt, &bytes).and_then(|met| sums.collect(task, met));
        match collected {
            Ok((sum, roster)) => {
                let given = decode(plan, &sum, &roster);
                // After the last round nobody trains any more.
                let is_over = course.done == plan.arguments.rounds;
                let is_zero = |given: &Given| given.update.iter().all(|element| *element == 0.0);
                let given = given.filter(|given| !is_over || is_zero(given)).ok_or_else(|| {
                    Error::new(
                        "the sum is not possible within the declared bounds: an organization did not follow \
                         the protocol",
                    )
                })?;
                return Ok((given, roster));
            }
            Err(Stopped::TooFew(roster)) => {
                there = roster;
                let missing = names(task, plan, &there, false).join(", ");
                task.info(&format!("too few were there; {missing} were missing"));
            }
            Err(Stopped::LeftOut) => unreachable!("nobody leaves the adder out"),
            Err(Stopped::Failed(error)) => return Err(error),
        }
    }
    Err(Error::new(format!(
        "of {} organizations {} stayed in round {}, which was tried {tries} times, and {} are needed; missing \
         were {}",
        plan.organizations.len(),
        there.len(),
        course.done + 1,
        plan.group().threshold,
        names(task, plan, &there, false).join(", ")
    )))
}

/// Reads a sum; none if it is the sum of none that could be.
fn decode(plan: &Plan<'_>, sum: &[u64], roster: &Roster) -> Option<Given> {
    match &plan.private {
        None => plan.places.decode(sum, roster.len()),
        Some(private) => {
            Some(Given { update: private.update(sum), weight: 0, judged: Judged::default() })
        }
    }
}

/// Names those who are there, or those who are not.
fn names(task: &Task, plan: &Plan<'_>, roster: &Roster, there: bool) -> Vec<String> {
    let seats = plan.organizations.iter().enumerate();
    let seats = seats.filter(|(place, _)| roster.has(*place) == there);
    seats.map(|(_, seat)| task.parties()[seat.index()].organization.clone()).collect()
}

/// How the training goes.
struct Course {
    /// How many rounds are done.
    done: u32,
    parameters: Vec<f64>,
    history: Vec<arguments::Round>,
    /// Of the model with the smallest loss, that and after how many rounds it was.
    best: Option<(u32, f64, Vec<f64>)>,
}

impl Course {
    fn new(parameters: Vec<f64>) -> Self {
        let mut course = Self { done: 0, parameters, history: Vec::new(), best: None };
        course.enter(Vec::new(), Some(0));
        course
    }

    fn enter(&mut self, organizations: Vec<String>, rows: Option<u64>) {
        self.history.push(arguments::Round {
            round: self.done,
            organizations,
            rows,
            validation_rows: None,
            loss: None,
            accuracy: None,
        });
    }

    /// Hears what the model is found to be.
    fn judge(&mut self, judged: Judged) {
        if judged.rows == 0 {
            return;
        }
        // Below 2^53: the casts lose nothing.
        let (rows, right) = (judged.rows as f64, judged.right as f64);
        let loss = judged.loss / rows;
        if let Some(entry) = self.history.last_mut() {
            entry.validation_rows = Some(judged.rows);
            entry.loss = Some(loss);
            entry.accuracy = Some(right / rows);
        }
        if self.best.as_ref().is_none_or(|(_, best, _)| loss < *best) {
            self.best = Some((self.done, loss, self.parameters.clone()));
        }
    }

    fn progress(&self) -> String {
        match self.history.last() {
            Some(arguments::Round { loss: Some(loss), accuracy: Some(accuracy), .. }) => {
                format!("validation loss {loss:.4}, accuracy {accuracy:.4}")
            }
            _ => "round done".to_owned(),
        }
    }

    /// Returns how many rounds there were after that of the smallest loss.
    fn since_best(&self) -> u32 {
        self.best.as_ref().map_or(0, |(best, _, _)| self.done - best)
    }

    /// Takes a step with the average update of these organizations; or does not, where it leads to no model.
    fn go_on(&mut self, given: &Given, organizations: Vec<String>) -> bool {
        let next = self.parameters.iter().zip(&given.update).map(|(at, update)| at + update);
        let next: Vec<f64> = next.collect();
        if !next.iter().all(|parameter| parameter.is_finite()) {
            return false;
        }
        self.parameters = next;
        self.done += 1;
        self.enter(organizations, Some(given.weight).filter(|rows| *rows > 0));
        true
    }

    fn end(self, plan: &Plan<'_>, stopped: String) -> Trained {
        let (best, parameters) = match self.best {
            Some((best, _, parameters)) => (best, parameters),
            None => (self.done, self.parameters),
        };
        Trained {
            rounds: self.done,
            best,
            stopped,
            error: plan.private.map_or(plan.places.levels.error(), |private| private.error()),
            privacy: plan.private.map(|private| private.spent()),
            history: self.history,
            model: plan.training.model.to_json(&parameters, &plan.features),
        }
    }
}
