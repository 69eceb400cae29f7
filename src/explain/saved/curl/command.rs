//! What the options of a curl command add up to.

use bytes::Bytes;
use data_encoding::BASE64;
use http::Method;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, REFERER, USER_AGENT,
};
use percent_encoding::percent_encode;

use super::options::Meaning;
use crate::explain::saved::header::{self, HeaderFault};
use crate::explain::saved::{Format, SavedRequest, Unreadable, target};
use crate::model::unreserved::ALL_BUT_UNRESERVED;

/// What is wrong with an option, and what to do (or nothing).
pub(super) type Fault = (String, &'static str);

/// A command so far.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option that is given or not"
)]
pub(super) struct Command {
    method: Option<Method>,
    get: bool,
    head: bool,
    glob_off: bool,
    path_as_is: bool,
    /// The URL, and where it stands.
    url: Option<(Vec<u8>, usize)>,
    data: Option<Vec<u8>>,
    json: bool,
    headers: HeaderMap,
    /// Headers of `-H`, also those it takes away: curl then adds none of its own of that name.
    settled: Vec<HeaderName>,
    /// Headers of other options.
    from_options: Vec<(HeaderName, Vec<u8>)>,
}

impl Command {
    /// Applies one option.
    pub(super) fn apply(
        &mut self,
        meaning: Meaning,
        value: &[u8],
        start: usize,
    ) -> Result<(), Fault> {
        match meaning {
            Meaning::Flag | Meaning::Ignored => {}
            Meaning::Refused(what, hint) => return Err((what.to_owned(), hint)),
            Meaning::Get => self.get = true,
            Meaning::Head => self.head = true,
            Meaning::GlobOff => self.glob_off = true,
            Meaning::PathAsIs => self.path_as_is = true,
            Meaning::Method => {
                let method = Method::from_bytes(value)
                    .map_err(|_| ("this is no HTTP method".to_owned(), ""))?;
                self.method = Some(method);
            }
            Meaning::Url if self.url.is_some() => {
                return Err((
                    "this is a second URL".to_owned(),
                    "keep one request; put an argument with spaces into quotes",
                ));
            }
            Meaning::Url => self.url = Some((value.to_vec(), start)),
            Meaning::Header => self.header(value)?,
            Meaning::Data => self.data(no_file(value)?, Some(b'&')),
            Meaning::DataRaw => self.data(value, Some(b'&')),
            Meaning::Json => {
                self.json = true;
                self.data(no_file(value)?, None);
            }
            Meaning::DataEncoded => self.data(&encoded(value)?, Some(b'&')),
            Meaning::User => {
                let value = format!("Basic {}", BASE64.encode(value));
                self.option_header(AUTHORIZATION, value.into_bytes());
            }
            Meaning::Bearer => self.option_header(AUTHORIZATION, [b"Bearer ", value].concat()),
            Meaning::UserAgent => self.option_header(USER_AGENT, value.to_vec()),
            Meaning::Referer => {
                let value = value.strip_suffix(b";auto").unwrap_or(value);
                self.option_header(REFERER, value.to_vec());
            }
            Meaning::Cookie => self.cookie(value)?,
        }
        Ok(())
    }

    /// The last of several counts.
    fn option_header(&mut self, name: HeaderName, value: Vec<u8>) {
        self.from_options.retain(|(other, _)| *other != name);
        self.from_options.push((name, value));
    }

    fn cookie(&mut self, value: &[u8]) -> Result<(), Fault> {
        if !value.contains(&b'=') {
            return Err(file());
        }
        let earlier = self
            .from_options
            .iter_mut()
            .find(|(name, _)| *name == COOKIE);
        if let Some((_, cookies)) = earlier {
            cookies.extend_from_slice(b"; ");
            cookies.extend_from_slice(value);
        } else {
            self.from_options.push((COOKIE, value.to_vec()));
        }
        Ok(())
    }

    /// `Name: value`; `Name:` takes a header away; `Name;` sends it empty.
    fn header(&mut self, line: &[u8]) -> Result<(), Fault> {
        if line.starts_with(b"@") {
            return Err(file());
        }
        let no_header = || ("this is no header".to_owned(), "write `-H 'Name: value'`");
        let (name, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => {
                let (name, value) = line.split_at(colon);
                (name, Some(value.get(1..).unwrap_or_default()))
            }
            None => (line.strip_suffix(b";").ok_or_else(no_header)?, None),
        };
        let name = str::from_utf8(name).map_err(|_| no_header())?;
        self.settled
            .push(HeaderName::from_bytes(name.as_bytes()).map_err(|_| no_header())?);
        match value {
            Some(value) if value.trim_ascii().is_empty() => Ok(()),
            value => header::add(&mut self.headers, name, value.unwrap_or_default())
                .map_err(|fault| (fault.what(name), "")),
        }
    }

