//! Whether a message plainly asks for a picture: an order to draw something that can be looked at.
//!
//! A picture costs more than an answer, and an answer in its place is no harm: what is in doubt is none. Only orders
//! that begin a message count, and a word that belongs to diagrams, code or figures of speech ends it.

use super::text::Text;

/// Characters of an order; a longer text is material for something else.
const LONGEST: usize = 600;
/// Words between "make a" and "picture" at most.
const WORDS_BETWEEN: usize = 5;
/// Characters between 生成一张 and 图片 at most.
const CHARACTERS_BETWEEN: usize = 40;

/// Whether `text` plainly asks for a picture. Pure, linear in its length.
pub fn asks_for_picture(text: &str) -> bool {
    let text = Text::new(text);
    if text.chars == 0 || text.chars > LONGEST {
        return false;
    }
    asks_in_chinese(&text.body) || asks_in_english(&text.body)
}

/// What people put before an order.
const ZH_POLITE: &str = "请 麻烦 拜托 帮我 帮忙 帮 给我 替我 为我 你 能不能 可不可以 可以 能 会 我想要 我想 我要 想要 要 再 \
    好的 好 那 就 ， , 。 ！";
/// What is counted after 画: the thing that is drawn follows.
const ZH_COUNTS: &str = "一个 一只 一张 一幅 一条 一头 一匹 一朵 一棵 一座 一辆 一艘 一位 一群 一束 一片 一些 两 三 几 个 只 \
    张 幅 朵 棵 匹";
const ZH_MAKES: &str = "生成 做 制作 创作 绘制 画 来";
const ZH_SHEETS: &str = "一张 一幅 张 幅 一个 个";
const ZH_PICTURES: &str = "图片 图像 插画 插图 壁纸 头像 照片 画像 油画 水彩画 素描 图";
/// With these it is a question about drawing, a diagram, code, or no drawing at all.
const ZH_NOT: &str = "怎么 如何 怎样 为什么 为何 多久 多少 教程 步骤 教我 学 提示词 咒语 谁 流程图 架构图 时序图 思维导图 \
    脑图 类图 er图 结构图 示意图 原理图 电路图 拓扑图 甘特图 折线图 柱状图 直方图 散点图 饼图 k线 路线图 \
    设计图 图表 表格 函数 曲线 坐标 几何 受力 辅助线 代码 程序 脚本 字符 文案 方案 描述 重点 句号 饼 \
    蓝图 圆圈 勾 三角形 文字";
/// Tools and formats, in either language.
const TOOLS: &str = "svg html css canvas mermaid plantuml uml ascii matplotlib echarts python javascript turtle latex \
    tikz excel ppt json prompt prompts docker dockerfile iso linux excalidraw";

fn asks_in_chinese(body: &str) -> bool {
    if words(ZH_NOT).chain(words(TOOLS)).any(|word| body.contains(word)) {
        return false;
    }
    let mut order = body.trim_start();
    while let Some(rest) = words(ZH_POLITE).find_map(|word| order.strip_prefix(word)) {
        order = rest.trim_start();
    }
    let drawn = order
        .strip_prefix("画出")
        .or_else(|| order.strip_prefix("画"))
        .or_else(|| order.strip_prefix("绘制"));
    if drawn.is_some_and(counts_something) {
        return true;
    }
    let made = words(ZH_MAKES).find_map(|verb| order.strip_prefix(verb));
    let sheet = made.and_then(|made| words(ZH_SHEETS).find_map(|sheet| made.strip_prefix(sheet)));
    sheet.is_some_and(names_a_picture)
}

/// A count, and behind it the thing.
fn counts_something(drawn: &str) -> bool {
    let thing = words(ZH_COUNTS).find_map(|count| drawn.strip_prefix(count));
    thing.is_some_and(|thing| thing.starts_with(|c: char| c.is_alphanumeric()))
}

/// A picture is named, and nothing is made of it: the words or the sentence end behind it.
fn names_a_picture(rest: &str) -> bool {
    let end = rest.char_indices().nth(CHARACTERS_BETWEEN).map_or(rest.len(), |(at, _)| at);
    words(ZH_PICTURES).any(|noun| {
        rest[..end].match_indices(noun).any(|(at, _)| {
            let behind = rest[at + noun.len()..].trim_start_matches(['吧', '吗', '嘛', '呗', '给', '我']);
            !behind.starts_with(char::is_alphanumeric)
        })
    })
}

#[rustfmt::skip]
const EN_POLITE: [&[&str]; 14] = [
    &["please"], &["can", "you"], &["could", "you"], &["would", "you"], &["will", "you"], &["i'd", "like", "you", "to"],
    &["i", "want", "you", "to"], &["i", "would", "like", "you", "to"], &["hi"], &["hey"], &["ok"], &["now"], &["just"],
    &["kindly"],
];
const EN_COUNTS: &str = "a an the some another one two three four my our";
const EN_PICTURES: &str = "picture image photo photograph illustration drawing painting portrait sketch wallpaper avatar \
    artwork";
