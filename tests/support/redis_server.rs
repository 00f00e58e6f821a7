//! A Redis server of the tests' own: a socket in a folder of its own and no port, and nothing of it
//! is left when the tests end.

use std::fs::{self, DirBuilder};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once};
use std::time::Duration;
use std::{env, process, thread};

/// A server that runs until this is dropped, or until the process ends, however it does.
#[derive(Debug)]
pub struct RedisServer {
    folder: PathBuf,
    /// A line of it ends the server, the next one starts it anew.
    lines: Mutex<Option<ChildStdin>>,
    /// Waits for the end of its input, which comes when this process ends, and cleans up.
    keeper: Child,
}

const KEEPER: &str = r#"
    while redis-server "$@" >>log 2>&1 </dev/null & read -r _; do
        kill -KILL $!
        wait $!
        read -r _ || break
    done
    kill -KILL $!
    wait $!
    rm -rf "$PWD"
"#;

impl RedisServer {
    /// An empty server; none where Redis is not installed.
    pub fn start() -> Option<Self> {
        Self::start_with(&[])
    }

    /// The same with more `settings`, as `redis-server` takes them on its command line.
    pub fn start_with(settings: &[&str]) -> Option<Self> {
        if !is_installed() {
            skip();
            return None;
        }
        let folder = new_folder();
        let mut keeper = Command::new("sh")
            .current_dir(&folder)
            .args(["-c", KEEPER, "sh", "--port", "0", "--unixsocket", "socket"])
            .args(["--save", "", "--appendonly", "no"])
            .args(settings)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C ends the tests, not the one that cleans up after them.
            .process_group(0)
            .spawn()
            .unwrap();
        let server = Self { folder, lines: Mutex::new(keeper.stdin.take()), keeper };
        server.wait_until(true);
        Some(server)
    }

    /// Where it is found.
    pub fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// Ends it with SIGKILL. What it held in memory is lost.
    pub fn kill(&self) {
        self.tell_keeper();
        self.wait_until(false);
    }

    /// Starts it anew, and waits until it answers.
    pub fn resume(&self) {
        self.tell_keeper();
        self.wait_until(true);
    }

    /// Sends it a signal, by its name.
    pub fn signal(&self, name: &str, process: &str) {
        let status = Command::new("kill").args(["-s", name, process]).status().unwrap();
        assert!(status.success());
    }

    /// The id of its process.
    pub fn process(&self) -> String {
        let server = self.ask(&["INFO", "server"]);
        let id = server.lines().find_map(|line| line.strip_prefix("process_id:"));
        id.unwrap().trim().to_owned()
    }

    fn tell_keeper(&self) {
        self.lines.lock().unwrap().as_ref().unwrap().write_all(b"\n").unwrap();
    }

    fn wait_until(&self, answers: bool) {
        for _ in 0..2000 {
            if self.answer(&["PING"]).is_ok_and(|answer| answer == "+PONG") == answers {
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("redis-server does not {}: {log}", if answers { "answer" } else { "end" });
    }

    /// What it says to a command: the first line, or the text that stands behind it.
    pub fn ask(&self, command: &[impl AsRef<[u8]>]) -> String {
        self.answer(command).unwrap()
    }

    fn answer(&self, command: &[impl AsRef<[u8]>]) -> io::Result<String> {
        let mut stream = UnixStream::connect(self.socket())?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut request = format!("*{}\r\n", command.len()).into_bytes();
        for word in command.iter().map(AsRef::as_ref) {
            request.extend(format!("${}\r\n", word.len()).into_bytes());
            request.extend([word, b"\r\n"].concat());
        }
        stream.write_all(&request)?;
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let line = line.trim_end().to_owned();
        match line.strip_prefix('$').and_then(|length| length.parse().ok()) {
            Some(length) => {
                let mut text = vec![0; length];
                stream.read_exact(&mut text)?;
                Ok(String::from_utf8_lossy(&text).into_owned())
            }
            None => Ok(line),
        }
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("socket")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // Its input ends with this.
        drop(self.lines.get_mut().map(Option::take));
        let _ = self.keeper.wait();
    }
}

/// Says once that these tests did not run, which in continuous integration is an error.
fn skip() {
    static SAID: Once = Once::new();

    let ci = env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(!ci, "redis-server not found; Debian has it in the package `redis-server`");
    SAID.call_once(|| {
        // Past the harness, which shows what `eprintln!` says only when a test fails.
        let _ = io::stderr().write_all(b"skipped: redis-server not found\n");
    });
}

fn is_installed() -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join("redis-server").exists())
}

fn new_folder() -> PathBuf {
    static COUNT: AtomicUsize = AtomicUsize::new(0);

    let nth = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = env::temp_dir().join(format!("passport-redis-{}-{nth}", process::id()));
    DirBuilder::new().mode(0o700).create(&folder).unwrap();
    folder
}
