//! Verifies what the server offers. The server's word is taken for nothing: who asks for what with
//! whom is what somebody signed whose fingerprint the collaboration file pins.

use std::collections::HashMap;

use anchorhold_client::CollaborationFile;
use anchorhold_identity::{Fingerprint, Signed, Statement};
use anchorhold_model::layout::{RunManifest, TaskManifest};
use anchorhold_model::link::Offer;
use anchorhold_model::{Party, RunId, Seat, TaskId, limits};

use crate::Refusal;

/// How far a manifest's clock may be ahead of this node's, in seconds.
const AHEAD: u64 = 300;

/// Who verifies, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verifier<'a> {
    pub(crate) file: &'a CollaborationFile,
    /// The statement of the node's own key.
    pub(crate) own: &'a Statement,
    /// Seconds after 1970.
    pub(crate) now: u64,
}

/// A task that the requester signed and in which this node has a seat.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub(crate) task: TaskId,
    pub(crate) run: RunId,
    pub(crate) seat: Seat,
    pub(crate) manifest: TaskManifest,
    /// The requester's key statement.
    pub(crate) requester: Statement,
    /// What the requester is called in the collaboration.
    pub(crate) requester_name: String,
    /// The parties' key statements, in the order of their seats.
    pub(crate) statements: Vec<Statement>,
    /// The parties as an execution is told of them, in the order of their seats.
    pub(crate) parties: Vec<Party>,
}

/// Why an offer is no order.
#[derive(Debug)]
pub(crate) enum NotOrdered {
    /// Nobody is known who could be told under seal.
    Unknown(Refusal),
    /// The requester asks for it, but it cannot be.
    Refused(Box<Order>, Refusal),
}

impl Order {
    /// Returns the requester's organization.
    pub(crate) fn requester(&self) -> Fingerprint {
        self.requester.organization()
    }

    /// Returns the key statement at a seat, the requester's own among them.
    pub(crate) fn statement(&self, seat: Seat) -> Option<&Statement> {
        if seat == anchorhold_model::layout::REQUESTER {
            return Some(&self.requester);
        }
        self.statements.get(usize::try_from(seat.0).ok()?)
    }

    /// Returns the other parties' seats.
    pub(crate) fn peers(&self) -> impl Iterator<Item = Seat> + use<> {
        let (own, parties) = (self.seat, self.parties.len());
        (0..).map(Seat).take(parties).filter(move |seat| *seat != own)
    }

    /// Returns the role that this node's party plays.
    pub(crate) fn role(&self) -> &str {
        let own = usize::try_from(self.seat.0).ok().and_then(|seat| self.parties.get(seat));
        own.map_or("", |party| party.role.as_str())
    }
}

