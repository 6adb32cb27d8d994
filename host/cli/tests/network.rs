//! The verbs that reach a server, from the outside: what is wrong is said before anything is asked
//! for, and by its kind.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::thread;

use place::Place;
use serde_json::Value;

#[path = "support/place.rs"]
mod place;

/// An id that nothing has.
const ID: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A place with the organizations north and south, who have a collaboration whose server is away.
fn collaboration() -> Place {
    let place = Place::new();
    let (north, _) = (place.organization("north"), place.organization("south"));
    let north = format!("north={north}");
    let new = ["collaboration", "new", "lung.toml", "--name", "lung"];
    let server = ["--server", "http://127.0.0.1:9"];
    let members = ["--organization", &north, "--organization", "south=south/1/statement.pem"];
    place.done(&[&new[..], &server, &members].concat());
    place
}

/// Checks that a command fails with an exit code and these words in what it says.
fn fails(place: &Place, arguments: &[&str], code: i32, words: &str) {
    let (actual, text) = place.failed(arguments);
    assert_eq!(actual, Some(code), "{arguments:?}: {text}");
    assert!(text.contains(words), "{arguments:?}: {text}");
}

#[test]
fn a_collaboration_is_written_shown_and_never_overwritten() {
    let place = collaboration();
    let shown: Value =
        serde_json::from_str(&place.done(&["collaboration", "show", "lung.toml", "--json"]))
            .expect("it is JSON");
    assert_eq!((&shown["name"], &shown["server"]), (&"lung".into(), &"http://127.0.0.1:9".into()));
    let south: Value =
        serde_json::from_str(&place.done(&["org", "show", "south", "--json"])).expect("it is JSON");
    assert_eq!(shown["organizations"][1]["fingerprint"], south["fingerprint"]);
    let text = place.done(&["collaboration", "show", "lung.toml"]);
    assert!(text.contains(shown["id"].as_str().expect("it has one")), "{text}");
    assert!(text.ends_with("all that each node's own policy allows"), "{text}");

    let file = fs::read(place.path("lung.toml")).expect("it is there");
    let zeros = format!("x={}", ["00000"; 16].join("-"));
    let again = ["collaboration", "new", "lung.toml", "--name", "x", "--server", "https://x"];
    let members = ["--organization", &zeros, "--organization", "s=south/1/statement.pem"];
    fails(
        &place,
        &[&again[..], &members].concat(),
        3,
        "error: lung.toml cannot be made: File exists",
    );
    assert_eq!(fs::read(place.path("lung.toml")).expect("it is there"), file);
}

#[test]
fn members_that_are_none_are_refused() {
    let place = Place::new();
    let zeros = ["00000"; 16].join("-");
    let north = format!("north={zeros}");
    let new = |members: &[&str], code, words: &str| {
        let new = ["collaboration", "new", "x.toml", "--name", "x", "--server", "https://x"];
        let members = members.iter().flat_map(|member| ["--organization", member]);
        let arguments: Vec<&str> = new.into_iter().chain(members).collect();
        fails(&place, &arguments, code, words);
    };
    new(&[], 2, "--organization");
    new(&["north"], 2, "--organization north: expected NAME=FINGERPRINT or NAME=FILE");
    new(&["north=here"], 3, "\"here\" is neither a file nor a fingerprint");
    new(&["north=secret"], 3, "error: secret: it is no key statement in PEM");
    new(&[&north], 3, "a collaboration has 2 to 256 members, not 1");
    new(&[&north, &format!("south={zeros}")], 3, "or are the same organization");
    new(&[&north, "so uth=secret"], 3, "error: secret: it is no key statement in PEM");
    let name = ["collaboration", "new", "x.toml", "--name", "x y", "--server", "https://x"];
    let other = format!("south={}1", &zeros[..zeros.len() - 1]);
    let members = ["--organization", &north, "--organization", &other];
    fails(&place, &[&name[..], &members].concat(), 3, "not \"x y\"");
    assert!(!place.path("x.toml").exists());
}

