//! Puts what it is given everywhere that it can: arguments and data into storage, messages, log and
//! result.

use anchorhold_test_guests::{Guest, description, export, messaging, storage, types};

struct Component;

impl Guest for Component {
    fn describe() -> types::Description {
        let column =
            types::Column { name: "name".into(), type_: types::ColumnType::Utf8, nullable: false };
        let dataset = types::Dataset {
            name: "patients".into(),
            roles: Vec::new(),
            columns: vec![column],
            columns_by_argument: false,
            file: false,
        };
        types::Description { datasets: vec![dataset], ..description() }
    }

    fn run(task: types::Task) -> Result<Vec<u8>, String> {
        let mut given = task.arguments.clone();
        given.extend(storage::get("data/patients/batch/00000000").ok_or("no data")?);
        let text = String::from_utf8_lossy(&task.arguments).into_owned();
        println!("{text}");
        storage::set("kept", &given).map_err(|error| format!("{error:?}"))?;
        for party in task.parties.iter().filter(|party| party.seat != task.seat) {
            messaging::send_message(party.seat, "marked", &given)
                .map_err(|error| format!("{error:?}"))?;
        }
        for party in task.parties.iter().filter(|party| party.seat != task.seat) {
            let message = messaging::receive_message(Some(party.seat), None, None);
            given.extend(message.map_err(|error| format!("{error:?}"))?.body);
        }
        Ok(given)
    }
}

export!(Component with_types_in anchorhold_test_guests::bindings);
