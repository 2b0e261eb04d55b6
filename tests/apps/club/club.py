from skylift import Api, Caller, Forbidden, Policy, Request, Struct, Tokens, User, Users

members = Users("members", password=Policy(length_min=10))
api = Api("api", auth=members)


class Joining(Struct):
    email: str
    password: str


class Code(Struct):
    id: str
    code: str


class Reset(Struct):
    email: str
    code: str
    password: str


class Refresh(Struct):
    refresh: str


class Guest(Struct):
    name: str


class Greeting(Struct):
    text: str
    groups: tuple[str, ...] = ()


@api.post("/register", auth=None, status=202)
async def register(who: Joining) -> dict[str, str]:
    return {"id": await members.register(who.email, who.password)}


@api.post("/confirm", auth=None)
async def confirm(given: Code) -> None:
    await members.confirm(given.id, given.code)


@api.post("/login", auth=None)
async def login(who: Joining) -> Tokens:
    return await members.login(who.email, who.password)


@api.post("/refresh", auth=None)
async def refresh(given: Refresh) -> Tokens:
    return await members.refresh(given.refresh)


@api.post("/logout", auth=None)
async def logout(given: Refresh) -> None:
    await members.logout(given.refresh)


@api.post("/forgot", auth=None, status=202)
async def forgot(who: Guest) -> None:
    await members.forgot(who.name)


@api.post("/reset", auth=None)
async def reset(given: Reset) -> None:
    await members.reset(given.email, given.code, given.password)


@api.post("/guests", auth=None)
async def guest(who: Guest) -> Tokens:
    return await members.guest(who.name)


@api.post("/upgrade")
async def upgrade(caller: Caller, to: Joining) -> None:
    await members.upgrade(caller.id, to.email, to.password)


@api.get("/me")
async def me(caller: Caller) -> User | None:
    return await members.get(caller.id)


@api.get("/hello", auth=members.optional)
async def hello(caller: Caller | None) -> Greeting:
    if caller is None:
        return Greeting("hello, whoever you are")
    return Greeting(f"hello, {caller.username}", caller.groups)


@api.get("/open", auth=None)
async def opened(request: Request) -> Greeting:
    return Greeting("open" if request.caller is None else "known")


@api.get("/staff")
async def staff(caller: Caller) -> Greeting:
    if "staff" not in caller.groups:
        raise Forbidden("for staff")
    return Greeting("welcome")


@api.post("/staff/{id}")
async def appoint(id: str, caller: Caller) -> list[str]:
    if "staff" not in caller.groups:
        raise Forbidden("for staff")
    return await members.groups(id, add=["staff"])


@api.post("/orders", status=201, once=True)
async def order(caller: Caller) -> Greeting:
    return Greeting(f"ordered by {caller.id}")
