//! Runs a guest in whatever address space this process has, and says where its memory came from.

use anchorhold_model::{Ending, Limits};
use anchorhold_tests::{NEIGHBOUR, Parties, engine, prepare};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let neighbour = prepare(NEIGHBOUR).await.expect("it is well-behaved");
    let outcome = Parties::new(3).run(&neighbour, &Limits::default()).await;
    let finished = |ending: &Ending| *ending == Ending::Finished(b"3".to_vec());
    assert!(outcome.endings.iter().all(finished), "{:?}", outcome.endings);
    println!("{:?}", engine().allocation());
}
