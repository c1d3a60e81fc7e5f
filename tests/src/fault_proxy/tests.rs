//! The proxy on a library that answers everything.

use super::*;

/// A library that answers every request and counts them by their first word.
async fn library() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let requests = seen.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let requests = requests.clone();
            tokio::spawn(async move {
                let mut bytes = Vec::new();
                while stream.read_buf(&mut bytes).await.is_ok_and(|count| count > 0) {
                    let Some(head) =
                        bytes.windows(4).position(|end| end == b"\r\n\r\n").map(|at| at + 4)
                    else {
                        continue;
                    };
                    let end = head + content_length(&bytes[..head]);
                    if bytes.len() < end {
                        continue;
                    }
                    let request: Vec<u8> = bytes.drain(..end).collect();
                    let body = String::from_utf8_lossy(&request[head..]).into_owned();
                    requests.lock().unwrap().push(body);
                    if stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, seen)
}

fn patch(body: &str) -> String {
    format!("PATCH /x HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Sends one request on a connection of its own and says whether an answer came.
async fn ask(proxy: &FaultProxy, request: &str) -> bool {
    let asking = async {
        let mut stream = TcpStream::connect(proxy.address()).await.ok()?;
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.ok()
    };
    tokio::time::timeout(Duration::from_secs(5), asking).await.is_ok_and(|answer| answer.is_some())
}

const ROUGH: Faults =
    Faults { up_bytes: 400, down_bytes: 60, stall: Duration::from_millis(1), one_in_twice: 3 };

#[tokio::test]
async fn in_calm_weather_everything_passes_once() {
    let (address, seen) = library().await;
    let proxy = FaultProxy::start(address, ROUGH, Chance::seeded(1)).await;
    proxy.set(Weather::Calm);
    let bodies: Vec<String> = (0..30).map(|n| n.to_string().repeat(1 + n * 100)).collect();
    for body in &bodies {
        assert!(ask(&proxy, &patch(body)).await, "an answer comes");
    }
    assert_eq!(*seen.lock().unwrap(), bodies);
    assert_eq!(
        (
            proxy.tally().cuts(),
            proxy.tally().resets(),
            proxy.tally().stalls(),
            proxy.tally().twice()
        ),
        (0, 0, 0, 0)
    );
}

#[tokio::test]
async fn in_rough_weather_every_fault_happens() {
    let (address, seen) = library().await;
    let proxy = FaultProxy::start(address, ROUGH, Chance::seeded(2)).await;
    let mut answered = 0;
    for n in 0..200 {
        answered += u32::from(ask(&proxy, &patch(&format!("{n:0200}"))).await);
    }
    let tally = proxy.tally();
    assert!((20..180).contains(&answered), "some requests pass and some do not: {answered}");
    assert!(
        tally.cuts() > 5 && tally.resets() > 5 && tally.stalls() > 5 && tally.twice() > 5,
        "{tally:?}"
    );
    let mut seen = seen.lock().unwrap().clone();
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert!(seen.len() < all, "the library sees some requests twice");
    assert!(seen.iter().all(|body| body.len() == 200), "and none of them in part");
}

#[tokio::test]
async fn in_the_dark_nothing_passes() {
    let (address, _) = library().await;
    let proxy = FaultProxy::start(address, Faults::default(), Chance::seeded(3)).await;
    proxy.set(Weather::Calm);
    let mut open = TcpStream::connect(proxy.address()).await.unwrap();
    open.write_all(patch("a").as_bytes()).await.unwrap();
    open.read_u8().await.unwrap();
    proxy.set(Weather::Dark);
    let mut nothing = Vec::new();
    let rest = open.read_to_end(&mut nothing);
    assert!(
        tokio::time::timeout(Duration::from_secs(5), rest).await.is_ok(),
        "open connections end"
    );
    assert!(!ask(&proxy, &patch("b")).await, "and there are no new ones");
    proxy.set(Weather::Calm);
    assert!(ask(&proxy, &patch("c")).await, "until it is light again");
}

#[test]
fn requests_end_where_they_end_however_they_are_split() {
    let stream = format!("{}GET / HTTP/1.1\r\n\r\n{}", patch("abc"), patch(""));
    let first = patch("abc").len();
    let mut requests = Requests::default();
    let mut found = Vec::new();
    for (at, byte) in stream.bytes().enumerate() {
        found.extend(requests.push(&[byte]));
        assert_eq!(
            requests.is_between(),
            [first, first + 18, stream.len()].contains(&(at + 1)),
            "at {at}"
        );
    }
    assert_eq!(found, [patch("abc").into_bytes(), patch("").into_bytes()]);
}