    fn data(&mut self, value: &[u8], separator: Option<u8>) {
        match &mut self.data {
            Some(data) => {
                data.extend(separator);
                data.extend_from_slice(value);
            }
            None => self.data = Some(value.to_vec()),
        }
    }

    /// The request, once all options are applied. The text is that of the command, to place a fault in.
    pub(super) fn request(mut self, text: &str) -> Result<SavedRequest, Unreadable> {
        let fault = |what: &str| Unreadable::new(Format::Curl, what);
        let Some((url, start)) = self.url.take() else {
            return Err(fault("it names no URL").hint("copy the whole command"));
        };
        if self.head && self.data.is_some() && !self.get {
            return Err(fault("`-I` sends no body, and there is one").hint("leave one of them out"));
        }
        let body = if self.get { None } else { self.data.take() };
        let method = self.method.take().unwrap_or(match &body {
            _ if self.head => Method::HEAD,
            Some(_) => Method::POST,
            None => Method::GET,
        });
        let target = self
            .target(url)
            .map_err(|(what, hint)| fault(&what).hint(hint).at(text.as_bytes(), start))?;
        self.add_defaults(body.is_some())
            .map_err(|(name, wrong)| fault(&wrong.what(name.as_str())))?;
        Ok(SavedRequest {
            method,
            target,
            headers: self.headers,
            body: body.map(Bytes::from).unwrap_or_default(),
            format: Format::Curl,
            caller: None,
            address: None,
            time: None,
            hides_values: false,
        })
    }

    fn target(&mut self, url: Vec<u8>) -> Result<http::uri::PathAndQuery, Fault> {
        let encode = "write the URL as the browser's address bar copies it";
        let mut url =
            String::from_utf8(url).map_err(|_| ("the URL is not UTF-8".to_owned(), encode))?;
        if !url.contains("://") {
            url.insert_str(0, "http://"); // as curl does
        }
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        if !self.glob_off && path.contains(['{', '[']) {
            return Err((
                "curl makes several URLs of `{}` and `[]`".to_owned(),
                "percent-encode them, or add `-g` if they are meant",
            ));
        }
        let mut segments = path.split(['?', '#']).next().unwrap_or_default().split('/');
        if !self.path_as_is && segments.any(|segment| matches!(segment, "." | "..")) {
            return Err((
                "curl takes `.` and `..` out of the path".to_owned(),
                "write the path without them, or add `--path-as-is` if they are meant",
            ));
        }
        if self.get
            && let Some(data) = self.data.take()
        {
            let data = String::from_utf8(data)
                .map_err(|_| ("the data for the query is not UTF-8".to_owned(), encode))?;
            url.truncate(url.find('#').unwrap_or(url.len()));
            if !data.is_empty() {
                url.push(if url.contains('?') { '&' } else { '?' });
                url.push_str(&data);
            }
        }
        target::of_url(&url).map_err(|what| {
            let hint = if what.contains("user name") {
                "leave it out, and pass it with `-u`"
            } else {
                encode
            };
            (what.to_owned(), hint)
        })
    }

    fn add_defaults(&mut self, has_body: bool) -> Result<(), (HeaderName, HeaderFault)> {
        let mut defaults = std::mem::take(&mut self.from_options);
        if self.json {
            defaults.push((CONTENT_TYPE, b"application/json".to_vec()));
            defaults.push((ACCEPT, b"application/json".to_vec()));
        } else if has_body {
            defaults.push((CONTENT_TYPE, b"application/x-www-form-urlencoded".to_vec()));
        }
        for (name, value) in defaults {
            let unsettled = !self.settled.contains(&name);
            if unsettled && !value.is_empty() {
                header::add(&mut self.headers, name.as_str(), &value)
                    .map_err(|fault| (name, fault))?;
            }
        }
        Ok(())
    }
}

fn file() -> Fault {
    (
        "it names a file, and only the command line is read".to_owned(),
        "write the file's text in its place",
    )
}

fn no_file(value: &[u8]) -> Result<&[u8], Fault> {
    if value.starts_with(b"@") {
        Err(file())
    } else {
        Ok(value)
    }
}

/// `content`, `=content` or `name=content`; with `@` in the place of `=` a file.
fn encoded(value: &[u8]) -> Result<Vec<u8>, Fault> {
    // curl writes a space as a form does.
    let encode = |content| {
        let encoded = percent_encode(content, ALL_BUT_UNRESERVED).to_string();
        encoded.replace("%20", "+").into_bytes()
    };
    match value.iter().position(|byte| matches!(byte, b'=' | b'@')) {
        Some(at) if value.get(at) == Some(&b'@') => Err(file()),
        Some(at) => {
            let (name, content) = value.split_at(at);
            let content = encode(content.get(1..).unwrap_or_default());
            Ok(if name.is_empty() {
                content
            } else {
                [name, b"=", &content].concat()
            })
        }
        None => Ok(encode(value)),
    }
}
