//! Checks that may take for ever, since what is checked against is an algorithm's own schema: each has a
//! thread that no one waits for at the node's end, and there are few.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

use crate::Refusal;

/// How many run at once. One that never ends keeps its place.
const AT_ONCE: usize = 8;
/// How long one may take, and how long it may wait for a place: a schema of a hundred fields takes no
/// second.
const TIME: Duration = Duration::from_secs(10);

/// The checks of a node.
pub(crate) struct Checks {
    places: Arc<Semaphore>,
    time: Duration,
}

impl Default for Checks {
    fn default() -> Self {
        Self::new(AT_ONCE, TIME)
    }
}

impl Checks {
    fn new(at_once: usize, time: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(at_once)), time }
    }

    /// Runs a check on a thread of its own.
    ///
    /// # Errors
    ///
    /// What the check says, or that it takes too long, or that too many do.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        check: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let place = timeout(self.time, self.places.clone().acquire_owned()).await;
        let place = place.map_err(|_| Refusal::Busy)?.map_err(|_| Refusal::Fault)?;
        let (answer, answered) = oneshot::channel();
        let thread = std::thread::Builder::new().name("check".into()).spawn(move || {
            // Nobody may listen any more.
            let _ = answer.send(check());
            drop(place);
        });
        thread.map_err(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "there is no thread to check arguments on");
            Refusal::Fault
        })?;
        match timeout(self.time, answered).await {
            Ok(answer) => answer.map_err(|_| Refusal::Fault)?,
            Err(_) => {
                let time = self.time.as_secs();
                let text = format!(": its schema does not check them within {time} s");
                Err(Refusal::NotAllowed(text))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_check_that_never_ends_keeps_a_place_and_nobody_waiting() {
        let checks = Checks::new(2, Duration::from_millis(50));
        let (ends, waits) = mpsc::channel::<()>();
        let never = checks.run(move || Ok(waits.recv().is_ok())).await;
        let text = "the operator does not allow these arguments: its schema does not check them";
        assert!(never.unwrap_err().to_string().starts_with(text));
        let (end, wait) = mpsc::channel::<()>();
        checks.run(move || Ok(wait.recv().is_ok())).await.expect_err("it does not end either");
        assert_eq!(checks.run(|| Ok(())).await, Err(Refusal::Busy));
        drop((ends, end));
        // Their threads end now.
        let patient = Checks { time: Duration::from_secs(60), ..checks };
        assert_eq!(patient.run(|| Ok(7)).await, Ok(7));
        assert_eq!(patient.run(|| Err::<(), _>(Refusal::Requester)).await, Err(Refusal::Requester));
    }
}
