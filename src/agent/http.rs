//! The page of numbers: `/metrics` for Prometheus, `/healthz` and `/readyz` for who watches the service.
//!
//! On a Unix socket (mode 0660, so that a monitoring user in the group reaches it) or on a loopback address: it has no
//! password and no encryption, so nothing else is possible. It shows numbers and names of roots and sinks, nothing of any file.
//!
//! One thread, one connection a request. A connection may send [`MOST_REQUEST`] bytes and lives [`LIFETIME`]; past
//! [`MOST_CONNECTIONS`] the next waits in the kernel. So a local user who opens connections and says nothing costs a little memory and keeps others
//! from the page, and never the service from its work.

use std::fs;
use std::future::IntoFuture;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, UnixListener};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Sleep, sleep};

/// A request of Prometheus has some 300 bytes.
const MOST_REQUEST: usize = 8 << 10;
const LIFETIME: Duration = Duration::from_secs(10);
const MOST_CONNECTIONS: usize = 16;
/// No descriptors left, say: not asked again at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(500);
const SOCKET_MODE: u32 = 0o660;

const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Who knows the numbers. Called on the page's own thread.
pub trait Numbers: Send + Sync {
    /// OpenMetrics text, `# EOF` included.
    fn metrics(&self) -> String;

    /// Whether all is well, and a small JSON object of reasons.
    fn health(&self) -> (bool, String);

    /// Whether the service has started: configuration read, state open, roots being watched or walked.
    fn ready(&self) -> (bool, String) {
        self.health()
    }
}

/// Where the page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listen {
    Unix(PathBuf),
    /// A loopback address; port 0 takes any.
    Tcp(SocketAddr),
}

impl Listen {
    /// `unix:/run/iinspect/agent.sock`, `/run/iinspect/agent.sock` or `127.0.0.1:9464`.
    pub fn parse(text: &str) -> Result<Listen, String> {
        let path = text.strip_prefix("unix:").unwrap_or(text);
        if path.starts_with('/') {
            return Ok(Listen::Unix(path.into()));
        }
        match text.parse::<SocketAddr>() {
            Ok(address) if address.ip().to_canonical().is_loopback() => Ok(Listen::Tcp(address)),
            Ok(_) => Err(format!(
                "`{text}` can be reached from other machines, and the page has no password; give a loopback address or the path of a socket"
            )),
            Err(_) => Err(format!(
                "`{text}` is neither an address with a port, such as 127.0.0.1:9464 or [::1]:9464, nor the absolute path of a socket"
            )),
        }
    }
}

/// The page while it is served; it ends when this is dropped.
pub struct Page {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    address: Option<SocketAddr>,
    socket: Option<PathBuf>,
}

impl Page {
    /// Binds, then serves on a thread of its own.
    pub fn start(listen: &Listen, numbers: Arc<dyn Numbers>) -> io::Result<Page> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // A listener belongs to the runtime that it was made in.
        let inside = runtime.enter();
        let (socket, address, path) = match listen {
            Listen::Unix(path) => (Socket::Unix(bind_unix(path)?), None, Some(path.clone())),
            Listen::Tcp(address) => {
                let listener = std::net::TcpListener::bind(address)?;
                listener.set_nonblocking(true)?;
                let address = listener.local_addr()?;
                (Socket::Tcp(TcpListener::from_std(listener)?), Some(address), None)
            }
        };
        drop(inside);
        let door = Door { socket, seats: Arc::new(Semaphore::new(MOST_CONNECTIONS)) };
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("page".into()).spawn(move || {
            runtime.block_on(async {
                let serving = tokio::spawn(axum::serve(door, routes(numbers)).into_future());
                // An error is the sender that was dropped: the same.
                let _ = stopped.await;
                serving.abort();
            });
        })?;
        Ok(Page { stop: Some(stop), thread: Some(thread), address, socket: path })
    }

    /// The address it got, for one on TCP.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It panicked: there is no page, as there is to be.
            let _ = thread.join();
        }
        if let Some(path) = &self.socket {
            // Whoever starts next removes it.
            let _ = fs::remove_file(path);
        }
    }
}

