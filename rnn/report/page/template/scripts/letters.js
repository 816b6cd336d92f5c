// Characters as elements; those that can't be seen are shown by a sign.
function letterOf(k, { characters, signs } = model) {
  const letter = make("span", { textContent: characters[k] });
  if (signs[k]) Object.assign(letter, { className: "odd" }).dataset.sign = signs[k];
  return letter;
}

// A text in which only the characters with a sign are elements.
const piecesOf = (indices, from = model) => indices.map((k) => (from.signs[k] ? letterOf(k, from) : from.characters[k]));

// What a letter needs to know of a vocabulary.
const lettersIn = (vocabulary) => ({
  characters: vocabulary.map((point) => String.fromCodePoint(point)),
  signs: signsOf(vocabulary),
});
