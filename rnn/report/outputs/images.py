"""Pictures from outside: encoded anew, so that nothing but what is seen in them is left."""

import warnings
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from rnn.exhibits.pandoc import UnsetError

FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
LARGEST = 40_000_000  # dots; a camera's picture has fewer
QUALITY = 90  # of a JPEG


def encode(content: bytes) -> tuple[bytes, str]:
    """Encode a picture anew, without its metadata; of a moving one, the first frame.

    Parameters
    ----------
    content
        A PNG, JPEG, GIF or WebP file.

    Returns
    -------
    bytes
        A JPEG if it was one, else a PNG. The same content gives the same bytes.
    str
        Its media type, "image/jpeg" or "image/png".

    Raises
    ------
    UnsetError
        When it is none of these, is damaged, or is too large.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what is strange in a file that can be read
            with Image.open(BytesIO(content), formats=FORMATS) as image:
                if image.width * image.height > LARGEST:
                    raise UnsetError(f"it has more than {LARGEST // 1_000_000} million dots")
                kind = image.format
                upright = _plain(ImageOps.exif_transpose(image))
    except UnidentifiedImageError:
        raise UnsetError("it is no PNG, JPEG, GIF or WebP picture") from None
    except UnsetError:
        raise
    except Exception as error:  # whatever Pillow raises when it reads what is damaged
        raise UnsetError(f"it is damaged: {' '.join(str(error).split())}") from None
    file = BytesIO()
    if kind == "JPEG":
        upright.convert("L" if upright.mode == "L" else "RGB").save(file, "jpeg", quality=QUALITY)
        return file.getvalue(), "image/jpeg"
    upright.save(file, "png", optimize=True)
    return file.getvalue(), "image/png"


def _plain(image: Image.Image) -> Image.Image:
    """Return a copy of a picture that has its dots alone, in a mode that every reader knows."""
    if image.mode.startswith(("I", "F")):  # more than a byte a dot: shown in the range it uses
        low, high = image.getextrema()
        span = (float(high) - float(low)) or 1.0  # type: ignore[arg-type]  # of one band
        scaled = image.convert("F").point(lambda dot: (dot - float(low)) * (255 / span))  # type: ignore[arg-type]
        return scaled.convert("L")
    see_through = image.has_transparency_data
    mode = "RGBA" if see_through else "L" if image.mode in ("1", "L") else "RGB"
    copy = Image.new(mode, image.size)
    copy.paste(image.convert(mode))
    return copy
