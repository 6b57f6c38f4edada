//! The part of a message that is looked at: a head and a tail of bounded length, normalized so that case,
//! width, script variant and invisible characters make no difference.

/// Characters looked at from the start of a message.
pub(super) const HEAD: usize = 3_000;
/// Characters looked at from the end of a longer one: that is where the question often stands.
pub(super) const TAIL: usize = 1_500;

/// A message, made comparable.
pub(super) struct Text {
    /// Lower case, half width, simplified; head and tail are joined by a blank line.
    pub(super) body: String,
    /// Characters of the whole message without surrounding white space.
    pub(super) chars: usize,
}

impl Text {
    pub(super) fn new(raw: &str) -> Text {
        let raw = raw.trim_matches(|c: char| c.is_whitespace() || invisible(c));
        let chars = raw.chars().count();
        let mut body = String::with_capacity(raw.len().min(4 * (HEAD + TAIL)));
        if chars <= HEAD + TAIL {
            push(&mut body, raw);
        } else {
            let head = raw.char_indices().nth(HEAD).map_or(raw.len(), |(at, _)| at);
            let tail = raw.char_indices().rev().nth(TAIL - 1).map_or(0, |(at, _)| at);
            push(&mut body, &raw[..head]);
            body.push_str("\n\n");
            push(&mut body, &raw[tail..]);
        }
        Text { body, chars }
    }
}

fn push(body: &mut String, raw: &str) {
    for c in raw.chars() {
        if c.is_ascii() {
            if c != '\0' && c != '\r' {
                body.push(c.to_ascii_lowercase());
            }
        } else if !invisible(c) {
            body.push(normal(c));
        }
    }
}

/// Marks that change how text looks or runs, not what it says.
fn invisible(c: char) -> bool {
    matches!(c, '\0' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{300}'..='\u{36f}')
}

fn normal(c: char) -> char {
    match c {
        // Full width forms of ASCII.
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(c) - 0xfee0).map_or(c, |plain| plain.to_ascii_lowercase())
        }
        '\u{3000}' | '\u{a0}' => ' ',
        '’' | '‘' => '\'',
        '\u{4e00}'..='\u{9fff}' => simplified(c),
        _ => c.to_lowercase().next().unwrap_or(c),
    }
}

/// Traditional forms of the characters the lexicon uses, each followed by its simplified form.
const VARIANTS: &str = "譯译寫写證证導导數数學学計计設设實实現现優优總总結结歸归納纳擬拟編编輯辑潤润飾饰錯错誤误調调試试報报壞坏縮缩擴扩續续繼继為为麼么這这個个問问題题請请謝谢嗎吗誰谁幾几還还說说話话謊谎騙骗論论邏逻較较對对\
區区別别異异點点評评價价議议畫画劃划遊游戲戏詩诗詞词書书郵邮劇剧標标簡简歷历檢检測测驗验積积極极質质餘余無无窮穷維维護护線线陣阵項项圓圆橢椭雙双動动態态規规複复雜杂並并發发鎖锁緒绪據据庫库構构務务際际\
時时間间讓让幫帮給给從从變变轉转換换語语長长詳详細细圖图選选擇择應应該该樣样當当會会來来過过後后開开關关與与樂乐歡欢愛爱覺觉難难傷伤聽听買买賣卖錢钱車车機机電电腦脑網网頁页類类歲岁風风險险戰战國国漢汉\
華华鍵键連连張张隻只條条輛辆貓猫";

fn simplified(c: char) -> char {
    use std::sync::LazyLock;
    static TABLE: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
        let all: Vec<char> = VARIANTS.chars().collect();
        let mut pairs: Vec<(char, char)> = all.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        pairs.sort_unstable();
        pairs
    });
    TABLE.binary_search_by_key(&c, |pair| pair.0).map_or(c, |at| TABLE[at].1)
}
