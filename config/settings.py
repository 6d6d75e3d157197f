"""Typed settings from the environment. A wrong one stops the start-up and is named."""

from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from kit.errors import Invalid

ROOT = Path(__file__).resolve().parent.parent
"""The folder that holds the shipped policy, prompts, model and built console."""

Port = Annotated[int, Field(ge=1, le=65535)]


class SettingsWrong(Invalid):
    code = "settings.wrong"


class Settings(BaseSettings):
    """Every field is read from HOTLINE_<NAME>, except those whose alias is a common name."""

    model_config = SettingsConfigDict(env_prefix="HOTLINE_", extra="ignore", populate_by_name=True)

    # where things live
    data_dir: Path = Path("var")
    database_url: str = Field("", validation_alias="DATABASE_URL")
    redis_url: str = Field("", validation_alias="REDIS_URL")
    redis_port: Port = 6390  # of the embedded server; unused when REDIS_URL is set
    policy_file: Path = ROOT / "config" / "policy.toml"
    clocks_file: Path = ROOT / "config" / "clocks.toml"
    prompts_dir: Path = ROOT / "config" / "prompts"
    console_dir: Path = ROOT / "console" / "dist"

    # telephone line
    line: Literal["embedded", "asterisk"] = "embedded"  # SIP in this process, or an Asterisk that we steer
    telephony_id: Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,64}$")] = "telephony-1"
    sip_host: str = "0.0.0.0"  # noqa: S104 - a telephone line listens on the network
    sip_port: Port = 5060
    sip_advertised_host: str = ""  # address in Contact and SDP; empty: found from the route to the peer
    sip_allowed_peers: Annotated[list[str], NoDecode] = ["127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
    rtp_port_min: Port = 20000
    rtp_port_max: Port = 24999
    max_calls: Annotated[int, Field(ge=1, le=2000)] = 100
    line_number: str = "12345"
    trunk: str = ""  # host[:port] that outbound calls go to; empty: no outbound calls
    trunk_username: str = ""
    trunk_password: str = ""
    trunk_register: bool = False

    # browsers as telephones
    browser_host: str = "127.0.0.1"  # put https in front before opening it: browsers give no microphone without
    browser_port: Port = 8015
    browser_url: str = ""  # where pages find it (wss://host/phone); empty: see docs/web-phone.md
    browser_calls: Annotated[int, Field(ge=0, le=1000)] = 20  # of citizens, at once; 0 closes the page

    # telephone line on Asterisk
    ari_url: str = "http://127.0.0.1:8088/ari"
    ari_user: str = "hotline"
    ari_password: str = ""
    ari_app: str = "hotline"
    media_client: str = "hotline-media"  # the connection in websocket_client.conf that dials our media server
    media_host: str = "127.0.0.1"  # whoever reaches this port cannot guess the id of a call, but may try
    media_port: Port = 8016
    away_dir: str = ""  # where Asterisk leaves the calls it took by itself; empty: `away` in the data folder

    # speech
    vosk_model: Path = Field(ROOT / "asr" / "models" / "mini-cn", validation_alias="VOSK_MODEL")
    speech_rules_dir: Path = ROOT / "config" / "speech"
    model_mirror: str = ""  # http(s) address that holds NAME.zip for each model; empty: the official one
    audio_max_mb: Annotated[int, Field(ge=1)] = 128
    audio_max_s: Annotated[int, Field(ge=1)] = 3600
    audio_max_decoded_mb: Annotated[int, Field(ge=1)] = 1024
    audio_decode_timeout_s: Annotated[int, Field(ge=1)] = 120
    ffmpeg: str = ""  # a program of one's own; empty: the one that came with the Python packages
    asr_workers: Annotated[int, Field(ge=1, le=64)] = 1
    listener_host: str = "127.0.0.1"  # live speech of calls: whoever reaches this port can spend our processor time
    listener_port: Port = 8014
    listener_url: str = ""  # where the telephony process finds the listener; empty: on this machine
    listener_children: Annotated[int, Field(ge=1, le=64)] = 2
    listener_streams: Annotated[int, Field(ge=1, le=500)] = 16  # at once, of each child

    # web
    web_host: str = "127.0.0.1"
    web_port: Port = 8012
    cookie_secure: bool = False  # set it behind https
    trusted_proxies: str = "127.0.0.1"  # whose X-Forwarded-For is believed, comma-separated addresses or networks

    # logging
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_json: bool = True

    @field_validator("sip_allowed_peers", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("sip_allowed_peers")
    @classmethod
    def _peers_are_networks(cls, value: list[str]) -> list[str]:
        for peer in value:
            try:
                ip_network(peer, strict=False)
            except ValueError:
                raise ValueError("each peer is an address or a network such as 10.0.0.0/8") from None
        return value

    @field_validator("model_mirror")
    @classmethod
    def _mirror_is_an_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value

    @field_validator("ari_url")
    @classmethod
    def _ari_is_an_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must begin with http:// or https://")
        return value

    @field_validator("listener_url", "browser_url")
    @classmethod
    def _speaks_websocket(cls, value: str) -> str:
        if value and not value.startswith(("ws://", "wss://")):
            raise ValueError("must begin with ws:// or wss://")
        return value

    @field_validator("rtp_port_max")
    @classmethod
    def _rtp_range_holds_a_port_pair(cls, value: int, info: ValidationInfo) -> int:
        if value <= info.data.get("rtp_port_min", 0):
            raise ValueError("must be above HOTLINE_RTP_PORT_MIN")
        return value

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'hotline.sqlite3'}"

    @property
    def effective_redis_url(self) -> str:
        return self.redis_url or f"redis://127.0.0.1:{self.redis_port}/0"

    @property
    def effective_away_dir(self) -> Path:
        return Path(self.away_dir) if self.away_dir else self.data_dir.resolve() / "away"

    @property
    def effective_listener_url(self) -> str:
        return self.listener_url or f"ws://127.0.0.1:{self.listener_port}"


def load_settings() -> Settings:
    """Read the environment; raises SettingsWrong that names every wrong setting, never its value."""
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsWrong(
            "; ".join(f"{_environment_name(item['loc'][0])}: {item['msg']}" for item in error.errors())
        ) from None


def _environment_name(field: object) -> str:
    name = str(field)
    return name if name.isupper() else f"HOTLINE_{name.upper()}"
