//! Who an organization is: its keys, what it says of them, and its signatures.
//!
//! An offline root key names the organization: its [`Fingerprint`] is a hash of the root public
//! key. The root signs [`Statement`]s of the keys that a node holds, the [`OrganizationKey`]: RSA
//! for grants, Ed25519 for all other signatures. Whoever pinned the fingerprint can check that a
//! statement is the organization's, wherever it came from.
//!
//! Private keys stay in here: they sign and open, and cannot be read.

mod fingerprint;
mod folder;
mod key;
mod key_file;
mod root;
mod signature;
mod statement;

pub use fingerprint::{Fingerprint, InvalidFingerprint};
pub use folder::{FolderError, OrganizationFolder, RootFolder};
pub use key::{EncryptionKey, OrganizationKey, RSA_BITS};
pub use key_file::{KeyFileError, Passphrase};
pub use root::RootKey;
pub use signature::{PublicKey, SignatureError, Signed, signed_hash};
pub use statement::{Statement, StatementError, check_name};
