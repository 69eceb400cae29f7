//! A certificate for 127.0.0.1 and localhost, made on the spot and thrown away with the process.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A self-signed certificate and its key in files of a folder of their own.
#[derive(Debug)]
pub struct Certificate {
    folder: PathBuf,
    chain: PathBuf,
    key: PathBuf,
}

impl Certificate {
    /// Makes one.
    pub fn make() -> io::Result<Self> {
        let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).map_err(io::Error::other)?;
        let folder =
            std::env::temp_dir().join(format!("meeting-gateway-demo-{:08x}", fastrand::u32(..)));
        create_private(&folder)?;
        let certificate = folder.join("certificate.pem");
        let key = folder.join("key.pem");
        fs::write(&certificate, made.cert.pem())?;
        fs::write(&key, made.signing_key.serialize_pem())?;
        Ok(Self {
            folder,
            chain: certificate,
            key,
        })
    }

    /// The certificate, to be trusted by a client.
    pub fn path(&self) -> &Path {
        &self.chain
    }

    /// The key.
    pub fn key_path(&self) -> &Path {
        &self.key
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        // What is left behind if this fails is worth nothing: nobody trusts it.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A new folder that only its owner can look into; one that exists already is not used.
fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
