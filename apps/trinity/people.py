"""Who people are: with an account, or as a guest who has a name and one room."""

from __future__ import annotations

from skylift import Api, Policy, Users

members = Users("members", password=Policy(8, lowercase=True, uppercase=True, digits=True))
api = Api("api", auth=members)
