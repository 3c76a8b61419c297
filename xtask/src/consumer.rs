//! A program outside the workspace that uses the facade: do formats register in it, whatever the
//! profile?
//!
//! Registration happens at link time, so a linker or an optimizer can lose it without a sign. The
//! same small program is run for each row of [`PROBES`]; it prints what it finds.

use std::fs;

use anyhow::{Context, ensure};

use crate::{
    cargo::{Cargo, metadata},
    step::say,
    tree,
};

/// The consumer's manifest, from the root of the repository.
pub(crate) const MANIFEST: &str = "tests/consumer/Cargo.toml";

struct Probe {
    profile: &'static str,
    features: &'static str,
    prints: &'static str,
}

const NO_FORMATS: &str = "formats: \n\
    csv: output format \"csv\" is not compiled in: enable the feature \"csv\" of transmog (compiled in: none)\n";
const ONLY_CSV: &str = "formats: csv\n\
    csv: found\n";

const PROBES: &[Probe] = &[
    // Nothing chosen: builds, and the error says what to do.
    Probe {
        profile: "dev",
        features: "",
        prints: NO_FORMATS,
    },
    // The negative control. A writer crate that stands in Cargo.toml but is named nowhere is not
    // linked; if this began to print a format, the rows below would prove nothing about the facade.
    Probe {
        profile: "dev",
        features: "unnamed-writer",
        prints: NO_FORMATS,
    },
    // A feature of the facade is enough, the program names no writer crate.
    Probe {
        profile: "dev",
        features: "csv",
        prints: ONLY_CSV,
    },
    Probe {
        profile: "release",
        features: "csv",
        prints: ONLY_CSV,
    },
    // One code unit for the whole program: what nobody seems to use is gone.
    Probe {
        profile: "release-fat-lto",
        features: "csv",
        prints: ONLY_CSV,
    },
];

/// Gives a program outside the workspace the workspace's lock file, and names the target folder
/// that it is to use: the same versions of everything, compiled once.
pub(crate) fn target_for(manifest: &str) -> anyhow::Result<String> {
    let root = tree::root();
    let lock = root.join(manifest).with_file_name("Cargo.lock");
    fs::copy(root.join("Cargo.lock"), &lock)
        .with_context(|| format!("cannot write {}", lock.display()))?;
    let metadata = metadata()?;
    let target = metadata["target_directory"].as_str();
    Ok(target.context("cargo names no target folder")?.to_owned())
}

/// Builds and runs the consumer for each probe.
pub(crate) fn run() -> anyhow::Result<()> {
    let target = target_for(MANIFEST)?;
    for probe in PROBES {
        let call = Cargo::new(["run", "--quiet", "--manifest-path", MANIFEST])
            .args(["--target-dir", &target])
            .args(["--profile", probe.profile, "--features", probe.features]);
        say(&format!("$ {call}"));
        let printed = call.output()?;
        ensure!(
            printed == probe.prints,
            "profile {}, features {:?}: the consumer printed {printed:?}, expected {:?}",
            probe.profile,
            probe.features,
            probe.prints
        );
    }
    Ok(())
}
