//! [`PulseConnection`]: a conversation with a sound server, in the order in which it speaks.
//!
//! One thread, one socket, and every wait has an end. The messages are read and written by the `pulseaudio` crate; its own
//! client is not used, for it knows neither TCP nor how to be refused.

use std::collections::VecDeque;
use std::ffi::CString;
use std::io::{self, Cursor, Read, Write};
use std::net::{Shutdown, TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use pulseaudio::protocol::{
    self, AuthParams, AuthReply, Command, CommandReply, DESCRIPTOR_SIZE, MAX_VERSION, Prop, Props,
    ProtocolError, PulseError, SetClientNameReply, TagStructReader,
};
use rustix::net::sockopt::set_socket_passcred;
use vignette_model::{Clock, Micros, Span, SystemClock};

use super::SoundServerError;
use super::address::Address;
use super::settings::PulseSettings;

/// A host that takes longer to be reached is not there.
const REACHING: Duration = Duration::from_millis(700);
/// An answer that takes longer does not come.
const ANSWERING: Duration = Duration::from_millis(1500);
/// libpulse's `FRAME_SIZE_MAX_ALLOW`: no message is longer.
const MESSAGE_BYTES: usize = 16 * 1024 * 1024;
/// What a message is that belongs to no stream.
const NO_STREAM: u32 = u32::MAX;

/// A server's message.
pub(super) enum Message {
    /// What was asked for with this number, or why it is not had; see [`PulseConnection::read`].
    Answer(u32, Result<Vec<u8>, PulseError>),
    /// Something happened.
    Event(Box<Command>),
    /// Sound of the stream with this number.
    Sound(u32, Vec<u8>),
}

/// A sound server that lets us in.
pub(super) struct PulseConnection {
    socket: Socket,
    clock: SystemClock,
    version: u16,
    /// What was read and makes no whole message yet.
    incoming: Vec<u8>,
    /// What came while something else was waited for.
    waiting: VecDeque<Message>,
    asked: u32,
}

impl PulseConnection {
    /// Finds the sound server and is let in, in some seconds at most.
    pub(super) fn open() -> Result<Self, SoundServerError> {
        let settings = PulseSettings::find();
        let mut last = None;
        for address in &settings.addresses {
            match Socket::connect(address) {
                Ok(socket) => {
                    tracing::debug!(%address, "FoundMicrophone a sound server");
                    return Self::enter(socket, &settings.cookie);
                }
                Err(why) if why.kind() == io::ErrorKind::PermissionDenied => {
                    last = Some(SoundServerError::Refused(format!(
                        "{address} may not be used by this user"
                    )));
                }
                Err(why) => {
                    tracing::debug!(%address, %why, "No sound server");
                    last = last.or_else(|| {
                        settings
                            .named
                            .is_some()
                            .then(|| SoundServerError::Silent(format!("{address}: {why}")))
                    });
                }
            }
        }
        Err(match (last, settings.named) {
            (Some(error), _) => error,
            (None, Some(named)) => SoundServerError::Silent(format!(
                "\u{201c}{named}\u{201d} is no address on this computer"
            )),
            (None, None) => SoundServerError::Absent,
        })
    }

    fn enter(socket: Socket, cookie: &[u8]) -> Result<Self, SoundServerError> {
        let clock = SystemClock::new();
        let mut connection = Self {
            socket,
            clock,
            version: MAX_VERSION,
            incoming: Vec::new(),
            waiting: VecDeque::new(),
            asked: 0,
        };
        let refused = |error| match error {
            // A server ends the connection of those whom it does not understand or want.
            SoundServerError::Gone => {
                SoundServerError::Refused("it ended the connection".to_owned())
            }
            other => other,
        };
        let auth = AuthParams {
            version: MAX_VERSION,
            supports_shm: false,
            supports_memfd: false,
            cookie: cookie.to_vec(),
        };
        let reply: AuthReply = connection.ask(Command::Auth(auth)).map_err(refused)?;
        connection.version = reply.version.min(MAX_VERSION);
        if connection.version < protocol::MIN_VERSION {
            return Err(SoundServerError::Refused(format!(
                "it speaks version {} of the protocol",
                connection.version
            )));
        }
        let mut about = Props::new();
        about.set(Prop::ApplicationName, c"Vignette");
        about.set(
            Prop::ApplicationProcessId,
            CString::new(std::process::id().to_string()).unwrap_or_default(),
        );
        let _: SetClientNameReply =
            connection.ask(Command::SetClientName(about)).map_err(refused)?;
        Ok(connection)
    }

    /// What ends the conversation when it is called, on any thread.
    pub(super) fn interrupt(&self) -> impl Fn() + Send + 'static {
        let socket = self.socket.another();
        move || {
            // It may have ended by itself.
            let _ = socket.as_ref().map(Socket::shut);
        }
    }

    /// Now, by the clock of this connection.
    pub(super) fn now(&self) -> Micros {
        self.clock.monotonic()
    }

    /// Asks for something; the answer bears the number.
    pub(super) fn send(&mut self, command: &Command) -> Result<u32, SoundServerError> {
        let number = self.asked;
        self.asked = self.asked.wrapping_add(1);
        let mut message = Vec::new();
        protocol::write_command_message(&mut message, number, command, self.version)?;
        self.socket.write_all(&message)?;
        Ok(number)
    }

    /// Asks for something and waits for the answer.
    pub(super) fn ask<R: CommandReply>(&mut self, command: Command) -> Result<R, SoundServerError> {
        let number = self.send(&command)?;
        let end = self.now() + Span::from(ANSWERING);
        loop {
            let left = end.checked_since(self.now()).filter(|left| *left > Span::ZERO);
            let left = left.ok_or_else(|| {
                SoundServerError::Silent("it has not answered for a second".to_owned())
            })?;
            match self.next(left.into())? {
                Some(Message::Answer(of, answer)) if of == number => {
                    return match answer {
                        Ok(answer) => self.read(&answer),
                        Err(PulseError::AccessDenied | PulseError::AuthKey) => {
                            Err(SoundServerError::Refused("access denied".to_owned()))
                        }
                        Err(PulseError::NoEntity) => Err(SoundServerError::NotThere),
                        Err(why) => Err(SoundServerError::Refused(why.to_string().to_lowercase())),
                    };
                }
                // Whoever asked does not wait any more.
                Some(Message::Answer(..)) | None => {}
                Some(other) => self.waiting.push_back(other),
            }
        }
    }

    /// What an answer says.
    pub(super) fn read<R: CommandReply>(&self, answer: &[u8]) -> Result<R, SoundServerError> {
        Ok(R::read(
            &mut TagStructReader::new(&mut Cursor::new(answer), self.version),
            self.version,
        )?)
    }

    /// The next message, or `None` if none comes in `timeout`.
    pub(super) fn receive(
        &mut self,
        timeout: Duration,
    ) -> Result<Option<Message>, SoundServerError> {
        if let Some(message) = self.waiting.pop_front() {
            Ok(Some(message))
        } else {
            self.next(timeout)
        }
    }

    fn next(&mut self, timeout: Duration) -> Result<Option<Message>, SoundServerError> {
        if let Some(message) = self.whole()? {
            return Ok(Some(message));
        }
        // A wait of nothing would be one without end.
        self.socket.timeout(timeout.max(Duration::from_millis(1)))?;
        let mut block = [0; 64 * 1024];
        match self.socket.read(&mut block) {
            Ok(0) => Err(SoundServerError::Gone),
            Ok(count) => {
                self.incoming.extend_from_slice(&block[..count]);
                self.whole()
            }
            Err(why)
                if matches!(
                    why.kind(),
                    io::ErrorKind::WouldBlock
                        | io::ErrorKind::TimedOut
                        | io::ErrorKind::Interrupted
                ) =>
            {
                Ok(None)
            }
            Err(why) => Err(why.into()),
        }
    }

    /// The first message of what was read, if it is whole and means something to us.
    fn whole(&mut self) -> Result<Option<Message>, SoundServerError> {
        while self.incoming.len() >= DESCRIPTOR_SIZE {
            let about = protocol::read_descriptor(&mut &self.incoming[..])?;
            let length = about.length as usize;
            if length > MESSAGE_BYTES {
                return Err(ProtocolError::Invalid(format!("a message of {length} bytes")).into());
            }
            if self.incoming.len() < DESCRIPTOR_SIZE + length {
                return Ok(None);
            }
            let mut body: Vec<u8> = self.incoming.drain(..DESCRIPTOR_SIZE + length).collect();
            body.drain(..DESCRIPTOR_SIZE);
            if about.channel != NO_STREAM {
                return Ok(Some(Message::Sound(about.channel, body)));
            }
            let mut cursor = Cursor::new(&body);
            match Command::read_tag_prefixed(&mut cursor, self.version) {
                Ok((number, Command::Reply)) => {
                    let start =
                        usize::try_from(cursor.position()).unwrap_or(usize::MAX).min(body.len());
                    return Ok(Some(Message::Answer(number, Ok(body.split_off(start)))));
                }
                Ok((number, Command::Error(why))) => {
                    return Ok(Some(Message::Answer(number, Err(why))));
                }
                Ok((_, event)) => return Ok(Some(Message::Event(Box::new(event)))),
                Err(why) => {
                    tracing::debug!(%why, "The sound server said something that is not understood")
                }
            }
        }
        Ok(None)
    }
}

