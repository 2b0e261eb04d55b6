"""Sending, taking and burying messages, as an author would."""

from __future__ import annotations

import asyncio
import functools
import json
import logging
import operator
from contextlib import AsyncExitStack
from typing import Any

from skylift import Context, Dead, Delivery, Queue, gather, transaction

from .. import expecting
from . import errands
from .errands import (
    FUNCTIONS,
    LETTERS,
    QUEUES,
    ROUTED,
    Count,
    Desk,
    Mail,
    Outbox,
    Sends,
    Ship,
    count,
    counting,
    enqueue,
    in_groups,
    mail,
    mailing,
    queue_for,
    ship,
    shipping,
    soon,
    undelivered,
)
from .resources import Note, api, audit, notes, orders, stock, users

expects, refused = expecting.expects, expecting.refused
log = logging.getLogger(__name__)


# -- sending


@expects(counting="send", mailing="send_many")
@api.get("/queues/1/{x}")
async def plainly(x: str) -> None:
    await counting.send(Count(x), delay_s=3)
    await mailing.send_many([Mail(x)], group=x)


@expects(notes="tx.create", counting="tx.send")
@api.post("/queues/2")
async def in_a_transaction(new: Note) -> None:
    async with transaction() as tx:
        await notes.create(new, tx=tx)
        await counting.send(Count(new.id), tx=tx)


@expects(counting="send", shipping="send")
@api.get("/queues/3/{x}")
async def through_a_helper(x: str) -> None:
    await enqueue(counting, Count(x))
    await enqueue(shipping, Ship(x))


@expects(counting="send")
@api.get("/queues/4/{x}")
async def through_one_key_of_a_dict(x: str) -> None:
    await QUEUES["count"].send(Count(x))


@expects(counting="send", mailing="send")
@api.get("/queues/5/{x}")
async def through_any_key_of_a_dict(x: str) -> None:
    await QUEUES[x].send({"id": x})


@expects(counting="send", mailing="send", shipping="send")
@api.get("/queues/6/{x}")
async def by_the_type_of_the_message(x: str) -> None:
    for message in (Count(x), Mail(x), Ship(x)):
        await queue_for(message).send(message, group=x)


@expects(shipping="send_many")
@api.get("/queues/7/{x}")
async def held_by_an_object(x: str) -> None:
    desk = Desk(shipping)
    desk.add(Ship(x))
    await desk.flush()


@expects(orders="tx.update", counting="tx.send", mailing="tx.send")
@api.get("/queues/8/{x}")
async def at_the_end_of_a_block(x: str) -> None:
    async with transaction() as tx, Outbox(tx) as outbox:
        await orders.update(x, set={"paid": True}, tx=tx)
        outbox.put(counting, Count(x))
        outbox.put(mailing, Mail(x))


@expects(counting="send", notes="get", users="get")
@api.get("/queues/9/{x}")
async def gathered(x: str) -> None:
    await gather(counting.send(Count(x)), notes.get(x), users.get(x))


@expects(notes="query", counting="send")
@api.get("/queues/10/{x}")
async def gathered_over_a_query(x: str) -> None:
    await gather(*[counting.send(Count(note.id)) async for note in notes.query(x)])


@expects(counting="send")
@api.get("/queues/11/{x}")
async def prepared(x: str) -> None:
    await soon(Count(x))
    await functools.partial(soon, group=x)(Count(x))


@expects(counting="send", shipping="send_many")
@api.get("/queues/12/{x}")
async def over_pairs(x: str) -> None:
    for name in ROUTED:
        queue, verb = ROUTED[name]
        await getattr(queue, verb)(x)


@expects(counting="send send_many")
@api.get("/queues/13/{x}")
async def one_verb_or_the_other(x: str, many: bool = False) -> None:
    deed: Any = counting.send_many if many else counting.send
    await deed([Count(x)])


@expects(mailing="send", audit="put")
@api.get("/queues/14/{x}")
async def when_something_fails(x: str) -> None:
    try:
        await mailing.send(Mail(x), group=x)
    except ValueError:
        await audit.put(Note(x))
        raise


@expects(counting="send")
@api.get("/queues/15/{x}")
async def by_a_protocol(x: str) -> None:
    async def tell(to: Sends) -> None:
        await to.send(Count(x))

    await tell(counting)


@expects(counting="send")
@api.get("/queues/16/{x}")
async def by_its_message_type(x: str) -> None:
    message = counting.message(x)
    if isinstance(message, counting.message) and not counting.fifo:
        await counting.send(message)
    log.info("sent to %s", counting.name, extra={"retention": counting.retention_s})


@expects(mailing="send_many")
@api.get("/queues/17/{x}")
async def some_at_a_time(x: str) -> None:
    await in_groups(mailing, [Mail(letter) for letter in x])


@expects(counting="send", mailing="send")
@api.get("/queues/18/{x}")
async def by_match(x: str) -> None:
    message: Any = Count(x) if x == "n" else Mail(x)
    match message:
        case Count():
            queue: Any = counting
        case _:
            queue = mailing
    await queue.send(message, group=x)


@expects(counting="send")
@api.get("/queues/19/{x}")
async def a_coroutine_awaited_elsewhere(x: str) -> None:
    def later() -> Any:
        return errands.counting.send(Count(x))

    async with asyncio.TaskGroup() as group:
        group.create_task(later())


@expects(shipping="send")
@api.get("/queues/20/{x}")
async def left_to_an_exit_stack(x: str) -> None:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(shipping.send, Ship(x))


@expects(counting="send")
@api.get("/queues/21/{x}")
async def unbound(x: str) -> None:
    await Queue.send(counting, Count(x))


# -- taking

