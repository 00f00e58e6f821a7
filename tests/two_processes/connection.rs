//! A connection that is kept alive, and as much of HTTP/1.1 as Rocket answers with.

use std::io::{Error, ErrorKind, Result};
use std::net::SocketAddr;

use rocket::tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use rocket::tokio::net::TcpStream;

pub(super) struct Connection {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) set_cookie: Option<String>,
    pub(super) body: String,
}

impl Connection {
    pub(super) fn to(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Sends a request, whose head ends with the blank line, and reads the answer.
    pub(super) async fn ask(&mut self, request: &str) -> Result<Response> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                BufReader::new(stream)
            }
        };
        stream.get_mut().write_all(request.as_bytes()).await?;
        let response = read(&mut stream).await?;
        self.stream = Some(stream);
        Ok(response)
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Result<Response> {
    let malformed = |line: &str| Error::new(ErrorKind::InvalidData, line.to_owned());
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| malformed(&line))?;
    let (mut length, mut set_cookie) = (None, None);
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok(),
            "set-cookie" => set_cookie = Some(value.to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length.ok_or_else(|| malformed("no length"))?];
    stream.read_exact(&mut body).await?;
    let body = String::from_utf8(body).map_err(|_| malformed("no text"))?;
    Ok(Response { status, set_cookie, body })
}
