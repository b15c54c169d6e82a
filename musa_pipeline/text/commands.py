"""Commands that a model runs: whether one names a file outside the model's folder, and whether it holds a secret.

A secret is told by the name before it, by the program it is given to, or by its own form; what refers to the environment is none.
"""

import re
from typing import Final

from musa_pipeline.domain.ids import slug

_WORDS: Final = frozenset(
    {"password", "passwd", "pwd", "pass", "passphrase", "secret", "token", "credential", "credentials", "apikey"}
)
_ENDS: Final = ("password", "passwd", "passphrase", "secret", "token", "apikey")
_PAIRS: Final = ("api-key", "private-key", "access-key", "secret-key", "auth-key")
_LAST: Final = (
    "type name file path url uri id length policy required enabled expiry ttl lifetime description ref reference"
    " store manager count stdin prompt env fd"
)
_ABOUT: Final = frozenset(_LAST.split())
"""Last words of names that are about a secret, not the secret."""
_LONGEST_NAME: Final = 200

_FORMS: Final = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----"
    r"|(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|(?<![A-Za-z0-9])gh[opsru]_[A-Za-z0-9]{36}|(?<![A-Za-z0-9])(?:glpat-|github_pat_|xox[abeprs]-|sk_live_)[A-Za-z0-9_-]{16}"
)
"""Keys of AWS, GitHub, GitLab, Slack and Stripe by their published prefixes, and private keys in PEM."""
_ADDRESS: Final = re.compile(r"://[^/\s:@'\"]*+:([^/\s@'\"]++)@")
_GIVEN: Final = re.compile(r"(?<![\w.-])(-{0,2}[A-Za-z_][\w.-]*+)[\"']?=([^\s]*)")
_SAID: Final = re.compile(r"[\"']([\w.-]{1,200}+)[\"']\s{0,9}+:\s{0,9}+[\"']([^\"']*+)")
_HEADER: Final = re.compile(
    r"(?<![\w-])([\w-]{1,200}+):\s{0,9}+(?:(Basic|Bearer|Token|ApiKey)\s{1,9}+)?+([^\s\"']++)", re.IGNORECASE
)
_SQL: Final = re.compile(r"\b(?:identified\s{1,9}by|password)\s{1,9}[\"']([^\"']++)", re.IGNORECASE)
_OPENSSL: Final = re.compile(r"(?<![\w-])-(?:passin|passout|pass)\s{1,9}[\"']?pass:(\S++)")

_APART: Final = re.compile(r"[;\n|&]++")
_NOT_SECRET: Final = frozenset({"", "true", "false", "yes", "no", "null", "none"})
_REFERENCE: Final = re.compile(r"[$`%<{@*]|\.{0,2}/[\w.-]+/|pass:|env:|file:")
_DEFAULT: Final = re.compile(r"\$\{\w+:?[-=]([^}$]+)\}?")
_SQL_CLIENTS: Final = (
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mysqlimport",
    "mysqlcheck",
    "mariadb",
    "mariadb-dump",
    "mariadb-admin",
)
_JOINED: Final = {**dict.fromkeys(_SQL_CLIENTS, "-p"), "sshpass": "-p", "curl": "-u -U", "redis-cli": "-a"}
"""Programs with the options that may be written in one word with a password."""
_LOGINS: Final = ("sshpass", "mongo", "mongosh", "mongodump", "mongorestore", "login")
_NEXT: Final = {
    **dict.fromkeys(_LOGINS, "-p"),
    **dict.fromkeys(("ldapsearch", "ldapadd", "ldapmodify"), "-w"),
    "curl": "-u --user -U --proxy-user",
    "redis-cli": "-a",
}
"""Programs with the options whose next word is a password; `login` is that of docker, podman, helm and az."""
_PAIR_OPTIONS: Final = frozenset({"-u", "-U", "--user", "--proxy-user"})


def is_secret(name: str) -> bool:
    """Tell whether a property, variable or option of this name holds a secret.

    >>> is_secret("db_password"), is_secret("secretKey"), is_secret("token_type"), is_secret("keyboard")
    (True, True, False, False)
    """
    words = slug(name[:_LONGEST_NAME]).split("-")
    if words[-1] in _ABOUT or words[0] in {"no", "ask"}:
        return False
    if any(each in _WORDS or each.endswith(_ENDS) for each in words):
        return True
    return any(pair in "-".join(words) for pair in _PAIRS)


