//! A small file system for a test, in a mount name space of its own: whoever may make one needs no right of root.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use super::{not_tested, place::Place};

/// A file system in memory at `disk` in the folder of a test. Only commands of [`Disk::run`] and [`Disk::call`] see it;
/// it is gone with this value.
pub(crate) struct Disk<'a> {
    place: &'a Place,
    holder: Child,
    user: bool,
}

impl<'a> Disk<'a> {
    /// Mounts it with these options of `tmpfs`. Where the system lets this user mount nothing, it says so in the output,
    /// also of a test that passes, and returns `None`.
    pub(crate) fn mount(place: &'a Place, options: &str) -> Option<Self> {
        std::fs::create_dir_all(place.path("disk")).unwrap();
        let mut reasons = Vec::new();
        for user in [false, true] {
            match hold(&place.path(""), user, options) {
                Ok(holder) => return Some(Self { place, holder, user }),
                Err(reason) => reasons.push(reason),
            }
        }
        // Whoever knows that this system has small disks says so, and then their absence is a fault.
        assert!(std::env::var_os("REPLIKAT_DISKS").is_none(), "no small disk: {}", reasons.join("; "));
        not_tested(&format!("it needs a small disk, and this user may mount none: {}", reasons.join("; ")));
        None
    }

    /// Changes the options. The system's own list of them is left aside: it has identities that have no meaning inside.
    pub(crate) fn remount(&self, options: &str) {
        let disk = self.place.path("disk");
        let options = ["-t", "tmpfs", "-o", &format!("remount,{options}"), "none", disk.to_str().unwrap()];
        self.call("mount", &[&["--options-source=disable"], &options[..]].concat());
    }

    /// Runs replikat in the folder of the test; returns its exit code and all that it said.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String) {
        let home = format!("HOME={}", self.place.path("home").display());
        let program = ["-i", &home, env!("CARGO_BIN_EXE_replikat")];
        let Output { status, stdout, stderr } = self.inside("env", &[&program, arguments].concat());
        let said = String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap();
        (status.code().unwrap_or(-1), said)
    }

    /// Runs another program there, which must end well.
    pub(crate) fn call(&self, program: &str, arguments: &[&str]) {
        let output = self.inside(program, arguments);
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn inside(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.holder.id())).arg("--mount");
        if self.user {
            command.args(["--user", "--preserve-credentials"]);
        }
        // The folder is named anew inside: the one that the caller stands in has no disk on it.
        command.args(["sh", "-c", "cd \"$0\" && exec \"$@\""]).arg(self.place.path("")).arg(program);
        command.args(arguments).output().unwrap()
    }
}

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}

/// Starts a process that holds a name space with the mounted disk until its input ends.
fn hold(folder: &Path, user: bool, options: &str) -> Result<Child, String> {
    let mut command = Command::new("unshare");
    if user {
        command.args(["--user", "--map-root-user"]);
    }
    let script = "mount -t tmpfs -o \"$0\" none disk && echo mounted && read -r _";
    command.args(["--mount", "sh", "-c", script, options]).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut holder = command.spawn().map_err(|e| format!("unshare: {e}"))?;
    let mut line = String::new();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
    if line == "mounted\n" {
        return Ok(holder);
    }
    drop(holder.stdin.take());
    let said = holder.wait_with_output().unwrap().stderr;
    Err(String::from_utf8_lossy(&said).trim().to_owned())
}
