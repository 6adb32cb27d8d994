//! An organization's part: it trains on its own rows from each model that it is told.

use anchorhold_sdk::mpc::aggregation::{MaskedSums, Stopped};
use anchorhold_sdk::rand_core::{Rng as _, SeedableRng as _};
use anchorhold_sdk::{ChaCha20Rng, Error, Result, Task, shuffle};

use crate::model::Row;
use crate::plan::Plan;
use crate::round::{Round, Told};
use crate::vector::Given;

/// Takes part until the coordinator ends; returns the rounds in whose sums its own update is.
///
/// # Errors
/// [`Error::Said`] with how many rounds there were before, if the coordinator has ended or sent what the
/// protocol excludes, or if the own update is no number.
pub fn follow(task: &mut Task, plan: &Plan<'_>, mut rows: Vec<Row>) -> Result<Vec<u32>> {
    let mut seed = [0; 32];
    task.rng().fill_bytes(&mut seed);
    let mut rng = ChaCha20Rng::from_seed(seed);
    shuffle(&mut rows, &mut rng);
    // Rounded down, at most half of them: at least one row is trained with.
    let kept = (rows.len() as f64 * plan.arguments.validation) as usize;
    let mut organization = Organization {
        plan,
        sums: MaskedSums::new(plan.group()),
        trained: rows.split_off(kept),
        kept: rows,
        given: 0,
        rng,
    };
    let (mut taken, mut last) = (Vec::new(), 0);
    loop {
        let told = Told::newest(task, plan, last);
        let Told::Round(round) = told.map_err(|error| after(&taken, &error))? else {
            return Ok(taken);
        };
        last = round.attempt;
        match organization.take_part(task, &round) {
            // After the last round there is no other one.
            Ok(()) if round.done < plan.arguments.rounds => taken.push(round.done + 1),
            Ok(()) => {}
            // The coordinator tries again, or goes on without it for now.
            Err(Stopped::TooFew(_) | Stopped::LeftOut) => {
                task.info(&format!("round {} went without this organization", round.done + 1));
            }
            Err(Stopped::Failed(error)) => return Err(after(&taken, &error)),
        }
        // A round that seemed whole is told again where shares of it were lost.
        taken.dedup();
    }
}

fn after(taken: &[u32], error: &Error) -> Error {
    match taken.last() {
        Some(last) => Error::new(format!("after round {last}: {}", error.sentence())),
        None => Error::new(error.sentence()),
    }
}

struct Organization<'a> {
    plan: &'a Plan<'a>,
    sums: MaskedSums,
    trained: Vec<Row>,
    kept: Vec<Row>,
    /// Into how many sums it has given, or has tried to.
    given: u32,
    rng: ChaCha20Rng,
}

impl Organization<'_> {
    /// Trains, and gives the update into the sum.
    fn take_part(&mut self, task: &mut Task, round: &Round) -> Result<(), Stopped> {
        let vector = self.vector(task, round)?;
        let met = self.sums.meet(task, round.attempt, &round.to_bytes())?;
        self.given += 1;
        self.sums.give(task, met, vector)?;
        let rounds = self.plan.arguments.rounds;
        let (now, text) = match round.done < rounds {
            true => (round.done + 1, "round trained"),
            false => (rounds, "validated"),
        };
        task.progress(now.into(), rounds.into(), text);
        Ok(())
    }

    fn vector(&mut self, task: &Task, round: &Round) -> Result<Vec<u64>> {
        let Some(private) = &self.plan.private else {
            return Ok(self.plan.places.encode(&self.given(task, round)));
        };
        let at = (self.plan.training.model, &*round.parameters);
        private.vector(self.given + 1, at, &self.trained, &mut self.rng)
    }

    fn given(&mut self, task: &Task, Round { done, parameters, .. }: &Round) -> Given {
        let training = &self.plan.training;
        // After the last round the model is judged, and not trained any further.
        let mut update = match *done < self.plan.arguments.rounds {
            true => training.update(parameters, &self.trained, &mut self.rng),
            false => vec![0.0; parameters.len()],
        };
        if !update.iter().all(|element| element.is_finite()) {
            // To end here would tell the coordinator of these rows alone, by a model that it chose for that.
            let round = done + 1;
            task.warn(&format!(
                "the update of round {round} is no number and left out: \"learning_rate\" is too large"
            ));
            update.fill(0.0);
        }
        Given {
            update,
            weight: self.trained.len() as u64,
            judged: training.model.judge(parameters, &self.kept),
        }
    }
}
