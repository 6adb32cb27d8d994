//! The verbs of collaborations, tasks and runs against a server that runs, without any node: a task
//! is asked for, looked at, not waited for, killed and closed.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anchorhold_client::requester::{PartyRequest, Requester, TaskRequest};
use anchorhold_client::{Client, CollaborationFile};
use anchorhold_identity::{OrganizationFolder, OrganizationKey, Passphrase, Statement};
use anchorhold_model::{Limits, RunId, TaskId};
use place::{Place, Running};
use serde_json::Value;

#[path = "support/place.rs"]
mod place;

const KEY: [&str; 4] = ["--org", "north", "--passphrase-file", "secret"];
const OF: [&str; 2] = ["--collaboration", "lung.toml"];

/// A server at which north and south are registered, who have a collaboration. Executions without a
/// node are lost after so many seconds.
fn world(lost_after: u32) -> (Place, Running) {
    let place = Place::new();
    place.done(&["server", "init", "server", "--listen", "127.0.0.1:0"]);
    let config = place.path("server/server.toml");
    let text = fs::read_to_string(&config).expect("it is there");
    fs::write(&config, format!("lost_after = {lost_after}\n{text}")).expect("there is room");
    place.token("admin", &[]);
    let server = Running::start(&place);
    let at = ["--server", &server.origin];
    let mut new = vec!["collaboration", "new", "lung.toml", "--name", "lung"];
    new.extend(at);
    for (name, member) in
        [("north", "north=north/1/statement.pem"), ("south", "south=south/1/statement.pem")]
    {
        place.organization(name);
        let register = ["org", "register", name, "--token-file", "admin"];
        place.done(&[&register[..], &at].concat());
        new.extend(["--organization", member]);
    }
    place.done(&new);
    (place, server)
}

fn join(place: &Place, name: &str) -> String {
    let key = ["--org", name, "--passphrase-file", "secret"];
    place.done(&[&["collaboration", "join", "lung.toml"][..], &key].concat())
}

fn json(place: &Place, arguments: &[&str]) -> Value {
    let text = place.done(&[arguments, &["--json"]].concat());
    serde_json::from_str(&text).expect("it is JSON")
}

/// What `task submit` does, with a component that does not describe itself, which the server does
/// not ask of one.
async fn submit(place: &Place) -> (TaskId, RunId) {
    let file = CollaborationFile::read(&place.path("lung.toml")).expect("it is there");
    let (statement, key) = opened(place);
    let stranger = Client::new(file.server().clone(), None, None).expect("it is set up");
    let client = stranger.sign_in(&statement.organization(), &key).await.expect("it is known");
    let component = wat::parse_str(COMPONENT).expect("it is a component");
    let digest = client.add_algorithm("nothing@0.1.0", component).await.expect("it is taken");
    let requester = Requester { statement: &statement, key: &key };
    let (created, expires) = statement_times(&statement);
    let run = requester.sign_run(&file.collaboration().id(), vec![digest], (created, expires));
    let run = client.add_run(&run).await.expect("it is taken").id;
    let mut parties = Vec::new();
    for (_, fingerprint) in file.members() {
        let statement = client.statement(&fingerprint).await.expect("it is known");
        let (role, datasets, arguments) = ("party".into(), Vec::new(), b"{}".to_vec());
        parties.push(PartyRequest { statement, role, datasets, arguments });
    }
    let limits = Limits::default();
    let deadline = expires;
    let request = TaskRequest { run, ordinal: 0, digest, parties, limits, created, deadline };
    let task = requester.sign_task(&request);
    task.submit(&client).await.expect("it is taken");
    (task.id(), run)
}

const COMPONENT: &str = r#"(component
    (core module (func (export "f")))
    (core instance (instantiate 0))
    (alias core export 0 "f" (core func))
    (func (canon lift (core func 0)))
    (export "describe" (func 0))
    (export "run" (func 0)))"#;

fn opened(place: &Place) -> (Statement, OrganizationKey) {
    let folder = OrganizationFolder::new(place.path("north"));
    let statement = folder.current().expect("it is there");
    let passphrase = Passphrase::new("a passphrase").expect("it is one");
    let key = folder.key(&statement, &passphrase).expect("it opens it");
    (statement, key)
}

/// Two times of which the second is in the future.
fn statement_times(statement: &Statement) -> (u64, u64) {
    (statement.value().not_before, statement.value().not_after)
}

#[test]
fn a_collaboration_is_ready_when_all_joined_and_are_there() {
    let (place, _server) = world(600);
    let verify = [&["collaboration", "verify", "lung.toml"][..], &KEY].concat();
    let (code, text) = place.failed(&verify);
    let expected = "error: lung is not ready: north has not joined; south has not joined";
    assert_eq!((code, text.as_str()), (Some(4), expected));
    assert!(join(&place, "north").starts_with("north joined lung ("));
    let output = place.run(&[&verify[..], &["--json"]].concat());
    let found: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!((output.status.code(), &found["ready"]), (Some(4), &false.into()));
    let [north, south] = [0, 1].map(|index| &found["organizations"][index]);
    assert_eq!((&north["joined"], &north["key"]), (&true.into(), &1.into()));
    assert_eq!((&south["joined"], &south["node"]), (&false.into(), &false.into()));
    let (_, text) = place.failed(&verify);
    assert!(text.ends_with("the node of north is not there; south has not joined"), "{text}");
}