fn routes(numbers: Arc<dyn Numbers>) -> Router {
    type Known = State<Arc<dyn Numbers>>;
    let json = |(well, body): (bool, String)| {
        let status = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        (status, [(header::CONTENT_TYPE, "application/json"), (header::CONNECTION, "close")], body)
            .into_response()
    };
    Router::new()
        .route(
            "/metrics",
            get(|State(numbers): Known| async move {
                let headers = [(header::CONTENT_TYPE, OPENMETRICS), (header::CONNECTION, "close")];
                (headers, numbers.metrics()).into_response()
            }),
        )
        .route("/healthz", get(move |State(numbers): Known| async move { json(numbers.health()) }))
        .route("/readyz", get(move |State(numbers): Known| async move { json(numbers.ready()) }))
        .with_state(numbers)
}

/// Binds beside the path and moves it there, so that it never stands there with another mode; what a process that is
/// gone left there makes room, what one that lives listens on does not.
fn bind_unix(path: &Path) -> io::Result<UnixListener> {
    if let Ok(there) = fs::symlink_metadata(path) {
        if !there.file_type().is_socket() {
            let said = format!("{} is there and is no socket", path.display());
            return Err(io::Error::new(io::ErrorKind::AlreadyExists, said));
        }
        if StdUnixStream::connect(path).is_ok() {
            let said = format!("another process listens on {}", path.display());
            return Err(io::Error::new(io::ErrorKind::AddrInUse, said));
        }
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    match fs::remove_file(&beside) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    let listener = UnixListener::bind(&beside)?;
    fs::set_permissions(&beside, fs::Permissions::from_mode(SOCKET_MODE))?;
    fs::rename(&beside, path)?;
    Ok(listener)
}

enum Socket {
    Unix(UnixListener),
    Tcp(TcpListener),
}

/// Lets connections in, so many at a time.
struct Door {
    socket: Socket,
    seats: Arc<Semaphore>,
}

impl axum::serve::Listener for Door {
    type Io = Guest;
    type Addr = ();

    async fn accept(&mut self) -> (Guest, ()) {
        loop {
            // The semaphore is never closed; if it were, nobody is let in.
            let Ok(seat) = self.seats.clone().acquire_owned().await else {
                std::future::pending().await
            };
            let accepted: io::Result<Box<dyn Stream>> = match &self.socket {
                Socket::Unix(listener) => listener.accept().await.map(|(s, _)| Box::new(s) as _),
                Socket::Tcp(listener) => listener.accept().await.map(|(s, _)| Box::new(s) as _),
            };
            match accepted {
                Ok(stream) => {
                    let end = Box::pin(sleep(LIFETIME));
                    return (Guest { stream, end, left: MOST_REQUEST, _seat: seat }, ());
                }
                Err(_) => sleep(ACCEPT_PAUSE).await, // of that connection or of the moment; the next may work
            }
        }
    }

    fn local_addr(&self) -> io::Result<()> {
        Ok(())
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A connection with an end.
struct Guest {
    stream: Box<dyn Stream>,
    end: Pin<Box<Sleep>>,
    /// Bytes it may still send.
    left: usize,
    _seat: OwnedSemaphorePermit,
}

impl Guest {
    fn in_time(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.end.as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(()),
        }
    }
}

impl AsyncRead for Guest {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.in_time(cx)?;
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        match self.left.checked_sub(buf.filled().len().saturating_sub(before)) {
            Some(left) => self.left = left,
            None => return Poll::Ready(Err(io::ErrorKind::InvalidData.into())),
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Guest {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.in_time(cx)?;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.in_time(cx)?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.in_time(cx)?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Instant;

    use super::*;

    #[derive(Default)]
    struct Fixed {
        ill: AtomicBool,
    }

    impl Numbers for Fixed {
        fn metrics(&self) -> String {
            "# TYPE a counter\na_total 1\n# EOF\n".into()
        }

        fn health(&self) -> (bool, String) {
            match self.ill.load(Ordering::Relaxed) {
                false => (true, "{}".into()),
                true => (false, "{\"outbox\":\"full\"}".into()),
            }
        }

        fn ready(&self) -> (bool, String) {
            (true, "{}".into())
        }
    }

    fn ask(mut stream: impl Read + Write, request: &str) -> String {
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get_line(path: &str) -> String {
        format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n")
    }

    fn tcp() -> (Page, SocketAddr, Arc<Fixed>) {
        let numbers = Arc::new(Fixed::default());
        let listen = Listen::parse("127.0.0.1:0").unwrap();
        let page = Page::start(&listen, numbers.clone()).unwrap();
        let address = page.address().unwrap();
        (page, address, numbers)
    }

    #[test]
    fn only_what_this_machine_reaches_is_an_address() {
        let path = PathBuf::from("/run/iinspect/agent.sock");
        assert_eq!(Listen::parse("/run/iinspect/agent.sock"), Ok(Listen::Unix(path.clone())));
        assert_eq!(Listen::parse("unix:/run/iinspect/agent.sock"), Ok(Listen::Unix(path)));
        for good in ["127.0.0.1:9464", "[::1]:9464", "127.8.8.8:1", "[::ffff:127.0.0.1]:1"] {
            assert!(matches!(Listen::parse(good), Ok(Listen::Tcp(_))), "{good}");
        }
        for bad in ["0.0.0.0:9464", "[::]:9464", "10.0.0.1:9464", "[::ffff:10.0.0.1]:1"] {
            assert!(Listen::parse(bad).unwrap_err().contains("other machines"), "{bad}");
        }
        for bad in ["localhost:9464", "127.0.0.1", "unix:run/x", "", "9464"] {
            assert!(Listen::parse(bad).unwrap_err().contains("neither"), "{bad}");
        }
    }

    #[test]
    fn numbers_and_health_are_told_and_nothing_else() {
        let (_page, address, numbers) = tcp();
        let get = |path: &str| ask(TcpStream::connect(address).unwrap(), &get_line(path));
        let metrics = get("/metrics");
        assert!(metrics.starts_with("HTTP/1.1 200") && metrics.ends_with("# EOF\n"), "{metrics}");
        assert!(metrics.contains("content-type: application/openmetrics-text; version=1.0.0"));
        assert!(get("/healthz").starts_with("HTTP/1.1 200"));
        numbers.ill.store(true, Ordering::Relaxed);
        let ill = get("/healthz");
        assert!(ill.starts_with("HTTP/1.1 503") && ill.ends_with("{\"outbox\":\"full\"}"), "{ill}");
        assert!(get("/readyz").starts_with("HTTP/1.1 200"));
        assert!(get("/").starts_with("HTTP/1.1 404"));
        let post = ask(
            TcpStream::connect(address).unwrap(),
            "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
        assert!(post.starts_with("HTTP/1.1 405"), "{post}");
    }

    #[test]
    fn a_socket_is_for_the_group_and_a_stale_one_makes_room() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("agent.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let listen = Listen::Unix(path.clone());
        let page = Page::start(&listen, Arc::new(Fixed::default())).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, SOCKET_MODE);
        let answer = ask(StdUnixStream::connect(&path).unwrap(), &get_line("/metrics"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let second = Page::start(&listen, Arc::new(Fixed::default()));
        assert_eq!(second.err().unwrap().kind(), io::ErrorKind::AddrInUse);
        drop(page);
        assert!(!path.exists());
        fs::write(&path, "a file").unwrap();
        let third = Page::start(&listen, Arc::new(Fixed::default()));
        assert_eq!(third.err().unwrap().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&path).unwrap(), "a file");
    }

    #[test]
    fn who_says_too_much_or_nothing_is_shown_out_and_others_get_in() {
        let (_page, address, _) = tcp();
        let began = Instant::now();
        let silent: Vec<TcpStream> =
            (0..MOST_CONNECTIONS).map(|_| TcpStream::connect(address).unwrap()).collect();
        // All seats are taken; this one waits until they are shown out.
        let answer = ask(TcpStream::connect(address).unwrap(), &get_line("/metrics"));
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let waited = began.elapsed();
        assert!(waited < LIFETIME + Duration::from_secs(10), "{waited:?}");
        drop(silent);
        let mut talker = TcpStream::connect(address).unwrap();
        let sent = (0..1000).try_for_each(|_| {
            std::thread::sleep(Duration::from_millis(1));
            talker.write_all(&[b'x'; 1024])
        });
        // Reset while it talks, or told off at the end; not listened to for a megabyte.
        let mut answer = Vec::new();
        let refused = sent.is_err() || talker.read_to_end(&mut answer).is_err();
        assert!(refused || !answer.starts_with(b"HTTP/1.1 200"));
    }

    #[test]
    fn the_end_does_not_wait_for_guests() {
        let (page, address, _) = tcp();
        let _silent = TcpStream::connect(address).unwrap();
        let began = Instant::now();
        drop(page);
        assert!(began.elapsed() < Duration::from_secs(5));
        assert!(TcpStream::connect(address).is_err());
    }
}
