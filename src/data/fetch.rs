//! Downloads that survive interruptions: resumed, verified, and visible only when they are whole.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Seek, SeekFrom, Write},
    path::Path,
    time::Duration,
};

use crate::{error::reason, files};

/// Gets a file's name, the bytes so far and the expected total.
pub(super) type Progress<'a> = dyn Fn(&str, u64, Option<u64>) + 'a;

/// Says what is wrong with downloaded bytes, if anything.
type Verify<'a> = dyn Fn(&[u8]) -> Result<(), String> + 'a;

/// The largest file that is accepted, in bytes; MNIST's largest has 9.9 MB packed.
const MAX_BYTES: u64 = 32 << 20;

/// Seconds without an answer, or for a whole file's body, after which a mirror is given up.
const TIMEOUT: Duration = Duration::from_secs(20);
const BODY_TIMEOUT: Duration = Duration::from_mins(10);

/// Downloads `target`, named as on the mirrors, from the first mirror that has it.
///
/// What is there of it lies in `<target>.part`, which one process at a time works on.
///
/// # Errors
/// Returns one line for each mirror that was tried.
pub(super) fn from_mirrors(
    target: &Path,
    mirrors: &[&str],
    verify: &Verify<'_>,
    progress: &Progress<'_>,
) -> Result<(), String> {
    let name = target.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut part_path = target.to_owned();
    part_path.set_file_name(format!("{name}.part"));
    let failed = |what: &str, e: std::io::Error| format!("  {}: cannot {what}: {e}", part_path.display());
    let mut part = OpenOptions::new()
        .create(true)
        .read(true)
        .append(true)
        .open(&part_path)
        .map_err(|e| failed("open it", e))?;
    part.lock().map_err(|e| failed("lock it", e))?;
    if target.is_file() {
        // Another process was faster.
        return Ok(());
    }
    let mut tried = Vec::new();
    // A whole file may be there already, if the last call ended just before its end.
    if finish(&mut part, target, verify).is_ok() {
        return remove(&part_path);
    }
    for mirror in mirrors {
        let url = format!("{mirror}{name}");
        let report = |done, total| progress(&name, done, total);
        let reason = match download(&url, &mut part, &report) {
            // What broke off is kept for the next call.
            Err(reason) => reason,
            Ok(()) => match finish(&mut part, target, verify) {
                Ok(()) => return remove(&part_path),
                Err(reason) => {
                    // Whole but wrong: going on from it would never make it right.
                    part.set_len(0).map_err(|e| failed("empty it", e))?;
                    reason
                }
            },
        };
        tried.push(format!("  {url}: {reason}"));
    }
    Err(tried.join("\n"))
}

fn remove(part: &Path) -> Result<(), String> {
    match std::fs::remove_file(part) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(format!("  {}: {e}", part.display())),
        _ => Ok(()),
    }
}

/// Verifies what was downloaded and puts it in its place.
fn finish(part: &mut File, target: &Path, verify: &Verify<'_>) -> Result<(), String> {
    let mut bytes = Vec::new();
    part.seek(SeekFrom::Start(0)).and_then(|_| part.read_to_end(&mut bytes)).map_err(|e| e.to_string())?;
    verify(&bytes)?;
    files::write_atomic(target, &bytes).map_err(|e| e.to_string())
}

/// Appends to `part` what it lacks of `url`; begins anew where the server cannot go on.
fn download(url: &str, part: &mut File, progress: &dyn Fn(u64, Option<u64>)) -> Result<(), String> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_connect(Some(TIMEOUT))
        .timeout_recv_response(Some(TIMEOUT))
        .timeout_recv_body(Some(BODY_TIMEOUT))
        .http_status_as_error(false)
        .build()
        .into();
    let have = part.metadata().map_err(|e| e.to_string())?.len();
    let ask = |range: Option<u64>| {
        let mut request = agent.get(url);
        if let Some(start) = range {
            request = request.header("Range", format!("bytes={start}-"));
        }
        request.call().map_err(|e| said(&e))
    };
    let mut response = ask((have > 0).then_some(have))?;
    if response.status() == 416 {
        response = ask(None)?;
    }
    let mut done = match response.status().as_u16() {
        206 => have,
        200 => {
            part.set_len(0).map_err(|e| e.to_string())?;
            0
        }
        status => return Err(format!("the server answered {status}")),
    };
    let total = response.body().content_length().map(|n| n + done);
    let mut body = response.body_mut().as_reader().take(MAX_BYTES.saturating_sub(done));
    let mut buffer = vec![0; 64 << 10];
    loop {
        let n = body.read(&mut buffer).map_err(|e| e.to_string())?;
        if n == 0 {
            return part.sync_all().map_err(|e| e.to_string());
        }
        part.write_all(&buffer[..n]).map_err(|e| e.to_string())?;
        done += n as u64;
        progress(done, total);
    }
}

