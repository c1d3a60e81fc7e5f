//! The OpenAPI document: a promise to every client, so each change of it shows.

use crate::common::{TestServer, golden};

#[tokio::test]
async fn the_document_is_what_it_was() {
    let document = vignette_server::openapi();
    golden("openapi.json", &(document.to_pretty_json().unwrap() + "\n"));
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
