//! A browser as far as these tests need one: it keeps a cookie, reads forms, and fills them in by
//! their labels.

use std::sync::Mutex;

use bearergate_testkit::program::PATIENCE;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, header};
use scraper::{ElementRef, Html, Selector};

/// A browser that follows no redirect by itself.
pub struct Browser {
    client: Client,
    base: String,
    cookie: Mutex<Option<String>>,
}

/// An answer.
pub struct Page {
    pub status: u16,
    pub headers: header::HeaderMap,
    pub html: String,
}

/// A form with what stands in it.
#[derive(Clone)]
pub struct Form {
    pub action: String,
    pub pairs: Vec<(String, String)>,
    page: String,
}

impl Browser {
    /// For the server at `127.0.0.1:<port>`, by the name of its public URL.
    pub fn new(address: &str) -> Self {
        let address: std::net::SocketAddr = address.parse().expect("host:port");
        let client = Client::builder()
            .redirect(Policy::none())
            .resolve("localhost", address)
            .build()
            .expect("a client");
        Self {
            client,
            base: format!("http://localhost:{}", address.port()),
            cookie: Mutex::default(),
        }
    }

    /// The origin of the pages.
    pub fn origin(&self) -> &str {
        &self.base
    }

    /// The session's cookie, `name=value`.
    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().expect("no panic").clone()
    }

    pub fn set_cookie(&self, cookie: Option<String>) {
        *self.cookie.lock().expect("no panic") = cookie;
    }

    pub async fn get(&self, path: &str) -> Page {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Page {
        self.send(self.form_request(path, pairs)).await
    }

    /// Sends a form as the browser would.
    pub async fn submit(&self, form: &Form) -> Page {
        self.send(self.form_request(&form.action, &form.pairs))
            .await
    }

    /// Opens a page again and again until it shows what it should.
    pub async fn until(&self, path: &str, shows: impl Fn(&Page) -> bool) -> Page {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let page = self.get(path).await;
            if shows(&page) {
                return page;
            }
            let in_time = tokio::time::Instant::now() < deadline;
            assert!(in_time, "{path} still shows {}", page.text());
            tokio::task::yield_now().await;
        }
    }

    /// Goes where a redirect of ours leads.
    pub async fn follow(&self, page: &Page) -> Page {
        assert_eq!(page.status, 303, "{}", page.text());
        self.get(page.location()).await
    }

    /// A request with the cookie.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.base));
        match self.cookie() {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    /// A form about to be sent.
    pub fn form_request<N: AsRef<str>, V: AsRef<str>>(
        &self,
        path: &str,
        pairs: &[(N, V)],
    ) -> RequestBuilder {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        self.request(Method::POST, path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body)
    }

    /// Sends a form with one file, as a browser does (RFC 7578).
    pub async fn upload(&self, form: &Form, file: &str) -> Page {
        const BOUNDARY: &str = "----a-boundary-that-no-file-holds";
        let part = |name: &str, rest: &str, content: &str| {
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n\r\n{content}\r\n"
            )
        };
        let fields = form.pairs.iter().filter(|(name, _)| name != "file");
        let mut body: String = fields.map(|(name, value)| part(name, "", value)).collect();
        let named = "; filename=\"map.csv\"\r\nContent-Type: text/csv";
        body.push_str(&part("file", named, file));
        body.extend(["--", BOUNDARY, "--\r\n"]);
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        let request = self.request(Method::POST, &form.action);
        self.send(request.header(header::CONTENT_TYPE, kind).body(body))
            .await
    }

    pub async fn send(&self, request: RequestBuilder) -> Page {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for set in headers.get_all(header::SET_COOKIE) {
            let set = set.to_str().expect("a text");
            let pair = set.split(';').next().expect("a pair");
            let is_removed = set.contains("Max-Age=0");
            self.set_cookie((!is_removed).then(|| pair.to_owned()));
        }
        Page {
            status,
            headers,
            html: response.text().await.expect("a text"),
        }
    }
}

