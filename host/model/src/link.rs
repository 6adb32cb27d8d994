//! What passes over the link between a node and the server: task offers, frames both ways, and who
//! has what for sure.
//!
//! A parcel is a grant, an envelope or a receipt on its way; it travels as frames of at most
//! [`limits::FRAME_BYTES`]. All frames from one seat to another in a task are one [`Stream`], which
//! its sender numbers from 0. Whoever has taken over the custody of a stream's frames says up to
//! which number: the server by [`ToNode::Stored`], the receiver by [`ToServer::Received`]. When a
//! link begins, both say so for all streams, and go on from there.
//!
//! Each message is one binary WebSocket message. Nothing in it is secret or believed: envelopes are
//! sealed, and what is signed is verified by who uses it.

use crate::layout::{Decoder, Encoder, Malformed};
use crate::{Digest, ExecutionState, Report, RunId, Seat, TaskId, limits};

/// All frames from one seat to another in one task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stream {
    /// The task.
    pub task: TaskId,
    /// Who sends.
    pub sender: Seat,
    /// Who receives.
    pub receiver: Seat,
}

/// What is in a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParcelKind {
    /// A grant: the first parcel of a stream.
    Grant,
    /// An envelope with a message.
    Message,
    /// An envelope with a party's arguments.
    Arguments,
    /// An envelope with an outcome, for the requester.
    Result,
    /// An envelope with a closing statement.
    Closing,
    /// A signed receipt.
    Receipt,
}

/// A piece of a parcel.
#[derive(Clone, PartialEq, Eq)]
pub struct Frame {
    /// The stream.
    pub stream: Stream,
    /// Its number in the stream, from 0.
    pub number: u64,
    /// What the parcel is.
    pub kind: ParcelKind,
    /// The number of the parcel's envelope, 0 for a parcel without one.
    pub sequence: u64,
    /// Which piece of the parcel it is, from 0.
    pub index: u32,
    /// How many pieces the parcel has.
    pub count: u32,
    /// The piece.
    pub bytes: Vec<u8>,
}

/// A task as a node is offered it. The node verifies all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The task's id.
    pub task: TaskId,
    /// The signed manifest of its run.
    pub run_manifest: Vec<u8>,
    /// The signed manifest of the task.
    pub task_manifest: Vec<u8>,
    /// The key statements that the manifests name, in any order.
    pub statements: Vec<Vec<u8>>,
}

/// What a node says to the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToServer {
    /// The first message of a link: up to which frame of each stream it has everything.
    Resume(Vec<(Stream, u64)>),
    /// A frame; the sender's seat must be the node's.
    Frame(Frame),
    /// The node has all frames of a stream before this one: the server need not keep them.
    Received(Stream, u64),
    /// Where its execution of a task is. The kind, for machines, says in clear why it ended so only
    /// where the requester could not be told under seal.
    State(TaskId, ExecutionState, String),
    /// It has closed a run, whose storage is destroyed.
    RunClosed(RunId),
    /// How far its execution of a task is, for the requester. Nobody takes it into custody: the next
    /// one stands for it.
    Progress(TaskId, Report),
}

/// What the server says to a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToNode {
    /// The first message of a link: up to which frame of each of the node's streams the server has
    /// everything.
    Welcome(Vec<(Stream, u64)>),
    /// A task in which the node's organization has a seat.
    Offer(Offer),
    /// A frame for one of the node's seats.
    Frame(Frame),
    /// The server has all frames of a stream before this one: the node need not keep them.
    Stored(Stream, u64),
    /// A seat's execution has ended, as its node told the server or as the server assumes, after
    /// everything that it sent.
    Ended(TaskId, Seat, ExecutionState),
    /// End the execution of a task.
    Kill(TaskId),
    /// A signed statement that a run is closed.
    CloseRun(RunId, Vec<u8>),
}

