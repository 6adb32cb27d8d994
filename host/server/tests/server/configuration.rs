//! The configuration, and what keeps a server from listening.

use anchorhold_server::{Config, Server, ServerError};

use crate::running::Running;

#[tokio::test]
async fn what_keeps_it_from_listening_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let running = Running::start().await;
    let config = |listen: String, database| Config::new(listen.parse().unwrap(), database);
    let database = folder.path().join("server.db");
    let open = Server::start(config("0.0.0.0:0".into(), database.clone())).await.unwrap_err();
    assert!(matches!(open, ServerError::Config(_)), "{open}");
    let used = Server::start(config(running.address.to_string(), database)).await.unwrap_err();
    assert!(used.to_string().starts_with("the server cannot listen on 127.0.0.1:"), "{used}");
    let text = folder.path().join("text");
    std::fs::write(&text, "this is no database, but a text that is long enough\n".repeat(50))
        .unwrap();
    let no_database = Server::start(config("127.0.0.1:0".into(), text)).await.unwrap_err();
    assert!(matches!(no_database, ServerError::Store(_)), "{no_database}");
}

#[test]
fn the_sample_configuration_is_read_and_a_wrong_key_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.toml");
    std::fs::write(&path, "listen = \"127.0.0.1:8080\"\n").unwrap();
    let config = Config::read(&path).unwrap();
    assert_eq!(config.database, folder.path().join("server.db"));
    for (text, problem) in [
        ("listen = \"127.0.0.1:8080\"\nlisten_on = 1\n", "unknown field `listen_on`"),
        ("listen = \"here\"\n", "invalid socket address syntax"),
        ("", "missing field `listen`"),
        ("listen = \"0.0.0.0:8080\"\n", "without TLS"),
        ("listen = \"127.0.0.1:8080\"\nlost_after = 0\n", "between 1 and 86400 seconds, not 0"),
        ("listen = \"127.0.0.1:8080\"\n[tls]\ncert = \"x\"\n", "unknown field `cert`"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = Config::read(&path).unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
}