impl Verifier<'_> {
    /// Verifies an offer.
    pub(crate) fn verify(&self, offer: &Offer) -> Result<Order, NotOrdered> {
        let order = self.order(offer).map_err(NotOrdered::Unknown)?;
        match self.check(offer, &order) {
            Ok(()) => Ok(order),
            Err(refusal) => Err(NotOrdered::Refused(Box::new(order), refusal)),
        }
    }

    /// Checks signatures and pins, and finds the node's seat.
    fn order(&self, offer: &Offer) -> Result<Order, Refusal> {
        let statements = self.statements(offer)?;
        let statement = |hash: &[u8; 32]| {
            let found = statements.get(hash);
            found.ok_or_else(|| not_genuine("a key statement is missing"))
        };
        let run_claim = Signed::<RunManifest>::claimed(&offer.run_manifest).map_err(other)?;
        let requester = statement(&run_claim.statement)?;
        let run = Signed::<RunManifest>::verify(&offer.run_manifest, requester.signing());
        let run = run.map_err(other)?;
        if *requester.organization().as_bytes() != run.value().requester {
            return Err(not_genuine("the run's requester is another than who signed it"));
        }
        let claim = Signed::<TaskManifest>::claimed(&offer.task_manifest).map_err(other)?;
        let requester = statement(&claim.requester)?;
        if *requester.organization().as_bytes() != run.value().requester {
            return Err(not_genuine("the task's requester is another than the run's"));
        }
        let task = Signed::<TaskManifest>::verify(&offer.task_manifest, requester.signing());
        let task = task.map_err(other)?;
        let ids = (RunId::from_bytes(run.hash()), TaskId::from_bytes(task.hash()));
        let manifest = task.value().clone();
        if ids != (manifest.run, offer.task) {
            return Err(not_genuine("the task is of another run, or has another id"));
        }
        if run.value().collaboration != *self.file.collaboration().id().as_bytes() {
            return Err(not_genuine("the run is of another collaboration"));
        }
        let parties = self.parties(&manifest)?;
        let own = self.own.organization();
        let seat = manifest.parties.iter().position(|party| party.organization == *own.as_bytes());
        let seat = seat.and_then(|seat| u32::try_from(seat).ok()).map(Seat);
        let seat = seat.ok_or_else(|| not_genuine("this organization has no seat in the task"))?;
        let of_parties: Result<Vec<Statement>, Refusal> = manifest
            .parties
            .iter()
            .map(|party| {
                let found = statement(&party.statement)?;
                let same = *found.organization().as_bytes() == party.organization;
                if same { Ok(found.clone()) } else { Err(not_genuine("a seat has another's key")) }
            })
            .collect();
        let member = self.file.collaboration().member(requester.organization().as_bytes());
        let requester_name = member.map_or_else(String::new, |member| member.name.clone());
        Ok(Order {
            requester_name,
            task: ids.1,
            run: ids.0,
            seat,
            requester: requester.clone(),
            statements: of_parties?,
            parties,
            manifest,
        })
    }

    /// Checks what the requester may be told under seal.
    fn check(&self, offer: &Offer, order: &Order) -> Result<(), Refusal> {
        let Order { manifest, .. } = order;
        let run = Signed::<RunManifest>::claimed(&offer.run_manifest).map_err(other)?;
        for (what, created) in [("run", run.created), ("task", manifest.created)] {
            if created > self.now.saturating_add(AHEAD) {
                let ahead = created.saturating_sub(self.now);
                let text = format!(
                    "the {what} was created {ahead} s in this node's future: a clock is wrong"
                );
                return Err(Refusal::Time(text));
            }
        }
        for (what, until) in
            [("run expired", run.expires), ("task's deadline passed", manifest.deadline)]
        {
            if until <= self.now {
                let ago = self.now.saturating_sub(until);
                let text = format!("the {what} {ago} s ago, as this node's clock says");
                return Err(Refusal::Time(text));
            }
        }
        if !run.digests.contains(&manifest.digest) {
            return Err(Refusal::Algorithm("the run does not have it".into()));
        }
        if !self.file.collaboration().allows(&manifest.digest) {
            return Err(Refusal::Algorithm("the collaboration does not have it".into()));
        }
        let own = usize::try_from(order.seat.0).ok().and_then(|seat| manifest.parties.get(seat));
        if own.is_none_or(|party| party.statement != self.own.hash()) {
            return Err(Refusal::OtherKey);
        }
        for statement in order.statements.iter().chain([&order.requester]) {
            if let Err(error) = statement.check_time(self.now) {
                return Err(Refusal::Time(error.to_string()));
            }
        }
        Ok(())
    }

    /// Reads the key statements and checks that each is of a member, by its hash.
    fn statements(&self, offer: &Offer) -> Result<HashMap<[u8; 32], Statement>, Refusal> {
        if offer.statements.len() > limits::OFFERED_STATEMENTS {
            return Err(not_genuine("there are more key statements than parties"));
        }
        let read = |bytes: &Vec<u8>| {
            let statement = Statement::read(bytes).map_err(other)?;
            let organization = statement.organization();
            if self.file.collaboration().member(organization.as_bytes()).is_none() {
                let text = format!("{organization} is no member of the collaboration");
                return Err(Refusal::NotGenuine(text));
            }
            Ok((statement.hash(), statement))
        };
        offer.statements.iter().map(read).collect()
    }

    /// Names the parties; each is a member and has one seat.
    fn parties(&self, manifest: &TaskManifest) -> Result<Vec<Party>, Refusal> {
        let mut parties = Vec::new();
        for (position, party) in manifest.parties.iter().enumerate() {
            let twice = |other: &anchorhold_model::layout::TaskParty| {
                other.organization == party.organization
            };
            if manifest.parties.iter().take(position).any(twice) {
                return Err(not_genuine("an organization has two seats"));
            }
            let member = self.file.collaboration().member(&party.organization);
            let member = member.ok_or_else(|| not_genuine("a party is no member"))?;
            parties.push(Party { organization: member.name.clone(), role: party.role.clone() });
        }
        Ok(parties)
    }
}

fn not_genuine(text: &str) -> Refusal {
    Refusal::NotGenuine(text.to_owned())
}

fn other(error: impl std::fmt::Display) -> Refusal {
    Refusal::NotGenuine(error.to_string())
}

#[cfg(test)]
mod tests;
