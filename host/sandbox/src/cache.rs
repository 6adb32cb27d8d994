//! A folder of compiled components, authenticated: loading one runs it as native code, so whoever
//! can write to the folder must not be able to put anything there that is loaded.
//!
//! A file is `code || HMAC-SHA256(key, domain || digest || compatibility || code)`, where the
//! compatibility is a hash of the compiler's version and settings and of the processor's features.

use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anchorhold_model::Digest;
use hmac::{Hmac, KeyInit, Mac};
use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};

const DOMAIN: &[u8] = b"anchorhold/1 compiled-component\0";
const MAC_BYTES: usize = 32;
/// How many compiled components are kept; the one not used for longest goes first.
const FILES: usize = 100;
/// The largest file: native code is a few times the size of its component.
const FILE_BYTES: u64 = 1 << 30;
/// How the name of a file begins that is being written.
const UNFINISHED: &str = ".new-";
/// After this time a file that is being written was left by a process that is gone.
const ABANDONED: Duration = Duration::from_secs(3_600);

/// The secret under which a host authenticates its cache.
pub struct CacheKey([u8; 32]);

impl CacheKey {
    /// Reads the key from a file of 32 bytes, or makes the file with a fresh key, for the owner
    /// alone to read. The file belongs where nobody can write who can write the cache.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or made, or holds anything but 32 bytes.
    pub fn open(path: &Path) -> Result<Self, CacheError> {
        let error = |source| CacheError::Key { path: path.to_owned(), source };
        match open_file(path).and_then(|file| read_up_to(&file, 1_024)) {
            Ok(bytes) => bytes.try_into().map(Self).map_err(|bytes: Vec<u8>| {
                let text = format!("a key has 32 bytes, not {}", bytes.len());
                error(io::Error::new(io::ErrorKind::InvalidData, text))
            }),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
                let mut key = [0; 32];
                getrandom::fill(&mut key).map_err(|_| error(missing))?;
                match write_new(path, &key) {
                    // Another process made it in the meantime.
                    Err(taken) if taken.kind() == io::ErrorKind::AlreadyExists => Self::open(path),
                    made => made.map(|()| Self(key)).map_err(error),
                }
            }
            Err(other) => Err(error(other)),
        }
    }
}

impl std::fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CacheKey(..)")
    }
}

impl Drop for CacheKey {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// Why there is no cache.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The key's file.
    #[error("the cache's key {} cannot be used", path.display())]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The folder.
    #[error("the cache's folder {} cannot be made", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
}

/// A folder of compiled components.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    key: CacheKey,
}

impl Cache {
    /// Opens a cache and makes its folder, for the owner alone, where it is not there.
    ///
    /// # Errors
    ///
    /// Where the folder cannot be made.
    pub fn open(folder: &Path, key: CacheKey) -> Result<Self, CacheError> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|source| CacheError::Folder { path: folder.to_owned(), source })?;
        Ok(Self { folder: folder.to_owned(), key })
    }

    /// Returns the code of a component if it is there, and is what this host stored for this
    /// engine; a file that is anything else is removed.
    pub(crate) fn load(&self, engine: &wasmtime::Engine, digest: Digest) -> Option<Vec<u8>> {
        let path = self.path(digest);
        let file = open_file(&path).ok()?;
        let mut bytes = read_up_to(&file, FILE_BYTES).ok()?;
        let code_bytes = bytes.len().checked_sub(MAC_BYTES).filter(|length| {
            let (code, mac) = bytes.split_at(*length);
            self.mac(engine, digest, code).verify_slice(mac).is_ok()
        });
        let Some(code_bytes) = code_bytes else {
            tracing::warn!(%digest, "a compiled component is not authentic or not for this engine");
            let _ = fs::remove_file(&path);
            return None;
        };
        let _ = file.set_modified(SystemTime::now());
        bytes.truncate(code_bytes);
        Some(bytes)
    }

    /// Stores the code of a component, all or nothing.
    pub(crate) fn store(
        &self,
        engine: &wasmtime::Engine,
        digest: Digest,
        code: &[u8],
    ) -> io::Result<()> {
        let mac = self.mac(engine, digest, code).finalize().into_bytes();
        let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(&self.folder)?;
        file.write_all(code)?;
        file.write_all(&mac)?;
        file.persist(self.path(digest)).map_err(|error| error.error)?;
        self.evict()
    }

    fn path(&self, digest: Digest) -> PathBuf {
        self.folder.join(format!("{digest}.cwasm"))
    }

    fn mac(&self, engine: &wasmtime::Engine, digest: Digest, code: &[u8]) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.key.0).expect("HMAC takes a key of any length");
        mac.update(DOMAIN);
        mac.update(digest.as_bytes());
        mac.update(&compatibility(engine));
        mac.update(code);
        mac
    }

    /// Removes the files that were not used for longest, where there are too many, and what a
    /// process left that ended while it wrote.
    fn evict(&self) -> io::Result<()> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            // A file that another process has removed since is no reason to stop.
            let Ok(modified) = entry.metadata().and_then(|file| file.modified()) else { continue };
            let (path, name) = (entry.path(), entry.file_name());
            if path.extension().is_some_and(|extension| extension == "cwasm") {
                files.push((modified, path));
            } else if name.to_string_lossy().starts_with(UNFINISHED)
                && modified.elapsed().is_ok_and(|age| age > ABANDONED)
            {
                fs::remove_file(path)?;
            }
        }
        files.sort();
        let surplus = files.len().saturating_sub(FILES);
        files.iter().take(surplus).try_for_each(|(_, path)| fs::remove_file(path))
    }
}

/// Hashes what must be the same for code to run: the compiler, its settings, the processor.
fn compatibility(engine: &wasmtime::Engine) -> [u8; 32] {
    struct Sha(Sha256);

    impl Hasher for Sha {
        fn write(&mut self, bytes: &[u8]) {
            self.0.update(bytes);
        }

        fn finish(&self) -> u64 {
            0 // Only the whole hash is used.
        }
    }

    let mut hasher = Sha(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.0.finalize().into()
}

/// Opens a file, and neither a link nor a pipe that somebody put in its place.
fn open_file(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
    let flags = i32::try_from(flags).map_err(io::Error::other)?;
    let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "this is not a file"));
    }
    Ok(file)
}

fn read_up_to(file: &File, most: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len().min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(length).map_err(io::Error::other)?);
    file.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Makes a file that is there with all its bytes or not at all.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let mut file = tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests;
