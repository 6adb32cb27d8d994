use anchorhold_model::{CollaborationId, Digest, Seat, TaskId, limits};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// Makes a client of a server that answers the one request that comes with this body.
async fn client(body: Vec<u8>) -> Client {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            request.push(stream.read_u8().await.unwrap());
        }
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        // Who reads no more of it is not an error here.
        let _ = stream.write_all(&body).await;
    });
    Client::new(origin, None, None).unwrap()
}

/// Returns what a server does otherwise than one of Anchorhold does.
fn problem<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> String {
    match answer.unwrap_err() {
        ClientError::NotAServer { problem, .. } => problem,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn another_component_than_that_asked_for_is_refused() {
    let digest = Digest::of(b"component");
    let answer = client(b"component".to_vec()).await.component(&digest).await;
    assert_eq!(answer.unwrap(), b"component");
    let answer = client(b"another".to_vec()).await.component(&digest).await;
    let expected =
        format!("it was asked about {digest} and answers about {}", Digest::of(b"another"));
    assert_eq!(problem(answer), expected);
}

#[tokio::test]
async fn an_answer_about_something_else_is_refused() {
    let [asked, other] = [1, 2].map(|byte| CollaborationId::from_bytes([byte; 32]));
    let body = format!(r#"{{"id":"{other}","name":"x","members":[],"algorithms":[]}}"#);
    let answer = client(body.clone().into()).await.collaboration(&asked).await;
    assert!(problem(answer).starts_with("it was asked about 0101"));
    client(body.into()).await.collaboration(&other).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_is_too_large_is_not_read() {
    let most = usize::try_from(limits::COMPONENT_BYTES).unwrap();
    let large = client(vec![0; most + 1]).await;
    let answer = large.component(&Digest::of(b"")).await;
    assert_eq!(problem(answer), "its answer is too large");
    let large = client(vec![b' '; ANSWER_BYTES + 1]).await;
    assert_eq!(problem(large.algorithms().await), "its answer is too large");
}

#[tokio::test]
async fn what_is_no_answer_is_said_without_its_control_characters() {
    let answer = client(b"<html>".to_vec()).await.who().await;
    assert!(problem(answer).starts_with("expected value"));
    let parcel = client(b"\0\0\0\x09short".to_vec()).await;
    let answer = parcel.result(&TaskId::from_bytes([1; 32]), Seat(0)).await;
    assert!(problem(answer).starts_with("the sealed result is malformed"));
    let state = client(b"{\"tasks\":[{\"state\":\"\\u001b[2J\"}]}".to_vec()).await;
    let problem = problem(state.tasks(None).await);
    assert!(!problem.contains('\u{1b}'), "{problem}");
}
