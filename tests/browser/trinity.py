"""Trinity, served, and its people: who has an account, who comes as a guest, and their browsers."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections import deque
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.served import HTTP, Served

TRINITY = Path(__file__).parents[2] / "apps" / "trinity"
PASSWORD = "Corn4flower"
START_S_MAX = 300.0  # its grants are read from its code first
PATIENCE_MS = 15_000
HOSTS = (
    4  # who has opened ten rooms in a minute may open no more; one address registers twenty people
)
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}
WATCHING = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""


expect.set_options(timeout=PATIENCE_MS)


class Trinity:
    def __init__(self, state: Path) -> None:
        self.state = state
        self.hosts: deque[dict[str, Any]] = deque()
        self.served = Served(TRINITY, state, start_s_max=START_S_MAX)
        self.url = f"http://127.0.0.1:{self.served.port}"

    # -- its Api

    def ask(self, method: str, path: str, who: dict[str, Any] | None = None, **body: Any) -> Any:
        headers = {"authorization": f"Bearer {who['access']}"} if who else {}
        url = f"{self.url}/api{path}"
        answer = HTTP.request(method, url, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def member(self, name: str) -> dict[str, Any]:
        """The session of somebody with an account."""
        email = f"{name.lower()}-{time.monotonic_ns()}@example.com"
        account: dict[str, Any] = {"email": email, "password": PASSWORD}
        id = self.ask("POST", "/auth/register", name=name, **account)["id"]
        self.ask("POST", "/auth/confirm", id=id, code=self.code(email))
        return self.ask("POST", "/auth/login", **account)

    def host(self) -> dict[str, Any]:
        """Somebody with an account who may open a room. All who do are called Marta."""
        if len(self.hosts) < HOSTS or time.time() > self.hosts[0]["fresh_until"]:
            one = self.member("Marta")
            self.hosts.append(one | {"fresh_until": time.time() + one["expires_in"] / 2})
        if len(self.hosts) > HOSTS:
            self.hosts.popleft()
        self.hosts.rotate(-1)
        return self.hosts[-1]

    def guest(self, code: str, name: str) -> dict[str, Any]:
        return self.ask("POST", "/rooms/join-by-code", code=code, name=name)["session"]

    def code(self, email: str) -> str:
        """Of the last mail to this address, as it lies in the store."""
        store = self.state / "trinity" / "state.db"
        asked = "SELECT body FROM mail WHERE address = ? ORDER BY seq DESC LIMIT 1"
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as found:
            (body,) = found.execute(asked, (email,)).fetchone()
        code = re.search(r"\b\d{6}\b", body)
        assert code is not None, body
        return code[0]

    # -- its pages

    def browser(self, browser: Browser, who: dict[str, Any] | None = None, **more: Any) -> Page:
        """A browser of his own, signed in when he has a session. Without a service worker: in the
        moment in which one takes a page over, what a test has said of its requests does not hold.
        """
        said: dict[str, Any] = {"viewport": PHONE, "locale": "en-US", "reduced_motion": "reduce"}
        said["service_workers"] = "block"
        context = browser.new_context(base_url=self.url, **(said | more))
        context.add_init_script(WATCHING)
        if who is not None:
            _sign_in(context, who)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        return page


def _sign_in(context: BrowserContext, who: dict[str, Any]) -> None:
    """Once: when the page has signed out, it stays so."""
    ends = int((time.time() + who["expires_in"]) * 1_000)
    kept = json.dumps({**who, "expires_at": ends})
    context.add_init_script(f"""
      if (!localStorage.getItem("trinity.tried")) {{
        localStorage.setItem("trinity.tried", "1");
        localStorage.setItem("trinity.session", {json.dumps(kept)});
      }}
    """)
