//! Follows a local run: shows its progress while it runs, and keeps what was sent and logged.

use std::io::IsTerminal as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anchorhold_model::{Ending, Seat};
use anchorhold_sandbox::{Awaited, LogEntry};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use super::LocalInput;
use crate::local::{Event, Observer, Sent};
use crate::say;

/// What was seen of a run.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The messages, in the order in which they were sent, where they are to be shown.
    pub(super) sent: Vec<Sent>,
    /// For each party the number and the bytes of the messages that were sent to it.
    pub(super) received: Vec<(u64, usize)>,
    /// What the parties logged, in order.
    pub(super) logged: Vec<(Seat, LogEntry)>,
    /// The first party whose execution did not finish: the others mostly fail because of it.
    pub(super) failed: Option<(Seat, Ending)>,
}

/// Follows a run.
pub(super) struct Watch {
    seen: Arc<Mutex<Seen>>,
    show: Arc<Show>,
    keep_messages: bool,
}

/// Shows progress on standard error: bars on a terminal, lines elsewhere.
struct Show {
    names: Vec<String>,
    bars: Option<(MultiProgress, Vec<ProgressBar>)>,
}

impl Watch {
    pub(super) fn start(parties: &[LocalInput], keep_messages: bool) -> Self {
        let names: Vec<_> = parties.iter().map(|input| input.party.organization.clone()).collect();
        let bars = std::io::stderr().is_terminal().then(|| {
            let all = MultiProgress::new();
            let bars = names.iter().map(|name| all.add(bar(name))).collect();
            (all, bars)
        });
        let received = vec![(0, 0); names.len()];
        let seen = Seen { received, ..Seen::default() };
        Self { seen: Arc::new(seen.into()), show: Arc::new(Show { names, bars }), keep_messages }
    }

    /// Returns what is told of all that happens.
    pub(super) fn observer(&self) -> Observer {
        let (seen, show, keep_messages) =
            (self.seen.clone(), self.show.clone(), self.keep_messages);
        let observer = Observer::new(move |event| match event {
            Event::Sent(sent) => {
                let mut seen = lock(&seen);
                let receiver = usize::try_from(sent.to.0).ok();
                if let Some(received) = receiver.and_then(|seat| seen.received.get_mut(seat)) {
                    *received = (received.0 + 1, received.1.saturating_add(sent.bytes));
                }
                if keep_messages {
                    seen.sent.push(sent);
                }
            }
            Event::Logged(seat, entry) => {
                show.entry(seat, &entry);
                lock(&seen).logged.push((seat, entry));
            }
            Event::Stalled(waiting) => show.stalled(&waiting),
            Event::Ended(seat, ending) => {
                show.ended(seat, ending.kind());
                if !matches!(ending, Ending::Finished(_)) {
                    lock(&seen).failed.get_or_insert((seat, ending));
                }
            }
        });
        if keep_messages { observer.with_hashes() } else { observer }
    }

    /// Ends the display and returns what was seen.
    pub(super) fn finish(self) -> Seen {
        for bar in self.show.bars.iter().flat_map(|(_, bars)| bars) {
            bar.abandon();
        }
        std::mem::take(&mut lock(&self.seen))
    }
}

impl Show {
    fn entry(&self, seat: Seat, entry: &LogEntry) {
        match (entry, self.bar(seat)) {
            (LogEntry::Progress(progress), Some(bar)) => {
                bar.set_length(progress.total);
                bar.set_position(progress.done);
                bar.set_message(progress.text.clone());
            }
            (LogEntry::Progress(progress), None) => self.line(seat, &progress.to_string()),
            (LogEntry::Output(text) | LogEntry::Error(text), _) => self.line(seat, text),
        }
    }

    fn ended(&self, seat: Seat, kind: &'static str) {
        match self.bar(seat) {
            Some(bar) => bar.abandon_with_message(kind),
            None => self.line(seat, kind),
        }
    }

    fn stalled(&self, waiting: &[(Seat, Awaited)]) {
        for (seat, Awaited { sender, topic, .. }) in waiting {
            let from = match sender {
                Some(sender) => format!("from {}", self.name(*sender)),
                None => "from anybody".to_owned(),
            };
            let about = topic.as_ref().map(|topic| format!(" of topic {topic:?}"));
            let about = about.unwrap_or_default();
            self.line(*seat, &format!("waits for a message {from}{about}, as all others wait"));
        }
    }

    fn name(&self, seat: Seat) -> &str {
        let name = usize::try_from(seat.0).ok().and_then(|seat| self.names.get(seat));
        name.map_or("", String::as_str)
    }

    fn bar(&self, seat: Seat) -> Option<&ProgressBar> {
        self.bars.as_ref()?.1.get(usize::try_from(seat.0).ok()?)
    }

    fn line(&self, seat: Seat, text: &str) {
        let line = format!("{}: {text}", self.name(seat));
        match &self.bars {
            // A line that cannot be shown is still in the log.
            Some((bars, _)) => drop(bars.println(line)),
            None => say(&line),
        }
    }
}

fn bar(name: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix:16} {bar:24} {pos}/{len} {msg}")
        .expect("the template is valid");
    ProgressBar::new(1).with_style(style).with_prefix(name.to_owned())
}

fn lock(seen: &Mutex<Seen>) -> MutexGuard<'_, Seen> {
    seen.lock().unwrap_or_else(PoisonError::into_inner)
}
