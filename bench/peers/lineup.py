"""How each contender of the HTTP figures is started: one process, its fastest loop and parser."""

from __future__ import annotations

from pathlib import Path

from bench.contender import BIN, HOST, Contender

OURS = "skylift"
FASTAPI, FASTAPI_THREADED = "FastAPI+uvicorn", "FastAPI+uvicorn (def)"
LITESTAR, BARE = "Litestar+granian", "bare ASGI+granian"


def skylift(command: str, app: str) -> Contender:
    def said(port: int, folder: Path) -> list[str]:
        return [str(BIN / "skylift"), command, app, f"--port={port}", f"--state={folder / 'state'}"]

    return Contender(OURS, said, "/_skylift/health")


def uvicorn(name: str, app: str, *options: str) -> Contender:
    def said(port: int, _folder: Path) -> list[str]:
        return [
            *(str(BIN / "uvicorn"), app, "--host", HOST, "--port", str(port)),
            *("--loop", "uvloop", "--http", "httptools", "--no-access-log"),
            *("--log-level", "warning", *options),
        ]

    return Contender(name, said)


def granian(name: str, app: str, *options: str) -> Contender:
    def said(port: int, _folder: Path) -> list[str]:
        return [
            *(str(BIN / "granian"), app, "--host", HOST, "--port", str(port)),
            *("--interface", "asgi", "--workers", "1", "--loop", "uvloop", "--http", "1"),
            *("--no-ws", "--no-log", *options),
        ]

    return Contender(name, said)
