//! Replies that go wrong on the wire.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use super::{FLASH, World, events, joined, question};
use crate::sandbox::gemini::{Answer, Ending};

#[tokio::test]
async fn the_faults_of_a_stream_are_what_they_are_called() {
    let world = World::start().await;
    let gemini = world.sandbox.gemini();
    gemini.answer(Answer::Text("甲乙丙丁戊己庚辛壬癸 and some more text to cut".to_owned()));
    let whole = joined(&events(&world.stream("A1", "q").await.1));
    let with = async |fault: &str| {
        gemini.clear_faults();
        gemini.fail(&format!("*={fault}")).unwrap();
        world.stream("A1", "q").await
    };
    for same in ["lf", "comments", "utf8", "noblank", "earlystop", "unknown", "bigheader"] {
        if same == "bigheader" {
            gemini.clear_faults();
            gemini.fail("*=bigheader").unwrap();
            let action = format!("{FLASH}:streamGenerateContent?alt=sse");
            let refused = world.request("A1", &action, &question("q")).send().await;
            assert!(refused.is_err() || refused.unwrap().headers()["x-padding"].len() == 1 << 20);
            continue;
        }
        let (_, raw, complete) = with(same).await;
        assert_eq!((joined(&events(&raw)), complete), (whole.clone(), true), "{same}");
    }
    assert!(!with("noblank").await.1.ends_with('\n'));
    assert!(!with("lf").await.1.contains('\r'));
    assert!(with("comments").await.1.contains(": keep-alive"));
    let early = events(&with("earlystop").await.1);
    assert_eq!((early[0]["candidates"][0]["finishReason"].as_str(), early.len() > 2), (Some("STOP"), true));
    for (fault, ends_well, finish) in [
        ("eof", true, None),
        ("rstmid", false, None),
        ("closemid", false, None),
        ("safety", true, Some("SAFETY")),
        ("maxtokens", true, Some("MAX_TOKENS")),
    ] {
        let (_, raw, complete) = with(fault).await;
        let events = events(&raw);
        let said = joined(&events);
        assert!(complete == ends_well && !said.is_empty() && said.len() < whole.len(), "{fault}: {said}");
        assert_eq!(events.last().unwrap()["candidates"][0]["finishReason"].as_str(), finish, "{fault}");
    }
    for (fault, finish) in [("recitation", "RECITATION"), ("maxtokens0", "MAX_TOKENS"), ("thoughts", "STOP")]
    {
        let events = events(&with(fault).await.1);
        let last = events.last().unwrap()["candidates"][0]["finishReason"].clone();
        assert_eq!((joined(&events), last), (String::new(), json!(finish)), "{fault}");
    }
    assert_eq!(events(&with("sse503").await.1)[0]["error"]["code"], 503);
    let mid = events(&with("sse503mid").await.1);
    assert!(mid.len() > 1 && mid.last().unwrap()["error"]["status"] == "UNAVAILABLE");
    assert_eq!(events(&with("blocked").await.1)[0]["promptFeedback"]["blockReason"], "SAFETY");
    assert!(events(&with("empty").await.1)[0].get("candidates").is_none());
    assert_eq!(with("eof0").await.1, "");
    assert_eq!((with("html502").await.0, with("html200").await.0), (StatusCode::BAD_GATEWAY, StatusCode::OK));
    assert!(with("truncated").await.1.starts_with("data: {"));
    let (status, _, _) = with("redirect").await;
    assert_eq!(status, StatusCode::TEMPORARY_REDIRECT);
    assert!(with("gzipbomb").await.1.len() > 6_000_000);
}

#[tokio::test]
async fn a_connection_can_hang_or_end_before_the_reply() {
    let world = World::start().await;
    world.sandbox.gemini().fail("A1=hang,A2=rst,A3=close,A4=hangmid").unwrap();
    let request = |label: &str| {
        let action = format!("{FLASH}:streamGenerateContent?alt=sse");
        world
            .request(label, &action, &question("hello there, how are you"))
            .timeout(Duration::from_millis(300))
    };
    assert!(request("A1").send().await.unwrap_err().is_timeout());
    for label in ["A2", "A3"] {
        let error = request(label).send().await.unwrap_err();
        assert!(!error.is_timeout() && error.is_request(), "{label}: {error:?}");
    }
    let chain = |error: &dyn std::error::Error| {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            text = format!("{text}: {inner}");
            source = inner.source();
        }
        text
    };
    let reset = request("A2").send().await.unwrap_err();
    assert!(chain(&reset).contains("reset"), "{}", chain(&reset));
    let mut half = request("A4").send().await.unwrap();
    let mut bytes = 0;
    let ended = loop {
        match half.chunk().await {
            Ok(Some(chunk)) => bytes += chunk.len(),
            other => break other,
        }
    };
    assert!(bytes > 0 && ended.unwrap_err().is_timeout());
    drop(half);
    tokio::time::sleep(Duration::from_millis(50)).await;
    let calls = world.sandbox.gemini().calls();
    assert!(calls.iter().all(|call| matches!(call.ended, Some((_, Ending::Cut, _)))), "{calls:?}");
    assert_eq!((calls[0].status, world.sandbox.gemini().in_flight()), (0, 0));
}
