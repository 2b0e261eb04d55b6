from skylift import Api, Caller, Channel, Struct, Users

members = Users("members")
api = Api("api")


class Goal(Struct):
    at_s: float
    text: str = ""


class Shout(Struct):
    at_s: float


async def anybody(caller: Caller | None) -> bool:
    return True


live = Channel("live", "all", Goal, guard=anybody)


@api.post("/goals", status=204)
async def shout(told: Shout) -> None:
    await live.publish(Goal(told.at_s, "x" * 200))
