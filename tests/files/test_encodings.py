"""Encodings: the right one, or a line that says why not; never another one."""

import codecs
import os
from encodings.aliases import aliases
from pathlib import Path

import charset_normalizer
import pytest

from rnn.errors import InputError
from rnn.files import book as book_module
from rnn.files import encodings
from rnn.files.book import read_book
from rnn.text import decode

TEXTS = {
    "French": (
        "L’été dernier, à la tombée de la nuit, le gardien montait l’escalier du vieux "
        "phare. « Encore une marche », disait-il, et son cœur battait. Où étaient-ils "
        "allés ? Ça, personne ne le savait ; même l’hôtelière, très âgée, se taisait.\n"
    ),
    "French of few accents": (
        "L'ete dernier, a la tombée de la nuit, le gardien montait l'escalier du vieux "
        "phare. Encore une marche, disait-il. Où étaient-ils allés ? Ça, personne ne "
        "le savait ; même l'hôtelière, très âgée, se taisait.\n"
    ),
    "German": (
        "Der alte Wärter stieg jeden Abend die Stufen hinauf. »Müde?« fragte das "
        "Mädchen. Er schüttelte den Kopf, größer als zuvor, und öffnete die Tür. "
        "Draußen über der See wölbte sich die Nacht.\n"
    ),
    "Spanish": (
        "¿Quién llamó a la puerta? El farero subía cada mañana la escalera de piedra. "
        "¡Qué niño más pequeño!, exclamó la señora. Él contó los peldaños otra vez, "
        "según él doscientos.\n"
    ),
    "Portuguese": (
        "O velho faroleiro subia a escada todas as manhãs. Não havia ninguém; então a "
        "solidão pesava-lhe no coração. “Três degraus”, dizia, e já não se lembrava do "
        "número. Você é quem? À noite, lá em cima, luz.\n"
    ),
    "Italian": (
        "Il guardiano saliva ogni sera la scala del faro. Perché? Non lo sapeva più. "
        "C’è chi dice che là in cima, lunedì, vide una città. Così andò e tornò, e "
        "nessuno poté fermarlo.\n"
    ),
    "Danish": (
        "Den gamle fyrpasser gik hver aften op ad trappen. Han talte trinnene, også "
        "når han var træt. På øen boede ingen andre, og søen var rå. Æbler og brød lå "
        "på bordet.\n"
    ),
    "Swedish": (
        "Den gamle fyrvaktaren gick varje kväll uppför trappan. Han räknade stegen, "
        "även när han var trött. På ön fanns inga andra människor, och sjön låg grå. "
        "Åskan kom över åsen.\n"
    ),
    "Icelandic": (
        "Gamli vitavörðurinn gekk á hverju kvöldi upp stigann. Hann taldi þrepin þótt "
        "hann þekkti töluna. Það var enginn annar á eynni, og sjórinn var grár. Æ, "
        "sagði hún, góða nótt.\n"
    ),
    "English with quotes": (
        "“Don’t go,” she said — and the keeper’s lamp went out. ‘Why?’ he asked … "
        "nobody knew. It wasn’t the first time; “never,” they said.\n"
    ),
    "English with loans": (
        "The café was naïve about its clientèle, and a long line of plain words "
        "without accents goes on and on until a señor from the fiord of the sagas "
        "comes along and asks for more plain words, which are given freely and at "
        "length to him by all the people there.\n"
    ),
    "Polish": (
        "Stary latarnik co wieczór wchodził po schodach. Liczył stopnie, choć dawno "
        "znał ich liczbę. Gdzież są wszyscy? Żółta łódź kołysała się na wodzie, a mgła "
        "gęstniała. Źle, rzekł. Ćma uderzyła w szkło.\n"
    ),
    "Czech": (
        "Starý strážce majáku každý večer stoupal po schodech. Počítal schody, ačkoli "
        "jejich číslo dávno znal. Příliš žluťoučký kůň úpěl ďábelské ódy. Řekl: "
        "„Dobrou noc“, a šel spát. Někdy ještě slyšel moře.\n"
    ),
    "Hungarian": (
        "Az öreg toronyőr minden este fölment a lépcsőn. Számolta a fokokat, bár rég "
        "tudta a számukat. Hűvös volt, és a tenger fölött köd ült. Nő és férfi is "
        "eljött később. Óvatosan csukta be az ajtót.\n"
    ),
    "Romanian": (
        "Bătrânul paznic al farului urca în fiecare seară scările. Număra treptele, "
        "deşi ştia de mult numărul lor. Ţărmul era pustiu şi marea se întuneca. Încă o "
        "dată, îşi spuse, şi atât.\n"
    ),
    "Croatian": (
        "Stari svjetioničar svake se večeri penjao stubama. Brojio je stepenice, iako "
        "je odavno znao njihov broj. Čamac se ljuljao, a magla se spuštala. Žena šuti; "
        "đak čita i smije se. Noć će biti duga.\n"
    ),
    "Turkish": (
        "Yaşlı fener bekçisi her akşam merdiveni çıkardı. Basamakları sayardı, "
        "sayısını çoktan bildiği hâlde. Gökyüzü kararıyor, deniz ışıldıyordu. Şimdi ne "
        "olacak, diye sordu küçük kız. İyi geceler, dedi.\n"
    ),
    "Lithuanian": (
        "Senas švyturio sargas kiekvieną vakarą lipo laiptais. Jis skaičiavo "
        "laiptelius, nors jų skaičių seniai žinojo. Žvejai grįžo namo, ūkas leidosi "
        "ant jūros. Čia nėra nieko, tarė jis. Ąžuolas ošė.\n"
    ),
    "Latvian": (
        "Vecais bākas sargs katru vakaru kāpa augšā pa kāpnēm. Viņš skaitīja "
        "pakāpienus, kaut gan sen zināja to skaitu. Jūra bija tumša, un migla nāca "
        "tuvāk. Ļaudis gāja mājās. Šonakt būs auksts, teica viņš.\n"
    ),
    "Russian": (
        "Старый маяк стоял на скале, и каждый вечер смотритель поднимался по лестнице. "
        "Он считал ступени, хотя давно знал их число. «Ещё одна», — говорил он. Ночью "
        "море шумело, и никто не приходил.\n"
    ),
    "Russian in small letters": (
        "старый маяк стоял на скале и каждый вечер смотритель поднимался по лестнице "
        "он считал ступени хотя давно знал их число\n"
    ),
    "Ukrainian": (
        "Старий маяк стояв на скелі, і щовечора доглядач підіймався сходами. Він лічив "
        "сходинки, хоча давно знав їхнє число. Її голос лунав здалеку. Є ще час, "
        "сказав він. Уночі море шуміло, ніхто не приходив.\n"
    ),
    "Bulgarian": (
        "Старият фар стоеше на скалата и всяка вечер пазачът се качваше по стълбата. "
        "Той броеше стъпалата, макар отдавна да знаеше числото им. Още едно, казваше "
        "той. Нощем морето шумеше и никой не идваше.\n"
    ),
    "Serbian": (
        "Стари светионик стајао је на стени, и сваке вечери чувар се пењао уз "
        "степенице. Бројао је степенике, иако је одавно знао њихов број. Још један, "
        "говорио је. Ноћу је море шумело и нико није долазио.\n"
    ),
    "Greek": (
        "Ο παλιός φάρος στεκόταν στον βράχο, και κάθε βράδυ ο φύλακας ανέβαινε τη "
        "σκάλα. Μετρούσε τα σκαλιά, αν και ήξερε από καιρό τον αριθμό τους. Άλλο ένα, "
        "έλεγε. Τη νύχτα η θάλασσα βούιζε. Έτσι.\n"
    ),
    "Hebrew": (
        "המגדלור הישן עמד על הצוק, ובכל ערב עלה השומר במדרגות. הוא ספר אותן אף שידע "
        "מזמן את מספרן. עוד אחת, אמר. בלילה רעש הים ואיש לא בא.\n"
    ),
    "Arabic": (
        "كانت المنارة القديمة تقف على الصخرة، وكل مساء كان الحارس يصعد الدرج. كان يعد "
        "الدرجات مع أنه عرف عددها منذ زمن. واحدة أخرى، قال. في الليل هدر البحر ولم يأت "
        "أحد.\n"
    ),
    "Thai": ("ประภาคารเก่าตั้งอยู่บนหน้าผา ทุกเย็นผู้เฝ้าเดินขึ้นบันได เขานับขั้นแม้รู้จำนวนมานานแล้ว อีกขั้นหนึ่ง เขาพูด\n"),
    "Korean": (
        "오래된 등대가 바위 위에 서 있었고, 매일 저녁 등대지기는 계단을 "
        "올랐다. 그는 수를 이미 알면서도 계단을 세었다. 하나 더, 그가 "
        "말했다. 밤에는 바다가 울었다.\n"
    ),
    "Japanese": (
        "古い灯台は岩の上に立ち、毎晩、番人は階段を上った。数は知っていたが、いつも段を数"
        "えた。「もう一つ」と彼は言った。夜には海が鳴り、誰も来なかった。\n"
    ),
    "Chinese": (
        "老灯塔立在岩石上，每天傍晚看守人都爬上楼梯。他数着台阶，虽然早已记住了数目。“一"
        "级”，他说。夜里海在响，没有人来。\n"
    ),
    "Chinese, traditional": (
        "老燈塔立在岩石上，每天傍晚看守人都爬上樓梯。他數著台階，雖然早已記住了數目。「一"
        "級」，他說。夜裡海在響，沒有人來。\n"
    ),
    "Vietnamese": (
        "Ngọn hải đăng cũ đứng trên vách đá, và mỗi buổi chiều người canh giữ lại leo "
        "lên cầu thang. Ông đếm từng bậc, dù đã biết số từ lâu.\n"
    ),
}
# What the texts of these languages are usually kept in, besides Unicode.
USUAL = {
    "French": ["cp1252", "latin-1", "mac_roman"],
    "German": ["cp1252", "latin-1", "cp850"],
    "Spanish": ["cp1252", "latin-1", "mac_roman"],
    "Portuguese": ["cp1252", "cp850", "mac_roman"],
    "Italian": ["cp1252", "cp850", "mac_roman"],
    "Danish": ["cp1252", "latin-1", "cp850"],
    "Icelandic": ["cp1252", "latin-1"],
    "English with quotes": ["cp1252", "mac_roman"],
    "English with loans": ["cp1252", "latin-1", "mac_roman"],
    "Polish": ["cp1250", "iso8859-2", "cp852"],
    "Czech": ["cp1250", "iso8859-2", "cp852"],
    "Hungarian": ["cp1250", "iso8859-2", "cp852"],
    "Croatian": ["cp1250", "iso8859-2"],
    "Turkish": ["cp1254", "iso8859-9"],
    "Lithuanian": ["cp1257", "iso8859-13"],
    "Russian": ["cp1251", "koi8-r", "cp866", "iso8859-5", "mac-cyrillic"],
    "Russian in small letters": ["cp1251", "koi8-r", "cp866"],
    "Ukrainian": ["cp1251", "koi8-u", "cp1125"],
    "Bulgarian": ["cp1251", "cp866"],
    "Serbian": ["cp1251", "iso8859-5"],
    "Greek": ["cp1253", "iso8859-7", "cp737"],
    "Hebrew": ["cp1255", "iso8859-8"],
    "Arabic": ["cp1256", "iso8859-6"],
    "Thai": ["cp874", "tis-620"],
    "Korean": ["cp949", "euc-kr"],
    "Japanese": ["cp932", "euc-jp", "iso2022-jp"],
    "Chinese": ["gbk", "gb2312", "gb18030", "hz"],
    "Chinese, traditional": ["big5", "cp950"],
}
ENCODINGS = sorted({*aliases.values(), "utf_16_le", "utf_16_be"})


