"""`matchnight warm`: signs accounts in, slowly, and keeps the refresh tokens they are given.

On the night a share of the viewers refreshes a token of another day: these are those tokens. What
is in the vault is not signed in again, so that whatever interrupts this can be taken up later.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loadtests.behavior.credentials import ACCOUNT, REFRESH_TOKEN
from loadtests.behavior.session import Session
from loadtests.behavior.speech import perform
from loadtests.behavior.steps import Journey, Reply
from loadtests.errors import ExitStatus, MatchnightError
from loadtests.swarm.accounts import Account, Accounts, Dealt, read_accounts
from loadtests.swarm.clock import now
from loadtests.swarm.edge import on_interrupt
from loadtests.swarm.lock import Lock, hold
from loadtests.swarm.options import Options
from loadtests.swarm.outing import Outing, target_of
from loadtests.swarm.reach import check_target
from loadtests.swarm.vault import Vault
from loadtests.units import PerSecond, Seconds, parse_rate, write_duration
from loadtests.vocabulary import Step

if TYPE_CHECKING:
    from gevent.event import AsyncResult

FASTEST: PerSecond = 20.0
"""However it is asked for: what signs in faster is a rush, and `rehearse` is for that. [A]"""

AT_ONCE = 20
"""Sign-ins under way at most: a target that answers slowly is not asked faster. [A]"""

HOPELESS = 10
"""So many failures in a row, and it stops: more would lock more accounts. [A]"""

NO_TOKEN = "no_refresh_token"  # noqa: S105 - what became of an account
LINE_EVERY: Seconds = 1.0
SHOWN = 5  # lines of the accounts' file an outcome is told with


@dataclass(slots=True)
class Tally:
    """How far it is."""

    wanted: int
    done: int = 0
    failed: Counter[str] = field(default_factory=Counter)  # by outcome
    lines: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    in_a_row: int = 0  # failures, since the last success

    def succeed(self) -> None:
        """One more is done."""
        self.done += 1
        self.in_a_row = 0

    def fail(self, outcome: str, line: int) -> None:
        """One more failed; `line` of the accounts' file says which, and names nobody."""
        self.failed[outcome] += 1
        self.lines[outcome].append(line)
        self.in_a_row += 1

    @property
    def left(self) -> int:
        """How many are not in the vault and were not tried."""
        return self.wanted - self.done - self.failed.total()

    @property
    def is_hopeless(self) -> bool:
        """Whether nothing but failures comes."""
        return self.in_a_row >= HOPELESS


class Warming:
    """Signs in one account after the other; a run of it, whatever ends it."""

    def __init__(self, outing: Outing, accounts: Sequence[Account], vault: Vault) -> None:
        self.tally = Tally(len(accounts))
        self._outing = outing
        self._accounts = accounts
        self.vault = vault.path
        self._vault = vault
        self._pending: dict[AsyncResult[Any], int] = {}

    def run(self, rate: PerSecond, tell: Callable[[Tally], None]) -> None:
        """Begin `rate` a second; until all are through, or nothing but failures comes."""
        begun, due = 0, now()
        while (begun < len(self._accounts) or self._pending) and not self.tally.is_hopeless:
            if begun < len(self._accounts) and len(self._pending) < AT_ONCE and now() >= due:
                self._pending[self._outing.send(begun, _sign_in)] = begun
                begun, due = begun + 1, max(due + 1 / rate, now())
            self._outing.wait(list(self._pending), timeout=max(0.01, min(1.0, due - now())))
            self._take_in()
            tell(self.tally)

    def _take_in(self) -> None:
        for result in [each for each in self._pending if each.ready()]:
            account = self._accounts[self._pending.pop(result)]
            got: Any = result.get()
            reply, token = got
            if reply.ok and token:
                # before it counts as done it is on the disk
                self._vault.add({**account.columns, REFRESH_TOKEN: token}, now())
                self.tally.succeed()
            else:
                self.tally.fail(NO_TOKEN if reply.ok else reply.outcome.value, account.line)


def _sign_in(session: Session, at: Seconds) -> Journey:
    reply: Reply = yield from perform(session, Step.SIGN_IN, at)
    return reply, session.held(REFRESH_TOKEN)


