//! An answer as messages and files: what is too long for a chat goes into a file, pictures go as photos.

use crate::domain::chat::Language;
use crate::domain::model::ModelSlot;
use crate::gateway::Answer;
use crate::gemini::Picture;
use crate::store::{FILE_PARTS, Formatted, SentFile, Shown};
use crate::telegram::markdown::{
    File, Head, Limits, MAX_UNITS, Overflow, Rendered, render_answer, render_parts, utf16_len,
};
use crate::telegram::texts::{Key, Texts, word};

/// UTF-16 units below a file. Telegram takes 1024.
const CAPTION_UNITS: usize = 1000;

/// What is said: messages, then files.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Said {
    pub(super) parts: Vec<Formatted>,
    pub(super) files: Vec<SentFile>,
}

impl Said {
    /// The messages and files of an answer that begins with `head`.
    pub(super) fn of(texts: &Texts, language: Language, answer: &Answer, head: &Head) -> Said {
        if !answer.pictures.is_empty() {
            return with_pictures(answer);
        }
        let rendered = render_answer(&head.before(&answer.text), Limits::default());
        let files = match rendered.overflow {
            Overflow::None => Vec::new(),
            Overflow::Code(files) => files.into_iter().map(|file| (Key::LongCode, file)).collect(),
            Overflow::Document(file) => vec![(Key::LongAnswer, file)],
        };
        let sent = |(key, file): (Key, File)| SentFile {
            caption: plain(texts.render(language, key, [("file", word(&*file.name))])),
            mime: if key == Key::LongAnswer { "text/markdown" } else { "text/plain" }.to_owned(),
            name: file.name,
            shown: Shown::Document,
            bytes: file.text.into(),
        };
        Said { parts: formatted(rendered.parts), files: files.into_iter().map(sent).collect() }
    }

    /// Puts our own words below everything: they are no Markdown, and no code that the answer left open takes them in.
    pub(super) fn add_below(&mut self, below: &str) {
        let fits = |text: &str, limit: usize| utf16_len(text) + 2 + utf16_len(below) <= limit;
        let append = |text: &mut String| {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(below);
        };
        match (self.parts.last_mut(), self.files.last_mut()) {
            (Some(last), _) if fits(&last.text, MAX_UNITS) => append(&mut last.text),
            (None, Some(last)) if fits(&last.caption.text, CAPTION_UNITS) => append(&mut last.caption.text),
            _ => self.parts.push(plain(below.to_owned())),
        }
    }

    /// Each file with the part of the answer it is.
    pub(super) fn numbered_files(files: Vec<SentFile>) -> impl Iterator<Item = (u32, SentFile)> {
        (FILE_PARTS..).zip(files)
    }
}

/// What an image model draws has no words but those around it: they stand below the picture they lead to, the last
/// ones below the last. Another model's words are a text of their own, of which something may have been seen.
fn with_pictures(answer: &Answer) -> Said {
    let mut said = Said::default();
    let captioned = answer.model == ModelSlot::Image;
    if !captioned {
        said.parts = formatted(render_parts(&answer.text, Limits::default()));
    }
    let mut from = 0;
    for (picture, number) in answer.pictures.iter().zip(1..) {
        let is_last = number == answer.pictures.len();
        let until = if is_last { answer.text.len() } else { picture.at };
        let words = answer.text.get(from..until).filter(|_| captioned).unwrap_or_default();
        from = until;
        let mut caption =
            formatted(render_parts(words, Limits { units: CAPTION_UNITS, ..Limits::default() }));
        if caption.len() > 1 {
            caption.clear();
            said.parts.extend(formatted(render_parts(words, Limits::default())));
        }
        said.files.push(photo(picture, number, caption.pop().unwrap_or_default()));
    }
    said
}

fn photo(picture: &Picture, number: usize, caption: Formatted) -> SentFile {
    let ending = match picture.mime.as_str() {
        "image/jpeg" => "jpg",
        "image/webp" => "webp",
        _ => "png",
    };
    let name = if number == 1 { format!("picture.{ending}") } else { format!("picture-{number}.{ending}") };
    SentFile { name, mime: picture.mime.clone(), shown: Shown::Photo, caption, bytes: picture.bytes.clone() }
}

