"""Passwords that are tried first: known lists, and what people do to a known password to get past them."""

import re
from functools import lru_cache
from itertools import pairwise

from medcab.security.keyboards import follows, retyped

_SURPRISES_NEEDED = 6
_SHORTEST_KNOWN = 4
_EDGE = "0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~№"
_READ_AS = [str.maketrans("4@3601!|5$7+89", f"aaebo{one * 3}ssttbg") for one in "il"]

# What the lists of the world lack: Russian words and names, in Russian or Latin letters. Each also counts as typed on the other keyboard.
_RUSSIAN = """
пароль парол мойпароль новыйпароль пароль1 админ администратор пользователь логин доступ вход секрет секретно гость привет приветик
приветпривет здравствуйте досвидания любовь люблю ялюблютебя люблютебя ятебялюблю обожаю солнце солнышко зайка зайчик зайчонок котенок
котёнок котик кошечка кошка собака рыбка мышка малыш малышка лапочка красотка принцесса королева король ангел ангелочек дьявол демон
монстр мамочка мамамыларам мамамылараму папочка мамапапа мама папа бабушка дедушка сынок доченька брат сестра семья друзья подруга
дружба счастье удача надежда свобода победа жизнь смерть война россия москва питер петербург ленинград украина беларусь казахстан
родина отечество спартак зенит динамо локомотив цска футбол хоккей чемпион победитель машина мерседес лада жигули работа больница
поликлиника медицина медсестра медработник доктор врач скорая скораяпомощь здоровье аптека терапевт хирург педиатр клиника госуслуги
минздрав росздравнадзор регистратура отделение компьютер интернет клавиатура телефон монитор программа программист вконтакте яндекс
одноклассники андрей александр александра алексей алёна алена анастасия анатолий ангелина антон анна арина артем артём борис вадим
валентина валерий варвара василий вера вероника виктор виктория виталий владимир владислав вячеслав галина геннадий георгий григорий
дарья денис дмитрий евгений евгения екатерина елена елизавета иван игорь илья ирина карина кирилл константин кристина ксения лариса
людмила максим маргарита марина мария михаил надежда наталья наташа никита николай оксана олег ольга павел полина роман руслан светлана
семен семён сергей софия станислав степан тамара татьяна тимофей ульяна фёдор федор эдуард юлия юрий яна ярослав январь февраль март
апрель июнь июль август сентябрь октябрь ноябрь декабрь весна лето осень зима понедельник вторник среда четверг пятница суббота
воскресенье йцукен йцукенг йцукенгш йцукенгшщзхъ фывапролджэ ячсмитьбю йфяцычувс йцуфывячс фывафыва абвгд абвгдейка жопа сука блять хуй
пизда parol parolparol moyparol privet lubov lyublyu solnce solnyshko zaika kotenok sobaka moskva rossiya spartak zenit zdorovie
bolnica bolnitsa poliklinika medsestra medrabotnik vrach skoraya gosuslugi minzdrav klinika doktor aptekar apteka medcab medkab медкаб
correcthorsebatterystaple changeme letmein administrator welcome1 qazwsxedcrfv qweasdzxc 1q2w3e4r5t6y 1qaz2wsx3edc zaq12wsx
"""


def is_common(text: str) -> bool:
    """Whether the whole text is a known password or word, whatever case, digits and signs were put round it or into it."""
    known = _known()
    return any(form in known for form in _forms(text.lower()))


def is_predictable(text: str) -> bool:
    """Whether it is made of repetitions and of runs in the alphabet or on the keyboard, with too few turns to guess."""
    surprises = {pair for pair in pairwise(text.lower()) if not follows(*pair)}
    return len(surprises) < _SURPRISES_NEEDED


def readings(text: str) -> list[str]:
    """Lower-case text as it reads when digits and signs stand for letters: `p@ssw0rd` is `password`; 1 is i, then l."""
    return [text, *(text.translate(table) for table in _READ_AS)]


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    """Leaked passwords and frequent words and names of zxcvbn's lists, and our own; loaded when first asked for (0.1 s)."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    listed = (word for words in FREQUENCY_LISTS.values() for word in words)
    return frozenset(word for word in (*listed, *_RUSSIAN.split()) if len(word) >= _SHORTEST_KNOWN)


def _forms(text: str) -> set[str]:
    """Everything that a password may be a disguise of."""
    joined = re.sub(r"[\s_\-]", "", text)
    cores = {
        core
        for whole in (text, joined)
        for core in (whole, whole.lstrip(_EDGE), whole.rstrip(_EDGE), whole.strip(_EDGE))
    }
    read = {form for core in cores for keys in retyped(core) for form in readings(keys)}
    return {form for text_ in read for form in (text_, _unit(text_))}


def _unit(text: str) -> str:
    """What the text repeats: `passwordpassword` is twice `password`."""
    return text[: (text + text).find(text, 1)] if text else ""
