//! Everything that would keep a node from working, found before it starts.

use std::fs;
use std::path::{Path, PathBuf};

use anchorhold_client::{Client, CollaborationFile};
use anchorhold_identity::{OrganizationFolder, Passphrase, Statement};
use anchorhold_model::chain;

use crate::config::Config;
use crate::dataset::Dataset;
use crate::policy::Policy;

/// How far a clock may be off the server's, in seconds, before tasks are refused.
const CLOCK: u64 = 300;

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    /// What is wrong with it, or what was found.
    pub found: Result<String, String>,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Checked {
    /// Everything that was looked at.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Says whether nothing keeps the node from working.
    pub fn is_good(&self) -> bool {
        self.findings.iter().all(|finding| finding.found.is_ok())
    }

    /// Notes what was found; the value, where it was good.
    fn note<T, E: std::error::Error>(
        &mut self,
        what: &str,
        found: Result<(T, String), E>,
    ) -> Option<T> {
        let what = what.to_owned();
        let (value, found) = match found {
            Ok((value, text)) => (Some(value), Ok(text)),
            Err(error) => (None, Err(chain(&error))),
        };
        self.findings.push(Finding { what, found });
        value
    }

    fn note_text(&mut self, what: &str, found: Result<String, String>) {
        self.findings.push(Finding { what: what.to_owned(), found });
    }
}

impl Config {
    /// Looks at everything that a node needs: files, keys, datasets, rules and the server. It
    /// changes nothing and takes no task.
    pub async fn check(&self, passphrase: Option<&Passphrase>, now: u64) -> Checked {
        let mut checked = Checked::default();
        let file = CollaborationFile::read(&self.collaboration).map(|file| {
            let members = file.collaboration().members().len();
            let text = format!("{}, {members} members", file.collaboration().name());
            (file, text)
        });
        let file = checked.note("collaboration", file);
        let folder = OrganizationFolder::new(&self.organization);
        let own = folder.current().map(|own| {
            let text = format!("{}, key {}", own.value().name, own.value().number);
            (own, text)
        });
        let own = checked.note("organization", own);
        if let Some(own) = &own {
            checked.note("validity", own.check_time(now).map(|()| ((), "the key is valid".into())));
        }
        let key = match (&own, passphrase) {
            (Some(own), Some(passphrase)) => {
                let opened = folder.key(own, passphrase);
                checked.note("passphrase", opened.map(|key| (key, "it opens the key".into())))
            }
            _ => None,
        };
        checked.note_text("state", writable(&self.state));
        if let Some(file) = &file {
            if let Some(own) = &own {
                let member = file.member_name(&own.organization());
                let text = member.map(|name| format!("this node's organization is {name}"));
                checked.note_text(
                    "membership",
                    text.ok_or_else(|| format!("{} is no member", own.organization())),
                );
            }
            self.check_policy(file, &mut checked);
            if let (Some(own), Some(key)) = (&own, &key) {
                self.check_server((file, own, key), now, &mut checked).await;
            }
        }
        checked
    }

    fn check_policy(&self, file: &CollaborationFile, checked: &mut Checked) {
        let policy = Policy::new(self, file).map(|policy| {
            let rules = self.rules.len();
            let text = format!("{rules} rules, {} datasets", policy.datasets().count());
            (policy, text)
        });
        let Some(policy) = checked.note("policy", policy) else { return };
        if self.rules.is_empty() {
            let text = "there is no rule, so every task would be refused".into();
            checked.note_text("rules", Err(text));
        }
        for dataset in policy.datasets() {
            checked.note_text(&format!("dataset {}", dataset.name()), Ok(offered(&dataset)));
        }
    }

    async fn check_server(
        &self,
        (file, own, key): (&CollaborationFile, &Statement, &anchorhold_identity::OrganizationKey),
        now: u64,
        checked: &mut Checked,
    ) {
        let client = Client::new(file.server().clone(), None, self.ca_file.as_deref());
        let client = client.map(|client| (client, "calls can be made".into()));
        let Some(client) = checked.note("connection", client) else { return };
        let time = client.time().await.map(|time| (time, format!("{} answers", file.server())));
        let Some(time) = checked.note("server", time) else { return };
        let off = time.abs_diff(now);
        checked.note_text(
            "clock",
            match off {
                0..=CLOCK => Ok(format!("{off} s off the server's")),
                _ => Err(format!("this machine's clock is {off} s off the server's")),
            },
        );
        let signed_in = client.sign_in(&own.organization(), key).await;
        let signed_in = signed_in.map(|client| (client, "the server knows the key".into()));
        let Some(client) = checked.note("sign-in", signed_in) else { return };
        let id = file.collaboration().id();
        let status = client.collaboration(&id).await.map(|status| (status, format!("it is {id}")));
        let Some(status) = checked.note("collaboration at the server", status) else { return };
        let joined = status
            .members
            .iter()
            .any(|member| member.fingerprint == own.organization() && member.joined);
        let missing = || "not joined: `anchorhold collaboration join` does that".to_owned();
        checked.note_text("joined", joined.then(|| "yes".to_owned()).ok_or_else(missing));
    }
}

fn offered(dataset: &Dataset) -> String {
    match dataset.is_file() {
        true => dataset.size(),
        false => format!("{}, {} columns", dataset.size(), dataset.columns().len()),
    }
}

/// Says whether a folder, or the one in which it would be made, can be written to.
fn writable(path: &Path) -> Result<String, String> {
    let there: PathBuf = path
        .ancestors()
        .find(|path| path.exists())
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let there = if there.as_os_str().is_empty() { PathBuf::from(".") } else { there };
    match tempfile::tempfile_in(&there).and_then(|_| fs::metadata(&there)) {
        Ok(_) => Ok(format!("{} can be written to", path.display())),
        Err(error) => Err(format!("{} cannot be written to: {error}", there.display())),
    }
}
