"""The order of roles, and what follows from it for an actor."""

from hypothesis import given
from hypothesis import strategies as st

from headwater.team.actor import Actor, Means
from headwater.team.roles import Role

ROLES = st.sampled_from(Role)


@given(ROLES, ROLES, ROLES)
def test_includes_when_roles_are_compared_then_it_is_a_ladder(one: Role, other: Role, third: Role) -> None:
    assert one.includes(other) or other.includes(one)
    assert not (one.includes(other) and other.includes(one)) or one is other
    assert not (one.includes(other) and other.includes(third)) or one.includes(third)


def test_includes_when_it_is_viewer_or_admin_then_they_are_the_ends() -> None:
    assert all(role.includes(Role.VIEWER) and Role.ADMIN.includes(role) for role in Role)


@given(ROLES, st.sampled_from(Means), st.none() | st.just("") | st.just("eve"))
def test_author_when_somebody_says_who_they_are_then_only_the_admin_token_is_believed(
    role: Role, means: Means, given_name: str | None
) -> None:
    author = Actor("ann", role, means).author(given_name)
    assert author == (given_name if given_name and means is Means.ADMIN_TOKEN else "ann")
