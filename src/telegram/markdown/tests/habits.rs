//! What models write, in Chinese and English, and how a person should see it.

use super::check;

#[test]
fn emphasis_beside_chinese_punctuation_is_emphasis() {
    check(&[
        ("**注意：**请先备份", "<b>注意：</b>请先备份"),
        ("这是**“重点”**内容", "这是<b>“重点”</b>内容"),
        ("**中文**，后面", "<b>中文</b>，后面"),
        ("**一、**甲；**二、**乙", "<b>一、</b>甲；<b>二、</b>乙"),
        ("请看**《红楼梦》**这本书", "请看<b>《红楼梦》</b>这本书"),
        ("**优点：**快。**缺点：**贵。", "<b>优点：</b>快。<b>缺点：</b>贵。"),
        ("*注：*这里", "<i>注：</i>这里"),
        ("~~旧价：~~新价", "<s>旧价：</s>新价"),
        ("**Note:**text", "<b>Note:</b>text"),
        ("**Note: **text and **more** here", "<b>Note:</b> text and <b>more</b> here"),
        ("（**重要**）", "（<b>重要</b>）"),
        ("**`code`：**说明", "<c>code</c><b>：</b>说明"),
        ("- **步骤1：**打开", "• <b>步骤1：</b>打开"),
        ("***都要：***好", "<b><i>都要：</i></b>好"),
    ]);
}

#[test]
fn asterisks_and_tildes_that_are_no_emphasis_stay() {
    check(&[
        ("2*3*4 = 24", "2*3*4 = 24"),
        ("a ** b ** c", "a ** b ** c"),
        ("*.txt, **/*.rs and src/*.c", "*.txt, **/*.rs and src/*.c"),
        ("send **/help** or **.NET**", "send <b>/help</b> or <b>.NET</b>"),
        ("https://a.b/x_(1)/_y_", "https://a.b/x_(1)/_y_"),
        ("约3~5天，10~20元", "约3~5天，10~20元"),
        ("snake_case_name and __init__.py", "snake_case_name and <b>init</b>.py"),
        ("\\*literal\\*", "*literal*"),
        ("*注：价格仅供参考", "*注：价格仅供参考"),
        ("https://a.b/_x_/*y*~z~", "https://a.b/_x_/*y*~z~"),
    ]);
}

#[test]
fn blocks_look_like_what_they_are() {
    check(&[
        (
            "# 一\n\n正文\n\n## 二\n正文\n### 三\n\n正文",
            "<b><u>一</u></b>\n正文\n\n<b>二</b>\n正文\n\n<b><i>三</i></b>\n正文",
        ),
        ("##标题\n#标签", "<b>标题</b>\n#标签"),
        ("### **Bold** title", "<b><i>Bold title</i></b>"),
        ("Title\n---\nText", "Title\n\n———\nText"),
        ("> 引用**重点**\n> 第二行", "<q>引用<b>重点</b>\n第二行</q>"),
        ("> a\n>> b\n> - c", "<q>a\nb\n• c</q>"),
        ("para\nline two  \nline three", "para\nline two\nline three"),
        ("a\n\n***\n\nb", "a\n\n———\n\nb"),
        ("    indented code", "<pre>indented code</pre>"),
    ]);
}

