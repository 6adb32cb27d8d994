//! Shows where the executions of a task are, and how far: bars on a terminal, lines elsewhere.

use std::io::IsTerminal as _;
use std::time::Duration;

use anchorhold_client::TaskStatus;
use anchorhold_model::{ExecutionState, Seat, printable};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::remote::Names;
use crate::say;

/// How often what turns on a terminal turns.
const TURN: Duration = Duration::from_millis(120);

/// What is shown of a task.
pub(super) struct Progress {
    names: Names,
    bars: Option<MultiProgress>,
    shown: Vec<Shown>,
}

/// What is shown of an execution.
struct Shown {
    seat: Seat,
    name: String,
    state: Option<ExecutionState>,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(super) fn new(names: Names) -> Self {
        let bars = std::io::stderr().is_terminal().then(MultiProgress::new);
        Self { names, bars, shown: Vec::new() }
    }

    /// Shows what has changed.
    pub(super) fn show(&mut self, task: &TaskStatus) {
        for (position, execution) in task.executions.iter().enumerate() {
            if position == self.shown.len() {
                let name = self.names.organization(&execution.organization);
                let bar = self.bars.as_ref().map(|bars| bars.add(spinner(&name)));
                self.shown.push(Shown { seat: execution.seat, name, state: None, bar });
            }
            let shown = &mut self.shown[position];
            if shown.state.replace(execution.state) == Some(execution.state) {
                continue;
            }
            let text = format!("{}{}", execution.state, super::kind(execution));
            match &shown.bar {
                Some(bar) if execution.state.is_final() => bar.abandon_with_message(text),
                Some(bar) => bar.set_message(text),
                None => say(&format!("{}: {text}", shown.name)),
            }
        }
    }

    /// Shows how far an execution is that is shown.
    pub(super) fn report(&self, seat: Seat, report: &anchorhold_model::Progress) {
        let Some(shown) = self.shown.iter().find(|shown| shown.seat == seat) else { return };
        let text = printable(&report.to_string());
        match (&shown.bar, shown.state) {
            (Some(bar), Some(state)) => bar.set_message(format!("{state} {text}")),
            _ => say(&format!("{}: {text}", shown.name)),
        }
    }

    /// Says something about the task as a whole.
    pub(super) fn note(&self, text: &str) {
        match &self.bars {
            // A line that cannot be shown helps nobody.
            Some(bars) => drop(bars.println(text)),
            None => say(text),
        }
    }
}

impl Drop for Progress {
    /// Leaves on the terminal what was shown last.
    fn drop(&mut self) {
        for bar in self.shown.iter().filter_map(|shown| shown.bar.as_ref()) {
            bar.abandon();
        }
    }
}

fn spinner(name: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {prefix:16} {msg}");
    let bar = ProgressBar::new_spinner().with_style(style.expect("the template is valid"));
    let bar = bar.with_prefix(name.to_owned());
    bar.enable_steady_tick(TURN);
    bar
}
