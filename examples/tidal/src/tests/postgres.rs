//! A PostgreSQL server of the tests' own: a folder for its data, a socket in that folder and no
//! port, and nothing of it is left when the tests end.

use std::fs::{self, DirBuilder, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Once, OnceLock};
use std::{env, io, process};

pub(super) const PASSWORD: &str = "the moon pulls";

/// A server that runs until this is dropped, or until the process ends, however it does.
pub(super) struct Server {
    folder: PathBuf,
    programs: PathBuf,
    /// As whom it runs, if not as whoever runs the tests.
    user: Option<(u32, u32)>,
    databases: AtomicUsize,
    /// Waits for the end of its input, which comes when this process ends, and cleans up.
    keeper: Child,
}

/// The one that all tests share; none where PostgreSQL is not installed.
pub(super) fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::start).as_ref()
}

const KEEPER: &str = r#"
    read -r _
    if pid=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"; then
        while [ -e "$0/data/postmaster.pid" ] && kill -0 "$pid"; do sleep 0.1; done
    fi
    rm -rf "$0"
"#;

impl Server {
    pub(super) fn start() -> Option<Self> {
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
            initdb.args(["--pgdata=data", "--username=tidal", "--pwfile=password"]);
            initdb.args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        });
        server.resume();
        Some(server)
    }

    /// As an administrator would, without waiting for those who are connected.
    pub(super) fn stop(&self) {
        self.run("pg_ctl", |pg_ctl| {
            pg_ctl.args(["stop", "--wait", "--mode=fast", "--pgdata=data"]);
        });
    }

    /// Starts it over the data that are there, and waits until it answers.
    pub(super) fn resume(&self) {
        let options = format!(
            "-k '{}' -c listen_addresses='' -c max_connections=300 -c fsync=off",
            self.folder.display()
        );
        self.run("pg_ctl", |pg_ctl| {
            pg_ctl.args(["start", "--wait", "--pgdata=data", "--log=log", "--options", &options]);
        });
    }

    /// Makes a database and returns its URL.
    pub(super) fn new_database(&self) -> String {
        let name = format!("tidal_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.run("createdb", |createdb| {
            createdb.env("PGPASSWORD", PASSWORD).arg("--host").arg(&self.folder);
            createdb.args(["--username=tidal", "--template=template0", &name]);
        });
        self.url("tidal", PASSWORD, &name)
    }

    pub(super) fn url(&self, user: &str, password: &str, database: &str) -> String {
        let password = password.replace(' ', "%20");
        format!("postgres://{user}:{password}@localhost/{database}?host={}", self.folder.display())
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

impl Drop for Server {
    fn drop(&mut self) {
        // Its input ends with this.
        let _ = self.keeper.wait();
    }
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
    let folder = env::temp_dir().join(format!("tidal-postgres-{}-{nth}", process::id()));
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
