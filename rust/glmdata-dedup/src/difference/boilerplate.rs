//! What a page has around its text: bars, buttons, notices. Of two copies of one text the one with less of
//! it stays.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::kind_of_line::is_furniture;
use super::outline::Outlined;
use super::phrases::folded;
use super::title::is_navigation;

/// Longer lines are text, whatever they speak of.
const MOST_BYTES: usize = 300;

/// What stands around a text has fewer lines: pages that differ in more are two versions.
const FEW_LINES: usize = 40;

/// What a draft counts against the final text: more than any bar.
const DRAFT: u32 = 1 << 20;

static NOTICES: LazyLock<AhoCorasick> = LazyLock::new(|| folded(PHRASES));

/// What lines of bars, buttons and notices say, in lower case.
const PHRASES: &[&str] = &[
    "all rights reserved",
    "cookie",
    "privacy policy",
    "terms of service",
    "terms of use",
    "sign in",
    "sign up",
    "log in",
    "subscribe",
    "newsletter",
    "follow us",
    "skip to content",
    "skip to main content",
    "back to top",
    "related articles",
    "related posts",
    "related tags",
    "popular tags",
    "read more",
    "leave a comment",
    "post a comment",
    "advertisement",
    "print this page",
    "email this",
    "share on",
    "share this",
    "tweet",
    "web.archive.org",
    "wayback machine",
    "captures",
    "powered by",
    "loading...",
    "please enable javascript",
    "your browser",
    "版权所有",
    "版权归",
    "免责声明",
    "未经授权",
    "返回顶部",
    "返回首页",
    "回到顶部",
    "上一篇",
    "下一篇",
    "上一页",
    "下一页",
    "相关推荐",
    "相关阅读",
    "相关文章",
    "猜你喜欢",
    "热门推荐",
    "热门标签",
    "相关标签",
    "文章标签",
    "关注我们",
    "公众号",
    "扫一扫",
    "扫码",
    "二维码",
    "分享到",
    "点击收藏",
    "加入收藏",
    "我要评论",
    "发表评论",
    "登录",
    "注册",
    "广告",
    "icp备",
    "公网安备",
    "联系我们",
    "阅读原文",
    "打印本页",
    "关闭窗口",
    "版權所有",
    "回到頂部",
    "相關文章",
    "分享至",
];

/// Words of a title that say that the text is not the final one.
const DRAFTS: &[&str] =
    &["draft", "release candidate", "草案", "草稿", "征求意见稿", "徵求意見稿", "送审稿"];

/// Bytes of boilerplate that each of two texts has and the other has not. Of a text that says more than the
/// other they do not count: nothing is to be lost for them. A draft of a final text counts for more.
pub(crate) fn extra(a: Outlined<'_>, b: Outlined<'_>) -> (u32, u32) {
    let (own_a, own_b) = (Own::of(a, b), Own::of(b, a));
    let drafted = |of: Outlined<'_>| of.title().is_some_and(is_draft);
    let (draft_a, draft_b) = (drafted(a), drafted(b));
    let counted = |own: &Own, other: &Own, is_draft: bool| {
        let bars = if own.says <= other.says { own.bars } else { 0 };
        let draft = if is_draft && draft_a != draft_b { DRAFT } else { 0 };
        u32::try_from(bars).unwrap_or(u32::MAX).min(DRAFT - 1) + draft
    };
    (counted(&own_a, &own_b, draft_a), counted(&own_b, &own_a, draft_b))
}

/// Bytes of the lines that only one of two texts has.
struct Own {
    bars: usize,
    says: usize,
}

impl Own {
    fn of(text: Outlined<'_>, other: Outlined<'_>) -> Self {
        let mut own = Self { bars: 0, says: 0 };
        let keys = text.outline.keys.iter().enumerate();
        let alone = keys.filter(|(_, key)| !other.outline.has(**key));
        for (seen, (number, _)) in alone.enumerate() {
            if seen == FEW_LINES {
                return Self { bars: 0, says: usize::MAX };
            }
            let line = text.line(number);
            if is_boilerplate(line) {
                own.bars += line.len();
            } else {
                own.says += line.len();
            }
        }
        own
    }
}

fn is_boilerplate(line: &str) -> bool {
    if line.len() > MOST_BYTES {
        return false;
    }
    is_furniture(line) || is_navigation(line) || NOTICES.is_match(line)
}

fn is_draft(title: &str) -> bool {
    let lower = title.to_lowercase();
    // "1.20 rc2", "v3.0.0-beta.1"
    let staged = lower.split(|c: char| !c.is_alphanumeric()).any(|word| {
        let stage = word.trim_start_matches(|c: char| c.is_ascii_digit());
        ["rc", "beta", "alpha"].iter().any(|name| {
            stage.strip_prefix(name).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
        })
    });
    let numbered = lower.bytes().any(|b| b.is_ascii_digit());
    (staged && numbered) || DRAFTS.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::super::outline::Outline;
    use super::*;

    fn extra_of(of: &str, other: &str) -> u32 {
        let (a, b) = (Outline::of(of), Outline::of(other));
        extra(Outlined { text: of, outline: &a }, Outlined { text: other, outline: &b }).0
    }

    const PAGE: &str = "# The harbour\n\nBoats leave it at six.\nThe market opens at seven.";

    #[test]
    fn bars_count_and_text_does_not() {
        for bar in [
            "Share on Facebook",
            "首页 | 新闻 | 关于",
            "热门标签：科技 互联网 编程",
            "Popular tags: sea harbour boats",
            "© 2024 The Harbour",
            "责任编辑：李某",
            "返回顶部",
        ] {
            let dirty = format!("{PAGE}\n{bar}");
            assert_eq!(extra_of(&dirty, PAGE), bar.len() as u32, "{bar}");
            assert_eq!(extra_of(PAGE, &dirty), 0, "{bar}");
        }
        let longer = format!("{PAGE}\nFish is sold until noon.\n- nets\n- ropes\n\n    let a = 1;");
        assert_eq!((extra_of(&longer, PAGE), extra_of(PAGE, &longer)), (0, 0));
        // A page that says more keeps its bars.
        assert_eq!(extra_of(&format!("{longer}\nShare on Facebook"), PAGE), 0);
    }

    #[test]
    fn a_draft_gives_way() {
        for title in
            ["Release notes 1.20 rc2", "v3.0.0-beta.1", "停车条例（征求意见稿）", "Draft: parking"]
        {
            let draft = format!("# {title}\n{PAGE}");
            assert!(extra_of(&draft, PAGE) >= DRAFT, "{title}");
        }
        for title in ["The alpha and the omega", "Beta cells"] {
            let final_text = format!("# {title}\n{PAGE}");
            assert_eq!(extra_of(&final_text, PAGE), 0, "{title}");
        }
    }
}
