use super::*;

fn accepted(task: u8, ordinal: u32) -> Accepted {
    Accepted {
        task: TaskId::from_bytes([task; 32]),
        run: RunId::from_bytes([9; 32]),
        ordinal,
        requester: Fingerprint::of(&[7; 32]),
        algorithm: Digest::of(b"component"),
        datasets: vec!["patients".into()],
        seat: Seat(0),
        created: 1,
        deadline: 2,
        at: 1,
    }
}

#[test]
fn of_key_statements_the_highest_number_counts_and_two_with_one_number_are_an_alarm() {
    use anchorhold_identity::{OrganizationKey, RootKey};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let (root, key) = (RootKey::generate(), OrganizationKey::generate(3072));
    let state = |number, until| root.state("north", number, &key, (1, until));
    let organization = state(1, 9).organization();
    let journal = Journal::open(&path, 10).unwrap();
    for number in [1, 1, 3] {
        assert_eq!(journal.see(&state(number, 9)).unwrap(), Ok(()));
    }
    drop(journal);
    let journal = Journal::open(&path, 10).unwrap();
    let superseded = StatementAlarm::Superseded(organization, 3);
    assert_eq!(journal.see(&state(2, 9)).unwrap(), Err(superseded));
    let two = StatementAlarm::Two(organization, 3);
    assert_eq!(journal.see(&state(3, 8)).unwrap(), Err(two));
    assert_eq!(journal.see(&state(3, 9)).unwrap(), Ok(()));
}

#[test]
fn the_tasks_of_a_requester_on_a_dataset_are_counted_but_not_refused_ones() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let journal = Journal::open(&path, 10).unwrap();
    let (requester, algorithm) = (Fingerprint::of(&[7; 32]), Digest::of(b"component"));
    let other = accepted(0, 0);
    for accepted in [
        accepted(1, 1),
        Accepted { at: 4, ..accepted(2, 2) },
        accepted(3, 3),
        Accepted { requester: Fingerprint::of(&[8; 32]), ..accepted(4, 4) },
        Accepted { algorithm: Digest::of(b"other"), ..accepted(5, 5) },
        Accepted { datasets: vec!["visits".into()], ..other },
    ] {
        journal.accept(accepted).unwrap();
    }
    journal.end(TaskId::from_bytes([1; 32]), ExecutionState::Failed, 5).unwrap();
    journal.end(TaskId::from_bytes([3; 32]), ExecutionState::Refused, 5).unwrap();
    let count = |journal: &Journal, since| journal.count(&requester, &algorithm, "patients", since);
    assert_eq!([0, 2, 5].map(|since| count(&journal, since)), [2, 1, 0]);
    drop(journal);
    assert_eq!(count(&Journal::open(&path, 10).unwrap(), 0), 2, "after a restart");
}

#[test]
fn a_task_is_taken_on_once_whatever_was_restarted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let run = RunId::from_bytes([9; 32]);
    let knows = |journal: &Journal, task, ordinal| {
        journal.knows(TaskId::from_bytes([task; 32]), run, ordinal)
    };
    let journal = Journal::open(&path, 10).unwrap();
    assert_eq!(knows(&journal, 1, 0), Known::No);
    journal.accept(accepted(1, 0)).unwrap();
    journal.accept(accepted(2, 3)).unwrap();
    journal.end(TaskId::from_bytes([1; 32]), ExecutionState::Finished, 5).unwrap();
    journal.end(TaskId::from_bytes([5; 32]), ExecutionState::Refused, 5).unwrap();
    assert_eq!(knows(&journal, 1, 0), Known::Yes(ExecutionState::Finished));
    assert_eq!(knows(&journal, 2, 3), Known::Yes(ExecutionState::Running));
    drop(journal);

    let journal = Journal::open(&path, 10).unwrap();
    for (task, ordinal) in [(1, 0), (2, 3), (5, 9)] {
        assert_eq!(knows(&journal, task, ordinal), Known::Earlier);
    }
    assert_eq!(knows(&journal, 3, 2), Known::Passed, "a later one was taken on");
    assert_eq!(knows(&journal, 3, 4), Known::No);
    assert_eq!(journal.interrupted(), [accepted(2, 3)]);
    assert_eq!(journal.requester(&run), Some(Fingerprint::of(&[7; 32])));
    journal.close(run, 6).unwrap();
    assert_eq!(knows(&journal, 3, 4), Known::Passed);
    assert!(journal.is_closed(&run));
    // The first end counts.
    let refused = TaskId::from_bytes([5; 32]);
    journal.end(refused, ExecutionState::Failed, 5).unwrap();
    assert_eq!(journal.state(&refused), Some(ExecutionState::Refused));
    let open =
        |task, ordinal| Accepted { run: RunId::from_bytes([8; 32]), ..accepted(task, ordinal) };
    journal.accept(open(6, 0)).unwrap();
    journal.accept(open(7, 1)).unwrap();
    journal.end(TaskId::from_bytes([7; 32]), ExecutionState::Finished, 5).unwrap();
    drop(journal);

    let journal = Journal::open(&path, REMEMBERED + 7).unwrap();
    assert_eq!(knows(&journal, 1, 0), Known::No, "it is a year ago");
    assert_eq!(journal.interrupted(), [open(6, 0)], "its run was not closed");
    assert_eq!(journal.state(&TaskId::from_bytes([7; 32])), Some(ExecutionState::Finished));
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 3);
}

#[test]
fn what_was_spent_is_never_forgotten_and_no_budget_is_overdrawn() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let of = |epsilon, delta| Spend { epsilon, delta };
    let budget = Some(of(1.0, 1e-5));
    let task = |byte| TaskId::from_bytes([byte; 32]);
    let both = [("patients".to_owned(), budget), ("visits".to_owned(), None)];
    let journal = Journal::open(&path, 10).unwrap();
    journal.accept(accepted(1, 1)).unwrap();
    assert_eq!(journal.spend(task(1), &both, of(0.6, 1e-6), 5).unwrap(), Ok(()));
    journal.end(task(1), ExecutionState::Failed, 6).unwrap();
    journal.close(RunId::from_bytes([9; 32]), 7).unwrap();
    drop(journal);

    // Two years later nothing else is known of the task.
    let journal = Journal::open(&path, 10 + 2 * REMEMBERED).unwrap();
    assert_eq!(journal.state(&task(1)), None);
    for asked in [of(0.5, 0.0), of(0.0, 9.5e-6)] {
        let refusal = Refusal::Budget {
            dataset: "patients".into(),
            budget: of(1.0, 1e-5),
            spent: of(0.6, 1e-6),
            asked,
        };
        assert_eq!(journal.spend(task(2), &both, asked, 8).unwrap(), Err(refusal));
    }
    assert_eq!(journal.spend(task(3), &both[1..], of(9.0, 0.5), 8).unwrap(), Ok(()));
    assert_eq!(journal.spend(task(4), &both[..1], of(0.4, 9e-6), 8).unwrap(), Ok(()));
    let spent = spent(folder.path()).unwrap();
    assert_eq!(spent["patients"].to_string(), "epsilon 1, delta 1e-5");
    assert_eq!(spent["visits"].to_string(), "epsilon 9.6, delta 0.500001");
}
