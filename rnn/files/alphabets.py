"""The letters of languages, and the encodings that their books are kept in."""

from collections.abc import Mapping
from functools import cache

# The letters beyond ASCII, small, of the languages that are often kept in an encoding. Where a
# script has several encodings, its letters begin with the eight commonest.
WESTERN = {
    "French": "àâæçéèêëîïôœùûüÿñ",
    "German": "äöüßéàè",
    "Spanish": "áéíñóúüªº",
    "Portuguese": "áâãàçéêíóôõúüªº",
    "Italian": "àèéìîòùªº",
    "Catalan": "àçèéíïòóúü",
    "Dutch": "éëïöüèêáóíç",
    "Danish and Norwegian": "æøåéóòêäö",
    "Swedish and Finnish": "åäöéüàšž",
    "Icelandic and Faroese": "áéíóúýðþæöø",
    "Irish and Gaelic": "áéíóúàèìòù",
    "Estonian": "äöõüšž",
}
CENTRAL = {
    "Polish": "ąćęłńóśźż",
    "Czech": "áčďéěíňóřšťúůýž",
    "Slovak": "áäčďéíĺľňóôŕšťúýž",
    "Hungarian": "áéíóöőúüű",
    "Romanian": "ăâîşţșț",
    "Croatian, Slovene": "čćđšž",
}
TURKISH = {"Turkish": "âçğıİîöşüû"}
BALTIC = {"Lithuanian": "ąčęėįšųūž", "Latvian": "āčēģīķļņōŗšūž", "Estonian": "äöõüšž"}
CYRILLIC = {
    "Russian": "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
    "Ukrainian": "оанвиітерслкмдпуяьгзбчйхжшюцщєїфґ’",
    "Belarusian": "анеіоытрслкмдпуявьгзбчйхжшюцэфёў",
    "Bulgarian": "аоеитнрсвлкмдпуяьгзбчйхжшюцщфъ",
    "Serbian, Macedonian": "аоиентрсвлкмдпујљњћђџгзбчхжшцфѓѕќ",
}
GREEK = {"Greek": "αοιετσνςηυρπκμλωίόάέήύώδγχθφβξζψϊϋΐΰ"}
HEBREW = {"Hebrew": "יוהלאתרםמשבנדעפקחצגטסזכןךףץ" + "".join(map(chr, range(0x5B0, 0x5C3)))}
ARABIC = {"Arabic, Persian": "الينموتربةعدسفهكقأحجشطصخزضذثئىءغظؤإآپچژگکیےھہںڈٹڑ،؛؟ـًٌٍَُِّْ"}
THAI = {"Thai": "นารกอเง่" + "".join(map(chr, (*range(0xE01, 0xE3B), *range(0xE40, 0xE5C))))}
ORDERED = CYRILLIC | GREEK | HEBREW | ARABIC | THAI


def _rows(encoding: str, first: int, last: int) -> str:
    """Return the characters of the rows of a double-byte encoding."""
    lows = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    pairs = (bytes((high, low)) for high in range(first, last + 1) for low in lows)
    return "".join(pair.decode(encoding, "ignore") for pair in pairs if pair[1] >= 0x40)


KANA = "".join(map(chr, range(0x3041, 0x30FD)))


@cache
def eastern(language: str) -> str:
    """Return the common characters of a language, which its national standard puts first."""
    return {
        "Korean": lambda: _rows("euc_kr", 0xB0, 0xC8),
        "Japanese": lambda: KANA + _rows("euc_jp", 0xB0, 0xCF),
        "Chinese, simplified": lambda: _rows("gb2312", 0xB0, 0xD7) + "〇",
        "Chinese, traditional": lambda: _rows("big5", 0xA4, 0xC6) + "〇",
    }[language]()


KOREAN = {"Korean": ""}
JAPANESE = {"Japanese": ""}
SIMPLIFIED = {"Chinese, simplified": ""}
TRADITIONAL = {"Chinese, traditional": ""}
EASTERN = KOREAN | JAPANESE | SIMPLIFIED | TRADITIONAL
ALL = (
    WESTERN | CENTRAL | TURKISH | BALTIC | CYRILLIC | GREEK | HEBREW | ARABIC | THAI | EASTERN
)  # fmt: skip

WINDOWS = "cp1252"
# Which languages each encoding is used for; of two that give the same text, the first is named.
READINGS: Mapping[str, Mapping[str, str]] = {
    WINDOWS: WESTERN,
    "cp1250": CENTRAL,
    "iso8859_2": CENTRAL,
    "iso8859_16": CENTRAL,
    "cp1251": CYRILLIC,
    "koi8_r": CYRILLIC,
    "koi8_u": CYRILLIC,
    "cp866": CYRILLIC,
    "cp1125": CYRILLIC,
    "iso8859_5": CYRILLIC,
    "mac_cyrillic": CYRILLIC,
    "cp1253": GREEK,
    "iso8859_7": GREEK,
    "mac_greek": GREEK,
    "cp737": GREEK,
    "cp1254": TURKISH,
    "cp1255": HEBREW,
    "iso8859_8": HEBREW,
    "cp1256": ARABIC,
    "iso8859_6": ARABIC,
    "cp1257": BALTIC,
    "iso8859_13": BALTIC,
    "iso8859_4": BALTIC,
    "iso8859_10": BALTIC | WESTERN,
    "iso8859_15": WESTERN,
    "mac_roman": WESTERN,
    "cp850": WESTERN,
    "cp852": CENTRAL,
    "cp874": THAI,
    "cp949": KOREAN | CYRILLIC | GREEK,
    "cp932": JAPANESE | CYRILLIC | GREEK,
    "euc_jp": JAPANESE | CYRILLIC | GREEK,
    "gb18030": SIMPLIFIED | CYRILLIC | GREEK,
    "big5": TRADITIONAL | CYRILLIC | GREEK,
    "utf-16-le": ALL,
    "utf-16-be": ALL,
}