def read(path: Path, encoding: str = "") -> tuple[str, str]:
    """Return the encoding and the text of a book, as it is."""
    book = read_book(path, lowercase=False, unicode_form="as_is", encoding=encoding)
    return book.encoding, decode(book.indices, book.vocabulary)


def refusal(path: Path, encoding: str = "") -> str:
    with pytest.raises(InputError) as refused:
        read_book(path, encoding=encoding)
    message = str(refused.value)
    assert len(message.splitlines()) == 1
    return message


def result(path: Path, encoding: str = "") -> tuple[str, str] | None:
    """Return the encoding and the text of a book; nothing if it is refused."""
    try:
        return read(path, encoding)
    except InputError:
        refusal(path, encoding)
        return None


def encoded(text: str, encoding: str) -> bytes | None:
    try:
        return text.encode(encoding)
    except (LookupError, ValueError):  # not an encoding of text here, or one that lacks a letter
        return None


@pytest.mark.parametrize("language", USUAL)
def test_a_language_in_its_usual_encodings_is_found_out(language: str, tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    for encoding in USUAL[language]:
        for times in (1, 20):
            text = TEXTS[language].encode(encoding, "ignore").decode(encoding) * times
            path.write_bytes(text.encode(encoding))
            assert read(path)[1] == text, encoding


@pytest.mark.parametrize("language", TEXTS)
def test_in_any_encoding_it_is_the_text_or_a_line_that_comes_out(
    language: str, tmp_path: Path
) -> None:
    path = tmp_path / "book.txt"
    text = TEXTS[language] * 3
    tried = 0
    for encoding in ENCODINGS:
        # UTF-7 is ASCII. The JIS of 2004 has accents of which half is the … of Windows-1252.
        if encoding in ("utf_7", "shift_jis_2004", "shift_jisx0213"):
            continue
        data = encoded(text, encoding)
        if data is None:
            continue
        tried += 1
        path.write_bytes(data)
        found = result(path)
        assert found is None or found[1] == text, f"{encoding} read as {found[0]}"
    assert tried > 5


@pytest.mark.parametrize(
    "encoding", [*ENCODINGS, "raw_unicode_escape", "unicode_escape", "charmap"]
)
def test_an_encoding_that_is_given_gives_the_text_or_a_line(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    files = [text * 2 for text in TEXTS.values()]
    contents = [data for text in files if (data := encoded(text, encoding))]
    contents += [files[0].encode("cp1252"), "тест ".encode() * 9, b"\0\1\2", b"\xff\xfe", b"+/v8-"]
    contents += [bytes(range(256)), b"\x1b$B", b"a", b"\xfe\xff\xd8", os.urandom(500)]
    for data in contents:
        path.write_bytes(data)
        found = result(path, encoding)
        for whole in files:
            assert found is None or encoded(whole, encoding) != data or found[1] == whole


@pytest.mark.parametrize(
    "name",
    [
        "idna",
        "punycode",
        "rot13",
        "base64",
        "hex",
        "zlib",
        "bz2",
        "uu",
        "quopri",
        "undefined",
        "unicode_escape",
        "raw-unicode-escape",
        "charmap",
        "IDNA",
        "mbcs?",
        "a b",
        "é",
        ".",
    ],
)
def test_a_name_that_is_no_encoding_of_files(name: str, tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("a book")
    assert f"there is no encoding {name!r}" in refusal(path, name)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf_16", "U16"])
def test_a_mark_that_is_missing_is_one_line(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("A text of no mark.")
    assert "is not text: decoding it as" in refusal(path, encoding)


# What is damaged.

LINES = "Où était-il ? À l’hôtel, très tôt. Ça alors !\n" * 20


@pytest.mark.parametrize("text", [LINES, TEXTS["Russian"], TEXTS["Chinese"], TEXTS["Thai"], "a 😀"])
def test_utf_8_that_is_cut_is_not_another_encoding(text: str, tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    whole = (text.rstrip() + "é").encode()
    path.write_bytes(whole[:-1])
    at = len(whole) - 2
    assert f"ends within a character, at byte {at + 1:,}: cut off" in refusal(path)
    assert f"head -c {at})" in refusal(path)
    path.write_bytes(whole[:at])
    assert read(path) == ("utf-8", whole[:at].decode())


@pytest.mark.parametrize("block", [40, 61, 1 << 20])
@pytest.mark.parametrize("fault", [b"\xe9", b"\xff\xfe", b"\x80", b"\xed\xa0\x80", b"\xc0\xaf"])
def test_utf_8_that_is_damaged_is_not_another_encoding(
    fault: bytes, block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book_module, "BLOCK", block)
    path = tmp_path / "book.txt"
    before = LINES.encode()
    path.write_bytes(before + b"a " + fault + b" b " + before)
    assert f"is damaged UTF-8: byte {len(before) + 3:,} is no part of" in refusal(path)
    assert read(path, "cp437")[0] == "cp437"  # who says so has it


def test_half_of_it_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(LINES.encode() + LINES.encode("cp1252"))
    assert f"damaged UTF-8: byte {len(LINES.encode()) + 2:,}" in refusal(path)


def test_a_single_letter_at_the_end_may_be_windows_1252(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(b"Un caf\xe9")
    assert read(path) == ("cp1252", "Un café")


@pytest.mark.parametrize(
    "data",
    [
        b"text \0 and text",
        b"text " * 900 + b"\0",
        "text \0 ".encode("utf-16"),
        b"\0" * 9,
        b"\xef\xbb\xbftext\0",
        LINES.encode() + b"\0",
    ],
)
def test_nuls_are_not_text(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(data)
    assert "is not text" in refusal(path)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("language", ["Chinese", "Japanese", "Russian", "English with quotes"])
def test_wide_characters_without_a_mark(encoding: str, language: str, tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes((TEXTS[language] * 4).encode(encoding))
    assert read(path) == (encoding, TEXTS[language] * 4)


def test_where_none_is_clear_the_likeliest_are_named(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(TEXTS["Danish"].encode("iso8859-13") * 9)
    message = refusal(path)
    assert "say which, the likeliest are ENCODING=" in message
    assert 2 <= message.count("ENCODING=") <= 3
    assert all(codecs.lookup(name.split(",")[0]) for name in message.split("ENCODING=")[1:])


@pytest.mark.parametrize("encoding", ["cp037", "cp500", "cp1140", "cp424"])
def test_ebcdic_is_not_read_as_ascii(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_bytes(
        ("המגדלור הישן עמד על הצוק " if encoding == "cp424" else LINES).encode(encoding, "ignore")
    )
    assert "ENCODING=" in refusal(path) or "is not text" in refusal(path)


def test_little_of_a_large_book_is_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[int] = []
    detect = charset_normalizer.from_bytes

    def note(data: bytes) -> charset_normalizer.CharsetMatches:
        given.append(len(data))
        return detect(data[:1000])

    monkeypatch.setattr(charset_normalizer, "from_bytes", note)
    monkeypatch.setattr(encodings, "COMPARED", 1000)
    path = tmp_path / "book.txt"
    path.write_bytes(b"A line of a book.\n" * 300_000 + TEXTS["Danish"].encode("iso8859-13") * 9000)
    refusal(path)
    assert given
    assert max(given) <= 1_000_000


def test_letters_that_come_late_are_found(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    for before in (b"A line of a book.\n" * 300_000, b"Words and words. " * 300_000):
        path.write_bytes(before + TEXTS["Russian"].encode("koi8-r", "ignore"))
        assert read(path)[0] == "koi8_r"
