"""Which clinical role a post in the register stands for. Roles over other people are never given by a post: an administrator gives them."""

import re

from medcab.access import Role

_POSTS: tuple[tuple[re.Pattern[str], Role], ...] = (
    (re.compile(r"медицинск\w+ (сестра|брат)|медсестра|медбрат|фельдшер|акушерка"), Role.NURSE),
    (re.compile(r"провизор|фармацевт"), Role.PHARMACIST),
    (re.compile(r"врач.*(терапевт|общей практики|семейный)|^терапевт"), Role.THERAPIST),
    (re.compile(r"врач|заведующ"), Role.SPECIALIST),
)


def role_of(post: str) -> Role | None:
    """The role, or None for a post that treats nobody.

    >>> role_of("Врач-терапевт участковый")
    <Role.THERAPIST: 'therapist'>
    >>> role_of("Заведующий отделением, врач-кардиолог")
    <Role.SPECIALIST: 'specialist'>
    >>> role_of("Водитель") is None
    True
    """
    words = post.lower().replace("ё", "е")
    return next((role for pattern, role in _POSTS if pattern.search(words)), None)