resending: Queue[Count] = Queue("resending", Count)
sorting: Queue[Ship] = Queue("sorting", Ship)
doing: Queue[Count] = Queue("doing", Count)
tidying: Queue[Mail] = Queue("tidying", Mail, fifo=True)


@expects(resending="send", notes="get")
@resending.consumer
async def sends_to_itself(job: Count, context: Context) -> None:
    if await notes.get(job.id) is None and context.attempt < 3:
        await resending.send(job, delay_s=60)


@expects(notes="update")
@doing.consumer(batch=100)
async def messages_that_do_themselves(batch: list[Delivery[Count]]) -> None:
    for delivery in batch:
        await delivery.message.run()


@expects(notes="delete", mailing="send")
@sorting.consumer(batch=5)
async def in_parallel(batch: list[Delivery[Ship]]) -> None:
    async def one(delivery: Delivery[Ship]) -> None:
        try:
            await notes.delete(delivery.message.id)
            if delivery.message.mail:
                await mailing.send(delivery.message.mail, group="all")
        except Exception as error:
            delivery.fail(repr(error))

    await asyncio.gather(*map(one, batch))


@expects(stock="put_many")
@tidying.consumer(batch=10, concurrency_max=2)
async def as_one(batch: list[Delivery[Mail]]) -> None:
    by_id = {delivery.message.id: delivery for delivery in batch}
    await stock.put_many([{"sku": id} for id in by_id])  # type: ignore[misc]
    for delivery in by_id.values():
        if delivery.attempt > 3:
            delivery.fail()


@expects(notes="require update", orders="update", mailing="send")
@api.get("/queues/26/{x}")
async def consumers_called_as_functions(x: str) -> None:
    await count(Count(x))
    await ship(Ship(x))


@expects(users="require")
@api.get("/queues/27/{x}")
async def a_batch_called_as_a_function(x: str) -> None:
    await mail([Delivery(Mail(x), x, 1)])


@expects(notes="require update")
@api.get("/queues/28/{x}")
async def a_consumer_as_a_task(x: str) -> None:
    await asyncio.create_task(functools.partial(count, Count(x))())


# -- burying


@expects(**{"count.dead": "peek redrive"})
@api.get("/queues/29")
async def dead_letters_looked_at() -> list[str]:
    letters = await count.dead.peek(limit=3)
    if not letters:
        await count.dead.redrive()
    return [f"{one.message and one.message.id}: {one.reason} {one.error}" for one in letters]


@expects(**{"count.dead": "purge", "mail.dead": "purge"})
@api.delete("/queues/30/{name}")
async def dead_letters_in_a_dict(name: str) -> int:
    return await LETTERS[name].purge()


@expects(**{"count.dead": "redrive", "mail.dead": "redrive"})
@api.post("/queues/31")
async def dead_letters_of_each_function() -> int:
    return sum([await function.dead.redrive(10) for function in FUNCTIONS])  # type: ignore[attr-defined]


@expects(**{"Worker.ship.dead": "peek"}, audit="put_many")
@api.get("/queues/32")
async def dead_letters_by_another_name() -> None:
    letters = await undelivered.peek()
    await audit.put_many([Note(one.id, one.body) for one in letters])


@expects(**{"count.dead": "peek"}, notes="update")
@api.get("/queues/33")
async def dead_letters_that_do_themselves() -> None:
    for letter in await errands.count.dead.peek():
        if letter.message is not None:
            await letter.message.run()


@expects(mailing="send", audit="put")
@sends_to_itself.dead.consumer(attempts_max=2)
async def buries(letter: Dead[Count]) -> None:
    await audit.put(Note(letter.id, letter.reason))
    if letter.message:
        await mailing.send(Mail(letter.message.id), group="all", dedup=letter.id)


@expects(**{"as_one.dead": "purge redrive"})
@api.get("/queues/35/{verb}")
async def a_verb_by_one_of_two_names(verb: str) -> int:
    letters: Any = as_one.dead
    return await getattr(letters, "purge" if verb == "purge" else "redrive")()


# -- what cannot be read


@refused(counting="send", mailing="send")
@api.get("/queues/36/{verb}")
async def a_computed_verb(verb: str) -> None:
    await getattr(counting, verb)(Count(verb))


@refused(counting="send")
@api.get("/queues/37/{x}")
async def a_queue_given_away(x: str) -> Any:
    return json.dumps([counting, x], default=lambda queue: queue.send.__name__)


@refused(**{"count.dead": "purge"}, notes="require update")
@api.get("/queues/38/{x}")
async def dead_letters_fetched_by_a_library(x: str) -> None:
    await operator.attrgetter("dead")(count).purge()


@refused(**{"count.dead": "purge"})
@api.get("/queues/39/{x}")
async def dead_letters_under_a_computed_name(x: str) -> None:
    await getattr(count, f"{'dead'}").purge()


@refused(counting="send")
@api.get("/queues/40/{x}")
async def a_queue_found_by_its_name(x: str) -> None:
    await vars(errands)[f"{'count'}ing"].send(Count(x))


@refused(counting="send")
@api.get("/queues/41/{x}")
async def behind_the_verbs(x: str) -> None:
    async with transaction() as tx:
        tx.send("counting", x, x)  # type: ignore[arg-type]


@refused(counting="send")
@api.get("/queues/42/{x}")
async def by_way_of_the_trigger(x: str) -> None:
    await count.trigger.resource.send(Count(x))


@refused(mailing="send")
@api.get("/queues/43/{x}")
async def by_what_a_handler_keeps(x: str) -> None:
    await ship.handler.__getattribute__(f"__{'self'}__").queue.send(Mail(x), group=x)
