//! What the mailbox knows, all of it under one lock that nobody holds while waiting.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use anchorhold_model::link::Stream;
use anchorhold_model::{ExecutionState, RunId, Seat, TaskId};
use tokio::sync::{Notify, oneshot};

use super::Place;
use super::outbox::Outbox;
use super::task::LiveTask;
use crate::store::{Change, LiveRow};

/// What the mailbox knows.
pub(super) struct Inner {
    started: u64,
    generation: u64,
    links: HashMap<Place, Link>,
    /// Since when places that were linked are not.
    unlinked: HashMap<Place, u64>,
    pub(super) tasks: HashMap<TaskId, LiveTask>,
    /// In which of them a place has a seat.
    places: HashMap<Place, BTreeSet<TaskId>>,
    /// Closed runs that a place has not answered.
    closings: HashMap<Place, BTreeSet<RunId>>,
    /// What is to be committed.
    pub(super) dirty: HashSet<Stream>,
    pub(super) changes: Vec<Change>,
    /// How many bytes of frames came since the last commit.
    pub(super) waiting: u64,
}

/// A node's link.
pub(super) struct Link {
    pub(super) generation: u64,
    pub(super) wake: Arc<Notify>,
    /// Dropped with the link, which tells the old one that a new one took over.
    _fence: oneshot::Sender<()>,
    /// Whether the node has said what it has.
    pub(super) resumed: bool,
    pub(super) outbox: Outbox,
}

impl Inner {
    pub(super) fn new(started: u64) -> Self {
        Self {
            started,
            generation: 0,
            links: HashMap::new(),
            unlinked: HashMap::new(),
            tasks: HashMap::new(),
            places: HashMap::new(),
            closings: HashMap::new(),
            dirty: HashSet::new(),
            changes: Vec::new(),
            waiting: 0,
        }
    }

    pub(super) fn is_linked(&self, place: &Place) -> bool {
        self.links.contains_key(place)
    }

    /// Returns since when a place has no link, or none where it has one.
    pub(super) fn unlinked_since(&self, place: &Place) -> Option<u64> {
        let since = || self.unlinked.get(place).copied().unwrap_or(self.started);
        (!self.is_linked(place)).then(since)
    }

    /// Sets a link up in place of any other. What is returned beside its generation completes when
    /// another one takes its place.
    pub(super) fn link(&mut self, place: Place) -> (u64, Arc<Notify>, oneshot::Receiver<()>) {
        self.generation = self.generation.saturating_add(1);
        let (fence, fenced) = oneshot::channel();
        let wake = Arc::new(Notify::new());
        let link = Link {
            generation: self.generation,
            wake: wake.clone(),
            _fence: fence,
            resumed: false,
            outbox: Outbox::default(),
        };
        self.links.insert(place, link);
        (self.generation, wake, fenced)
    }

    /// Takes a link down, where it is still the one.
    pub(super) fn unlink(&mut self, place: &Place, generation: u64, now: u64) {
        if self.links.get(place).is_some_and(|link| link.generation == generation) {
            self.links.remove(place);
            self.unlinked.insert(*place, now);
        }
    }

    /// Returns a link where it is still the one.
    pub(super) fn current(&mut self, place: &Place, generation: u64) -> Option<&mut Link> {
        self.links.get_mut(place).filter(|link| link.generation == generation)
    }

    /// Returns a link and the tasks, both to be changed.
    pub(super) fn link_and_tasks(
        &mut self,
        place: &Place,
    ) -> (Option<&mut Link>, &mut HashMap<TaskId, LiveTask>) {
        (self.links.get_mut(place), &mut self.tasks)
    }

    /// Puts something into a link's outbox, where the node has said what it has; otherwise it is
    /// found when it does.
    pub(super) fn send(&mut self, place: &Place, put: impl FnOnce(&mut Outbox)) {
        if let Some(link) = self.links.get_mut(place).filter(|link| link.resumed) {
            put(&mut link.outbox);
            link.wake.notify_one();
        }
    }

    /// Returns the tasks in which a place has a seat, in the order in which they were offered.
    pub(super) fn tasks_of(&self, place: &Place) -> Vec<(TaskId, Seat)> {
        let ids = self.places.get(place).into_iter().flatten();
        let mut tasks: Vec<_> = ids
            .filter_map(|id| {
                let task = self.tasks.get(id).filter(|task| !task.over)?;
                Some(((task.offered, task.ordinal), *id, task.seat_of(&place.organization)?))
            })
            .collect();
        tasks.sort_unstable();
        tasks.into_iter().map(|(_, id, seat)| (id, seat)).collect()
    }

    pub(super) fn closings_of(&self, place: &Place) -> BTreeSet<RunId> {
        self.closings.get(place).cloned().unwrap_or_default()
    }

