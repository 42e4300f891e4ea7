"""The two clinics, their departments, and how long a visit to each specialty takes."""

from dataclasses import dataclass
from uuid import UUID, uuid5

NAMESPACE = UUID("6d656463-6162-5d65-8d6f-636c696e6963")


def identity(kind: str, name: str) -> UUID:
    """The id of a thing of the demo: the same on every machine."""
    return uuid5(NAMESPACE, f"{kind}/{name}")


@dataclass(frozen=True)
class Specialty:
    """`title` as in the nomenclature of specialties, `post` as in a contract, `okpd2` of the service.

    `minutes` are those of a first visit by orders 290н and 973н (reference/domain.md 3.6). `lead_days`: how long ahead people book on the
    average. `flu`: how strongly the winter fills it, 0…1. `women_only`: who comes.
    """

    title: str
    post: str
    minutes: int
    lead_days: float
    flu: float
    okpd2: str = "86.22.19"
    women_only: bool = False


SPECIALTIES = {
    "терапевт": Specialty("Терапия", "врач-терапевт участковый", 15, 2.5, 1.0, "86.21.10"),
    "воп": Specialty("Общая врачебная практика (семейная медицина)", "врач общей практики", 18, 3.0, 1.0, "86.21.10"),
    "невролог": Specialty("Неврология", "врач-невролог", 22, 8.0, 0.3),
    "кардиолог": Specialty("Кардиология", "врач-кардиолог", 24, 9.0, 0.4),
    "эндокринолог": Specialty("Эндокринология", "врач-эндокринолог", 19, 9.0, 0.3),
    "пульмонолог": Specialty("Пульмонология", "врач-пульмонолог", 26, 7.0, 0.9),
    "хирург": Specialty("Хирургия", "врач-хирург", 26, 5.0, 0.2),
    "лор": Specialty("Оториноларингология", "врач-оториноларинголог", 16, 4.0, 0.9),
    "офтальмолог": Specialty("Офтальмология", "врач-офтальмолог", 14, 7.0, 0.2),
    "гинеколог": Specialty("Акушерство и гинекология", "врач-акушер-гинеколог", 22, 8.0, 0.2, women_only=True),
    "сестра": Specialty("Сестринское дело", "медицинская сестра", 15, 1.0, 0.5, "86.90.12"),
    "фармацевт": Specialty("Фармация", "фармацевт", 0, 0.0, 0.0, "47.73.10"),
    "организатор": Specialty(
        "Организация здравоохранения и общественное здоровье", "заместитель главного врача", 0, 0.0, 0.0, "86.21.10"
    ),
}


@dataclass(frozen=True)
class Clinic:
    """An organisation; `oid` as the register names it, `licence` with its day. Names and numbers are invented."""

    key: str
    name: str
    short_name: str
    ogrn: str
    address: str
    oid: str
    licence: str
    licensed_on: str
    share: float
    """Of the patients."""

    @property
    def id(self) -> UUID:
        return identity("organisation", self.key)


@dataclass(frozen=True)
class Ward:
    """A department; `doctors` are keys of `SPECIALTIES` with how many of each, its head's first."""

    key: str
    clinic: str
    name: str
    floor: int
    doctors: tuple[tuple[str, int], ...]

    @property
    def id(self) -> UUID:
        return identity("department", self.key)


CLINICS = {
    "п7": Clinic(
        "п7", "Государственное бюджетное учреждение здравоохранения «Городская поликлиника № 7»", "Поликлиника № 7", "1020000000019",
        "г. Заречный, ул. Садовая, д. 7", "1.2.643.5.1.13.13.12.2.99.100007", "Л041-00000-99/00000007", "2019-03-14", 0.58,
    ),
    "роща": Clinic(
        "роща", "Общество с ограниченной ответственностью «Клиника „Берёзовая роща“»", "Берёзовая роща", "1150000000028",
        "г. Заречный, Лесной проезд, д. 12, стр. 2", "1.2.643.5.1.13.13.12.4.99.100012", "Л041-00000-99/00000012", "2021-09-02", 0.42,
    ),
}  # fmt: skip

WARDS = {
    ward.key: ward
    for ward in (
        Ward("терапия", "п7", "Терапевтическое отделение", 1, (("терапевт", 10),)),
        Ward("консультации", "п7", "Консультативное отделение", 2, (("кардиолог", 2), ("невролог", 2), ("эндокринолог", 2), ("пульмонолог", 1))),
        Ward("хирургия", "п7", "Хирургическое отделение", 3, (("хирург", 2), ("лор", 3), ("офтальмолог", 3))),
        Ward("семейная", "роща", "Отделение общей врачебной практики", 1, (("воп", 7), ("терапевт", 2))),
        Ward("диагностика", "роща", "Консультативно-диагностическое отделение", 2, (("лор", 3), ("офтальмолог", 3), ("невролог", 2), ("кардиолог", 1))),
        Ward("женская", "роща", "Женская консультация", 3, (("гинеколог", 4),)),
    )
}  # fmt: skip
