"""What stands beside names in a prompt and is found by other detectors: numbers, dates, accounts, machines.

Enters: a generator of chance, the kind, the language. Leaves: a string that looks the part; none is a real account.
"""

from collections.abc import Callable
from random import Random
from typing import Final

from detectors.ner.train.lists import own

ENDS: Final = ("com", "com", "cn", "de", "org", "co.uk", "io")


class Fillers:
    """Makes the unlabelled rest of a prompt."""

    def __init__(self, chance: Random) -> None:
        """Take all chance from `chance`."""
        self.chance = chance
        self._makers: dict[str, Callable[[bool], str]] = {
            "PHONE": self.phone, "LANDLINE": self.landline, "EMAIL": self.email, "ID_CARD": self.id_card,
            "DATE": self.date, "TIME": self.time, "MONEY": self.money, "HOSTNAME": self.host, "USERNAME": self.user,
            "PLATE": self.plate, "ORDER_ID": self.code, "INVOICE_ID": self.code, "EMPLOYEE_ID": self.code,
            "BANK_CARD": self.card, "IBAN": self.iban, "NUMBER": self.number, "API_KEY": self.key,
            "URL": lambda _: f"https://{self.host(False)}/{self.letters(5)}",
            "PRODUCT": lambda _: chance.choice(own("english", "products")),
            "PROJECT": lambda chinese: chance.choice(own("chinese" if chinese else "english", "projects")),
            "JOB": lambda chinese: chance.choice(own("chinese" if chinese else "english", "jobs")),
            "SSN": lambda _: f"{self.digits(3)}-{self.digits(2)}-{self.digits(4)}",
            "PASSPORT": lambda _: chance.choice("EGCPKX") + self.digits(8),
            "PERCENT": lambda _: f"{chance.randint(1, 99)}{chance.choice(('%', '%', '.5%', ' %'))}",
            "IP": lambda _: ".".join(str(chance.randint(1, 254)) for _ in range(4)),
            "VERSION": lambda _: f"{chance.choice(('v', '', 'V'))}{chance.randint(0, 20)}.{chance.randint(0, 30)}",
        }  # fmt: skip

    def make(self, kind: str, chinese: bool) -> str:
        """Return a filler of the kind; of an unknown kind, a number."""
        return self._makers.get(kind, self._makers["NUMBER"])(chinese)

    def digits(self, count: int) -> str:
        """Return so many digits, the first not nought."""
        return str(self.chance.randint(10 ** (count - 1), 10**count - 1))

    def groups(self, sizes: str, count: int) -> str:
        """Return digits in groups: `4444 4444 4444 4444`."""
        return " ".join(self.digits(int(sizes[at % len(sizes)])) for at in range(count))

    def letters(self, count: int) -> str:
        """Return lower-case letters and digits."""
        return "".join(self.chance.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(count))

    def card(self, _: bool) -> str:
        """Return a number of a bank card."""
        return self.groups("4444", 4) if self.chance.random() < 0.5 else "62" + self.digits(17)

    def iban(self, _: bool) -> str:
        """Return what looks like an international account number."""
        return f"{self.chance.choice(('DE', 'FR', 'GB', 'ES', 'NL', 'PL'))}{self.digits(2)} {self.groups('444442', 6)}"

    def number(self, _: bool) -> str:
        """Return a number of any size."""
        return str(self.chance.randint(1, self.chance.choice((10, 100, 5000, 900000))))

    def key(self, _: bool) -> str:
        """Return what looks like a secret."""
        return self.chance.choice(("sk-", "ghp_", "AKIA", "")) + self.letters(24)

    def phone(self, chinese: bool) -> str:
        """Return a mobile number."""
        three, four = self.digits(3), self.digits(4)
        if chinese:
            head = f"1{self.chance.choice('35789')}{self.digits(1)}"
            whole, other = f"{head}{self.digits(8)}", self.digits(4)
            return self.chance.choice((whole, f"{head}-{four}-{other}", f"{head} {four} {other}", f"+86 {whole}"))
        forms = (
            f"+1 {three}-{self.digits(3)}-{four}", f"({three}) {self.digits(3)}-{four}",
            f"+44 7{three} {self.digits(6)}", f"+49 {three} {self.digits(7)}", f"{three}-{four}",
            f"+91 9{self.digits(9)}",
        )  # fmt: skip
        return self.chance.choice(forms)

    def landline(self, chinese: bool) -> str:
        """Return a telephone number of a house or firm."""
        return f"0{self.digits(self.chance.choice((2, 3)))}-{self.digits(8)}" if chinese else self.phone(False)

    def email(self, _: bool) -> str:
        """Return an e-mail address."""
        return f"{self.user(False)}@{self.letters(6)}.{self.chance.choice(ENDS)}"

    def user(self, _: bool) -> str:
        """Return a login name."""
        end = self.chance.choice((self.digits(2), f"_{self.letters(3)}", f".{self.letters(4)}"))
        return self.chance.choice(own("english", "logins")) + end

    def host(self, _: bool) -> str:
        """Return a host name."""
        room = self.chance.choice(("prod", "corp", "int", "eu-west-1"))
        return f"{self.chance.choice(own('english', 'logins'))}-{self.digits(2)}.{room}.{self.letters(5)}.com"

    def id_card(self, _: bool) -> str:
        """Return eighteen digits that look like a resident's number."""
        chance = self.chance
        born = f"{chance.randint(1950, 2008)}{chance.randint(1, 12):02d}{chance.randint(1, 28):02d}"
        return f"{self.digits(6)}{born}{self.digits(3)}{chance.choice('0123456789X')}"

    def plate(self, chinese: bool) -> str:
        """Return a number plate."""
        letters = "ABCDEFGHJKLM"
        head = (
            self.chance.choice("京沪粤苏浙川渝鄂湘鲁豫冀")
            if chinese
            else self.chance.choice(letters) + self.chance.choice(letters)
        )
        return f"{head}{self.chance.choice(letters)}{self.chance.choice(('·', '', ' '))}{self.letters(5).upper()}"

    def date(self, chinese: bool) -> str:
        """Return a date."""
        chance = self.chance
        year, month, day = chance.randint(1975, 2027), chance.randint(1, 12), chance.randint(1, 28)
        digits = f"{year}-{month:02d}-{day:02d}"
        if chinese:
            ours = (
                f"{year}年{month}月{day}日", f"{month}月{day}日", digits, f"{year}/{month}/{day}", f"{month}月{day}号",
                "下周三", "上周五", "昨天", "明天", f"{year}.{month}.{day}", "月底",
            )  # fmt: skip
            return chance.choice(ours)
        name, week = chance.choice(own("english", "months")), chance.choice(own("english", "days"))
        forms = (
            f"{name} {day}", f"{name} {day}, {year}", f"{day} {name} {year}", digits, f"{month}/{day}/{year}",
            f"{day}.{month}.{year}", week, f"next {week}", "tomorrow", f"the {day}th",
        )  # fmt: skip
        return chance.choice(forms)

    def time(self, chinese: bool) -> str:
        """Return a time of day."""
        hour, minute = self.chance.randint(0, 23), self.chance.randint(0, 59)
        half, whole = hour % 12 + 1, f"{hour}:{minute:02d}"
        if chinese:
            return self.chance.choice((whole, f"上午{half}点", f"下午{half}点半", f"{hour}点", "晚上"))
        forms = (whole, f"{half} am", f"{half} pm", f"{whole}:{minute:02d}", f"{half}:{minute:02d} PM", "noon")
        return self.chance.choice(forms)

    def money(self, chinese: bool) -> str:
        """Return an amount."""
        small, large = self.chance.randint(1, 99), self.chance.randint(1, 9999)
        amount = self.chance.choice((f"{large % 1000 + 1}", f"{small},{self.digits(3)}", f"{large}.{self.digits(2)}"))
        if chinese:
            chinese_forms = (f"{amount}元", f"{large % 900 + 1}万元", f"¥{amount}", f"{small}万", f"人民币{amount}元")
            return self.chance.choice(chinese_forms)
        marked = (f"${amount}", f"€{amount}", f"£{amount}", f"{amount} EUR", f"USD {amount}", f"Rs. {amount}")
        return self.chance.choice((*marked, f"{small}k"))

    def code(self, _: bool) -> str:
        """Return a number of a document or an employee."""
        head = self.chance.choice(("INV-", "PO", "#", "TK-", "ORD", "HT", "E", "NO.", "SF", ""))
        return head + self.digits(self.chance.choice((4, 6, 8, 12)))