impl Page {
    pub fn location(&self) -> &str {
        self.header("location")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("a text"))
    }

    pub fn title(&self) -> String {
        self.texts("h1").join(" | ")
    }

    /// All that is to be read, blanks joined.
    pub fn text(&self) -> String {
        self.texts("body").join(" ")
    }

    /// The texts of the elements that `selector` finds.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let page = Html::parse_document(&self.html);
        page.select(&parse(selector)).map(text).collect()
    }

    /// The message beside the field with this label.
    pub fn message(&self, label: &str) -> String {
        let page = Html::parse_document(&self.html);
        let id = id_of(&page, label);
        let message = parse(&format!("[id='{id}-error']"));
        let messages = page.select(&message).map(text);
        messages.collect::<Vec<_>>().join(" ")
    }

    /// Where the links go that `selector` finds.
    pub fn links(&self, selector: &str) -> Vec<String> {
        let page = Html::parse_document(&self.html);
        let selector = parse(selector);
        page.select(&selector)
            .filter_map(|link| link.attr("href").map(ToOwned::to_owned))
            .collect()
    }

    /// The values of the buttons that read so.
    pub fn button_values(&self, button: &str) -> Vec<String> {
        let page = Html::parse_document(&self.html);
        page.select(&parse("button[value]"))
            .filter(|one| text(*one) == button)
            .filter_map(|one| one.attr("value").map(ToOwned::to_owned))
            .collect()
    }

    /// This attribute of the elements that `selector` finds.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let page = Html::parse_document(&self.html);
        let selector = parse(selector);
        let found = page.select(&selector);
        let values = found.filter_map(|element| element.attr(name).map(ToOwned::to_owned));
        values.collect()
    }

    /// What stands in the text field with this label.
    pub fn form_value(&self, label: &str) -> String {
        let page = Html::parse_document(&self.html);
        let id = id_of(&page, label);
        let field = parse(&format!("[id='{id}']"));
        let field = page.select(&field).next().expect("a control");
        field.attr("value").unwrap_or_default().to_owned()
    }

    /// The form that is posted to `action`, with what stands in it.
    pub fn form(&self, action: &str) -> Form {
        self.form_by("post", action)
    }

    /// The form that is sent to `action` by GET.
    pub fn get_form(&self, action: &str) -> Form {
        self.form_by("get", action)
    }

    fn form_by(&self, method: &str, action: &str) -> Form {
        let page = Html::parse_document(&self.html);
        let form = page
            .select(&parse(&format!("form[method={method}][action='{action}']")))
            .next()
            .unwrap_or_else(|| panic!("no form to {action} in {}", self.text()));
        let controls = parse("input[name], select[name], textarea[name]");
        let pairs = form.select(&controls).filter_map(sent_by).collect();
        Form {
            action: action.to_owned(),
            pairs,
            page: self.html.clone(),
        }
    }
}

impl Form {
    /// What stands in the control with this label.
    pub fn value(&self, label: &str) -> Option<&str> {
        let name = self.name(label);
        self.pairs
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Types into the field, or chooses in the select, with this label.
    pub fn fill(&mut self, label: &str, value: &str) -> &mut Self {
        let name = self.name(label);
        self.set(&name, value)
    }

    pub fn tick(&mut self, label: &str) -> &mut Self {
        self.fill(label, "on")
    }

    pub fn untick(&mut self, label: &str) -> &mut Self {
        let name = self.name(label);
        self.pairs.retain(|(known, _)| *known != name);
        self
    }

    /// Sets a control by its name: a button that is pressed, a hidden value.
    pub fn set(&mut self, name: &str, value: &str) -> &mut Self {
        self.pairs.retain(|(known, _)| known != name);
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Presses the button with this name and value, which may send the form elsewhere.
    pub fn press(&mut self, name: &str, value: &str) -> &mut Self {
        let page = Html::parse_document(&self.page);
        let button = parse(&format!("button[name='{name}'][value='{value}']"));
        let button = page.select(&button).next();
        let button = button.unwrap_or_else(|| panic!("no button {name} {value}"));
        if let Some(action) = button.attr("formaction") {
            action.clone_into(&mut self.action);
        }
        self.set(name, value)
    }

    fn name(&self, label: &str) -> String {
        let page = Html::parse_document(&self.page);
        let id = id_of(&page, label);
        let control = page
            .select(&parse(&format!("[id='{id}']")))
            .next()
            .expect("a control");
        control.attr("name").expect("a name").to_owned()
    }
}

fn id_of(page: &Html, label: &str) -> String {
    let all = parse("label[for]");
    let mut labels = page.select(&all).filter(|found| text(*found) == label);
    let found = labels
        .next()
        .unwrap_or_else(|| panic!("no label {label:?}"));
    assert!(labels.next().is_none(), "two labels {label:?}");
    found.attr("for").expect("it has one").to_owned()
}

/// What a browser sends for a control.
fn sent_by(control: ElementRef<'_>) -> Option<(String, String)> {
    let name = control.attr("name")?.to_owned();
    let value = || control.attr("value").unwrap_or_default().to_owned();
    let sent = match (control.value().name(), control.attr("type")) {
        ("input", Some("checkbox" | "radio")) => control.attr("checked").map(|_| value())?,
        ("textarea", _) => {
            let text: String = control.text().collect();
            text.strip_prefix('\n')
                .unwrap_or(&text)
                .replace('\n', "\r\n")
        }
        ("select", _) => {
            let selected = control.select(&parse("option[selected]")).next();
            let option = selected.or_else(|| control.select(&parse("option")).next());
            option?.attr("value")?.to_owned()
        }
        _ => value(),
    };
    Some((name, sent))
}

fn parse(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector of these tests")
}

fn text(element: ElementRef<'_>) -> String {
    let text: String = element.text().collect::<Vec<_>>().join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
