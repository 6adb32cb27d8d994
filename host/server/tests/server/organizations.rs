//! Organizations, their statements, tokens and signing in, through the typed client.

use anchorhold_client::{Client, ClientError};
use anchorhold_identity::{OrganizationKey, RootKey, Statement};

use crate::running::{NOW, Running, TOKEN_TIME, VALID};
use crate::world::KEYS;

fn key() -> &'static OrganizationKey {
    &KEYS[0]
}

fn north() -> (RootKey, Statement) {
    let root = RootKey::generate();
    let statement = root.state("North", 1, key(), VALID);
    (root, statement)
}

fn refusal<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> (u16, String) {
    match answer.unwrap_err() {
        ClientError::Refused { status, kind, .. } => (status, kind),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_organization_is_added_once_and_survives_a_restart() {
    let running = Running::start().await;
    let (root, statement) = north();
    let admin = running.admin().await;
    let added = admin.add_organization(&statement).await.unwrap();
    assert_eq!(added.fingerprint, root.fingerprint());
    assert_eq!(admin.add_organization(&statement).await.unwrap(), added);

    let running = Running::on(running.stop().await, NOW).await;
    let admin = running.admin().await;
    assert_eq!(admin.organizations().await.unwrap(), [added]);
    assert_eq!(admin.statement(&root.fingerprint()).await.unwrap(), statement);
}

#[tokio::test]
async fn the_highest_number_counts_and_two_with_one_number_are_an_alarm() {
    let running = Running::start().await;
    let (root, statement) = north();
    let admin = running.admin().await;
    admin.add_organization(&statement).await.unwrap();
    let third = root.state("North", 3, key(), VALID);
    let second = root.state("North", 2, key(), VALID);
    admin.add_statement(&third).await.unwrap();
    admin.add_statement(&second).await.unwrap();
    assert_eq!(admin.statement(&root.fingerprint()).await.unwrap(), third);
    let other = root.state("Other", 2, key(), VALID);
    let answer = refusal(admin.add_statement(&other).await);
    assert_eq!(answer, (409, "other-statement".into()));
}

#[tokio::test]
async fn a_node_signs_in_with_the_current_key() {
    let running = Running::start().await;
    let (root, statement) = north();
    let organization = root.fingerprint();
    running.admin().await.add_organization(&statement).await.unwrap();
    let stranger = running.client(None);
    let node = stranger.sign_in(&organization, key()).await.unwrap();
    let who = node.who().await.unwrap();
    assert_eq!((who.kind.as_str(), who.organization), ("node", Some(organization)));

    let other = RootKey::generate().fingerprint();
    let refused = (401, "not-signed-in".to_owned());
    assert_eq!(refusal(stranger.sign_in(&other, key()).await), refused);
    assert_eq!(refusal(stranger.sign_in(&organization, &KEYS[1]).await), refused);

    running.pass(3_601);
    assert_eq!(refusal(node.who().await), refused);
    running.pass(VALID.1 - NOW);
    assert_eq!(refusal(stranger.sign_in(&organization, key()).await), refused);
}

#[tokio::test]
async fn what_was_signed_for_another_server_or_before_is_refused() {
    let running = Running::start().await;
    let (root, statement) = north();
    running.admin().await.add_organization(&statement).await.unwrap();
    // The same server under a name that it does not have.
    let elsewhere = format!("http://localhost:{}", running.address.port()).parse().unwrap();
    let client = Client::new(elsewhere, None, None).unwrap();
    let answer = refusal(client.sign_in(&root.fingerprint(), key()).await);
    assert_eq!(answer, (401, "not-signed-in".into()));

    let sign_in = anchorhold_model::layout::SignIn {
        origin: running.origin.to_string(),
        server_nonce: [1; 32],
        node_nonce: [2; 32],
        organization: *root.fingerprint().as_bytes(),
    };
    let signed = key().sign(sign_in).encode();
    let signed: String = signed.iter().map(|byte| format!("{byte:02x}")).collect();
    let body = format!(r#"{{"organization":"{}","signed":"{signed}"}}"#, root.fingerprint());
    let answer = running.raw(&post("/v1/sign-in", &body)).await;
    assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
}

#[tokio::test]
async fn each_may_do_what_the_table_says() {
    let running = Running::start().await;
    let (root, statement) = north();
    let (other_root, other) = north();
    let admin = running.admin().await;
    admin.add_organization(&statement).await.unwrap();
    admin.add_organization(&other).await.unwrap();
    let person = running.client(Some(&running.token(Some(&root.fingerprint())).await));
    let who = person.who().await.unwrap();
    assert_eq!((who.kind.as_str(), who.name.as_deref()), ("person", Some("somebody")));

    let next = root.state("North", 2, key(), VALID);
    let others = other_root.state("North", 2, key(), VALID);
    person.add_statement(&next).await.unwrap();
    let not_allowed = (403, "not-allowed".to_owned());
    assert_eq!(refusal(person.add_statement(&others).await), not_allowed);
    assert_eq!(refusal(person.add_organization(&north().1).await), not_allowed);

    let not_signed_in = (401, "not-signed-in".to_owned());
    assert_eq!(refusal(running.client(None).organizations().await), not_signed_in);
    let unknown = running.client(Some(&"0".repeat(64)));
    assert_eq!(refusal(unknown.organizations().await), not_signed_in);
    running.pass(TOKEN_TIME + 1);
    assert_eq!(refusal(person.organizations().await), not_signed_in);
}

#[tokio::test]
async fn statements_that_are_wrong_are_refused_with_the_reason() {
    let running = Running::start().await;
    let admin = running.admin().await;
    let (root, _) = north();
    let late = root.state("North", 1, key(), (NOW + 1, NOW + 2));
    let huge = root.state("North", u64::MAX, key(), VALID);
    for statement in [late, huge] {
        let answer = refusal(admin.add_organization(&statement).await);
        assert_eq!(answer, (400, "statement".into()));
    }
    let unknown = root.state("North", 1, key(), VALID);
    let answer = refusal(admin.add_statement(&unknown).await);
    assert_eq!(answer, (404, "not-found".into()));
    let answer = refusal(admin.statement(&root.fingerprint()).await);
    assert_eq!(answer, (404, "not-found".into()));
}

fn post(path: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn malformed_requests_get_a_kind_and_a_sentence() {
    let running = Running::start().await;
    let huge = format!(r#"{{"organization":"{}"}}"#, "0".repeat(100_000));
    for (request, status) in [
        (post("/v1/sign-in", "{"), 400),
        (post("/v1/sign-in", "{}"), 422),
        (post("/v1/sign-in", r#"{"organization":"x","signed":"y"}"#), 422),
        (post("/v1/sign-in", &huge), 413),
        (post("/v1/nothing", "{}"), 404),
        (post("/v1/me", "{}"), 400),
        (post("/v1/organizations", "{}"), 401),
        ("GET /v1/organizations/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".into(), 401),
    ] {
        let answer = running.raw(&request).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.contains(r#"{"error":{"kind":""#), "{answer}");
    }
    let healthy = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(running.raw(healthy).await.contains(r#""version":"0.1.0""#));
}
