//! The node's one connection to the server: it signs in, goes on where the last link ended, and
//! when a link ends, makes another, with longer and longer pauses in between.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use anchorhold_client::{Client, ClientError, Link, LinkError, LinkReceiver, LinkSender};
use anchorhold_model::chain;
use anchorhold_model::link::{ToNode, ToServer};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::dispatch::Dispatch;
use crate::outbox::Outbox;
use crate::shared::Shared;

/// The first pause before a link is made anew, and the longest. Each is up to twice the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// After this time with a link the pauses begin anew.
const STEADY: Duration = Duration::from_secs(60);
/// How long a message to the server may take: one that does not read is linked to anew.
const SENDING: Duration = Duration::from_secs(60);
/// How often is looked whether the server may say more.
const CROWDED: Duration = Duration::from_millis(10);
/// How often the node signs in again, so that its calls are taken: a session lasts an hour.
const RENEWAL: Duration = Duration::from_secs(1_800);

/// Keeps the node linked. It ends only where another link would not help.
pub(crate) async fn keep(
    shared: &Arc<Shared>,
    client: &Client,
    signed_in: &watch::Sender<Option<Client>>,
    dispatch: &mut Dispatch,
) -> LinkError {
    let mut pause = FIRST_PAUSE;
    loop {
        let began = Instant::now();
        let ended = once(shared, client, signed_in, dispatch).await;
        signed_in.send_replace(None);
        match &ended {
            LinkError::Fenced => return ended,
            LinkError::Client(ClientError::Refused { status: 401 | 403 | 404, .. }) => {
                tracing::error!("{ended}");
                // Somebody may register the organization, or set a clock right.
                pause = LONGEST_PAUSE;
            }
            _ => tracing::warn!("{}", chain(&ended)),
        }
        if began.elapsed() > STEADY {
            pause = FIRST_PAUSE;
        }
        sleep(jitter(pause)).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// Makes one link and uses it until it ends.
async fn once(
    shared: &Arc<Shared>,
    client: &Client,
    signed_in: &watch::Sender<Option<Client>>,
    dispatch: &mut Dispatch,
) -> LinkError {
    match connect(shared, client, signed_in).await {
        Ok((sender, receiver)) => {
            tracing::info!("linked to the server");
            let sending = send(shared, sender);
            let receiving = hear(receiver, &shared.post.outbox, dispatch);
            let renewing = renew(shared, client, signed_in);
            tokio::select! {
                error = receiving => error,
                error = sending => error,
                never = renewing => match never {},
            }
        }
        Err(error) => error,
    }
}

/// Signs in, links, and agrees with the server on where each stream stands.
async fn connect(
    shared: &Arc<Shared>,
    client: &Client,
    signed_in: &watch::Sender<Option<Client>>,
) -> Result<(LinkSender, LinkReceiver), LinkError> {
    let client = sign_in(shared, client).await?;
    signed_in.send_replace(Some(client.clone()));
    let collaboration = shared.file.collaboration().id();
    let (mut sender, mut receiver) = Link::connect(&client, &collaboration).await?;
    sender.send(&ToServer::Resume(shared.tasks.received())).await?;
    match receiver.next().await? {
        ToNode::Welcome(stored) => shared.post.outbox.resume(&stored),
        _ => return Err(LinkError::Malformed("it does not begin with a welcome".into())),
    }
    Ok((sender, receiver))
}

async fn sign_in(shared: &Shared, client: &Client) -> Result<Client, ClientError> {
    client.sign_in(&shared.own.organization(), &shared.post.key).await
}

async fn send(shared: &Shared, mut sender: LinkSender) -> LinkError {
    loop {
        let message = match shared.post.outbox.next().await {
            Ok(message) => message,
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(error, "what waits to be sent cannot be read");
                return LinkError::Gone;
            }
        };
        let sent = timeout(SENDING, sender.send(&message)).await;
        if let Err(error) = sent.unwrap_or(Err(LinkError::Gone)) {
            // What was being said is said again over the next link, or asked for by the server.
            shared.post.outbox.unsaid(message);
            return error;
        }
    }
}

async fn hear(mut receiver: LinkReceiver, outbox: &Outbox, dispatch: &mut Dispatch) -> LinkError {
    loop {
        match receiver.next().await {
            Ok(message) => {
                dispatch.take(message).await;
                while outbox.is_crowded() {
                    sleep(CROWDED).await;
                }
            }
            Err(error) => return error,
        }
    }
}

async fn renew(
    shared: &Shared,
    client: &Client,
    signed_in: &watch::Sender<Option<Client>>,
) -> Infallible {
    let mut next = Instant::now() + RENEWAL;
    loop {
        sleep_until(next).await;
        match sign_in(shared, client).await {
            Ok(client) => drop(signed_in.send_replace(Some(client))),
            // The link itself is not concerned.
            Err(error) => {
                tracing::warn!("{}", chain(&error));
                next = Instant::now() + LONGEST_PAUSE;
                continue;
            }
        }
        next = Instant::now() + RENEWAL;
    }
}

/// Returns a time from half of another to all of it, so that nodes do not all come at once.
fn jitter(pause: Duration) -> Duration {
    let mut random = [0; 2];
    // Without random numbers they do.
    let _ = getrandom::fill(&mut random);
    let half = pause / 2;
    half + half * u32::from(u16::from_be_bytes(random)) / (1 << 16)
}
