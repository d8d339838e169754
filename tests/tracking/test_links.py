"""Links of mail: what is led through the API, what stays as it is, and what tokens say."""

from __future__ import annotations

from html import unescape
from re import findall
from uuid import UUID, uuid4

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.tracking.links import Tracker, track
from engine.tracking.tokens import FollowedLink, Tokens
from journeys.templates import RenderedMessage
from journeys.tracking import (
    Tracking,
    TrackingChoice,
    Utm,
    missing_parameters,
    tracking_for,
    web_link,
    with_query,
)
from storage.encryption import Encryption, new_key

PUBLIC = "https://sojourn.example"
KEY = new_key()
TOKENS = Tokens([b"one key of the installation"])
TRACKER = Tracker(PUBLIC, TOKENS)
ALL = Tracking(opens=True, clicks=True, text_links=False, utm={})
MESSAGE = UUID("6d1f2a34-8b1e-5d6a-9a39-0d1c5a1b2c3d")


def signing(*keys: str) -> Tokens:
    tokens = Tokens.of(Encryption(keys))
    assert tokens is not None
    return tokens


def sent(html: str, tracking: Tracking = ALL, tracker: Tracker | None = TRACKER) -> str:
    content = RenderedMessage(subject="s", html=html, text="t")
    return track(content, MESSAGE, tracking, tracker).html or ""


def targets(html: str) -> list[str]:
    """Where the links of a sent mail lead in the end."""
    found = []
    for link in findall(r'href=["\']?([^"\' >]+)', html):
        token = unescape(link).partition("/t/c/")[2]
        followed = TOKENS.read_click(token) if token else None
        found.append(followed.target if followed else unescape(link))
    return found


def test_a_link_leads_through_the_api_to_where_it_led() -> None:
    html = sent('<p><a href="https://shop.example/a?x=1&amp;y=2#top">Shop</a></p>')
    assert f'href="{PUBLIC}/t/c/' in html
    assert targets(html) == ["https://shop.example/a?x=1&y=2#top"]


@pytest.mark.parametrize(
    "link",
    ["mailto:a@b.example", "tel:+4930", "app://open/1", "#top", "/relative", "//host/x", "",
     "javascript:alert(1)", "https://", "https://a b", f"{PUBLIC}/unsubscribe/abc", PUBLIC,
     "https://shop.example/" + "x" * 2000, "https://shop.example/\\evil", "https://[half"],
    ids=lambda link: link[:24] or "empty",
)  # fmt: skip
def test_other_links_stay_as_they_are(link: str) -> None:
    html = f'<body><a href="{link}">x</a></body>'
    assert sent(html, Tracking(False, True, False, {"utm_source": "s"})) == html


def test_a_host_that_only_begins_like_ours_is_tracked() -> None:
    assert "/t/c/" in sent(f'<a href="{PUBLIC}.evil.example/">x</a>')


def test_a_link_marked_to_be_left_alone_is() -> None:
    html = '<a href="https://shop.example" data-no-track>x</a>'
    assert sent(html, Tracking(False, True, False, {})) == html


def test_the_pixel_is_the_last_of_the_body() -> None:
    html = sent("<html><body><p>Hello</p></body></html>")
    assert html.endswith('border:0"></body></html>')
    token = html.partition("/t/o/")[2].partition(".gif")[0]
    assert TOKENS.read_open(token) == MESSAGE
    assert sent("<p>Hello").startswith("<p>Hello<img src=")
    assert sent("<body>one<body>two").count("<img") == 1


def test_everything_else_stays_byte_for_byte() -> None:
    html = (
        "<!DOCTYPE html><HTML><!--[if mso]><v:rect href='https://a.example'/><![endif]-->"
        "<Body  bgcolor=white>&nbsp;a < b &copy; <IMG SRC='x.png'><![if !mso]>y<![endif]>"
        "<style>a{content:'<a href=https://b.example>'}</style></Body></HTML>"
    )
    assert sent(html, Tracking(False, True, False, {"utm_source": "s"})) == html


def test_without_tracking_and_utm_nothing_changes() -> None:
    html = "<body><a href='https://shop.example'>x</a></body>"
    assert sent(html, Tracking(False, False, False, {})) == html
    assert sent(html, ALL, tracker=None) == html


def test_text_changes_only_where_that_is_asked_for() -> None:
    content = RenderedMessage(text="See https://shop.example/a (or http://b.example).")
    assert track(content, MESSAGE, ALL, TRACKER) == content
    wanted = Tracking(True, True, True, {})
    text = track(content, MESSAGE, wanted, TRACKER).text or ""
    assert text.startswith(f"See {PUBLIC}/t/c/")
    assert text.endswith(").")
    assert targets(text.replace(PUBLIC, f"href={PUBLIC}").replace(")", " ")) == [
        "https://shop.example/a",
        "http://b.example",
    ]


