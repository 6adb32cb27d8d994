//! The nouns of Anchorhold, shared by all of its native crates: ids, seats, tasks, endings, limits,
//! and what a component says of itself.
//!
//! Nothing here does I/O or holds a key.

pub mod description;
mod ending;
mod id;
pub mod inspection;
pub mod layout;
pub mod limits;
mod task;
mod text;

pub use description::{Column, ColumnType, Description};
pub use ending::{Ending, Fault, PeerEnding, Trap};
pub use id::{Digest, InvalidId, RunId, TaskId};
pub use limits::{Limit, Limits};
pub use task::{Message, Party, Seat, Task, TaskError};
pub use text::printable;
