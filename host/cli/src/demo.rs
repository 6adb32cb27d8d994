//! `anchorhold demo`: a server and a node for each organization as processes of their own, set up
//! and asked by the same commands that anybody would type, which are shown.

mod learned;
mod processes;

use std::io::Write;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::error::say;
use crate::signals::{interrupted, interruption};
use crate::{CommandError, runtime};
use processes::{Background, command};

/// Computes together on this machine, with a server and a node for each organization
///
/// Server and nodes are processes of their own, with folders and keys of their own, and the task is
/// submitted over HTTP. All commands are shown. Everything is stopped at the end, and its folder
/// removed.
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// The component
    #[arg(value_name = "FILE.wasm")]
    component: PathBuf,
    /// An organization's dataset, a CSV file; the organization is called as the file
    #[arg(long, value_name = "FILE.csv", required = true)]
    data: Vec<PathBuf>,
    /// What the algorithm calls the dataset
    #[arg(long, value_name = "NAME", default_value = "patients")]
    dataset: String,
    /// The arguments, JSON or @FILE
    #[arg(long, value_name = "JSON", default_value = "{}")]
    arguments: String,
    /// Keep server, nodes and keys in this new folder
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

/// One organization of the demo.
struct Organization {
    name: String,
    data: PathBuf,
    rows: usize,
    columns: Vec<String>,
}

/// Where the demo's files are.
struct Place {
    path: PathBuf,
    _temporary: Option<TempDir>,
}

