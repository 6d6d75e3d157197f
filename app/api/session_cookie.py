"""The cookie that carries a session: invisible to scripts, never sent across sites."""

from fastapi import Response

from config.settings import Settings

SESSION_COOKIE = "hotline_session"


def put_cookie(response: Response, token: str, settings: Settings, max_age_s: int) -> None:
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=max_age_s,
        path="/api/v1",
        httponly=True,
        samesite="strict",
        secure=settings.cookie_secure,
    )


def drop_cookie(response: Response, settings: Settings) -> None:
    response.delete_cookie(
        SESSION_COOKIE, path="/api/v1", httponly=True, samesite="strict", secure=settings.cookie_secure
    )
