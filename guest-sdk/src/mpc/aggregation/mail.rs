//! Messages of rounds: each has its round before it, and none of another round is taken for it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::wrong::Wrong;
use crate::{Error, Result, Seat, Task};

const ROUND_BYTES: usize = size_of::<u32>();

/// What came too early: of each sender and topic one message, behind which the others stay in the inbox.
#[derive(Default)]
pub struct Mail {
    early: BTreeMap<(Seat, &'static str), (u32, Vec<u8>)>,
}

/// How long a step waits for all that it waits for.
pub struct Wait {
    left: Option<Duration>,
}

impl Wait {
    /// Waits until a sender has ended.
    pub fn for_ever() -> Self {
        Self { left: None }
    }

    /// Waits so many times as long as the patience, if there is one.
    pub fn times(patience: Option<Duration>, times: u32) -> Self {
        Self { left: patience.map(|patience| patience.saturating_mul(times)) }
    }
}

/// Sends what belongs to a round.
pub fn send(task: &Task, to: Seat, topic: &str, round: u32, body: &[u8]) -> Result<()> {
    task.send_bytes(to, topic, &[&round.to_le_bytes(), body].concat())
}

impl Mail {
    /// Waits for a message of a round, which has at most so many bytes. None comes of a sender that has
    /// ended, does not send it in time, or has gone on to a later round.
    pub fn receive(
        &mut self,
        task: &Task,
        from: Seat,
        topic: &'static str,
        round: u32,
        most: usize,
        wait: &mut Wait,
    ) -> Result<Option<Vec<u8>>> {
        match self.of_present(task, from, topic, round, most, wait) {
            Err(Error::PeerEnded { .. }) => Ok(None),
            received => received,
        }
    }

    /// As [`Mail::receive`], but that a sender that has ended is an error.
    pub fn of_present(
        &mut self,
        task: &Task,
        from: Seat,
        topic: &'static str,
        round: u32,
        most: usize,
        wait: &mut Wait,
    ) -> Result<Option<Vec<u8>>> {
        loop {
            match self.early.remove(&(from, topic)) {
                Some((of, body)) if of == round => return Ok(Some(body)),
                Some(later) if later.0 > round => {
                    self.early.insert((from, topic), later);
                    return Ok(None);
                }
                _ => {}
            }
            let inbox = task.inbox().from(from).topic(topic);
            let received = match wait.left {
                Some(left) => inbox.within(left).message(),
                None => inbox.message(),
            };
            let mut body = match received {
                Ok(message) => message.body,
                Err(Error::TimedOut { .. }) => {
                    // Others have had as much time, and are only looked for.
                    wait.left = Some(Duration::ZERO);
                    return Ok(None);
                }
                Err(error) => return Err(error),
            };
            let (came, expected) = (body.len(), ROUND_BYTES + most);
            let of = body.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
            // What is kept must not be longer than what can be of use.
            let of = of.filter(|_| came <= expected);
            let of = of.ok_or_else(|| Wrong::Length { expected, came }.of(from, topic))?;
            if of >= round {
                body.drain(..ROUND_BYTES);
                self.early.insert((from, topic), (of, body));
            }
        }
    }
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lab::Lab;
    use crate::{Algorithm, Description, Security};

    fn describe() -> Description {
        Description::new("mail", "1.0.0", "Sends.", Security::semi_honest("Any.", "All."))
    }

    /// The first party sends messages of these rounds, and the second asks for those of others; a message
    /// has its round twice.
    fn run(task: &mut Task, rounds: [Vec<u32>; 2]) -> Result<Vec<Option<Vec<u8>>>> {
        let [sent, asked] = rounds;
        if task.seat() == Seat::FIRST {
            for round in sent {
                send(task, Seat::new(1), "x", round, &[round as u8])?;
            }
            return Ok(Vec::new());
        }
        let mut mail = Mail::default();
        asked
            .into_iter()
            .map(|round| mail.receive(task, Seat::FIRST, "x", round, 1, &mut Wait::for_ever()))
            .collect()
    }

    #[test]
    fn a_message_is_of_the_round_that_is_asked_for_and_later_ones_are_kept() {
        for (sent, asked, expected) in [
            (vec![1, 2, 3], vec![1, 2, 3], json!([[1], [2], [3]])),
            (vec![1, 2, 3], vec![3], json!([[3]])),
            (vec![3, 4], vec![1, 2, 3, 4], json!([null, null, [3], [4]])),
            (vec![1, 3, 4], vec![2, 4], json!([null, [4]])),
            (vec![2, 1, 3], vec![1, 2, 3], json!([null, [2], [3]])),
            (vec![1], vec![1, 2], json!([[1], null])),
        ] {
            let mut lab = Lab::new(Algorithm::new(describe, run));
            let report = lab.parties(2).arguments([&sent, &asked]).run();
            assert_eq!(report.result(1), &expected, "{sent:?} {asked:?}");
        }
    }
}