#[test]
fn a_file_that_is_no_collaboration_is_refused_by_each_verb() {
    let place = Place::new();
    fs::write(place.path("bad.toml"), "name = \"x\"\nserver = \"https://x\"\nsecret = 1\n")
        .expect("there is room");
    let key = ["--org", "north"];
    let party = ["--algorithm", "x", "--party", "north"];
    for verb in [
        &["collaboration", "show"][..],
        &["collaboration", "verify"],
        &[&["collaboration", "join"][..], &key].concat(),
        &["algorithm", "list", "--collaboration"],
        &["run", "list", "--collaboration"],
        &[&["run", "close", ID][..], &key, &["--collaboration"]].concat(),
        &["task", "list", "--collaboration"],
        &["task", "show", ID, "--collaboration"],
        &["task", "kill", ID, "--collaboration"],
        &[&["task", "wait", ID][..], &key, &["--collaboration"]].concat(),
        &[&["task", "result", ID][..], &key, &["--collaboration"]].concat(),
        &[&["task", "submit"][..], &key, &party, &["--collaboration"]].concat(),
    ] {
        fails(&place, &[verb, &["bad.toml"]].concat(), 3, "bad.toml is no file of a collaboration");
        fails(
            &place,
            &[verb, &["none.toml"]].concat(),
            3,
            "none.toml cannot be read: No such file",
        );
    }
}

#[test]
fn who_asks_must_be_somebody() {
    let place = collaboration();
    for verb in [&["algorithm", "list"][..], &["run", "list"], &["task", "list"]] {
        fails(&place, verb, 2, "error: there is no server\nhint: give --collaboration FILE");
        let file = [verb, &["--collaboration", "lung.toml"]].concat();
        fails(&place, &file, 2, "error: there is no token\nhint: give --org FOLDER");
        let wrong = [&file[..], &["--token-file", "none"]].concat();
        fails(&place, &wrong, 3, "error: none: No such file");
        let org = [&file[..], &["--org", "none"]].concat();
        fails(&place, &org, 3, "the folder none cannot be made or read");
    }
    let verify = ["collaboration", "verify", "lung.toml"];
    fails(&place, &verify, 2, "error: there is no token");
    fs::write(place.path("empty"), "").expect("there is room");
    let wrong = ["--org", "north", "--passphrase-file", "empty"];
    fails(&place, &[&verify[..], &wrong].concat(), 3, "the passphrase of the organization's key");

    place.organization("west");
    let key = ["--org", "west", "--passphrase-file", "secret"];
    let stranger = "the organization in west is no member of lung";
    fails(&place, &[&["collaboration", "join", "lung.toml"][..], &key].concat(), 3, stranger);
    let of = ["--collaboration", "lung.toml"];
    for verb in [&["task", "wait", ID][..], &["task", "result", ID], &["run", "close", ID]] {
        fails(&place, &[verb, &key, &of].concat(), 3, stranger);
    }
}

#[test]
fn a_server_that_is_away_is_said_by_each_verb() {
    let place = collaboration();
    let away = "error: the server http://127.0.0.1:9 cannot be reached: ";
    let key = ["--org", "north", "--passphrase-file", "secret"];
    let of = ["--collaboration", "lung.toml"];
    for verb in
        [&["collaboration", "verify", "lung.toml"][..], &["collaboration", "join", "lung.toml"]]
    {
        fails(&place, &[verb, &key].concat(), 3, away);
    }
    let digest = ["task", "submit", "--algorithm", ID, "--party", "north"];
    for verb in [
        &["algorithm", "list"][..],
        &["run", "list"],
        &["run", "close", ID],
        &["task", "list"],
        &["task", "show", ID],
        &["task", "kill", ID],
        &["task", "wait", ID],
        &["task", "result", ID],
        &digest,
    ] {
        fails(&place, &[verb, &key, &of].concat(), 3, away);
    }
}

#[test]
fn ids_are_ids() {
    let place = Place::new();
    for verb in [
        &["run", "close"][..],
        &["task", "show"],
        &["task", "kill"],
        &["task", "wait"],
        &["task", "result"],
        &["task", "list", "--run"],
    ] {
        fails(&place, &[verb, &["abc"]].concat(), 2, "must be 64 hexadecimal digits, not \"abc\"");
    }
}

