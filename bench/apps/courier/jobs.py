from skylift import Api, Delivery, Queue, Struct, Table, new_id


class Burst(Struct):
    count: int


class Sent(Struct):
    id: str


class Job(Struct):
    burst: str
    is_last: bool = False


api = Api("api")
jobs = Queue("jobs", Job)
done = Table("done", Sent, key="id")


@api.post("/bursts", status=202, timeout_s=30)
async def send(burst: Burst) -> Sent:
    sent = Sent(new_id())
    await jobs.send_many([Job(sent.id)] * (burst.count - 1) + [Job(sent.id, is_last=True)])
    return sent


@api.get("/bursts/{id}")
async def handled(id: str) -> Sent:
    return await done.require(id)


@jobs.consumer(batch=10)
async def handle(batch: list[Delivery[Job]]) -> None:
    for one in batch:
        if one.message.is_last:
            await done.put(Sent(one.message.burst))