    /// Adds an offered task.
    pub(super) fn add(&mut self, row: &LiveRow) {
        if self.tasks.contains_key(&row.id) {
            return;
        }
        let task = LiveTask::new(row);
        let parties = task.parties.iter().map(|party| (party.organization, party.state));
        let parties: Vec<_> = parties.collect();
        self.tasks.insert(row.id, task);
        for (organization, state) in parties {
            let place = Place { collaboration: row.collaboration, organization };
            self.places.entry(place).or_default().insert(row.id);
            self.send(&place, |outbox| {
                if !state.is_final() {
                    outbox.offers.push_back(row.id);
                }
                outbox.ready.push(row.id);
            });
        }
    }

    /// Forgets a task that has ended.
    pub(super) fn forget(&mut self, id: TaskId) {
        let Some(task) = self.tasks.remove(&id) else { return };
        for party in &task.parties {
            let place =
                Place { collaboration: task.collaboration, organization: party.organization };
            if let Some(tasks) = self.places.get_mut(&place) {
                tasks.remove(&id);
                if tasks.is_empty() {
                    self.places.remove(&place);
                }
            }
        }
        self.changes.push(Change::Forgotten { task: id });
    }

    pub(super) fn kill(&mut self, id: &TaskId) {
        let Some(task) = self.tasks.get_mut(id) else { return };
        task.killed = true;
        let collaboration = task.collaboration;
        let open = task.parties.iter().filter(|party| !party.state.is_final());
        let open: Vec<_> = open.map(|party| party.organization).collect();
        for organization in open {
            self.send(&Place { collaboration, organization }, |outbox| {
                outbox.kills.insert(*id);
            });
        }
    }

    pub(super) fn close(&mut self, run: RunId, place: Place) {
        self.closings.entry(place).or_default().insert(run);
        self.send(&place, |outbox| {
            outbox.closings.insert(run);
        });
    }

    /// Notes that a place has closed a run, where it was told to.
    pub(super) fn closed(&mut self, run: RunId, place: &Place) {
        let Some(runs) = self.closings.get_mut(place) else { return };
        if runs.remove(&run) {
            if runs.is_empty() {
                self.closings.remove(place);
            }
            let organization = place.organization;
            self.changes.push(Change::RunClosed { run, organization });
        }
    }

    /// Moves an execution on, where it may.
    pub(super) fn move_on(
        &mut self,
        id: TaskId,
        seat: Seat,
        state: ExecutionState,
        kind: String,
        now: u64,
    ) {
        let Some(task) = self.tasks.get_mut(&id) else { return };
        let Some(party) = task.party_mut(seat) else { return };
        if !party.state.may_become(state) {
            return;
        }
        party.state = state;
        self.changes.push(Change::Execution { task: id, seat, state, kind });
        if state.is_final() {
            party.report = None;
            task.end_streams(seat);
            if task.parties.iter().all(|party| party.state.is_final()) {
                task.ended = Some(now);
                self.changes.push(Change::Ended { task: id, at: now });
            }
        }
    }

    /// Tells a seat that another one has ended, where it is time.
    pub(super) fn tell_end(&mut self, id: TaskId, sender: Seat, receiver: Seat) {
        let Some(task) = self.tasks.get(&id) else { return };
        if !task.may_tell_end(sender, receiver) {
            return;
        }
        let (Some(of), Some(to)) = (task.party(sender), task.party(receiver)) else { return };
        let place = Place { collaboration: task.collaboration, organization: to.organization };
        let ended = (id, sender, of.state);
        self.send(&place, |outbox| outbox.ended.push_back(ended));
    }

    /// Tells the receiver of a stream that there may be frames for it.
    pub(super) fn wake_receiver(&mut self, stream: &Stream) {
        if let Some(place) = self.place_of(stream.task, stream.receiver) {
            self.send(&place, |outbox| outbox.ready.push(stream.task));
        }
    }

    /// Tells the sender of a stream up to where it is stored.
    pub(super) fn tell_stored(&mut self, stream: &Stream) {
        if let Some(place) = self.place_of(stream.task, stream.sender) {
            self.send(&place, |outbox| {
                outbox.stored.insert(*stream);
            });
        }
    }

    /// Notes that a receiver has all frames of a stream before a number.
    pub(super) fn take(&mut self, stream: &Stream, next: u64) {
        let Some(task) = self.tasks.get_mut(&stream.task) else { return };
        let state = task.stream_mut(stream);
        let (drained, stored) = (state.is_drained(), state.stored);
        let freed = state.take(next);
        let (drained, news) = (!drained && state.is_drained(), state.stored > stored);
        task.free(stream, freed);
        self.dirty.insert(*stream);
        if news {
            self.tell_stored(stream);
        }
        if drained {
            self.tell_end(stream.task, stream.sender, stream.receiver);
        }
        self.wake_receiver(stream);
    }

    fn place_of(&self, task: TaskId, seat: Seat) -> Option<Place> {
        let task = self.tasks.get(&task)?;
        let organization = task.party(seat)?.organization;
        Some(Place { collaboration: task.collaboration, organization })
    }
}
