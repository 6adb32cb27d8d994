//! How an organization signs in with its key.

use anchorhold_identity::{Fingerprint, OrganizationKey};
use anchorhold_model::layout::SignIn;
use serde::{Deserialize, Serialize};

use super::Client;
use crate::error::ClientError;
use crate::token::Token;

impl Client {
    /// Signs in as the node of an organization, and returns a client that is signed in. What is
    /// signed names this server as the caller knows it, so that nobody can use it elsewhere.
    ///
    /// # Errors
    ///
    /// Where the server is away or refuses.
    ///
    /// # Panics
    ///
    /// Where the operating system has no random numbers.
    pub async fn sign_in(
        &self,
        organization: &Fingerprint,
        key: &OrganizationKey,
    ) -> Result<Self, ClientError> {
        let challenge: Challenge = self.post("/v1/sign-in/challenge", None::<&()>).await?;
        let server_nonce: anchorhold_model::Digest = challenge
            .nonce
            .parse()
            .map_err(|_| self.not_a_server("its challenge has not 32 bytes".into()))?;
        let mut node_nonce = [0; 32];
        getrandom::fill(&mut node_nonce).expect("the operating system has random numbers");
        let signed = key.sign(SignIn {
            origin: self.origin.to_string(),
            server_nonce: *server_nonce.as_bytes(),
            node_nonce,
            organization: *organization.as_bytes(),
        });
        let signed = signed.encode().iter().map(|byte| format!("{byte:02x}")).collect();
        let answer = Answer { organization: *organization, signed };
        let session: Session = self.post("/v1/sign-in", Some(&answer)).await?;
        let token = Token::new(&session.token);
        let token = token.ok_or_else(|| self.not_a_server("its session has no token".into()))?;
        Ok(Self { token: Some(token), ..self.clone() })
    }
}

#[derive(Deserialize)]
struct Challenge {
    nonce: String,
}

#[derive(Serialize)]
struct Answer {
    organization: Fingerprint,
    signed: String,
}

#[derive(Deserialize)]
struct Session {
    token: String,
}
