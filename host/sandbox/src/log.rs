//! The guest's standard output and error: lines in the execution's own log, escaped and bounded.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anchorhold_model::{Limit, Limits, Progress, limits, printable};
use wasmtime_wasi_io::async_trait;
use wasmtime_wasi_io::bytes::Bytes;
use wasmtime_wasi_io::poll::Pollable;
use wasmtime_wasi_io::streams::{OutputStream, StreamError, StreamResult};

use crate::meter::Meter;
use crate::stop::Stop;

/// How many bytes a guest may write in one call.
const PERMIT: usize = 64 * 1024;
/// What a line on standard error begins with when it tells progress.
const PROGRESS: &str = "@progress ";

/// One entry of an execution's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogEntry {
    /// A line of standard output, without its line end.
    Output(String),
    /// A line of standard error, without its line end.
    Error(String),
    /// A line of standard error that tells progress.
    Progress(Progress),
}

/// Where an execution's log goes: called once per entry, in order; it must not block.
pub type Log = Box<dyn FnMut(LogEntry) + Send>;

/// Which of the two streams a line comes from.
#[derive(Debug, Clone, Copy)]
enum Source {
    Output,
    Error,
}

/// The bounded log of one execution, shared by its streams.
#[derive(Clone)]
pub(crate) struct Journal(Arc<Mutex<Inner>>);

struct Inner {
    log: Log,
    output: Vec<u8>,
    error: Vec<u8>,
    written: u64,
    limits: (u64, u64),
    meter: Meter,
}

/// One of the guest's two standard streams.
pub(crate) struct LogStream {
    journal: Journal,
    source: Source,
}

impl Journal {
    pub(crate) fn new(log: Log, limits: &Limits, meter: Meter) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            log,
            output: Vec::new(),
            error: Vec::new(),
            written: 0,
            limits: (limits.log_bytes, limits.log_bytes_per_second),
            meter,
        })))
    }

    pub(crate) fn stdout(&self) -> LogStream {
        LogStream { journal: self.clone(), source: Source::Output }
    }

    pub(crate) fn stderr(&self) -> LogStream {
        LogStream { journal: self.clone(), source: Source::Error }
    }

    /// Writes out what stands in the streams without a line end.
    pub(crate) fn finish(&self) {
        let mut inner = self.lock();
        inner.end_line(Source::Output);
        inner.end_line(Source::Error);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn write(&mut self, source: Source, bytes: &[u8]) -> Result<(), Stop> {
        self.count(bytes.len())?;
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, ended) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            let line = self.line(source);
            let room = limits::LOG_LINE_BYTES.saturating_sub(line.len());
            line.extend_from_slice(&text[..text.len().min(room)]);
            if ended {
                self.end_line(source);
            }
        }
        Ok(())
    }

    /// Counts bytes against both limits: in all, and by the time that was computed so far, of
    /// which the first second is given in advance.
    fn count(&mut self, bytes: usize) -> Result<(), Stop> {
        let (total, per_second) = self.limits;
        let written = self.written.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        let seconds = self.meter.used().saturating_add(Duration::from_secs(1));
        let paced = u128::from(per_second).saturating_mul(seconds.as_millis()) / 1_000;
        if written > total || u128::from(written) > paced {
            return Err(Stop::Limit(Limit::Log));
        }
        self.written = written;
        Ok(())
    }

    fn line(&mut self, source: Source) -> &mut Vec<u8> {
        match source {
            Source::Output => &mut self.output,
            Source::Error => &mut self.error,
        }
    }

    fn end_line(&mut self, source: Source) {
        let line = std::mem::take(self.line(source));
        if line.is_empty() {
            return;
        }
        let text = printable(&String::from_utf8_lossy(&line));
        (self.log)(match source {
            Source::Output => LogEntry::Output(text),
            Source::Error => progress(&text).unwrap_or(LogEntry::Error(text)),
        });
    }
}

/// Reads `@progress DONE/TOTAL TEXT`.
fn progress(line: &str) -> Option<LogEntry> {
    let rest = line.strip_prefix(PROGRESS)?;
    let (numbers, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let (done, total) = numbers.split_once('/')?;
    Progress::new(done.parse().ok()?, total.parse().ok()?, text).map(LogEntry::Progress)
}

#[async_trait]
impl OutputStream for LogStream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let written = self.journal.lock().write(self.source, &bytes);
        written.map_err(|stop| StreamError::Trap(stop.into()))
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(PERMIT)
    }

    fn write_zeroes(&mut self, count: usize) -> StreamResult<()> {
        // Counted before a byte is set aside: the count is the guest's.
        if count > PERMIT {
            return Err(StreamError::Trap(Stop::Limit(Limit::Log).into()));
        }
        self.write(Bytes::from(vec![0; count]))
    }
}

#[async_trait]
impl Pollable for LogStream {
    async fn ready(&mut self) {}
}

#[cfg(test)]
mod tests;
