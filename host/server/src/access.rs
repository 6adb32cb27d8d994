//! Who may do what.

use anchorhold_identity::Fingerprint;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// To know who one is.
    WhoAmI,
    /// To read organizations and their statements.
    ReadOrganizations,
    /// To add an organization.
    AddOrganization,
    /// To add a statement of an organization's keys.
    AddStatement(Fingerprint),
}

/// The table.
pub(crate) fn may(identity: &Identity, action: Action) -> bool {
    use Action::{AddOrganization, AddStatement, ReadOrganizations, WhoAmI};
    use Identity::{Admin, Node, Person};
    match (action, identity) {
        (WhoAmI | ReadOrganizations, Admin { .. } | Person { .. } | Node { .. }) => true,
        (AddOrganization, Admin { .. }) => true,
        (AddOrganization, Person { .. } | Node { .. }) => false,
        (AddStatement(_), Admin { .. }) => true,
        (AddStatement(of), Person { organization, .. } | Node { organization }) => {
            of == *organization
        }
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