/// Says in words of our own why a server could not be asked.
fn said(error: &ureq::Error) -> String {
    match error {
        ureq::Error::HostNotFound => "there is no server of this name, or no network".to_owned(),
        ureq::Error::Timeout(_) => "the server did not answer in time".to_owned(),
        // The system's resolver has no kind of its own.
        ureq::Error::Io(e) if e.to_string().contains("lookup address") => {
            "there is no server of this name, or no network".to_owned()
        }
        ureq::Error::Io(e) => reason(e),
        error => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{BufRead, BufReader},
        net::TcpListener,
        sync::mpsc,
    };

    const WHOLE: &[u8] = b"the whole file, byte for byte";

    /// Answers each request in turn; sends the `Range` header of each through the channel.
    fn server(answers: Vec<Vec<u8>>) -> (String, mpsc::Receiver<Option<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let (send, ranges) = mpsc::channel();
        std::thread::spawn(move || {
            for answer in answers {
                let (mut stream, _) = listener.accept().unwrap();
                let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
                let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                let range =
                    head.iter().find_map(|l| l.to_lowercase().strip_prefix("range: ").map(str::to_owned));
                send.send(range).unwrap();
                stream.write_all(&answer).unwrap();
            }
        });
        (url, ranges)
    }

    fn answer(status: &str, length: usize, body: &[u8]) -> Vec<u8> {
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        [head.as_bytes(), body].concat()
    }

    fn verify(bytes: &[u8]) -> Result<(), String> {
        if bytes == WHOLE { Ok(()) } else { Err(format!("{} wrong bytes", bytes.len())) }
    }

    /// The result, the file, and what is left of the part.
    type Fetched = (Result<(), String>, Option<Vec<u8>>, Option<Vec<u8>>);

    /// Fetches with `part` lying there.
    fn fetch(part: Option<&[u8]>, mirrors: &[&str]) -> Fetched {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("file");
        if let Some(part) = part {
            files::write_atomic(&folder.path().join("file.part"), part).unwrap();
        }
        let result = from_mirrors(&target, mirrors, &verify, &|_, _, _| {});
        (result, std::fs::read(target).ok(), std::fs::read(folder.path().join("file.part")).ok())
    }

    #[test]
    fn a_server_that_cannot_be_asked_is_told_in_words_of_our_own() {
        let unknown =
            std::io::Error::other("failed to lookup address information: Name or service not known");
        assert_eq!(said(&ureq::Error::Io(unknown)), "there is no server of this name, or no network");
        let refused = std::io::Error::from_raw_os_error(111);
        assert!(!said(&ureq::Error::Io(refused)).contains("os error"));
    }

    #[test]
    fn a_download_is_taken_up_where_it_stopped() {
        let (url, ranges) = server(vec![answer("206 Partial Content", WHOLE.len() - 9, &WHOLE[9..])]);
        let (result, file, part) = fetch(Some(&WHOLE[..9]), &[&url]);
        assert_eq!((result, file.as_deref(), part), (Ok(()), Some(WHOLE), None));
        assert_eq!(ranges.recv().unwrap().as_deref(), Some("bytes=9-"));
    }

    #[test]
    fn a_whole_part_needs_no_server() {
        let (result, file, part) = fetch(Some(WHOLE), &[]);
        assert_eq!((result, file.as_deref(), part), (Ok(()), Some(WHOLE), None));
    }

    #[test]
    fn a_server_that_cannot_go_on_begins_anew() {
        // It ignores the range, or says that there is nothing beyond it.
        let whole = || answer("200 OK", WHOLE.len(), WHOLE);
        for answers in [vec![whole()], vec![answer("416 Range Not Satisfiable", 0, b""), whole()]] {
            let (url, _ranges) = server(answers);
            let (result, file, _) = fetch(Some(b"something else that is longer than the file"), &[&url]);
            assert_eq!((result, file.as_deref()), (Ok(()), Some(WHOLE)));
        }
    }

    #[test]
    fn the_second_mirror_is_asked_when_the_first_fails_or_lies() {
        for bad in [
            answer("404 Not Found", 0, b""),
            answer("200 OK", 5, b"wrong"),
            answer("200 OK", WHOLE.len(), &WHOLE[..4]),
        ] {
            let (first, _first_ranges) = server(vec![bad]);
            let (second, _second_ranges) = server(vec![answer("200 OK", WHOLE.len(), WHOLE)]);
            let (result, file, _) = fetch(None, &[&first, &second]);
            assert_eq!((result, file.as_deref()), (Ok(()), Some(WHOLE)));
        }
    }

    #[test]
    fn nothing_appears_under_the_name_when_all_mirrors_fail() {
        let (url, _ranges) = server(vec![answer("200 OK", 5, b"wrong")]);
        let (result, file, _) = fetch(None, &[&url, "http://127.0.0.1:1/"]);
        let tried = result.unwrap_err();
        assert!(tried.contains("5 wrong bytes") && tried.lines().count() == 2, "{tried}");
        assert_eq!(file, None);
    }
}
