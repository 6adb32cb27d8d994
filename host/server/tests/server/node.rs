//! A node's link, without a node: it says what the test says.

use std::time::Duration;

use anchorhold_model::layout::REQUESTER;
use anchorhold_model::link::{Frame, ParcelKind, Stream, ToNode, ToServer};
use anchorhold_model::{ExecutionState, Report, Seat, TaskId};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::world::World;

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A link.
pub struct Node {
    socket: WebSocketStream<TcpStream>,
}

impl Node {
    /// Connects, and says nothing yet.
    pub async fn connect(world: &World, index: usize) -> Self {
        let token = world.sign_in(index).await;
        let path = format!("/v1/link?collaboration={}", world.id());
        Self::try_connect(world, &path, &token).await.unwrap()
    }

    /// Connects, or returns the status with which that is refused.
    pub async fn try_connect(world: &World, path: &str, token: &str) -> Result<Self, u16> {
        let address = world.running.address;
        let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        let stream = TcpStream::connect(address).await.unwrap();
        let connected = timeout(PATIENCE, tokio_tungstenite::client_async(request, stream)).await;
        match connected.expect("it is answered") {
            Ok((socket, _)) => Ok(Self { socket }),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// Connects, says what it has, and returns what the server has.
    pub async fn resume(
        world: &World,
        index: usize,
        has: Vec<(Stream, u64)>,
    ) -> (Self, Vec<(Stream, u64)>) {
        let mut node = Self::connect(world, index).await;
        node.send(ToServer::Resume(has)).await;
        match node.next().await {
            ToNode::Welcome(streams) => (node, streams),
            other => panic!("{other:?}"),
        }
    }

    /// Links a node that has nothing, takes a task on and its arguments.
    pub async fn begin(world: &World, index: usize, task: TaskId, seat: Seat) -> Self {
        let (mut node, _) = Self::resume(world, index, Vec::new()).await;
        node.take_on(task, seat).await;
        node
    }

    /// Takes a task that is offered on, with its arguments.
    pub async fn take_on(&mut self, task: TaskId, seat: Seat) {
        match self.next().await {
            ToNode::Offer(offer) => assert_eq!(offer.task, task),
            other => panic!("{other:?}"),
        }
        let from = Stream { task, sender: REQUESTER, receiver: seat };
        assert_eq!(self.frame().await.kind, ParcelKind::Grant);
        assert_eq!(self.frame().await.kind, ParcelKind::Arguments);
        self.send(ToServer::Received(from, 2)).await;
        self.state(task, ExecutionState::Running).await;
    }

    pub async fn send(&mut self, message: ToServer) {
        self.send_bytes(Message::Binary(message.encode().into())).await;
    }

    pub async fn send_bytes(&mut self, message: Message) {
        timeout(PATIENCE, self.socket.send(message)).await.unwrap().unwrap();
    }

    /// Sends a message that ends the link.
    pub async fn send_too_much(&mut self, bytes: Vec<u8>) {
        let end = async {
            let _ = self.socket.send(Message::Binary(bytes.into())).await;
            while let Some(Ok(_)) = self.socket.next().await {}
        };
        timeout(PATIENCE, end).await.expect("the link ends");
    }

    pub async fn state(&mut self, task: TaskId, state: ExecutionState) {
        self.send(ToServer::State(task, state, String::new())).await;
    }

    /// Returns the next message.
    pub async fn next(&mut self) -> ToNode {
        let next = async {
            loop {
                match self.message().await {
                    Message::Binary(bytes) => return ToNode::decode(&bytes).unwrap(),
                    // The server asks whether it is there.
                    Message::Ping(_) => {}
                    other => panic!("{other:?}"),
                }
            }
        };
        timeout(PATIENCE, next).await.expect("a message comes")
    }

    /// Returns the next message, which must be a frame.
    pub async fn frame(&mut self) -> Frame {
        match self.next().await {
            ToNode::Frame(frame) => frame,
            other => panic!("{other:?}"),
        }
    }

    /// Waits until a stream is stored up to a number; nothing else may come before.
    pub async fn stored(&mut self, stream: Stream, wanted: u64) {
        loop {
            match self.next().await {
                ToNode::Stored(of, next) if of == stream && next <= wanted => {
                    if next == wanted {
                        return;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    }

    /// Waits for the end of the link, and returns its code and reason.
    pub async fn closed(&mut self) -> (u16, String) {
        let closed = async {
            loop {
                match self.message().await {
                    Message::Close(Some(frame)) => {
                        return (frame.code.into(), frame.reason.to_string());
                    }
                    Message::Close(None) => panic!("it is closed without a reason"),
                    _ => {}
                }
            }
        };
        timeout(PATIENCE, closed).await.expect("it is closed")
    }

    async fn message(&mut self) -> Message {
        self.socket.next().await.expect("it is linked").unwrap()
    }
}

/// Returns a frame with a message of one piece, which says its number.
pub fn frame(stream: Stream, number: u64) -> Frame {
    let kind = ParcelKind::Message;
    let bytes = number.to_be_bytes().to_vec();
    Frame { stream, number, kind, sequence: number, index: 0, count: 1, bytes }
}

pub fn between(task: TaskId, sender: u32, receiver: u32) -> Stream {
    Stream { task, sender: Seat(sender), receiver: Seat(receiver) }
}

/// Returns a report of progress with a number.
pub fn report(number: u64) -> Report {
    Report { number, grant: vec![1; 3], envelope: number.to_be_bytes().to_vec() }
}
