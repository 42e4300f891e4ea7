"""Letters that look the same in Russian and in Latin, the usual cause of a number or name that "is right" and does not match."""

CYRILLIC, LATIN = "АВЕКМНОРСТУХаеорсух", "ABEKMHOPCTYXaeopcyx"
LATIN_OF = dict(zip(CYRILLIC, LATIN, strict=True))
CYRILLIC_OF = dict(zip(LATIN, CYRILLIC, strict=True))


def is_cyrillic(sign: str) -> bool:
    return "\u0400" <= sign <= "\u04ff"


def is_latin(sign: str) -> bool:
    return sign.isascii() and sign.isalpha()
