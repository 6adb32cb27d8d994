//! The nouns of Anchorhold, shared by all of its native crates: ids, seats, tasks, endings, limits,
//! and what a component says of itself.
//!
//! Nothing here does I/O or holds a key.

mod collaboration;
pub mod description;
mod ending;
mod id;
pub mod inspection;
pub mod layout;
pub mod limits;
pub mod link;
mod progress;
mod state;
mod task;
mod text;

pub use collaboration::{Collaboration, CollaborationError, Member};
pub use description::{Column, ColumnType, Description};
pub use ending::{Ending, Fault, PeerEnding, Trap};
pub use id::{CollaborationId, Digest, InvalidId, RunId, TaskId};
pub use limits::{Limit, Limits};
pub use progress::{Progress, Report};
pub use state::ExecutionState;
pub use task::{Message, Party, Seat, Task, TaskError};
pub use text::{chain, located, printable};
