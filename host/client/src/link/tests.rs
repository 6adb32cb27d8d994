use std::future::Future;

use anchorhold_model::link::{Frame, ParcelKind, Stream};
use anchorhold_model::{ExecutionState, Seat, TaskId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::*;
use crate::Token;

type Peer = WebSocketStream<TcpStream>;

const COLLABORATION: CollaborationId = CollaborationId::from_bytes([7; 32]);
const TASK: TaskId = TaskId::from_bytes([8; 32]);

/// Starts a server that does something with one link, and returns the node's halves.
async fn linked<F: Future + Send + 'static>(
    serve: impl FnOnce(Peer) -> F + Send + 'static,
) -> (LinkSender, LinkReceiver, JoinHandle<F::Output>)
where
    F::Output: Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&listener);
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut asked = None;
        #[expect(clippy::result_large_err, reason = "the library wants it so")]
        let look = |request: &Request, response: Response| {
            let bearer = request.headers().get("authorization").cloned();
            asked = Some((request.uri().to_string(), bearer));
            Ok(response)
        };
        let peer = accept_hdr_async(stream, look).await.unwrap();
        let (uri, bearer) = asked.unwrap();
        assert_eq!(uri, format!("/v1/link?collaboration={COLLABORATION}"));
        assert_eq!(bearer.unwrap(), "Bearer secret");
        serve(peer).await
    });
    let (sender, receiver) = Link::connect(&client, &COLLABORATION).await.unwrap();
    (sender, receiver, serving)
}

fn client(listener: &TcpListener) -> Client {
    let origin = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    Client::new(origin, Token::new("secret"), None).unwrap()
}

/// Lets a server answer with these bytes, and returns why there is no link.
async fn refused(answer: &str) -> LinkError {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = client(&listener);
    let answer = answer.to_owned();
    let serving = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    let error = Link::connect(&client, &COLLABORATION).await.map(|_| ()).unwrap_err();
    serving.await.unwrap();
    error
}

fn ended() -> ToNode {
    ToNode::Ended(TASK, Seat(1), ExecutionState::Finished)
}

fn state() -> ToServer {
    ToServer::State(TASK, ExecutionState::Running, String::new())
}

#[tokio::test]
async fn messages_go_both_ways_and_pings_are_answered() {
    let (mut sender, mut receiver, serving) = linked(async |mut peer: Peer| {
        let said = peer.next().await.unwrap().unwrap();
        peer.send(Message::Ping(b"here?".as_slice().into())).await.unwrap();
        let pong = peer.next().await.unwrap().unwrap();
        peer.send(Message::binary(ended().encode())).await.unwrap();
        assert_eq!(pong, Message::Pong(b"here?".as_slice().into()));
        let left = peer.next().await.unwrap().unwrap();
        assert!(left.is_close());
        ToServer::decode(&said.into_data()).unwrap()
    })
    .await;
    sender.send(&state()).await.unwrap();
    assert_eq!(receiver.next().await.unwrap(), ended());
    sender.close().await;
    assert_eq!(serving.await.unwrap(), state());
}

#[tokio::test]
async fn a_server_that_reads_nothing_is_still_heard() {
    let (mut sender, mut receiver, serving) = linked(async |mut peer: Peer| {
        peer.send(Message::binary(ended().encode())).await.unwrap();
        peer
    })
    .await;
    let stream = Stream { task: TASK, sender: Seat(0), receiver: Seat(1) };
    let bytes = vec![0; limits::FRAME_BYTES];
    let kind = ParcelKind::Message;
    let frame = Frame { stream, number: 0, kind, sequence: 0, index: 0, count: 1, bytes };
    let frame = ToServer::Frame(frame);
    let mut sending = Box::pin(async move { while sender.send(&frame).await.is_ok() {} });
    tokio::select! {
        () = &mut sending => panic!("the link is there"),
        said = receiver.next() => assert_eq!(said.unwrap(), ended()),
    }
    // While nothing more fits into the connection, a message still comes.
    let mut peer = serving.await.unwrap();
    peer.send(Message::binary(ended().encode())).await.unwrap();
    tokio::select! {
        () = &mut sending => panic!("the link is there"),
        said = receiver.next() => assert_eq!(said.unwrap(), ended()),
    }
}

#[tokio::test]
async fn why_the_server_closes_is_told() {
    for (code, reason, expected) in [
        (CloseCode::Library(FENCED), "moved", "another node of this organization took over"),
        (CloseCode::Policy, "no\u{1b}[2Jseat", "the server closed the link: no\\u{1b}[2Jseat"),
        (CloseCode::Normal, "", "the server closed the link: it gives no reason"),
    ] {
        let (_sender, mut receiver, _serving) = linked(move |mut peer: Peer| async move {
            let frame = CloseFrame { code, reason: reason.into() };
            peer.close(Some(frame)).await.unwrap();
            peer
        })
        .await;
        let error = receiver.next().await.unwrap_err();
        assert_eq!(error.to_string(), expected);
        assert_eq!(matches!(error, LinkError::Fenced), code == CloseCode::Library(FENCED));
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_gone_for_both_halves() {
    let (mut sender, mut receiver, serving) = linked(async |peer: Peer| drop(peer)).await;
    serving.await.unwrap();
    assert!(matches!(receiver.next().await.unwrap_err(), LinkError::Gone));
    while sender.send(&state()).await.is_ok() {}
    assert!(matches!(sender.send(&state()).await.unwrap_err(), LinkError::Gone));
}

#[tokio::test]
async fn a_server_that_is_not_heard_for_half_a_minute_is_gone() {
    let (_sender, mut receiver, serving) = linked(async |peer: Peer| peer).await;
    let _peer = serving.await.unwrap();
    tokio::time::pause();
    let start = Instant::now();
    // Whoever listens now and then waits no longer.
    let early = timeout(Duration::from_secs(15), receiver.next()).await;
    early.expect_err("it waits");
    assert!(matches!(receiver.next().await.unwrap_err(), LinkError::Gone));
    let waited = start.elapsed().as_secs();
    assert!((29..35).contains(&waited), "{waited} s");
}

#[tokio::test]
async fn what_no_server_says_is_refused() {
    let long = Message::binary(vec![0; limits::LINK_MESSAGE_BYTES + 1]);
    for (message, expected) in [
        (Message::text("hello"), "it is a text"),
        (Message::binary(vec![99]), "there is no such message"),
        (long, "too long"),
    ] {
        let (_sender, mut receiver, _serving) = linked(move |mut peer: Peer| async move {
            // Of a long one only the beginning is read.
            let _ = peer.send(message).await;
            peer
        })
        .await;
        let error = receiver.next().await.unwrap_err();
        assert!(matches!(error, LinkError::Malformed(_)), "{error:?}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_refusal_and_another_protocol_are_no_link() {
    let body = r#"{"error":{"kind":"not-allowed","message":"not a member"}}"#;
    let length = body.len();
    let answer = format!("HTTP/1.1 403 Forbidden\r\ncontent-length: {length}\r\n\r\n{body}");
    let LinkError::Client(error) = refused(&answer).await else { panic!("it is refused") };
    assert_eq!(
        (error.kind(), error.to_string()),
        (Some("not-allowed"), "the server refuses: not a member".into())
    );
    let switch = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ";
    for rest in ["websocket\r\nsec-websocket-accept: AAAA\r\n\r\n", "h2c\r\n\r\n"] {
        let error = refused(&format!("{switch}{rest}")).await;
        assert!(matches!(error, LinkError::Client(ClientError::NotAServer { .. })), "{error:?}");
    }
}
