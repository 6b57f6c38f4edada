//! The list of models, over real sockets.

use std::sync::Mutex;

use serde_json::json;

use super::server::{Act, Server, json_reply};
use super::{CANARY, assert_no_key, client, ms};
use crate::config::Secret;
use crate::domain::pool::outcome::{Outcome, Rejection};

#[tokio::test]
async fn the_list_of_models_is_read_page_by_page_and_bounded() {
    let key = Secret::new(CANARY);
    let page = |model: &str, next: &str| {
        json!({"models": [{"name": format!("models/{model}")}], "nextPageToken": next}).to_string()
    };
    let paged = Server::start(move |request| {
        json_reply(200, &if request.contains("pageToken=p+2") { page("b", "") } else { page("a", "p 2") })
    })
    .await;
    let models = client(&paged.url).list_models(&key).await.expect("models");
    assert_eq!(models.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert!(paged.requests()[0].starts_with("GET /v1beta/models?pageSize=1000 HTTP/1.1"));

    let circle = Server::start(move |_| json_reply(200, &page("a", "again"))).await;
    assert!(client(&circle.url).list_models(&key).await.is_ok());
    assert_eq!(circle.requests().len(), 2);

    let counter = Mutex::new(0);
    let endless = Server::start(move |_| {
        let mut count = counter.lock().expect("no panic");
        *count += 1;
        json_reply(200, &page("a", &count.to_string()))
    })
    .await;
    assert!(client(&endless.url).list_models(&key).await.is_ok());
    assert_eq!(endless.requests().len(), 10);
}

#[tokio::test]
async fn a_failed_list_of_models_says_whose_fault_it_is() {
    let key = Secret::new(CANARY);
    let invalid =
        r#"{"error":{"code":400,"message":"API key not valid.","details":[{"reason":"API_KEY_INVALID"}]}}"#;
    let cases = [
        (json_reply(400, invalid), Outcome::Rejected { reason: Rejection::Invalid }),
        (json_reply(200, "<html>"), Outcome::Unreachable { sent: true }),
        (vec![Act::Reset], Outcome::Unreachable { sent: true }),
        (vec![Act::Wait(ms(5000))], Outcome::TimedOut),
    ];
    for (acts, outcome) in cases {
        let server = Server::start(move |_| acts.clone()).await;
        let failure = client(&server.url).list_models(&key).await.expect_err("no list");
        assert_eq!(failure.outcome, outcome);
        assert_no_key(&format!("{failure:?}"));
    }
}
