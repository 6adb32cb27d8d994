//! Who may do what.

use anchorhold_identity::Fingerprint;
use anchorhold_model::Collaboration;

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// Somebody with a token of the server's administrator.
    Admin {
        /// What the token is called.
        name: String,
    },
    /// Somebody of an organization, with a token that the administrator made.
    Person {
        /// What the token is called.
        name: String,
        /// The organization.
        organization: Fingerprint,
    },
    /// The node of an organization, signed in with the organization's key.
    Node {
        /// The organization.
        organization: Fingerprint,
    },
}

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Action<'a> {
    /// To know who one is.
    WhoAmI,
    /// To read organizations and their statements.
    ReadOrganizations,
    /// To add an organization.
    AddOrganization,
    /// To add a statement of an organization's keys.
    AddStatement(Fingerprint),
    /// To list the collaborations of one's organization, or all.
    ListCollaborations,
    /// To read a collaboration.
    ReadCollaboration(&'a Collaboration),
    /// To join one's organization to a collaboration.
    Join(&'a Collaboration),
    /// To read algorithms and their components.
    ReadAlgorithms,
    /// To add an algorithm.
    AddAlgorithm,
    /// To list the runs and tasks of one's organization.
    ListRuns,
    /// To read a run or a task, which concerns these organizations.
    Read(&'a [Fingerprint]),
    /// To act as the requester of a run: add and close it, add tasks with their arguments, kill
    /// them and fetch their results.
    Request(Fingerprint),
    /// To link a node in a collaboration.
    Link(&'a Collaboration),
}

/// The table.
pub(crate) fn may(identity: &Identity, action: Action<'_>) -> bool {
    use Action as A;
    use Identity::{Admin, Node, Person};
    let member = |of: &Collaboration, organization: &Fingerprint| {
        of.member(organization.as_bytes()).is_some()
    };
    match (action, identity) {
        (
            A::WhoAmI
            | A::ReadOrganizations
            | A::ListCollaborations
            | A::ReadAlgorithms
            | A::AddAlgorithm,
            Admin { .. } | Person { .. } | Node { .. },
        ) => true,
        (A::AddOrganization, Admin { .. }) => true,
        (A::AddOrganization, Person { .. } | Node { .. }) => false,
        (A::AddStatement(_), Admin { .. }) => true,
        (A::AddStatement(of), Person { organization, .. } | Node { organization }) => {
            of == *organization
        }
        (A::ReadCollaboration(_), Admin { .. }) => true,
        (
            A::ReadCollaboration(of) | A::Join(of),
            Person { organization, .. } | Node { organization },
        ) => member(of, organization),
        (A::ListRuns, Person { .. } | Node { .. }) => true,
        (A::Read(concerned), Person { organization, .. } | Node { organization }) => {
            concerned.contains(organization)
        }
        (A::Request(requester), Person { organization, .. } | Node { organization }) => {
            requester == *organization
        }
        (A::Link(of), Node { organization }) => member(of, organization),
        (A::Link(_), Admin { .. } | Person { .. }) => false,
        // Nothing here is done in the name of no organization.
        (A::Join(_) | A::ListRuns | A::Read(_) | A::Request(_), Admin { .. }) => false,
    }
}

impl Identity {
    /// Returns what it is, for machines.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Admin { .. } => "admin",
            Self::Person { .. } => "person",
            Self::Node { .. } => "node",
        }
    }

    /// Returns its organization.
    pub fn organization(&self) -> Option<Fingerprint> {
        match self {
            Self::Admin { .. } => None,
            Self::Person { organization, .. } | Self::Node { organization } => Some(*organization),
        }
    }
}