fn formatted(parts: Vec<Rendered>) -> Vec<Formatted> {
    parts.into_iter().map(Formatted::from).collect()
}

fn plain(text: String) -> Formatted {
    Formatted { text, entities: Vec::new() }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::domain::key::KeyId;
    use crate::gemini::{Finish, Usage};

    fn answer(model: ModelSlot, text: &str, at: &[usize]) -> Answer {
        let picture = |at: &usize| Picture {
            mime: "image/png".to_owned(),
            bytes: Bytes::from_static(b"\x89PNG"),
            at: *at,
        };
        Answer {
            text: text.to_owned(),
            pictures: at.iter().map(picture).collect(),
            finish: Finish::Complete,
            stopped: None,
            model,
            wished: model,
            notices: Vec::new(),
            key: KeyId::RouterA,
            reference: None,
            usage: Usage::default(),
            left_today: None,
        }
    }

    fn said(model: ModelSlot, text: &str, at: &[usize]) -> (Vec<String>, Vec<(String, String)>) {
        let Said { parts, files } =
            Said::of(&Texts::load(), Language::EN, &answer(model, text, at), &Head::default());
        (
            parts.into_iter().map(|part| part.text).collect(),
            files.into_iter().map(|file| (file.name, file.caption.text)).collect(),
        )
    }

    fn named(name: &str, caption: &str) -> (String, String) {
        (name.to_owned(), caption.to_owned())
    }

    #[test]
    fn words_between_pictures_stand_below_the_one_they_lead_to() {
        let image = ModelSlot::Image;
        assert_eq!(said(image, "", &[0]), (vec![], vec![named("picture.png", "")]));
        assert_eq!(
            said(image, "**A fox** in snow.", &[18]),
            (vec![], vec![named("picture.png", "A fox in snow.")])
        );
        let two = said(image, "By day:By night:Enjoy!", &[7, 16]);
        let files = vec![named("picture.png", "By day:"), named("picture-2.png", "By night:Enjoy!")];
        assert_eq!(two, (vec![], files));
        let long = "word ".repeat(400);
        let (parts, files) = said(image, &long, &[0]);
        assert_eq!((parts, files), (vec![long.trim().to_owned()], vec![named("picture.png", "")]));
        let (parts, files) = said(ModelSlot::Flash, "See:", &[4]);
        assert_eq!((parts, files), (vec!["See:".to_owned()], vec![named("picture.png", "")]));
    }

    #[test]
    fn our_words_go_below_the_last_text_or_into_the_caption() {
        let texts = Texts::load();
        let below = |model, text: &str, at: &[usize]| {
            let mut said = Said::of(&texts, Language::EN, &answer(model, text, at), &Head::default());
            said.add_below("Stopped.");
            let parts: Vec<String> = said.parts.into_iter().map(|part| part.text).collect();
            (parts, said.files.last().map(|file| file.caption.text.clone()))
        };
        assert_eq!(below(ModelSlot::Flash, "Four.", &[]), (vec!["Four.\n\nStopped.".to_owned()], None));
        assert_eq!(below(ModelSlot::Image, "", &[0]), (vec![], Some("Stopped.".to_owned())));
        assert_eq!(below(ModelSlot::Image, "A fox", &[0]), (vec![], Some("A fox\n\nStopped.".to_owned())));
    }

    #[test]
    fn what_is_too_long_for_a_chat_is_a_file_with_its_name_below() {
        let code = "let n = 1;\n".repeat(121);
        let text = format!("Here:\n\n```rust title=\"main.rs\"\n{code}```\n\nDone.");
        let (parts, files) = said(ModelSlot::Flash, &text, &[]);
        assert_eq!(parts, ["Here:\n\n📎 main.rs\n\nDone."]);
        assert_eq!(files, [named("main.rs", "Long code attached as main.rs.")]);
        let story = "One sentence of a long story.\n\n".repeat(800);
        let (parts, files) = said(ModelSlot::Flash, &story, &[]);
        assert_eq!(
            (parts.len(), files),
            (1, vec![named("answer.md", "The whole answer is attached as answer.md.")])
        );
    }
}
