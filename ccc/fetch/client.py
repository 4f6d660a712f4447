"""The one HTTP client of the telephone side: asynchronous, guarded, bounded.

A name is resolved once; the address that was checked is the address that is connected to, so a name that resolves
differently the next moment (DNS rebinding) gains nothing. Each redirect goes through the same door.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar, DefaultCookiePolicy

import certifi
import httpx

from ccc.api.http import HttpAnswer, HttpFailed, HttpRequest
from ccc.fetch.guard import Allowed, refusal

MAX_BYTES = 256 * 1024
MAX_REDIRECTS = 3
MAX_CONNECTIONS = 200
RESOLVER_THREADS = 8
"""Of their own: a dead name server must not hold up other work in threads."""
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
_OURS = {"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "te", "upgrade"}
_KEPT = {"accept", "content-type", "content-length", "user-agent", "host", "accept-encoding", "connection"}
"""Headers that follow a redirect to another origin: nothing a flow may have put a secret in."""


class Refused(Exception):
    """The guard says no."""


class FetchClient:
    """Sends requests of flows. Make it once for each process; usable from one event loop."""

    def __init__(self, allowed: Allowed, *, resolve: Resolve | None = None, tls: ssl.SSLContext | None = None) -> None:
        """``resolve`` gives a host's addresses in order of preference (default: the system's resolver)."""
        self._pool = ThreadPoolExecutor(RESOLVER_THREADS, thread_name_prefix="resolver")
        limits = httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=0)
        self._client = httpx.AsyncClient(
            transport=_Pinned(allowed, resolve or self._resolve, tls or _trust(), limits),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),  # calls share the client, not a session
            trust_env=False,
            timeout=None,  # noqa: S113 - asyncio.timeout covers the whole of it
        )

    async def fetch(self, request: HttpRequest) -> HttpAnswer:
        """The answer, whatever its status. HttpFailed when there is none; its message never has the query."""
        where = ""
        try:
            prepared = self._prepare(request)
            where = f"{request.method} {prepared.url.copy_with(query=None, userinfo=b'', fragment=None)}: "
            async with asyncio.timeout(request.timeout_s):
                return await self._follow(prepared)
        except TimeoutError as error:
            raise HttpFailed(f"{where}no answer within {request.timeout_s:g} s", retry=True) from error
        except Refused as error:
            raise HttpFailed(f"{where}{error}", retry=False) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
            raise HttpFailed(f"{where}{_words(error)}", retry=False) from error
        except (httpx.HTTPError, OSError) as error:
            raise HttpFailed(f"{where}{_words(error)}", retry=True) from error

    async def close(self) -> None:
        """Close what is open."""
        await self._client.aclose()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _prepare(self, request: HttpRequest) -> httpx.Request:
        headers = httpx.Headers(
            {name: value for name, value in request.headers.items() if name.lower() not in _OURS}, encoding="utf-8"
        )
        if request.body is not None:
            headers.setdefault("Content-Type", "application/json")
        headers["Accept-Encoding"] = "identity"  # a small compressed answer may be a huge one
        headers.setdefault("User-Agent", "ccc")
        content = None if request.body is None else request.body.encode()
        return self._client.build_request(request.method, request.url, headers=headers, content=content)

    async def _follow(self, request: httpx.Request) -> HttpAnswer:
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._client.send(request, stream=True)
            try:
                if response.next_request is None:
                    return await _read(response)
                request = _redirected(request, response.next_request)
            finally:
                await response.aclose()
        raise Refused(f"redirected more than {MAX_REDIRECTS} times")

    async def _resolve(self, host: str, port: int) -> Sequence[str]:
        def look_up() -> list[str]:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            # IPv4 first: a host with an unreachable IPv6 address is more common than the opposite
            return list(dict.fromkeys(str(item[4][0]) for item in sorted(found, key=lambda item: item[0])))

        return await asyncio.get_running_loop().run_in_executor(self._pool, look_up)


class _Pinned(httpx.AsyncHTTPTransport):
    """Connects to the address that was checked; name and certificate stay the host's."""

    def __init__(self, allowed: Allowed, resolve: Resolve, tls: ssl.SSLContext, limits: httpx.Limits) -> None:
        super().__init__(verify=tls, limits=limits, trust_env=False)
        self._allowed = allowed
        self._resolve = resolve

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        if request.url.scheme not in ("http", "https") or not host:
            raise Refused("only http:// and https:// with a host are fetched")
        port = request.url.port or (443 if request.url.scheme == "https" else 80)
        if port > 65535:
            raise Refused(f"there is no port {port}")
        addresses, reason = [], f"{host} has no address"
        for address in await self._resolve(host, port):
            why = refusal(host, address, self._allowed)
            if why is None:
                addresses.append(address)
            else:
                reason = why
        if not addresses:
            raise Refused(reason)
        for address in addresses[:-1]:
            try:
                return await super().handle_async_request(_to(request, address))
            except httpx.ConnectError:
                continue
        return await super().handle_async_request(_to(request, addresses[-1]))


def _to(request: httpx.Request, address: str) -> httpx.Request:
    """The same request to an address; the Host header and the name in TLS are those of the URL."""
    extensions = {**request.extensions, "sni_hostname": request.url.host}
    url = request.url.copy_with(host=address)
    return httpx.Request(request.method, url, headers=request.headers, stream=request.stream, extensions=extensions)


def _redirected(request: httpx.Request, following: httpx.Request) -> httpx.Request:
    if request.url.scheme == "https" and following.url.scheme != "https":
        raise Refused("redirected from https to http")
    if (request.url.scheme, request.url.netloc) != (following.url.scheme, following.url.netloc):
        for name in [name for name in following.headers if name.lower() not in _KEPT]:
            del following.headers[name]
    return following


async def _read(response: httpx.Response) -> HttpAnswer:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused("the answer is compressed, which was not asked for")
    data = bytearray()
    async for chunk in response.aiter_raw():
        data += chunk
        if len(data) > MAX_BYTES:
            raise Refused(f"the answer is longer than {MAX_BYTES // 1024} KiB")
    try:
        text = data.decode(response.charset_encoding or "utf-8", "replace")
    except LookupError:
        text = data.decode("utf-8", "replace")
    return HttpAnswer(response.status_code, text, response.headers.get("content-type", ""))


def _trust() -> ssl.SSLContext:
    """The system's certificate authorities, and Mozilla's for systems without any."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
