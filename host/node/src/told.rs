//! How an execution went, in the words in which the requester, the peers and the server are told.

use anchorhold_model::layout::{ClosingEnding, Outcome};
use anchorhold_model::{Ending, ExecutionState, limits};

use crate::Refusal;
use crate::incoming::Alarm;

/// How an execution went, for whoever is told.
pub(crate) struct Told {
    pub(crate) state: ExecutionState,
    pub(crate) outcome: Outcome,
}

/// Why an execution is ended from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// The requester or the server wants it.
    Killed,
    /// The node stops.
    NodeStops,
    /// Something is wrong with what came from a party.
    Alarm(String, Alarm),
}

impl Told {
    /// It ended by itself, or was stopped for this reason. An error has its text where the operator
    /// gives those away.
    pub(crate) fn ended(ending: Ending, reason: Option<Stopped>, error_text: bool) -> Self {
        let kind = ending.kind().to_owned();
        let text = match ending {
            Ending::Finished(result) => {
                let (ending, text) = (ClosingEnding::Finished, String::new());
                let outcome = Outcome { ending, kind, text, result };
                return Self { state: ExecutionState::Finished, outcome };
            }
            Ending::Killed => return Self::stopped(reason),
            Ending::Error(_) if !error_text => {
                "the algorithm returned an error, whose text the operator does not give away".into()
            }
            Ending::Error(text) => cut(text),
            other => other.to_string(),
        };
        Self::failed(kind, text)
    }

    /// It was ended from outside.
    pub(crate) fn stopped(reason: Option<Stopped>) -> Self {
        let (kind, text) = match reason {
            None | Some(Stopped::Killed) => ("killed", "it was killed".into()),
            Some(Stopped::NodeStops) => ("node-stops", "its node was stopped".into()),
            Some(Stopped::Alarm(from, alarm)) => {
                ("not-genuine", format!("what came from {from} is not genuine: {alarm}"))
            }
        };
        Self::failed(kind.into(), text)
    }

    /// Its deadline was over before it began.
    pub(crate) fn too_late() -> Self {
        Self::failed("limit-reached".into(), "reached a limit: deadline".into())
    }

    /// The node refused it.
    pub(crate) fn refused(refusal: &Refusal) -> Self {
        let (kind, text) = (refusal.kind().to_owned(), refusal.sentence());
        let (ending, result) = (ClosingEnding::Refused, Vec::new());
        let outcome = Outcome { ending, kind, text, result };
        Self { state: ExecutionState::Refused, outcome }
    }

    fn failed(kind: String, text: String) -> Self {
        let (ending, result) = (ClosingEnding::Failed, Vec::new());
        let outcome = Outcome { ending, kind, text, result };
        Self { state: ExecutionState::Failed, outcome }
    }
}

/// Cuts a text to what an outcome has.
fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(limits::SENTENCE_BYTES));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errors_text_is_told_only_where_the_operator_says_so() {
        let ending = || Ending::Error("row 7 has 12".into());
        let shown = Told::ended(ending(), None, true).outcome;
        assert_eq!((shown.kind.as_str(), shown.text.as_str()), ("error", "row 7 has 12"));
        let hidden = Told::ended(ending(), None, false).outcome;
        assert!(hidden.kind == "error" && !hidden.text.contains("12"), "{hidden:?}");
        let alarm = Stopped::Alarm("north".into(), Alarm::Gap(3));
        assert_eq!(Told::ended(Ending::Killed, Some(alarm), true).outcome.kind, "not-genuine");
    }
}
