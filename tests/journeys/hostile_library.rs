//! The hostile library journeys: what a library that means harm can do to whoever has chosen it.

use std::path::Path;
use std::time::Duration;

use vignette_tests::desk::Desk;
use vignette_tests::hostile::HostileLibrary;
use vignette_tests::program::Program;

const PATIENCE: Duration = Duration::from_secs(30);

/// Everything by which HTML makes a webview ask for something, run something or go somewhere.
fn pieces(at: &str) -> Vec<String> {
    let x = format!("{at}/beacon");
    [
        format!("<img src='{x}?img'>"),
        format!("<img src=x: onerror=\"fetch('{x}?onerror')\">"),
        format!("<img srcset='{x}?srcset 1x'>"),
        format!("<picture><source srcset='{x}?picture'><img></picture>"),
        format!("<audio src='{x}?audio' autoplay preload=auto></audio>"),
        format!("<video src='{x}?video' poster='{x}?poster' autoplay></video>"),
        format!("<svg><image href='{x}?svg' width=9 height=9 /></svg>"),
        format!("<svg onload=\"fetch('{x}?svgload')\"></svg>"),
        format!("<input type=image src='{x}?input'>"),
        format!("<table background='{x}?table'><tr><td>t</td></tr></table>"),
        format!("<link rel=prefetch href='{x}?prefetch'><link rel=stylesheet href='{x}?stylesheet'>"),
        format!("<meta http-equiv=refresh content='0; url={x}?refresh'>"),
        format!("<base href='{at}/'>"),
        format!("<form action='{x}?form'><button>press</button></form>"),
        format!("<style>body {{ background: url({x}?style) }}</style>"),
        format!("<p style='background: url({x}?attribute)'>styled</p>"),
        format!("<iframe src='{x}?iframe'></iframe><object data='{x}?object'></object><embed src='{x}?embed'>"),
        format!("<script>fetch('{x}?script')</script>"),
        "<a href='javascript:alert(1)'>x</a>".to_owned(),
        format!("<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src={x}?mutation&gt;'>"),
        format!("<noscript><p title='</noscript><img src={x}?noscript>'>"),
    ]
    .into()
}

fn choose(home: &Path, library: &HostileLibrary) {
    let mut signing_in =
        Program::vignette(home, &["sign-in", &library.url()], &[("VIGNETTE_TOKEN", "lib_hostile")]);
    signing_in.wait_for("the library to be chosen", PATIENCE, |said| {
        (said["event"] == "signed_in").then_some(())
    });
    assert!(signing_in.finish(PATIENCE).0.success());
}

/// Neither the library itself nor another site is asked for anything that its texts name, and the page stays where it is.
#[tokio::test(flavor = "multi_thread")]
async fn its_texts_fetch_nothing_run_nothing_and_lead_nowhere() {
    let elsewhere = HostileLibrary::start(&[], "").await;
    let all = pieces(&elsewhere.url());
    let library = HostileLibrary::start(&all, "https://elsewhere.example/c/x").await;
    let desk = Desk::open_after(|home| choose(home, &library)).await;
    desk.click("tab-library").await;
    desk.click("clip-card").await;
    let last = format!("return document.body.innerText.includes('Reply {}')", all.len() - 1);
    desk.until("all replies", &last).await;

    // The page's own questions are answered one after the other: by then whatever was to be fetched would have been begun.
    desk.until("an answer", "return fetch(document.baseURI).then(() => true)").await;
    assert_eq!(elsewhere.asked(), Vec::<String>::new(), "nothing is asked of another site");
    let beyond: Vec<_> =
        library.asked().into_iter().filter(|path| !path.starts_with("/api/v1/")).collect();
    assert_eq!(beyond, Vec::<String>::new(), "nor of the library, but by the page itself");
    let harmful = "return [...document.querySelectorAll('[data-testid=reply] *, section.summary *')].map(e => e.localName)
                   .filter(n => /^(img|audio|video|source|image|link|meta|base|form|style|script|iframe|object|embed)$/.test(n))";
    assert_eq!(desk.window.run(harmful).await, serde_json::json!([]), "no such element is made");
    let address = desk.window.client.current_url().await.expect("an address");
    assert!(address.as_str().starts_with("tauri://localhost/"), "{address}");
}

/// Were there a way in for a script, it could still not carry anything off, nor make elements out of text.
#[tokio::test(flavor = "multi_thread")]
async fn the_window_asks_nobody_but_the_library() {
    let elsewhere = HostileLibrary::start(&[], "").await;
    let library = HostileLibrary::start(&[], "").await;
    let desk = Desk::open_after(|home| choose(home, &library)).await;
    desk.click("tab-library").await;
    desk.click("clip-card").await;
    let attack = |at: &str| {
        format!(
            "const at = '{at}/carried-off'; window.refused = [];
             document.addEventListener('securitypolicyviolation', (e) => window.refused.push(e.effectiveDirective));
             fetch(at).catch(() => 0); new Image().src = at; document.createElement('video').src = at;
             for (const [name, key] of [['iframe', 'src'], ['object', 'data'], ['script', 'src'], ['link', 'href']]) {{
               const e = document.createElement(name);
               if (name === 'link') e.rel = 'stylesheet';
               try {{ e[key] = at; document.body.append(e) }} catch {{}}
             }}
             const base = document.createElement('base'); base.href = at; document.head.append(base);"
        )
    };
    desk.window.run(&attack(&elsewhere.url())).await;
    let all = "return ['connect-src', 'img-src', 'media-src', 'frame-src', 'object-src', 'style-src-elem', 'base-uri']
               .every((name) => window.refused.includes(name))";
    desk.until("all to be refused", all).await;
    assert_eq!(elsewhere.asked(), Vec::<String>::new());

    let sinks = "const sinks = { innerHTML: () => document.createElement('p').innerHTML = '<b>x</b>',
                   script: () => document.createElement('script').src = 'x.js',
                   parse: () => new DOMParser().parseFromString('x', 'text/html'),
                   policy: () => trustedTypes.createPolicy('mine', { createHTML: (x) => x }) };
                 return Object.keys(sinks).filter((name) => { try { sinks[name](); return true } catch { return false } })";
    assert_eq!(
        desk.window.run(sinks).await,
        serde_json::json!([]),
        "text becomes elements by nobody's hand but the page's"
    );
}
