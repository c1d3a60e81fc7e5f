//! From pressing stop in the window to the link on the clipboard, as the page's own clock has it: milliseconds, a line for
//! each of as many takes as the first argument says.

use vignette_tests::desk::Desk;

#[tokio::main]
async fn main() {
    let takes = std::env::args().nth(1).and_then(|takes| takes.parse().ok()).unwrap_or(3_usize);
    let desk = Desk::open().await;
    for take in 1..=takes {
        desk.click("record").await;
        desk.until_second(2).await;
        desk.click("stop").await;
        let script =
            format!("return performance.getEntriesByName('stop to link')[{}]?.duration", take - 1);
        println!("{:.1}", desk.until("the link on the clipboard", &script).await);
        desk.click("record-another").await;
    }
    desk.window.client.clone().close().await.expect("the window closes");
}
