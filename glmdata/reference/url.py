"""The form in which two addresses are compared.

Split as appendix B of RFC 3986 splits. Two addresses of one form are taken for one page: letters of
the host are folded, and scheme, `www.`, the scheme's own port, the fragment, trailing slashes and
parameters that follow the reader are left out; percent-encoding is made the same (section 6.2.2 of
the RFC). Paths keep their letters, parameters their order.
"""

from __future__ import annotations

import re

TRACKING = re.compile(
    r"utm_.*|dclid|fbclid|gbraid|gclid|gclsrc|igshid|li_fat_id|msclkid|srsltid|ttclid|twclid|wbraid"
    r"|yclid|ysclid|_ga|_gl|__hsfp|__hssc|__hstc|_hsenc|_hsmi|hsctatracking|mc_cid|mc_eid|mkt_tok"
    r"|mtm_campaign|mtm_source|oly_anon_id|oly_enc_id|vero_id|wickedid|bd_vid|hmci|hmcu|hmkw|hmpl"
    r"|hmsr|scm|share_token|spm|spm_id_from|vd_source|xsec_token|jsessionid|phpsessid",
    re.DOTALL,
)

_PARTS = re.compile(
    r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?//([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL
)
_PORT = re.compile(r":([^:\]]*)\Z")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
_DEFAULT_PORT = {"http": "80", "https": "443"}


def url_form(url: str) -> str | None:
    """The form of an address; None for what is no absolute address with a host.

    Examples
    --------
    >>> url_form("https://www.Example.com:443/A/?utm_source=x&b=2#top")
    'example.com/A?b=2'
    """
    url = url.strip("".join(map(chr, range(33))))
    match = _PARTS.fullmatch(url)
    if match is None:
        return None
    scheme = (match[1] or "").lower()
    if scheme not in ("", "http", "https"):
        rest = url[len(scheme) + 3 :]
        return f"{scheme}://{rest}" if rest else None
    authority, path, query, fragment = match[2], match[3], match[4] or "", match[5] or ""
    user, _, place = authority.rpartition("@")
    host, port = _PORT.sub("", place), "".join(_PORT.findall(place))
    host = ascii_lower(host).rstrip(".")
    if not host:
        return None
    shorter = re.sub(r"^www[0-9]*\.", "", host)
    form = f"{encoded(user)}@" if user else ""
    form += encoded(shorter if "." in shorter else host)
    if port and port != _DEFAULT_PORT.get(scheme):
        form += f":{encoded(port)}"
    form += encoded(re.sub(r"(?is);jsessionid=.*", "", path).rstrip("/"))
    kept = [part for part in map(encoded, query.split("&")) if part and not is_tracking(part)]
    form += "?" + "&".join(kept) if kept else ""
    return form + (f"#{encoded(fragment)}" if fragment[:1] in ("!", "/") else "")


def url_host(url: str) -> str | None:
    """The host of a web address as its form has it, without user and port.

    Examples
    --------
    >>> url_host("https://me@www.Example.com:8080/a")
    'example.com'
    """
    match = _PARTS.fullmatch(url.strip("".join(map(chr, range(33)))))
    if match is None or (match[1] or "http").lower() not in ("http", "https"):
        return None
    host = ascii_lower(_PORT.sub("", match[2].rpartition("@")[2])).rstrip(".")
    shorter = re.sub(r"^www[0-9]*\.", "", host)
    return encoded(shorter if "." in shorter else host) or None


def is_tracking(parameter: str) -> bool:
    """Whether a parameter `name=value` follows the reader and not the page."""
    name = ascii_lower(parameter.partition("=")[0])
    return TRACKING.fullmatch(name) is not None


def ascii_lower(text: str) -> str:
    """Only A to Z in lower case."""
    return re.sub(r"[A-Z]+", lambda found: found[0].lower(), text)


def encoded(text: str) -> str:
    """Unreserved characters plain, other escapes in upper case, all but printable ASCII escaped."""

    def piece(found: re.Match[str]) -> str:
        if found[1]:
            plain = chr(int(found[1], 16))
            return plain if _UNRESERVED.fullmatch(plain) else f"%{found[1].upper()}"
        return "".join(f"%{byte:02X}" for byte in found[0].encode())

    return re.sub(r"%([0-9A-Fa-f]{2})|[^!-~]", piece, text)
