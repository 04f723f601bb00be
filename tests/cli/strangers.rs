//! Requests in every wrong form, each with the marker wherever it has room.

/// Whole requests; what is wrong with them comes first in each line.
pub fn requests(marker: &str) -> Vec<String> {
    let m = marker;
    let head = "POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\n";
    let mut requests = vec![
        format!("GET /{m}?{m}={m} HTTP/1.1\r\nHost: localhost\r\nX-{m}: {m}\r\n\r\n"),
        format!("GET /api/v1/token?{m} HTTP/1.1\r\nHost: localhost\r\nCookie: {m}\r\n\r\n"),
        format!("{m} /api/v1/token HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        format!("CONNECT {m}:443 HTTP/1.1\r\nHost: {m}:443\r\n\r\n"),
        format!("OPTIONS * HTTP/1.1\r\nHost: localhost\r\nOrigin: https://{m}.test\r\n\r\n"),
        format!("POST //{m}/api/v1/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"),
        format!("POST http://{m}.test/api/v1/token HTTP/1.1\r\nHost: localhost\r\n\r\n"),
        format!("POST /api/v1/token HTTP/1.1\r\nHost: {m}.test\r\n\r\n"),
        format!("POST /api/v1/token HTTP/1.1\r\nHost: localhost\r\nHost: {m}\r\n\r\n"),
        format!("{head}Origin: https://{m}.test\r\n\r\n"),
        format!("{head}Sec-Fetch-Site: cross-site\r\nReferer: {m}\r\n\r\n"),
        format!("{head}Transfer-Encoding: {m}\r\n\r\n{m}"),
        format!("{head}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n{m}\r\n{m}"),
        format!("{head}Transfer-Encoding: chunked\r\n\r\n{m}\r\n{m}\r\n0\r\n\r\n"),
        format!("{head}Content-Length: {m}\r\n\r\n{m}"),
        format!("{head}Expect: {m}\r\nContent-Length: 0\r\n\r\n"),
        format!("{head}{m}\r\n\r\n"),
        format!("{head}{m} : {m}\r\n\r\n"),
        format!("{head}X-A: \u{1}{m}\r\n\r\n"),
        format!("{m}\r\n\r\n"),
        format!("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{m}"),
        format!("{head}Connection: upgrade\r\nUpgrade: {m}\r\nContent-Length: 0\r\n\r\n"),
        format!("{head}X-{m}: {}\r\n\r\n", m.repeat(2_000)),
        format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", m.repeat(300)),
    ];
    let json = "application/json";
    let form = "application/x-www-form-urlencoded";
    let bodies = json_bodies(m)
        .into_iter()
        .map(|body| (json.to_owned(), body));
    let forms = form_bodies(m)
        .into_iter()
        .map(|body| (form.to_owned(), body));
    let types = [
        format!("{json}; charset={m}"),
        format!("{form}; charset=\"{m}\""),
        format!("{json}\r\nContent-Type: {m}/{m}"),
    ];
    let types = types
        .into_iter()
        .map(|media_type| (media_type, format!("{{\"target\":\"{m}\"}}")));
    for (media_type, body) in bodies.chain(forms).chain(types) {
        let length = body.len();
        requests.push(format!(
            "{head}Content-Type: {media_type}\r\nAuthorization: Bearer {m}\r\nCookie: {m}={m}\r\n\
             User-Agent: {m}\r\nX-Forwarded-For: {m}\r\nTraceparent: {m}\r\nX-{m}: {m}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ));
    }
    requests
}

fn json_bodies(m: &str) -> Vec<String> {
    let mut bodies = vec![
        m.to_owned(),
        format!("\"{m}\""),
        format!("[\"{m}\"]"),
        format!("{{\"{m}\""),
        format!("{{\"{m}\":\"{m}\"}}"),
        format!("{{\"target\":\"{m}\"}} {m}"),
        format!("{{\"target\":\"{m}\",\"target\":\"{m}\"}}"),
        format!("{{\"target\":\"{m}\\u0000\",\"identity_provider\":\"azuread\"}}"),
        format!(
            "{{\"target\":\"{}\",\"identity_provider\":\"azuread\"}}",
            m.repeat(200)
        ),
        format!("{{\"target\":\"{m}\\ud800\",\"identity_provider\":\"azuread\"}}"),
        format!("{{\"target\":\"{m}\",\"identity_provider\":\"maskinporten\"}}"),
        format!("{{{}\"{m}\"{}", "\"a\":{".repeat(300), "}".repeat(300)),
        m.repeat(3_000),
    ];
    let good = [
        ("identity_provider", "\"azuread\"".to_owned()),
        ("target", format!("\"{m}\"")),
        ("resource", format!("\"{m}\"")),
        ("authorization_details", format!("[{{\"{m}\":\"{m}\"}}]")),
        ("skip_cache", "false".to_owned()),
    ];
    let wrong = [
        format!("\"{m}\""),
        format!("[\"{m}\"]"),
        format!("{{\"{m}\":{{\"{m}\":1}}}}"),
        format!("[[[[[[[[[[[[[[[[[[\"{m}\"]]]]]]]]]]]]]]]]]]"),
        format!("[{{\"{m}\":[[[[[[[[[[[[[[[[[[\"{m}\"]]]]]]]]]]]]]]]]]]}}]"),
        format!("1{m}"),
    ];
    for (field, _) in &good {
        // Texts are good values of these.
        let refused = wrong
            .iter()
            .skip(usize::from(matches!(*field, "target" | "resource")));
        for value in refused {
            let members = good.iter().map(|(name, good)| {
                let value = if name == field { value } else { good };
                format!("\"{name}\":{value}")
            });
            bodies.push(format!("{{{}}}", members.collect::<Vec<_>>().join(",")));
        }
    }
    bodies
}

fn form_bodies(m: &str) -> Vec<String> {
    let good = format!("identity_provider=azuread&target={m}");
    vec![
        m.to_owned(),
        format!("{m}={m}"),
        format!("identity_provider={m}&target={m}"),
        format!("{good}&target={m}"),
        format!("{good}%00"),
        format!("{good}%ff"),
        format!("{good}&skip_cache={m}"),
        format!("{good}&authorization_details={m}"),
        format!("{good}&authorization_details=[{{\"{m}"),
        format!("identity_provider=azuread&target=&{m}={m}"),
        format!("identity_provider=tokenx&target={m}&user_token={m}"),
    ]
}