enum Socket {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Socket {
    fn connect(address: &Address) -> io::Result<Self> {
        let socket = match address {
            Address::Unix(path) => {
                let stream = UnixStream::connect(path)?;
                // Who we are goes along with what is sent: the server lets its own user in without a cookie.
                set_socket_passcred(&stream, true)?;
                Self::Unix(stream)
            }
            Address::Tcp { host, port, .. } => {
                let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
                let mut found = (host.as_str(), *port)
                    .to_socket_addrs()?
                    .filter(|found| address.takes(found.ip()));
                let connected = found.find_map(|found| {
                    TcpStream::connect_timeout(&found, REACHING).map_err(|why| failure = why).ok()
                });
                let Some(stream) = connected else { return Err(failure) };
                stream.set_nodelay(true)?;
                Self::Tcp(stream)
            }
        };
        match &socket {
            Self::Unix(stream) => stream.set_write_timeout(Some(ANSWERING))?,
            Self::Tcp(stream) => stream.set_write_timeout(Some(ANSWERING))?,
        }
        Ok(socket)
    }

    fn another(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Unix(stream) => Self::Unix(stream.try_clone()?),
            Self::Tcp(stream) => Self::Tcp(stream.try_clone()?),
        })
    }

    fn shut(&self) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.shutdown(Shutdown::Both),
            Self::Tcp(stream) => stream.shutdown(Shutdown::Both),
        }
    }

    fn timeout(&self, span: Duration) -> io::Result<()> {
        match self {
            Self::Unix(stream) => stream.set_read_timeout(Some(span)),
            Self::Tcp(stream) => stream.set_read_timeout(Some(span)),
        }
    }
}

impl Read for Socket {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(bytes),
            Self::Tcp(stream) => stream.read(bytes),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
