//! The time, in seconds after 1970.

use std::time::{Duration, SystemTime};

/// Returns what the time is.
pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs()
}

/// Returns a time, in seconds after 1970, as people write it.
pub(crate) fn date(seconds: u64) -> String {
    let time = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
    // Beyond the year 9999 there is no such form.
    let text = time.map(|time| humantime::format_rfc3339_seconds(time).to_string());
    text.filter(|_| seconds < 253_402_300_800).unwrap_or_else(|| format!("{seconds} s after 1970"))
}
