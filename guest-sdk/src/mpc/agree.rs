//! What all parties say to one another before the first share leaves.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Error, Fingerprint, Party, Result, Task};

/// The topic of the only message that a party sends before all are ready.
pub(crate) const TOPIC: &str = "agree";

/// How much of what a peer says goes into an error.
const SENTENCE_CHARS: usize = 300;

/// What a party says before it begins.
#[derive(Serialize, Deserialize)]
enum Said<T> {
    Ready { arguments: Fingerprint, facts: T },
    Refused(String),
}

/// Tells the other parties that this one is ready, with facts of its own input such as the number
/// of rows, or why it is not. Returns the own input, and the facts of all parties in the order of
/// their seats.
///
/// It is one message from everybody to everybody. Facts and reasons are seen by all parties: values
/// do not belong there.
///
/// # Errors
/// [`Error::Said`] at every party, with the same words, if any party is not ready or was given
/// other arguments than the first one; [`Error::PeerEnded`].
pub fn agree<A: Serialize, I, T: Serialize + DeserializeOwned>(
    task: &Task,
    arguments: &A,
    own: Result<I>,
    facts: impl FnOnce(&I) -> T,
) -> Result<(I, Vec<T>)> {
    let (own, facts) = agree_without(task, arguments, own, facts, |_| false)?;
    Ok((own, facts.into_iter().flatten().collect()))
}

/// As [`agree`], but that parties which do not come are done without where they may be. Returns the own
/// input, and the facts of those that came, in the order of the seats of all.
///
/// # Errors
/// [`Error::Said`] at every party that came, as [`agree`]; [`Error::PeerEnded`] if one did not that must.
pub fn agree_without<A: Serialize, I, T: Serialize + DeserializeOwned>(
    task: &Task,
    arguments: &A,
    own: Result<I>,
    facts: impl FnOnce(&I) -> T,
    may_lack: impl Fn(&Party) -> bool,
) -> Result<(I, Vec<Option<T>>)> {
    let parties: Vec<_> = task.parties().iter().map(|party| &party.organization).collect();
    let own_said = match &own {
        Ok(own) => {
            let arguments = Fingerprint::of(&(&parties, arguments))?;
            Said::Ready { arguments, facts: facts(own) }
        }
        Err(error) => Said::Refused(error.sentence()),
    };
    task.broadcast(TOPIC, &own_said)?;
    let mut said: Vec<Option<Said<T>>> = Vec::with_capacity(parties.len());
    for party in task.parties().iter().filter(|party| party.seat != task.seat()) {
        said.push(match task.receive(party.seat, TOPIC) {
            Ok(said) => Some(said),
            Err(Error::PeerEnded { .. }) if may_lack(party) => None,
            Err(error) => return Err(error),
        });
    }
    said.insert(task.seat().index(), Some(own_said));
    let mut agreed = None;
    let mut facts_of_all = Vec::with_capacity(parties.len());
    for (party, said) in parties.iter().zip(said) {
        facts_of_all.push(match said {
            None => None,
            Some(Said::Refused(sentence)) => {
                let sentence: String = sentence.chars().take(SENTENCE_CHARS).collect();
                return Err(Error::new(format!("{party} does not take part: {sentence}")));
            }
            Some(Said::Ready { arguments, facts }) => {
                let (first, agreed) = *agreed.get_or_insert((party, arguments));
                if agreed != arguments {
                    return Err(Error::new(format!(
                        "{party} was given other arguments than {first}"
                    )));
                }
                Some(facts)
            }
        });
    }
    // Where it was not ready, that was said above.
    Ok((own?, facts_of_all))
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lab::Lab;
    use crate::{Algorithm, Description, Security};

    #[derive(Serialize, Deserialize, schemars::JsonSchema)]
    struct Arguments {
        rows: Option<u32>,
        digits: u32,
    }

    fn describe() -> Description {
        Description::new("agreement", "1.0.0", "Agrees.", Security::semi_honest("Any.", "Rows."))
    }

    fn run(task: &mut Task, arguments: Arguments) -> Result<Vec<u32>> {
        let own = arguments.rows.ok_or_else(|| Error::new("the column \"age\" is empty"));
        agree(task, &arguments.digits, own, |rows| *rows).map(|(_, rows)| rows)
    }

    fn lab(arguments: [(Option<u32>, u32); 3]) -> Lab {
        let mut lab = Lab::new(Algorithm::new(describe, run));
        lab.parties(3);
        for (seat, (rows, digits)) in arguments.into_iter().enumerate() {
            lab.arguments_of(seat, json!({ "rows": rows, "digits": digits }));
        }
        lab
    }

    #[test]
    fn all_hear_the_facts_of_all_in_one_round() {
        let report = lab([(Some(3), 2), (Some(4), 2), (Some(5), 2)]).run();
        assert_eq!(report.common_result(), &json!([3, 4, 5]));
        assert_eq!((report.traffic().messages, report.traffic().rounds), (6, 1));
    }

    #[test]
    fn all_hear_who_is_not_ready_and_why() {
        let why = "party-1 does not take part: the column \"age\" is empty";
        assert_eq!(lab([(Some(3), 2), (None, 2), (Some(5), 2)]).run().refusal(), why);
    }

    #[test]
    fn all_hear_who_has_other_arguments() {
        let why = "party-2 was given other arguments than party-0";
        assert_eq!(lab([(Some(3), 2), (Some(4), 2), (Some(5), 3)]).run().refusal(), why);
    }
}
