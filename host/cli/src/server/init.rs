//! `anchorhold server init`: a folder for a server.

use std::fs::{self, File};
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

use super::CONFIG;
use crate::CommandError;

/// Makes a folder with a configuration for a server
#[derive(Debug, clap::Args)]
pub(crate) struct Init {
    /// Folder to make
    folder: PathBuf,
    /// Where the server is to listen; port 0 takes any free one
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Init {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<(), CommandError> {
        let path = self.folder.join(CONFIG);
        let problem = |error: io::Error| {
            CommandError::input(format!("{} cannot be made: {error}", path.display()))
        };
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
        made.map_err(problem)?;
        let mut file = File::create_new(&path).map_err(problem)?;
        file.write_all(sample(self.listen).as_bytes()).map_err(problem)?;
        if self.json {
            writeln!(out, "{:#}", serde_json::json!({ "configuration": path }))?;
        } else {
            writeln!(out, "configuration  {}", path.display())?;
        }
        Ok(())
    }
}

fn sample(listen: SocketAddr) -> String {
    format!(
        "# Where the server listens. Without TLS only an address of this machine is taken.\n\
         listen = \"{listen}\"\n\
         \n\
         # How nodes and people reach it, if otherwise than as http:// and the address above.\n\
         # origin = \"https://anchorhold.example.org\"\n\
         \n\
         # Where it keeps what it knows: organizations, tasks, and what is sealed for others.\n\
         database = \"server.db\"\n\
         \n\
         # After how many seconds without a link the executions of a node are lost.\n\
         # lost_after = 60\n\
         \n\
         # The certificate, without which only this machine is served. Paths begin here.\n\
         # [tls]\n\
         # certificate = \"cert.pem\"\n\
         # key = \"key.pem\"\n"
    )
}

#[cfg(test)]
mod tests {
    use anchorhold_server::Config;

    use super::*;

    #[test]
    fn the_sample_is_a_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(CONFIG);
        let listen = "127.0.0.1:8080".parse().unwrap();
        let all = sample(listen).replace("# origin", "origin").replace("# lost", "lost");
        let all = all.replace("# [tls]", "[tls]").replace("# certificate", "certificate");
        for text in [sample(listen), all.replace("# key", "key")] {
            fs::write(&path, text).unwrap();
            let config = Config::read(&path).unwrap();
            assert_eq!(config.listen, listen);
            assert_eq!(config.database, folder.path().join("server.db"));
        }
    }
}
