//! A proxy in front of a real S3 server, which misbehaves in one chosen way.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How it misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Conditions are taken away: every put overwrites.
    IgnoresConditions,
    /// The first put of each object is done, and its answer is lost.
    LosesAnswers,
    /// Listings never end.
    EndlessListing,
    /// Everything is refused, with all that was sent in the answer.
    Echoes,
    /// Everything is sent elsewhere.
    Redirects,
    /// Everything is "try again", for ever.
    Busy,
    /// An object is larger than is said anywhere.
    EndlessObject,
}

pub struct Proxy {
    pub port: u16,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    pub async fn start(upstream: u16, fault: Fault) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let lost = Arc::new(Mutex::new(HashSet::new()));
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // Whoever hangs up ends only their own request.
                tokio::spawn(carry(client, upstream, fault, Arc::clone(&lost)));
            }
        });
        Self { port, task }
    }
}

/// One request a connection.
async fn carry(
    mut client: TcpStream,
    upstream: u16,
    fault: Fault,
    lost: Arc<Mutex<HashSet<String>>>,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    let end = loop {
        if let Some(at) = request.windows(4).position(|it| it == b"\r\n\r\n") {
            break at + 4;
        }
        if client.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    };
    let head = String::from_utf8_lossy(&request[..end]).into_owned();
    let line = head.lines().next().unwrap_or_default().to_owned();
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    let length: usize = header("content-length").map_or(0, |it| it.parse().unwrap());
    while request.len() < end + length {
        if client.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let is_listing = line.contains("list-type=2");
    let answer = match fault {
        Fault::Echoes => Some(format!(
            "403 Forbidden\r\n\r\n<Error><Code>InvalidAccessKeyId</Code>{head}"
        )),
        Fault::Redirects => {
            Some("307 Temporary Redirect\r\nlocation: http://127.0.0.1:1/\r\n\r\n".into())
        }
        Fault::Busy => Some("503 Slow Down\r\n\r\n<Error><Code>SlowDown</Code></Error>".into()),
        _ => None,
    };
    if let Some(answer) = answer {
        let answer = format!(
            "HTTP/1.1 {}",
            answer.replacen("\r\n", "\r\nconnection: close\r\n", 1)
        );
        return client.write_all(answer.as_bytes()).await;
    }
    if fault == Fault::EndlessListing && is_listing {
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<ListBucketResult>";
        client.write_all(head.as_bytes()).await?;
        loop {
            client
                .write_all(&b"<Contents><Key>x/a</Key></Contents>".repeat(1000))
                .await?;
        }
    }
    if fault == Fault::EndlessObject && line.starts_with("GET") && !is_listing {
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\netag: \"x\"\r\ncontent-length: 9000000000\r\n\
                    last-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n";
        client.write_all(head.as_bytes()).await?;
        loop {
            client.write_all(&[b'x'; 1 << 16]).await?;
        }
    }
    let mut server = TcpStream::connect(("127.0.0.1", upstream)).await?;
    let kept = head.trim_end().lines().filter(|line| {
        let name = line.split(':').next().unwrap_or_default().to_lowercase();
        let drops = fault == Fault::IgnoresConditions && name == "if-none-match";
        !drops && name != "connection"
    });
    let kept = kept.collect::<Vec<_>>().join("\r\n");
    server
        .write_all(format!("{kept}\r\nconnection: close\r\n\r\n").as_bytes())
        .await?;
    server.write_all(&request[end..]).await?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await?;
    let loses = fault == Fault::LosesAnswers && line.starts_with("PUT");
    if loses && lost.lock().unwrap().insert(line) {
        return Ok(());
    }
    client.write_all(&answer).await
}
