//! A slow network: everything between the nodes and their server comes some time later.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::network::{Network, Setup};

/// Sets up a network in which a message from a node to another takes so long on its way, half of it
/// to the server.
pub async fn delayed(members: usize, delay: Duration) -> Network {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = listener.local_addr().expect("it listens");
    // The server's port must be known before it is started.
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr());
    let listen = free.expect("there is a free port");
    tokio::spawn(pass_on(listener, listen, delay / 2));
    let origin = format!("http://{address}").parse().expect("it is one");
    let setup = Setup { listen, origin: Some(origin), ..Setup::new(members) };
    Network::set_up(setup, |_, config| config).await
}

async fn pass_on(listener: TcpListener, target: SocketAddr, delay: Duration) {
    while let Ok((from, _)) = listener.accept().await {
        let Ok(to) = TcpStream::connect(target).await else { continue };
        for stream in [&from, &to] {
            stream.set_nodelay(true).expect("it is TCP");
        }
        let ((from_read, from_write), (to_read, to_write)) = (from.into_split(), to.into_split());
        tokio::spawn(later(from_read, to_write, delay));
        tokio::spawn(later(to_read, from_write, delay));
    }
}

/// Passes bytes on, each some time after it came.
async fn later(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, delay: Duration) {
    let (sender, mut receiver) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let write = tokio::spawn(async move {
        while let Some((due, bytes)) = receiver.recv().await {
            tokio::time::sleep_until(due).await;
            if to.write_all(&bytes).await.is_err() {
                break;
            }
        }
    });
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if sender.send((Instant::now() + delay, buffer[..length].to_vec())).is_err() {
            break;
        }
    }
    drop(sender);
    let _ = write.await;
}
