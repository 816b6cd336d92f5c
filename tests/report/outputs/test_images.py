from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from rnn.exhibits.pandoc import UnsetError
from rnn.report.outputs.images import encode

RAMP = Image.fromarray(np.arange(48, dtype=np.uint8).reshape(6, 8) * 5)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    ("kind", "mode"),
    [(kind, mode) for kind in ("PNG", "GIF", "WEBP") for mode in ("L", "RGB", "RGBA", "P", "1")]
    + [("JPEG", mode) for mode in ("L", "RGB", "CMYK")],
)
def test_what_is_seen_stays(kind: str, mode: str) -> None:
    content = saved(RAMP.convert(mode), kind, **{"lossless": True} if kind == "WEBP" else {})
    made, media = encode(content)
    assert media == ("image/jpeg" if kind == "JPEG" else "image/png")
    before, after = (np.asarray(Image.open(BytesIO(x)).convert("RGBA")) for x in (content, made))
    assert np.abs(before.astype(int) - after).max() <= (12 if kind == "JPEG" else 0)
    assert encode(content) == (made, media)


def test_metadata_is_dropped_and_a_picture_stands_upright() -> None:
    about = Image.Exif()
    about[0x010E], about[0x0112] = "SECRET", 6  # a description; turned by a quarter
    note = PngInfo()
    note.add_text("Comment", "SECRET")
    for content in (
        saved(RAMP, "JPEG", exif=about, comment=b"SECRET"),
        saved(RAMP, "PNG", exif=about, pnginfo=note),
        saved(RAMP, "WEBP", exif=about, xmp=b"SECRET"),
    ):
        assert b"SECRET" in content
        made, _ = encode(content)
        image = Image.open(BytesIO(made))
        assert b"SECRET" not in made
        assert image.size == (6, 8)
        assert not image.getexif()


def test_sixteen_bits_are_shown_in_their_range() -> None:
    made, _ = encode(saved(Image.fromarray(np.array([[1000, 3000], [2000, 1000]], "u2")), "PNG"))
    assert np.asarray(Image.open(BytesIO(made))).tolist() == [[0, 255], [127, 0]]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n(x) run",
        saved(RAMP, "BMP"),
        saved(RAMP, "PNG")[:45],
        saved(RAMP, "JPEG")[:300],
        saved(RAMP, "GIF")[:20],
        saved(Image.new("1", (9000, 9000)), "PNG"),
    ],
)
def test_anything_else_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(UnsetError, match=r"damaged|no PNG|million"):
        encode(content)
