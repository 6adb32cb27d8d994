//! Where a server is.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use url::{Host, Url};

/// Where a server is: `https://HOST[:PORT]`, or `http://` and an address of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    text: String,
    local: bool,
}

/// A text that is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidOrigin {
    /// It is not of the form.
    #[error(
        "{0:?} is no server: expected https://HOST or http://127.0.0.1:PORT, and nothing after it"
    )]
    Form(String),
    /// Others could read what passes.
    #[error("{0:?} is reached without TLS, where others could read what passes: expected https://")]
    Open(String),
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let form = || InvalidOrigin::Form(text.chars().take(200).collect());
        let url = Url::parse(text).map_err(|_| form())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let host = url.host().filter(|_| bare && url.username().is_empty()).ok_or_else(form)?;
        let local = match host {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => IpAddr::from(address).is_loopback(),
            Host::Ipv6(address) => IpAddr::from(address).is_loopback(),
        };
        match url.scheme() {
            "https" => {}
            "http" if local => {}
            "http" => return Err(InvalidOrigin::Open(text.to_owned())),
            _ => return Err(form()),
        }
        Ok(Self { text: url.origin().ascii_serialization(), local })
    }
}

impl Origin {
    /// Says whether it is an address of this machine, to which no proxy leads.
    pub fn is_local(&self) -> bool {
        self.local
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_have_one_form() {
        for (text, expected) in [
            ("https://Example.org", "https://example.org"),
            ("https://example.org:443/", "https://example.org"),
            ("https://example.org:8443", "https://example.org:8443"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://localhost:8080", "http://localhost:8080"),
        ] {
            let origin = text.parse::<Origin>().unwrap();
            assert_eq!(
                (&*origin.to_string(), origin.is_local()),
                (expected, text.starts_with("http:"))
            );
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in
            ["", "example.org", "ftp://example.org", "https://a/b", "https://a?b", "https://u@a"]
        {
            let error = text.parse::<Origin>().unwrap_err();
            assert_eq!(error, InvalidOrigin::Form(text.into()), "{text}");
        }
        for text in ["http://example.org", "http://10.0.0.1:80", "http://127.0.0.1.example.org"] {
            let error = text.parse::<Origin>().unwrap_err();
            assert_eq!(error, InvalidOrigin::Open(text.into()), "{text}");
        }
    }
}
