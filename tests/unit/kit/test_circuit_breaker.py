"""Three failures, ten seconds of peace, one more try."""

from kit.circuit_breaker import CircuitBreaker


class Now:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def test_it_opens_after_so_many_failures_in_a_row_and_closes_after_the_pause() -> None:
    now = Now()
    breaker = CircuitBreaker(3, 10.0, now)
    assert [breaker.failed() for _ in range(3)] == [False, False, True]
    assert breaker.is_open
    now.at = 9.9
    assert breaker.is_open
    now.at = 10.0
    assert not breaker.is_open


def test_a_success_in_between_starts_the_count_anew() -> None:
    breaker = CircuitBreaker(2, 10.0, Now())
    breaker.failed()
    breaker.succeeded()
    assert not breaker.failed()
    assert not breaker.is_open


def test_after_the_pause_the_first_failure_opens_it_again() -> None:
    now = Now()
    breaker = CircuitBreaker(3, 10.0, now)
    for _ in range(3):
        breaker.failed()
    now.at = 11.0
    assert breaker.failed()
    assert breaker.is_open
    now.at = 22.0
    breaker.succeeded()
    assert not breaker.failed()


def test_failures_that_were_under_way_when_it_opened_do_not_open_it_twice() -> None:
    breaker = CircuitBreaker(1, 10.0, Now())
    assert breaker.failed()
    assert not breaker.failed()
