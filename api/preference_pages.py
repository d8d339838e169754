"""The pages on which contacts leave and choose: plain HTML, whole without JavaScript.

They are for people who did nothing but open a mail: no login, no cookie, nothing from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from fastapi.responses import HTMLResponse

from engine.consent.leaving import Preferences
from engine.consent.links import Follower

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
_STYLE = """
body{font:1.05rem/1.6 system-ui,sans-serif;color:#1a1d23;background:#f6f7f9;margin:0;padding:1rem}
main{max-width:34rem;margin:2rem auto;background:#fff;padding:1.5rem 2rem;border-radius:.75rem;
border:1px solid #d5d9e0}h1{font-size:1.5rem;line-height:1.25;margin:.2rem 0 1rem}
fieldset{border:0;padding:0;margin:0 0 1.5rem}legend{padding:0;font-weight:600}
label{display:block;padding:.4rem 0}input{width:1.2rem;height:1.2rem;vertical-align:-.2rem}
small{display:block;color:#4a5160;padding-left:1.75rem;font-size:.95rem}
button{font:inherit;padding:.6rem 1.2rem;border-radius:.5rem;border:1px solid #1d4ed8;
background:#1d4ed8;color:#fff;cursor:pointer;margin:0 .5rem .5rem 0}
button.quiet{background:#fff;color:#1d4ed8}a{color:#1d4ed8}
:focus-visible{outline:3px solid #f59e0b;outline-offset:2px}
[role=status]{background:#ecfdf3;border:1px solid #6ad19b;padding:.6rem 1rem;border-radius:.5rem}
"""

WORDS = {
    "en": {
        "unsubscribe": "Unsubscribe",
        "ask_topic": "Do you want to stop getting “{topic}” from {name} by {channel}?",
        "ask_channel": "Do you want to stop getting messages from {name} by {channel}?",
        "left": "You are unsubscribed",
        "left_topic": "You will not get “{topic}” by {channel} any more.",
        "left_channel": "You will not get messages from {name} by {channel} any more.",
        "left_all": "You will not get messages from {name} any more.",
        "owed": "This message belongs to something you ordered or asked for, so it cannot be "
        "unsubscribed from.",
        "test": "This was a test message. Nothing was changed.",
        "preferences": "Your messages",
        "intro": "Choose what you want to get from {name} by {channel}.",
        "topics": "Topics",
        "none": "There is nothing to choose from.",
        "save": "Save",
        "saved": "Your choice is saved.",
        "all": "Unsubscribe from everything",
        "change": "Choose what you get",
        "invalid": "This link does not work",
        "invalid_text": "It may be incomplete, or the message it came with is no longer known.",
        "email": "email", "sms": "text message", "push": "push notification",
        "web_push": "browser notification", "in_app": "message in the app", "inbox": "app inbox",
    },
    "de": {
        "unsubscribe": "Abmelden",
        "ask_topic": "Möchten Sie „{topic}“ von {name} nicht mehr per {channel} erhalten?",
        "ask_channel": "Möchten Sie von {name} keine Nachrichten mehr per {channel} erhalten?",
        "left": "Sie sind abgemeldet",
        "left_topic": "Sie erhalten „{topic}“ nicht mehr per {channel}.",
        "left_channel": "Sie erhalten von {name} keine Nachrichten mehr per {channel}.",
        "left_all": "Sie erhalten von {name} keine Nachrichten mehr.",
        "owed": "Diese Nachricht gehört zu etwas, das Sie bestellt oder angefragt haben. Von ihr "
        "kann man sich nicht abmelden.",
        "test": "Dies war eine Testnachricht. Es wurde nichts geändert.",
        "preferences": "Ihre Nachrichten",
        "intro": "Wählen Sie, was Sie von {name} per {channel} erhalten möchten.",
        "topics": "Themen",
        "none": "Es gibt nichts auszuwählen.",
        "save": "Speichern",
        "saved": "Ihre Auswahl ist gespeichert.",
        "all": "Von allem abmelden",
        "change": "Auswählen, was Sie erhalten",
        "invalid": "Dieser Link funktioniert nicht",
        "invalid_text": "Vielleicht ist er unvollständig, oder die Nachricht, mit der er kam, ist "
        "nicht mehr bekannt.",
        "email": "E-Mail", "sms": "SMS", "push": "Push-Nachricht",
        "web_push": "Browser-Nachricht", "in_app": "Nachricht in der App",
        "inbox": "Posteingang der App",
    },
}  # fmt: skip


def language_of(locale: str | None, accepted: str | None) -> str:
    """The contact's language if the pages have it, else the browser's, else English."""
    ranked = [locale or ""]
    for part in (accepted or "")[:200].split(","):
        tag, _, quality = part.strip().partition(";q=")
        if quality.strip() not in ("0", "0.0"):
            ranked.append(tag)
    names = (one.replace("_", "-").partition("-")[0].lower() for one in ranked)
    return next((name for name in names if name in WORDS), "en")


class Pages:
    """The pages for one follower of a link, in one language."""

    def __init__(self, token: str, follower: Follower, language: str) -> None:
        self._token = token
        self._follower = follower
        self._language = language

    def _say(self, key: str) -> str:
        words = WORDS[self._language]
        return escape(
            words[key].format(
                topic=self._follower.topic_name or "",
                name=self._follower.workspace_name,
                channel=words[self._follower.channel],
            )
        )

    def ask(self) -> HTMLResponse:
        """Whether to unsubscribe; nothing happens until the button is pressed."""
        if self._follower.transactional:
            return self._page("unsubscribe", [f"<p>{self._say('owed')}</p>", self._to_choices()])
        question = "ask_topic" if self._follower.topic else "ask_channel"
        form = (
            f'<form method="post" action="/unsubscribe/{self._token}">'
            f"<button>{self._say('unsubscribe')}</button></form>"
        )
        return self._page(
            "unsubscribe", [f"<p>{self._say(question)}</p>", form, self._to_choices()]
        )

    def left(self) -> HTMLResponse:
        """That it is done; or why it is not."""
        if self._follower.transactional:
            return self.ask()
        key = "left_topic" if self._follower.topic else "left_channel"
        key = "test" if self._follower.test else key
        title = "unsubscribe" if self._follower.test else "left"
        return self._page(title, [f'<p role="status">{self._say(key)}</p>', self._to_choices()])

    def left_all(self) -> HTMLResponse:
        """That nothing comes any more."""
        key = "test" if self._follower.test else "left_all"
        return self._page("left", [f'<p role="status">{self._say(key)}</p>', self._to_choices()])

    def choices(self, preferences: Preferences, *, saved: bool = False) -> HTMLResponse:
        """The topics, each to be ticked."""
        parts = []
        if saved:
            key = "test" if self._follower.test else "saved"
            parts.append(f'<p role="status">{self._say(key)}</p>')
        parts.append(f"<p>{self._say('intro')}</p>")
        boxes = "".join(
            f'<label><input type="checkbox" name="topic" value="{escape(one.key)}"'
            f"{' checked' if one.subscribed else ''}> {escape(one.name)}"
            + (f"<small>{escape(one.description)}</small>" if one.description else "")
            + "</label>"
            for one in preferences.topics
        )
        save = ""
        if boxes:
            parts_of_form = f"<legend>{self._say('topics')}</legend>{boxes}"
            save = f"<fieldset>{parts_of_form}</fieldset><button>{self._say('save')}</button>"
        else:
            parts.append(f"<p>{self._say('none')}</p>")
        parts.append(
            f'<form method="post" action="/preferences/{self._token}">{save}'
            f'<button class="quiet" name="all" value="1">{self._say("all")}</button></form>'
        )
        return self._page("preferences", parts)

    def _to_choices(self) -> str:
        link = f'href="/preferences/{self._token}"'
        return f'<p><a {link} rel="nofollow">{self._say("change")}</a></p>'

    def _page(self, title: str, parts: Iterable[str]) -> HTMLResponse:
        return _html(self._language, self._say(title), parts)


def no_such_link(language: str) -> HTMLResponse:
    """What is shown for a token that is nobody's."""
    words = WORDS[language]
    text = f"<p>{escape(words['invalid_text'])}</p>"
    return _html(language, escape(words["invalid"]), [text], status=404)


def _html(language: str, title: str, parts: Iterable[str], *, status: int = 200) -> HTMLResponse:
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>{title}</h1>{''.join(parts)}</main></body></html>",
        status_code=status,
        headers=_HEADERS,
    )
