"""When a storm has lost nothing: every number that called stands in the books, once."""

from app.bench.storm import what_is_wrong

PLACED = ["13900000001", "13900000002", "13900000003"]
FILED = [f"+86{number}" for number in PLACED]


def test_all_in_the_books_is_nothing_wrong_also_beside_calls_of_others() -> None:
    assert what_is_wrong(PLACED, [*FILED, "+8613800000009", "anonymous"]) is None


def test_a_missing_call_is_not_made_good_by_one_that_is_there_twice() -> None:
    complaint = what_is_wrong(PLACED, [FILED[0], FILED[0], FILED[1]])
    assert complaint == "of 3 calls 1 are not in the books, and 1 more than once"


def test_with_empty_books_all_are_missing() -> None:
    assert what_is_wrong(PLACED, []) == "of 3 calls 3 are not in the books, and 0 more than once"