#[test]
fn lists_keep_their_bullets_numbers_and_levels() {
    check(&[
        ("- a\n  - b\n    - c\n- d", "• a\n    ◦ b\n        ▪ c\n• d"),
        ("* a\n* b", "• a\n• b"),
        ("• 甲\n• 乙\n  ◦ 丙", "• 甲\n• 乙\n    ◦ 丙"),
        ("1) a\n2) b", "1. a\n2. b"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("1. a\n   - b\n2. c", "1. a\n    ◦ b\n2. c"),
        ("- [ ] todo\n- [x] done", "☐ todo\n☑ done"),
        ("步骤：\n1. 打开\n2. 关闭\n\n完成", "步骤：\n1. 打开\n2. 关闭\n\n完成"),
        ("- a\n\n- b\n\n  more", "• a\n\n• b\n\n  more"),
        ("- a\nb", "• a\nb"),
        ("-", "•"),
    ]);
}

#[test]
fn code_is_shown_as_it_was_written() {
    check(&[
        ("use `a*b*c` and `$x$`", "use <c>a*b*c</c> and <c>$x$</c>"),
        ("```python\nprint('**')\n```", "<pre python>print('**')</pre>"),
        ("```\n\tx\n```", "<pre>    x</pre>"),
        ("```js title=\"a.js\"\n1\n```", "<pre js>1</pre>"),
        ("~~~rust\nfn f() {}\n~~~", "<pre rust>fn f() {}</pre>"),
        ("1. Run:\n   ```bash\n   ls\n   ```\n2. Done", "1. Run:\n<pre bash>ls</pre>\n2. Done"),
        ("1. Run:\n   ```bash\nls\n  -a\n```\n2. Done", "1. Run:\n<pre bash>ls\n  -a</pre>\n2. Done"),
        ("- ```sh\n  x\n  ```", "•\n<pre sh>x</pre>"),
        ("````md\n```py\nx\n```\n````", "<pre md>```py\nx\n```</pre>"),
        (
            "```markdown\n# t\n```py\nx\n```\nend\n```\nafter",
            "<pre markdown># t\n```py\nx\n```\nend</pre>\nafter",
        ),
        ("**bold `code` bold**", "<b>bold</b> <c>code</c> <b>bold</b>"),
        ("[see `x`](https://a.b)", "<a https://a.b>see</a> <c>x</c>"),
        ("`` a`b ``", "<c>a`b</c>"),
        ("> ```\n> x\n> ```", "<q><pre>x</pre></q>"),
    ]);
}

#[test]
fn tables_line_up_by_the_width_of_their_characters() {
    check(&[
        (
            "| 名称 | 价格 |\n|:--|--:|\n| 苹果 | 5 |\n| banana | 12.5 |",
            "<pre>名称   | 价格\n-------+-----\n苹果   |    5\nbanana | 12.5</pre>",
        ),
        ("a | b\n--|--\n1 | **2**", "<pre>a | b\n--+--\n1 | 2</pre>"),
        ("表：\n| a | b |\n|---|---|\n| 1 | 2 |\n注", "表：\n\n<pre>a | b\n--+--\n1 | 2</pre>\n\n注"),
        ("|a|b|\n|-|-|\n|1<br>2|3|", "<pre>a | b\n--+--\n1 | 3\n2 |</pre>"),
        ("|a|b|\n|-|-|\n|1|`x|y`|", "<pre>a | b\n--+----\n1 | x|y</pre>"),
        ("|a|b|\n|-|-|\n|1|2|3|", "<pre>a | b\n--+----\n1 | 2|3</pre>"),
    ]);
}

#[test]
fn a_table_too_wide_for_a_phone_becomes_a_list() {
    check(&[
        (
            "| 方案 | 说明 |\n|--|--|\n| 甲 | 这个方案的说明文字很长很长很长很长很长很长很长很长很长 |\n| 乙 | **短** |",
            "方案：<b>甲</b>\n说明：这个方案的说明文字很长很长很长很长很长很长很长很长很长\n\n方案：<b>乙</b>\n说明：<b>短</b>",
        ),
        ("|Site|\n|-|\n|[x](https://a.b)|", "Site: <a https://a.b><b>x</b></a>"),
    ]);
}

#[test]
fn links_lead_only_to_the_web_and_to_telegram() {
    check(&[
        ("[官网](https://example.org/a_b)", "<a https://example.org/a_b>官网</a>"),
        ("[u](tg://user?id=1)", "<a tg://user?id=1>u</a>"),
        ("[x](javascript:alert(1))", "x (javascript:alert(1))"),
        ("[f](./a.md)", "f (./a.md)"),
        ("![图](https://a.b/c.png)", "<a https://a.b/c.png>图</a>"),
        ("[![alt](https://i.j/k.png)](https://a.b)", "<a https://a.b>alt</a>"),
        ("<https://a.b/c>", "https://a.b/c"),
        ("[](https://a.b)", "https://a.b"),
        (
            "[a][1] [1]\n\n[1]: https://a.b",
            "<a https://a.b>a</a> [<a https://a.b>1</a>]\n\n[<a https://a.b>1</a>]: https://a.b",
        ),
        ("脚注[^1]\n\n[^1]: 说明", "脚注[^1]\n\n[^1]: 说明"),
        ("[注意]: 请勿", "[注意]: 请勿"),
    ]);
}

#[test]
fn html_is_text() {
    check(&[
        ("<b>x</b> <div>**y**</div>", "<b>x</b> <div><b>y</b></div>"),
        ("<script>\nalert(1)\n</script>", "<script>\nalert(1)\n</script>"),
        ("a<br>b &lt; c", "a<br>b < c"),
        ("<!-- note -->", "<!-- note -->"),
    ]);
}

#[test]
fn formulas_are_readable_and_money_stays_money() {
    check(&[
        ("质能 $E=mc^2$ 方程", "质能 E=mc² 方程"),
        ("\\(x_1\\) 和 \\[ \\alpha + \\beta \\]", "x₁ 和 α + β"),
        ("$$\n\\frac{a}{b}\n$$", "a/b"),
        ("$$\n\\begin{aligned}\na &= b \\\\\n+ c &= d\n\\end{aligned}\n$$\n\nend", "a = b\n+ c = d\n\nend"),
        ("from $5 to $10, or $20", "from $5 to $10, or $20"),
        ("cost: $HOME and $PATH", "cost: $HOME and $PATH"),
        ("**$O(n)$：**快", "<b>O(n)：</b>快"),
        ("|a|\n|-|\n|$\\|x\\|$|", "<pre>a\n---\n‖x‖</pre>"),
        ("\\(note\\)", "(note)"),
    ]);
}

#[test]
fn odd_characters_do_no_harm() {
    check(&[
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\0b\u{7}c\u{1b}[0m", "abc[0m"),
        ("مرحبا **بالعالم**!", "مرحبا <b>بالعالم</b>!"),
        ("a\u{202e}b\u{fdd0}c", "abc"),
        ("👨‍👩‍👧 **👍**", "👨‍👩‍👧 <b>👍</b>"),
        ("\u{feff}# t", "<b><u>t</u></b>"),
        ("** **", "———"),
        ("` `", ""),
    ]);
}

#[test]
fn what_was_not_closed_is_closed_at_the_end() {
    check(&[
        ("**bold", "<b>bold</b>"),
        ("a **注意：", "a <b>注意：</b>"),
        ("a `co", "a <c>co</c>"),
        ("```py\nprint(", "<pre py>print(</pre>"),
        ("> **a", "<q><b>a</b></q>"),
        ("- ~~x", "• <s>x</s>"),
        ("**a `b", "<b>a</b> <c>b</c>"),
        ("first **open\n\nsecond", "first **open\n\nsecond"),
    ]);
}
