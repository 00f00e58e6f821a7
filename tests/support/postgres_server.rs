//! A PostgreSQL server of the tests' own: a folder for its data, a socket in that folder and no port,
//! and nothing of it is left when the tests end.

use std::fs::{self, DirBuilder, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Once, OnceLock};
use std::{env, io, process, thread};

/// What nothing that is logged or printed may hold.
pub const PASSWORD: &str = "hunter2";

/// A server that runs until this is dropped, or until the process ends, however it does.
pub struct PostgresServer {
    folder: PathBuf,
    programs: PathBuf,
    /// As whom it runs, if not as whoever runs the tests.
    user: Option<(u32, u32)>,
    databases: AtomicUsize,
    /// Waits for the end of its input, which comes when this process ends, and cleans up.
    keeper: Child,
}

const KEEPER: &str = r#"
    read -r _
    if pid=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"; then
        while [ -e "$0/data/postmaster.pid" ] && kill -0 "$pid"; do sleep 0.1; done
    fi
    rm -rf "$0"
"#;

impl PostgresServer {
    /// The one that all tests share which do not kill it; none where PostgreSQL is not installed.
    pub fn shared() -> Option<&'static Self> {
        static SERVER: OnceLock<Option<PostgresServer>> = OnceLock::new();
        SERVER.get_or_init(Self::start).as_ref()
    }

    /// One of its own.
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            skip();
            return None;
        };
        let folder = new_folder();
        let keeper = Command::new("sh")
            .args(["-c", KEEPER])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C ends the tests, not the one that cleans up after them.
            .process_group(0)
            .spawn()
            .unwrap();
        let user = unprivileged(&folder);
        let server = Self { folder, programs, user, databases: AtomicUsize::new(0), keeper };

        let password = server.folder.join("password");
        fs::write(&password, PASSWORD).unwrap();
        fs::set_permissions(&password, Permissions::from_mode(0o600)).unwrap();
        if let Some((user, group)) = user {
            chown(&password, Some(user), Some(group)).unwrap();
            chown(&server.folder, Some(user), Some(group)).unwrap();
        }
        server.run("initdb", |initdb| {
            initdb.args(["--pgdata=data", "--username=keeper", "--pwfile=password"]);
            initdb.args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        });
        server.resume();
        Some(server)
    }

    /// Kills every process of it, as the end of memory or of power does.
    pub fn kill(&self) {
        let pid_file = self.folder.join("data/postmaster.pid");
        let pid = fs::read_to_string(&pid_file).unwrap();
        let postmaster: u32 = pid.lines().next().unwrap().parse().unwrap();
        // Stopped, it starts no more of them while they are listed.
        signal("-STOP", &[postmaster]);
        let processes = [vec![postmaster], children(postmaster)].concat();
        signal("-KILL", &processes);
        // None of them may still write when the next server reads.
        while are_running(&processes) {
            thread::yield_now();
        }
        // The next one would take a process for running that has ended and that nobody has asked for.
        fs::remove_file(pid_file).unwrap();
        fs::remove_file(self.folder.join(".s.PGSQL.5432.lock")).unwrap();
    }

    /// As an administrator would, without waiting for those who are connected.
    pub fn stop(&self) {
        self.run("pg_ctl", |pg_ctl| {
            pg_ctl.args(["stop", "--wait", "--mode=fast", "--pgdata=data"]);
        });
    }

    /// Starts it over the data that are there, and waits until it answers.
    pub fn resume(&self) {
        let options = format!(
            "-k '{}' -c listen_addresses='' -c max_connections=300 -c fsync=off",
            self.folder.display()
        );
        self.run("pg_ctl", |pg_ctl| {
            pg_ctl.args(["start", "--wait", "--pgdata=data", "--log=log", "--options", &options]);
        });
    }

    /// Makes a database and returns its URL.
    pub fn new_database(&self) -> String {
        let name = format!("kept_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run("createdb", |createdb| {
            createdb.env("PGPASSWORD", PASSWORD).arg("--host").arg(&self.folder);
            createdb.args(["--username=keeper", "--template=template0", &name]);
        });
        format!("postgres://keeper:{PASSWORD}@localhost/{name}?host={}", self.folder.display())
    }

    fn run(&self, program: &str, arguments: impl FnOnce(&mut Command)) {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.folder).env_remove("PGDATA").stdin(Stdio::null());
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        arguments(&mut command);

        let output = command.output().unwrap();
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program}: {said}{log}");
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // Its input ends with this.
        let _ = self.keeper.wait();
    }
}

