//! Holds the workspace to its layers: crates depend one way, and so do the folders within a crate.

use std::path::Path;

mod crates;
mod folders;
mod imports;

/// Everything that breaks the layers.
pub(crate) fn problems(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut problems = crates::problems(root)?;
    problems.extend(folders::problems(root)?);
    Ok(problems)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    #[test]
    fn the_workspace_keeps_its_layers() {
        assert_eq!(problems(&tree::root()).unwrap(), Vec::<String>::new());
    }
}
