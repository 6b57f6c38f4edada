//! The error bodies of the real server, word for word where a recording exists.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::odd::Oddities;
use crate::sandbox::faults::Fault;

/// What an error body names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a> {
    /// The secret as sent: some of Google's messages repeat it.
    pub(super) key: &'a str,
    /// The project number.
    pub(super) project: u64,
    pub(super) model: &'a str,
    pub(super) version: &'a str,
    /// `generateContent` or `streamGenerateContent`.
    pub(super) method: &'a str,
    pub(super) odd: &'a Oddities,
}

const SERVICE: &str = "generativelanguage.googleapis.com";
const LIMITS_URL: &str = "https://ai.google.dev/gemini-api/docs/rate-limits";

/// `{"error": …}` with its HTTP status.
pub(super) type ErrorBody = (u16, Value);

/// An error without details.
pub(super) fn plain(code: u16, status: &str, message: &str) -> ErrorBody {
    (code, json!({"error": {"code": code, "message": message, "status": status}}))
}

fn detailed(code: u16, status: &str, message: &str, details: &Value) -> ErrorBody {
    (code, json!({"error": {"code": code, "message": message, "status": status, "details": details}}))
}

fn info(reason: &str, mut metadata: Value) -> Value {
    if let Some(metadata) = metadata.as_object_mut() {
        metadata.entry("service").or_insert_with(|| json!(SERVICE));
    }
    json!({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com",
        "metadata": metadata})
}

fn localized(message: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.rpc.LocalizedMessage", "locale": "en-US", "message": message})
}

fn help(description: &str, url: &str) -> Value {
    json!({"@type": "type.googleapis.com/google.rpc.Help", "links": [{"description": description, "url": url}]})
}

/// 400 with a `BadRequest` detail: what the JSON front end says about a body it cannot read.
pub(super) fn bad_request(field: &str, message: &str) -> ErrorBody {
    let details = json!([{"@type": "type.googleapis.com/google.rpc.BadRequest",
        "fieldViolations": [{"field": field, "description": message}]}]);
    detailed(400, "INVALID_ARGUMENT", message, &details)
}

/// 400 `API_KEY_INVALID` with one of the three texts.
pub(super) fn key_invalid(message: &str) -> ErrorBody {
    let details = json!([info("API_KEY_INVALID", json!({})), localized(message)]);
    detailed(400, "INVALID_ARGUMENT", message, &details)
}

/// 403 for a call without any key.
pub(super) fn no_key() -> ErrorBody {
    plain(
        403,
        "PERMISSION_DENIED",
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or \
         other form of API consumer identity to call this API.",
    )
}

/// 404 for a model that the version does not have.
pub(super) fn not_found(scene: &Scene<'_>) -> ErrorBody {
    let Scene { model, version, .. } = scene;
    plain(
        404,
        "NOT_FOUND",
        &format!(
            "models/{model} is not found for API version {version}, or is not supported for generateContent. Call \
             ListModels to see the list of available models and their supported methods."
        ),
    )
}

/// Which limit a 429 speaks of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Quota {
    Minute,
    MinuteTokens,
    Day,
    Grounding,
}

impl Quota {
    fn names(self) -> (&'static str, &'static str) {
        const REQUESTS: &str = "generativelanguage.googleapis.com/generate_content_free_tier_requests";
        match self {
            Quota::Minute => (REQUESTS, "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"),
            Quota::Day => (REQUESTS, "GenerateRequestsPerDayPerProjectPerModel-FreeTier"),
            Quota::MinuteTokens => (
                "generativelanguage.googleapis.com/generate_content_free_tier_input_token_count",
                "GenerateContentInputTokensPerModelPerMinute-FreeTier",
            ),
            Quota::Grounding => (
                "generativelanguage.googleapis.com/google_search_free_tier_requests",
                "GoogleSearchGroundingRequestsPerDayPerProject-FreeTier",
            ),
        }
    }
}