impl ToServer {
    /// Returns its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::default();
        match self {
            Self::Resume(streams) => write_streams(encoder.u8(0), streams),
            Self::Frame(frame) => frame.write(encoder.u8(1)),
            Self::Received(stream, next) => stream.write(encoder.u8(2)).u64(*next),
            Self::State(task, state, kind) => {
                encoder.u8(3).raw(task.as_bytes()).u8(state.byte()).text(kind)
            }
            Self::RunClosed(run) => encoder.u8(4).raw(run.as_bytes()),
            Self::Progress(task, report) => report.write(encoder.u8(5).raw(task.as_bytes())),
        };
        encoder.finish()
    }

    /// Reads its bytes.
    ///
    /// # Errors
    ///
    /// Where they are not what [`ToServer::encode`] returns.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut decoder = Decoder::new("message of a node", bytes);
        let message = match decoder.u8()? {
            0 => Self::Resume(read_streams(&mut decoder)?),
            1 => Self::Frame(Frame::read(&mut decoder)?),
            2 => Self::Received(Stream::read(&mut decoder)?, decoder.u64()?),
            3 => {
                let task = TaskId::from_bytes(decoder.raw()?);
                let state = ExecutionState::read(&mut decoder)?;
                Self::State(task, state, decoder.text(limits::NAME_BYTES)?)
            }
            4 => Self::RunClosed(RunId::from_bytes(decoder.raw()?)),
            5 => Self::Progress(TaskId::from_bytes(decoder.raw()?), Report::read(&mut decoder)?),
            _ => return Err(decoder.malformed("there is no such message")),
        };
        decoder.finish()?;
        Ok(message)
    }
}

impl ToNode {
    /// Returns its bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::default();
        match self {
            Self::Welcome(streams) => write_streams(encoder.u8(0), streams),
            Self::Offer(offer) => {
                encoder.u8(1).raw(offer.task.as_bytes()).bytes(&offer.run_manifest);
                encoder.bytes(&offer.task_manifest).list(&offer.statements, |encoder, bytes| {
                    encoder.bytes(bytes);
                })
            }
            Self::Frame(frame) => frame.write(encoder.u8(2)),
            Self::Stored(stream, next) => stream.write(encoder.u8(3)).u64(*next),
            Self::Ended(task, seat, state) => {
                encoder.u8(4).raw(task.as_bytes()).u32(seat.0).u8(state.byte())
            }
            Self::Kill(task) => encoder.u8(5).raw(task.as_bytes()),
            Self::CloseRun(run, signed) => encoder.u8(6).raw(run.as_bytes()).bytes(signed),
        };
        encoder.finish()
    }

    /// Reads its bytes.
    ///
    /// # Errors
    ///
    /// Where they are not what [`ToNode::encode`] returns.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut decoder = Decoder::new("message of a server", bytes);
        let signed = |decoder: &mut Decoder<'_>| {
            decoder.bytes(limits::SIGNED_BYTES + SIGNATURE_BYTES).map(<[u8]>::to_vec)
        };
        let message = match decoder.u8()? {
            0 => Self::Welcome(read_streams(&mut decoder)?),
            1 => Self::Offer(Offer {
                task: TaskId::from_bytes(decoder.raw()?),
                run_manifest: signed(&mut decoder)?,
                task_manifest: signed(&mut decoder)?,
                statements: decoder.list(limits::OFFERED_STATEMENTS, signed)?,
            }),
            2 => Self::Frame(Frame::read(&mut decoder)?),
            3 => Self::Stored(Stream::read(&mut decoder)?, decoder.u64()?),
            4 => {
                let task = TaskId::from_bytes(decoder.raw()?);
                Self::Ended(task, Seat(decoder.u32()?), ExecutionState::read(&mut decoder)?)
            }
            5 => Self::Kill(TaskId::from_bytes(decoder.raw()?)),
            6 => Self::CloseRun(RunId::from_bytes(decoder.raw()?), signed(&mut decoder)?),
            _ => return Err(decoder.malformed("there is no such message")),
        };
        decoder.finish()?;
        Ok(message)
    }
}

/// What a signature takes beside what is signed: its length, the signature, and for a statement a
/// second one.
const SIGNATURE_BYTES: usize = 4 + 2 * 64;

impl Stream {
    fn write<'a>(&self, encoder: &'a mut Encoder) -> &'a mut Encoder {
        encoder.raw(self.task.as_bytes()).u32(self.sender.0).u32(self.receiver.0)
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let task = TaskId::from_bytes(decoder.raw()?);
        Ok(Self { task, sender: Seat(decoder.u32()?), receiver: Seat(decoder.u32()?) })
    }
}

fn write_streams<'a>(encoder: &'a mut Encoder, streams: &[(Stream, u64)]) -> &'a mut Encoder {
    encoder.list(streams, |encoder, (stream, next)| {
        stream.write(encoder).u64(*next);
    })
}

fn read_streams(decoder: &mut Decoder<'_>) -> Result<Vec<(Stream, u64)>, Malformed> {
    decoder.list(limits::LINK_STREAMS, |decoder| Ok((Stream::read(decoder)?, decoder.u64()?)))
}

