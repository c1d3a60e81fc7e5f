//! The OpenAPI document: a promise to every client, so each change of it shows.

use vignette_golden::assert_golden;

use crate::common::TestServer;

#[tokio::test]
async fn the_document_is_golden() {
    let document = vignette_server::openapi();
    assert_golden(
        concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json"),
        &(document.to_pretty_json().unwrap() + "\n"),
    );
    let moment = &serde_json::to_value(&document).unwrap()["components"]["schemas"]["Micros"];
    assert_eq!(
        moment["maximum"],
        vignette_model::Micros::LATEST.0,
        "what is refused is said: {moment}"
    );
    let server = TestServer::start().await;
    let served: serde_json::Value =
        server.get("/api/v1/openapi.json").send().await.unwrap().json().await.unwrap();
    assert_eq!(served, serde_json::to_value(&document).unwrap());
}