def test_utm_parameters_are_added_where_they_are_missing() -> None:
    utm = {"utm_source": "news letter", "utm_medium": "email"}
    html = sent(
        '<a href="https://s.example/?utm_source=own&amp;a=1#part">x</a>'
        '<a href="https://s.example">x</a>',
        Tracking(False, False, False, utm),
        tracker=None,
    )
    assert targets(html) == [
        "https://s.example/?utm_source=own&a=1&utm_medium=email#part",
        "https://s.example?utm_source=news%20letter&utm_medium=email",
    ]


def test_a_tracked_link_is_known_by_what_the_template_has() -> None:
    html = sent('<a href="https://s.example/">x</a>', Tracking(False, True, False, {"utm_id": "7"}))
    token = html.partition("/t/c/")[2].partition('"')[0]
    followed = TOKENS.read_click(token)
    assert followed is not None
    assert followed.link == "https://s.example/"
    assert followed.target == "https://s.example/?utm_id=7"


def test_a_template_says_otherwise_than_its_workspace() -> None:
    workspace = TrackingChoice(opens=False, utm=Utm(source="sojourn"))
    plain = tracking_for(workspace, TrackingChoice(), workflow="welcome", block="hello")
    assert (plain.opens, plain.clicks, plain.text_links) == (False, True, False)
    assert plain.utm == {
        "utm_source": "sojourn", "utm_medium": "email",
        "utm_campaign": "welcome", "utm_content": "hello",
    }  # fmt: skip
    own = TrackingChoice(opens=True, clicks=False, utm=False)
    template = tracking_for(workspace, own, workflow="welcome", block="hello")
    assert (template.opens, template.clicks, dict(template.utm)) == (True, False, {})


def test_a_token_that_was_changed_cut_or_forged_says_nothing() -> None:
    token = TOKENS.click(FollowedLink(MESSAGE, "https://shop.example/", ""))
    other = Tokens([b"somebody else's"])
    forged = other.click(FollowedLink(MESSAGE, "https://evil.example/", ""))
    assert TOKENS.read_click(forged) is None
    for length in range(len(token)):
        assert TOKENS.read_click(token[:length]) is None
    for place in range(len(token)):
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        read = TOKENS.read_click(changed)
        # the last letter may hold bits that belong to nothing
        assert read is None or (place == len(token) - 1 and read == TOKENS.read_click(token))


def test_the_token_of_a_pixel_is_no_link_and_the_other_way_round() -> None:
    assert TOKENS.read_click(TOKENS.open(MESSAGE)) is None
    assert TOKENS.read_open(TOKENS.click(FollowedLink(MESSAGE, "", ""))) is None


def test_links_outlive_the_key_that_signed_them_while_it_is_kept() -> None:
    old, new = new_key(), new_key()
    token = signing(old).open(MESSAGE)
    assert signing(new, old).read_open(token) == MESSAGE
    assert signing(new).read_open(token) is None


def test_without_a_key_or_an_address_nothing_is_tracked() -> None:
    assert Tracker.of(PUBLIC, Encryption([])) is None
    assert Tracker.of(None, Encryption([KEY])) is None
    assert Tracker.of(PUBLIC, Encryption([KEY])) is not None


@pytest.mark.parametrize(
    "token", ["", "=", "a", "\u00e9" * 60, "%00" * 40, "A" * 50_000, "-_" * 40]
)
def test_any_text_may_stand_where_a_token_belongs(token: str) -> None:
    assert TOKENS.read_click(token) is None
    assert TOKENS.read_open(token) is None


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300), st.text(alphabet="abc=&%#?/é ", min_size=1, max_size=40))
def test_whatever_is_signed_is_read_back(path: str, value: str) -> None:
    link = web_link(f"https://shop.example/{path}")
    if link is None:
        return
    query = missing_parameters(link, {"utm_term": value})
    followed = FollowedLink(uuid4(), link, query)
    assert TOKENS.read_click(TOKENS.click(followed)) == followed
    assert missing_parameters(with_query(link, query), {"utm_term": value}) == ""


def test_an_end_tag_without_a_name_is_left_out() -> None:
    """It is nothing in HTML (missing-end-tag-name, WHATWG HTML 13.2.5.7)."""
    assert sent("a</>b", Tracking(False, True, False, {})) == "ab"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="<>a href='\"=/!-b\nscript&;", max_size=200))
def test_malformed_html_loses_at_most_a_tag_that_never_ends(html: str) -> None:
    assume("</>" not in html)
    done = sent(html, Tracking(False, True, False, {}))
    assert html.startswith(done)
    assert html.removeprefix(done)[:1] in ("", "<")


def test_hostile_html_takes_linear_time() -> None:
    for part in ('<a href="', "<a href=x ", "<!--", "<div><a href=//x>"):
        sent(part * 20_000)
