"""The pages of the local inbox, as HTML without any outside asset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from html import escape

from storage.repositories.caught import Caught, CaughtSummary

CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; connect-src 'self';"
    " frame-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""For our own pages: no script but the one that carries the nonce."""
MAIL_CSP = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';"
    " style-src 'unsafe-inline'; img-src https: http: data:; font-src data:; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'self'"
)
"""For a caught mail's HTML: it may look as it likes, and do nothing."""

_STYLE = """
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b1f27;--dim:#687083;--line:#e3e6ec;
--accent:#3b5bdb;--tag:#e7ecff}
@media(prefers-color-scheme:dark){:root{--bg:#14161b;--card:#1c1f26;--ink:#e8eaf0;--dim:#98a0b3;
--line:#2c313b;--accent:#91a7ff;--tag:#28304d}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:860px;margin:0 auto;padding:28px 16px 60px}
header{display:flex;align-items:center;gap:12px;margin-bottom:18px}
h1{font-size:21px;margin:0;overflow-wrap:anywhere}header .grow{flex:1}
a{color:var(--accent)}.dim{color:var(--dim)}
button{font:inherit;color:var(--dim);background:none;border:1px solid var(--line);
border-radius:8px;padding:5px 12px;cursor:pointer}button:hover{color:var(--ink)}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;overflow:hidden}
.list a{display:grid;grid-template-columns:1fr auto;gap:2px 14px;padding:13px 18px;
text-decoration:none;color:inherit;border-top:1px solid var(--line)}
.list a:first-child{border-top:0}.list a:hover,.list a:focus-visible{background:var(--bg)}
.list .who{font-size:13px;color:var(--dim)}.list .what{font-weight:600}
.list .snippet,.list .who,.list .what{overflow:hidden;text-overflow:ellipsis;white-space:nowrap;
min-width:0}
.list .snippet{grid-column:1/-1;color:var(--dim);font-size:14px}
.tag{background:var(--tag);color:var(--accent);border-radius:99px;font-size:12px;padding:1px 9px;
justify-self:end}
.empty{padding:56px 20px;text-align:center;color:var(--dim)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:0;padding:16px 18px}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
iframe{width:100%;height:70vh;border:0;background:#fff;display:block}
pre{margin:0;padding:16px 18px;white-space:pre-wrap;overflow-wrap:anywhere;
font:13px/1.55 ui-monospace,Menlo,Consolas,monospace}
details,section{margin-top:16px}summary{cursor:pointer;padding:12px 18px;font-weight:600}
"""

_LIST_SCRIPT = """
const list=document.querySelector('#list'),count=document.querySelector('#count');
let version=list.dataset.version;
async function refresh(){
 if(document.hidden)return;
 try{
  const answer=await fetch(location.pathname+location.search);
  if(answer.status!==200)return;
  const page=new DOMParser().parseFromString(await answer.text(),'text/html');
  const fresh=page.querySelector('#list');
  if(!fresh||fresh.dataset.version===version)return;
  version=fresh.dataset.version;list.replaceChildren(...fresh.childNodes);
  count.textContent=page.querySelector('#count').textContent;
 }catch(error){}
}
setInterval(refresh,2000);document.addEventListener('visibilitychange',refresh);
document.querySelector('#clear').addEventListener('click',async()=>{
 await fetch('/inbox',{method:'DELETE'});location.reload();});
"""
_DETAIL_SCRIPT = """
document.querySelector('#delete').addEventListener('click',async()=>{
 await fetch(location.pathname,{method:'DELETE'});location.href='/inbox';});
"""


def _page(title: str, body: str, script: str, nonce: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f'<body><main>{body}</main><script nonce="{nonce}">{script}</script></body></html>'
    )


def _time(moment: datetime) -> str:
    return f'<time datetime="{moment.isoformat()}">{moment:%d %b %Y, %H:%M:%S} UTC</time>'


def version_of(messages: Sequence[CaughtSummary]) -> str:
    """Changes when the list does."""
    return f"{messages[0].id.hex}-{messages[-1].id.hex}-{len(messages)}" if messages else "empty"


def _line(message: CaughtSummary) -> str:
    return (
        f'<a href="/inbox/{message.id}">'
        f'<span class="what">{escape(message.subject or "(no subject)")}</span>'
        f'<span class="tag">{escape(message.channel)}</span>'
        f'<span class="who">to {escape(message.to)}</span>'
        f'<span class="who">{_time(message.received_at)}</span>'
        f'<span class="snippet">{escape((message.text or "")[:160])}</span></a>'
    )


def list_page(messages: Sequence[CaughtSummary], nonce: str, limit: int) -> str:
    """All caught messages, newest first; the page renews itself."""
    rows = "".join(map(_line, messages))
    if not rows:
        rows = '<div class="empty">Nothing here yet. Messages appear as they are sent.</div>'
    count = f"the newest {limit}" if len(messages) >= limit else str(len(messages))
    return _page(
        "Inbox",
        f'<header><h1>Inbox</h1><span class="dim" id="count">{count}</span>'
        '<span class="grow"></span><button id="clear">Delete all</button></header>'
        f'<div class="card list" id="list" data-version="{version_of(messages)}">{rows}</div>',
        _LIST_SCRIPT,
        nonce,
    )


def detail_page(message: Caught, nonce: str) -> str:
    """One message: its HTML in a sandbox, its text, its headers and its source."""
    html = (
        f'<section class="card"><iframe sandbox="allow-popups allow-popups-to-escape-sandbox"'
        f' src="/inbox/{message.id}/html" title="The HTML of this message"></iframe></section>'
        if message.html
        else ""
    )
    text = (
        f"<details class=card{'' if message.html else ' open'}><summary>Text</summary>"
        f"<pre>{escape(message.text)}</pre></details>"
        if message.text
        else ""
    )
    headers = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
        for name, value in message.headers.items()
    )
    source = (
        "<details class=card><summary>Source</summary>"
        f"<pre>{escape(message.raw.decode('utf-8', 'replace'))}</pre></details>"
        if message.raw
        else ""
    )
    sender = f"<dt>From</dt><dd>{escape(message.sender)}</dd>" if message.sender else ""
    return _page(
        message.subject or "(no subject)",
        '<p><a href="/inbox">← Inbox</a></p>'
        f"<header><h1>{escape(message.subject or '(no subject)')}</h1>"
        f'<span class="tag">{escape(message.channel)}</span><span class="grow"></span>'
        '<button id="delete">Delete</button></header>'
        f'<div class="card"><dl>{sender}<dt>To</dt><dd>{escape(message.to)}</dd>'
        f"<dt>Received</dt><dd>{_time(message.received_at)}</dd></dl></div>"
        f"{html}{text}"
        f"<details class=card><summary>Headers</summary><dl>{headers}</dl></details>{source}",
        _DETAIL_SCRIPT,
        nonce,
    )
