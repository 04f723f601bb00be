//! Blocks of variables that a document offers for copying, with files that hold what the variables say.

use std::ffi::OsString;
use std::path::Path;

use laredo::config::{Config, documentation};
use serde_json::json;
use tempfile::TempDir;

use crate::keys::{certificate, rsa, rsa_jwk};

/// One block: the variables as they stand there.
pub struct Block<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Block<'a> {
    pub fn read(code: &'a str) -> Self {
        let variables = code.lines().map(|line| line.split_once('=').expect(line));
        Self(variables.collect())
    }

    /// Those that no page tells of. `LAREDO_<NAME>_…` is known for each name in `LAREDO_PROVIDERS`.
    pub fn unknown(&self) -> Vec<&'a str> {
        let page = documentation();
        let names = self.0.iter().map(|(name, _)| *name);
        let is_unknown = |name: &&str| !page.contains(&format!("| `{}`", self.generic(name)));
        names.filter(is_unknown).collect()
    }

    /// The longest name counts: that of another may be the beginning of it.
    fn generic(&self, variable: &str) -> String {
        let named = self.0.iter().find(|(name, _)| *name == "LAREDO_PROVIDERS");
        let providers = named.map_or("", |(_, providers)| providers).split(',');
        let prefixes = providers.map(|name| format!("LAREDO_{}_", name.to_uppercase()));
        let fitting = prefixes.filter(|prefix| variable.starts_with(prefix));
        let longest = fitting.max_by_key(String::len).unwrap_or_default();
        match variable.strip_prefix(&longest) {
            Some(rest) if !longest.is_empty() => format!("LAREDO_<NAME>_{rest}"),
            _ => variable.to_owned(),
        }
    }

    /// What the daemon makes of the block, with files made for it.
    pub fn config(&self) -> Config {
        let folder = TempDir::new().unwrap();
        let environment = self.0.iter().map(|(name, text)| {
            let value = match name.strip_suffix("_FILE") {
                Some(kind) => self.file(folder.path(), kind),
                None => OsString::from(text),
            };
            (OsString::from(name), value)
        });
        Config::read(environment).unwrap_or_else(|problems| panic!("{problems}"))
    }

    fn file(&self, folder: &Path, kind: &str) -> OsString {
        let key_is_apart = self
            .0
            .iter()
            .any(|(name, _)| name.contains("_CERTIFICATE_KEY"));
        let text = match kind {
            _ if kind.ends_with("_SECRET") => "hunter2".to_owned(),
            _ if kind.ends_with("JWK") => rsa_jwk(0, json!({"kid": "a"})).to_string(),
            _ if kind.ends_with("_CERTIFICATE") && key_is_apart => certificate(rsa(0), 2100),
            _ if kind.ends_with("_CERTIFICATE") => {
                certificate(rsa(0), 2100) + &rsa(0).serialize_pem()
            }
            _ if kind.ends_with("_CERTIFICATE_KEY") => rsa(0).serialize_pem(),
            _ if kind.ends_with("_FEDERATED_TOKEN") => "eyJhbGciOiJSUzI1NiJ9.e30.c2ln".to_owned(),
            other => panic!("what is in {other}_FILE?"),
        };
        let path = folder.join(kind);
        std::fs::write(&path, text).unwrap();
        path.into_os_string()
    }
}