impl Demo {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let organizations = self.organizations()?;
        let component = absolute(&self.component)?;
        let place = self.place()?;
        let done = runtime()?.block_on(async {
            tokio::select! {
                done = self.show(out, &place.path, &organizations, &component) => done,
                () = interrupted()? => Err(interruption()),
            }
        });
        if self.folder.is_some() {
            say(&format!("everything is in {}", place.path.display()));
        }
        done
    }

    /// Does it step by step. Dropping the future kills all processes.
    async fn show(
        &self,
        out: &mut dyn Write,
        folder: &Path,
        organizations: &[Organization],
        component: &Path,
    ) -> Result<(), CommandError> {
        let text = |path: &Path| path.display().to_string();
        let component = text(component);
        writeln!(out, "# A server, and an administrator's token\n")?;
        command(folder, out, &["server", "init", "server", "--listen", "127.0.0.1:0"]).await?;
        let server = Background::start(folder, out, "server", &["server", "run", "server"]).await?;
        let origin = server.said().trim_start_matches("listening on ").to_owned();
        let token = command(folder, out, &["server", "token", "server", "--name", "admin"]).await?;
        processes::private(&folder.join("admin.token"), &token)?;

        writeln!(out, "\n# Each organization makes its keys and is made known to the server\n")?;
        let mut members = Vec::new();
        for Organization { name, .. } in organizations {
            let passphrase = format!("{name}.passphrase");
            processes::private(&folder.join(&passphrase), &processes::random())?;
            let root = format!("{name}-root.passphrase");
            processes::private(&folder.join(&root), &processes::random())?;
            let line = ["org", "new", name, "--name", name, "--passphrase-file", &passphrase];
            let line = [&line[..], &["--root-passphrase-file", &root]].concat();
            command(folder, out, &line).await?;
            let line =
                ["org", "register", name, "--server", &origin, "--token-file", "admin.token"];
            command(folder, out, &line).await?;
            members.push(format!("{name}={name}/1/statement.pem"));
        }

        writeln!(out, "\n# They agree on a collaboration, and each joins it\n")?;
        let mut line = vec!["collaboration", "new", "demo.toml", "--name", "demo"];
        line.extend(["--server", &origin, "--algorithm", &component]);
        members.iter().for_each(|member| line.extend(["--organization", member]));
        command(folder, out, &line).await?;
        for Organization { name, .. } in organizations {
            let passphrase = format!("{name}.passphrase");
            let line = ["collaboration", "join", "demo.toml", "--org", name];
            command(folder, out, &[&line[..], &["--passphrase-file", &passphrase]].concat())
                .await?;
        }

        writeln!(out, "\n# Each operator says what may run on which columns, and starts a node\n")?;
        let mut nodes = Vec::new();
        for organization in organizations {
            let node = format!("{}-node", organization.name);
            self.configure(&folder.join(&node), organization, organizations, &component)?;
            command(folder, out, &["node", "check", &node]).await?;
            nodes.push(Background::start(folder, out, &node, &["node", "run", &node]).await?);
        }

        let requester = &organizations[0].name;
        writeln!(out, "\n# {requester} asks all of them to compute together\n")?;
        let arguments = match self.arguments.strip_prefix('@') {
            Some(file) => format!("@{}", text(&absolute(Path::new(file))?)),
            None => self.arguments.clone(),
        };
        let parties: Vec<_> =
            organizations.iter().map(|one| format!("{}={}", one.name, self.dataset)).collect();
        let passphrase = format!("{requester}.passphrase");
        let mut line = vec!["task", "submit", "--collaboration", "demo.toml", "--org", requester];
        line.extend(["--passphrase-file", &passphrase, "--algorithm", &component]);
        parties.iter().for_each(|party| line.extend(["--party", party]));
        line.extend(["--arguments", &arguments, "--wait", "--keep-run"]);
        let result = command(folder, out, &line).await?;
        drop(result);

        learned::organizations(out, folder, organizations, &component).await?;
        learned::server(out, folder, organizations.len()).await?;

        for background in nodes.into_iter().chain([server]) {
            background.stop().await?;
        }
        writeln!(out, "\n# Server and nodes are stopped")?;
        Ok(())
    }

    /// Writes a node's configuration: what may run there and what it may read.
    fn configure(
        &self,
        folder: &Path,
        organization: &Organization,
        organizations: &[Organization],
        component: &str,
    ) -> Result<(), CommandError> {
        let strings = |texts: &[String]| {
            let texts = texts.iter().map(|text| toml::Value::from(text.as_str()).to_string());
            texts.collect::<Vec<_>>().join(", ")
        };
        let names: Vec<_> = organizations.iter().map(|one| one.name.clone()).collect();
        let digest = processes::digest(Path::new(component))?;
        let text = format!(
            "organization = \"../{name}\"\n\
             collaboration = \"../demo.toml\"\n\
             passphrase_file = \"../{name}.passphrase\"\n\
             executions = 10\n\
             \n\
             [[dataset]]\n\
             name = \"{dataset}\"\n\
             file = {file}\n\
             \n\
             [[allow]]\n\
             algorithm = \"{digest}\"\n\
             requesters = [{names}]\n\
             datasets = {{ {dataset} = [{columns}] }}\n\
             minimum_rows = 10\n\
             minimum_parties = 3\n\
             error_text = true\n",
            name = organization.name,
            dataset = self.dataset,
            file = toml::Value::from(organization.data.display().to_string()),
            names = strings(&names),
            columns = strings(&organization.columns),
        );
        let made = std::fs::create_dir(folder)
            .and_then(|()| std::fs::write(folder.join("node.toml"), text));
        made.map_err(|error| CommandError::input(format!("{}: {error}", folder.display())))
    }

    /// Looks at the organizations' files.
    fn organizations(&self) -> Result<Vec<Organization>, CommandError> {
        if self.data.len() > 16 {
            return Err(CommandError::input("a demo has at most 16 organizations"));
        }
        self.data.iter().map(|path| Organization::new(path)).collect()
    }

    fn place(&self) -> Result<Place, CommandError> {
        let problem = |error| CommandError::input(format!("the demo's folder: {error}"));
        if let Some(folder) = &self.folder {
            std::fs::create_dir(folder).map_err(problem)?;
            return Ok(Place { path: absolute(folder)?, _temporary: None });
        }
        let folder = tempfile::Builder::new().prefix("anchorhold-demo-").tempdir();
        let folder = folder.map_err(problem)?;
        Ok(Place { path: folder.path().to_owned(), _temporary: Some(folder) })
    }
}

impl Organization {
    fn new(path: &Path) -> Result<Self, CommandError> {
        let data = absolute(path)?;
        let wrong = |problem: &dyn std::fmt::Display| {
            CommandError::input(format!("{}: {problem}", path.display()))
        };
        let text = std::fs::read_to_string(&data).map_err(|error| wrong(&error))?;
        let mut lines = text.lines();
        let header = lines.next().ok_or_else(|| wrong(&"the file is empty"))?;
        let columns = header.split(',').map(|name| name.trim().trim_matches('"').to_owned());
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        Ok(Self { name, rows: lines.count(), columns: columns.collect(), data })
    }
}

fn absolute(path: &Path) -> Result<PathBuf, CommandError> {
    path.canonicalize().map_err(|error| CommandError::input(format!("{}: {error}", path.display())))
}
