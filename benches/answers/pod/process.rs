//! What a process takes of a node: memory as the kubelet counts it, and time on a core.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// A memory group for one process, where this system lets us make one; gone with the value.
pub(crate) struct Group(Option<PathBuf>);

impl Group {
    pub(crate) fn new() -> Self {
        let name = format!("laredo-bench-{}", std::process::id());
        let made = ["/sys/fs/cgroup", "/sys/fs/cgroup/memory"]
            .map(|root| PathBuf::from(root).join(&name))
            .into_iter()
            .find(|folder| {
                let made = std::fs::create_dir(folder).is_ok();
                let counts = folder.join("memory.stat").exists();
                if made && !counts {
                    let _ = std::fs::remove_dir(folder);
                }
                made && counts
            });
        Self(made)
    }

    /// A command that starts the program in the group.
    pub(crate) fn command(&self, program: &str) -> Command {
        let Some(folder) = &self.0 else {
            return Command::new(program);
        };
        let enter = format!("echo $$ >{}/cgroup.procs; exec \"$0\"", folder.display());
        let mut command = Command::new("sh");
        command.args(["-c", &enter, program]);
        command
    }

    /// Usage less inactive files, in KiB.
    fn working_set(&self) -> Option<u64> {
        let folder = self.0.as_ref()?;
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
        let usage = read("memory.current").or_else(|| read("memory.usage_in_bytes"))?;
        let stat = read("memory.stat")?;
        let inactive = ["total_inactive_file ", "inactive_file "]
            .iter()
            .find_map(|name| stat.lines().find_map(|line| line.strip_prefix(name)));
        let bytes = |text: &str| text.trim().parse::<u64>().ok();
        Some(bytes(&usage)?.saturating_sub(inactive.and_then(bytes).unwrap_or_default()) / 1024)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(folder) = &self.0 {
            // The kernel may need a moment to let go of a process that has just ended.
            for _ in 0..50 {
                if std::fs::remove_dir(folder).is_ok() {
                    return;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

/// KiB: private memory, that with the pages of the binary, and what the group counts.
#[derive(Clone, Copy, Default)]
pub(crate) struct Memory {
    anonymous: u64,
    with_files: u64,
    working_set: Option<u64>,
}

impl Memory {
    pub(crate) fn of(process: u32, group: &Group) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
        let field = |name| crate::memory::kibibytes(&status, name);
        Self {
            anonymous: field("RssAnon:"),
            with_files: field("RssAnon:") + field("RssFile:"),
            working_set: group.working_set(),
        }
    }

    /// The largest of each.
    pub(crate) fn most(self, other: Self) -> Self {
        Self {
            anonymous: self.anonymous.max(other.anonymous),
            with_files: self.with_files.max(other.with_files),
            working_set: self.working_set.max(other.working_set),
        }
    }

    pub(crate) fn print(self, when: &str) {
        let group = self.working_set.map_or_else(
            || "no memory group can be made here".to_owned(),
            |kibibytes| format!("working set {kibibytes:7} KiB"),
        );
        println!(
            "  {when:<52} RssAnon {:7} KiB   with RssFile {:7} KiB   {group}",
            self.anonymous, self.with_files
        );
    }
}

/// How long the threads that a process has now were on a core, by the kernel's count in nanoseconds.
pub(crate) fn time_on_core(process: u32) -> Duration {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).expect("it runs");
    let nanos = threads.filter_map(|thread| {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}
