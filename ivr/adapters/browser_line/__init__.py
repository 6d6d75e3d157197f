"""The browser as a telephone: citizens' pages and seats' phones, sound and words over one WebSocket each."""

from ivr.adapters.browser_line.config import BrowserLineConfig
from ivr.adapters.browser_line.dialler import BROWSER_PHONE, BrowserDialler
from ivr.adapters.browser_line.line import BrowserLine

__all__ = ["BROWSER_PHONE", "BrowserDialler", "BrowserLine", "BrowserLineConfig"]