impl Frame {
    fn write<'a>(&self, encoder: &'a mut Encoder) -> &'a mut Encoder {
        self.stream.write(encoder).u64(self.number).u8(self.kind.byte()).u64(self.sequence);
        encoder.u32(self.index).u32(self.count).bytes(&self.bytes)
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let frame = Self {
            stream: Stream::read(decoder)?,
            number: decoder.u64()?,
            kind: ParcelKind::read(decoder)?,
            sequence: decoder.u64()?,
            index: decoder.u32()?,
            count: decoder.u32()?,
            bytes: decoder.bytes(limits::FRAME_BYTES)?.to_vec(),
        };
        if frame.index >= frame.count {
            return Err(decoder.malformed("a parcel has no such piece"));
        }
        Ok(frame)
    }

    /// Returns the hash of what it carries, to compare it with another of the same number.
    pub fn hash(&self) -> [u8; 32] {
        let mut encoder = Encoder::default();
        self.write(&mut encoder);
        *Digest::of(&encoder.finish()).as_bytes()
    }
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { stream, number, kind, sequence, index, count, bytes } = self;
        write!(
            f,
            "Frame({stream:?} {number}: {kind:?} {sequence}, {index} of {count}, {} bytes)",
            bytes.len()
        )
    }
}

impl ParcelKind {
    /// Returns its byte on the link and in a database.
    pub const fn byte(self) -> u8 {
        match self {
            Self::Grant => 0,
            Self::Message => 1,
            Self::Arguments => 2,
            Self::Result => 3,
            Self::Closing => 4,
            Self::Receipt => 5,
        }
    }

    /// Returns the kind that has a byte.
    pub const fn from_byte(byte: u8) -> Option<Self> {
        match byte {
            0 => Some(Self::Grant),
            1 => Some(Self::Message),
            2 => Some(Self::Arguments),
            3 => Some(Self::Result),
            4 => Some(Self::Closing),
            5 => Some(Self::Receipt),
            _ => None,
        }
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, Malformed> {
        let byte = decoder.u8()?;
        Self::from_byte(byte).ok_or_else(|| decoder.malformed("there is no such parcel"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream() -> Stream {
        Stream { task: TaskId::from_bytes([1; 32]), sender: Seat(2), receiver: Seat(3) }
    }

    fn frame() -> Frame {
        let kind = ParcelKind::Closing;
        Frame { stream: stream(), number: 4, kind, sequence: 5, index: 6, count: 7, bytes: vec![8] }
    }

    #[test]
    fn messages_survive_their_bytes_and_none_can_be_missing_or_more() {
        let task = TaskId::from_bytes([1; 32]);
        let run = RunId::from_bytes([2; 32]);
        for message in [
            ToServer::Resume(vec![(stream(), 1), (stream(), 2)]),
            ToServer::Frame(frame()),
            ToServer::Received(stream(), 9),
            ToServer::State(task, ExecutionState::Refused, "policy".into()),
            ToServer::RunClosed(run),
            ToServer::Progress(task, Report { number: 3, grant: vec![1; 2], envelope: vec![2; 3] }),
        ] {
            let bytes = message.encode();
            assert_eq!(ToServer::decode(&bytes).unwrap(), message);
            (0..bytes.len()).for_each(|length| {
                ToServer::decode(&bytes[..length]).expect_err("it is cut");
            });
            ToServer::decode(&[&bytes[..], &[0]].concat()).expect_err("it is longer");
        }
        let statements = vec![vec![5; 3], vec![6; 4]];
        let (run_manifest, task_manifest) = (vec![3; 10], vec![4; 20]);
        for message in [
            ToNode::Welcome(vec![(stream(), 1)]),
            ToNode::Offer(Offer { task, run_manifest, task_manifest, statements }),
            ToNode::Frame(frame()),
            ToNode::Stored(stream(), 9),
            ToNode::Ended(task, Seat(1), ExecutionState::Lost),
            ToNode::Kill(task),
            ToNode::CloseRun(run, vec![1, 2]),
        ] {
            let bytes = message.encode();
            assert_eq!(ToNode::decode(&bytes).unwrap(), message);
            (0..bytes.len()).for_each(|length| {
                ToNode::decode(&bytes[..length]).expect_err("it is cut");
            });
            ToNode::decode(&[&bytes[..], &[0]].concat()).expect_err("it is longer");
        }
    }

    #[test]
    fn a_frame_that_no_parcel_has_is_refused() {
        let bytes = ToServer::Frame(Frame { index: 7, ..frame() }).encode();
        let error = ToServer::decode(&bytes).unwrap_err().to_string();
        assert!(error.contains("a parcel has no such piece"), "{error}");
        let bytes = vec![0; limits::FRAME_BYTES + 1];
        ToServer::decode(&ToServer::Frame(Frame { bytes, ..frame() }).encode())
            .expect_err("it is too large");
    }
}
