//! `anchorhold server` and what reaches it, as processes.

use std::fs;

use place::{Place, Running};

#[path = "support/place.rs"]
mod place;

#[test]
fn an_organization_becomes_known_to_a_server() {
    let place = Place::new();
    let fingerprint = place.organization("north");
    place.done(&["server", "init", "server", "--listen", "127.0.0.1:0"]);
    place.token("admin", &[]);
    let server = Running::start(&place);
    let at = |token: &'static str| ["--server", &server.origin, "--token-file", token];
    let said = place.done(&[&["org", "register", "north"][..], &at("admin")].concat());
    assert_eq!(said, format!("north is known with key 1 as {fingerprint}"));

    place.token("person", &["--organization", &fingerprint]);
    let files = ["--passphrase-file", "secret", "--root-passphrase-file", "secret"];
    let rotate = ["org", "rotate", "north", "--root", "north-root", "--bits", "3072"];
    place.done(&[&rotate[..], &files].concat());
    let said = place.done(&[&["org", "register", "north"][..], &at("person")].concat());
    assert_eq!(said, format!("north is known with key 2 as {fingerprint}"));
    let listed = place.done(&[&["org", "list"][..], &at("person")].concat());
    assert_eq!(listed, format!("{fingerprint}  north, key 2"));

    place.organization("south");
    let (code, text) = place.failed(&[&["org", "register", "south"][..], &at("person")].concat());
    assert_eq!(
        (code, text.as_str()),
        (Some(4), "error: the server refuses: this is not for this person")
    );
    assert_eq!(server.terminate(), Some(0));
}

#[test]
fn what_is_wrong_is_said() {
    let place = Place::new();
    place.done(&["server", "init", "server", "--listen", "127.0.0.1:0"]);
    place.organization("north");
    let (code, text) = place.failed(&["server", "init", "server"]);
    assert_eq!(code, Some(3));
    assert!(text.starts_with("error: server/server.toml cannot be made: File exists"), "{text}");
    let (code, text) = place.failed(&["server", "run", "nowhere"]);
    assert_eq!(code, Some(3));
    assert!(text.ends_with("hint: `anchorhold server init FOLDER` makes one"), "{text}");
    let zeros = ["00000"; 16].join("-");
    let token = ["server", "token", "server", "--name", "x", "--organization", &zeros];
    let (code, text) = place.failed(&token);
    assert_eq!(code, Some(3));
    assert!(text.starts_with("error: the server knows no organization 00000-"), "{text}");

    let register = ["org", "register", "north", "--server", "http://127.0.0.1:9"];
    let (code, text) = place.failed(&register);
    assert_eq!(code, Some(2));
    assert!(text.starts_with("error: there is no token"), "{text}");
    fs::write(place.path("token"), "0".repeat(64)).expect("there is room");
    let (code, text) = place.failed(&[&register[..], &["--token-file", "token"]].concat());
    assert_eq!(code, Some(3));
    assert!(text.starts_with("error: the server http://127.0.0.1:9 cannot be reached: "), "{text}");
    let (code, text) = place.failed(&["org", "list", "--server", "http://example.org"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("reached without TLS"), "{text}");

    let server = Running::start(&place);
    let here = ["--server", &server.origin, "--token-file", "token"];
    let (code, text) = place.failed(&[&["org", "list"][..], &here].concat());
    let refused = "error: the server refuses: the token is not one of this server";
    assert_eq!((code, text.as_str()), (Some(4), refused));
    let config = fs::read_to_string(place.path("server/server.toml")).expect("it is there");
    let port = server.origin.rsplit(':').next().expect("it has one");
    fs::write(place.path("server/server.toml"), config.replace(":0", &format!(":{port}")))
        .expect("there is room");
    let (code, text) = place.failed(&["server", "run", "server"]);
    assert_eq!(code, Some(3));
    assert!(text.contains("cannot listen on 127.0.0.1:") && text.contains("in use"), "{text}");
}