#[test]
fn a_task_that_cannot_be_is_not_asked_for() {
    let place = collaboration();
    let submit = |options: &[&str], code, words: &str| {
        let of = ["task", "submit", "--collaboration", "lung.toml", "--org", "north"];
        let key = ["--passphrase-file", "secret"];
        fails(&place, &[&of[..], &key, options].concat(), code, words);
    };
    let of = |party: &'static str| ["--algorithm", ID, "--party", party];
    submit(&["--algorithm", ID], 2, "--party");
    submit(&of("west"), 2, "\"west\" is no member of lung\nhint: its members: north, south");
    submit(&[&of("north")[..], &["--party", "north:b"]].concat(), 2, "north is given twice");
    let own = |own: &'static str| [&of("north")[..], &["--arguments-for", own]].concat();
    submit(&own("north"), 2, "expected NAME=JSON");
    submit(&own("south={}"), 2, "this is no --party");
    let twice = [&own("north={}")[..], &["--arguments-for", "north={}"]].concat();
    submit(&twice, 2, "this party has its arguments already");
    submit(&[&of("north")[..], &["--keep-run"]].concat(), 2, "--wait");
    submit(
        &[&of("north")[..], &["--run", ID, "--run-algorithm", "x"]].concat(),
        2,
        "--run-algorithm",
    );
    submit(&[&of("north")[..], &["--deadline", "0"]].concat(), 2, "--deadline");
    let unknown = "there is no algorithm \"sum\"\nhint: the file of the collaboration names no";
    submit(&["--algorithm", "sum", "--party", "north"], 2, unknown);
    submit(&["--algorithm", "none.wasm", "--party", "north"], 3, "none.wasm: No such file");
    let long = format!("north={}", "x".repeat(65));
    submit(&["--algorithm", ID, "--party", &long], 2, "the name of a dataset has at most 64");

    let algorithm =
        format!("\n[[algorithm]]\nname = \"sum@1.0.0\"\ndigest = \"{}\"\n", "1".repeat(64));
    let mut file = fs::read_to_string(place.path("lung.toml")).expect("it is there");
    file.push_str(&algorithm);
    fs::write(place.path("lung.toml"), file).expect("there is room");
    submit(&of("north"), 3, "error: lung does not allow the algorithm 0000");
    let other = ["--algorithm", "sum", "--party", "north", "--run-algorithm", ID];
    submit(&other, 3, "error: lung does not allow the algorithm 0000");
}

#[test]
fn a_component_that_is_none_is_not_brought_to_the_server() {
    let place = Place::new();
    let push = ["algorithm", "push", "--server", "http://127.0.0.1:9"];
    fails(&place, &[&push[..], &["none.wasm"]].concat(), 3, "none.wasm: No such file");
    let secret = [&push[..], &["secret"]].concat();
    fails(&place, &secret, 4, "error: secret: this is not WebAssembly");
}

#[test]
fn certificates_must_be_some() {
    let place = Place::new();
    fs::write(place.path("token"), "0".repeat(64)).expect("there is room");
    let list = ["org", "list", "--server", "https://127.0.0.1:9", "--token-file", "token"];
    let with = |file: &'static str| [&list[..], &["--ca-file", file]].concat();
    fails(&place, &with("none"), 3, "error: no certificates can be read from none: No such file");
    fails(&place, &with("secret"), 3, "from secret: it holds no certificate in PEM");
}

#[test]
fn a_proxy_leads_to_other_machines_and_never_to_this_one() {
    let place = Place::new();
    fs::write(place.path("token"), "0".repeat(64)).expect("there is room");
    let proxy = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let address = format!("http://{}", proxy.local_addr().expect("it has one"));
    let asked = thread::spawn(move || {
        let (mut stream, _) = proxy.accept().expect("somebody comes");
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line).expect("it asks");
        stream.write_all(b"HTTP/1.1 403 Forbidden\r\n\r\n").expect("it listens");
        line
    });
    let list = |server: &str| {
        let mut command = place.command(&["org", "list", "--server", server]);
        command.args(["--token-file", "token"]);
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env(name, &address);
        }
        for name in ["NO_PROXY", "no_proxy"] {
            command.env_remove(name);
        }
        let output = command.output().expect("it runs");
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // If it asked the proxy, that would have answered with this refusal of its own.
    let (code, text) = list("http://127.0.0.1:9");
    assert!(code == Some(3) && text.contains("http://127.0.0.1:9 cannot be reached"), "{text}");
    let (code, _) = list("https://anchorhold.example.org");
    assert_eq!(code, Some(3));
    let line = asked.join().expect("it was asked");
    assert_eq!(line, "CONNECT anchorhold.example.org:443 HTTP/1.1\r\n");
}
