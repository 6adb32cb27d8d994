//! Inspects and compiles components on threads of their own, few at a time, with a limit on the
//! time.

use anchorhold_model::inspection::{self, Inspection};
use anchorhold_model::{Digest, limits};
use tokio::sync::oneshot;
use wasmtime::component::Component;

use crate::algorithm::PrepareError;
use crate::engine::Engine;

/// Inspects a component and returns it compiled, from the cache where it is there.
pub(crate) async fn compile(
    engine: &Engine,
    digest: Digest,
    bytes: Vec<u8>,
) -> Result<(Inspection, Component), PrepareError> {
    let turn = tokio::time::timeout(limits::COMPILE_TIME, engine.compilations().acquire_owned());
    let permit = match turn.await {
        Ok(permit) => permit.map_err(|_| PrepareError::Runtime)?,
        Err(_) => return Err(PrepareError::Busy),
    };
    let (sender, receiver) = oneshot::channel();
    let engine = engine.clone();
    let compiling = move || {
        // A compilation cannot be stopped: after a time-out it goes on here, and holds its permit,
        // so that hostile components do not pile up.
        let compiled = load_or_compile(&engine, digest, &bytes);
        drop(permit);
        let _ = sender.send(compiled);
    };
    std::thread::Builder::new()
        .name("compile".into())
        .spawn(compiling)
        .map_err(|_| PrepareError::Runtime)?;
    match tokio::time::timeout(limits::COMPILE_TIME, receiver).await {
        Ok(Ok(compiled)) => compiled,
        Ok(Err(_)) => Err(PrepareError::Compile("the compiler panicked".into())),
        Err(_) => Err(PrepareError::CompileTime),
    }
}

fn load_or_compile(
    engine: &Engine,
    digest: Digest,
    bytes: &[u8],
) -> Result<(Inspection, Component), PrepareError> {
    if let Some(component) = from_cache(engine, digest) {
        // What is in the cache was inspected before it was compiled.
        return Ok((inspection::outline(bytes, digest)?, component));
    }
    let inspection = inspection::inspect(bytes)?;
    let component = Component::from_binary(engine.wasmtime(), bytes)
        .map_err(|error| PrepareError::Compile(format!("{error:#}")))?;
    keep(engine, digest, &component);
    Ok((inspection, component))
}

fn from_cache(engine: &Engine, digest: Digest) -> Option<Component> {
    let bytes = engine.cache()?.load(engine.wasmtime(), digest)?;
    // SAFETY: `deserialize` demands bytes that `serialize` made and nobody changed. The cache has
    // checked that whoever made them had its secret key, which only this host has, and that they
    // were made of this component by a compiler of the same version and settings.
    #[allow(unsafe_code)]
    let component = unsafe { Component::deserialize(engine.wasmtime(), bytes) };
    component.inspect_err(|error| tracing::warn!(%digest, %error, "not loaded from cache")).ok()
}

/// Keeps a compiled component. Without it the next start is slower, and nothing else.
fn keep(engine: &Engine, digest: Digest, component: &Component) {
    let Some(cache) = engine.cache() else { return };
    let kept = match component.serialize() {
        Ok(bytes) => cache.store(engine.wasmtime(), digest, &bytes),
        Err(error) => return tracing::warn!(%digest, %error, "not serialized for the cache"),
    };
    if let Err(error) = kept {
        tracing::warn!(%digest, %error, "not kept in the cache");
    }
}
