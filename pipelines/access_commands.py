"""Who one is, from a terminal: login, logout, tokens."""

from __future__ import annotations

import getpass
import sys
from datetime import datetime, timedelta, timezone

from pipelines.access import forget_login, keep_login, login_file
from pipelines.client import Client
from pipelines.commands import IS_LOCAL, add_command, add_group, local_time, write_json, write_table
from pipelines.errors import PipelinesError
from pipelines.http import in_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace

    from pipelines.commands import Things

PATIENCE_SECONDS = 5.0


def add_to(things: Things) -> None:
    """Add the commands of this file."""
    login = add_command(
        things,
        "login",
        log_in,
        help="keep a server's address and your token for the next commands",
        about="Asks the server whether the token counts, and keeps both in a file that only you "
        "may read.\nA token is made on the server's page Tokens.",
        examples=["login http://127.0.0.1:8000", "login https://host --token - < token.txt"],
        kind=IS_LOCAL,
    )
    login.add_argument("address", metavar="URL")
    login.add_argument("--token", default="", help="- reads it from what is piped in; else asked")
    add_command(
        things,
        "logout",
        log_out,
        help="forget the last login",
        about="Forgets the address and the token that were kept; the token itself goes on to count."
        "\nTo end it: pipelines token revoke.",
        examples=["logout"],
        kind=IS_LOCAL,
    )
    _add_tokens(things)


def log_in(given: Namespace) -> None:
    """Keep a login that works."""
    token = given.token
    if token == "-":
        token = sys.stdin.readline().strip()
    elif not token:
        token = getpass.getpass(f"token for {given.address}: ").strip()
    Client(given.address, token, patience=PATIENCE_SECONDS).rows("projects/", limit=1)
    path = keep_login(given.address, token)
    if given.json:
        return write_json({"url": given.address.rstrip("/"), "kept": path})
    sys.stdout.write(f"kept in {path}\n")
    return None


def log_out(given: Namespace) -> None:
    """Forget the login; the token itself goes on to count."""
    if not forget_login():
        raise PipelinesError(f"there is no login in {login_file()}")
    if given.json:
        return write_json({"forgotten": login_file()})
    sys.stdout.write("forgotten; the token counts until it is revoked\n")
    return None


def list_tokens(client: Client, given: Namespace) -> None:
    """List one's tokens."""
    rows = client.rows("tokens/", limit=500)
    if given.json:
        return write_json(rows)
    write_table(
        ("id", "name", "scopes", "project", "expires"),
        [
            (
                row["id"],
                row["name"],
                ",".join(row["scopes"]),
                row["project"],
                local_time(row["expires_at"]),
            )
            for row in rows
        ],
    )


def create_token(client: Client, given: Namespace) -> None:
    """Make a token and write it out: this once."""
    body = {"name": given.name, "scopes": given.scope, "project": given.project or None}
    if given.days:
        ends = datetime.now(timezone.utc) + timedelta(days=given.days)
        body["expires_at"] = ends.isoformat()
    made = client.api.send("POST", "tokens/", body, once=True)
    if given.json:
        return write_json(made)
    sys.stdout.write(f"{made['token']}\n")


def revoke_token(client: Client, given: Namespace) -> None:
    """End a token."""
    client.api.send("DELETE", f"tokens/{in_path(given.id)}/")
    if given.json:
        return write_json({"revoked": given.id})
    sys.stdout.write("revoked\n")


def _add_tokens(things: Things) -> None:
    verbs = add_group(things, "token", list_tokens, help="your tokens: list, create, revoke")
    add_command(
        verbs,
        "list",
        list_tokens,
        help="your tokens, without their secrets",
        examples=["token list"],
    )
    create = add_command(
        verbs,
        "create",
        create_token,
        help="make a token and write it out, this once",
        examples=["token create --name nightly --scope runs:write --project sample --days 90"],
    )
    create.add_argument("--name", required=True, help="what it is for")
    create.add_argument(
        "--scope",
        action="append",
        required=True,
        help="runs:read, runs:write, pipelines:write or admin; may be given several times",
    )
    create.add_argument("--project", default="", help="it counts in this project only")
    create.add_argument("--days", type=float, default=0, help="how long it counts; else a year")
    revoke = add_command(
        verbs, "revoke", revoke_token, help="end a token at once", examples=["token revoke ID"]
    )
    revoke.add_argument("id", metavar="ID")