/// 429 with `QuotaFailure` and `RetryInfo`; `delay` as `RetryInfo` writes it, `words` as the message does.
pub(super) fn quota(model: &str, quotas: &[(Quota, u64)], delay: &str, words: &str) -> ErrorBody {
    let mut message = format!(
        "You exceeded your current quota, please check your plan and billing details. For more information on this \
         error, head to: {LIMITS_URL}. To monitor your current usage, head to: https://ai.dev/rate-limit. "
    );
    let mut violations = Vec::new();
    for (quota, limit) in quotas {
        let (metric, id) = quota.names();
        let _ = write!(message, "\n* Quota exceeded for metric: {metric}, limit: {limit}, model: {model}");
        let mut violation = json!({"quotaMetric": metric, "quotaId": id,
            "quotaDimensions": {"location": "global", "model": model}});
        // A zero is proto3's default and not written.
        if *limit > 0 {
            violation["quotaValue"] = json!(limit.to_string());
        }
        violations.push(violation);
    }
    let _ = write!(message, "\nPlease retry in {words}.");
    let details = json!([
        help("Learn more about Gemini API quotas", LIMITS_URL),
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay},
    ]);
    detailed(429, "RESOURCE_EXHAUSTED", &message, &details)
}

/// The error body of a fault, none when the fault is no error status.
pub(super) fn of(fault: Fault, scene: &Scene<'_>) -> Option<ErrorBody> {
    let Scene { model, project, key, .. } = *scene;
    let denied = |message: &str| plain(403, "PERMISSION_DENIED", message);
    let error = match fault {
        Fault::PerMinute => quota(model, &[(Quota::Minute, 10)], "46s", "46.127348861s"),
        Fault::TokensPerMinute => quota(model, &[(Quota::MinuteTokens, 250_000)], "31s", "31.048299351s"),
        Fault::PerDay => quota(model, &[(Quota::Day, 250)], "37025s", "10h17m5.700123456s"),
        Fault::PerDayZeroDelay => quota(model, &[(Quota::Day, 20)], "0s", "964.97ms"),
        Fault::LimitZero => {
            let all = [(Quota::Day, 0), (Quota::Minute, 0), (Quota::MinuteTokens, 0)];
            quota(model, &all, "42s", "42.585107117s")
        }
        Fault::Grounding => quota(model, &[(Quota::Grounding, 0)], "12s", "12.301s"),
        Fault::Bare => plain(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
        Fault::Spend => plain(
            429,
            "RESOURCE_EXHAUSTED",
            "Your project has exceeded its spend limit for the rolling 10 minute window. Please try again later.",
        ),
        Fault::Capacity => detailed(
            429,
            "RESOURCE_EXHAUSTED",
            &format!("No capacity available for model {model} on the server"),
            &json!([{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "MODEL_CAPACITY_EXHAUSTED",
                "domain": "cloudcode-pa.googleapis.com", "metadata": {"model": model}}]),
        ),
        Fault::InvalidArgument => plain(400, "INVALID_ARGUMENT", "Request contains an invalid argument."),
        Fault::Thinking => plain(400, "INVALID_ARGUMENT", "Thinking level is not supported for this model."),
        Fault::KeyInvalid => key_invalid("API key not valid. Please pass a valid API key."),
        Fault::KeyExpired => key_invalid("API key expired. Please renew the API key."),
        Fault::KeyNotFound => key_invalid("API Key not found. Please pass a valid API key."),
        Fault::Region => plain(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
        Fault::TokenType => detailed(
            401,
            "UNAUTHENTICATED",
            UNAUTHENTICATED,
            &json!([info("ACCESS_TOKEN_TYPE_UNSUPPORTED", json!({"method": grpc_method(scene)}))]),
        ),
        Fault::Unauthenticated => {
            plain(401, "UNAUTHENTICATED", "Request is missing required authentication.")
        }
        Fault::Prepay => plain(
            402,
            "RESOURCE_EXHAUSTED",
            "Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage your \
             project and billing.",
        ),
        Fault::Forbidden => denied("The caller does not have permission"),
        Fault::Leaked => denied("Your API key was reported as leaked. Please use another API key."),
        Fault::Denied => denied("Your project has been denied access. Please contact support."),
        Fault::Suspended => {
            let container = format!("api_key:{key}");
            let message = format!("Permission denied: Consumer '{container}' has been suspended.");
            let metadata = json!({"consumer": format!("projects/{project}"), "containerInfo": container});
            let details = json!([info("CONSUMER_SUSPENDED", metadata), localized(&message)]);
            detailed(403, "PERMISSION_DENIED", &message, &details)
        }
        Fault::Disabled => disabled(project),
        Fault::ServiceBlocked => {
            let method = grpc_method(scene);
            let message = format!("Requests to this API {SERVICE} method {method} are blocked.");
            let metadata = json!({"methodName": method, "apiName": SERVICE,
                "consumer": format!("projects/{project}")});
            let details = json!([info("API_KEY_SERVICE_BLOCKED", metadata), localized(&message)]);
            detailed(403, "PERMISSION_DENIED", &message, &details)
        }
        Fault::Referrer => {
            let message = "Requests from referer <empty> are blocked.";
            let metadata = json!({"httpReferrer": "<empty>", "consumer": format!("projects/{project}")});
            let details = json!([info("API_KEY_HTTP_REFERRER_BLOCKED", metadata), localized(message)]);
            detailed(403, "PERMISSION_DENIED", message, &details)
        }
        Fault::IpBlocked => {
            let message = "The provided API key has an IP address restriction. The originating IP address of the call \
                           (203.0.113.7) violates this restriction.";
            let metadata = json!({"callerIp": "203.0.113.7", "consumer": format!("projects/{project}")});
            let details = json!([info("API_KEY_IP_ADDRESS_BLOCKED", metadata), localized(message)]);
            detailed(403, "PERMISSION_DENIED", message, &details)
        }
        Fault::NotFound => not_found(scene),
        Fault::NewUsers => plain(
            404,
            "NOT_FOUND",
            &format!(
                "This model models/{model} is no longer available to new users. Please update your code to use a newer \
                 model for the latest features and improvements."
            ),
        ),
        Fault::Cancelled => plain(499, "CANCELLED", "The operation was cancelled."),
        Fault::Internal => plain(
            500,
            "INTERNAL",
            "An internal error has occurred. Please retry or report in \
             https://developers.generativeai.google/guide/troubleshooting",
        ),
        Fault::Overloaded | Fault::ArrayError | Fault::InBand | Fault::InBandMid => {
            plain(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
        }
        Fault::HighDemand => plain(
            503,
            "UNAVAILABLE",
            "This model is currently experiencing high demand. Spikes in demand are usually temporary. Please try \
             again later.",
        ),
        Fault::Deadline => {
            plain(504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.")
        }
        _ => return None,
    };
    Some(scene.odd.in_error(error))
}

const UNAUTHENTICATED: &str = "Request had invalid authentication credentials. Expected OAuth 2 access token, login \
     cookie or other valid authentication credential. See \
     https://developers.google.com/identity/sign-in/web/devconsole-project.";

fn grpc_method(scene: &Scene<'_>) -> String {
    let mut method = scene.method.to_owned();
    if let Some(first) = method.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    format!("google.ai.generativelanguage.{}.GenerativeService.{method}", scene.version)
}

fn disabled(project: u64) -> ErrorBody {
    let url = format!("https://console.developers.google.com/apis/api/{SERVICE}/overview?project={project}");
    let message = format!(
        "Generative Language API has not been used in project {project} before or it is disabled. Enable it by \
         visiting {url} then retry. If you enabled this API recently, wait a few minutes for the action to propagate \
         to our systems and retry."
    );
    let metadata = json!({"serviceTitle": "Generative Language API", "activationUrl": url,
        "containerInfo": project.to_string(), "consumer": format!("projects/{project}")});
    let details = json!([
        info("SERVICE_DISABLED", metadata),
        localized(&message),
        help("Google developers console API activation", &url),
    ]);
    detailed(403, "PERMISSION_DENIED", &message, &details)
}
