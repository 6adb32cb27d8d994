//! How a command reaches a server, and who asks.

use std::env;
use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use anchorhold_client::{
    Client, ClientError, CollaborationFile, CollaborationFileError, Origin, Token,
};
use anchorhold_identity::Fingerprint;
use anchorhold_model::{CollaborationId, chain};
use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::member::Key;
use crate::{CommandError, Kind, runtime};

/// Where the token is looked for when no file is named.
const VARIABLE: &str = "ANCHORHOLD_TOKEN";

/// Which certificates are trusted.
#[derive(Debug, Args)]
pub(crate) struct TrustOptions {
    /// File with certificates in PEM, trusted beside those of the operating system
    #[arg(long, value_name = "FILE", env = "ANCHORHOLD_CA_FILE")]
    ca_file: Option<PathBuf>,
}

impl TrustOptions {
    /// Sets up calls to a server.
    pub(crate) fn client(
        &self,
        server: &Origin,
        token: Option<Token>,
    ) -> Result<Client, CommandError> {
        Ok(Client::new(server.clone(), token, self.ca_file.as_deref())?)
    }
}

/// The server, and who asks by a token.
#[derive(Debug, Args)]
pub(crate) struct ServerOptions {
    /// Where the server is, such as https://anchorhold.example.org
    #[arg(long, value_name = "ORIGIN", env = "ANCHORHOLD_SERVER")]
    server: Origin,
    /// File with a token that the server's administrator made [default: $ANCHORHOLD_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustOptions,
}

impl ServerOptions {
    /// Sets up calls to the server.
    pub(crate) fn client(&self) -> Result<Client, CommandError> {
        let hint = format!(
            "give --token-file FILE, or set {VARIABLE}; `anchorhold server token` makes one"
        );
        let token = token(self.token_file.as_deref(), hint)?;
        self.trust.client(&self.server, Some(token))
    }
}

/// Who asks: an organization that signs in with its key, or whoever has a token.
#[derive(Debug, Args)]
pub(crate) struct CallerOptions {
    /// Folder of an organization's key, to sign in with it
    #[arg(long, value_name = "FOLDER", env = "ANCHORHOLD_ORG")]
    org: Option<PathBuf>,
    /// File with the passphrase of the organization's key, in one line
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// File with a token that the server's administrator made, where no key is given
    /// [default: $ANCHORHOLD_TOKEN]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustOptions,
}

impl CallerOptions {
    /// Sets up calls to a server, signed in.
    pub(crate) async fn client(&self, server: &Origin) -> Result<Client, CommandError> {
        // A token that is named counts more than a folder that the environment names.
        let (None, Some(folder)) = (&self.token_file, &self.org) else {
            let hint = format!(
                "give --org FOLDER to sign in with an organization's key, or --token-file FILE, \
                 or set {VARIABLE}"
            );
            let token = token(self.token_file.as_deref(), hint)?;
            return self.trust.client(server, Some(token));
        };
        let client = self.trust.client(server, None)?;
        Key::open(folder, self.passphrase_file.as_deref())?.sign_in(&client).await
    }
}

/// The server, of a collaboration or not, and who asks.
#[derive(Debug, Args)]
pub(crate) struct RemoteOptions {
    /// File of the collaboration: its server is asked, and its names are used
    #[arg(long, value_name = "FILE", env = "ANCHORHOLD_COLLABORATION")]
    collaboration: Option<PathBuf>,
    /// Where the server is, if no collaboration says it
    #[arg(long, value_name = "ORIGIN", env = "ANCHORHOLD_SERVER")]
    server: Option<Origin>,
    #[command(flatten)]
    caller: CallerOptions,
}

/// A server that can be asked, and what is called how.
pub(crate) struct Remote {
    pub(crate) client: Client,
    pub(crate) names: Names,
}

impl RemoteOptions {
    /// Sets up calls to the server, signed in.
    pub(crate) async fn open(&self) -> Result<Remote, CommandError> {
        let file = self.collaboration.as_deref().map(CollaborationFile::read).transpose()?;
        let server = file.as_ref().map(CollaborationFile::server).or(self.server.as_ref());
        let server = server.ok_or_else(|| {
            CommandError::new(Kind::Usage, "there is no server")
                .with_hint("give --collaboration FILE or --server ORIGIN")
        })?;
        Ok(Remote { client: self.caller.client(server).await?, names: Names(file) })
    }
}

/// What a server is asked to list, and in which form.
#[derive(Debug, Args)]
pub(crate) struct ListOptions {
    #[command(flatten)]
    remote: RemoteOptions,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl ListOptions {
    /// Asks for a list, and prints it as JSON or by `print`.
    pub(crate) fn run<T: Serialize>(
        self,
        out: &mut dyn Write,
        ask: impl AsyncFnOnce(&Client) -> Result<Vec<T>, ClientError>,
        print: impl Fn(&mut dyn Write, T, &Names) -> io::Result<()>,
    ) -> Result<(), CommandError> {
        let (listed, names) = runtime()?.block_on(async {
            let remote = self.remote.open().await?;
            Ok::<_, CommandError>((ask(&remote.client).await?, remote.names))
        })?;
        if self.json {
            return Ok(writeln!(out, "{:#}", json!(listed))?);
        }
        for one in listed {
            print(out, one, &names)?;
        }
        Ok(())
    }
}

/// What organizations and collaborations are called, where a file says it.
#[derive(Debug, Clone)]
pub(crate) struct Names(pub(crate) Option<CollaborationFile>);

impl Names {
    pub(crate) fn organization(&self, organization: &Fingerprint) -> String {
        let name = self.0.as_ref().and_then(|file| file.member_name(organization));
        name.map_or_else(|| organization.to_string(), str::to_owned)
    }

    pub(crate) fn collaboration(&self, id: &CollaborationId) -> String {
        let known = self.0.as_ref().map(CollaborationFile::collaboration);
        match known.filter(|known| known.id() == *id) {
            Some(known) => known.name().to_owned(),
            None => id.to_string(),
        }
    }
}

fn token(file: Option<&Path>, hint: String) -> Result<Token, CommandError> {
    let text = match file {
        Some(file) => read(file)?,
        None => env::var(VARIABLE)
            .map_err(|_| CommandError::new(Kind::Usage, "there is no token").with_hint(hint))?,
    };
    Token::new(&text).ok_or_else(|| CommandError::input("the token is none"))
}

fn read(file: &Path) -> Result<String, CommandError> {
    let mut text = String::new();
    let read = File::open(file).and_then(|file| file.take(1_024).read_to_string(&mut text));
    read.map_err(|error| CommandError::input(format!("{}: {error}", file.display())))?;
    Ok(text)
}

impl From<ClientError> for CommandError {
    fn from(error: ClientError) -> Self {
        let kind = match &error {
            ClientError::Refused { .. } => Kind::Refused,
            _ => Kind::Input,
        };
        Self::new(kind, chain(&error))
    }
}

impl From<CollaborationFileError> for CommandError {
    fn from(error: CollaborationFileError) -> Self {
        let hint = match &error {
            CollaborationFileError::Read { .. } => "`anchorhold collaboration new` makes one",
            _ => "every member needs the same file: ask for it again rather than changing it",
        };
        Self::input(chain(&error)).with_hint(hint)
    }
}