/// The processes that `parent` started.
fn children(parent: u32) -> Vec<u32> {
    let ps = Command::new("ps").args(["-A", "-o", "pid=,ppid="]).output().unwrap();
    assert!(ps.status.success(), "ps lists processes");
    let text = String::from_utf8(ps.stdout).unwrap();
    let pairs = text.lines().filter_map(|line| {
        let mut numbers = line.split_whitespace().map(|number| number.parse::<u32>().unwrap());
        Some((numbers.next()?, numbers.next()?))
    });
    pairs.filter_map(|(pid, of)| (of == parent).then_some(pid)).collect()
}

/// Those that are gone already are none that it could miss.
fn signal(signal: &str, processes: &[u32]) {
    let mut kill = Command::new("kill");
    kill.arg(signal).args(processes.iter().map(u32::to_string));
    kill.stderr(Stdio::null()).status().unwrap();
}

/// One that has ended and that nobody has asked for yet (`Z`) runs no more.
fn are_running(processes: &[u32]) -> bool {
    let list: Vec<_> = processes.iter().map(u32::to_string).collect();
    let ps = Command::new("ps").args(["-o", "stat=", "-p", &list.join(",")]).output().unwrap();
    let states = String::from_utf8(ps.stdout).unwrap();
    states.lines().any(|state| !state.trim().is_empty() && !state.trim().starts_with('Z'))
}

/// Says once that these tests did not run, which in continuous integration is an error.
fn skip() {
    static SAID: Once = Once::new();

    let ci = env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(!ci, "postgres not found; Debian has it in the package `postgresql`");
    SAID.call_once(|| {
        // Past the harness, which shows what `eprintln!` says only when a test fails.
        let _ = io::stderr().write_all(b"skipped: postgres not found\n");
    });
}

/// The folder of the server's programs: the one on the path, or the newest of Debian's.
fn programs() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let mut debian: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|version| Some(version.ok()?.path().join("bin")))
        .collect();
    let version = |bin: &Path| bin.parent()?.file_name()?.to_str()?.parse::<u32>().ok();
    debian.sort_by_key(|bin| std::cmp::Reverse(version(bin)));

    env::split_paths(&path)
        .chain(debian)
        // What is on the path may be a link to where the others are.
        .filter_map(|folder| Some(folder.join("initdb").canonicalize().ok()?.parent()?.to_owned()))
        .find(|folder| {
            ["postgres", "pg_ctl", "createdb"].iter().all(|name| folder.join(name).exists())
        })
}

fn new_folder() -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);

    let nth = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = env::temp_dir().join(format!("passport-postgres-{}-{nth}", process::id()));
    DirBuilder::new().mode(0o700).create(&folder).unwrap();
    folder
}

/// PostgreSQL refuses to run as root: the user that its package makes, or else nobody.
fn unprivileged(folder: &Path) -> Option<(u32, u32)> {
    if fs::metadata(folder).unwrap().uid() != 0 {
        return None;
    }

    let users = fs::read_to_string("/etc/passwd").unwrap();
    let find = |name: &str| {
        let mut fields = users
            .lines()
            .map(|line| line.split(':'))
            .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?;
        fields.next(); // the password
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    Some(find("postgres").or_else(|| find("nobody")).expect("a user without privileges"))
}
