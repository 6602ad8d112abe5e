//! Reads any bytes as an answer of a registry: a line with the status, headers, an empty line, and the body, which may be a
//! manifest, an index, a token or an error.
#![no_main]

use http::Response;
use libfuzzer_sys::fuzz_target;
use rel::internals::read_answer;

fuzz_target!(|bytes: &[u8]| {
    let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or(bytes.len());
    let (head, body) = (&bytes[..end], bytes.get(end + 2..).unwrap_or_default());
    let mut lines = head.split(|byte| *byte == b'\n');
    let status = lines.next().and_then(|line| std::str::from_utf8(line).ok()?.trim().parse::<u16>().ok());
    let mut response = Response::builder().status(status.unwrap_or(200));
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        response = response.header(&line[..colon], line[colon + 1..].trim_ascii());
    }
    // What is not HTTP never reaches the reader.
    let Ok(response) = response.body(body.to_vec()) else { return };
    let Ok(answer) = read_answer("registry.example", response) else { return };
    for error in
        [answer.platforms.as_ref().err(), answer.digests.1.as_ref().err(), answer.token.as_ref().err()]
    {
        assert!(error.is_none_or(|error| error.kind.code() == 6), "{error:?}");
    }
    // Credentials go over https alone, and not to this machine.
    if let Some(Ok(url)) = &answer.token_service {
        let authority =
            url.strip_prefix("https://").expect(url).split(['/', '?', '#']).next().unwrap_or_default();
        let here = |name: &str| authority == name || authority.starts_with(&format!("{name}:"));
        assert!(!["127.0.0.1", "localhost", "[::1]"].into_iter().any(here), "{url}");
    }
    // A quote is one line of printable text.
    if let Some(message) = &answer.message {
        assert!(message.chars().count() <= 201 && !message.contains(char::is_control), "{message:?}");
    }
});
