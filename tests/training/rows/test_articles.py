"""Our headlines with comments: well formed, none twice, and pairs that are on topic as often as off."""

import json
import re
from collections import Counter

from training.rows.articles import ARTICLES, Article, read_articles
from training.rows.pairs import pairs_of_articles


def letters(text: str) -> str:
    return re.sub(r"\W+", "", text.casefold())


def test_every_article_has_six_comments_and_nothing_is_empty() -> None:
    lines = [line for path in ARTICLES.glob("*.jsonl") for line in path.read_text(encoding="utf-8").splitlines()]

    assert len(lines) > 1200
    for line in lines:
        one = json.loads(line)
        assert set(one) == {"title", "section", "summary", "comments"} and len(one["comments"]) == 6, line
        assert all(text.strip() for text in (one["title"], one["section"], one["summary"], *one["comments"])), line


def test_no_headline_and_no_comment_comes_twice() -> None:
    articles = read_articles()
    counts = Counter(letters(text) for one in articles for text in (one.title, *one.comments))

    assert [text for text, count in counts.items() if count > 1] == []


def test_about_one_article_in_ten_is_held_out() -> None:
    articles = read_articles()

    assert 0.07 < sum(one.held_out for one in articles) / len(articles) < 0.13


def test_every_comment_is_paired_once_with_its_own_article_and_once_with_another() -> None:
    articles = [article(paper, number) for paper in ("courier", "herald") for number in range(20)]
    own = {comment: one.title for one in articles for comment in one.comments}
    pairs = list(pairs_of_articles(articles, summaries=False, seed=1))

    assert len(pairs) == 2 * len(own)
    assert all((own[pair.text] == pair.title) is pair.on_topic for pair in pairs)
    assert Counter(pair.on_topic for pair in pairs) == {True: len(own), False: len(own)}


def test_half_of_the_other_articles_are_of_the_same_paper() -> None:
    articles = [article(paper, number) for paper in ("courier", "herald") for number in range(20)]
    others = [pair for pair in pairs_of_articles(articles, summaries=False, seed=1) if not pair.on_topic]
    same = sum(pair.text.split()[0] == str(pair.title).split()[0] for pair in others)

    assert 0.4 < same / len(others) < 0.6


def test_the_standfirst_is_given_only_when_asked_for() -> None:
    articles = [article(paper, number) for paper in ("courier", "herald") for number in range(2)]

    assert {pair.summary for pair in pairs_of_articles(articles, summaries=False, seed=1)} == {None}
    assert None not in {pair.summary for pair in pairs_of_articles(articles, summaries=True, seed=1)}


def test_an_article_with_its_standfirst_is_not_taken_for_the_one_without() -> None:
    articles = [article(paper, number) for paper in ("courier", "herald") for number in range(2)]
    keys = [{p.article_key for p in pairs_of_articles(articles, summaries=s, seed=1)} for s in (False, True)]

    assert keys[0].isdisjoint(keys[1])


def article(paper: str, number: int) -> Article:
    comments = tuple(f"{paper} {number} says {place}" for place in range(6))
    return Article(paper, f"{paper} headline {number}", "News", f"{paper} standfirst {number}", comments)
