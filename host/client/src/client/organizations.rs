//! Organizations and their key statements.

use anchorhold_identity::{Fingerprint, Statement};
use serde::{Deserialize, Serialize};

use super::Client;
use crate::error::ClientError;

/// Who a token stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// `admin`, `person` or `node`.
    pub kind: String,
    /// What the token is called.
    pub name: Option<String>,
    /// The organization.
    pub organization: Option<Fingerprint>,
}

/// An organization as the server lists it. Whether it is the one that it says is not checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// What it calls itself.
    pub name: String,
    /// The number of its key statement.
    pub number: u64,
    /// Its key statement in PEM.
    pub statement: String,
}

impl Client {
    /// Says who the token stands for.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn who(&self) -> Result<Who, ClientError> {
        self.get("/v1/me").await
    }

    /// Adds an organization with its key statement.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn add_organization(&self, statement: &Statement) -> Result<Listed, ClientError> {
        let stated = Stated { statement: statement.to_pem() };
        self.post("/v1/organizations", Some(&stated)).await
    }

    /// Adds a further key statement of an organization.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn add_statement(&self, statement: &Statement) -> Result<Listed, ClientError> {
        let path = format!("/v1/organizations/{}/statements", statement.organization());
        let stated = Stated { statement: statement.to_pem() };
        self.post(&path, Some(&stated)).await
    }

    /// Lists the organizations.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    pub async fn organizations(&self) -> Result<Vec<Listed>, ClientError> {
        let list: List = self.get("/v1/organizations").await?;
        Ok(list.organizations)
    }

    /// Returns an organization's current key statement, checked against its fingerprint.
    ///
    /// # Errors
    ///
    /// Where the server is away, refuses, or returns a statement that is not the organization's.
    pub async fn statement(&self, pin: &Fingerprint) -> Result<Statement, ClientError> {
        let listed: Listed = self.get(&format!("/v1/organizations/{pin}")).await?;
        let statement = Statement::from_pem(&listed.statement)
            .map_err(|error| self.not_a_server(format!("its statement of {pin}: {error}")))?;
        if statement.organization() != *pin {
            let problem = format!("its statement of {pin} is of {}", statement.organization());
            return Err(self.not_a_server(problem));
        }
        Ok(statement)
    }
}

#[derive(Serialize)]
struct Stated {
    statement: String,
}

#[derive(Deserialize)]
struct List {
    organizations: Vec<Listed>,
}
