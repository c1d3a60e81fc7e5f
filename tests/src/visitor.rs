//! [`Visitor`]: a browser without pictures. It goes where it is sent, keeps the cookie it is given and fills in forms.

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, StatusCode, Url};

/// More redirects than any way through our pages has.
const MOST_REDIRECTS: usize = 5;

/// Somebody at a browser.
#[derive(Debug)]
pub struct Visitor {
    http: Client,
    cookie: Option<String>,
}

/// What a visitor is shown.
#[derive(Debug)]
pub struct Page {
    /// Where it came from, after all redirects.
    pub url: Url,
    /// Its status.
    pub status: StatusCode,
    /// Its text.
    pub html: String,
}

impl Default for Visitor {
    fn default() -> Self {
        let http = Client::builder().redirect(Policy::none()).no_proxy().build().expect("a client");
        Self { http, cookie: None }
    }
}

impl Visitor {
    /// Opens an address.
    ///
    /// # Panics
    /// If nobody answers there, or redirects go on without an end.
    pub async fn open(&mut self, url: &str) -> Page {
        self.go(Method::GET, Url::parse(url).expect("an address"), String::new()).await
    }

    /// Sends the first form of a page with what it holds hidden, and with what is typed or pressed.
    ///
    /// # Panics
    /// If there is no form, or as [`Self::open`].
    pub async fn submit(&mut self, page: &Page, typed: &[(&str, &str)]) -> Page {
        let form = page
            .html
            .split_once("<form ")
            .unwrap_or_else(|| panic!("a form at {}: {}", page.url, page.html))
            .1;
        let form = form.split("</form>").next().unwrap_or_default();
        let hidden = form
            .split("<input type=\"hidden\"")
            .skip(1)
            .map(|input| (attribute(input, "name"), attribute(input, "value")));
        let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let action =
            page.url.join(&attribute(form, "action")).expect("an address to send the form to");
        let body = Url::parse_with_params("http://form/", hidden.chain(typed)).expect("fields");
        self.go(Method::POST, action, body.query().unwrap_or_default().to_owned()).await
    }

    async fn go(&mut self, mut method: Method, mut url: Url, mut body: String) -> Page {
        for _ in 0..=MOST_REDIRECTS {
            let mut request = self.http.request(method.clone(), url.clone());
            if method == Method::POST {
                request = request.header(ORIGIN, url.origin().ascii_serialization());
                request =
                    request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
            }
            if let Some(cookie) = &self.cookie {
                request = request.header(COOKIE, cookie);
            }
            let answer =
                request.send().await.unwrap_or_else(|error| panic!("{url} answers: {error}"));
            if let Some(cookie) = answer.headers().get(SET_COOKIE).and_then(|set| set.to_str().ok())
            {
                self.cookie = cookie.split(';').next().map(ToOwned::to_owned);
            }
            let status = answer.status();
            let Some(to) = answer.headers().get(LOCATION).filter(|_| status.is_redirection())
            else {
                return Page { url, status, html: answer.text().await.expect("a page") };
            };
            url = url.join(to.to_str().expect("a plain address")).expect("an address to go on to");
            (method, body) = (Method::GET, String::new());
        }
        panic!("redirects have an end; the last one led to {url}");
    }
}

/// An attribute's value, as the text it stands for.
fn attribute(tag: &str, name: &str) -> String {
    let value = tag
        .split_once(&format!("{name}=\""))
        .map_or("", |(_, rest)| rest.split('"').next().unwrap_or_default());
    [("&#38;", "&"), ("&#34;", "\""), ("&#60;", "<"), ("&#62;", ">")]
        .iter()
        .fold(value.to_owned(), |text, (written, meant)| text.replace(written, meant))
}
