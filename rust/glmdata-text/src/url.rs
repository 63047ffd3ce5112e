//! The form in which two addresses are compared: what a server ignores is left out.
//!
//! Web addresses lose scheme, `www.`, default port, fragment, trailing slash and tracking
//! parameters; letters are folded in the host alone, for paths are case sensitive. `www.` and the
//! scheme go because crawl indexes key pages without them (SURT, as in the index of Common Crawl
//! and in pywb). The order of parameters stays: servers may read it.

/// Parameters that follow a reader and not a page; `utm_` begins many more.
const TRACKING: [&str; 45] = [
    // Click identifiers of advertisers.
    "dclid",
    "fbclid",
    "gbraid",
    "gclid",
    "gclsrc",
    "igshid",
    "li_fat_id",
    "msclkid",
    "srsltid",
    "ttclid",
    "twclid",
    "wbraid",
    "yclid",
    "ysclid",
    // Mail and analytics: Google, HubSpot, Mailchimp, Marketo, Matomo, Omeda, Vero, Wicked Reports.
    "_ga",
    "_gl",
    "__hsfp",
    "__hssc",
    "__hstc",
    "_hsenc",
    "_hsmi",
    "hsctatracking",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "mtm_campaign",
    "mtm_source",
    "oly_anon_id",
    "oly_enc_id",
    "vero_id",
    "wickedid",
    // Alibaba, Baidu, Bilibili, Xiaohongshu.
    "bd_vid",
    "hmci",
    "hmcu",
    "hmkw",
    "hmpl",
    "hmsr",
    "scm",
    "share_token",
    "spm",
    "spm_id_from",
    "vd_source",
    "xsec_token",
    // Sessions.
    "jsessionid",
    "phpsessid",
];

const SESSION_IN_PATH: &str = ";jsessionid=";

/// The form of `url` to be compared; `None` if it is no absolute address with a host.
///
/// A string without `scheme://` or `//` is no address: fields also hold `unknown` or a path, and
/// documents that share one are not the same page. Of schemes other than http and https only the
/// scheme's letters are folded.
///
/// ```
/// use glmdata_text::url_form;
/// let form = url_form("HTTPS://www.Example.com:443/A/?utm_source=x&b=2&a=%e4%bd%a0#top");
/// assert_eq!(form.as_deref(), Some("example.com/A?b=2&a=%E4%BD%A0"));
/// assert_eq!(url_form("unknown"), None);
/// ```
pub fn url_form(url: &str) -> Option<String> {
    let url = url.trim_matches(|character| character <= ' ');
    let (scheme, rest) = match url.strip_prefix("//") {
        Some(rest) => (String::new(), rest),
        None => url.split_once("://").map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest))?,
    };
    match scheme.as_str() {
        "" if !url.starts_with("//") => None,
        "" | "http" | "https" => web_form(&scheme, rest),
        _ => (is_scheme(&scheme) && !rest.is_empty()).then(|| format!("{scheme}://{rest}")),
    }
}

/// The host of a web address as [`url_form`] writes it, without user and port; `None` without one.
///
/// ```
/// use glmdata_text::url_host;
/// assert_eq!(url_host("https://me@www.Example.com:8080/a").as_deref(), Some("example.com"));
/// assert_eq!(url_host("ftp://example.com/a"), None);
/// ```
pub fn url_host(url: &str) -> Option<String> {
    let url = url.trim_matches(|character| character <= ' ');
    let (scheme, rest) = url.split_once("//")?;
    let is_web = ["", "http:", "https:"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let authority = &rest[..rest.find(['/', '?', '#']).unwrap_or(rest.len())];
    let host = host_of(split_authority(authority).1).filter(|_| is_web)?;
    let mut form = String::with_capacity(host.len());
    push_encoded(&mut form, without_www(&host));
    Some(form)
}

fn is_scheme(name: &str) -> bool {
    let part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-');
    name.bytes().all(part) && name.as_bytes().first().is_some_and(u8::is_ascii_alphabetic)
}

fn web_form(scheme: &str, rest: &str) -> Option<String> {
    let (rest, fragment) = split_at_first(rest, "#");
    let (rest, query) = split_at_first(rest, "?");
    let (authority, path) = match rest.find('/') {
        Some(slash) => rest.split_at(slash),
        None => (rest, ""),
    };
    let mut form = String::with_capacity(rest.len() + query.len());
    push_authority(&mut form, scheme, authority)?;
    let path = without_session(path);
    push_encoded(&mut form, path.trim_end_matches('/'));
    let mut mark = '?';
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let before = form.len();
        form.push(mark);
        push_encoded(&mut form, parameter);
        if is_tracking(&form[before + 1..]) {
            form.truncate(before);
        } else {
            mark = '&';
        }
    }
    // Behind `#!` and `#/` one-page sites name the page itself.
    if fragment.starts_with(['!', '/']) {
        form.push('#');
        push_encoded(&mut form, fragment);
    }
    Some(form)
}