/// What may stand behind the picture that is to be made.
const EN_BEHIND: &str = "of with showing depicting where for that please";
const EN_NOT: &str = "how why steps step tutorial learn conclusion conclusions comparison comparisons parallel parallels \
    distinction distinctions inference inferences attention lesson lessons line lines boundary \
    boundaries inspiration analogy contrast card cards lot lots straw straws name names number numbers \
    winner winners ticket sample samples bath blank breath curtain curtains gun weapon salary crowd \
    diagram diagrams flowchart chart charts graph graphs plot table schema wireframe code script \
    function program emoji plan outline histogram circuit molecule decision binary mind";

fn asks_in_english(body: &str) -> bool {
    let read: Vec<(&str, bool)> =
        body.split_whitespace().map(word).filter(|(word, _)| !word.is_empty()).collect();
    let names: Vec<&str> = read.iter().map(|(word, _)| *word).collect();
    if names.iter().any(|word| is_in(EN_NOT, word) || is_in(TOOLS, word)) {
        return false;
    }
    let mut order = &names[..];
    while let Some(polite) = EN_POLITE.iter().find(|polite| order.starts_with(polite)) {
        order = &order[polite.len()..];
    }
    let Some((verb, mut order)) = order.split_first() else { return false };
    let is_for_somebody = matches!(order.first(), Some(&"me" | &"us"));
    if is_for_somebody {
        order = &order[1..];
    }
    let Some((_, thing)) = order.split_first().filter(|(count, _)| is_in(EN_COUNTS, count)) else {
        return false;
    };
    match *verb {
        "draw" | "sketch" => !thing.is_empty(),
        // "Paint a picture of life in Rome" wants words.
        "paint" => !thing.is_empty() && (is_for_somebody || !thing.contains(&"picture")),
        "create" | "make" | "generate" | "produce" | "render" => {
            let named = thing.iter().take(WORDS_BETWEEN + 1).position(|word| is_in(EN_PICTURES, word));
            let Some(named) = named else { return false };
            let ends = read[read.len() - thing.len() + named].1;
            ends || thing.get(named + 1).is_none_or(|behind| is_in(EN_BEHIND, behind))
        }
        _ => false,
    }
}

fn words(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_ascii_whitespace()
}

fn is_in(list: &'static str, word: &str) -> bool {
    words(list).any(|listed| listed == word)
}

/// A word without the marks around it, and whether some end its sentence.
fn word(word: &str) -> (&str, bool) {
    let is_mark = |c: char| !c.is_alphanumeric() && c != '\'' && c != '-';
    (word.trim_matches(is_mark), word.ends_with([',', '.', ':', ';', '!', '?']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[rustfmt::skip]
    fn an_order_to_draw_something_asks_for_a_picture() {
        for text in [
            "画一只猫",
            "画只猫",
            "請畫一隻貓",
            "帮我画一张雪山的日出",
            "请帮我画一幅水彩画，主题是秋天",
            "你能画一个宇航员骑马吗？",
            "能不能给我画一条龙",
            "画两只小狗在沙滩上奔跑",
            "生成一张赛博朋克风格的城市图片",
            "生成一张图片：雨夜里的东京街头",
            "给我做一张壁纸",
            "来一张可爱的头像",
            "绘制一幅山水画",
            "Draw a cat",
            "draw me a fox in the snow",
            "Please draw the Eiffel tower at night.",
            "Can you draw my dog as an astronaut?",
            "sketch a lighthouse",
            "paint me a picture of the sea",
            "Paint a sunset over the sea",
            "Generate an image of a red bicycle",
            "make me a picture of two robots playing chess",
            "Could you create a watercolor illustration of a village?",
            "create a photo-realistic portrait of an old sailor, please",
            "Make an image: a castle made of glass",
            "i'd like you to draw a dragon",
        ] {
            assert!(asks_for_picture(text), "{text}");
        }
    }

    #[test]
    #[rustfmt::skip]
    fn what_is_in_doubt_asks_for_none() {
        let long = format!("draw a cat {}", "and a dog ".repeat(80));
        for text in [
            "",
            "猫",
            "画画怎么入门？",
            "怎么画一只猫",
            "画一只猫要多久",
            "教我画一只猫",
            "画一个流程图",
            "帮我画一张用户登录的时序图",
            "用 python 画一个爱心",
            "画一个函数 y=x² 的图像",
            "画一下重点",
            "画个饼",
            "他画了一只猫",
            "我想学画画",
            "这张图片里有什么？",
            "生成一张清单",
            "生成一张图片的描述",
            "做一张图表",
            "写一段画猫的提示词",
            "做一个图片上传组件",
            "画蛇添足是什么意思",
            "How do I draw a cat?",
            "Draw a conclusion from the data",
            "draw a flowchart of the login",
            "Draw me a diagram of TCP",
            "draw the line",
            "Draw an ASCII cat",
            "write SVG code to draw a cat",
            "Paint a picture of life in medieval Europe",
            "create an image classifier",
            "Create a docker image for this",
            "make a picture frame shop website",
            "make a drawing app",
            "generate an image gallery",
            "I like to draw a lot",
            "She can draw a cat",
            "what does it mean to draw a blank",
            "draw",
            "draw it",
            "can you draw?",
            "show me a picture of a cat",
            &long,
        ] {
            assert!(!asks_for_picture(text), "{text}");
        }
    }
}
