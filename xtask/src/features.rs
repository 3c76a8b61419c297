//! The facade with no format at all and with each format alone; all together is what the whole
//! workspace is tested with.

use anyhow::Context;

use crate::cargo::{Cargo, metadata};

/// Builds the facade and runs its tests for each choice of features.
pub(crate) fn run() -> anyhow::Result<()> {
    let facade = ["test", "-p", "transmog", "--no-default-features"];
    Cargo::new(facade).run()?;
    for feature in formats(&metadata()?)? {
        Cargo::new(facade)
            .args(["--features", feature.as_str()])
            .run()?;
    }
    Ok(())
}

/// The facade's default features: one for each format that it brings.
fn formats(metadata: &serde_json::Value) -> anyhow::Result<Vec<String>> {
    let facade = metadata["packages"]
        .as_array()
        .and_then(|packages| {
            packages
                .iter()
                .find(|package| package["name"] == "transmog")
        })
        .context("the workspace has no crate transmog")?;
    let default = facade["features"]["default"]
        .as_array()
        .context("transmog has no default features")?;
    Ok(default
        .iter()
        .filter_map(|name| Some(name.as_str()?.to_owned()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formats_are_the_default_features_of_the_facade() {
        let names = formats(&metadata().unwrap()).unwrap();
        assert!(names.contains(&"csv".to_owned()), "{names:?}");
    }
}
