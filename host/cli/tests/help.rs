//! What the command says of itself, compared with committed files: a change is a visible
//! difference. To accept it, run the test with `UPDATE_SNAPSHOTS=1`.

use std::env;
use std::fs;
use std::path::Path;

use anchorhold::Cli;
use clap::{Command, CommandFactory as _};

#[test]
fn help_is_as_committed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help");
    let mut command = Cli::command().term_width(80);
    command.build();
    let mut texts = Vec::new();
    collect(command, "", &mut texts);

    let update = env::var_os("UPDATE_SNAPSHOTS").is_some();
    for (name, text) in &texts {
        let path = folder.join(format!("{name}.txt"));
        if update {
            fs::write(&path, text).expect("the folder is there");
        }
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(&committed, text, "help of `{name}` differs from {}", path.display());
    }
    let files = fs::read_dir(folder).expect("the folder is there").count();
    assert_eq!(files, texts.len(), "there is a file for each command and no other");
}

/// Collects the help of a command and of all commands below it, under names with hyphens.
fn collect(mut command: Command, above: &str, texts: &mut Vec<(String, String)>) {
    let name = format!("{above}{}", command.get_name());
    let lines = command.render_long_help().to_string();
    let lines: Vec<&str> = lines.lines().map(str::trim_end).collect();
    texts.push((name.clone(), lines.join("\n") + "\n"));
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        collect(below.clone(), &format!("{name}-"), texts);
    }
}
