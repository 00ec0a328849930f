"""What a turn does with the script that drives its run: lets it start, takes it up, ends it.

See ``domain.planner.scripting`` for the rules and ``store.scripts`` for the rows.
"""

from __future__ import annotations

from dataclasses import replace

from orchestrator import dispatch
from orchestrator.domain.changes import Kind, News
from orchestrator.domain.planner import MOST_TAKE_UPS, RunView, fold, is_to_be_taken_up
from orchestrator.domain.states import Driver, Status
from orchestrator.models import Run
from orchestrator.store import scripts, turns
from orchestrator.turn import Turn


def look_at_script(turn: Turn) -> None:
    """See how the script stands, before anything else of the run is read; one whose machine was
    lost is put back into its queue."""
    mail = turn.mail
    mail.script = scripts.standing_of(mail.run)
    if mail.script is None or not is_to_be_taken_up(turns.bare_view(mail), mail.script):
        return
    reason = mail.script.reason
    if scripts.take_up(mail.run, mail.now):
        number = mail.run.taken_up
        text = f"the script is taken up again ({number} of {MOST_TAKE_UPS}): {reason}"
        turn.told.append(News(Kind.NOTE, {"text": text, "taken_up": number}))
        turn.queues.add(mail.run.task.queue)
        turn.topics.add(f"task:{mail.run.pk}")
        mail.script = scripts.standing_of(mail.run)


def begin_again(turn: Turn, view: RunView) -> RunView:
    """Let the script begin once more if that is wanted; it stands in its queue from then on."""
    mail = turn.mail
    if view.wants_script and scripts.begin_again(mail.run, mail.now):
        mail.script = scripts.standing_of(mail.run)
        turn.queues.add(mail.run.task.queue)
        turn.topics.add(f"task:{mail.run.pk}")
        view = replace(view, script=mail.script)
    return replace(view, wants_script=False)


def says_steps_later(run: Run) -> bool:
    """True while the script has not said which the steps are, and is still going to."""
    waits = run.driver == Driver.CONTROLLER and run.graph_open
    return waits and run.status != Status.ABORTING


def enqueue_draft(turn: Turn) -> None:
    """The script of a draft run that is to start waits with it."""
    if turn.mail.run.driver != Driver.GRAPH:
        scripts.enqueue_draft(turn.mail.run, turn.mail.now)


def let_go(turn: Turn) -> bool:
    """Let the script of a run that may start have its place in its queue; False: there is none."""
    if turn.mail.run.driver == Driver.GRAPH:
        return False
    turn.queues.add(scripts.let_go(turn.mail.run))
    return True


def end_script(turn: Turn, view: RunView) -> RunView:
    """Ask for the end of the script; one that nobody has claimed has ended at once."""
    (task,) = turns.end_tasks([turn.mail.run.pk], turn.mail.now)
    turn.topics.add(f"task:{task.pk}")
    turn.queues.add(task.queue)
    if task.status == Status.ABORTING and task.agent_id:
        dispatch.poke_agent(task.agent_id, task.pk)
    turn.mail.script = scripts.stands(task)
    return fold(view, [turn.mail.script], turn.now)