def warm(given: Mapping[str, Any]) -> ExitStatus:
    """Sign in whoever is not in the vault; `given`: the command line's texts.

    MatchnightError if it cannot begin, or the target wants no more of it; KeyboardInterrupt.
    """
    options = Options.of(given)
    rate = _rate(given.get("rate") or "1/s")
    if options.accounts is None or not given.get("vault"):
        raise MatchnightError("warm needs --accounts FILE, and --vault FILE, which it makes")
    with ExitStack() as held:
        hold(held, consent=options.consent, accounts=options.accounts)
        accounts = read_accounts(options.accounts)
        target = target_of(options)
        if Step.SIGN_IN in target.blind_spots:
            raise MatchnightError("--target: it has no step sign_in: there is nothing to warm")
        check_target(target.url, options, viewers=len(accounts))
        vault = _open_vault(Path(given["vault"]), accounts, held)
        todo = [each for each in accounts.all if each.columns[ACCOUNT] not in vault]
        target = replace(target, credentials=Dealt([dict(each.columns) for each in todo]))
        outing = Outing(target, options, viewers=len(todo), device=given.get("device"))
        held.callback(outing.close)
        return _sign_in_all(Warming(outing, todo, vault), accounts, rate)


def _open_vault(path: Path, accounts: Accounts, held: ExitStack) -> Vault:
    if path.exists() and path.samefile(accounts.path):
        raise MatchnightError(f"--vault: {path} are the accounts themselves; name another file")
    vault = Vault(path)
    busy = MatchnightError(f"--vault: somebody is using {path}; wait for the end of that run")
    held.callback(Lock(path, busy=busy).release)
    return vault


def _sign_in_all(warming: Warming, accounts: Accounts, rate: PerSecond) -> ExitStatus:
    """Whatever ends it, what came of it is told."""
    ticker, tally = Ticker(rate), warming.tally
    on_interrupt(lambda: None)  # raised where it is waited, not in a callback of the loop's
    try:
        warming.run(rate, ticker.tell)
    finally:
        ticker.end()
        before = len(accounts) - tally.wanted
        sys.stdout.write(_told(tally, accounts.path, warming.vault, before))
    return ExitStatus.MISSED if tally.failed or tally.left else ExitStatus.PASSED


class Ticker:
    """One line that says how far it is, where somebody watches."""

    def __init__(self, rate: PerSecond) -> None:
        self._rate = rate
        self._is_watched = sys.stderr.isatty()
        self._next = 0.0

    def tell(self, tally: Tally) -> None:
        """Once a second at most."""
        if not self._is_watched or now() < self._next:
            return
        self._next = now() + LINE_EVERY
        # honest: what is left takes at least that long at this rate, however fast they answer
        left = write_duration(ceil(tally.left / self._rate))
        failed = f", {tally.failed.total():,} failed" if tally.failed else ""
        line = f"{tally.done:,} of {tally.wanted:,} signed in{failed}, at least {left} to go"
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

    def end(self) -> None:
        """Clear the line for what comes."""
        if self._is_watched:
            sys.stderr.write("\r\x1b[K")


def _told(tally: Tally, accounts: Path, vault: Path, before: int) -> str:
    counted = f"{tally.done:,} signed in, {tally.failed.total():,} failed, {tally.left:,} not tried"
    lines = [f"{counted}; {before:,} were in {vault} before"]
    for outcome, at in tally.lines.items():
        where = ", ".join(f"{accounts}:{line}" for line in at[:SHOWN])
        more = f" and {len(at) - SHOWN:,} more" if len(at) > SHOWN else ""
        lines.append(f"  {outcome:<18} {len(at):>6,}  {where}{more}")
    if tally.is_hopeless:
        lines.append(f"Stopped after {HOPELESS} failures in a row: more would lock more accounts.")
    if NO_TOKEN in tally.lines:
        lines.append("Answered well, but without what the profile keeps as `refresh_token`.")
    if tally.left:
        lines.append("The same command takes it up where it stopped.")
    return "\n".join(lines) + "\n"


def _rate(text: str) -> PerSecond:
    try:
        rate = parse_rate(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= FASTEST:
        raise MatchnightError(
            f"--rate: {text!r} is not a rate up to {FASTEST:g}/s; write such as 1/s"
        )
    return rate