def is_literal(text: str) -> bool:
    """Tell whether a value is written out, and not taken from elsewhere.

    >>> is_literal("hunter2"), is_literal("$DB_PASSWORD"), is_literal("${DB_PASSWORD:-hunter2}"), is_literal("/run/secrets/db")
    (True, False, True, False)
    """
    value = text.strip("\"'();,")
    if default := _DEFAULT.match(value):
        return is_literal(default[1])
    return value.lower() not in _NOT_SECRET and not value.startswith("$") and not _REFERENCE.match(value)


def holds_secret(text: str) -> bool:
    """Tell whether a command or a value has a secret written into it.

    >>> holds_secret("curl -u me:hunter2 https://example.com"), holds_secret("PASSWORD=hunter2 run"), holds_secret("run --token hunter2")
    (True, True, True)
    >>> holds_secret("mysql -phunter2"), holds_secret("postgres://me:hunter2@db/shop"), holds_secret("postgres://me:$PW@db/shop")
    (True, True, False)
    >>> holds_secret("docker run -u 1000:1000 -e PASSWORD=$PASSWORD shop"), holds_secret("./set-password.sh --token-file /etc/token")
    (False, False)
    """
    if len(text) < 4 or (len(text) < 20 and text.isalnum()):
        return False
    return (
        bool(_FORMS.search(text))
        or any(is_literal(each) for each in _ADDRESS.findall(text))
        or any(is_secret(name) and is_literal(value) for name, value in (*_GIVEN.findall(text), *_SAID.findall(text)))
        or any(_is_header(name, scheme) and is_literal(value) for name, scheme, value in _HEADER.findall(text))
        or any(is_literal(each) for pattern in (_SQL, _OPENSSL) for each in pattern.findall(text))
        or any(_gives_secret(each.split()) for each in _APART.split(text) if " -" in each)
    )


def leaves_the_folder(path: str) -> bool:
    r"""Tell whether a file that a model names cannot lie beside it: absolute, of a home, upwards, or with a NUL.

    >>> [leaves_the_folder(each) for each in ("../x.sh", "/x.sh", "~/x.sh", "a/../../x.sh", "C:\\x.sh", "file:///x.sh")]
    [True, True, True, True, True, True]
    >>> [leaves_the_folder(each) for each in ("x.sh", "./scripts/x.sh", "a..b/x.sh", "https://example.com/x.sh")]
    [False, False, False, False]
    """
    parts = path.strip().replace("\\", "/").split("/")
    drive = len(parts[0]) == 2 and parts[0][1] == ":"
    return "\0" in path or ".." in parts or parts[0][:1] == "~" or parts == [""] or drive or _is_rooted(parts)


def _is_rooted(parts: list[str]) -> bool:
    return (not parts[0] and len(parts) > 1) or parts[0].lower() == "file:"


def _is_header(name: str, scheme: str) -> bool:
    """Tell whether `name: value` is a header that carries a secret: a scheme and a value, or a name such as X-Auth-Token."""
    lower = name.lower()
    return lower in {"authorization", "proxy-authorization"} or (lower.startswith("x-") and is_secret(name)) or bool(scheme)


def _gives_secret(words: list[str]) -> bool:
    """Tell whether one simple command gives a secret to an option."""
    words = [each.strip("\"'`()") for each in words]
    programs = {each.rpartition("/")[2] for each in words}
    joined = {option for each in programs & _JOINED.keys() for option in _JOINED[each].split()}
    following = {option for each in programs & _NEXT.keys() for option in _NEXT[each].split()}
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if word.startswith("--"):
            option, equals, value = word.partition("=")
            if option in following and _is_pair(value if equals else after):
                return True
            if not equals and is_secret(word) and not after.startswith("-") and is_literal(after):
                return True
        elif word in following:
            if not after.startswith("-") and (_is_pair(after) if word in _PAIR_OPTIONS else is_literal(after)):
                return True
        elif word[:2] in joined and len(word) > 2 and (_is_pair(word[2:]) if word[:2] in _PAIR_OPTIONS else is_literal(word[2:])):
            return True
    return False


def _is_pair(text: str) -> bool:
    """Tell whether a text is `user:password`, the password written out."""
    user, colon, password = text.partition(":")
    return bool(user and colon) and is_literal(password)
