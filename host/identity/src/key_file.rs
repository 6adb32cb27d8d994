//! Files with a private key: PKCS#8 in PEM, encrypted under a passphrase, for the owner alone.
//!
//! Encrypted as PBES2 with scrypt (N = 2^14, r = 8, p = 8: 16 MiB, the largest that OpenSSL opens
//! with its own limit) and AES-256-CBC, so that `openssl pkey -in FILE` reads them.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use pkcs8::der::Decode as _;
use pkcs8::pkcs5::pbes2;
use pkcs8::pkcs5::scrypt;
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

const LABEL: &str = "ENCRYPTED PRIVATE KEY";
const SCRYPT_LOG_N: u8 = 14;
const SCRYPT_R: u32 = 8;
const SCRYPT_P: u32 = 8;
/// The most work that a file may ask for to be opened, N * r * p: eight times what ours do, at most
/// 1 GiB of memory.
const MOST_WORK: u64 = 1 << 23;
/// The largest file: a key of 8,192 bits has 7 KB.
const FILE_BYTES: u64 = 64 << 10;
/// The longest passphrase.
const PASSPHRASE_BYTES: u64 = 1_024;

/// A passphrase.
pub struct Passphrase(Zeroizing<String>);

/// What is wrong with a key file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// It cannot be read or written.
    #[error("{path} cannot be read or written")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Others than its owner may read it.
    #[error("{path} can be read by others (mode {mode:03o}): run `chmod 600` on it")]
    Permissions {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// It is no encrypted key.
    #[error("{path} is no encrypted private key in PEM")]
    NotAKey {
        /// The file.
        path: PathBuf,
    },
    /// The passphrase is another, or the file was changed.
    #[error("the passphrase does not open {path}")]
    Passphrase {
        /// The file.
        path: PathBuf,
    },
    /// There is no passphrase.
    #[error("a passphrase must have 1 to {PASSPHRASE_BYTES} bytes on one line")]
    NoPassphrase,
}

impl Passphrase {
    /// Takes a passphrase.
    ///
    /// # Errors
    ///
    /// Where it is empty, too long or not one line.
    pub fn new(text: impl Into<String>) -> Result<Self, KeyFileError> {
        let text = Zeroizing::new(text.into());
        let fits = !text.is_empty() && text.len() as u64 <= PASSPHRASE_BYTES;
        let one_line = !text.contains(['\n', '\r', '\0']);
        if fits && one_line { Ok(Self(text)) } else { Err(KeyFileError::NoPassphrase) }
    }

    /// Reads a passphrase from a file: one line.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or has not one line.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let text = Zeroizing::new(read(path, PASSPHRASE_BYTES + 2)?);
        Self::new(text.strip_suffix('\n').unwrap_or(&text).trim_end_matches('\r'))
    }
}

/// Writes a private key, given as PKCS#8 in DER, to a file that is not there yet.
pub(crate) fn write_private(
    path: &Path,
    der: &SecretDocument,
    passphrase: &Passphrase,
) -> Result<(), KeyFileError> {
    let mut salt = [0; 16];
    let mut iv = [0; 16];
    for bytes in [&mut salt, &mut iv] {
        getrandom::fill(bytes).expect("the operating system has random numbers");
    }
    let params = scrypt::Params::new(SCRYPT_LOG_N, SCRYPT_R, SCRYPT_P).expect("they are valid");
    let scheme = pbes2::Parameters::generate_scrypt_aes256cbc(params, &salt, iv);
    let scheme = scheme.expect("the salt is short");
    let key = PrivateKeyInfoRef::from_der(der.as_bytes()).expect("it was encoded just now");
    let encrypted = key.encrypt_with_params(scheme, passphrase.0.as_bytes());
    let pem = encrypted.and_then(|document| Ok(document.to_pem(LABEL, LineEnding::LF)?));
    write_new(path, pem.expect("a key can be encoded").as_bytes())
}

/// Reads a private key from a file, as PKCS#8 in DER.
pub(crate) fn read_private(
    path: &Path,
    passphrase: &Passphrase,
) -> Result<SecretDocument, KeyFileError> {
    let not_a_key = || KeyFileError::NotAKey { path: path.to_owned() };
    let io = |source| KeyFileError::Io { path: path.to_owned(), source };
    let mode = fs::metadata(path).map_err(io)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Permissions { path: path.to_owned(), mode });
    }
    let pem = read(path, FILE_BYTES)?;
    let (label, document) = SecretDocument::from_pem(&pem).map_err(|_| not_a_key())?;
    if label != LABEL {
        return Err(not_a_key());
    }
    let encrypted = EncryptedPrivateKeyInfoRef::from_der(document.as_bytes());
    let encrypted = encrypted.map_err(|_| not_a_key())?;
    if !affordable(&encrypted) {
        return Err(not_a_key());
    }
    let opened = encrypted.decrypt(passphrase.0.as_bytes());
    opened.map_err(|_| KeyFileError::Passphrase { path: path.to_owned() })
}

/// Says whether the work that a file asks for is bounded.
fn affordable(encrypted: &EncryptedPrivateKeyInfoRef<'_>) -> bool {
    let Some(scheme) = encrypted.encryption_algorithm.pbes2() else { return false };
    scheme.kdf.scrypt().is_some_and(|scrypt| {
        let factors = [u64::from(scrypt.block_size), u64::from(scrypt.parallelization)];
        let work = factors.into_iter().try_fold(scrypt.cost_parameter, u64::checked_mul);
        work.is_some_and(|work| work <= MOST_WORK)
    })
}

/// Writes a file for the owner alone that is there with all its bytes or not at all.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), KeyFileError> {
    let error = |source| KeyFileError::Io { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let file =
        tempfile::Builder::new().prefix(".new-").tempfile_in(folder.unwrap_or(Path::new(".")));
    let mut file = file.map_err(error)?;
    file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(error)?;
    file.persist_noclobber(path).map_err(|failed| error(failed.error))?;
    sync_name(path).map_err(error)
}

/// Makes the name of a file or folder durable.
pub(crate) fn sync_name(path: &Path) -> io::Result<()> {
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    fs::File::open(above.unwrap_or(Path::new("."))).and_then(|above| above.sync_all())
}

/// Reads a text file of at most so many bytes.
pub(crate) fn read(path: &Path, most: u64) -> Result<String, KeyFileError> {
    let error = |source| KeyFileError::Io { path: path.to_owned(), source };
    let mut text = String::new();
    let mut file = fs::File::open(path).map_err(error)?.take(most + 1);
    file.read_to_string(&mut text).map_err(error)?;
    if text.len() as u64 > most {
        let problem = io::Error::new(io::ErrorKind::InvalidData, "the file is too large");
        return Err(error(problem));
    }
    Ok(text)
}
