//! What all say to one another first, as [`agree`](anchorhold_sdk::mpc::agree), but that workers who do not
//! come are done without.

use anchorhold_sdk::{Error, Fingerprint, Result, Task};
use serde::{Deserialize, Serialize};

use crate::arguments::{Arguments, Kind};
use crate::keys::Public;
use crate::tensors::Layout;
use crate::{MODELLER, WORKER};

/// How much of what a peer says goes into an error.
const SENTENCE_CHARS: usize = 300;

/// What a party says of its own input.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Facts {
    /// A worker's names and shapes.
    pub layout: Option<Layout>,
    /// What belongs to a worker's secrets, with the kind `masks`.
    pub public: Option<Public>,
}

/// What a party says before it begins.
#[derive(Serialize, Deserialize)]
enum Said {
    Ready { arguments: Fingerprint, facts: Facts },
    Refused(String),
}

/// Tells the other parties that this one is ready, or why it is not. Returns the own input and the facts
/// of all parties that came, in the order of their seats.
///
/// # Errors
/// [`Error::Said`] at every party that came, with the same words, if any of these is not ready or was
/// given other arguments; [`Error::PeerEnded`] if the modeller did not come or, unless the kind is
/// `masks`, anybody.
pub fn muster<I>(
    task: &Task,
    arguments: &Arguments,
    own: Result<I>,
    facts: impl FnOnce(&I) -> Facts,
) -> Result<(I, Vec<Option<Facts>>)> {
    let parties: Vec<_> = task.parties().iter().map(|party| &party.organization).collect();
    let own_said = match &own {
        Ok(own) => {
            let arguments = Fingerprint::of(&(&parties, arguments))?;
            Said::Ready { arguments, facts: facts(own) }
        }
        Err(error) => Said::Refused(error.sentence()),
    };
    task.broadcast("agree", &own_said)?;
    let mut said = Vec::with_capacity(parties.len());
    for party in task.parties() {
        if party.seat == task.seat() {
            continue;
        }
        let may_lack = arguments.kind == Kind::Masks && party.role != MODELLER;
        said.push(match task.receive(party.seat, "agree") {
            Ok(said) => Some(said),
            Err(Error::PeerEnded { .. }) if may_lack => None,
            Err(error) => return Err(error),
        });
    }
    said.insert(task.seat().index(), Some(own_said));
    let facts = all_ready(&parties, said)?;
    // Where it was not ready, that was said above.
    let own = own?;
    same_layout(task, &facts)?;
    Ok((own, facts))
}

/// Returns the facts of those who came, if all of these are ready and were given the same arguments.
fn all_ready(parties: &[&String], said: Vec<Option<Said>>) -> Result<Vec<Option<Facts>>> {
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
    Ok(facts_of_all)
}

/// Compares the layouts of all workers that came.
fn same_layout(task: &Task, facts: &[Option<Facts>]) -> Result<()> {
    let mut first = None;
    for (party, facts) in task.parties().iter().zip(facts) {
        let Some(facts) = facts.as_ref().filter(|_| party.role == WORKER) else { continue };
        let name = &party.organization;
        let lacks = |what: &str| Error::new(format!("{name} did not say what {what} are"));
        let layout = facts.layout.as_ref().ok_or_else(|| lacks("its tensors"))?;
        layout.values().map_err(|error| Error::new(format!("{name}: {error}")))?;
        let (other, expected) = *first.get_or_insert((name, layout));
        if let Some(tensor) = layout.difference(expected) {
            return Err(Error::new(format!(
                "the tensor {tensor:?} is not in the state dictionaries of both {other} and {name}, or \
                 not of one shape"
            )));
        }
    }
    Ok(())
}