#[test]
fn a_member_that_is_not_registered_is_named() {
    let (place, server) = world(600);
    let west = place.organization("west");
    let new = ["collaboration", "new", "west.toml", "--name", "west", "--server", &server.origin];
    let west = format!("west={west}");
    let members = ["--organization", "north=north/1/statement.pem", "--organization", &west];
    place.done(&[&new[..], &members].concat());
    let (code, text) = place.failed(&[&["collaboration", "join", "west.toml"][..], &KEY].concat());
    assert_eq!(code, Some(4));
    assert!(text.ends_with("hint: `anchorhold org register` makes it known"), "{text}");
    let (_, text) = place.failed(&[&["collaboration", "verify", "west.toml"][..], &KEY].concat());
    assert!(text.contains("north has not joined; west is not registered"), "{text}");
    let key = ["--org", "west", "--passphrase-file", "secret"];
    let (code, text) = place.failed(&[&["collaboration", "join", "west.toml"][..], &key].concat());
    assert_eq!(code, Some(4));
    assert!(text.contains("hint: `anchorhold org register` makes the organization"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_seen_waited_for_and_killed() {
    let (place, _server) = world(600);
    join(&place, "north");
    join(&place, "south");
    let (task, run) = submit(&place).await;
    let (task, run) = (task.to_string(), run.to_string());
    let done = |verb: &[&str]| place.done(&[verb, &KEY, &OF].concat());
    let failed = |verb: &[&str]| place.failed(&[verb, &KEY, &OF].concat());

    let shown = json(&place, &[&["task", "show", &task][..], &KEY, &OF].concat());
    assert_eq!((&shown["state"], &shown["run"]), (&"running".into(), &run.as_str().into()));
    let text = done(&["task", "show", &task]);
    assert!(text.contains("collaboration  lung\nrequester      north"), "{text}");
    assert!(text.ends_with("0 north (party)  offered\n  1 south (party)  offered"), "{text}");
    let listed = done(&["task", "list", "--run", &run]);
    assert!(listed.starts_with(&format!("{task}  running  ")), "{listed}");
    assert!(listed.ends_with("nothing@0.1.0 for north"), "{listed}");
    assert!(done(&["run", "list"]).starts_with(&format!("{run}  of north, 1 task, open to ")));
    assert!(done(&["algorithm", "list"]).contains("nothing@0.1.0, "));

    let (code, text) = failed(&["task", "result", &task, "--party", "south"]);
    assert_eq!(code, Some(3));
    assert!(text.starts_with("error: the execution of south has not ended\nhint: "), "{text}");
    let (code, text) = failed(&["task", "result", &task, "--party", "west"]);
    assert_eq!((code, text.as_str()), (Some(3), "error: west takes no part in this task"));
    let (code, text) = failed(&["run", "close", &run]);
    assert_eq!(code, Some(4));
    assert!(text.contains("hint: `anchorhold task wait ID` waits for them"), "{text}");
    interrupted(&place, &task);

    let killed = done(&["task", "kill", &task]);
    assert!(killed.starts_with(&format!("task {task} is killed; it is ")), "{killed}");
    let south = ["--org", "south", "--passphrase-file", "secret"];
    let (code, text) = place.failed(&[&["task", "kill", &task][..], &south, &OF].concat());
    assert_eq!((code, text.contains("this is not for this")), (Some(4), true), "{text}");
    let wait = [&["task", "wait", &task][..], &south, &OF].concat();
    let (code, text) = place.failed(&wait);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("south did not ask for task"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_whose_nodes_do_not_come_is_lost_as_the_server_says() {
    let (place, server) = world(1);
    join(&place, "north");
    join(&place, "south");
    let (task, run) = submit(&place).await;
    let (task, run) = (task.to_string(), run.to_string());
    let wait = [&["task", "wait", &task][..], &KEY, &OF].concat();
    let (code, text) = place.failed(&wait);
    assert_eq!(code, Some(5));
    let expected = "error: the node of north did not come or went away, as the server says; one \
                    more party did not finish";
    assert!(text.ends_with(expected), "{text}");
    assert!(text.contains("south: lost\n"), "{text}");
    let output = place.run(&[&["task", "result", &task, "--json"][..], &KEY, &OF].concat());
    assert_eq!(output.status.code(), Some(5));
    let said: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(said["run"], run);
    assert_eq!(
        (&said["parties"][1]["ending"], &said["parties"][1]["told_by"]),
        (&"lost".into(), &"server".into())
    );

    let close = [&["run", "close", &run][..], &KEY, &OF].concat();
    assert_eq!(place.done(&close), format!("run {run} is closed, with 1 task"));
    assert_eq!(place.done(&close), format!("run {run} is closed, with 1 task"));
    let listed = place.done(&[&["run", "list"][..], &KEY, &OF].concat());
    assert_eq!(listed, format!("{run}  of north, 1 task, closed"));
    // To end what has ended changes nothing.
    let killed = place.done(&[&["task", "kill", &task][..], &KEY, &OF].concat());
    assert_eq!(killed, format!("task {task} had ended before; it is failed"));
    assert_eq!(server.terminate(), Some(0));
}

/// Interrupts a wait: the task goes on.
fn interrupted(place: &Place, task: &str) {
    let wait = [&["task", "wait", task][..], &KEY, &OF].concat();
    let mut waiting = place.command(&wait);
    let mut waiting = waiting.stderr(Stdio::piped()).spawn().expect("it runs");
    let mut lines = BufReader::new(waiting.stderr.take().expect("it is piped")).lines();
    let mut line = || lines.next().expect("it says more").expect("it is text");
    assert_eq!([line(), line()], ["north: offered", "south: offered"]);
    let kill = Command::new("kill").args(["-INT", &waiting.id().to_string()]).status();
    assert!(kill.expect("it runs").success());
    assert_eq!(line(), "error: interrupted");
    assert!(line().starts_with(&format!("hint: the task goes on: `anchorhold task wait {task}`")));
    assert_eq!(waiting.wait().expect("it ends").code(), Some(130));
}
