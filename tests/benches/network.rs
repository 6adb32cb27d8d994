//! Measures what passes through nodes and the server on loopback, each thing beside its floor in the
//! same run: a plain WebSocket that echoes.

#[path = "cell/table.rs"]
mod table;

use std::sync::Arc;
use std::time::{Duration, Instant};

use anchorhold_model::layout::ClosingEnding;
use anchorhold_tests::network::Network;
use anchorhold_tests::requested::Requested;
use anchorhold_tests::{PING, SECURE_SUM};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, accept_async, connect_async};

use table::{compare, header};

const SUM: &str = r#"{"columns": [{"name": "age", "minimum": 0, "maximum": 120}]}"#;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.expect("the system has room");
    let two = runtime.block_on(Network::new(2));
    header("guest to guest; the floor is an echo");
    for (what, bytes, times) in
        [("64 B", 64, 500), ("16 KiB", 16 << 10, 300), ("1 MiB", 1 << 20, 20)]
    {
        let ours = |n: u64| runtime.block_on(messages(&two, n, 1, bytes));
        let floor = |n: u64| runtime.block_on(echoes(n, 1, bytes));
        compare(what, times, ours, floor);
    }
    header("each of a thousand messages of 64 B in flight");
    let ours = |n: u64| runtime.block_on(messages(&two, n.div_ceil(1_000), 1_000, 64));
    let floor = |n: u64| runtime.block_on(echoes(n.div_ceil(1_000), 1_000, 64));
    compare("message", 4_000, ours, floor);
    drop(two);

    let three = runtime.block_on(Network::new(3));
    header("tasks of three; the floor is 3 echoes");
    let one = |n: u64| runtime.block_on(sums(&three, n, 1));
    compare("secure sum, one after the other", 5, one, |n| runtime.block_on(echoes(3 * n, 1, 256)));
    let many = |n: u64| runtime.block_on(sums(&three, n, 100));
    compare("secure sum, a hundred at once", 100, many, |n| {
        runtime.block_on(echoes(3 * n, 1, 256))
    });
}

/// Measures `n` messages, or as many as are sent at once in `n` rounds, without the task around
/// them.
async fn messages(network: &Network, rounds: u64, at_once: u64, bytes: usize) -> Duration {
    let with = ping(network, rounds, at_once, bytes).await;
    let without = ping(network, 0, at_once, bytes).await;
    // A round is to and fro: two messages.
    with.saturating_sub(without) / 2
}

async fn ping(network: &Network, rounds: u64, at_once: u64, bytes: usize) -> Duration {
    let mut run = network.run(PING).await;
    let began = Instant::now();
    task(&mut run, &format!("[{rounds},{at_once},{bytes}]"), &[]).await;
    began.elapsed()
}

async fn task(run: &mut Requested, arguments: &str, datasets: &[&str]) {
    for outcome in run.task(arguments, datasets).await {
        let outcome = outcome.expect("it was told");
        assert_eq!(outcome.ending, ClosingEnding::Finished, "{outcome:?}");
    }
}

/// Runs `n` secure sums, so many at once, from the first submission to the end of the last.
async fn sums(network: &Network, n: u64, at_once: u64) -> Duration {
    let client = Arc::new(network.client(0).await);
    let mut took = Duration::ZERO;
    let mut left = n;
    while left > 0 {
        let now = left.min(at_once);
        left -= now;
        let mut tasks = Vec::new();
        for _ in 0..now {
            let mut run = network.run_as(client.clone(), SECURE_SUM).await;
            let request = run.next(SUM, &["patients"]);
            tasks.push((run, request));
        }
        let began = Instant::now();
        let submitted = tasks.iter().map(|(run, request)| run.submit(request));
        let ids = futures_util::future::join_all(submitted).await;
        for id in &ids {
            tasks[0].0.wait(*id).await;
        }
        took += began.elapsed();
        let (run, request) = &tasks[0];
        for outcome in run.outcomes(request, ids[0]).await {
            let outcome = outcome.expect("it was told");
            assert_eq!(outcome.ending, ClosingEnding::Finished, "{outcome:?}");
        }
    }
    took
}

/// Measures messages to a server that sends each back.
async fn echoes(rounds: u64, at_once: u64, bytes: usize) -> Duration {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = listener.local_addr().expect("it listens");
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("somebody connects");
        stream.set_nodelay(true).expect("it is TCP");
        let mut socket = accept_async(stream).await.expect("it is a WebSocket");
        while let Some(Ok(message)) = socket.next().await {
            if message.is_binary() && socket.send(message).await.is_err() {
                break;
            }
        }
    });
    let mut socket = connect(&format!("ws://{address}")).await;
    let body = vec![7; bytes];
    let began = Instant::now();
    for _ in 0..rounds {
        for _ in 0..at_once {
            socket.feed(Message::binary(body.clone())).await.expect("it is there");
        }
        socket.flush().await.expect("it is there");
        for _ in 0..at_once {
            socket.next().await.expect("it is there").expect("it is an echo");
        }
    }
    let took = began.elapsed();
    drop(socket);
    server.abort();
    took
}

async fn connect(url: &str) -> WebSocketStream<MaybeTlsStream<TcpStream>> {
    let (socket, _) = connect_async(url).await.expect("it is a WebSocket");
    if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
        stream.set_nodelay(true).expect("it is TCP");
    }
    socket
}
