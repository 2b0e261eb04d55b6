"""What happens to a note, from the request to the words that were counted."""

from hello.app import app
from hello.notes import CountWords, count, counting, notes
from skylift.testing import running


async def test_words_are_counted():
    async with running(app) as world:
        answer = await world.http.post("/notes", json={"text": "one two"})
        assert answer.status == 201
        await world.settle()
        assert (await notes.require(answer.json["id"])).words == 2
        assert (await world.http.get(f"/notes/{answer.json['id']}")).json["words"] == 2


async def test_a_note_that_is_not_there_is_a_404_and_cannot_be_counted():
    async with running(app) as world:
        assert (await world.http.get("/notes/none")).status == 404
        await counting.send(CountWords("none"))
        await world.settle()  # five attempts, and no time passes
        (letter,) = await count.dead.peek()
        assert (letter.reason, letter.attempts) == ("failed", 5)
