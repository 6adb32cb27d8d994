//! Which algorithm a task is of: a name that the collaboration's file has, a digest, or a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anchorhold_client::{Client, CollaborationFile};
use anchorhold_model::Digest;
use anchorhold_sandbox::Algorithm;

use crate::component::{full_name, prepare, read_component};
use crate::{CommandError, Kind};

/// An algorithm as it is given. What a name stands for is never asked of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Given {
    /// A component's digest.
    Digest(Digest),
    /// A component, and where it was read from.
    Component(PathBuf, Vec<u8>),
}

impl Given {
    /// Finds out what is given, and checks that the collaboration allows it.
    pub(super) fn find(given: &str, file: &CollaborationFile) -> Result<Self, CommandError> {
        let named = file.digest_of(given).map_err(|error| {
            CommandError::new(Kind::Usage, error.to_string())
                .with_hint("give name@version, or the digest")
        })?;
        let found = match (named, given.parse()) {
            (Some(digest), _) | (None, Ok(digest)) => Self::Digest(digest),
            (None, Err(_)) if given.ends_with(".wasm") || Path::new(given).is_file() => {
                let path = PathBuf::from(given);
                let component = read_component(&path)?;
                Self::Component(path, component)
            }
            (None, Err(_)) => return Err(unknown(given, file)),
        };
        let digest = found.digest();
        if file.collaboration().allows(&digest) {
            return Ok(found);
        }
        let text = format!("{} does not allow the algorithm {digest}", file.collaboration().name());
        Err(CommandError::input(text)
            .with_hint("another algorithm makes another collaboration: all members must agree"))
    }

    pub(super) fn digest(&self) -> Digest {
        match self {
            Self::Digest(digest) => *digest,
            Self::Component(_, component) => Digest::of(component),
        }
    }

    /// Returns the algorithm as it says itself what it is, and brings it to the server if it is
    /// missing there.
    pub(super) async fn prepare(self, client: &Client) -> Result<Arc<Algorithm>, CommandError> {
        match self {
            Self::Digest(digest) => {
                let component = client.component(&digest).await.map_err(|error| {
                    let absent = error.kind() == Some("not-found");
                    let error = CommandError::from(error);
                    match absent {
                        true => error.with_hint("`anchorhold algorithm push` brings it there"),
                        false => error,
                    }
                })?;
                prepare(digest, component, true).await
            }
            Self::Component(path, component) => {
                let algorithm = prepare(path.display(), component.clone(), true).await?;
                let digest = algorithm.inspection().digest;
                let there = client.algorithms().await?;
                if !there.iter().any(|stored| stored.digest == digest) {
                    client.add_algorithm(&full_name(algorithm.description()), component).await?;
                }
                Ok(algorithm)
            }
        }
    }
}

fn unknown(given: &str, file: &CollaborationFile) -> CommandError {
    let names: Vec<_> = file.algorithms().iter().map(|known| known.name.as_str()).collect();
    let known = match names.as_slice() {
        [] => "the file of the collaboration names no algorithm".into(),
        names => format!("the collaboration has {}", names.join(", ")),
    };
    CommandError::new(Kind::Usage, format!("there is no algorithm {given:?}"))
        .with_hint(format!("{known}; give a name of those, a digest, or FILE.wasm"))
}
