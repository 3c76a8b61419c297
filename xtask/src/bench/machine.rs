//! Where and when something was measured.

use std::{fs, process::Command, thread, time::SystemTime};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::tree;

/// The day, as it is now.
pub(crate) fn date() -> String {
    #[expect(
        clippy::disallowed_methods,
        reason = "figures are kept with the day on which they were measured"
    )]
    let now: DateTime<Utc> = SystemTime::now().into();
    now.date_naive().to_string()
}

/// The commit, with a sign if there are changes that it does not have.
pub(crate) fn commit() -> String {
    let git = |words: &[&str]| {
        let output = Command::new("git")
            .args(words)
            .current_dir(tree::root())
            .output();
        let text = output.ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&text.stdout).trim().to_owned())
    };
    let Some(commit) = git(&["rev-parse", "--short=10", "HEAD"]) else {
        return "unknown".to_owned();
    };
    match git(&["status", "--porcelain", "--untracked-files=no"]) {
        Some(changes) if changes.is_empty() => commit,
        _ => commit + "-changed",
    }
}

/// What the machine is. Where the system does not say it in files, it is unknown.
pub(crate) fn machine() -> Value {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = value(&read("/proc/cpuinfo"), "model name");
    let memory = value(&read("/proc/meminfo"), "MemTotal");
    let kib = memory.as_deref().and_then(|text| text.split(' ').next());
    let mib = kib
        .and_then(|kib| kib.parse::<u64>().ok())
        .map(|kib| kib >> 10);
    json!({
        "cpu": cpu.unwrap_or_else(|| "unknown".to_owned()),
        "cores": thread::available_parallelism().map_or(1, usize::from),
        "memory_mib": mib,
        "system": std::env::consts::OS,
        "load": read("/proc/loadavg").split(' ').next(),
    })
}

/// What stands behind the first `name :` of a text.
fn value(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_behind_colons() {
        let text = "processor\t: 0\nmodel name\t: A B: C\nmodel name\t: D\n";
        assert_eq!(value(text, "model name").as_deref(), Some("A B: C"));
        assert_eq!(value(text, "model"), None);
    }

    #[test]
    fn a_day_is_ten_characters() {
        assert_eq!(date().len(), 10);
        assert!(date().starts_with("20"));
    }
}
