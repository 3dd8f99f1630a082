"""Somebody with a browser that runs no script."""

import re
from dataclasses import dataclass
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.admin_house import PASSWORD

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Reader:
    """Opens pages and sends forms, with the token that the page before held."""

    client: FlaskClient
    known: str = ""

    def open(self, path: str) -> TestResponse:
        """A page."""
        return self.client.get(path)

    def text(self, path: str) -> str:
        """A page's text, which has to be there."""
        answer = self.open(path)
        assert answer.status_code == 200, answer.status
        return answer.text

    def send(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> TestResponse:
        """A form."""
        return self.client.post(path, data={"csrf_token": self.token()} | (data or {}), **kwargs)

    def token(self) -> str:
        """The token of this session."""
        if not self.known:
            found = TOKEN.search(self.client.get("/admin/", follow_redirects=True).text)
            assert found is not None
            self.known = found[1]
        return self.known

    def sign_in(self, email: str, password: str = PASSWORD, path: str = "/admin/login") -> TestResponse:
        """Sign in; the session begins anew, and so does its token."""
        answer = self.send(path, {"email": email, "password": password})
        if answer.status_code == 302:
            self.known = ""
        return answer


def words(page: str) -> str:
    """What stands on a page, without marks and line ends."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split()).replace("&#34;", '"').replace("&amp;", "&")