fn split_at_first<'a>(text: &'a str, mark: &str) -> (&'a str, &'a str) {
    text.split_once(mark).unwrap_or((text, ""))
}

fn push_authority(form: &mut String, scheme: &str, authority: &str) -> Option<()> {
    let (user, host, port) = split_authority(authority);
    let host = host_of(host)?;
    if !user.is_empty() {
        push_encoded(form, user);
        form.push('@');
    }
    push_encoded(form, without_www(&host));
    let default = matches!((scheme, port), ("http", ":80") | ("https", ":443") | (_, "" | ":"));
    if !default {
        push_encoded(form, port);
    }
    Some(())
}

/// User, host and port, with its colon.
fn split_authority(authority: &str) -> (&str, &str, &str) {
    let (user, host_and_port) = authority.rsplit_once('@').unwrap_or(("", authority));
    // The colons of an IPv6 address stand in brackets.
    let colon = host_and_port.rfind(':').filter(|&colon| !host_and_port[colon..].contains(']'));
    let (host, port) = host_and_port.split_at(colon.unwrap_or(host_and_port.len()));
    (user, host, port)
}

fn host_of(host: &str) -> Option<String> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    (!host.is_empty()).then_some(host)
}

/// `host` without `www.` or `www2.`, if a domain stays: `www.com` is one.
fn without_www(host: &str) -> &str {
    let shorter = host.strip_prefix("www").and_then(|rest| {
        rest.trim_start_matches(|digit: char| digit.is_ascii_digit()).strip_prefix('.')
    });
    shorter.filter(|rest| rest.contains('.')).unwrap_or(host)
}

/// `path` without `;jsessionid=...`, which Java servers put before the query.
fn without_session(path: &str) -> &str {
    let lower = path.to_ascii_lowercase();
    lower.find(SESSION_IN_PATH).map_or(path, |at| &path[..at])
}

fn is_tracking(parameter: &str) -> bool {
    let name = parameter.split_once('=').map_or(parameter, |(name, _)| name).to_ascii_lowercase();
    name.starts_with("utm_") || TRACKING.contains(&name.as_str())
}

/// Append `text` with percent-encoding as RFC 3986 (6.2.2) has it: unreserved characters plain,
/// hex digits in upper case, and what is not printable ASCII encoded.
fn push_encoded(form: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let (byte, length) = match hex_pair(&bytes[at..]) {
            Some(byte) => (byte, 3),
            None => (bytes[at], 1),
        };
        let unreserved = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if unreserved || (length == 1 && byte.is_ascii_graphic()) {
            form.push(char::from(byte));
        } else {
            push_hex(form, byte);
        }
        at += length;
    }
}

fn push_hex(form: &mut String, byte: u8) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    form.push('%');
    form.push(DIGITS[usize::from(byte >> 4)]);
    form.push(DIGITS[usize::from(byte & 15)]);
}

/// The byte that `%XX` at the start of `bytes` stands for.
fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low] = *bytes.first_chunk::<3>()? else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}
