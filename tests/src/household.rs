//! [`Household`]: somebody on an address of their own, who does what no client does. All of 127.0.0.0/8 is this computer.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

/// How long a connection may take to come about: longer, and it counts as refused.
const SOON: Duration = Duration::from_secs(5);

/// Somebody on an address of their own.
#[derive(Clone, Copy, Debug)]
pub struct Household(Ipv4Addr);

impl Household {
    /// The one of this number, which is not the address that tests come from otherwise.
    #[must_use]
    pub fn number(n: u8) -> Self {
        Self(Ipv4Addr::new(127, 0, 1, n))
    }

    /// A connection that reads no more than it must.
    ///
    /// # Errors
    /// What the system says, or that it took too long.
    pub async fn connect(self, to: SocketAddr) -> std::io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4096)?;
        socket.bind((self.0, 0).into())?;
        let connected = tokio::time::timeout(SOON, socket.connect(to)).await;
        connected.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
    }

    /// A connection on which `bytes` were sent.
    ///
    /// # Errors
    /// As [`Self::connect`].
    pub async fn send(self, to: SocketAddr, bytes: &[u8]) -> std::io::Result<TcpStream> {
        let mut stream = self.connect(to).await?;
        stream.write_all(bytes).await?;
        Ok(stream)
    }

    /// The status of the answer to a request, or `None` if there was none in time.
    pub async fn ask(self, to: SocketAddr, request: &[u8], patience: Duration) -> Option<u16> {
        let asked = async {
            let mut stream = self.send(to, request).await.ok()?;
            status(&mut stream).await
        };
        tokio::time::timeout(patience, asked).await.ok().flatten()
    }
}

/// The status that an answer begins with.
pub async fn status(stream: &mut TcpStream) -> Option<u16> {
    let mut line = [0; 12];
    stream.read_exact(&mut line).await.ok()?;
    std::str::from_utf8(&line).ok()?.get(9..)?.parse().ok()
}

/// How many of these connections the other side has ended.
#[must_use]
pub fn ended(connections: &[TcpStream]) -> usize {
    let over = |stream: &&TcpStream| match stream.try_read(&mut [0]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() != std::io::ErrorKind::WouldBlock,
    };
    connections.iter().filter(over).count()
}
