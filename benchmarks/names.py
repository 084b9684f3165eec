"""Given and family names of several countries, by country, for the people of the big workspace."""

GIVEN = (
    "Ana", "João", "Beatriz", "María José", "Íñigo", "Lucía", "Zoë", "François", "Chloé", "Jürgen", "Anke", "Søren",
    "Ingrid", "Łukasz", "Małgorzata", "Tomáš", "Zsófia", "Elif", "İbrahim", "Νίκος", "Ольга", "Yousef", "ليلى",
    "Ananya", "अर्जुन", "美咲", "小明", "Priya", "Ava", "Marcus", "Xóchitl", "Thiago", "Guðrún", "Pekka", "Aoife",
    "Niamh", "Kwame", "Wanjiru", "Nguyễn", "Mei-Ling",
)  # fmt: skip
FAMILY = (
    "Ruiz", "García López", "Queirós", "São Bento", "O'Neil", "van der Berg", "Müller", "Söhnlein", "Dvořák",
    "Wójcik", "Hämäläinen", "Åkesson", "Jónsdóttir", "Yıldız", "Παπαδόπουλος", "Иванова", "الخطيب", "शर्मा", "田中",
    "王", "Raman", "Smith", "Johnson", "Nakamura", "Kim", "Tran", "Okafor", "Mwangi", "Silva", "Fernandes", "Costa",
    "Schmidt", "Novák", "Kowalski", "Larsen", "Nielsen", "Korhonen", "Tamm", "Kovács", "Popescu", "Rossi", "Bianchi",
    "Dubois", "Lefèvre", "Murphy", "Walsh", "Campbell", "Fraser", "Etxeberria", "Wolfeschlegelsteinhausenbergerdorff",
)  # fmt: skip
TITLES = (
    "Buyer", "Head of purchasing", "Managing director", "Chief technology officer", "Accountant", "Works council",
    "Office manager", "Sales manager", "Marketing lead", "Facilities", "",
)  # fmt: skip
LANGUAGES = ("pt", "es", "fr", "de", "en", "pl", "cs", "fi", "tr", "ar", "hi", "zh", "")
